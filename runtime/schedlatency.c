/* schedlatency.c: TOYDEBUG=schedlatency=N: how long goroutines wait in a queue before they run.
 *
 * Every N-th time that a goroutine becomes runnable the clock is read, and again when it runs; N = 1 counts every run, N = 8
 * costs little enough to leave on. Printed at exit: a line for each power of two of nanoseconds that occurred. The
 * first reading is made before the transition by who makes it, the second behind the next one, so the fields in G need no
 * order of their own: the transitions' is theirs. */
#include "runtime.h"

enum { BUCKETS = 48 };
static _Atomic uint64_t histogram[BUCKETS]; /* [i]: below 2^i ns and not below 2^(i-1) */

static void count(int64_t ns) {
  int i = ns <= 0 ? 0 : 64 - __builtin_clzll((uint64_t)ns);
  atomic_fetch_add_explicit(&histogram[i < BUCKETS ? i : BUCKETS - 1], 1, memory_order_relaxed);
}

void schedlatency_begin(G *gp) {
  if (gp->latencySeq++ % (uint64_t)debugvars.schedlatency == 0)
    gp->runnableSince = nanotime();
}

void schedlatency_end(G *gp) {
  if (!gp->runnableSince)
    return;
  count(nanotime() - gp->runnableSince);
  gp->runnableSince = 0;
}

void schedlatency_print(void) {
  uint64_t total = 0;
  for (int i = 0; i < BUCKETS; i++) {
    uint64_t n = atomic_load_explicit(&histogram[i], memory_order_relaxed);
    if (n)
      rtprintf("schedlatency: < %lu ns: %lu\n", 1ul << i, (unsigned long)n);
    total += n;
  }
  rtprintf("schedlatency: %lu runs\n", (unsigned long)total);
}
