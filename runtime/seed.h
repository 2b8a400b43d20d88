/* seed.h: what the scheduler asks of a seeded run; see seed.c. Nothing here is called unless seeded(). */
#ifndef TOY_SEED_H
#define TOY_SEED_H

#include "runtime.h"

uint32_t seed_rand(void);
uint64_t mix64(uint64_t x);             /* any time */
void seed_put(G *gp);                   /* instead of any run queue */
void seed_putall(struct gqueue *q);
bool seed_empty(void);
G *seed_find(P *pp);                    /* instead of looking at queues, timers and the network; null: sleep for good */
bool seed_point(void);                  /* at a scheduling point: must the goroutine yield? */
void seed_execute(G *gp);               /* gp is next */
int64_t seed_nanotime(void);
int64_t seed_clock(void);               /* the program reads its clock */
int64_t seed_walltime(void);
void seed_print(void);
void seed_watch(void);                  /* starts the thread that reports a stuck run */
int32_t seed_procs(int32_t n);          /* GOMAXPROCS(n) */

#endif
