/* defer.h: what compiled code and the runtime share of deferred calls and panics.
 *
 * A function that defers has one toy_deferframe among its stack objects. It enters it at its start (toy_deferframe),
 * hangs its deferred calls on it, runs them when it returns, last one first, and leaves it: G._defer becomes its link.
 * The pointers are managed: they point into the goroutine's stack, and a move of the stack rewrites them like any
 * other.
 */
#ifndef TOY_ABI_DEFER_H
#define TOY_ABI_DEFER_H

#include <stdbool.h>
#include <stdint.h>

#include "type.h"

/* A deferred call: fn is a closure without parameters and results, or null, which panics when it is run. */
struct toy_defer { struct toy_defer *link; void *fn; };

/* Where a function can be entered again: the call of toy_deferframe returns there a second time, with the callee-saved
 * registers of the first. SP and rbp are kept as distances from this very object, so nothing needs to be rewritten when
 * the stack moves; nor do the registers, since no managed pointer is in one over a call. What else the compiler keeps
 * for the second return (results) follows in the same object. */
struct toy_deferframe {
  struct toy_deferframe *link; /* of the function further up that defers */
  struct toy_defer *calls;     /* those not yet run */
  uintptr_t pc;
  intptr_t below, above;       /* SP = this - below, rbp = this + above */
  uintptr_t saved[5];          /* r15 r14 r13 r12 rbx */
};
#define TOY_DEFERFRAME_CONTEXT 8 /* words behind the two pointers */
#define TOY_G_DEFER 0            /* offset of G._defer, which compiled code writes */

/* runtime._panic of stdlib/runtime/panic.toy, a stack object of the function that panicked or exits. */
struct toy_panic {
  struct toy_panic *link;      /* the panic that was under way before */
  const struct toy_type *type; /* the value */
  void *data;
  struct toy_str text;         /* what its Error or String method said, if asked is set */
  uint64_t loop;               /* the frame that runs deferred calls: its rbp, as distance from the stack's high end */
  bool goexit, recovered, asked;
};

/* First argument of runtime.raise: the type of the value that a panic raised by C has. */
enum toy_raise { TOY_RAISE_ERROR, TOY_RAISE_BOUNDS, TOY_RAISE_PLAIN, TOY_RAISE_ASSERT };

#endif
