/* sysmon.h: see sysmon.c. */
#ifndef TOY_SYSMON_H
#define TOY_SYSMON_H

#include <stdatomic.h>
#include <stdint.h>

/* The next sleep, from the last one and the number of rounds without effect. */
uint32_t sysmon_backoff(uint32_t delay_us, uint32_t idle_rounds);

/* Wakes sysmon from its deep sleep, if it is in it. Under sched.lock. */
void sysmon_wake(void);

/* nanotime() as sysmon last read it: at most 10 ms old while any goroutine runs; for who asks often and not exactly. On a line
 * of its own: everybody reads it, it is written 100 to 50,000 times a second. 0: sysmon has not started. */
struct sysmon_clock { _Alignas(64) _Atomic int64_t now; };
extern struct sysmon_clock sysmon_clock;
static inline int64_t sysmon_time(void) { return atomic_load_explicit(&sysmon_clock.now, memory_order_relaxed); }
int64_t sysmon_tick(void);                                     /* reads the clock and keeps it; returned */

#endif
