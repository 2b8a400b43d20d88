/* m.c: threads: making them, putting them to sleep, waking them, and noticing that nothing can ever wake them.
 *
 * An M without work sleeps on its note in sched.midle (last in, first out: the warmest is woken first). Whoever wakes
 * it has taken it off that list, so has it alone, and hands over a P in nextp; the note's release/acquire carries it.
 *
 * Counting for deadlocks: an M counts as running from the moment its id is reserved until it is on midle. So a thread
 * being created, or woken and not yet on its way, is never taken for asleep.
 *
 * An M whose goroutine is tied to it sleeps on the same note, but on no list (lockedm.c).
 *
 * Rejected: one condition variable for all idle Ms: a wake-up could not carry the P, and woken threads would compete
 * for it.
 */
#include "netpoll.h"
#include "lockedm.h"
#include "rtcalls.h"
#include "runtime.h"

#include <string.h>
#include <sys/auxv.h>

M m0;
G g0;
_Atomic(M *) allm;
_Thread_local G *toy_g;
_Thread_local M *toy_m;

/* ---- idle list; under sched.lock */

void mput(M *mp) {
  mp->schedlink = sched.midle;
  sched.midle = mp;
  sched.nmidle++;
  checkdead();
}

M *mget(void) {
  M *mp = sched.midle;
  if (mp) {
    sched.midle = mp->schedlink;
    mp->schedlink = NULL;
    sched.nmidle--;
  }
  return mp;
}

int32_t mcount(void) { return (int32_t)(sched.mnext - sched.nmfreed); }

/* ---- sleep and wake */

void mPark(int64_t ns, void (*late)(void *), void *arg) {
  M *mp = toy_m;
  mp->blocked = true;
  if (late && !notetsleep(&mp->park, ns))
    late(arg);
  notesleep(&mp->park);
  noteclear(&mp->park);
  mp->blocked = false;
}

void stopm(void) { stopm_or(0, NULL, NULL); }

void stopm_or(int64_t ns, void (*late)(void *), void *arg) {
  M *mp = toy_m;
  if (mp->locks || getp(mp) || mp->spinning)
    throwf("stopm: locks %d, spinning %d, or a p", mp->locks, mp->spinning);
  lock(&sched.lock);
  mput(mp);
  unlock(&sched.lock);
  mPark(ns, late, arg);
  acquirep(mp->nextp);
  mp->nextp = NULL;
}

/* ---- birth */

/* Under sched.lock. */
static void checkmcount(void) {
  if (mcount() <= sched.maxmcount)
    return;
  unlock(&sched.lock);
  startfatal();
  rtprintf("runtime: program exceeds %d-thread limit\n", sched.maxmcount);
  fatal("thread exhaustion");
}

int64_t rt_runtime_debug_SetMaxThreads(int64_t n) {
  lock(&sched.lock);
  int32_t old = sched.maxmcount;
  sched.maxmcount = n > INT32_MAX ? INT32_MAX : n < INT32_MIN ? INT32_MIN : (int32_t)n;
  checkmcount();
  unlock(&sched.lock);
  return old;
}

/* Under sched.lock. A reserved id counts as a running thread. */
static int64_t mReserveID(void) {
  int64_t id = sched.mnext++;
  checkmcount();
  return id;
}

/* The kernel's 16 random bytes (getauxval(3), AT_RANDOM) make runs differ, the id makes threads differ. */
static void seed(M *mp) {
  uint64_t random;
  memcpy(&random, (const void *)getauxval(AT_RANDOM), sizeof random);
  mp->fastrand = (uint64_t)mp->id * 0x9e3779b97f4a7c15u ^ random ^ cputicks();
}

/* allm is pushed with release and never shortened: walkers load it with acquire and follow alllink. */
static void mcommoninit(M *mp) {
  seed(mp);
  M *head = atomic_load_explicit(&allm, memory_order_relaxed);
  do
    mp->alllink = head;
  while (!atomic_compare_exchange_weak_explicit(&allm, &head, mp, memory_order_release, memory_order_relaxed));
}

/* Ms whose threads end or have ended, linked by schedlink. A thread is gone when the kernel has cleared its word
 * (os_thread_gone). The M, its stacks and the addresses in them stay: somebody may still hold a pointer to the M from
 * before (preemptone), and what he writes through it, a request to preempt, may hit the next thread that lives there
 * and does it no harm. Only the memory of the stacks goes back meanwhile. */
static struct { struct mutex lock; M *ending, *gone; } freem;

/* Under freem.lock. */
static void reap(void) {
  M *rest = NULL;
  for (M *mp = freem.ending, *next; mp; mp = next) {
    next = mp->schedlink;
    M **to = os_thread_gone(mp) ? &freem.gone : &rest;
    if (to == &freem.gone)
      os_release_stacks(mp);
    mp->schedlink = *to;
    *to = mp;
  }
  freem.ending = rest;
}

/* One that is gone, for another thread; what it was in the middle of is in mexit's hands: nothing. */
static M *reuse_m(int64_t id) {
  lock(&freem.lock);
  reap();
  M *mp = freem.gone;
  if (mp)
    freem.gone = mp->schedlink;
  unlock(&freem.lock);
  if (!mp)
    return NULL;
  mp->schedlink = NULL;
  mp->id = id;
  mp->dead = false;
  /* A signal that came too late was never acknowledged. */
  atomic_store_explicit(&mp->signalPending, 0, memory_order_relaxed);
  seed(mp);
  return mp;
}

static M *allocm(int64_t id) {
  M *reused = reuse_m(id);
  if (reused)
    return reused;
  M *mp = persistentalloc(sizeof *mp, TOY_CACHELINE);
  mp->g0 = persistentalloc(sizeof *mp->g0, TOY_CACHELINE);
  mp->g0->m = mp;
  atomic_store_explicit(&mp->g0->atomicstatus, Grunning, memory_order_relaxed);
  mp->id = id;
  mcommoninit(mp);
  return mp;
}

static void newm1(int64_t id, void (*fn)(void), P *pp, bool spinning) {
  M *mp = allocm(id);
  mp->mstartfn = fn;
  mp->nextp = pp;
  mp->spinning = spinning;
  if (toy_m->lockedExt != 0)
    newm_by_template(mp);
  else
    start_thread(mp);
}

void start_thread(M *mp) {
  rwrlock(&allocmLock);
  os_newthread(mp);
  rwrunlock(&allocmLock);
}

void newm(void (*fn)(void), P *pp) {
  lock(&sched.lock);
  int64_t id = mReserveID();
  unlock(&sched.lock);
  newm1(id, fn, pp, false);
}

/* What every thread knows of itself, m0 included. */
static void thread_init(M *mp) {
  toy_m = mp;
  toy_g = mp->g0;
  mp->guard = (_Atomic(uintptr_t) *)toy_guard_address();
  atomic_store_explicit(mp->guard, 0, memory_order_relaxed);
  atomic_store_explicit(&mp->procid, os_gettid(), memory_order_release);
}

void m0_init(void) {
  uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
  m0.g0 = &g0;
  g0.m = &m0;
  g0.stack = (struct stack){.lo = sp - (64 << 10), .hi = sp + 4096}; /* a window of the process's stack */
  atomic_store_explicit(&g0.atomicstatus, Grunning, memory_order_relaxed);
  thread_init(&m0);
  sched.mnext = 1;
  sched.maxmcount = 10000;
  mcommoninit(&m0);
}

void mstart(M *mp) {
  thread_init(mp);
  os_thread_begins(mp);
  minit();
  if (mp->mstartfn)
    mp->mstartfn();
  acquirep(mp->nextp);
  mp->nextp = NULL;
  toy_mstart_schedule();
  mexit();
}

/* ---- death */

static void count_freed(void) {
  lock(&sched.lock);
  sched.nmfreed++;
  checkdead();
  unlock(&sched.lock);
}

/* The first thread must not end: the process would be a zombie to its parent while the others run on. */
static _Noreturn void m0_exit(void) {
  handoffp(releasep());
  count_freed();
  mPark(-1, NULL, NULL);
  throw("the first thread was woken after its end");
}

/* From rt_goexit, through toy_thread_end: on g0, as deep as mstart, with a P and no goroutine. The caller returns to
 * libc, which ends the thread. Until count_freed it counts as running. */
void mexit(void) {
  M *mp = toy_m;
  if (mp->curg || mp->lockedg || mp->locks)
    throwf("mexit: m%ld still has a goroutine or a lock", (long)mp->id);
  if (mp == &m0)
    m0_exit();
  unminit();
  handoffp(releasep());
  mp->dead = true;
  count_freed();
  lock(&freem.lock);
  mp->schedlink = freem.ending;
  freem.ending = mp;
  unlock(&freem.lock);
}

/* ---- giving Ps to Ms */

static void undo_spinning(bool spinning) {
  if (spinning && atomic_fetch_sub_explicit(&sched.nmspinning, 1, memory_order_seq_cst) <= 0)
    throw("startm: negative nmspinning");
}

/* An M for pp, or for any idle P if pp is null (none: nothing happens). spinning: the caller has counted it already. */
void startm(P *pp, bool spinning) {
  lock(&sched.lock);
  if (!pp)
    pp = spinning ? pidlegetSpinning() : pidleget();
  if (!pp) {
    /* Before the unlock: an M that gives a P up next must not count on a spinner that will not come
     * (tests/models/idle.pml). */
    undo_spinning(spinning);
    unlock(&sched.lock);
    return;
  }
  M *mp = mget();
  int64_t id = mp ? 0 : mReserveID();
  unlock(&sched.lock);
  if (spinning && !runqempty(pp))
    throw("startm: p has runnable gs");
  if (!mp) {
    newm1(id, NULL, pp, spinning);
    return;
  }
  if (mp->spinning || mp->nextp)
    throw("startm: m is spinning or has a p");
  mp->spinning = spinning;
  mp->nextp = pp;
  notewakeup(&mp->park);
}

static bool nobody_looks(void) {
  int32_t none = 0;
  return atomic_load_explicit(&sched.nmspinning, memory_order_seq_cst) +
             atomic_load_explicit(&sched.npidle, memory_order_seq_cst) == 0 &&
         atomic_compare_exchange_strong_explicit(&sched.nmspinning, &none, 1, memory_order_seq_cst,
                                                 memory_order_relaxed);
}

/* All other Ps are idle and no thread sleeps in the poller: somebody has to. */
static bool nobody_polls(void) {
  return netpollinited() &&
         atomic_load_explicit(&sched.npidle, memory_order_relaxed) ==
             atomic_load_explicit(&gomaxprocs, memory_order_relaxed) - 1 &&
         atomic_load_explicit(&sched.lastpoll, memory_order_seq_cst) != 0;
}

/* Under sched.lock: what is left to do with a P without work. True: it needs an M after all. Else *when is the time
 * of its earliest timer. */
static bool handoffp_locked(P *pp, int64_t *when) {
  if (atomic_load_explicit(&sched.gcwaiting, memory_order_relaxed)) {
    atomic_store_explicit(&pp->status, Pgcstop, memory_order_relaxed);
    if (--sched.stopwait == 0)
      notewakeup(&sched.stopnote);
    return false;
  }
  runSafePointFn_idle(pp);
  if (atomic_load_explicit(&sched.runqsize, memory_order_relaxed) != 0)
    return true;
  if (nobody_polls())
    return true;
  *when = timers_wakeTime(&pp->timers);
  pidleput(pp);
  return false;
}

/* pp is idle, on no list, and has lost its M to a system call. */
void handoffp(P *pp) {
  if (seeded()) {
    startm(pp, false);
    return;
  }
  if (!runqempty(pp) || atomic_load_explicit(&sched.runqsize, memory_order_seq_cst) != 0) {
    startm(pp, false);
    return;
  }
  if (nobody_looks()) {
    atomic_store_explicit(&sched.needspinning, 0, memory_order_seq_cst);
    startm(pp, true);
    return;
  }
  int64_t when = 0;
  lock(&sched.lock);
  bool needs_m = handoffp_locked(pp, &when);
  unlock(&sched.lock);
  if (when)
    wakeNetPoller(when);
  if (needs_m)
    startm(pp, false);
  else if (atomic_load_explicit(&sched.needspinning, memory_order_seq_cst)) /* case 3 of the hand-shake, proc.c */
    wakep();
}

/* ---- deadlock */

static int32_t count_waiting(void) {
  size_t n = atomic_load_explicit(&allglen, memory_order_acquire); /* partner: allgadd */
  G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
  int32_t waiting = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t s = readgstatus(gs[i]) & ~(uint32_t)Gscan;
    if (gs[i]->system || s == Gdead || s == Gidle)
      continue;
    if (s != Gwaiting && s != Gpreempted)
      throwf("checkdead: no thread runs, but goroutine %lu is %s", (unsigned long)gs[i]->goid, gstatus_name(s));
    waiting++;
  }
  return waiting;
}

/* Under sched.lock whenever a thread goes to sleep. Not a cycle detector: it says that nothing at all can run again. */
void checkdead(void) {
  int32_t run = mcount() - sched.nmidle - sched.nmidlelocked - sched.nmsys;
  if (run > 0 || atomic_load_explicit(&panicking, memory_order_relaxed))
    return;
  if (run < 0)
    throwf("checkdead: inconsistent counts: %d threads, %d idle, %d idle locked, %d system", mcount(), sched.nmidle,
           sched.nmidlelocked, sched.nmsys);
  if (timeSleepUntil() != TIMER_NEVER) /* who sets it off is between two looks */
    return;
  int32_t waiting = count_waiting();
  unlock(&sched.lock);
  if (waiting == 0)
    fatal("no goroutines (main called runtime.Goexit) - deadlock!");
  fatal("all goroutines are asleep - deadlock!");
}

void incidlelocked(int32_t v) {
  sched.nmidlelocked += v;
  if (v > 0)
    checkdead();
}
