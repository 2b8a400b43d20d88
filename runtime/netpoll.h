/* netpoll.h: see netpoll.c. */
#ifndef TOY_NETPOLL_H
#define TOY_NETPOLL_H

#include "gqueue.h"
#include "runtime.h"

void netpoll_init(void);                        /* any time, any number of times */
bool netpollinited(void);
bool netpollAnyWaiters(void);                   /* does a goroutine wait for a descriptor? */
void wakeNetPoller(int64_t when);               /* after a timer has become the earliest of its P */

/* Goroutines made runnable by the kernel's events, still in state waiting. delay < 0: waits; 0: looks; else waits so many
 * ns. delta: what netpollAdjustWaiters must be told once they are in queues. */
struct gqueue netpoll(int64_t delay, int32_t *delta);
void netpollAdjustWaiters(int32_t delta);
void netpollBreak(void);                        /* ends the wait of netpoll, now or its next one */
void injectglist(struct gqueue *list);          /* waiting → runnable, into queues; with or without a P */
G *gqueue_runnable(struct gqueue *list);        /* the first of it, made runnable; null: empty */

#endif
