/* suspend.h: looking at a goroutine that may be running: see suspend.c. */
#ifndef TOY_SUSPEND_H
#define TOY_SUSPEND_H

#include "runtime.h"

struct suspended {
  G *g;
  bool dead;    /* nothing to look at, nothing held */
  bool stopped; /* it was running: resumeG makes it runnable */
};

/* On g0, any thread. Until resumeG the goroutine does not run, its stack belongs to the caller and can be walked from
 * gp->sched. The caller must not itself be a running goroutine (showWaiting), or two could wait for each other for ever, and
 * must not wait, before resumeG, for anything that a goroutine's transition may stand before. */
struct suspended suspendG(G *gp);
void resumeG(struct suspended s);

/* Around suspendG, and a stop of the world, on behalf of this M's goroutine, if it has one. */
void showWaiting(enum waitreason reason);
void showRunning(void);

/* TOYDEBUG=suspendstress=N */
void suspendstress_start(void);

#endif
