/* select.c: waiting for one of several channel operations.
 *
 * The compiler calls this for two or more cases only; fewer are plain or non-blocking operations (gen_select.c). It passes an
 * array of cases on the goroutine's stack, sends first, and room for two orders of them.
 *
 *   First look. The cases are visited in a random order, made up as we go (Fisher-Yates from the front). One that seems
 *   ready, by a look without the lock, is tried under its own lock. Each order is equally likely, so each ready case is.
 *   A case that is ready at the moment of the attempt is a right answer, whatever the others do: no other lock is needed.
 *   Pass 1. "None is ready" must hold for all at one instant, so all channels are locked, in the order of their addresses,
 *   each once; every case is tried again, in the same random order. With a default this is the end.
 *   Pass 2. A sudog for each case, in lock order in gp->waiting, is queued; the goroutine parks, and the locks are released
 *   when it waits (selparkcommit). Who dequeues one of its sudogs and changes selectDone from 0 to 1 owns the wake-up; other
 *   wakers drop what they have dequeued.
 *   Pass 3. Runs as wakefn: the stack may have moved and the cases with it, so all that is needed lies in the sudogs: the
 *   index of the case and the channels in lock order. The others are taken out of their queues, one lock after the other:
 *   nobody can be woken by them any more. gp->param tells which one it was.
 *
 * selparkcommit walks gp->waiting while it unlocks, and the goroutine may be running elsewhere before it is through: from the
 * first unlock on. It never reads a sudog after it has unlocked that sudog's channel and all before; and pass 3 frees nothing
 * before it has had the last channel's lock, or has been woken through it: the commit is over by then.
 *
 * Rejected: locking all channels from the start (in the common case, one of them is ready, that is 2n atomic operations
 * for 2); pass 3 under all locks at once (it changes queues that are independent of each other).
 */
#include "chan.h"
#include "panic.h"
#include "rtcalls.h"
#include "timerchan.h"

struct scase { struct hchan *c; void *elem; };

struct selecting {
  struct scase *cases;
  uint16_t *poll, *lock; /* indices of cases; lock holds only those with a channel */
  uint32_t n, nsends, nlock;
};

#define NONE (-2) /* index -1, nothing received */

static inline bool is_send(const struct selecting *s, uint32_t i) { return i < s->nsends; }

/* ---- an attempt at one case */

static inline bool looks_ready(const struct selecting *s, uint32_t i) {
  struct hchan *c = s->cases[i].c;
  return (is_send(s, i) ? !chan_full(c) : !chan_empty(c)) || chan_closed(c);
}

static inline enum chan_try try_case(const struct selecting *s, uint32_t i, struct sudog **partner) {
  const struct scase *k = &s->cases[i];
  return is_send(s, i) ? chan_trysend(k->c, k->elem, partner) : chan_tryrecv(k->c, k->elem, partner);
}

/* Without locks. */
static int64_t chosen(const struct selecting *s, uint32_t i, enum chan_try how, struct sudog *partner) {
  if (unlikely(how == CHAN_CLOSED && is_send(s, i)))
    panic_plain("send on closed channel");
  if (partner)
    chan_wake(partner, true);
  return 2 * (int64_t)i + (how == CHAN_DONE && !is_send(s, i));
}

static int64_t first_look(struct selecting *s) {
  struct sudog *partner;
  for (uint32_t i = 0; i < s->n; i++)
    s->poll[i] = (uint16_t)i;
  for (uint32_t i = 0; i < s->n; i++) {
    uint32_t j = i + (i + 1 < s->n ? fastrandn(s->n - i) : 0);
    uint16_t at = s->poll[j];
    struct hchan *c = s->cases[at].c;
    s->poll[j] = s->poll[i];
    s->poll[i] = at;
    if (!c)
      continue;
    if (unlikely(c->timer != NULL))
      maybeRunChan(c->timer);
    if (!looks_ready(s, at))
      continue;
    lock(&c->lock);
    enum chan_try how = try_case(s, at, &partner);
    unlock(&c->lock);
    if (how != CHAN_WAIT)
      return chosen(s, at, how, partner);
  }
  return NONE;
}

/* ---- all locks */

static uintptr_t lock_key(const struct selecting *s, uint16_t i) { return (uintptr_t)s->cases[i].c; }

/* Shell's sort: insertion for the usual few, bounded well enough for 65,536, and no recursion. */
static void sort_by_address(const struct selecting *s) {
  uint32_t gap = 1;
  while (gap < s->nlock / 9)
    gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3)
    for (uint32_t i = gap; i < s->nlock; i++) {
      uint16_t at = s->lock[i];
      uint32_t j = i;
      for (; j >= gap && lock_key(s, s->lock[j - gap]) > lock_key(s, at); j -= gap)
        s->lock[j] = s->lock[j - gap];
      s->lock[j] = at;
    }
}

static void make_lock_order(struct selecting *s) {
  for (uint32_t i = 0; i < s->n; i++)
    if (s->cases[i].c)
      s->lock[s->nlock++] = (uint16_t)i;
  sort_by_address(s);
}

static void sellock(const struct selecting *s) {
  const struct hchan *last = NULL;
  for (uint32_t i = 0; i < s->nlock; i++) {
    struct hchan *c = s->cases[s->lock[i]].c;
    if (c != last)
      lock(&c->lock);
    last = c;
  }
}

static void selunlock(const struct selecting *s) {
  const struct hchan *last = NULL;
  for (uint32_t i = 0; i < s->nlock; i++) {
    struct hchan *c = s->cases[s->lock[i]].c;
    if (c != last)
      unlock(&c->lock);
    last = c;
  }
}

/* ---- pass 1 */

/* The locks are released only if a case was ready. */
static int64_t look_again(const struct selecting *s) {
  struct sudog *partner;
  for (uint32_t i = 0; i < s->n; i++) {
    uint16_t at = s->poll[i];
    if (!s->cases[at].c)
      continue;
    enum chan_try how = try_case(s, at, &partner);
    if (how == CHAN_WAIT)
      continue;
    selunlock(s);
    return chosen(s, at, how, partner);
  }
  return NONE;
}

/* ---- pass 3 */

static struct waitq *queue_of(const G *gp, const struct sudog *sg) {
  struct hchan *c = sg->c;
  return sg->selcase < gp->wakearg[0] ? &c->sendq : &c->recvq;
}

/* After this nobody but us knows any of the sudogs. */
static void leave_queues(G *gp, const struct sudog *fired) {
  for (struct sudog *sg = gp->waiting; sg; sg = sg->waitlink) {
    struct hchan *c = sg->c;
    if (sg != fired) {
      lock(&c->lock);
      chan_unqueue(queue_of(gp, sg), sg);
      unlock(&c->lock);
    }
    if (unlikely(c->timer != NULL))
      unblockTimerChan(c->timer);
  }
}

static uintptr_t select_woken(G *gp) {
  struct sudog *fired = gp->param, *next;
  if (unlikely(!fired))
    throw("selectgo: bad wakeup");
  uint32_t at = fired->selcase;
  bool send = at < gp->wakearg[0], success = fired->success;
  gp->activeStackChans = false;
  gp->param = NULL;
  leave_queues(gp, fired);
  struct sudog *sg = gp->waiting;
  gp->waiting = NULL;
  for (; sg; sg = next) {
    next = sg->waitlink;
    chan_release(sg);
  }
  if (unlikely(send && !success))
    panic_plain("send on closed channel");
  return 2 * (uintptr_t)at + (success && !send);
}

/* ---- pass 2 */

static bool selparkcommit(G *gp, void *unused) {
  struct hchan *last = NULL;
  gp->activeStackChans = true;
  atomic_store_explicit(&gp->parkingOnChan, false, memory_order_release);
  for (struct sudog *sg = gp->waiting; sg; sg = sg->waitlink) {
    if (sg->c != last && last)
      unlock(&last->lock);
    last = sg->c;
  }
  if (last)
    unlock(&last->lock);
  return true;
}

static struct sudog *enqueue_case(const struct selecting *s, G *gp, uint16_t at) {
  struct hchan *c = s->cases[at].c;
  struct sudog *sg = acquireSudog();
  sg->g = gp;
  sg->elem = s->cases[at].elem;
  sg->c = c;
  sg->isSelect = true;
  sg->success = false;
  sg->selcase = at;
  chan_enqueue(is_send(s, at) ? &c->sendq : &c->recvq, sg);
  if (unlikely(c->timer != NULL))
    blockTimerChan(c->timer);
  return sg;
}

/* Without any channel it parks for ever: nobody has a sudog to wake it by. */
static _Noreturn void wait_for_all(const struct selecting *s) {
  G *gp = toy_m->curg;
  struct sudog **tail = &gp->waiting;
  if (gp->waiting)
    throw("selectgo: gp.waiting != nil");
  atomic_store_explicit(&gp->selectDone, 0, memory_order_relaxed); /* published by the locks */
  for (uint32_t i = 0; i < s->nlock; i++) {
    *tail = enqueue_case(s, gp, s->lock[i]);
    tail = &(*tail)->waitlink;
  }
  gp->wakearg[0] = s->nsends;
  gp->wakefn = select_woken;
  atomic_store_explicit(&gp->parkingOnChan, true, memory_order_relaxed); /* published by the change of status */
  gopark(selparkcommit, NULL, waitReasonSelect);
}

int64_t rt_selectgo(void *cases, void *order, int64_t nsends, int64_t nrecvs, int64_t block) {
  uint32_t n = (uint32_t)(nsends + nrecvs);
  struct selecting s = {cases, order, (uint16_t *)order + n, n, (uint32_t)nsends, 0};
  int64_t got = first_look(&s);
  if (got != NONE)
    return got;
  make_lock_order(&s);
  sellock(&s);
  if ((got = look_again(&s)) != NONE)
    return got;
  if (block)
    wait_for_all(&s);
  selunlock(&s);
  return NONE;
}

/* select {} */
_Noreturn void rt_block(void) { chan_block(waitReasonSelectNoCases); }
