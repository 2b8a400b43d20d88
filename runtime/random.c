/* random.c: the order of stealing, and the small random numbers the scheduler needs.
 *
 * stealOrder holds the numbers coprime to the count; it is rebuilt when the number of Ps changes, with the world
 * stopped. fastrand is per M, without locks: a 64-bit state, never 0, stepped by a multiplication whose halves are
 * mixed. It decides nothing but fairness; math/rand's own functions, which promise no sequence, take it too.
 */
#include "randomorder.h"

#include "rtcalls.h"
#include "seed.h"

struct randomOrder stealOrder;

static uint32_t gcd(uint32_t a, uint32_t b) {
  while (b) {
    uint32_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

void randomOrder_reset(struct randomOrder *ord, uint32_t count) {
  if (count > RANDOMORDER_MAX)
    throwf("randomOrder: %u", count);
  ord->count = count;
  ord->ncoprimes = 0;
  for (uint32_t i = 1; i <= count; i++)
    if (gcd(i, count) == 1)
      ord->coprimes[ord->ncoprimes++] = i;
}

struct randomEnum randomOrder_start(const struct randomOrder *ord, uint32_t i) {
  return (struct randomEnum){0, ord->count, i % ord->count, ord->coprimes[i / ord->count % ord->ncoprimes]};
}

/* wyrand, of Wang Yi. */
static inline uint64_t step(M *mp) {
  mp->fastrand += 0xa0761d6478bd642fu;
  unsigned __int128 m = (unsigned __int128)mp->fastrand * (mp->fastrand ^ 0xe7037ed1a0b428dbu);
  return (uint64_t)(m >> 64) ^ (uint64_t)m;
}

uint32_t fastrand(void) { return seeded() ? seed_rand() : (uint32_t)step(toy_m); }

uint64_t fastrand64(void) { return seeded() ? (uint64_t)seed_rand() << 32 | seed_rand() : step(toy_m); }

int64_t toy_math_rand_word(void) { return (int64_t)fastrand64(); }

uint32_t fastrandn(uint32_t n) { return (uint32_t)((uint64_t)fastrand() * n >> 32); }
