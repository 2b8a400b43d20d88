/* runq.c: the queues of runnable goroutines: a ring of 256 per P that others may steal from, its one-element fast lane
 * runnext, and the global queue under sched.lock.
 *
 * The ring. The owner alone writes tail and the slots; anyone takes from the head by a CAS. head and tail only grow,
 * modulo 2^32; the slot of index i is runq[i % 256]; the ring holds tail - head items.
 *  - A slot is written before tail is stored (release); a consumer loads tail (acquire) before it reads the slot.
 *  - A consumer reads slots before its CAS on head (release); the producer loads head (acquire) before it writes a
 *    slot: so it never overwrites one that is still being read. A consumer whose CAS fails forgets what it read.
 * runnext. A goroutine made ready by the running one runs next and inherits the rest of the slice, so that a pair that
 * hands a message to and fro costs no queueing and cannot starve the others. Anyone may CAS it to null; only the owner
 * sets it. All accesses are seq_cst where they take part in the idle hand-shake (proc.c).
 *
 * Rejected: a deque popped at the producer's end (Chase-Lev): last in first out starves goroutines; a linked queue
 * under a lock per P: the uncontended lock costs as much as the whole runqput.
 */
#include "gqueue.h"
#include "seed.h"

static inline uint32_t load(_Atomic uint32_t *p, memory_order order) { return atomic_load_explicit(p, order); }

static inline void slot_store(P *pp, uint32_t i, G *gp) {
  atomic_store_explicit(&pp->runq[i % RUNQ_LEN], gp, memory_order_relaxed); /* published by the store of tail */
}

static inline G *slot_load(P *pp, uint32_t i) {
  return atomic_load_explicit(&pp->runq[i % RUNQ_LEN], memory_order_relaxed);
}

/* Takes n items from head h; order as in the essay. */
static inline bool advance_head(P *pp, uint32_t h, uint32_t n) {
  return atomic_compare_exchange_strong_explicit(&pp->runqhead, &h, h + n, memory_order_release, memory_order_relaxed);
}

/* Empty may be said only of a P that was empty at one instant: between the reads of the ring and of runnext the owner
 * may kick a G from runnext into the ring. An unchanged tail proves that it did not. seq_cst: idle hand-shake. */
bool runqempty(P *pp) {
  if (seeded())
    return seed_empty();
  for (;;) {
    uint32_t h = load(&pp->runqhead, memory_order_seq_cst);
    uint32_t t = load(&pp->runqtail, memory_order_seq_cst);
    G *next = atomic_load_explicit(&pp->runnext, memory_order_seq_cst);
    if (t == load(&pp->runqtail, memory_order_seq_cst))
      return h == t && !next;
  }
}

/* ---- put */

/* The ring is full: half of it and gp go to the global queue, under one lock for all 129. */
static bool runqputslow(P *pp, G *gp, uint32_t h, uint32_t t) {
  struct gqueue batch = {NULL, NULL};
  G *taken[RUNQ_LEN / 2];
  uint32_t n = (t - h) / 2;
  if (n != RUNQ_LEN / 2)
    throwf("runqputslow: queue is not full: head %u tail %u", h, t);
  for (uint32_t i = 0; i < n; i++)
    taken[i] = slot_load(pp, h + i);
  if (!advance_head(pp, h, n))
    return false;
  for (uint32_t i = 0; i < n; i++)
    gqueue_pushback(&batch, taken[i]);
  gqueue_pushback(&batch, gp);
  lock(&sched.lock);
  globrunqputbatch(&batch, (int32_t)n + 1);
  unlock(&sched.lock);
  return true;
}

static void ringput(P *pp, G *gp) {
  for (;;) {
    uint32_t h = load(&pp->runqhead, memory_order_acquire), t = load(&pp->runqtail, memory_order_relaxed);
    if (likely(t - h < RUNQ_LEN)) {
      slot_store(pp, t, gp);
      atomic_store_explicit(&pp->runqtail, t + 1, memory_order_release);
      return;
    }
    if (runqputslow(pp, gp, h, t))
      return;
  }
}

/* Owner only. next: into runnext, what was there goes to the ring. Whoever puts without next and then counts on wakep
 * needs a full barrier between; runnext's exchange is one. */
void runqput(P *pp, G *gp, bool next) {
  if (seeded()) {
    seed_put(gp);
    return;
  }
  if (next)
    gp = atomic_exchange_explicit(&pp->runnext, gp, memory_order_seq_cst);
  if (gp)
    ringput(pp, gp);
  if (!next)
    atomic_thread_fence(memory_order_seq_cst);
}

/* Owner only: as much of q as fits with one store of tail, the rest to the global queue. q is left empty. */
void runqputbatch(P *pp, struct gqueue *q, int32_t qsize) {
  if (seeded()) {
    seed_putall(q);
    return;
  }
  uint32_t h = load(&pp->runqhead, memory_order_acquire), t = load(&pp->runqtail, memory_order_relaxed);
  for (G *gp; t - h < RUNQ_LEN && (gp = gqueue_pop(q)); t++, qsize--)
    slot_store(pp, t, gp);
  atomic_store_explicit(&pp->runqtail, t, memory_order_seq_cst);
  if (gqueue_empty(q))
    return;
  lock(&sched.lock);
  globrunqputbatch(q, qsize);
  unlock(&sched.lock);
}

/* ---- get */

/* Owner only. A failed CAS on runnext means a thief has it: nobody else sets it, so there is no retry. */
G *runqget(P *pp, bool *inheritTime) {
  G *next = atomic_load_explicit(&pp->runnext, memory_order_relaxed);
  if (next && atomic_compare_exchange_strong_explicit(&pp->runnext, &next, NULL, memory_order_seq_cst,
                                                      memory_order_relaxed)) {
    *inheritTime = true;
    return next;
  }
  *inheritTime = false;
  for (;;) {
    uint32_t h = load(&pp->runqhead, memory_order_acquire), t = load(&pp->runqtail, memory_order_relaxed);
    if (t == h)
      return NULL;
    G *gp = slot_load(pp, h);
    if (advance_head(pp, h, 1))
      return gp;
  }
}

/* Owner only: everything, in order, runnext first. */
struct gqueue runqdrain(P *pp, uint32_t *n) {
  struct gqueue q = {NULL, NULL};
  G *next = atomic_exchange_explicit(&pp->runnext, NULL, memory_order_seq_cst);
  *n = 0;
  if (next) {
    gqueue_pushback(&q, next);
    *n = 1;
  }
  for (;;) {
    uint32_t h = load(&pp->runqhead, memory_order_acquire), t = load(&pp->runqtail, memory_order_relaxed);
    G *taken[RUNQ_LEN];
    for (uint32_t i = h; i != t; i++)
      taken[i - h] = slot_load(pp, i);
    if (h != t && !advance_head(pp, h, t - h))
      continue;
    for (uint32_t i = 0; i < t - h; i++)
      gqueue_pushback(&q, taken[i]);
    *n += t - h;
    return q;
  }
}

/* ---- steal */

/* runnext of a P that runs: its goroutine has just readied another and is likely about to park and run it itself, with
 * warm caches. Give it the time to do so. On a P that does not run (in a syscall), take it. */
static uint32_t grab_runnext(P *p2, G *_Atomic *batch, uint32_t batchHead) {
  G *next = atomic_load_explicit(&p2->runnext, memory_order_seq_cst);
  if (!next)
    return 0;
  if (load(&p2->status, memory_order_relaxed) == Prunning)
    usleep_os(3);
  if (!atomic_compare_exchange_strong_explicit(&p2->runnext, &next, NULL, memory_order_seq_cst, memory_order_relaxed))
    return UINT32_MAX; /* it moved: look at the ring again */
  atomic_store_explicit(&batch[batchHead % RUNQ_LEN], next, memory_order_relaxed);
  return 1;
}

/* Half of p2's ring, rounded up, into batch (a ring) from batchHead on; the number. Any thread. */
uint32_t runqgrab(P *p2, G *_Atomic *batch, uint32_t batchHead, bool stealRunNextG) {
  for (;;) {
    uint32_t h = load(&p2->runqhead, memory_order_acquire), t = load(&p2->runqtail, memory_order_acquire);
    uint32_t n = t - h;
    n -= n / 2;
    if (n == 0) {
      uint32_t got = stealRunNextG ? grab_runnext(p2, batch, batchHead) : 0;
      if (got == UINT32_MAX)
        continue;
      return got;
    }
    if (n > RUNQ_LEN / 2) /* head and tail were read at different times */
      continue;
    for (uint32_t i = 0; i < n; i++)
      atomic_store_explicit(&batch[(batchHead + i) % RUNQ_LEN], slot_load(p2, h + i), memory_order_relaxed);
    if (advance_head(p2, h, n))
      return n;
  }
}

/* Owner of pp, whose ring is empty: the last one stolen is returned, the others are published. */
G *runqsteal(P *pp, P *p2, bool stealRunNextG) {
  uint32_t t = load(&pp->runqtail, memory_order_relaxed);
  uint32_t n = runqgrab(p2, pp->runq, t, stealRunNextG);
  if (n == 0)
    return NULL;
  STAT(steal);
  G *gp = slot_load(pp, t + --n);
  if (n == 0)
    return gp;
  uint32_t h = load(&pp->runqhead, memory_order_acquire);
  if (t - h + n >= RUNQ_LEN)
    throwf("runqsteal: own queue overflows: head %u tail %u, %u more", h, t, n);
  atomic_store_explicit(&pp->runqtail, t + n, memory_order_release);
  return gp;
}

/* ---- the global queue; all under sched.lock. runqsize is read without it as a hint, and by the idle hand-shake. */

static void globsize(int32_t add) {
  int32_t n = atomic_load_explicit(&sched.runqsize, memory_order_relaxed) + add;
  atomic_store_explicit(&sched.runqsize, n, memory_order_seq_cst);
}

void globrunqput(G *gp) {
  if (seeded()) {
    seed_put(gp);
    return;
  }
  gqueue_pushback(&sched.runq, gp);
  globsize(1);
}

void globrunqputhead(G *gp) {
  if (seeded()) {
    seed_put(gp);
    return;
  }
  gqueue_push(&sched.runq, gp);
  globsize(1);
}

void globrunqputbatch(struct gqueue *batch, int32_t n) {
  if (seeded()) {
    seed_putall(batch);
    return;
  }
  gqueue_pushbackall(&sched.runq, batch);
  globsize(n);
  *batch = (struct gqueue){NULL, NULL};
}

static inline int32_t min32(int32_t a, int32_t b) { return a < b ? a : b; }

/* One is returned, the rest of the P's fair share goes to its ring. max 0: no limit of the caller's. */
G *globrunqget(P *pp, int32_t max) {
  int32_t size = atomic_load_explicit(&sched.runqsize, memory_order_relaxed);
  if (size == 0)
    return NULL;
  int32_t n = min32(size, size / atomic_load_explicit(&gomaxprocs, memory_order_relaxed) + 1);
  n = min32(n, max > 0 ? max : n);
  n = min32(n, RUNQ_LEN / 2);
  globsize(-n);
  G *gp = gqueue_pop(&sched.runq);
  while (--n > 0)
    ringput(pp, gqueue_pop(&sched.runq)); /* the ring is empty, or max is 1: never runqputslow, which takes the lock */
  return gp;
}
