/* gstatus.c: the state machine of a goroutine (the table is at TOY_GSTATUS in runtime.h) and the only way to move it
 * on.
 *
 * Invariants: a G has one state; who may make each transition is the owner that the old state names; a transition that
 * the matrix below does not have ends the program, in release too, since a goroutine that is run twice or lost cannot
 * be found later. Gscan is a lock on the state: a transition waits while it is set, it never clears it.
 *
 * Order: a successful transition is acq_rel. Release, so that all the old owner wrote to G and its stack is seen by who
 * takes it over; acquire, its partner in the next owner's transition (or its readgstatus).
 *
 * Rejected: plain stores for transitions that only the owner makes (running → dead): as fast as the CAS is slow, but
 * blind.
 */
#include "runtime.h"

#define TO(s) (1u << G##s)
static const uint16_t legal[16] = {
  [Gidle] = TO(dead),
  [Gdead] = TO(runnable),
  [Grunnable] = TO(running),
  [Grunning] = TO(runnable) | TO(waiting) | TO(syscall) | TO(copystack) | TO(dead) | TO(preempted),
  [Gsyscall] = TO(running) | TO(runnable),
  [Gwaiting] = TO(runnable),
  [Gcopystack] = TO(running),
  [Gpreempted] = TO(waiting),
};

const char *gstatus_name(uint32_t status) {
  static const char *const names[16] = {
#define X(name, value) [value] = #name,
    TOY_GSTATUS(X)
#undef X
  };
  const char *s = (status & ~(uint32_t)Gscan) < nelem(names) ? names[status & ~(uint32_t)Gscan] : NULL;
  return s ? s : "?";
}

uint32_t readgstatus(const G *gp) { return atomic_load_explicit(&gp->atomicstatus, memory_order_acquire); }

static _Noreturn void badtransition(G *gp, uint32_t from, uint32_t to, uint32_t now) {
  throwf("casgstatus: goroutine %lu: %s -> %s, is %s%s", (unsigned long)gp->goid, gstatus_name(from), gstatus_name(to),
         gstatus_name(now), now & Gscan ? " (locked by a scanner)" : "");
}

/* Somebody holds the scan bit, for a short time: spin about 5 us, then give the processor away now and then. */
static NOINLINE void wait_for_scanner(G *gp, uint32_t from, uint32_t to) {
  for (int spins = 0;; spins++) {
    uint32_t now = readgstatus(gp);
    if (now == from)
      return;
    if (now != (from | Gscan))
      badtransition(gp, from, to, now);
    if (spins < 100)
      procyield(10);
    else
      osyield();
  }
}

void casgstatus(G *gp, uint32_t from, uint32_t to) {
  if (unlikely(from >= nelem(legal) || to >= nelem(legal) || !(legal[from] >> to & 1)))
    badtransition(gp, from, to, readgstatus(gp));
  for (;;) {
    uint32_t expected = from;
    if (likely(atomic_compare_exchange_strong_explicit(&gp->atomicstatus, &expected, to, memory_order_acq_rel,
                                                       memory_order_acquire)))
      return;
    wait_for_scanner(gp, from, to);
  }
}
