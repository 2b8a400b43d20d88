/* lockedm.c: goroutines tied to their threads, and the thread that makes threads for those.
 *
 * LockOSThread ties: m.lockedg and g.lockedm name each other until both counts of the M, the user's and the runtime's,
 * are 0 again. The counts belong to the M, and only its locked goroutine changes them. From then on
 *   - the M runs no other goroutine. When its own stops running (schedule), it gives its P away and sleeps, counted as
 *     idle locked (stoplockedm);
 *   - nobody else runs the goroutine. Whoever takes it from a queue hands his P to its M, wakes it, and sleeps in its
 *     place (startlockedm). So a message to a locked goroutine costs two switches of threads.
 *   - a goroutine that ends tied takes the thread with it (rt_goexit): nobody knows what it did to the thread.
 *
 * The waker of a tied M is unique: it holds the goroutine, which is in one queue at a time. nextp carries the P, the
 * note's release and acquire the rest.
 *
 * The template thread. A new thread inherits from its maker: priority, affinity, namespaces. A tied thread may have
 * changed its own, so Ms needed by one are made by a thread that is known to be clean: it is started before the first
 * goroutine is tied, holds no P and counts as a system thread. newmHandoff is the list of Ms to be started.
 *
 * Rejected: giving the woken goroutine's P to its M by a queue of its own per M (a second place to look for work in
 * every findRunnable); making the template thread at start-up (most programs never tie a goroutine).
 */
#include "lockedm.h"

#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"

/* ---- the tie */

static void dolockOSThread(M *mp) {
  mp->lockedg = mp->curg;
  mp->curg->lockedm = mp;
}

static void dounlockOSThread(M *mp) {
  if (mp->lockedInt != 0 || mp->lockedExt != 0)
    return;
  mp->lockedg = NULL;
  mp->curg->lockedm = NULL;
}

void rt_runtime_LockOSThread(void) {
  M *mp = toy_m;
  if (mp->lockedExt == UINT32_MAX)
    panic_plain("LockOSThread nesting overflow");
  startTemplateThread();
  mp->lockedExt++;
  dolockOSThread(mp);
}

void rt_runtime_UnlockOSThread(void) {
  M *mp = toy_m;
  if (mp->lockedExt == 0)
    return;
  mp->lockedExt--;
  dounlockOSThread(mp);
}

void lockOSThread(void) {
  toy_m->lockedInt++;
  dolockOSThread(toy_m);
}

void unlockOSThread(void) {
  M *mp = toy_m;
  if (mp->lockedInt == 0)
    throw("runtime: misuse of lockOSThread and unlockOSThread");
  mp->lockedInt--;
  dounlockOSThread(mp);
}

/* Goexit in an init function ends the main goroutine before it reaches rt_initdone. */
bool release_tie(M *mp, G *gp) {
  if (gp->goid == 1 && mp->lockedInt == 1)
    mp->lockedInt = 0;
  if (mp->lockedInt != 0)
    throwf("exited a goroutine internally locked to the OS thread: lockedInt %u", mp->lockedInt);
  bool tied = mp->lockedExt != 0;
  mp->lockedExt = 0;
  mp->lockedg = NULL;
  gp->lockedm = NULL;
  return tied;
}

/* Packages are initialised on the process's first thread, for those that must call something there; one that wants it
 * for good ties main to it in an init function. */
void rt_initbegin(void) {
  if (toy_m != &m0)
    throwf("runtime: the main goroutine starts on m%ld", (long)toy_m->id);
  lockOSThread();
  atomic_store_explicit(&mainAlone, 0, memory_order_relaxed);
}

void rt_initdone(void) { unlockOSThread(); }

/* ---- sleep and wake */

static void check_tie(const M *mp) {
  if (!mp->lockedg || mp->lockedg->lockedm != mp)
    throw("stoplockedm: inconsistent locking");
}

/* The tied goroutine waits, or is queued. Back with a P and the goroutine to be run. */
void stoplockedm(int64_t ns, void (*late)(void *), void *arg) {
  M *mp = toy_m;
  check_tie(mp);
  if (getp(mp))
    handoffp(releasep());
  lock(&sched.lock);
  incidlelocked(1);
  unlock(&sched.lock);
  mPark(ns, late, arg);
  uint32_t s = readgstatus(mp->lockedg) & ~(uint32_t)Gscan;
  if (s != Grunnable)
    throwf("stoplockedm: woken for goroutine %lu, which is %s", (unsigned long)mp->lockedg->goid, gstatus_name(s));
  acquirep(mp->nextp);
  mp->nextp = NULL;
}

/* gp is runnable, off its queue and tied to another M, which gets our P. */
void startlockedm(G *gp) {
  M *mp = gp->lockedm;
  if (mp == toy_m)
    throw("startlockedm: locked to me");
  if (mp->nextp)
    throw("startlockedm: m has p");
  lock(&sched.lock);
  incidlelocked(-1); /* before it is woken: until it runs, somebody must count */
  unlock(&sched.lock);
  mp->nextp = releasep();
  notewakeup(&mp->park);
  stopm();
}

/* ---- the template thread */

static struct {
  _Atomic uint32_t started;
  struct mutex lock;
  M *newm;     /* by schedlink; under lock */
  bool waiting;
  struct note wake;
} newmHandoff;

/* From a tied thread. */
void newm_by_template(M *mp) {
  if (!atomic_load_explicit(&newmHandoff.started, memory_order_relaxed))
    throw("on a locked thread with no template thread");
  lock(&newmHandoff.lock);
  mp->schedlink = newmHandoff.newm;
  newmHandoff.newm = mp;
  if (newmHandoff.waiting) {
    newmHandoff.waiting = false;
    notewakeup(&newmHandoff.wake);
  }
  unlock(&newmHandoff.lock);
}

static M *take_list(void) {
  lock(&newmHandoff.lock);
  M *list = newmHandoff.newm;
  newmHandoff.newm = NULL;
  if (!list) {
    newmHandoff.waiting = true;
    noteclear(&newmHandoff.wake);
  }
  unlock(&newmHandoff.lock);
  return list;
}

static void start_list(M *list) {
  for (M *next; list; list = next) {
    next = list->schedlink;
    list->schedlink = NULL;
    start_thread(list);
  }
}

static void templateThread(void) {
  lock(&sched.lock);
  sched.nmsys++;
  checkdead();
  unlock(&sched.lock);
  for (;;) {
    M *list = take_list();
    if (list)
      start_list(list);
    else
      notesleep(&newmHandoff.wake);
  }
}

/* Once; from a thread that is not tied yet. Who comes second need not wait: what he puts on the list stays there
 * until the thread comes. */
void startTemplateThread(void) {
  uint32_t no = 0;
  if (atomic_compare_exchange_strong_explicit(&newmHandoff.started, &no, 1, memory_order_relaxed, memory_order_relaxed))
    newm(templateThread, NULL);
}
