/* randomorder.h: visit 0 … n-1 each once, starting anywhere, in an order that differs from start to start, without
 * storing a permutation: step by a number coprime to n. */
#ifndef TOY_RANDOMORDER_H
#define TOY_RANDOMORDER_H

#include <stdbool.h>
#include <stdint.h>

#define RANDOMORDER_MAX 4096
struct randomOrder { uint32_t count, ncoprimes; uint32_t coprimes[RANDOMORDER_MAX]; };
struct randomEnum { uint32_t i, count, pos, inc; };

void randomOrder_reset(struct randomOrder *ord, uint32_t count);
struct randomEnum randomOrder_start(const struct randomOrder *ord, uint32_t i);
static inline bool randomEnum_done(const struct randomEnum *e) { return e->i == e->count; }
static inline void randomEnum_next(struct randomEnum *e) {
  e->i++;
  e->pos = (e->pos + e->inc) % e->count;
}
static inline uint32_t randomEnum_position(const struct randomEnum *e) { return e->pos; }

extern struct randomOrder stealOrder; /* of allp; written while the world is stopped */

#endif
