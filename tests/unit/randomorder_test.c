/* randomorder_test: the coprimes are those of a naive list; every enumeration is a permutation.
 *
 * Rows: FW-6, RO-1, RO-2. */
#include "death.h"
#include "randomorder.h"
#include "runtime.h"

static struct randomOrder ord;

static bool coprime(uint32_t a, uint32_t b) {
  for (uint32_t d = 2; d <= a; d++)
    if (a % d == 0 && b % d == 0)
      return false;
  return true;
}

static void test_coprimes(uint32_t count) {
  uint32_t n = 0;
  randomOrder_reset(&ord, count);
  CHECK_EQ(ord.count, count);
  for (uint32_t i = 1; i <= count; i++)
    if (coprime(i, count))
      CHECK_EQ(ord.coprimes[n++], i);
  CHECK_EQ(ord.ncoprimes, n);
}

static void test_permutation(uint32_t n, uint32_t i) {
  uint64_t seen = 0;
  uint32_t steps = 0;
  struct randomEnum e = randomOrder_start(&ord, i);
  CHECK_EQ(randomEnum_position(&e), i % n);
  for (; !randomEnum_done(&e) && steps <= n; randomEnum_next(&e), steps++)
    seen |= UINT64_C(1) << randomEnum_position(&e);
  CHECK_EQ(steps, n);
  CHECK(seen == (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1));
}

int main(void) {
  m0_init();
  for (uint32_t count = 1; count <= 256; count++)
    test_coprimes(count);
  for (uint32_t n = 1; n <= 64; n++) {
    randomOrder_reset(&ord, n);
    for (uint32_t i = 0; i < n * n; i++)
      test_permutation(n, i);
  }
  CHECK_DEATH(randomOrder_reset(&ord, RANDOMORDER_MAX + 1), "randomOrder");
  return unit_end();
}
