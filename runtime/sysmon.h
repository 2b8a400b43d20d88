/* sysmon.h: see sysmon.c. */
#ifndef TOY_SYSMON_H
#define TOY_SYSMON_H

#include <stdint.h>

/* The next sleep, from the last one and the number of rounds without effect. */
uint32_t sysmon_backoff(uint32_t delay_us, uint32_t idle_rounds);

/* Wakes sysmon from its deep sleep, if it is in it. Under sched.lock. */
void sysmon_wake(void);

#endif
