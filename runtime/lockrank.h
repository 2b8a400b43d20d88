/* lockrank.h: the order in which runtime locks may be taken, outermost first. A thread that holds a lock takes only locks
 * further down; of a class marked ORDERED several at once, in ascending addresses.
 *
 * A lock is known by the text of the expression that names it where it is taken, and by the file if several files use the same
 * text. Builds with TOY_LOCKRANK check every lock() against this table (lockrank.c); a lock that is not in it is fatal
 * there, so the table stays complete.
 *
 * newmHandoff and the gate of allocmLock stand where they do because whatever makes somebody runnable may start a thread:
 * setting a timer does, under the lock of its channel. Nothing is taken under the former; who keeps the gate shut
 * (setxid.c) waits for threads that are being made, and these take locks further down only. */
#ifndef TOY_LOCKRANK_H
#define TOY_LOCKRANK_H

#define TOY_LOCKRANKS(X)                                                               \
  X(ONE, "fd.c", "&f->lock")              /* a file of package os */                   \
  X(ONE, "netpoll.c", "&pd->lock")        /* one polled descriptor */                  \
  X(ONE, "netpoll.c", "&pollcache.lock")                                               \
  X(ONE, "netpoll.c", "&initlock")        /* making the poller */                      \
  X(ORDERED, 0, "&c->lock")               /* a channel (chan.c, select.c) */           \
  X(ONE, "timer.c", "&ts->mu")            /* the heap of a P */                        \
  X(ONE, "timer.c", "&t->mu")             /* a timer, in a heap or not */              \
  X(ONE, "sema.c", "&root->lock")         /* those who wait for a semaphore */         \
  X(ONE, "sema.c", "&l->lock")            /* those who wait for a condition */         \
  X(ONE, "lockedm.c", "&newmHandoff.lock") /* threads that the template thread is to make */ \
  X(ONE, "rwmutex.c", "&l->gate")         /* of allocmLock */                          \
  X(ONE, 0, "&sched.lock")                /* Ms, Ps, the global queue */               \
  X(ONE, "m.c", "&freem.lock")            /* threads that have ended */                \
  X(ONE, 0, "&allglock")                                                               \
  X(ONE, 0, "&sched.gflock")              /* free goroutines */                        \
  X(ONE, 0, "&sched.sudoglock")                                                        \
  X(ONE, "iface.c", "&itablock")                                                       \
  X(ONE, "stack.c", "&quarantine.lock")   /* old stacks under stackmove */             \
  X(ONE, "stackalloc.c", "&pool.lock")                                                 \
  X(ONE, "stackalloc.c", "&large.lock")                                                \
  X(ONE, "malloc.c", "&heap.lock")                                                     \
  X(ONE, "seed.c", "&seed.lock")          /* the generator of a seeded run: from anywhere */ \
  X(ONE, "mem.c", "&chunk.lock")          /* memory that is never freed: from anywhere */

#endif
