/* unsafepoint.h: the compiler's table of sequences that must not be stopped in the middle. */
#ifndef TOY_UNSAFEPOINT_H
#define TOY_UNSAFEPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/module.h"

/* Sorts and checks the table. On g0, once, before the first preemption signal. */
void unsafepoint_init(void);

/* May the instruction at pc be stopped at, and where does it go on afterwards? False inside an unsafe range; inside a
 * restartable one *resume is the range's start or the function's entry, else pc. Safe in signal handlers. */
bool unsafepoint_resume(uintptr_t pc, uintptr_t *resume);

/* The same over a given table sorted by begin, for tests. */
bool unsafepoint_in(const struct toy_unsafe *table, uint64_t n, uintptr_t pc, uintptr_t *resume);

#endif
