/* gstatus.c: the state machine of a goroutine (the table is at TOY_GSTATUS in runtime.h) and the only way to move it
 * on.
 *
 * Invariants: a G has one state; who may make each transition is the owner that the old state names; a transition that
 * the matrix below does not have ends the program, in release too, since a goroutine that is run twice or lost cannot
 * be found later.
 *
 * Gscan is a lock on the state and on the stack, for who inspects a G that it does not own: castogscanstatus takes it by one
 * CAS from the state that was read, casfrom_Gscanstatus gives it back. A transition waits while it is set and never
 * clears it, so whoever holds it must come to an end without waiting for anything that a transition stands before (a stop of the
 * world, a channel's lock). Two states are entered with the bit set: preempted, so that nobody claims the G before its M
 * has let go of it (casGToPreemptScan).
 *
 * Order: a successful transition is acq_rel. Release, so that all the old owner wrote to G and its stack is seen by who
 * takes it over; acquire, its partner in the next owner's transition (or its readgstatus).
 *
 * A G may be shown as waiting by its own M while that M works for it on g0 (stopTheWorld, suspendG): waiting → running is that
 * M's way back. Such a G has a non-null m; everything else about it is as for any waiting one, but its stack is in use.
 *
 * Rejected: plain stores for transitions that only the owner makes (running → dead): as fast as the CAS is slow, but
 * blind.
 */
#include "runtime.h"

#define TO(s) (1u << G##s)
static const uint16_t legal[16] = {
  [Gidle] = TO(dead),
  [Gdead] = TO(runnable),
  [Grunnable] = TO(running) | TO(copystack),
  [Grunning] = TO(runnable) | TO(waiting) | TO(syscall) | TO(copystack) | TO(dead) | TO(preempted),
  [Gsyscall] = TO(running) | TO(runnable),
  [Gwaiting] = TO(runnable) | TO(running) | TO(copystack),
  [Gcopystack] = TO(running) | TO(runnable) | TO(waiting),
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

static inline bool cas(G *gp, uint32_t from, uint32_t to) {
  return atomic_compare_exchange_strong_explicit(&gp->atomicstatus, &from, to, memory_order_acq_rel, memory_order_acquire);
}

void casgstatus(G *gp, uint32_t from, uint32_t to) {
  if (unlikely(from >= nelem(legal) || to >= nelem(legal) || !(legal[from] >> to & 1)))
    badtransition(gp, from, to, readgstatus(gp));
  if (unlikely(debugvars.schedlatency > 0) && to == Grunnable)
    schedlatency_begin(gp);
  while (unlikely(!cas(gp, from, to)))
    wait_for_scanner(gp, from, to);
  if (unlikely(debugvars.schedlatency > 0) && from == Grunnable && to == Grunning)
    schedlatency_end(gp);
}

/* The reason first: who sees "waiting" sees why. */
void casGToWaiting(G *gp, uint32_t from, enum waitreason reason) {
  gp->waitreason = (uint8_t)reason;
  casgstatus(gp, from, Gwaiting);
}

/* ---- the scan bit */

static bool scannable(uint32_t status) {
  return status == Grunnable || status == Grunning || status == Gsyscall || status == Gwaiting || status == Gpreempted;
}

bool castogscanstatus(G *gp, uint32_t from) {
  if (!scannable(from))
    badtransition(gp, from, from | Gscan, readgstatus(gp));
  return cas(gp, from, from | Gscan);
}

/* to: what the G was in, without the bit. Only the holder calls this, so it cannot fail. */
void casfrom_Gscanstatus(G *gp, uint32_t to) {
  if (!scannable(to) || !cas(gp, to | Gscan, to))
    badtransition(gp, to | Gscan, to, readgstatus(gp));
}

/* The owner's own transition, so it does not fail either: a scanner that came first ends soon. */
void casGToPreemptScan(G *gp) {
  while (!cas(gp, Grunning, Gscan | Gpreempted))
    wait_for_scanner(gp, Grunning, Gpreempted);
}

/* By this exactly one suspender becomes the owner. */
bool casGFromPreempted(G *gp) { return cas(gp, Gpreempted, Gwaiting); }

/* For moving the stack of a G that does not run; by whoever keeps it from being run meanwhile, or it would come back to a
 * transition that finds copystack and dies. Returns where it was. */
uint32_t casgcopystack(G *gp) {
  for (int spins = 0;; spins++) {
    uint32_t now = readgstatus(gp), plain = now & ~(uint32_t)Gscan;
    if (plain != Gwaiting && plain != Grunnable)
      badtransition(gp, Gwaiting, Gcopystack, now);
    if (now == plain && cas(gp, plain, Gcopystack))
      return plain;
    if (spins < 100)
      procyield(10);
    else
      osyield();
  }
}
