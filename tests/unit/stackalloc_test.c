/* stackalloc_test: sizes, alignment, no overlap, reuse, growth in place, return to the system.
 *
 * Rows: SK-6. */
#include "death.h"
#include "runtime.h"

static P pp;

static size_t rss_kib(void) {
  char buf[256];
  FILE *f = fopen("/proc/self/statm", "r");
  unsigned long size = 0, resident = 0;
  if (!f || !fgets(buf, sizeof buf, f) || sscanf(buf, "%lu %lu", &size, &resident) != 2)
    abort();
  fclose(f);
  return resident * 4;
}

static void fill(struct stack s, int byte) { memset((void *)s.lo, byte, s.hi - s.lo); }

static bool filled(struct stack s, int byte) {
  for (const unsigned char *p = (unsigned char *)s.lo; p < (unsigned char *)s.hi; p++)
    if (*p != byte)
      return false;
  return true;
}

/* Stacks of one size do not overlap: each keeps its pattern. */
static void test_size(size_t bytes, int n) {
  struct stack s[64];
  for (int i = 0; i < n; i++) {
    s[i] = stackalloc(bytes);
    CHECK_EQ(s[i].hi - s[i].lo, bytes);
    CHECK_EQ(s[i].hi % TOY_STACK_MIN, 0);
    CHECK(s[i].base <= s[i].lo);
    fill(s[i], i + 1);
  }
  for (int i = 0; i < n; i++)
    CHECK(filled(s[i], i + 1));
  for (int i = 0; i < n; i++)
    stackfree(s[i]);
}

static void test_all_sizes(void) {
  for (size_t bytes = TOY_STACK_MIN; bytes <= (size_t)4 << 20; bytes *= 2)
    test_size(bytes, bytes <= 65536 ? 64 : 3);
}

static void test_reuse(void) {
  struct stack a = stackalloc(2048);
  stackfree(a);
  struct stack b = stackalloc(2048);
  CHECK_EQ(a.lo, b.lo);
  stackfree(b);
  a = stackalloc(1 << 16);
  stackfree(a);
  b = stackalloc(1 << 16);
  CHECK_EQ(a.hi, b.hi);
  stackfree(b);
}

static void test_extend(void) {
  struct stack s = stackalloc(32768);
  uintptr_t hi = s.hi;
  fill(s, 1);
  while (stackextend(&s, 2 * (s.hi - s.lo)))
    fill(s, 2);
  CHECK_EQ(s.hi, hi);
  CHECK_EQ(s.hi - s.lo, 1 << 20);
  stackfree(s);
  s = stackalloc(4096);
  CHECK(!stackextend(&s, 8192)); /* small stacks have neighbours */
  stackfree(s);
}

/* Memory that many small stacks have had goes back, but for a bounded rest. */
static void test_release(void) {
  enum { N = 20000 };
  static struct stack s[N];
  size_t before = rss_kib();
  for (int i = 0; i < N; i++)
    fill(s[i] = stackalloc(4096), 1);
  size_t most = rss_kib();
  CHECK(most - before >= N * 4 * 9 / 10);
  for (int i = 0; i < N; i++)
    stackfree(s[i]);
  size_t after = rss_kib();
  CHECK(after - before < 8 * 1024);
}

/* Kept large stacks go back when two calls of the scavenger see no use between. */
static void test_scavenge(void) {
  size_t before = rss_kib();
  struct stack s = stackalloc((size_t)32 << 20);
  fill(s, 1);
  stackfree(s);
  CHECK(rss_kib() - before >= 30 * 1024);
  CHECK(stackscavenge(2000, 10)); /* it was used since the last look */
  CHECK(stackscavenge(2009, 10)); /* too early */
  CHECK(rss_kib() - before >= 30 * 1024);
  CHECK(!stackscavenge(2010, 10));
  CHECK(rss_kib() - before < 2 * 1024);
  CHECK(!stackscavenge(3000, 10));
}

static void refused(void) {
  debugvars.mmapfail = 1;
  for (;;)
    stackalloc(2048);
}

static void large_refused(void) {
  debugvars.mmapfail = 1;
  stackalloc((size_t)64 << 20);
}

int main(void) {
  m0_init();
  test_all_sizes(); /* without a P: the central lists */
  atomic_store(&m0.p, &pp);
  test_all_sizes();
  test_reuse();
  test_extend();
  test_release();
  stackcache_purge(&pp);
  stackscavenge(1000, 10);
  stackscavenge(1010, 10);
  test_scavenge();
  CHECK_DEATH(stackalloc(3000), "not a power of two");
  CHECK_DEATH(stackalloc(1024), "not a power of two");
  CHECK_DEATH(refused(), "cannot allocate");
  CHECK_DEATH(large_refused(), "cannot allocate 67108864 bytes of memory: Cannot allocate memory (errno=12)");
  return unit_end();
}
