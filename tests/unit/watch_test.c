/* watch_test: who looks after timers while an M sleeps, by constructed state. The scheduler is included, with a poller that
 * returns what the test says.
 *
 * Rows: FW-4, TN-4. */
#include "../../runtime/netpoll.h"

static struct { struct gqueue brings; int64_t until; int sleeps, breaks; int64_t told; } poller;

static struct gqueue test_netpoll(int64_t delay, int32_t *delta);
static void test_break(void) { poller.breaks++; }
static void test_wake(int64_t when) { poller.told = when; }

#define netpoll test_netpoll
#define netpollBreak test_break
#define wakeNetPoller test_wake
#include "../../runtime/proc.c"

#include "death.h"

static struct gqueue test_netpoll(int64_t delay, int32_t *delta) {
  struct gqueue list = poller.brings;
  (void)delay;
  *delta = 0;
  memset(&poller.brings, 0, sizeof poller.brings);
  poller.until = atomic_load(&sched.pollUntil);
  poller.sleeps++;
  return list;
}

static void set_timer(P *pp, int64_t when) {
  atomic_store(&pp->timers.minWhenHeap, when);
  if (when)
    pMask_set(&timerpMask, (uint32_t)pp->id);
}

/* This M has the first of two Ps, which is given up; the other is busy. */
static enum gaveup give_up(bool spinning, struct timelook *look) {
  G *gp = NULL;
  memset(&poller, 0, sizeof poller);
  m0.spinning = spinning;
  atomic_store(&sched.nmspinning, spinning);
  return giveUpP(&m0, getp(&m0), &gp, look);
}

/* Whoever gives a P up knows of the timers of all Ps, also of those whose own M may be in a loop. */
static void test_all_timers(void) {
  static const struct { int64_t own, others, until; } t[] = {{0, 0, 0}, {0, 70, 70}, {50, 70, 50}, {70, 50, 50}};
  for (int spinning = 0; spinning < 2; spinning++)
    for (size_t i = 0; i < nelem(t); i++) {
      struct timelook look = {0, t[i].own};
      unit_case = spinning ? "all timers, spinning" : "all timers, not spinning";
      set_timer(allp[1], t[i].others);
      CHECK_EQ(give_up(spinning, &look), GAVE_UP);
      CHECK_EQ(look.pollUntil, t[i].until);
      acquirep(pidleget());
    }
  set_timer(allp[1], 0);
}

/* Woken without a goroutine it spins, whether or not it did before. */
static void test_back_spinning(void) {
  for (int spinning = 0; spinning < 2; spinning++) {
    struct timelook look = {0, 90};
    unit_case = "back without a goroutine";
    CHECK_EQ(give_up(spinning, &look), GAVE_UP);
    CHECK(!sleepM(&m0, &look));
    CHECK_EQ(poller.sleeps, 1);
    CHECK_EQ(poller.until, 90);
    CHECK(getp(&m0) && m0.spinning);
    CHECK_EQ(atomic_load(&sched.nmspinning), 1);
    CHECK_EQ(poller.told, 0);
  }
}

static void test_handover(void) {
  static G g;
  for (int64_t when = 0; when <= 110; when += 110) {
    struct timelook look = {0, 90};
    unit_case = "back with a goroutine";
    atomic_store(&g.atomicstatus, Gwaiting);
    CHECK_EQ(give_up(true, &look), GAVE_UP);
    gqueue_push(&poller.brings, &g);
    set_timer(allp[1], when);
    CHECK(sleepM(&m0, &look) == &g);
    CHECK(!m0.spinning);
    CHECK_EQ(poller.told, when);
    CHECK(atomic_load(&sched.lastpoll) != 0); /* free for the one who is told */
  }
  set_timer(allp[1], 0);
}

/* Somebody else is in the poller. */
static void test_oversleeper(void) {
  static const struct { int64_t until, when; int breaks; } t[] = {{0, 5, 1}, {9, 5, 1}, {5, 5, 0}, {4, 5, 0}};
  unit_case = "a poller that would oversleep";
  memset(&poller, 0, sizeof poller);
  for (size_t i = 0; i < nelem(t); i++) {
    poller.breaks = 0;
    atomic_store(&sched.pollUntil, t[i].until);
    pollerMustWakeBy(t[i].when);
    CHECK_EQ(poller.breaks, t[i].breaks);
  }
}

/* sysmon may have gone to sleep for long, seeing every P idle. */
static void test_sysmon(void) {
  unit_case = "a P is taken back";
  lock(&sched.lock);
  pidleput(releasep());
  atomic_store(&sched.sysmonwait, 1);
  acquirep(pidleget());
  unlock(&sched.lock);
  CHECK_EQ(atomic_load(&sched.sysmonwait), 0);
}

int main(void) {
  m0_init();
  ncpu = 2;
  sched.mnext = 5; /* others run: no deadlock */
  netpoll_init();
  lock(&sched.lock);
  procresize(2);
  while (pidleget()) { /* the other one is busy */
  }
  unlock(&sched.lock);
  atomic_store(&allp[1]->status, Prunning);
  test_all_timers();
  test_back_spinning();
  test_handover();
  test_oversleeper();
  test_sysmon();
  return unit_end();
}
