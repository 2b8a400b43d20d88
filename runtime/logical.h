/* logical.h: from a frame on the stack to functions of the source: see logical.c. */
#ifndef TOY_LOGICAL_H
#define TOY_LOGICAL_H

#include "runtime.h"

struct logical {
  const char *name, *file;
  uint32_t line;
  uintptr_t offset; /* of the physical function; 0: inlined, none */
  uintptr_t pc;     /* names this logical frame, for logical_at */
  uintptr_t entry;  /* of the physical function; 0: inlined, or unknown */
};

typedef void logical_fn(void *arg, const struct logical *l);

/* All of a physical frame, innermost first, wrappers left out. */
void logical_frames(const struct frame *f, logical_fn *meet, void *arg);
/* A function that has not begun to run. */
void logical_start(uintptr_t entry, logical_fn *meet, void *arg);
/* What logical_frames named by pc, or the function that pc, a return address or not, lies in. False: not in Toy code. */
bool logical_at(uintptr_t pc, struct logical *l);

#endif
