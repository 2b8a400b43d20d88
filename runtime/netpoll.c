/* netpoll.c: waiting for descriptors and for time, by at most one thread.
 *
 * The hand-shake with timers. An M about to sleep, without a P, has looked at all timers; it takes the right to sleep in the
 * poller by exchanging sched.lastpoll for 0, writes the time it will sleep until to sched.pollUntil and waits in the kernel.
 * Who sets a timer that is the earliest of its P reads lastpoll afterwards. If it reads 0 somebody sleeps or is about to: a
 * later pollUntil, or none, is interrupted, and the interruption keeps until the wait. If not, the would-be sleeper has not
 * exchanged yet; wakep starts an M that looks at all timers after us and so will sleep until ours (or interrupts the
 * sleeper). If no P is idle no wake-up is needed: busy Ps look at timers themselves, and sysmon sees to it that they do.
 * All of these accesses are seq_cst.
 */
#include "netpoll.h"

#include "netpoll_epoll.h"
#include "sysmon.h"

static struct mutex initlock;
static _Atomic bool inited;
static _Atomic int32_t waiters;

bool netpollinited(void) { return atomic_load_explicit(&inited, memory_order_acquire); }

void netpoll_init(void) {
  if (likely(netpollinited()))
    return;
  lock(&initlock);
  if (!atomic_load_explicit(&inited, memory_order_relaxed)) {
    netpoll_os_init();
    atomic_store_explicit(&sched.lastpoll, nanotime(), memory_order_seq_cst);
    atomic_store_explicit(&inited, true, memory_order_release);
  }
  unlock(&initlock);
}

bool netpollAnyWaiters(void) { return atomic_load_explicit(&waiters, memory_order_seq_cst) > 0; }
void netpollAdjustWaiters(int32_t delta) {
  if (delta)
    atomic_fetch_add_explicit(&waiters, delta, memory_order_seq_cst);
}

void wakeNetPoller(int64_t when) {
  if (atomic_load_explicit(&sched.lastpoll, memory_order_seq_cst) != 0) {
    wakep();
    return;
  }
  int64_t until = atomic_load_explicit(&sched.pollUntil, memory_order_seq_cst);
  if (until == 0 || until > when)
    netpollBreak();
}

/* ---- what the poller found */

int32_t netpoll_event(struct gqueue *list, uint64_t data, uint32_t mode) {
  throwf("netpoll: event %lx, mode %x", (unsigned long)data, mode);
}

/* The first of the list, ready to be executed by the caller. */
G *gqueue_runnable(struct gqueue *list) {
  G *gp = gqueue_pop(list);
  if (gp)
    casgstatus(gp, Gwaiting, Grunnable);
  return gp;
}

static void start_idle(int32_t n) {
  for (; n > 0; n--) {
    lock(&sched.lock);
    P *pp = pidlegetSpinning();
    unlock(&sched.lock);
    if (!pp)
      return;
    startm(pp, false);
  }
}

static void to_global(struct gqueue *q, int32_t n) {
  if (n == 0)
    return;
  lock(&sched.lock);
  globrunqputbatch(q, n);
  unlock(&sched.lock);
  start_idle(n);
}

/* Up to n from the head of q. */
static struct gqueue split(struct gqueue *q, int32_t n, int32_t *got) {
  struct gqueue part = {NULL, NULL};
  G *gp;
  for (*got = 0; *got < n && (gp = gqueue_pop(q)); ++*got)
    gqueue_pushback(&part, gp);
  return part;
}

/* One for each idle P goes to the global queue, where the Ms started for them look; the rest stays here, if there is a P
 * here. */
void injectglist(struct gqueue *list) {
  P *pp = getp(toy_m);
  int32_t n = 0, shared;
  for (G *gp = list->head; gp; gp = gnext(gp), n++)
    casgstatus(gp, Gwaiting, Grunnable);
  if (n == 0)
    return;
  int32_t idle = atomic_load_explicit(&sched.npidle, memory_order_seq_cst);
  struct gqueue global = split(list, pp ? idle : n, &shared);
  to_global(&global, shared);
  if (pp && !gqueue_empty(list))
    runqputbatch(pp, list, n - shared);
  if (pp)
    wakep(); /* a P that has become idle since */
}
