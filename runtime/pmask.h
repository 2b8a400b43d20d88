/* pmask.h: a bit a processor, set and cleared atomically. Readers take it as a hint: whoever relies on a bit must make
 * sure, by another way, that nothing is lost when it reads a stale one. */
#ifndef TOY_PMASK_H
#define TOY_PMASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PMASK_MAX 1024
struct pMask { _Atomic uint32_t word[PMASK_MAX / 32]; };

static inline bool pMask_read(struct pMask *m, uint32_t id) {
  return atomic_load_explicit(&m->word[id / 32], memory_order_seq_cst) >> id % 32 & 1;
}
static inline void pMask_set(struct pMask *m, uint32_t id) {
  atomic_fetch_or_explicit(&m->word[id / 32], 1u << id % 32, memory_order_seq_cst);
}
static inline void pMask_clear(struct pMask *m, uint32_t id) {
  atomic_fetch_and_explicit(&m->word[id / 32], ~(1u << id % 32), memory_order_seq_cst);
}

extern struct pMask idlepMask;  /* Ps on sched.pidle: cleared before the P can be used, so one with work is never marked */
extern struct pMask timerpMask; /* Ps that may have timers: all that are not idle, and idle ones that have (p.c) */

#endif
