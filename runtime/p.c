/* p.c: processors: tying them to Ms, the idle list, their number. It changes while the world is stopped (stopworld.c).
 *
 * A P that is running or in a system call belongs to an M; idle ones are on sched.pidle; all others are stopped or
 * dead. P objects are made once and never freed, so a stale pointer to one is harmless.
 */
#include "gqueue.h"
#include "netpoll.h"
#include "pmask.h"
#include "preempt.h"
#include "randomorder.h"
#include "rtcalls.h"
#include "runtime.h"
#include "sysmon.h"

#define MAXPROCS 1024
static P *allp_array[MAXPROCS];
P **allp = allp_array;
_Atomic int32_t gomaxprocs;
int32_t ncpu;
struct pMask idlepMask, timerpMask;

static uint32_t pstatus(const P *pp) { return atomic_load_explicit(&pp->status, memory_order_relaxed); }
static void setpstatus(P *pp, uint32_t s) { atomic_store_explicit(&pp->status, s, memory_order_relaxed); }

static const char *pstatus_name(uint32_t s) {
  static const char *const names[] = {
#define X(name, value) [value] = #name,
    TOY_PSTATUS(X)
#undef X
  };
  return s < nelem(names) ? names[s] : "?";
}

/* ---- idle list; under sched.lock
 *
 * Only a P's own M adds timers to it, so a P that goes idle without any gets none until pidleget: its bit can be dropped. A
 * thief that runs its timers may take out the last one, which leaves a stale bit, and puts none in (len, timer.c). */

void pidleput(P *pp) {
  if (!runqempty(pp))
    throw("pidleput: P has non-empty run queue");
  if (atomic_load_explicit(&pp->timers.len, memory_order_seq_cst) == 0)
    pMask_clear(&timerpMask, (uint32_t)pp->id);
  pMask_set(&idlepMask, (uint32_t)pp->id);
  pp->link = sched.pidle;
  sched.pidle = pp;
  atomic_fetch_add_explicit(&sched.npidle, 1, memory_order_seq_cst); /* hand-shake in proc.c */
}

P *pidleget(void) {
  P *pp = sched.pidle;
  if (pp) {
    pMask_clear(&idlepMask, (uint32_t)pp->id);
    pMask_set(&timerpMask, (uint32_t)pp->id);
    sched.pidle = pp->link;
    pp->link = NULL;
    atomic_fetch_sub_explicit(&sched.npidle, 1, memory_order_seq_cst);
    sysmon_wake(); /* not everything is idle any more */
  }
  return pp;
}

/* For a caller that has seen work: without an idle P, the next M that gives one up must look first. */
P *pidlegetSpinning(void) {
  P *pp = pidleget();
  if (!pp)
    atomic_store_explicit(&sched.needspinning, 1, memory_order_seq_cst);
  return pp;
}

/* ---- tie and untie */

static _Noreturn void badwire(const char *what, M *mp, P *pp) {
  M *owner = atomic_load_explicit(&pp->m, memory_order_relaxed);
  P *has = getp(mp);
  throwf("%s: m%ld has p %d; p %d is %s, of m%ld", what, (long)mp->id, has ? has->id : -1, pp->id,
         pstatus_name(pstatus(pp)), owner ? (long)owner->id : -1L);
}

void wirep(P *pp) {
  M *mp = toy_m;
  if (getp(mp))
    badwire("wirep: already in go", mp, pp);
  if (atomic_load_explicit(&pp->m, memory_order_relaxed) || pstatus(pp) != Pidle)
    badwire("wirep: invalid p state", mp, pp);
  atomic_store_explicit(&mp->p, pp, memory_order_relaxed);
  atomic_store_explicit(&pp->m, mp, memory_order_relaxed);
  setpstatus(pp, Prunning);
}

void acquirep(P *pp) {
  if (!pp)
    throw("acquirep: no p");
  wirep(pp);
}

P *releasep(void) {
  M *mp = toy_m;
  P *pp = getp(mp);
  if (!pp)
    throw("releasep: no p");
  if (atomic_load_explicit(&pp->m, memory_order_relaxed) != mp || pstatus(pp) != Prunning)
    badwire("releasep: invalid p state", mp, pp);
  atomic_store_explicit(&mp->p, NULL, memory_order_relaxed);
  atomic_store_explicit(&pp->m, NULL, memory_order_relaxed);
  setpstatus(pp, Pidle);
  return pp;
}

/* ---- number */

static void p_init(int32_t id) {
  P *pp = allp[id];
  if (!pp) {
    pp = persistentalloc(sizeof *pp, TOY_CACHELINE);
    pp->id = id;
    preemptbuf_refill(pp);
    allp[id] = pp;
  }
  pMask_clear(&idlepMask, (uint32_t)id);
  pMask_set(&timerpMask, (uint32_t)id);
  setpstatus(pp, Pgcstop);
}

/* Its goroutines go to the head of the global queue in their order; its free Gs, sudogs and stacks to the central
 * lists. */
static void p_destroy(P *pp) {
  uint32_t n;
  struct gqueue q = runqdrain(pp, &n), rest = sched.runq;
  gqueue_pushbackall(&q, &rest);
  sched.runq = (struct gqueue){NULL, NULL};
  globrunqputbatch(&q, (int32_t)n);
  timers_take(&getp(toy_m)->timers, &pp->timers);
  pMask_clear(&timerpMask, (uint32_t)pp->id);
  gfpurge(pp);
  sudogpurge(pp);
  stackcache_purge(pp);
  atomic_store_explicit(&pp->m, NULL, memory_order_relaxed);
  setpstatus(pp, Pdead);
}

/* Keep the P we have if it survives, else take P0. */
static P *own_p(M *mp, int32_t n) {
  P *pp = getp(mp);
  if (pp && pp->id < n) {
    setpstatus(pp, Prunning);
    return pp;
  }
  if (pp)
    atomic_store_explicit(&pp->m, NULL, memory_order_relaxed);
  atomic_store_explicit(&mp->p, NULL, memory_order_relaxed);
  pp = allp[0];
  atomic_store_explicit(&pp->m, NULL, memory_order_relaxed);
  setpstatus(pp, Pidle);
  acquirep(pp);
  return pp;
}

/* The world is stopped, under sched.lock. Returns the Ps with work, linked; the others are idle. */
P *procresize(int32_t n) {
  int32_t old = atomic_load_explicit(&gomaxprocs, memory_order_relaxed);
  if (n <= 0 || n > MAXPROCS)
    throwf("procresize: invalid number %d", n);
  for (int32_t i = old; i < n; i++)
    p_init(i);
  P *own = own_p(toy_m, n), *runnable = NULL;
  for (int32_t i = n; i < old; i++)
    p_destroy(allp[i]);
  for (int32_t i = n - 1; i >= 0; i--) {
    P *pp = allp[i];
    if (pp == own)
      continue;
    setpstatus(pp, Pidle);
    if (runqempty(pp)) {
      pidleput(pp);
    } else {
      pp->link = runnable;
      runnable = pp;
    }
  }
  randomOrder_reset(&stealOrder, (uint32_t)n);
  atomic_store_explicit(&gomaxprocs, n, memory_order_seq_cst);
  return runnable;
}

int32_t clamp_procs(int64_t n) { return n < 1 ? 1 : n > MAXPROCS ? MAXPROCS : (int32_t)n; }
