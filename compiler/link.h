/* link.h: objects → executable; and where the tree's own libraries lie. */
#ifndef TOY_LINK_H
#define TOY_LINK_H

#include "driver.h"

/* False after a message. The executable appears whole or not at all. given: Options.link_words. */
bool link_program(TextList objects, TextList given, const char *output, bool verbose);

bool link_objects(TextList objects, const char *output, bool verbose); /* several into one, still to be linked */

const char *link_library_folder(void);        /* …/lib beside the compiler's own …/bin; null after a message */
const char *link_runtime_path(void);          /* libtoyrt.a */
const char *link_stdlib_object(const char *package_path);
const char *link_stdlib_sources(void);

#endif
