/* output.h: files that appear whole or not at all. */
#ifndef TOY_OUTPUT_H
#define TOY_OUTPUT_H

#include "backend.h"

/* False after a message. The file is written under another name in the same folder and renamed. */
bool output_write(const char *path, const char *bytes, size_t size);

/* A fresh empty file beside `path`, to be renamed to it: its name, or null after a message. */
const char *output_temporary(const char *path);

#endif
