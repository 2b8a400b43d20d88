/* netpoll.c: waiting for descriptors and for time, by at most one thread.
 *
 * The hand-shake with timers. An M about to sleep, without a P, has looked at all timers; it takes the right to sleep in the
 * poller by exchanging sched.lastpoll for 0, writes the time it will sleep until to sched.pollUntil and waits in the kernel.
 * Who sets a timer that is the earliest of its P reads lastpoll afterwards. If it reads 0 somebody sleeps or is about to: a
 * later pollUntil, or none, is interrupted, and the interruption keeps until the wait. If not, the would-be sleeper has not
 * exchanged yet; wakep starts an M that looks at all timers after us and so will sleep until ours (or interrupts the
 * sleeper). If no P is idle no wake-up is needed: busy Ps look at timers themselves, and sysmon sees to it that they do.
 * All of these accesses are seq_cst. The sleeper keeps this up when it leaves the poller: without a P somebody has that and
 * looks before giving it up, with a P it either spins, so that another M follows it when it finds work, or hands the timers over
 * before it runs what the poller brought. tests/models/pollwake.pml searches all of it.
 *
 * Rejected: as in Go, to look at the timers of all Ps only after having spun, and to spin after the poller only if one did
 * before: a timer of a P that became idle under a loop without calls could wait for that loop's end.
 *
 * Descriptors. Each open one has a pollDesc with a word for readers and a word for writers:
 *
 *            poll_reset                     netpollblock                netpollblockcommit
 *   ready ────────────────► nil ◄──────────────────────────────► wait ─────────────────────► G, parked
 *     ▲  event               │                                    │                            │
 *     └──────────────────────┴────────────────────────────────────┘ event                      │
 *                            ▲        event: → ready, the G goes on;  deadline, close: → nil   │
 *                            └─────────────────────────────────────────────────────────────────┘
 *
 * An event leaves `ready` behind even when nobody waits, since the kernel reports an edge once. Deadlines and closing are
 * first written to `info`, then the words are looked at; who is about to wait first writes `wait`, then looks at info. So
 * one sees the other. All accesses to the words and to info are seq_cst.
 *
 * pollDescs are recycled and never freed: an event, or a deadline's timer, may come late. The first is told by fdseq, which
 * the kernel hands back, the second by the deadline's own number.
 */
#include "netpoll.h"

#include <errno.h>
#include <string.h>

#include "netpoll_epoll.h"
#include "quantum.h"
#include "sysmon.h"

static struct mutex initlock;
static _Atomic bool inited;
static _Atomic int32_t waiters;

bool netpollinited(void) { return atomic_load_explicit(&inited, memory_order_acquire); }

static int try_init(void) {
  int err = 0;
  if (likely(netpollinited()))
    return 0;
  lock(&initlock);
  if (!atomic_load_explicit(&inited, memory_order_relaxed) && (err = netpoll_os_init()) == 0) {
    atomic_store_explicit(&sched.lastpoll, nanotime(), memory_order_seq_cst);
    atomic_store_explicit(&inited, true, memory_order_release);
    atomic_store_explicit(&mainAlone, 0, memory_order_relaxed); /* the first thread may sleep here (start_first) */
  }
  unlock(&initlock);
  return err;
}

void netpoll_init(void) {
  int err = try_init();
  if (err)
    fatalf("no descriptors to wait for time with: %s (errno=%d)", strerror(err), err);
}

bool netpollAnyWaiters(void) { return atomic_load_explicit(&waiters, memory_order_seq_cst) > 0; }
void netpollAdjustWaiters(int32_t delta) {
  if (delta)
    atomic_fetch_add_explicit(&waiters, delta, memory_order_seq_cst);
}

void wakeNetPoller(int64_t when) {
  if (atomic_load_explicit(&sched.npidle, memory_order_seq_cst) == 0)
    quantum_timer(when);
  if (atomic_load_explicit(&sched.lastpoll, memory_order_seq_cst) != 0) {
    wakep();
    return;
  }
  int64_t until = atomic_load_explicit(&sched.pollUntil, memory_order_seq_cst);
  if (until == 0 || until > when)
    netpollBreak();
}

/* ---- descriptors */

enum { PD_NIL = 0, PD_READY = 1, PD_WAIT = 2 }; /* of pollDesc.g; anything else is the parked G */
enum { INFO_CLOSING = 1, INFO_FAILED = 2, INFO_EXPIRED = 4 /* reading, << 1 writing */ };
enum { SEQ_SHIFT = 48, SEQ_MASK = 0xffff };

struct deadline {
  struct timer t;
  uint64_t seq;            /* of the setting: a timer that fires with another one is late */
};

struct pollDesc {
  struct pollDesc *link;            /* free list */
  int32_t fd;                       /* constant while in use */
  _Atomic uint32_t fdseq;           /* counts the uses; 16 bits */
  _Atomic uint32_t info;            /* INFO_*; CLOSING and EXPIRED are written under lock */
  _Atomic(uintptr_t) g[2];          /* PD_*: POLLFD_READER, POLLFD_WRITER */
  struct mutex lock;
  struct deadline deadline[2];      /* under lock */
};

static struct { struct mutex lock; struct pollDesc *first; } pollcache;

static struct pollDesc *pollcache_alloc(void) {
  lock(&pollcache.lock);
  struct pollDesc *pd = pollcache.first;
  if (pd)
    pollcache.first = pd->link;
  unlock(&pollcache.lock);
  return pd ? pd : persistentalloc(sizeof *pd, TOY_CACHELINE);
}

/* From now on its events are nobody's. */
static void pollcache_free(struct pollDesc *pd) {
  uint32_t seq = atomic_load_explicit(&pd->fdseq, memory_order_relaxed);
  atomic_store_explicit(&pd->fdseq, (seq + 1) & SEQ_MASK, memory_order_seq_cst);
  lock(&pollcache.lock);
  pd->link = pollcache.first;
  pollcache.first = pd;
  unlock(&pollcache.lock);
}

static void nobody_waits(struct pollDesc *pd, const char *when) {
  for (int m = 0; m < 2; m++)
    if (atomic_load_explicit(&pd->g[m], memory_order_seq_cst) > PD_READY)
      throwf("netpoll: a goroutine waits on %s descriptor %d", when, pd->fd);
}

struct pollDesc *pollOpen(int32_t fd, int *err) {
  if ((*err = try_init()))
    return NULL;
  *err = EBADF;
  if (netpoll_os_own(fd))
    return NULL;
  struct pollDesc *pd = pollcache_alloc();
  nobody_waits(pd, "a free");
  pd->fd = fd;
  atomic_store_explicit(&pd->info, 0, memory_order_seq_cst);
  for (int m = 0; m < 2; m++)
    atomic_store_explicit(&pd->g[m], PD_NIL, memory_order_seq_cst);
  uint64_t seq = atomic_load_explicit(&pd->fdseq, memory_order_relaxed);
  *err = netpoll_os_open(fd, seq << SEQ_SHIFT | (uintptr_t)pd);
  if (*err) {
    pollcache_free(pd);
    return NULL;
  }
  return pd;
}

void pollClose(struct pollDesc *pd) {
  if (!(atomic_load_explicit(&pd->info, memory_order_seq_cst) & INFO_CLOSING))
    throwf("netpoll: descriptor %d is closed but not evicted", pd->fd);
  nobody_waits(pd, "a closing");
  int err = netpoll_os_close(pd->fd);
  if (err)
    throwf("netpoll: cannot remove descriptor %d: errno=%d", pd->fd, err);
  pollcache_free(pd);
}

/* Why mode m may not wait. */
static enum pollerr check_err(struct pollDesc *pd, int m) {
  uint32_t info = atomic_load_explicit(&pd->info, memory_order_seq_cst);
  if (info & INFO_CLOSING)
    return POLLERR_CLOSING;
  if (info & (uint32_t)INFO_EXPIRED << m)
    return POLLERR_TIMEOUT;
  return m == POLLFD_READER && info & INFO_FAILED ? POLLERR_NOTPOLLABLE : POLLERR_NONE;
}

enum pollerr pollReset(struct pollDesc *pd, int m) {
  enum pollerr err = check_err(pd, m);
  if (err == POLLERR_NONE)
    atomic_store_explicit(&pd->g[m], PD_NIL, memory_order_seq_cst);
  return err;
}

/* The goroutine that waits, if there is one; to: PD_READY after an event, PD_NIL when its wait has become pointless. */
static G *netpollunblock(struct pollDesc *pd, int m, uintptr_t to, int32_t *delta) {
  uintptr_t old = atomic_load_explicit(&pd->g[m], memory_order_seq_cst);
  do
    if (old == PD_READY || (old == PD_NIL && to == PD_NIL))
      return NULL;
  while (!atomic_compare_exchange_weak_explicit(&pd->g[m], &old, to, memory_order_seq_cst, memory_order_seq_cst));
  if (old == PD_NIL || old == PD_WAIT)
    return NULL;
  --*delta;
  return (G *)old;
}

static bool netpollblockcommit(G *gp, void *word) {
  uintptr_t wait = PD_WAIT;
  bool parked = atomic_compare_exchange_strong_explicit((_Atomic(uintptr_t) *)word, &wait, (uintptr_t)gp,
                                                        memory_order_seq_cst, memory_order_seq_cst);
  if (parked)
    netpollAdjustWaiters(1); /* after the CAS: who readies it counts down only then, and a short -1 is harmless */
  return parked;
}

/* True: ready, taken. Else the word says that somebody is about to wait. */
static bool netpollblock(struct pollDesc *pd, int m) {
  for (;;) {
    uintptr_t old = PD_READY;
    if (atomic_compare_exchange_strong_explicit(&pd->g[m], &old, PD_NIL, memory_order_seq_cst, memory_order_seq_cst))
      return true;
    if (old != PD_NIL)
      throwf("netpoll: two goroutines wait on descriptor %d", pd->fd);
    if (atomic_compare_exchange_strong_explicit(&pd->g[m], &old, PD_WAIT, memory_order_seq_cst, memory_order_seq_cst))
      return false;
  }
}

/* The wait is over, or never began. Nothing left behind and no reason: a deadline woke us and was then set anew. */
static enum pollerr end_wait(struct pollDesc *pd, int m) {
  uintptr_t old = atomic_exchange_explicit(&pd->g[m], PD_NIL, memory_order_seq_cst);
  if (old > PD_WAIT)
    throwf("netpoll: corrupted state of descriptor %d", pd->fd);
  if (old == PD_READY)
    return POLLERR_NONE;
  enum pollerr err = check_err(pd, m);
  return err == POLLERR_NONE ? POLLERR_AGAIN : err;
}

static uintptr_t wait_woken(G *gp) { return end_wait((struct pollDesc *)gp->wakearg[0], (int)gp->wakearg[1]); }

enum pollerr pollWait(struct pollDesc *pd, int m) {
  G *gp = toy_m->curg;
  enum pollerr err = check_err(pd, m);
  if (err != POLLERR_NONE || netpollblock(pd, m))
    return err;
  if (check_err(pd, m) != POLLERR_NONE) /* since `wait` stands in the word: see the essay */
    return end_wait(pd, m);
  gp->wakearg[0] = (uintptr_t)pd;
  gp->wakearg[1] = (uint64_t)m;
  gp->wakefn = wait_woken;
  gopark(netpollblockcommit, (void *)&pd->g[m], waitReasonIOWait);
}

static void ready_all(G *const *gs, int32_t delta) {
  for (int m = 0; m < 2; m++)
    if (gs[m])
      goready(gs[m]);
  netpollAdjustWaiters(delta);
}

/* ---- deadlines */

static void set_expired(struct pollDesc *pd, int m, bool expired) {
  uint32_t bit = (uint32_t)INFO_EXPIRED << m;
  if (expired)
    atomic_fetch_or_explicit(&pd->info, bit, memory_order_seq_cst);
  else
    atomic_fetch_and_explicit(&pd->info, ~bit, memory_order_seq_cst);
}

static void deadline_passed(struct pollDesc *pd, int m, uint64_t seq) {
  G *gs[2] = {NULL, NULL};
  int32_t delta = 0;
  lock(&pd->lock);
  if (pd->deadline[m].seq == seq) {
    set_expired(pd, m, true);
    gs[m] = netpollunblock(pd, m, PD_NIL, &delta);
  }
  unlock(&pd->lock);
  ready_all(gs, delta);
}

static void read_deadline(void *pd, uint64_t seq, int64_t delay) { deadline_passed(pd, POLLFD_READER, seq); }
static void write_deadline(void *pd, uint64_t seq, int64_t delay) { deadline_passed(pd, POLLFD_WRITER, seq); }

static void set_deadline(struct pollDesc *pd, int m, int64_t when) {
  static const timerfn f[2] = {read_deadline, write_deadline};
  struct deadline *d = &pd->deadline[m];
  d->seq++;
  set_expired(pd, m, when < 0);
  if (when > 0)
    timer_modify(&d->t, when, 0, f[m], pd, d->seq);
  else
    timer_stop(&d->t);
}

void pollSetDeadline(struct pollDesc *pd, int64_t when, bool reading, bool writing) {
  bool set[2] = {reading, writing};
  G *gs[2] = {NULL, NULL};
  int32_t delta = 0;
  lock(&pd->lock);
  bool closing = atomic_load_explicit(&pd->info, memory_order_relaxed) & INFO_CLOSING;
  for (int m = 0; m < 2 && !closing; m++)
    if (set[m]) {
      set_deadline(pd, m, when);
      gs[m] = when < 0 ? netpollunblock(pd, m, PD_NIL, &delta) : NULL;
    }
  unlock(&pd->lock);
  ready_all(gs, delta);
}

/* Nobody may wait any more, and who does goes on. */
void pollEvict(struct pollDesc *pd) {
  G *gs[2];
  int32_t delta = 0;
  lock(&pd->lock);
  if (atomic_fetch_or_explicit(&pd->info, INFO_CLOSING, memory_order_seq_cst) & INFO_CLOSING)
    throwf("netpoll: descriptor %d is closed twice", pd->fd);
  for (int m = 0; m < 2; m++) {
    gs[m] = netpollunblock(pd, m, PD_NIL, &delta);
    pd->deadline[m].seq++;
    timer_stop(&pd->deadline[m].t);
  }
  unlock(&pd->lock);
  ready_all(gs, delta);
}

/* ---- what the poller found */

static uint32_t seq_of(uint64_t data) { return (uint32_t)(data >> SEQ_SHIFT); }

int32_t netpoll_event(struct gqueue *list, uint64_t data, uint32_t mode) {
  struct pollDesc *pd = (struct pollDesc *)(uintptr_t)(data & ((UINT64_C(1) << SEQ_SHIFT) - 1));
  int32_t delta = 0;
  if (atomic_load_explicit(&pd->fdseq, memory_order_seq_cst) != seq_of(data))
    return 0; /* for an earlier descriptor */
  if (mode & POLL_FAILED)
    atomic_fetch_or_explicit(&pd->info, INFO_FAILED, memory_order_seq_cst);
  else
    atomic_fetch_and_explicit(&pd->info, ~(uint32_t)INFO_FAILED, memory_order_seq_cst);
  for (int m = 0; m < 2; m++) {
    G *gp = mode & (1u << m) ? netpollunblock(pd, m, PD_READY, &delta) : NULL;
    if (gp)
      gqueue_pushback(list, gp);
  }
  return delta;
}

/* The first of the list, ready to be executed by the caller. */
G *gqueue_runnable(struct gqueue *list) {
  G *gp = gqueue_pop(list);
  if (gp)
    casgstatus(gp, Gwaiting, Grunnable);
  return gp;
}

/* Goroutine 1 has been let go by a suspender: only the first thread may take it. With its P it looks at the global queue
 * before it gives that up, under the lock; without, it is about to sleep, and is waited for. */
static void start_first(void) {
  for (;; osyield()) {
    lock(&sched.lock);
    bool runs = getp(&m0) != NULL, sleeps = sched.midle == &m0;
    unlock(&sched.lock);
    if (sleeps)
      startm(NULL, false);
    if (runs || sleeps)
      return;
  }
}

static void start_idle(int32_t n) {
  if (unlikely(atomic_load_explicit(&mainAlone, memory_order_relaxed))) {
    start_first();
    return;
  }
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
