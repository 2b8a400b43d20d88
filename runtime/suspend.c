/* suspend.c: stopping one goroutine to look at its stack, while the others run on.
 *
 * A goroutine that does not run is held by its scan bit alone: no transition passes it. One that runs must be brought to a
 * safe point: under the scan bit the three marks of a request are set (preemptStop, preempt, the poisoned guard), then its
 * thread is signalled. It answers by preempted (preemptPark) instead of going to a queue, or parks, ends or yields for a
 * reason of its own first: so the state is looked at anew each turn.
 *
 *   seen                          done
 *   dead                          nothing: dead
 *   runnable, syscall, waiting    + scan: held
 *   running                       + scan, marks, - scan; signal; look again
 *   preempted                     preempted → waiting: one suspender wins; then + scan: held and stopped
 *   copystack, any with scan      somebody else's for a short time; look again
 *
 * The scan bit makes gp->m safe to use: while it is set on "running" the goroutine cannot leave its thread, so the guard
 * that is poisoned is the guard that it runs under (execute binds the thread first and restores the guard last, looking at
 * preempt behind a barrier). preemptStop falls under the scan bit too, when the goroutine is held, so it never stops for
 * somebody who has gone; tests/models/suspend.pml checks that with two suspenders.
 *
 * The bit or the ownership is held for the time of a look. Transitions wait for it by spinning, with their P in hand.
 *
 * Rejected: a signal that answers on the spot, in the handler (most instructions are no safe point, and the thread would have
 * to wait there); a lock in G for scanners (every transition would take it).
 */
#include "suspend.h"

#include "fence.h"
#include "gqueue.h"
#include "netpoll.h"
#include "preempt.h"
#include "stackmap.h"
#include "symtab.h"

enum { YIELD_NS = 10 * 1000, STRESS_BATCH = 8 };

/* ---- waiting for it to stop */

struct pause { int64_t next; };

/* Short pauses for the first 10 us, then the processor is given away between looks: it may be the one the goroutine needs. */
static void pause_a_little(struct pause *p) {
  int64_t now = nanotime();
  if (!p->next)
    p->next = now + YIELD_NS;
  if (now < p->next) {
    procyield(10);
    return;
  }
  osyield();
  p->next = nanotime() + YIELD_NS / 2;
}

/* ---- asking */

/* What was asked of whom: a thread that has taken a signal since, or another thread, is asked again. */
struct asked { M *mp; uint32_t gen; int64_t nextsignal; };

static bool still_asked(const G *gp, const struct asked *a) {
  const M *mp = __atomic_load_n(&gp->m, __ATOMIC_RELAXED); /* a hint: what follows from a stale one is one more round */
  return a->mp && mp == a->mp && atomic_load_explicit(&gp->preemptStop, memory_order_relaxed) &&
         atomic_load_explicit(&gp->preempt, memory_order_relaxed) &&
         atomic_load_explicit(&a->mp->preemptGen, memory_order_acquire) == a->gen;
}

/* preemptStop before preempt: gopreempt_m, which comes after preempt was seen, reads it. preempt before the guard:
 * restoreguard (stack.c). The P is not marked, so a goroutine that follows this one on it is left alone. */
static void mark(G *gp, M *mp) {
  atomic_store_explicit(&gp->preemptStop, 1, memory_order_release);
  atomic_store_explicit(&gp->preempt, 1, memory_order_seq_cst);
  fence_heavy();
  atomic_store_explicit(mp->guard, TOY_STACK_PREEMPT, memory_order_seq_cst);
}

static void ask_to_stop(G *gp, struct asked *a) {
  if (still_asked(gp, a) || !castogscanstatus(gp, Grunning))
    return;
  M *mp = gp->m;
  mark(gp, mp);
  uint32_t gen = atomic_load_explicit(&mp->preemptGen, memory_order_acquire);
  bool again = mp != a->mp || gen != a->gen;
  a->mp = mp;
  a->gen = gen;
  casfrom_Gscanstatus(gp, Grunning);
  int64_t now = nanotime();
  if (again && !debugvars.asyncpreemptoff && now >= a->nextsignal) {
    a->nextsignal = now + YIELD_NS / 2;
    preemptM(mp);
  }
}

/* ---- suspend and resume */

static bool hold(G *gp, uint32_t status) {
  if (!castogscanstatus(gp, status))
    return false;
  atomic_store_explicit(&gp->preemptStop, 0, memory_order_relaxed);
  atomic_store_explicit(&gp->preempt, 0, memory_order_relaxed); /* its guard is restored when it is resumed */
  STAT(suspend);
  return true;
}

static void check_caller(const G *gp) {
  const G *me = toy_m->curg;
  if (me && readgstatus(me) == Grunning)
    throwf("suspendG: goroutine %lu is suspended by %lu, which runs itself", (unsigned long)gp->goid, (unsigned long)me->goid);
}

struct suspended suspendG(G *gp) {
  struct suspended s = {.g = gp};
  struct asked asked = {0};
  struct pause wait = {0};
  check_caller(gp);
  for (;;) {
    uint32_t status = readgstatus(gp);
    switch (status) {
    case Gdead:
      s.dead = true;
      return s;
    case Gpreempted:
      if (casGFromPreempted(gp)) {
        s.stopped = true;
        STAT(suspendstop);
      }
      continue;
    case Gwaiting: case Grunnable: case Gsyscall:
      if (hold(gp, status))
        return s;
      continue;
    case Grunning: ask_to_stop(gp, &asked); break;
    case Gcopystack: break;
    default:
      if (!(status & Gscan))
        throwf("suspendG: goroutine %lu is %s", (unsigned long)gp->goid, gstatus_name(status));
    }
    pause_a_little(&wait);
  }
}

/* A suspender need not have a P. */
static void ready_from_anywhere(G *gp) {
  if (getp(toy_m)) {
    goready(gp);
    return;
  }
  struct gqueue q = {NULL, NULL};
  gqueue_pushback(&q, gp);
  injectglist(&q);
}

void resumeG(struct suspended s) {
  if (s.dead)
    return;
  uint32_t status = readgstatus(s.g);
  if (!(status & Gscan))
    throwf("resumeG: goroutine %lu is %s, not suspended", (unsigned long)s.g->goid, gstatus_name(status));
  casfrom_Gscanstatus(s.g, status & ~(uint32_t)Gscan);
  if (s.stopped)
    ready_from_anywhere(s.g);
}

/* ---- the suspender's own goroutine */

void showWaiting(enum waitreason reason) {
  G *gp = toy_m->curg;
  if (gp)
    casGToWaiting(gp, Grunning, reason);
}

void showRunning(void) {
  G *gp = toy_m->curg;
  if (gp)
    casgstatus(gp, Gwaiting, Grunning);
}

/* ---- TOYDEBUG=suspendstress: a thread without a P suspends goroutines at random and walks what it finds
 *
 * Every frame at a call must have its stack map, every chain must end at the goroutine's start. */

static void walk(const G *gp) {
  struct frame f;
  for (bool more = gp->sched.sp && frame_first(gp, &f); more; more = frame_next(gp, &f))
    if (f.kind == FRAME_CALL && in_toytext(f.pc - 1) && !stackmap_find(f.pc))
      throwf("suspendstress: goroutine %lu: no stack map at %#lx", (unsigned long)gp->goid, (unsigned long)f.pc);
}

/* While it owns a goroutine that it has stopped, this thread counts as one that runs something (see retake_syscall). */
static void suspend_one(void) {
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire); /* partner: allgadd */
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  if (n == 0)
    return;
  lock(&sched.lock);
  incidlelocked(-1);
  unlock(&sched.lock);
  struct suspended s = suspendG(gs[fastrandn((uint32_t)n)]);
  if (!s.dead)
    walk(s.g);
  resumeG(s);
  lock(&sched.lock);
  incidlelocked(1);
  unlock(&sched.lock);
}

static void suspendstress_loop(void) {
  lock(&sched.lock);
  sched.nmsys++;
  checkdead(); /* until now this thread counted as one that may run something */
  unlock(&sched.lock);
  for (;;) {
    usleep_os((uint32_t)debugvars.suspendstress);
    for (int i = 0; i < STRESS_BATCH; i++)
      suspend_one();
  }
}

void suspendstress_start(void) {
  if (debugvars.suspendstress > 0)
    newm(suspendstress_loop, NULL);
}
