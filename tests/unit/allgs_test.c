/* allgs_test [GOROUTINES]: the list of all goroutines, read without a lock while it grows: every reader finds whole
 * goroutines at every index below the length that it has read, in arrays that stay valid. newproc.c is included for
 * allgadd; under the thread sanitizer (tests/sanitize) a missing release or acquire is a race.
 *
 * Rows: GL-1, GL-2. */
#include <pthread.h>

#include "../../runtime/newproc.c"

#include "death.h"

enum { ADDERS = 2, READERS = 2 };
static size_t ngs = 20000;
static _Atomic int adding = ADDERS;

static M ms[ADDERS + READERS + 1];
static G g0s[ADDERS + READERS + 1];

static void become(size_t i) {
  ms[i].g0 = &g0s[i];
  ms[i].id = (int64_t)i;
  toy_m = &ms[i];
  toy_g = &g0s[i];
}

/* Each G says who it is before it is on the list. */
static void *adder(void *arg) {
  size_t me = (size_t)(uintptr_t)arg;
  become(me);
  for (size_t i = 0; i < ngs / ADDERS; i++) {
    G *gp = calloc(1, sizeof *gp);
    atomic_store_explicit(&gp->atomicstatus, Gdead, memory_order_relaxed);
    gp->goid = me << 32 | i;
    allgadd(gp);
  }
  atomic_fetch_sub(&adding, 1);
  return NULL;
}

/* Order within the list is each adder's own. */
static bool whole(size_t from, size_t n, G **gs) {
  uint64_t next[ADDERS + 1] = {0};
  bool seen[ADDERS + 1] = {false};
  for (size_t i = from; i < n; i++) {
    uint64_t who = gs[i]->goid >> 32, number = gs[i]->goid & UINT32_MAX;
    if (who < 1 || who > ADDERS || (seen[who] && number != next[who]))
      return false;
    seen[who] = true;
    next[who] = number + 1;
  }
  return true;
}

static void *reader(void *arg) {
  uintptr_t bad = 0;
  become((size_t)(uintptr_t)arg);
  for (size_t last = 0; atomic_load(&adding);) {
    size_t n = atomic_load_explicit(&allglen, memory_order_acquire);
    G **gs = atomic_load_explicit(&allgs, memory_order_acquire);
    bad += n < last || !whole(n > 500 ? n - 500 : 0, n, gs);
    last = n;
  }
  return (void *)bad;
}

int main(int argc, char **argv) {
  if (argc > 1)
    ngs = strtoul(argv[1], NULL, 10);
  m0_init();
  pthread_t t[ADDERS + READERS];
  for (size_t i = 0; i < ADDERS + READERS; i++)
    if (pthread_create(&t[i], NULL, i < ADDERS ? adder : reader, (void *)(uintptr_t)(i + 1)))
      abort();
  for (size_t i = 0; i < ADDERS + READERS; i++) {
    void *bad = NULL;
    pthread_join(t[i], &bad);
    CHECK(!bad);
  }
  CHECK_EQ(atomic_load(&allglen), ngs / ADDERS * ADDERS);
  CHECK(whole(0, atomic_load(&allglen), atomic_load(&allgs)));
  return unit_end();
}
