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

/* ---- one descriptor. m: POLLFD_READER or POLLFD_WRITER; one goroutine of each kind may wait (fd.c sees to it) */
enum { POLLFD_READER, POLLFD_WRITER };
enum pollerr { POLLERR_NONE, POLLERR_CLOSING, POLLERR_TIMEOUT, POLLERR_NOTPOLLABLE, POLLERR_AGAIN /* wait once more */ };

struct pollDesc *pollOpen(int32_t fd, int *err);          /* null: the kernel cannot poll it, or refuses: *err */
void pollClose(struct pollDesc *pd);                      /* after pollEvict, when nobody uses it */
void pollEvict(struct pollDesc *pd);
enum pollerr pollReset(struct pollDesc *pd, int m);       /* before trying: an event that comes from now on counts */
enum pollerr pollWait(struct pollDesc *pd, int m);        /* parks until an event, a deadline or pollEvict */
void pollSetDeadline(struct pollDesc *pd, int64_t when, bool reading, bool writing); /* 0: none; < 0: has passed */

#endif
