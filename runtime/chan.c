/* chan.c: channels.
 *
 * An hchan is a ring of elements, two queues of waiting goroutines and one lock that guards all of it. Invariants, under
 * the lock, whenever it is free:
 *   - one of recvq and sendq is empty (a goroutine may later wait in both through one select);
 *   - qcount > 0 ⇒ recvq is empty: a receiver would have taken the item;
 *   - qcount < dataqsiz ⇒ sendq is empty: a sender would have used the room;
 *   - closed ⇒ both are empty.
 *
 * Everything here runs on g0. An operation that need not wait is a plain function call. One that must wait leaves a
 * sudog in the queue with the address of its element, which lies on the goroutine's stack as a rule, and parks; the lock
 * is released when the goroutine is in state waiting, not before, so its stack lies still whenever another goroutine
 * finds the sudog. The other side copies straight into or out of that stack (sendDirect, recvDirect): an element is never
 * staged in between. What remains after the wake-up, freeing the sudog and looking at success, is a wakefn.
 *
 * A waiter leaves a queue only through dequeue by the other side, which from then on owns the wake-up.
 *
 * Rejected: a lock-free ring for buffered channels. It needs a second mechanism for waiting, and its gain disappears as
 * soon as one side waits, which is the common state of every pipeline.
 */
#include <string.h>

#include "chan.h"
#include "malloc.h"
#include "panic.h"
#include "rtcalls.h"
#include "timerchan.h"

/* For a collector: of all words only buf leads to Toy values (the waiters' elements are reached through their stacks). */
static const uint8_t hchan_ptrmask[] = {1 << offsetof(struct hchan, buf) / 8};
static const struct toy_type hchan_type = {
  .size = sizeof(struct hchan), .ptrdata = offsetof(struct hchan, buf) + 8, .ptrmask = hchan_ptrmask,
  .align = 8, .kind = TOY_KIND_STRUCT, .name = {"runtime.hchan", 13},
};
_Static_assert(offsetof(struct hchan, buf) / 8 < 8, "hchan_ptrmask is one byte");

/* ---- queues */

static inline struct sudog *first(const struct waitq *q) { return atomic_load_explicit(&q->first, memory_order_relaxed); }
static inline void set_first(struct waitq *q, struct sudog *sg) {
  atomic_store_explicit(&q->first, sg, memory_order_release);
}

void chan_enqueue(struct waitq *q, struct sudog *sg) {
  sg->next = NULL;
  sg->prev = q->last;
  if (q->last) q->last->next = sg;
  else set_first(q, sg);
  q->last = sg;
}

/* What dequeue has taken out has no neighbours and is not the first one: then there is nothing to do. */
void chan_unqueue(struct waitq *q, struct sudog *sg) {
  if (!sg->prev && first(q) != sg) return;
  if (sg->prev) sg->prev->next = sg->next;
  else set_first(q, sg->next);
  if (sg->next) sg->next->prev = sg->prev;
  else q->last = sg->prev;
  sg->next = sg->prev = NULL;
}

/* A select waits in several queues, under several locks, and is woken once: by who changes selectDone. The others drop
 * its sudog and look on. Relaxed: the select sets 0 under the locks of all its channels, each waker comes under one of them;
 * all else that the winner hands over is ordered by goready. */
static inline bool claim(const struct sudog *sg) {
  uint32_t waiting = 0;
  return !sg->isSelect || atomic_compare_exchange_strong_explicit(&sg->g->selectDone, &waiting, 1, memory_order_relaxed,
                                                                  memory_order_relaxed);
}

static struct sudog *dequeue(struct waitq *q) {
  for (;;) {
    struct sudog *sg = first(q);
    if (!sg) return NULL;
    set_first(q, sg->next);
    if (sg->next) sg->next->prev = NULL;
    else q->last = NULL;
    sg->next = NULL;
    if (likely(claim(sg))) return sg;
  }
}

/* ---- elements */

/* Sizes are not constants here, but one word is nearly always what is sent. */
static inline void move_elem(const struct hchan *c, void *to, const void *from) {
  if (likely(c->elemsize == 8)) memcpy(to, from, 8);
  else memcpy(to, from, c->elemsize);
}

static inline void *slot(const struct hchan *c, uint64_t i) { return c->buf + i * c->elemsize; }
static inline uint64_t after(const struct hchan *c, uint64_t i) { return i + 1 == c->dataqsiz ? 0 : i + 1; }

static inline uint64_t count(const struct hchan *c) { return atomic_load_explicit(&c->qcount, memory_order_relaxed); }
static inline void set_count(struct hchan *c, uint64_t n) {
  atomic_store_explicit(&c->qcount, n, memory_order_relaxed); /* len() may be late: it is a snapshot anyway */
}

/* ---- waiting */

static bool forever(G *gp, void *unused) { return true; }

_Noreturn void chan_block(enum waitreason reason) { gopark(forever, NULL, reason); }

/* The goroutine waits: from the unlock on its element belongs to whoever finds the sudog. The order is that of chanmove.c. */
static bool chanparkcommit(G *gp, void *chan) {
  struct hchan *c = chan;
  gp->activeStackChans = true;
  atomic_store_explicit(&gp->parkingOnChan, false, memory_order_release);
  unlock(&c->lock);
  return true;
}

/* c->lock is held; it is released when the goroutine waits. */
static _Noreturn void wait_in(struct hchan *c, struct waitq *q, void *elem, uintptr_t (*wakefn)(G *),
                              enum waitreason reason) {
  G *gp = toy_m->curg;
  struct sudog *sg = acquireSudog();
  sg->g = gp;
  sg->elem = elem;
  sg->c = c;
  sg->isSelect = sg->success = false;
  gp->waiting = sg;
  gp->wakefn = wakefn;
  chan_enqueue(q, sg);
  if (unlikely(c->timer != NULL)) blockTimerChan(c->timer);
  atomic_store_explicit(&gp->parkingOnChan, true, memory_order_relaxed); /* published by the change of status */
  gopark(chanparkcommit, c, reason);
}

void chan_release(struct sudog *sg) {
  sg->c = NULL;
  sg->elem = NULL;
  sg->g = NULL;
  sg->prev = NULL;
  sg->waitlink = NULL;
  sg->isSelect = false;
  releaseSudog(sg);
}

/* Takes leave of the sudog; whether it was a partner or close that woke us. */
static bool end_wait(G *gp) {
  struct sudog *sg = gp->waiting;
  if (unlikely(!sg || gp->param != sg)) throw("chan: woken by nobody");
  bool success = sg->success;
  struct hchan *c = sg->c;
  if (unlikely(c->timer != NULL)) unblockTimerChan(c->timer);
  gp->activeStackChans = false;
  gp->waiting = NULL;
  gp->param = NULL;
  gp->wakefn = NULL;
  chan_release(sg);
  return success;
}

void chan_wake(struct sudog *sg, bool success) {
  G *gp = sg->g;
  sg->success = success;
  gp->param = sg;
  goready(gp);
}

/* ---- make, len, cap */

static struct hchan *alloc_hchan(const struct toy_type *t, size_t n, size_t bytes) {
  struct hchan *c;
  if (t->ptrdata == 0) {
    c = mallocnoscan(sizeof *c + bytes, 8);
    c->buf = (char *)(c + 1);
  } else {
    c = mallocarray(&hchan_type, 1, sizeof *c);
    c->buf = mallocarray(t, n, bytes);
  }
  return c;
}

void *rt_makechan(const void *type, int64_t size) {
  const struct toy_type *t = type;
  size_t bytes;
  if (size < 0 || __builtin_mul_overflow((size_t)size, (size_t)t->size, &bytes) ||
      bytes > MAX_ALLOC - sizeof(struct hchan))
    panic_plain("makechan: size out of range");
  struct hchan *c = alloc_hchan(t, (size_t)size, bytes);
  c->dataqsiz = (uint64_t)size;
  c->type = t;
  c->elemsize = (uint64_t)t->size;
  return c;
}

/* A timer's channel looks unbuffered. */
static bool has_ring(const struct hchan *c) { return c && !c->timer; }
int64_t toy_chanlen(void *chan) { return has_ring(chan) ? (int64_t)count(chan) : 0; }
int64_t toy_chancap(void *chan) { return has_ring(chan) ? (int64_t)((struct hchan *)chan)->dataqsiz : 0; }

/* ---- send */

static void append(struct hchan *c, uint64_t n, const void *elem) {
  move_elem(c, slot(c, c->sendx), elem);
  c->sendx = after(c, c->sendx);
  set_count(c, n + 1);
}

enum chan_try chan_trysend(struct hchan *c, void *elem, struct sudog **partner) {
  if (unlikely(chan_closed(c))) return CHAN_CLOSED;
  struct sudog *sg = dequeue(&c->recvq);
  uint64_t n = count(c);
  *partner = sg;
  if (sg) { /* sendDirect */
    if (sg->elem) move_elem(c, sg->elem, elem);
  } else if (n < c->dataqsiz) append(c, n, elem);
  else return CHAN_WAIT;
  return CHAN_DONE;
}

static uintptr_t chansend_woken(G *gp) {
  if (!end_wait(gp)) panic_plain("send on closed channel");
  return 0;
}

/* After an attempt that was not CHAN_WAIT. */
static void sent(struct hchan *c, enum chan_try how, struct sudog *partner) {
  unlock(&c->lock);
  if (unlikely(how == CHAN_CLOSED)) panic_plain("send on closed channel");
  if (partner) chan_wake(partner, true);
}

void rt_chansend(void *chan, void *elem) {
  struct hchan *c = chan;
  struct sudog *partner;
  if (unlikely(!c)) chan_block(waitReasonChanSendNilChan);
  lock(&c->lock);
  enum chan_try how = chan_trysend(c, elem, &partner);
  if (how == CHAN_WAIT) wait_in(c, &c->sendq, elem, chansend_woken, waitReasonChanSend);
  sent(c, how, partner);
}

bool rt_selectnbsend(void *chan, void *elem) {
  struct hchan *c = chan;
  struct sudog *partner;
  if (!c || (chan_full(c) && !chan_closed(c))) return false;
  lock(&c->lock);
  enum chan_try how = chan_trysend(c, elem, &partner);
  if (how != CHAN_WAIT) {
    sent(c, how, partner);
    return true;
  }
  unlock(&c->lock);
  return false;
}

/* ---- receive */

static uintptr_t chanrecv_woken(G *gp) { return end_wait(gp); }

/* A sender waits: without a ring its element is ours; else the ring is full, we get its head and the sender's element
 * takes that very place, which is also its tail. */
static void take_from(struct hchan *c, struct sudog *sg, void *elem) {
  if (c->dataqsiz == 0) { /* recvDirect */
    if (elem) move_elem(c, elem, sg->elem);
  } else {
    if (elem) move_elem(c, elem, slot(c, c->recvx));
    move_elem(c, slot(c, c->recvx), sg->elem);
    c->recvx = c->sendx = after(c, c->recvx);
  }
}

/* The place in the ring is cleared: it must not keep alive what the receiver has dropped. */
static void take_buffered(struct hchan *c, uint64_t n, void *elem) {
  void *head = slot(c, c->recvx);
  if (elem) move_elem(c, elem, head);
  if (c->type->ptrdata) memset(head, 0, c->elemsize);
  c->recvx = after(c, c->recvx);
  set_count(c, n - 1);
}

enum chan_try chan_tryrecv(struct hchan *c, void *elem, struct sudog **partner) {
  struct sudog *sg = dequeue(&c->sendq);
  uint64_t n = count(c);
  *partner = sg;
  if (sg) take_from(c, sg, elem);
  else if (n > 0) take_buffered(c, n, elem);
  else if (!chan_closed(c)) return CHAN_WAIT;
  else {
    if (elem) memset(elem, 0, c->elemsize);
    return CHAN_CLOSED;
  }
  return CHAN_DONE;
}

static void received(struct hchan *c, struct sudog *partner) {
  unlock(&c->lock);
  if (partner) chan_wake(partner, true);
}

bool rt_chanrecv(void *chan, void *elem) {
  struct hchan *c = chan;
  struct sudog *partner;
  if (unlikely(!c)) chan_block(waitReasonChanReceiveNilChan);
  if (unlikely(c->timer != NULL)) maybeRunChan(c->timer);
  lock(&c->lock);
  enum chan_try how = chan_tryrecv(c, elem, &partner);
  if (how == CHAN_WAIT) wait_in(c, &c->recvq, elem, chanrecv_woken, waitReasonChanReceive);
  received(c, partner);
  return how == CHAN_DONE;
}

/* Bit 0: done; bit 1: with a value. */
static int64_t tryrecv_locked(struct hchan *c, void *elem) {
  struct sudog *partner;
  lock(&c->lock);
  enum chan_try how = chan_tryrecv(c, elem, &partner);
  received(c, how == CHAN_WAIT ? NULL : partner);
  return how == CHAN_WAIT ? 0 : how == CHAN_DONE ? 3 : 1;
}

int64_t rt_selectnbrecv(void *chan, void *elem) {
  struct hchan *c = chan;
  if (!c) return 0;
  if (unlikely(c->timer != NULL)) maybeRunChan(c->timer);
  if (!chan_empty(c)) return tryrecv_locked(c, elem);
  if (!chan_closed(c)) return 0;
  if (!chan_empty(c)) return tryrecv_locked(c, elem); /* it came in before the close */
  if (elem) memset(elem, 0, c->elemsize);
  return 1;
}

/* ---- close */

/* Takes every waiter off the queue and puts it behind *last. Receivers get the zero value here, under the lock, while their
 * stacks lie still. */
static void drain(struct hchan *c, struct waitq *q, bool receivers, struct sudog **head, struct sudog **last) {
  struct sudog *sg;
  while ((sg = dequeue(q))) {
    if (receivers && sg->elem) memset(sg->elem, 0, c->elemsize);
    if (*head) (*last)->next = sg;
    else *head = sg;
    *last = sg;
  }
}

void rt_closechan(void *chan) {
  struct hchan *c = chan;
  if (!c) panic_plain("close of nil channel");
  lock(&c->lock);
  if (chan_closed(c)) {
    unlock(&c->lock);
    panic_plain("close of closed channel");
  }
  atomic_store_explicit(&c->closed, true, memory_order_release);
    struct sudog *last = NULL, *sg = NULL;
  drain(c, &c->recvq, true, &sg, &last);
  drain(c, &c->sendq, false, &sg, &last);
  unlock(&c->lock);
  while (sg) {
    struct sudog *next = sg->next;
    sg->next = NULL;
    chan_wake(sg, false);
    sg = next;
  }
}

/* ---- for timerchan.c */

void chan_settimer(void *chan, struct timer *t) { ((struct hchan *)chan)->timer = t; }
struct timer *chan_timer(void *chan) { return ((struct hchan *)chan)->timer; }
void chan_lock(void *chan) {
  struct hchan *c = chan;
  lock(&c->lock);
}
void chan_unlock(void *chan) { unlock(&((struct hchan *)chan)->lock); }

G *chan_offer_locked(void *chan, void *elem) {
  struct hchan *c = chan;
  struct sudog *sg = dequeue(&c->recvq);
  if (sg) {
    if (sg->elem) move_elem(c, sg->elem, elem);
    sg->success = true;
    sg->g->param = sg;
    return sg->g;
  }
  uint64_t n = count(c);
  if (n < c->dataqsiz) append(c, n, elem);
  return NULL;
}

/* Nobody sends but the timer, so nobody waits to. */
bool chan_drain_locked(void *chan) {
  struct hchan *c = chan;
  bool some = count(c) > 0;
  c->recvx = c->sendx;
  set_count(c, 0);
  return some;
}
