/* idle_test: how an M gives its P up, by constructed state: what it must see on the way to sleep, and what it leaves
 * behind. The scheduler is included, so that its steps can be called one by one.
 *
 * Rows: RQ-4, RQ-11, FW-1, FW-3, FW-4, FW-5, FW-6, FW-7. */
#include "../../runtime/proc.c"

#include "death.h"

static G gs[8];

static void reset(int procs, bool spinning) {
  bool inherit;
  for (int i = 0; i < atomic_load(&gomaxprocs); i++)
    while (runqget(allp[i], &inherit)) {
    }
  memset(&sched.runq, 0, sizeof sched.runq);
  atomic_store(&sched.runqsize, 0);
  for (size_t i = 0; i < nelem(gs); i++)
    gs[i].schedlink = NULL;
  atomic_store(&sched.gcwaiting, 0);
  atomic_store(&sched.needspinning, 0);
  atomic_store(&sched.nmspinning, spinning);
  atomic_store(&sched.npidle, 0);
  sched.pidle = NULL;
  m0.spinning = spinning;
  lock(&sched.lock);
  procresize(procs);
  while (pidleget()) { /* all others are busy */
  }
  unlock(&sched.lock);
  for (int i = 1; i < procs; i++)
    atomic_store(&allp[i]->status, Prunning);
}

static enum gaveup give_up(G **gp) {
  struct timelook look = {0, 0};
  *gp = NULL;
  return giveUpP(&m0, atomic_load(&m0.p), gp, &look);
}

static void expect(bool has_p, bool spinning, int nmspinning, int npidle) {
  CHECK_EQ(atomic_load(&m0.p) != NULL, has_p);
  CHECK_EQ(m0.spinning, spinning);
  CHECK_EQ(atomic_load(&sched.nmspinning), nmspinning);
  CHECK_EQ(atomic_load(&sched.npidle), npidle);
}

static void test_sleep(bool spinning) {
  G *gp;
  unit_case = spinning ? "spinning, nothing to do" : "not spinning, nothing to do";
  reset(3, spinning);
  CHECK_EQ(give_up(&gp), GAVE_UP);
  expect(false, false, 0, 1);
}

/* Work that was put after the M had looked: the last look finds it. */
static void test_last_look(void) {
  G *gp;
  unit_case = "spinning, work in a ring";
  reset(3, true);
  runqput(allp[2], &gs[0], false);
  CHECK_EQ(give_up(&gp), LOOK_AGAIN);
  expect(true, true, 1, 0);

  unit_case = "spinning, work in runnext";
  reset(3, true);
  runqput(allp[1], &gs[0], true);
  CHECK_EQ(give_up(&gp), LOOK_AGAIN);
  expect(true, true, 1, 0);

  unit_case = "anywork: global";
  reset(3, true);
  CHECK(!anywork());
  lock(&sched.lock);
  globrunqput(&gs[0]);
  unlock(&sched.lock);
  CHECK(anywork());
}

static void test_found_under_lock(void) {
  G *gp;
  unit_case = "global queue";
  reset(2, true);
  lock(&sched.lock);
  globrunqput(&gs[3]);
  unlock(&sched.lock);
  CHECK_EQ(give_up(&gp), FOUND);
  CHECK(gp == &gs[3]);
  expect(true, true, 1, 0);

  unit_case = "a stop is requested";
  reset(2, true);
  atomic_store(&sched.gcwaiting, 1);
  CHECK_EQ(give_up(&gp), LOOK_AGAIN);
  expect(true, true, 1, 0);
  atomic_store(&sched.gcwaiting, 0);
}

static void test_word(void) {
  G *gp;
  unit_case = "not spinning, a word was left";
  reset(2, false);
  atomic_store(&sched.needspinning, 1);
  CHECK_EQ(give_up(&gp), LOOK_AGAIN);
  expect(true, true, 1, 0);
  CHECK_EQ(atomic_load(&sched.needspinning), 0);
}

/* SW-4: a P that owes forEachP a call does not go idle. */
static void test_safe_point_first(void) {
  G *gp;
  unit_case = "a function waits to be run for this P";
  reset(2, false);
  atomic_store(&allp[0]->runSafePointFn, 1);
  CHECK_EQ(give_up(&gp), LOOK_AGAIN);
  expect(true, false, 0, 0);
  atomic_store(&allp[0]->runSafePointFn, 0);
}

/* Spinning Ms are at most half as many as busy Ps. */
static void test_may_spin(void) {
  static const struct { int procs, idle, spinning; bool may; } t[] = {
    {1, 0, 0, true}, {4, 0, 0, true},  {4, 0, 1, true},  {4, 0, 2, false},
    {4, 3, 0, true}, {4, 2, 1, false}, {4, 4, 0, false},
  };
  unit_case = "may_spin";
  for (size_t i = 0; i < nelem(t); i++) {
    reset(t[i].procs, false);
    atomic_store(&sched.npidle, t[i].idle);
    atomic_store(&sched.nmspinning, t[i].spinning);
    CHECK_EQ(may_spin(&m0), t[i].may);
  }
  reset(4, true);
  atomic_store(&sched.nmspinning, 4);
  CHECK(may_spin(&m0)); /* who spins already goes on */
}

static void test_steal(void) {
  unit_case = "steal";
  reset(4, true);
  runqput(allp[3], &gs[1], true);
  CHECK(!stealRound(allp[0], NULL)); /* runnext is for the last round */
  CHECK(stealWork(allp[0], &(struct timelook){0, 0}) == &gs[1]);
  pMask_set(&idlepMask, 2);
  runqput(allp[2], &gs[2], false);
  CHECK(!stealWork(allp[0], &(struct timelook){0, 0})); /* an idle P has no work; it is not looked at */
  pMask_clear(&idlepMask, 2);
  atomic_store(&allp[2]->status, Pidle); /* with work: given to a thread that has not come yet */
  CHECK(anywork());
  CHECK(stealWork(allp[0], &(struct timelook){0, 0}) == &gs[2]);
  runqput(allp[2], &gs[2], true);
  CHECK(anywork());
  CHECK(stealWork(allp[0], &(struct timelook){0, 0}) == &gs[2]);
  atomic_store(&allp[2]->status, Prunning);
  runqput(allp[2], &gs[2], false);
  atomic_store(&sched.gcwaiting, 1);
  CHECK(!stealWork(allp[0], &(struct timelook){0, 0}));
  atomic_store(&sched.gcwaiting, 0);
  CHECK(stealWork(allp[0], &(struct timelook){0, 0}) == &gs[2]);
}

/* Every 61st turn looks at the global queue first; else the own ring does. */
static void test_order(void) {
  bool inherit;
  unit_case = "order";
  for (uint32_t tick = 0; tick < 123; tick++) {
    reset(1, false);
    atomic_store(&allp[0]->schedtick, tick);
    runqput(allp[0], &gs[0], false);
    lock(&sched.lock);
    globrunqput(&gs[1]);
    unlock(&sched.lock);
    CHECK_EQ(findLocal(allp[0], &inherit) - gs, tick % 61 == 0);
    CHECK(!inherit);
  }
}

static void test_slice(void) {
  bool inherit;
  unit_case = "slice over";
  reset(1, false);
  runqput(allp[0], &gs[0], true);
  CHECK(findLocal(allp[0], &inherit) == &gs[0] && inherit);
  runqput(allp[0], &gs[0], true);
  atomic_store(&allp[0]->preempt, 1);
  slice_over(allp[0]);
  CHECK_EQ(atomic_load(&allp[0]->preempt), 0);
  CHECK_EQ(atomic_load(&sched.runqsize), 1);
  atomic_store(&allp[0]->schedtick, 1);
  CHECK(findLocal(allp[0], &inherit) == &gs[0] && !inherit);
}

int main(void) {
  m0_init();
  ncpu = 2;
  sched.mnext = 5; /* others run: no deadlock */
  test_sleep(true);
  acquirep(pidleget());
  test_sleep(false);
  acquirep(pidleget());
  test_last_look();
  test_found_under_lock();
  test_word();
  test_may_spin();
  test_steal();
  test_order();
  test_slice();
  m0.spinning = false;
  CHECK_DEATH(resetspinning(&m0), "resetspinning: not a spinning m");
  test_safe_point_first();
  return unit_end();
}
