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

#include "malloc.h"
#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"
#include "timerchan.h"

struct waitq { struct sudog *first, *last; };

struct hchan {
  _Atomic uint64_t qcount;       /* items in the ring; written under lock, read by len without */
  uint64_t dataqsiz;             /* constant */
  char *buf;                     /* constant; dataqsiz elements */
  const struct toy_type *type;   /* constant; of the elements */
  uint64_t elemsize;             /* constant */
  struct mutex lock;
  bool closed;
  uint64_t sendx, recvx;         /* where the next send and receive of the ring take place */
  struct waitq recvq, sendq;
  struct timer *timer;           /* constant once set: a timer of package time sends here (timerchan.c) */
};

/* For a collector: of all words only buf leads to Toy values (the waiters' elements are reached through their stacks). */
static const uint8_t hchan_ptrmask[] = {1 << offsetof(struct hchan, buf) / 8};
static const struct toy_type hchan_type = {
  .size = sizeof(struct hchan), .ptrdata = offsetof(struct hchan, buf) + 8, .ptrmask = hchan_ptrmask,
  .align = 8, .kind = TOY_KIND_STRUCT, .name = {"runtime.hchan", 13},
};
_Static_assert(offsetof(struct hchan, buf) / 8 < 8, "hchan_ptrmask is one byte");

/* ---- queues */

static void enqueue(struct waitq *q, struct sudog *sg) {
  sg->next = NULL;
  sg->prev = q->last;
  if (q->last) q->last->next = sg;
  else q->first = sg;
  q->last = sg;
}

static struct sudog *dequeue(struct waitq *q) {
  struct sudog *sg = q->first;
  if (!sg) return NULL;
  q->first = sg->next;
  if (q->first) q->first->prev = NULL;
  else q->last = NULL;
  sg->next = NULL;
  return sg;
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
  enqueue(q, sg);
  if (unlikely(c->timer != NULL)) blockTimerChan(c->timer);
  goparkunlock(&c->lock, reason);
}

/* Takes leave of the sudog; whether it was a partner or close that woke us. */
static bool end_wait(G *gp) {
  struct sudog *sg = gp->waiting;
  if (unlikely(!sg || gp->param != sg)) throw("chan: woken by nobody");
  bool success = sg->success;
  struct hchan *c = sg->c;
  if (unlikely(c->timer != NULL)) unblockTimerChan(c->timer);
  gp->waiting = NULL;
  gp->param = NULL;
  gp->wakefn = NULL;
  sg->c = NULL;
  sg->elem = NULL;
  sg->g = NULL;
  sg->prev = NULL;
  releaseSudog(sg);
  return success;
}

/* sg is out of the queue and the lock is free. */
static void wake(struct sudog *sg, bool success) {
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

static uintptr_t chansend_woken(G *gp) {
  if (!end_wait(gp)) panic_plain("send on closed channel");
  return 0;
}

void rt_chansend(void *chan, void *elem) {
  struct hchan *c = chan;
  if (unlikely(!c)) gopark(forever, NULL, waitReasonChanSendNilChan);
  lock(&c->lock);
  if (unlikely(c->closed)) {
    unlock(&c->lock);
    panic_plain("send on closed channel");
  }
  struct sudog *sg = dequeue(&c->recvq);
  if (sg) { /* sendDirect */
    if (sg->elem) move_elem(c, sg->elem, elem);
    unlock(&c->lock);
    wake(sg, true);
    return;
  }
  uint64_t n = count(c);
  if (n == c->dataqsiz) wait_in(c, &c->sendq, elem, chansend_woken, waitReasonChanSend);
  move_elem(c, slot(c, c->sendx), elem);
  c->sendx = after(c, c->sendx);
  set_count(c, n + 1);
  unlock(&c->lock);
}

/* ---- receive */

static uintptr_t chanrecv_woken(G *gp) { return end_wait(gp); }

/* A sender waits: without a ring its element is ours; else the ring is full, we get its head and the sender's element
 * takes that very place, which is also its tail. */
static void recv_from(struct hchan *c, struct sudog *sg, void *elem) {
  if (c->dataqsiz == 0) { /* recvDirect */
    if (elem) move_elem(c, elem, sg->elem);
  } else {
    if (elem) move_elem(c, elem, slot(c, c->recvx));
    move_elem(c, slot(c, c->recvx), sg->elem);
    c->recvx = c->sendx = after(c, c->recvx);
  }
  unlock(&c->lock);
  wake(sg, true);
}

/* The place in the ring is cleared: it must not keep alive what the receiver has dropped. */
static void recv_buffered(struct hchan *c, uint64_t n, void *elem) {
  void *head = slot(c, c->recvx);
  if (elem) move_elem(c, elem, head);
  if (c->type->ptrdata) memset(head, 0, c->elemsize);
  c->recvx = after(c, c->recvx);
  set_count(c, n - 1);
  unlock(&c->lock);
}

bool rt_chanrecv(void *chan, void *elem) {
  struct hchan *c = chan;
  if (unlikely(!c)) gopark(forever, NULL, waitReasonChanReceiveNilChan);
  if (unlikely(c->timer != NULL)) maybeRunChan(c->timer);
  lock(&c->lock);
  struct sudog *sg = dequeue(&c->sendq);
  if (sg) {
    recv_from(c, sg, elem);
    return true;
  }
  uint64_t n = count(c);
  if (n > 0) {
    recv_buffered(c, n, elem);
    return true;
  }
  if (!c->closed) wait_in(c, &c->recvq, elem, chanrecv_woken, waitReasonChanReceive);
  unlock(&c->lock);
  if (elem) memset(elem, 0, c->elemsize);
  return false;
}

/* ---- close */

/* Takes every waiter off the queue and puts it before list. Receivers get the zero value here, under the lock, while
 * their stacks lie still. */
static struct sudog *drain(struct hchan *c, struct waitq *q, bool receivers, struct sudog **last) {
  struct sudog *first = NULL, *sg;
  while ((sg = dequeue(q))) {
    if (receivers && sg->elem) memset(sg->elem, 0, c->elemsize);
    if (first) (*last)->next = sg;
    else first = sg;
    *last = sg;
  }
  return first;
}

void rt_closechan(void *chan) {
  struct hchan *c = chan;
  if (!c) panic_plain("close of nil channel");
  lock(&c->lock);
  if (c->closed) {
    unlock(&c->lock);
    panic_plain("close of closed channel");
  }
  c->closed = true;
  if (c->recvq.first && c->sendq.first) throw("closechan: senders and receivers wait at once");
  struct sudog *last = NULL;
  struct sudog *sg = c->recvq.first ? drain(c, &c->recvq, true, &last) : drain(c, &c->sendq, false, &last);
  unlock(&c->lock);
  while (sg) {
    struct sudog *next = sg->next;
    sg->next = NULL;
    wake(sg, false);
    sg = next;
  }
}

/* ---- for timerchan.c */

void chan_settimer(void *chan, struct timer *t) { ((struct hchan *)chan)->timer = t; }
struct timer *chan_timer(void *chan) { return ((struct hchan *)chan)->timer; }
void chan_lock(void *chan) { lock(&((struct hchan *)chan)->lock); }
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
  if (n == c->dataqsiz) return NULL;
  move_elem(c, slot(c, c->sendx), elem);
  c->sendx = after(c, c->sendx);
  set_count(c, n + 1);
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
