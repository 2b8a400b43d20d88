/* quantum.h: see quantum.c. */
#ifndef TOY_QUANTUM_H
#define TOY_QUANTUM_H

#include <stdbool.h>
#include <stdint.h>

#define QUANTUM_NS (100 * 1000)
#define PATIENCE_MAX (2 * 1000 * 1000)

enum { QUANTUM_NONE, QUANTUM_LAZY /* sysmon sleeps for long */, QUANTUM_WOKEN /* a goroutine became ready */ };

/* sysmon's own. patience: QUANTUM_NS, or more after looks that found nobody to ask. */
struct quantum { int64_t patience; };

/* Sleeps about us microseconds, less when somebody waits for a busy P: then it is preempted. */
void quantum_sleep(struct quantum *q, uint32_t us);
int quantum_serve(int64_t now, bool woken); /* the number of Ps asked to yield */
void quantum_woken(void);                   /* a goroutine has become ready, no P is idle and sysmon is lazy */
void quantum_timer(int64_t when);           /* a timer has become the earliest of its P, and no P is idle */

#endif
