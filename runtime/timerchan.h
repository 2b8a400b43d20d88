/* timerchan.h: what channel operations owe a timer's channel; see timerchan.c. `chan` is an hchan whose timer is t. */
#ifndef TOY_TIMERCHAN_H
#define TOY_TIMERCHAN_H

#include "runtime.h"

void maybeRunChan(struct timer *t);      /* before a receive; without locks */
void blockTimerChan(struct timer *t);    /* a goroutine is about to wait on the channel; under the channel's lock */
void unblockTimerChan(struct timer *t);  /* it waits no more; with or without that lock */

/* chan.c, for timerchan.c */
void chan_settimer(void *chan, struct timer *t);
struct timer *chan_timer(void *chan);
void chan_lock(void *chan);
void chan_unlock(void *chan);
G *chan_offer_locked(void *chan, void *elem); /* sends if that needs no waiting; the receiver to be readied, or null */
bool chan_drain_locked(void *chan);           /* the ring is emptied; true: there was something */

#endif
