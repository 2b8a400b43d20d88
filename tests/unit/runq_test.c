/* runq_test: the ring of a P, by counts (what overflows, what a thief takes, in which order) and by racing thieves:
 * every goroutine comes out exactly once, also when the 32-bit indices wrap.
 *
 * Rows: BS-16, RQ-1, RQ-2, RQ-3, RQ-4, RQ-5, RQ-6. */
#include <pthread.h>

#include "death.h"
#include "gqueue.h"
#include "runtime.h"

#define MANY 400
static G gs[MANY];
static P ps[9];

static void reset(void) {
  memset(ps, 0, sizeof ps);
  memset(&sched.runq, 0, sizeof sched.runq);
  atomic_store(&sched.runqsize, 0);
  atomic_store(&gomaxprocs, 4);
  for (int i = 0; i < MANY; i++)
    gs[i] = (G){.goid = (uint64_t)i};
}

static void put(P *pp, int from, int n) {
  for (int i = 0; i < n; i++)
    runqput(pp, &gs[from + i], false);
}

static uint32_t ringsize(P *pp) { return atomic_load(&pp->runqtail) - atomic_load(&pp->runqhead); }

static int64_t get(P *pp, bool *inherit) {
  G *gp = runqget(pp, inherit);
  return gp ? (int64_t)gp->goid : -1;
}

static void test_fifo(uint32_t start) {
  bool inherit = true;
  reset();
  atomic_store(&ps[0].runqhead, start);
  atomic_store(&ps[0].runqtail, start);
  CHECK(runqempty(&ps[0]));
  put(&ps[0], 0, RUNQ_LEN);
  CHECK(!runqempty(&ps[0]));
  for (int i = 0; i < RUNQ_LEN; i++) {
    CHECK_EQ(get(&ps[0], &inherit), i);
    CHECK(!inherit);
  }
  CHECK_EQ(get(&ps[0], &inherit), -1);
  CHECK(runqempty(&ps[0]));
}

static void test_runnext(void) {
  bool inherit;
  reset();
  for (int i = 0; i < 3; i++)
    runqput(&ps[0], &gs[i], true);
  CHECK(!runqempty(&ps[0]));
  CHECK_EQ(ringsize(&ps[0]), 2);
  CHECK_EQ(get(&ps[0], &inherit), 2);
  CHECK(inherit);
  CHECK_EQ(get(&ps[0], &inherit), 0);
  CHECK(!inherit);
  CHECK_EQ(get(&ps[0], &inherit), 1);
  runqput(&ps[0], &gs[7], true);
  CHECK(!runqempty(&ps[0])); /* only runnext is there */
}

/* 257 puts: the older half and the new one are in the global queue, in order. */
static void test_overflow(void) {
  bool inherit;
  reset();
  put(&ps[0], 0, RUNQ_LEN + 1);
  CHECK_EQ(ringsize(&ps[0]), 128);
  CHECK_EQ(atomic_load(&sched.runqsize), 129);
  for (int i = 0; i < 129; i++) {
    G *gp = gqueue_pop(&sched.runq);
    CHECK_EQ(gp ? (int64_t)gp->goid : -1, i < 128 ? i : RUNQ_LEN);
  }
  CHECK(gqueue_empty(&sched.runq));
  CHECK_EQ(get(&ps[0], &inherit), 128);
}

static void test_batch(void) {
  struct gqueue q = {NULL, NULL};
  reset();
  put(&ps[0], 0, 100);
  for (int i = 100; i < MANY; i++)
    gqueue_pushback(&q, &gs[i]);
  runqputbatch(&ps[0], &q, 300);
  CHECK_EQ(ringsize(&ps[0]), RUNQ_LEN);
  CHECK_EQ(atomic_load(&sched.runqsize), 144);
  CHECK(gqueue_empty(&q));
}

static void test_drain(void) {
  uint32_t n;
  reset();
  put(&ps[0], 0, 10);
  runqput(&ps[0], &gs[10], true);
  struct gqueue q = runqdrain(&ps[0], &n);
  CHECK_EQ(n, 11);
  CHECK_EQ(gqueue_pop(&q)->goid, 10);
  for (int i = 0; i < 10; i++)
    CHECK_EQ(gqueue_pop(&q)->goid, i);
  CHECK(gqueue_empty(&q) && runqempty(&ps[0]));
}

static void test_steal_counts(void) {
  for (int n = 0; n <= RUNQ_LEN; n++) {
    reset();
    atomic_store(&ps[0].runqhead, UINT32_MAX - 5);
    atomic_store(&ps[0].runqtail, UINT32_MAX - 5);
    put(&ps[0], 0, n);
    int want = n - n / 2;
    G *gp = runqsteal(&ps[1], &ps[0], false);
    CHECK_EQ(gp ? (int64_t)gp->goid : -1, want - 1);
    CHECK_EQ(ringsize(&ps[0]), n - want);
    CHECK_EQ(ringsize(&ps[1]), want ? want - 1 : 0);
  }
}

static void test_steal_runnext(void) {
  reset();
  runqput(&ps[0], &gs[0], true);
  CHECK(!runqsteal(&ps[1], &ps[0], false));
  CHECK(!runqempty(&ps[0]));
  CHECK(runqsteal(&ps[1], &ps[0], true) == &gs[0]);
  CHECK(runqempty(&ps[0]));
}

/* min(size, size / procs + 1, max, 128); one is returned, the others are in the ring. */
static void test_globrunqget(void) {
  static const struct { int size, procs, max, want; } t[] = {
    {0, 4, 0, 0}, {1, 1, 0, 1}, {1, 4, 0, 1}, {10, 1, 0, 10}, {10, 4, 0, 3}, {10, 4, 1, 1}, {10, 4, 2, 2},
    {300, 1, 0, 128}, {300, 2, 0, 128}, {300, 4, 0, 76}, {2, 64, 0, 1},
  };
  for (size_t i = 0; i < nelem(t); i++) {
    reset();
    atomic_store(&gomaxprocs, t[i].procs);
    for (int k = 0; k < t[i].size; k++)
      globrunqput(&gs[k]);
    G *gp = globrunqget(&ps[0], t[i].max);
    CHECK_EQ(gp ? (int64_t)gp->goid : -1, t[i].want ? 0 : -1);
    CHECK_EQ(ringsize(&ps[0]), t[i].want ? t[i].want - 1 : 0);
    CHECK_EQ(atomic_load(&sched.runqsize), t[i].size - t[i].want);
  }
}

/* ---- one producer, seven thieves */

static G *items;
static int nitems;
static _Atomic uint8_t *taken;
static _Atomic int ntaken;
static M ms[9];
static G g0s[9];

static void enter_thread(int i) {
  ms[i].g0 = &g0s[i];
  ms[i].fastrand = (uint64_t)i * 77 + 1;
  toy_m = &ms[i];
  toy_g = &g0s[i];
}

static void take(G *gp) {
  if (!gp)
    return;
  if (atomic_fetch_add(&taken[gp->goid], 1) != 0)
    CHECK(!"taken twice");
  atomic_fetch_add(&ntaken, 1);
}

static void take_global(P *pp) {
  lock(&sched.lock);
  G *gp = gqueue_pop(&sched.runq);
  if (gp)
    atomic_fetch_sub(&sched.runqsize, 1);
  unlock(&sched.lock);
  take(gp);
}

static void *thief(void *arg) {
  int id = (int)(intptr_t)arg;
  P *pp = &ps[id];
  bool inherit;
  enter_thread(id);
  while (atomic_load(&ntaken) < nitems) {
    G *gp = runqsteal(pp, &ps[0], fastrandn(8) == 0);
    take(gp);
    for (G *own; (own = runqget(pp, &inherit));)
      take(own);
    if (!gp)
      take_global(pp);
  }
  return NULL;
}

static void test_thieves(void) {
  pthread_t t[7];
  bool inherit;
  reset();
  items = calloc((size_t)nitems, sizeof *items);
  taken = calloc((size_t)nitems, 1);
  atomic_store(&ps[0].runqhead, UINT32_MAX - 4);
  atomic_store(&ps[0].runqtail, UINT32_MAX - 4);
  for (int i = 0; i < 7; i++)
    if (pthread_create(&t[i], NULL, thief, (void *)(intptr_t)(i + 1)) != 0)
      abort();
  for (int i = 0; i < nitems; i++) {
    items[i].goid = (uint64_t)i;
    runqput(&ps[0], &items[i], i % 3 == 0);
    if (i % 5 == 0)
      take(runqget(&ps[0], &inherit));
  }
  for (G *own; (own = runqget(&ps[0], &inherit));)
    take(own);
  for (int i = 0; i < 7; i++)
    pthread_join(t[i], NULL);
  for (int i = 0; i < nitems; i++)
    if (taken[i] != 1)
      CHECK_EQ(taken[i], 1);
}

int main(int argc, char **argv) {
  nitems = argc > 1 ? atoi(argv[1]) : 1000000;
  m0_init();
  ncpu = 2;
  test_fifo(0);
  test_fifo(UINT32_MAX - 4);
  test_runnext();
  test_overflow();
  test_batch();
  test_drain();
  test_steal_counts();
  test_steal_runnext();
  test_globrunqget();
  test_thieves();
  return unit_end();
}
