/* text.h: a text that grows, in the arena. */
#ifndef TOY_TEXT_H
#define TOY_TEXT_H

#include "util.h"

typedef struct Text { char *v; size_t n, cap; } Text;
void text_add(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(Text *t, const char *bytes, size_t n);
const char *text_done(Text *t); /* NUL-terminated */

#endif
