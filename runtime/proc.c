/* proc.c: the scheduler: which goroutine an M with a P runs next, and when an M stops looking.
 *
 * schedule() runs on g0, picks a runnable goroutine and jumps into it; it is entered by parking, yielding, ending and a
 * thread's start, and never returns.
 *
 * The idle hand-shake. Work must never lie in a queue while a P is idle and nobody looks, and no M may burn time
 * looking for long. An M without work first spins: it is counted in nmspinning and goes through all queues. Whoever
 * makes a goroutine runnable calls wakep: if some P is idle and nobody spins, it starts one spinning M. The proof of
 * no lost work is one pattern, three times; all accesses named here are seq_cst, so in one total order:
 *   1. waker: put in queue; read nmspinning.    sleeper: nmspinning - 1; look at all queues again.
 *      If the waker sees a spinner and starts nobody, that spinner's last look comes after the put.
 *   2. waker: put in queue; read npidle = 0.    spinning sleeper: npidle + 1; nmspinning - 1; look again. The same.
 *   3. waker: needspinning = 1; read npidle = 0.    non-spinning sleeper: npidle + 1; read needspinning.
 *      One of them sees the other: the waker starts an M, or the sleeper takes its P back and spins. needspinning is
 *      cleared by an M that begins to spin, before it looks at the queues: a waker that finds it set already has put
 *      its work where that M will look.
 * The last spinner that finds work starts another one (resetspinning), since there may be more.
 *
 * Rejected: waking an M for every goroutine made ready (threads thrash); letting Ms spin for good (burns a
 * processor); handing a ready goroutine directly to a parked M (it loses the waker's cache, and the waker often parks
 * at once).
 *
 * Fairness: every 61st turn takes from the global queue first; a goroutine that readied another keeps its slice
 * together with it (runnext); stealing visits the others in a random order.
 */
#include "gqueue.h"
#include "lockedm.h"
#include "netpoll.h"
#include "pmask.h"
#include "quantum.h"
#include "randomorder.h"
#include "runtime.h"
#include "seed.h"
#include "sysmon.h"

struct schedt sched;
const char *const waitreason_text[] = {
#define X(name, text) [waitReason##name] = text,
  TOY_WAITREASON(X)
#undef X
};

#define GLOBAL_TICK 61
#define STEAL_ROUNDS 4

static inline int32_t loadi(_Atomic int32_t *p) { return atomic_load_explicit(p, memory_order_seq_cst); }

/* ---- wake-ups */

static void nmspinning_sub(void) {
  if (atomic_fetch_sub_explicit(&sched.nmspinning, 1, memory_order_seq_cst) <= 0)
    throw("negative nmspinning");
}

/* No P is idle: leave word for the next M that is about to give one up. True: one has become idle meanwhile. */
static bool leave_word(void) {
  if (atomic_load_explicit(&sched.needspinning, memory_order_seq_cst) == 0)
    atomic_store_explicit(&sched.needspinning, 1, memory_order_seq_cst);
  return loadi(&sched.npidle) != 0;
}

/* After a goroutine has been made runnable by a seq_cst write (runqput). */
void wakep(void) {
  if (seeded() || unlikely(atomic_load_explicit(&mainAlone, memory_order_relaxed)))
    return; /* the one P is never idle while anything can run; nor is the first */
  if (loadi(&sched.npidle) == 0 && !leave_word()) {
    if (unlikely(atomic_load_explicit(&sched.sysmonlazy, memory_order_relaxed) != QUANTUM_WOKEN))
      quantum_woken();
    return;
  }
  int32_t none = 0;
  if (loadi(&sched.nmspinning) != 0 ||
      !atomic_compare_exchange_strong_explicit(&sched.nmspinning, &none, 1, memory_order_seq_cst, memory_order_seq_cst))
    return;
  startm(NULL, true);
}

static void becomeSpinning(M *mp) {
  mp->spinning = true;
  atomic_fetch_add_explicit(&sched.nmspinning, 1, memory_order_seq_cst);
  atomic_store_explicit(&sched.needspinning, 0, memory_order_seq_cst);
}

static void resetspinning(M *mp) {
  if (!mp->spinning)
    throw("resetspinning: not a spinning m");
  mp->spinning = false;
  nmspinning_sub();
  wakep();
}

/* ---- finding work */

static G *globrunq_locked_get(P *pp, int32_t max) {
  if (atomic_load_explicit(&sched.runqsize, memory_order_relaxed) == 0)
    return NULL;
  lock(&sched.lock);
  G *gp = globrunqget(pp, max);
  unlock(&sched.lock);
  return gp;
}

static bool stopping(void) { return atomic_load_explicit(&sched.gcwaiting, memory_order_acquire) != 0; }

/* Timers of others are run in the last round only, since their locks are contended; what they made runnable is in our own
 * queue then. */
static G *stealTimers(P *pp, P *p2, struct timelook *look) {
  bool inheritTime;
  return pMask_read(&timerpMask, (uint32_t)p2->id) && checkTimers(p2, look) ? runqget(pp, &inheritTime) : NULL;
}

/* One look at everybody. Timers and runnext are touched in the last round only: look is null before.
 * Passed over are Ps on the idle list; not all whose status is idle: one may be on its way to a thread that the kernel has
 * not run yet, with work that anywork sees; who may not take that would look and give up in turns until the thread comes. */
static G *stealRound(P *pp, struct timelook *look) {
  struct randomEnum e = randomOrder_start(&stealOrder, fastrand());
  for (; !randomEnum_done(&e); randomEnum_next(&e)) {
    P *p2 = allp[randomEnum_position(&e)];
    if (stopping())
      return NULL;
    if (p2 == pp)
      continue;
    G *gp = look ? stealTimers(pp, p2, look) : NULL;
    if (!gp && !pMask_read(&idlepMask, (uint32_t)p2->id))
      gp = runqsteal(pp, p2, look != NULL);
    if (gp)
      return gp;
  }
  return NULL;
}

static G *stealWork(P *pp, struct timelook *look) {
  for (int i = 0; i < STEAL_ROUNDS; i++) {
    G *gp = stealRound(pp, i == STEAL_ROUNDS - 1 ? look : NULL);
    if (gp || stopping())
      return gp;
  }
  return NULL;
}

/* Half of the busy Ps' worth of spinning Ms is enough. */
static bool may_spin(M *mp) {
  return mp->spinning || 2 * loadi(&sched.nmspinning) < loadi(&gomaxprocs) - loadi(&sched.npidle);
}

static G *findLocal(P *pp, bool *inheritTime) {
  *inheritTime = false;
  if (atomic_load_explicit(&pp->schedtick, memory_order_relaxed) % GLOBAL_TICK == 0) {
    G *gp = globrunq_locked_get(pp, 1);
    if (gp)
      return gp;
  }
  if (unlikely(debugvars.stealstress) && fastrandn(4) == 0) {
    struct timelook look = {0, 0};
    G *gp = runqempty(pp) ? stealRound(pp, &look) : NULL;
    if (gp)
      return gp;
  }
  G *gp = runqget(pp, inheritTime);
  return gp ? gp : globrunq_locked_get(pp, 0);
}

/* A look at the network, if anyone waits for it: one thread at a time, and never beside one that sleeps there. */
static G *pollNetwork(void) {
  struct gqueue list;
  int32_t delta;
  if (likely(!netpollAnyWaiters()) || atomic_load_explicit(&sched.lastpoll, memory_order_seq_cst) == 0 ||
      atomic_exchange_explicit(&sched.pollingNet, 1, memory_order_seq_cst) != 0)
    return NULL;
  list = netpoll(0, &delta);
  atomic_store_explicit(&sched.pollingNet, 0, memory_order_seq_cst);
  G *gp = gqueue_runnable(&list);
  injectglist(&list);
  netpollAdjustWaiters(delta);
  return gp;
}

static G *findStolen(M *mp, P *pp, struct timelook *look) {
  if (!may_spin(mp))
    return NULL;
  if (!mp->spinning)
    becomeSpinning(mp);
  return stealWork(pp, look);
}

/* The sleeper's last look, without a P: is anything in any queue? */
static bool anywork(void) {
  if (loadi(&sched.runqsize) != 0)
    return true;
  int32_t n = loadi(&gomaxprocs);
  for (int32_t i = 0; i < n; i++)
    if (!runqempty(allp[i]))
      return true;
  return false;
}

/* With an idle P, if there is work for one: true, and the M spins again. */
static bool checkRunqsNoP(M *mp) {
  if (!anywork())
    return false;
  lock(&sched.lock);
  P *pp = pidlegetSpinning();
  unlock(&sched.lock);
  if (!pp)
    return false;
  acquirep(pp);
  becomeSpinning(mp);
  return true;
}

enum gaveup { GAVE_UP, LOOK_AGAIN, FOUND };

/* Under sched.lock, after npidle was raised: case 3 of the hand-shake. */
static bool wanted_back(M *mp) {
  if (mp->spinning || atomic_load_explicit(&sched.needspinning, memory_order_seq_cst) == 0)
    return false;
  acquirep(pidleget());
  becomeSpinning(mp);
  return true;
}

static enum gaveup giveUpP_locked(M *mp, P *pp, G **gp) {
  if (stopping() || atomic_load_explicit(&pp->runSafePointFn, memory_order_relaxed))
    return LOOK_AGAIN;
  if ((*gp = globrunqget(pp, 0)))
    return FOUND;
  if (releasep() != pp)
    throw("findRunnable: wrong p");
  pidleput(pp);
  return wanted_back(mp) ? LOOK_AGAIN : GAVE_UP;
}

static enum gaveup giveUpP(M *mp, P *pp, G **gp, struct timelook *look) {
  lock(&sched.lock);
  enum gaveup r = giveUpP_locked(mp, pp, gp);
  unlock(&sched.lock);
  if (r != GAVE_UP)
    return r;
  if (mp->spinning) {
    mp->spinning = false;
    nmspinning_sub();
    if (checkRunqsNoP(mp))
      return LOOK_AGAIN;
  }
  look->pollUntil = checkTimersNoP(look->pollUntil);
  return GAVE_UP;
}

/* ---- asleep */

/* Somebody else is in the poller: it must not oversleep what this M knew of. */
static void pollerMustWakeBy(int64_t when) {
  int64_t until = atomic_load_explicit(&sched.pollUntil, memory_order_seq_cst);
  if (until == 0 || until > when)
    netpollBreak();
}

/* Without a P: does this M become the one that sleeps in the poller? The hand-shake is in netpoll.c. */
static bool become_poller(int64_t pollUntil) {
  return netpollinited() && (pollUntil != 0 || netpollAnyWaiters()) &&
         atomic_exchange_explicit(&sched.lastpoll, 0, memory_order_seq_cst) != 0;
}

static struct gqueue sleep_in_poller(int64_t pollUntil, int32_t *delta) {
  int64_t delay = -1;
  atomic_store_explicit(&sched.pollUntil, pollUntil, memory_order_seq_cst);
  if (pollUntil) {
    delay = pollUntil - nanotime();
    delay = delay < 0 ? 0 : delay;
  }
  struct gqueue list = netpoll(delay, delta);
  atomic_store_explicit(&sched.pollUntil, 0, memory_order_seq_cst);
  atomic_store_explicit(&sched.lastpoll, nanotime(), memory_order_seq_cst);
  return list;
}

static bool acquire_idle(void) {
  lock(&sched.lock);
  P *pp = pidleget();
  unlock(&sched.lock);
  if (pp)
    acquirep(pp);
  return pp != NULL;
}

/* The poller leaves to run a goroutine: somebody else must see to the timers. */
static void hand_timers_over(void) {
  int64_t when = checkTimersNoP(0);
  if (when)
    wakeNetPoller(when);
}

/* Back with a P; the goroutine if the poller has brought one. If not, the M spins, whatever it did before: so if what it finds
 * is a timer's goroutine it starts another M, which looks at the timers. */
static G *sleepM(M *mp, struct timelook *look) {
  if (!become_poller(look->pollUntil)) {
    if (look->pollUntil && netpollinited())
      pollerMustWakeBy(look->pollUntil);
    stopm();
    return NULL;
  }
  int32_t delta;
  struct gqueue list = sleep_in_poller(look->pollUntil, &delta);
  bool has_p = acquire_idle();
  G *gp = has_p ? gqueue_runnable(&list) : NULL;
  injectglist(&list);
  netpollAdjustWaiters(delta);
  if (!has_p)
    stopm();
  else if (gp)
    hand_timers_over();
  else
    becomeSpinning(mp);
  return gp;
}

/* Of a seeded run: either the deadlock is reported, or goroutines are locked to other threads and one of those takes over. */
static void sleep_for_good(void) {
  lock(&sched.lock);
  pidleput(releasep());
  unlock(&sched.lock);
  stopm();
}

/* Blocks until there is a goroutine to run. */
static G *findRunnable(M *mp, bool *inheritTime) {
  for (;;) {
    P *pp = getp(mp);
    if (unlikely(stopping())) {
      gcstopm();
      continue;
    }
    if (unlikely(atomic_load_explicit(&pp->runSafePointFn, memory_order_relaxed)))
      runSafePointFn();
    if (seeded()) {
      G *chosen = seed_find(pp);
      *inheritTime = false;
      if (chosen)
        return chosen;
      sleep_for_good();
      continue;
    }
    struct timelook look = {0, 0};
    checkTimers(pp, &look);
    G *gp = findLocal(pp, inheritTime);
    if (!gp)
      gp = pollNetwork();
    if (!gp)
      gp = findStolen(mp, pp, &look);
    if (gp)
      return gp;
    switch (giveUpP(mp, pp, &gp, &look)) {
    case FOUND: return gp;
    case LOOK_AGAIN: break;
    case GAVE_UP:
      if ((gp = sleepM(mp, &look)))
        return gp;
    }
  }
}

/* The slice is over, but the goroutine that was asked to yield has parked meanwhile, perhaps after readying another
 * that would inherit what is left. Two that ready each other for ever spend most of their time in the runtime, where
 * no signal stops them: here is where they are met. The heir goes to the end of the global queue, as if preempted
 * itself. */
static void slice_over(P *pp) {
  atomic_store_explicit(&pp->preempt, 0, memory_order_relaxed);
  G *heir = atomic_exchange_explicit(&pp->runnext, NULL, memory_order_seq_cst);
  if (!heir)
    return;
  STAT(preempt);
  lock(&sched.lock);
  globrunqput(heir);
  unlock(&sched.lock);
}

void schedule(void) {
  M *mp = toy_m;
  bool inheritTime;
  if (unlikely(mp->locks != 0))
    throwf("schedule: holding %d locks", mp->locks);
  if (unlikely(mp->lockedg)) {
    stoplockedm(0, NULL, NULL);
    execute(mp->lockedg, false);
  }
  for (;;) {
    if (unlikely(atomic_load_explicit(&getp(mp)->preempt, memory_order_relaxed)))
      slice_over(getp(mp));
    G *gp = findRunnable(mp, &inheritTime);
    if (mp->spinning)
      resetspinning(mp);
    if (likely(!gp->lockedm))
      execute(gp, inheritTime);
    startlockedm(gp); /* with our P; afterwards we have another */
  }
}

/* A request that comes after preempt is cleared is for this goroutine, and restoreguard looks for it. Bound before it is
 * running: a suspender finds the thread to ask by gp->m. */
void execute(G *gp, bool inheritTime) {
  M *mp = toy_m;
  P *pp = getp(mp);
  atomic_store_explicit(&gp->preempt, seeded(), memory_order_relaxed); /* seeded: it is asked at every point (seed.c) */
  if (seeded())
    seed_execute(gp);
  gp->m = mp;
  mp->curg = gp;
  casgstatus(gp, Grunnable, Grunning);
  restoreguard(mp, gp);
  atomic_store_explicit(&pp->exectick, atomic_load_explicit(&pp->exectick, memory_order_relaxed) + 1,
                        memory_order_relaxed);
  if (!inheritTime)
    atomic_store_explicit(&pp->schedtick, atomic_load_explicit(&pp->schedtick, memory_order_relaxed) + 1,
                          memory_order_relaxed);
  uintptr_t (*wakefn)(G *) = gp->wakefn;
  if (wakefn) {
    gp->wakefn = NULL;
    gp->sched.ret = wakefn(gp);
  }
  toy_gogo(gp);
}

void dropg(void) {
  M *mp = toy_m;
  mp->curg->m = NULL;
  mp->curg = NULL;
}

/* ---- park, ready, yield */

static void parkstress(void) {
  if (fastrandn(8) == 0) {
    STAT(parkstress);
    osyield();
  }
}

static G *begin_park(enum waitreason reason) {
  G *gp = toy_m->curg;
  gp->waitsince = sysmon_time();
  casGToWaiting(gp, Grunning, reason);
  dropg();
  if (unlikely(debugvars.parkstress))
    parkstress();
  return gp;
}

/* From unlockf on the goroutine may run elsewhere: nothing of it may be touched. */
void gopark(bool (*unlockf)(G *, void *), void *lockp, enum waitreason reason) {
  G *gp = begin_park(reason);
  if (unlockf && !unlockf(gp, lockp)) {
    casgstatus(gp, Gwaiting, Grunnable);
    execute(gp, true);
  }
  schedule();
}

void goparkunlock(struct mutex *l, enum waitreason reason) {
  begin_park(reason);
  unlock(l);
  schedule();
}

void goready(G *gp) {
  if (unlikely(debugvars.parkstress))
    parkstress();
  casgstatus(gp, Gwaiting, Grunnable);
  runqput(getp(toy_m), gp, true);
  wakep();
}

/* It yields itself, so whoever asked the P has what he wanted: the request must not hit the goroutine that is next, which may
 * be the one for whose sake it was made (quantum.c). */
void goschedImpl(G *gp) {
  P *pp = getp(toy_m);
  if (unlikely(atomic_load_explicit(&pp->preempt, memory_order_relaxed)))
    atomic_store_explicit(&pp->preempt, 0, memory_order_relaxed);
  casgstatus(gp, Grunning, Grunnable);
  dropg();
  lock(&sched.lock);
  globrunqput(gp);
  unlock(&sched.lock);
  /* No word is left when no P is idle: one that becomes idle looks at this queue under the lock (giveUpP_locked), and sysmon
   * need not hear of a goroutine that has had its turn. */
  if (loadi(&sched.npidle) != 0)
    wakep();
  schedule();
}

/* It stays here: for who has just handed something to the goroutine that runs next on this P. */
void goyield(G *gp) {
  casgstatus(gp, Grunning, Grunnable);
  dropg();
  runqput(getp(toy_m), gp, false);
  schedule();
}

/* In no queue: who asked for the stop finds it in state preempted and owns it from then on. Its M lets go of it under the
 * scan bit, or the suspender could resume it, and another M run it, before that. */
void preemptPark(G *gp) {
  casGToPreemptScan(gp);
  gp->waitreason = waitReasonPreempted;
  dropg();
  casfrom_Gscanstatus(gp, Gpreempted);
  schedule();
}

void gopreempt_m(G *gp) {
  if (unlikely(atomic_load_explicit(&gp->preemptStop, memory_order_acquire))) /* pairs with ask_to_stop, suspend.c */
    preemptPark(gp);
  goschedImpl(gp);
}

bool canPreemptM(M *mp) {
  P *pp = getp(mp);
  return mp->locks == 0 && mp->mallocing == 0 && !mp->preemptoff && pp &&
         atomic_load_explicit(&pp->status, memory_order_relaxed) == Prunning;
}
