/* chan.h: the inside of channels: for chan.c, select.c and chanmove.c; and what moving a stack asks of them. */
#ifndef TOY_CHAN_H
#define TOY_CHAN_H

#include "runtime.h"

/* Written under the channel's lock; first is also read without (chan.c, Without the lock). */
struct waitq { struct sudog *_Atomic first; struct sudog *last; };

struct hchan {
  _Atomic uint64_t qcount;       /* items in the ring; written under lock, read without by len and the fast paths */
  uint64_t dataqsiz;             /* constant */
  char *buf;                     /* constant; dataqsiz elements */
  const struct toy_type *type;   /* constant; of the elements */
  uint64_t elemsize;             /* constant */
  struct mutex lock;
  _Atomic bool closed;           /* set once, under lock; read without by the fast paths */
  uint64_t sendx, recvx;         /* where the next send and receive of the ring take place */
  struct waitq recvq, sendq;
  struct timer *timer;           /* constant once set: a timer of package time sends here (timerchan.c) */
};

/* ---- one attempt, under c->lock. WAIT: nothing has changed. DONE, CLOSED: the operation is over (a send on a closed channel
 * is yet to panic); after the unlock, *partner, if any, gets chan_wake(*partner, true). */
enum chan_try { CHAN_WAIT, CHAN_DONE, CHAN_CLOSED };
enum chan_try chan_trysend(struct hchan *c, void *elem, struct sudog **partner);
enum chan_try chan_tryrecv(struct hchan *c, void *elem, struct sudog **partner); /* CLOSED: and empty; elem is zeroed */

void chan_enqueue(struct waitq *q, struct sudog *sg);
void chan_unqueue(struct waitq *q, struct sudog *sg);      /* from the middle; nothing when it is not in q any more */
void chan_wake(struct sudog *sg, bool success);            /* sg is out of its queue, whose lock is free */
void chan_release(struct sudog *sg);                       /* clears what chan and select set; out of all lists */
_Noreturn void chan_block(enum waitreason reason);         /* the running goroutine, for ever */

/* Without the lock: may the operation go on without waiting? Exact only for who then looks at closed (chan.c). */
static inline bool chan_full(const struct hchan *c) {
  return c->dataqsiz == 0 ? !atomic_load_explicit(&c->recvq.first, memory_order_acquire)
                          : atomic_load_explicit(&c->qcount, memory_order_acquire) == c->dataqsiz;
}
static inline bool chan_empty(const struct hchan *c) {
  return c->dataqsiz == 0 ? !atomic_load_explicit(&c->sendq.first, memory_order_acquire)
                          : atomic_load_explicit(&c->qcount, memory_order_acquire) == 0;
}
static inline bool chan_closed(const struct hchan *c) { return atomic_load_explicit(&c->closed, memory_order_acquire); }

/* ---- moving the stack of a goroutine that waits on channels, by another thread: chanmove.c has the protocol.
 * gp's status is locked by the mover (scan bit), gp->parkingOnChan is false. If gp->activeStackChans:
 *   chan_lock_waiting(gp); top = sudog_stack_top(gp); adjust every sudog's elem; copy [SP, top); chan_unlock_waiting(gp);
 * then copy the rest. Words that others may write, those below top, are adjusted in the new copy by a compare-and-swap from
 * the old value: a partner may have written the new place meanwhile, and then its value stays. */
void chan_lock_waiting(G *gp);
void chan_unlock_waiting(G *gp);
uintptr_t sudog_stack_top(const G *gp);                    /* end of the highest element on its stack, 0: there is none */

#endif
