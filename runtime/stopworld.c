/* stopworld.c: stopping every processor, or only passing by each of them.
 *
 * stopTheWorld. gcwaiting is set under sched.lock; every M meets it in findRunnable and parks its P as gcstop (gcstopm); no
 * other path starts a goroutine on a P that has been stopped, since a stopped P is on no list and has no M. A P in a
 * system call is taken by CAS, against the M that returns from it; idle Ps are taken off their list. The stopper sleeps
 * until the count of Ps not stopped yet is 0, and repeats its requests each 100 us, since preemptall may miss a goroutine just
 * switched to. While it waits its own goroutine is shown as waiting, so that a suspender waiting for that goroutine lets go.
 *
 * forEachP runs a function once for each P, at a moment when nobody uses the P, without stopping them together: idle Ps and
 * its own are done by the caller, those in system calls are taken and handed off (handoffp does it), running ones do it
 * themselves in findRunnable or on their way into a system call. An exchange of the P's flag decides who does it.
 *
 * freezetheworld is for a program that dies: best effort, no locks, no way back. It marks the stop and asks a few times; Ps in
 * system calls are refused when they come back. Whoever wanted to stop the world in order hangs.
 *
 * worldsema: the right to do either of the first two. It is for goroutines and handed over directly, in the order of asking.
 * Were it their Ms that waited, asleep with a running goroutine in hand, nobody would owe them a wake-up: a started
 * world wakes any M it likes.
 *
 * Rejected: a barrier in the scheduler that Ms wait at with their Ps (a P of a sleeping M could not be given to another
 * when the count of Ps changes).
 */
#include <unistd.h>

#include "gqueue.h"
#include "netpoll.h"
#include "pmask.h"
#include "rtcalls.h"
#include "runtime.h"
#include "seed.h"
#include "suspend.h"
#include "sysmon.h"

enum { REPEAT_NS = 100 * 1000, FREEZE_STOPWAIT = INT32_MAX, FREEZE_ROUNDS = 5, FREEZE_US = 1000 };

static _Atomic bool freezing;

static int32_t procs(void) { return atomic_load_explicit(&gomaxprocs, memory_order_relaxed); }

static bool cas_pstatus(P *pp, uint32_t from, uint32_t to) { /* acq_rel: against the M that returns from a system call */
  return atomic_compare_exchange_strong_explicit(&pp->status, &from, to, memory_order_acq_rel, memory_order_relaxed);
}

static _Noreturn void hang(void) {
  for (;;)
    pause();
}

/* ---- the M's side */

void gcstopm(void) {
  M *mp = toy_m;
  if (!atomic_load_explicit(&sched.gcwaiting, memory_order_acquire))
    throw("gcstopm: not waiting for a stop");
  if (mp->spinning) {
    mp->spinning = false;
    if (atomic_fetch_sub_explicit(&sched.nmspinning, 1, memory_order_seq_cst) <= 0)
      throw("gcstopm: negative nmspinning");
  }
  P *pp = releasep();
  lock(&sched.lock);
  atomic_store_explicit(&pp->status, Pgcstop, memory_order_relaxed);
  if (--sched.stopwait == 0)
    notewakeup(&sched.stopnote);
  unlock(&sched.lock);
  stopm();
}

/* ---- stop */

static void stop_syscalling(P *pp) {
  if (!cas_pstatus(pp, Psyscall, Pgcstop))
    return;
  atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
  sched.stopwait--;
}

static void stop_idle(void) {
  for (P *pp; (pp = pidleget()); sched.stopwait--)
    atomic_store_explicit(&pp->status, Pgcstop, memory_order_relaxed);
}

/* Leaves sched.lock held. */
static void become_stopper(void) {
  lock(&sched.lock);
  if (atomic_load_explicit(&freezing, memory_order_acquire))
    hang();
  if (atomic_load_explicit(&sched.gcwaiting, memory_order_relaxed))
    throw("stopTheWorld: somebody else has stopped it"); /* worldsema is not held */
  sched.stopwait = procs();
  noteclear(&sched.stopnote);
  atomic_store_explicit(&sched.gcwaiting, 1, memory_order_seq_cst);
}

static void check_stopped(void) {
  if (atomic_load_explicit(&freezing, memory_order_acquire))
    hang();
  if (sched.stopwait != 0)
    throwf("stopTheWorld: not stopped: stopwait %d", sched.stopwait);
  for (int32_t i = 0; i < procs(); i++) {
    uint32_t s = atomic_load_explicit(&allp[i]->status, memory_order_relaxed);
    if (s != Pgcstop)
      throwf("stopTheWorld: not stopped: p %d has status %u", i, s);
  }
  if (unlikely(debugvars.schedcheck)) {
    lock(&sched.lock);
    schedcheck();
    unlock(&sched.lock);
  }
}

static void stopTheWorldWithSema(void) {
  M *mp = toy_m;
  if (mp->locks > 0)
    throwf("stopTheWorld: holding %d locks", mp->locks);
  become_stopper();
  atomic_store_explicit(&getp(mp)->status, Pgcstop, memory_order_relaxed);
  sched.stopwait--;
  preemptall();
  for (int32_t i = 0; i < procs(); i++)
    stop_syscalling(allp[i]);
  stop_idle();
  bool wait = sched.stopwait > 0;
  unlock(&sched.lock);
  while (wait && !notetsleep(&sched.stopnote, REPEAT_NS))
    preemptall();
  check_stopped();
}

void stopTheWorld(const char *reason) {
  toy_m->preemptoff = reason;
  showWaiting(waitReasonStoppingTheWorld);
  stopTheWorldWithSema();
  showRunning();
}

/* ---- start */

/* What the network has for us: nobody could look meanwhile. */
static void poll_once(void) {
  if (!netpollinited())
    return;
  int32_t delta;
  struct gqueue list = netpoll(0, &delta);
  injectglist(&list);
  netpollAdjustWaiters(delta);
}

/* Ms for the Ps with work; their goroutines are already in their queues. */
static void start_ps(P *runnable) {
  while (runnable) {
    P *next = runnable->link;
    runnable->link = NULL;
    startm(runnable, false);
    runnable = next;
  }
}

static void startTheWorldN(int32_t n) {
  poll_once();
  lock(&sched.lock);
  P *runnable = procresize(n);
  atomic_store_explicit(&sched.gcwaiting, 0, memory_order_release);
  sysmon_wake();
  unlock(&sched.lock);
  start_ps(runnable);
  toy_m->preemptoff = NULL;
  wakep();
}

void startTheWorld(void) { startTheWorldN(procs()); }

/* ---- once for each P; under worldsema */

static struct { void (*fn)(P *); int32_t wait; struct note done; } safepoint; /* under sched.lock; fn: constant meanwhile */

static bool take_flag(P *pp) {
  return atomic_load_explicit(&pp->runSafePointFn, memory_order_relaxed) &&
         atomic_exchange_explicit(&pp->runSafePointFn, 0, memory_order_acq_rel); /* pairs with forEachP's store */
}

static void count_one(void) {
  if (--safepoint.wait == 0)
    notewakeup(&safepoint.done);
}

void runSafePointFn(void) {
  P *pp = getp(toy_m);
  if (!take_flag(pp))
    return;
  safepoint.fn(pp);
  lock(&sched.lock);
  count_one();
  unlock(&sched.lock);
}

void runSafePointFn_idle(P *pp) {
  if (!take_flag(pp))
    return;
  safepoint.fn(pp);
  count_one();
}

/* Under sched.lock: flags the others, does the idle ones. True: there are some to wait for. */
static bool ask_each(P *own) {
  for (int32_t i = 0; i < procs(); i++)
    if (allp[i] != own)
      atomic_store_explicit(&allp[i]->runSafePointFn, 1, memory_order_seq_cst);
  preemptall();
  for (P *pp = sched.pidle; pp; pp = pp->link)
    if (take_flag(pp)) {
      safepoint.fn(pp);
      safepoint.wait--;
    }
  return safepoint.wait > 0;
}

static void take_from_syscall(P *pp) {
  if (!atomic_load_explicit(&pp->runSafePointFn, memory_order_seq_cst) || !cas_pstatus(pp, Psyscall, Pidle))
    return;
  atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
  handoffp(pp);
}

static void wait_for_each(void) {
  while (!notetsleep(&safepoint.done, REPEAT_NS)) {
    preemptall();
    for (int32_t i = 0; i < procs(); i++) /* one that was just on its way in */
      take_from_syscall(allp[i]);
  }
}

void forEachP(void (*fn)(P *)) {
  P *own = getp(toy_m);
  showWaiting(waitReasonStoppingTheWorld);
  lock(&sched.lock);
  if (safepoint.wait)
    throwf("forEachP: %d of an earlier one have not run", safepoint.wait);
  safepoint.fn = fn;
  safepoint.wait = procs() - 1;
  noteclear(&safepoint.done);
  bool wait = ask_each(own);
  unlock(&sched.lock);
  fn(own);
  for (int32_t i = 0; i < procs(); i++)
    take_from_syscall(allp[i]);
  if (wait)
    wait_for_each();
  for (int32_t i = 0; i < procs(); i++)
    if (atomic_load_explicit(&allp[i]->runSafePointFn, memory_order_relaxed))
      throwf("forEachP: p %d did not run it", i);
  showRunning();
}

/* ---- freeze */

/* Others that are dying do not get here (dying, throw.c). */
void freezetheworld(void) {
  atomic_store_explicit(&freezing, true, memory_order_release);
  for (int i = 0; i < FREEZE_ROUNDS; i++) {
    __atomic_store_n(&sched.stopwait, FREEZE_STOPWAIT, __ATOMIC_RELAXED);
    atomic_store_explicit(&sched.gcwaiting, 1, memory_order_seq_cst);
    if (!preemptall())
      return;
    usleep_os(FREEZE_US);
  }
}

bool frozen(void) { return atomic_load_explicit(&freezing, memory_order_acquire); }

/* ---- worldsema; under sched.lock */

static struct { bool held; struct gqueue waiters; } worldsema;

/* Returns when it was free; else the goroutine parks, and has it when woken runs. */
void worldsema_acquire(uintptr_t (*woken)(G *)) {
  lock(&sched.lock);
  if (worldsema.held) {
    G *gp = toy_m->curg;
    gp->wakefn = woken;
    gqueue_pushback(&worldsema.waiters, gp);
    goparkunlock(&sched.lock, waitReasonSemacquire);
  }
  worldsema.held = true;
  unlock(&sched.lock);
}

void worldsema_release(void) {
  lock(&sched.lock);
  G *next = gqueue_pop(&worldsema.waiters);
  worldsema.held = next != NULL; /* handed over, never free in between */
  unlock(&sched.lock);
  if (next)
    goready(next);
}

/* ---- GOMAXPROCS */

static int64_t resize(int64_t n) {
  stopTheWorld("GOMAXPROCS");
  int32_t old = procs();
  startTheWorldN(clamp_procs(n));
  worldsema_release();
  return old;
}

static uintptr_t resize_woken(G *gp) { return (uintptr_t)resize((int64_t)gp->wakearg[0]); }

int64_t rt_runtime_GOMAXPROCS(int64_t n) {
  int32_t old = procs();
  if (seeded())
    return seed_procs((int32_t)n);
  if (n <= 0 || clamp_procs(n) == old)
    return old;
  toy_m->curg->wakearg[0] = (uint64_t)n;
  worldsema_acquire(resize_woken);
  return resize(n);
}
