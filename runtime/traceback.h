/* traceback.h: see traceback.c; traceback(), goroutineheader() and tracebackothers() are in runtime.h. */
#ifndef TOY_TRACEBACK_H
#define TOY_TRACEBACK_H

#include "runtime.h"

/* From now on gp's walk starts at f instead of gp->sched: gp was interrupted by a signal on this thread and will not run
 * again. One goroutine a process: only the reporting thread calls it. */
void set_interrupted_frame(G *gp, struct frame f);

/* The walk's start: gp->sched, or what set_interrupted_frame said. False: no Toy frame. */
bool traceback_first(const G *gp, struct frame *f);

/* The frames of calls that return to these. */
void traceback_pcs(const uintptr_t *pcs, uint32_t n);

/* All but `me`, each suspended for the time it takes; nobody dies of it. */
void tracebacksuspended(const G *me);

/* "created by main.main in goroutine 1" and where; nothing if gopc is not in a known function. */
void print_gostatement(const char *prefix, uintptr_t gopc, const char *suffix);

#endif
