/* stackalloc_test: sizes, alignment, no overlap, reuse, growth in place, return to the system.
 *
 * Rows: SK-6, SK-7. */
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

/* In place, and the pages above the new low end stay as they were; the others are gone. */
static void test_trim(void) {
  struct stack s = stackalloc((size_t)8 << 20);
  uintptr_t hi = s.hi;
  fill(s, 3);
  size_t before = rss_kib();
  CHECK(stacktrim(&s, (size_t)4 << 20));
  size_t after = rss_kib(); /* of 4 MiB; less exact under a sanitizer */
  CHECK(before - after >= 3000 && before > after);
  CHECK(s.hi == hi && s.hi - s.lo == (size_t)4 << 20 && filled(s, 3));
  while (stacktrim(&s, (s.hi - s.lo) / 2))
    CHECK(filled(s, 3));
  CHECK(s.hi == hi && s.hi - s.lo == 32768); /* the rest is a copier's work */
  CHECK(stackextend(&s, 65536));
  fill(s, 4);
  stackfree(s);
}

/* A P keeps 32 KiB of each size at most; it is filled to half when empty and drained to half when full. */
static void test_caches(void) {
  static struct stack s[64];
  for (uint32_t order = 0; order < STACK_ORDERS; order++) {
    size_t bytes = (size_t)TOY_STACK_MIN << order, per = 32768 / bytes;
    stackcache_purge(&pp);
    CHECK_EQ(pp.stackcache[order].bytes, 0);
    s[0] = stackalloc(bytes);
    CHECK_EQ(pp.stackcache[order].bytes, per / 2 * bytes - bytes);
    for (size_t i = 1; i < 64; i++)
      s[i] = stackalloc(bytes);
    stackcache_purge(&pp);
    for (size_t i = 0; i < 64; i++) {
      stackfree(s[i]);
      CHECK(pp.stackcache[order].bytes <= 32768);
      if (i == per - 1)
        CHECK_EQ(pp.stackcache[order].bytes, 32768);
      if (i == per)
        CHECK_EQ(pp.stackcache[order].bytes, 16384 + bytes);
    }
  }
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
  test_trim();
  test_caches();
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
