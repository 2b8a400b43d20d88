/* text.c: a text that grows, in the arena. */
#include "text.h"

#include <string.h>

void text_add_bytes(Text *t, const char *bytes, size_t n) {
  if (t->n + n + 1 > t->cap) {
    size_t cap = (t->n + n + 1) * 2;
    char *grown = arena_alloc(cap);
    if (t->n) memcpy(grown, t->v, t->n);
    t->v = grown;
    t->cap = cap;
  }
  memcpy(t->v + t->n, bytes, n);
  t->n += n;
  t->v[t->n] = 0;
}

void text_add(Text *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *piece = vformat(fmt, ap);
  va_end(ap);
  text_add_bytes(t, piece, strlen(piece));
}

const char *text_done(Text *t) {
  if (!t->v) text_add_bytes(t, "", 0);
  return t->v;
}
