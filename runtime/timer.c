/* timer.c: the timers of each P: a heap of four children a node, run by whoever looks for work.
 *
 * No thread waits for timers. An M runs the due ones of its P each time it looks for a goroutine; a thief in its last round
 * runs those of others; an M that finds nothing sleeps in the network poller until the earliest of all (netpoll.c); and
 * sysmon asks a goroutine that keeps a P with a late timer busy to step aside.
 *
 * A timer is added to the heap of the P that sets it. From then on only a holder of that heap's lock moves it there; who
 * stops or sets it anew on another P marks it (zombie, modified) under the timer's own lock and leaves the rest to the heap's
 * next visitor. So Stop and Reset never wait for a heap. minWhenModified tells the visitor that a mark makes something due
 * earlier than the heap says; what is marked to a later time is noticed when it reaches the top.
 *
 * Locks: a channel's lock, then a heap's, then a timer's; the functions of timers run with none of them held.
 *
 * The earliest time, read without a lock, is never later than the truth: adjust() first lowers minWhenHeap to cover both
 * words, then clears minWhenModified if it is still what was covered, then visits the timers, then raises minWhenHeap;
 * timers_wakeTime reads in the opposite order. A mark made meanwhile is either seen by the visit (astate is written before minWhenModified) or leaves its time
 * in minWhenModified. All of these accesses are seq_cst (tests/models/timeradjust.pml).
 *
 * len is written when the heap's lock is released, so a P that is about to go idle never sees 0 for a heap out of which a
 * thief has taken a timer only to put it back (tests/models/timermask.pml).
 *
 * Rejected: one heap for all (its lock was the bottleneck of Go before 1.14); a timer wheel (cheaper to insert, but finding
 * the next time, which is what an idle M needs, is a search); removing a stopped timer at once (takes another P's lock).
 */
#include "netpoll.h"
#include "pmask.h"
#include "runtime.h"
#include "timerchan.h"

enum { ARITY = 4, FIRST_HEAP = 32 };

static inline int64_t loadw(_Atomic int64_t *p) { return atomic_load_explicit(p, memory_order_seq_cst); }
static inline void storew(_Atomic int64_t *p, int64_t v) { atomic_store_explicit(p, v, memory_order_seq_cst); }

static _Noreturn void badtimer(const char *what, const struct timer *t) {
  throwf("timer data corruption: %s: timer %p, state %d, when %ld, heap %p", what, (const void *)t, t->state,
         (long)t->when, (void *)t->ts);
}

/* ---- locks */

static void timers_unlock(struct timers *ts) {
  atomic_store_explicit(&ts->len, ts->n, memory_order_seq_cst);
  unlock(&ts->mu);
}

static void timer_unlock(struct timer *t) {
  atomic_store_explicit(&t->astate, t->state, memory_order_seq_cst);
  unlock(&t->mu);
}

static inline bool marked(struct timer *t) {
  return (atomic_load_explicit(&t->astate, memory_order_seq_cst) & (TIMER_MODIFIED | TIMER_ZOMBIE)) != 0;
}

static void count_zombie(struct timers *ts, int32_t n) {
  atomic_fetch_add_explicit(&ts->zombies, n, memory_order_relaxed);
}

/* ---- the heap; under ts->mu */

static void siftUp(struct timerwhen *h, uint32_t i) {
  struct timerwhen tw = h[i];
  for (; i > 0 && tw.when < h[(i - 1) / ARITY].when; i = (i - 1) / ARITY)
    h[i] = h[(i - 1) / ARITY];
  h[i] = tw;
}

static inline uint32_t least_child(const struct timerwhen *h, uint32_t n, uint32_t first) {
  uint32_t end = first + ARITY < n ? first + ARITY : n, least = first;
  for (uint32_t c = first + 1; c < end; c++)
    if (h[c].when < h[least].when)
      least = c;
  return least;
}

static void siftDown(struct timerwhen *h, uint32_t n, uint32_t i) {
  struct timerwhen tw = h[i];
  for (uint32_t first; (first = i * ARITY + 1) < n;) {
    uint32_t c = least_child(h, n, first);
    if (h[c].when >= tw.when)
      break;
    h[i] = h[c];
    i = c;
  }
  h[i] = tw;
}

static void initHeap(struct timerwhen *h, uint32_t n) {
  if (n > 1)
    for (uint32_t i = (n - 2) / ARITY + 1; i-- > 0;)
      siftDown(h, n, i);
}

/* The first array is never freed, since it need not be: a P is for ever. Later ones are mappings of their own. */
static void grow(struct timers *ts) {
  uint32_t cap = ts->cap ? ts->cap * 2 : FIRST_HEAP;
  size_t bytes = cap * sizeof *ts->heap;
  struct timerwhen *h = bytes < TOY_PAGE ? persistentalloc(bytes, 16) : os_mmap(bytes);
  for (uint32_t i = 0; i < ts->n; i++)
    h[i] = ts->heap[i];
  if (ts->cap * sizeof *h >= TOY_PAGE)
    os_munmap(ts->heap, ts->cap * sizeof *h);
  ts->heap = h;
  ts->cap = cap;
}

static void updateMinWhenHeap(struct timers *ts) { storew(&ts->minWhenHeap, ts->n ? ts->heap[0].when : 0); }

static void addHeap(struct timers *ts, struct timer *t) {
  if (t->ts || t->when <= 0)
    badtimer("addHeap", t);
  if (ts->n == ts->cap)
    grow(ts);
  t->ts = ts;
  ts->heap[ts->n++] = (struct timerwhen){t, t->when};
  siftUp(ts->heap, ts->n - 1);
  if (ts->heap[0].t == t)
    updateMinWhenHeap(ts);
}

/* A timer that is to go has left its marks behind; also under t->mu. */
static void forget(struct timers *ts, struct timer *t) {
  if (t->state & TIMER_ZOMBIE)
    count_zombie(ts, -1);
  t->state = 0;
  t->ts = NULL;
}

static void deleteMin(struct timers *ts) {
  uint32_t last = --ts->n;
  if (last > 0) {
    ts->heap[0] = ts->heap[last];
    siftDown(ts->heap, last, 0);
  } else {
    storew(&ts->minWhenModified, 0); /* without timers none is modified */
  }
  updateMinWhenHeap(ts);
}

/* What t, on top of the heap, is marked for is done; false: nothing. Also under t->mu. */
static bool updateHeap(struct timers *ts, struct timer *t) {
  if (t->ts != ts || ts->heap[0].t != t)
    badtimer("updateHeap", t);
  if (t->state & TIMER_ZOMBIE) {
    forget(ts, t);
    deleteMin(ts);
    return true;
  }
  if (!(t->state & TIMER_MODIFIED))
    return false;
  t->state &= (uint8_t)~TIMER_MODIFIED;
  ts->heap[0].when = t->when;
  siftDown(ts->heap, ts->n, 0);
  updateMinWhenHeap(ts);
  return true;
}

/* Before adding: zombies at the end cost nothing to remove, and those on top would be in everybody's way. */
static bool dropLast(struct timers *ts) {
  struct timer *t = ts->heap[ts->n - 1].t;
  if (!(atomic_load_explicit(&t->astate, memory_order_seq_cst) & TIMER_ZOMBIE))
    return false;
  lock(&t->mu);
  bool zombie = (t->state & TIMER_ZOMBIE) != 0;
  if (zombie) {
    forget(ts, t);
    ts->n--;
    if (ts->n == 0)
      updateMinWhenHeap(ts);
  }
  timer_unlock(t);
  return zombie;
}

static void cleanHead(struct timers *ts) {
  while (ts->n) {
    if (dropLast(ts))
      continue;
    struct timer *t = ts->heap[0].t;
    if (!marked(t))
      return;
    lock(&t->mu);
    bool changed = updateHeap(ts, t);
    timer_unlock(t);
    if (!changed)
      return;
  }
}

int64_t timers_wakeTime(struct timers *ts) {
  int64_t modified = loadw(&ts->minWhenModified); /* first: see the essay */
  int64_t when = loadw(&ts->minWhenHeap);
  return when == 0 || (modified != 0 && modified < when) ? modified : when;
}

/* One timer of the heap; true: it is gone from place i. */
static bool adjustOne(struct timers *ts, uint32_t i) {
  struct timer *t = ts->heap[i].t;
  lock(&t->mu);
  if (t->ts != ts)
    badtimer("adjust", t);
  bool gone = (t->state & TIMER_ZOMBIE) != 0;
  if (gone) {
    forget(ts, t);
    ts->heap[i] = ts->heap[--ts->n];
  } else {
    ts->heap[i].when = t->when;
    t->state &= (uint8_t)~TIMER_MODIFIED;
  }
  timer_unlock(t);
  return gone;
}

/* Everything that is marked is put in its place or out. force: also if nothing that is marked is due. */
static void adjust(struct timers *ts, int64_t now, bool force) {
  int64_t first = loadw(&ts->minWhenModified);
  if (!force && (first == 0 || first > now))
    return;
  do
    storew(&ts->minWhenHeap, timers_wakeTime(ts));
  while (!atomic_compare_exchange_strong_explicit(&ts->minWhenModified, &first, 0, memory_order_seq_cst,
                                                  memory_order_seq_cst));
  bool changed = false;
  for (uint32_t i = 0; i < ts->n;) {
    bool here = marked(ts->heap[i].t);
    changed |= here;
    if (!here || !adjustOne(ts, i))
      i++;
  }
  if (changed)
    initHeap(ts->heap, ts->n);
  updateMinWhenHeap(ts);
}

/* ---- firing */

static int64_t next_tick(const struct timer *t, int64_t delay) {
  int64_t next;
  if (t->period == 0)
    return 0;
  return __builtin_add_overflow(t->when, t->period * (1 + delay / t->period), &next) ? TIMER_NEVER : next;
}

/* t is due and locked, and so is its heap if it is in one; neither is while its function runs, the heap is again
 * afterwards. */
static void unlockAndRun(struct timer *t, int64_t now) {
  struct timers *ts = t->ts;
  timerfn f = t->f;
  void *arg = t->arg;
  uint64_t seq = t->seq;
  int64_t delay = now - t->when;
  t->when = next_tick(t, delay);
  if (ts) {
    t->state |= TIMER_MODIFIED;
    if (t->when == 0) {
      t->state |= TIMER_ZOMBIE;
      count_zombie(ts, 1);
    }
    updateHeap(ts, t);
  }
  if (t->isChan && t->period == 0)
    atomic_fetch_add_explicit(&t->sending, 1, memory_order_relaxed); /* ordered by mu and the channel's lock */
  timer_unlock(t);
  if (ts)
    timers_unlock(ts);
  f(arg, seq, delay);
  if (ts)
    lock(&ts->mu);
}

/* Runs the first timer if it is due: 0; else when it will be; -1: there is none. ts is locked, but not all the time. */
static int64_t runtimer(struct timers *ts, int64_t now) {
  while (ts->n) {
    struct timer *t = ts->heap[0].t;
    if (ts->heap[0].when > now && !marked(t))
      return ts->heap[0].when;
    lock(&t->mu);
    if (updateHeap(ts, t)) {
      timer_unlock(t);
      continue;
    }
    int64_t when = t->when;
    if (when > now) {
      timer_unlock(t);
      return when;
    }
    unlockAndRun(t, now);
    return 0;
  }
  return -1;
}

/* Over a quarter of the own timers are dead weight. Others' are left alone: their locks are. */
static bool many_zombies(struct timers *ts) {
  return ts == &getp(toy_m)->timers &&
         atomic_load_explicit(&ts->zombies, memory_order_relaxed) >
             (int32_t)(atomic_load_explicit(&ts->len, memory_order_relaxed) / 4);
}

static bool runtimers(struct timers *ts, struct timelook *look, int64_t *next) {
  bool ran = false;
  lock(&ts->mu);
  adjust(ts, look->now, false);
  while ((*next = runtimer(ts, look->now)) == 0)
    ran = true;
  timers_unlock(ts); /* publishes len, which many_zombies compares with */
  if (many_zombies(ts)) {
    lock(&ts->mu);
    adjust(ts, look->now, true);
    timers_unlock(ts);
  }
  return ran;
}

static void earlier(int64_t *pollUntil, int64_t when) {
  if (when > 0 && (*pollUntil == 0 || when < *pollUntil))
    *pollUntil = when;
}

bool checkTimers(P *pp, struct timelook *look) {
  struct timers *ts = &pp->timers;
  int64_t next = timers_wakeTime(ts);
  bool ran = false;
  if (likely(next == 0))
    return false;
  if (look->now == 0)
    look->now = nanotime();
  if (look->now >= next || many_zombies(ts))
    ran = runtimers(ts, look, &next);
  earlier(&look->pollUntil, next);
  return ran;
}

/* ---- setting and stopping */

/* Channel timers are in a heap only while somebody waits on the channel; else who looks at the channel also looks at the
 * clock (timerchan.c). */
static bool needsAdd(const struct timer *t) {
  return !(t->state & TIMER_HEAPED) && t->when > 0 && (!t->isChan || t->blocked > 0);
}

/* To this P's heap, if it is still to be added. No locks of heaps or timers are held. */
static void maybeAdd(struct timer *t) {
  P *pp = getp(toy_m);
  struct timers *ts = &pp->timers;
  int64_t when = 0;
  netpoll_init(); /* what else would wait for it? */
  lock(&ts->mu);
  cleanHead(ts);
  lock(&t->mu);
  if (needsAdd(t)) {
    int64_t wakeTime = timers_wakeTime(ts);
    t->state |= TIMER_HEAPED;
    when = wakeTime == 0 || t->when < wakeTime ? t->when : 0;
    addHeap(ts, t);
  }
  timer_unlock(t);
  timers_unlock(ts);
  if (when)
    wakeNetPoller(when);
}

static bool lower_minWhenModified(struct timers *ts, int64_t when) {
  int64_t old = loadw(&ts->minWhenModified);
  while (old == 0 || when < old)
    if (atomic_compare_exchange_weak_explicit(&ts->minWhenModified, &old, when, memory_order_seq_cst,
                                              memory_order_seq_cst))
      return true;
  return false;
}

/* A timer in a heap gets another time; true: it may be the earliest now. */
static bool mark_modified(struct timer *t) {
  t->state |= TIMER_MODIFIED;
  if (t->state & TIMER_ZOMBIE) {
    t->state &= (uint8_t)~TIMER_ZOMBIE;
    count_zombie(t->ts, -1);
  }
  atomic_store_explicit(&t->astate, t->state, memory_order_seq_cst); /* before the look at minWhenModified: see the essay */
  return lower_minWhenModified(t->ts, t->when);
}

static void mark_zombie(struct timer *t) {
  if (!(t->state & TIMER_HEAPED) || t->state & TIMER_ZOMBIE)
    return;
  t->state |= TIMER_ZOMBIE;
  count_zombie(t->ts, 1);
}

/* A channel's timer has got a new setting: what an earlier one is about to send is void, as if it had not fired. */
static bool void_sends(struct timer *t) {
  if (!t->isChan)
    return false;
  t->seq++;
  return atomic_load_explicit(&t->sending, memory_order_relaxed) > 0;
}

bool timer_modify(struct timer *t, int64_t when, int64_t period, timerfn f, void *arg, uint64_t seq) {
  if (when <= 0 || period < 0)
    throwf("timer_modify: when %ld, period %ld", (long)when, (long)period);
  bool wake = false;
  lock(&t->mu);
  if (f) {
    t->f = f;
    t->arg = arg;
    t->seq = seq;
  }
  bool pending = t->when > 0;
  pending |= void_sends(t);
  t->when = when;
  t->period = period;
  if (t->state & TIMER_HEAPED)
    wake = mark_modified(t);
  bool add = needsAdd(t);
  timer_unlock(t);
  if (add)
    maybeAdd(t);
  if (wake)
    wakeNetPoller(when);
  return pending;
}

bool timer_stop(struct timer *t) {
  lock(&t->mu);
  mark_zombie(t);
  bool pending = t->when > 0;
  pending |= void_sends(t);
  t->when = 0;
  timer_unlock(t);
  return pending;
}

/* ---- channels (timerchan.c) */

void maybeRunChan(struct timer *t) {
  if (atomic_load_explicit(&t->astate, memory_order_seq_cst) & TIMER_HEAPED)
    return; /* whose P sees to it */
  lock(&t->mu);
  int64_t now = t->when ? nanotime() : 0;
  if (t->state & TIMER_HEAPED || t->when == 0 || t->when > now)
    timer_unlock(t);
  else
    unlockAndRun(t, now);
}

void blockTimerChan(struct timer *t) {
  lock(&t->mu);
  t->blocked++;
  if (t->state & TIMER_ZOMBIE && t->when > 0) { /* the last waiter left, but no heap's visitor has come by since */
    t->state &= (uint8_t)~TIMER_ZOMBIE;
    count_zombie(t->ts, -1);
  }
  bool add = needsAdd(t);
  timer_unlock(t);
  if (add)
    maybeAdd(t);
}

void unblockTimerChan(struct timer *t) {
  lock(&t->mu);
  if (t->blocked-- == 0)
    badtimer("nobody waits on its channel", t);
  if (t->blocked == 0)
    mark_zombie(t);
  timer_unlock(t);
}

/* ---- over all Ps */

void timers_take(struct timers *ts, struct timers *src) {
  for (uint32_t i = 0; i < src->n; i++) {
    struct timer *t = src->heap[i].t;
    bool zombie = (t->state & TIMER_ZOMBIE) != 0;
    forget(src, t);
    if (!zombie) {
      t->state = TIMER_HEAPED;
      addHeap(ts, t);
    }
    atomic_store_explicit(&t->astate, t->state, memory_order_seq_cst);
  }
  src->n = 0;
  storew(&src->minWhenModified, 0);
  storew(&src->minWhenHeap, 0);
  atomic_store_explicit(&src->len, 0, memory_order_seq_cst);
  atomic_store_explicit(&ts->len, ts->n, memory_order_seq_cst);
}

int64_t checkTimersNoP(int64_t pollUntil) {
  int32_t n = atomic_load_explicit(&gomaxprocs, memory_order_acquire);
  for (int32_t i = 0; i < n; i++)
    if (pMask_read(&timerpMask, (uint32_t)i))
      earlier(&pollUntil, timers_wakeTime(&allp[i]->timers));
  return pollUntil;
}

int64_t timeSleepUntil(void) {
  int64_t next = checkTimersNoP(0);
  return next ? next : TIMER_NEVER;
}
