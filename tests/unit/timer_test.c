/* timer_test: random settings, stops and runs on the heaps of two Ps, beside a plain table of when each timer must fire; the
 * heap's order and its atomic words after each step. The timers of a P that goes away; the bits of idle Ps.
 *
 * Rows: TN-1, TN-2, TN-3, RQ-10. */
#include "../../runtime/timer.c"

#include "unit.h"

enum { N = 200, STEPS = 200000, TICK = 10 };
static struct timer ts[N];
static struct { int64_t due, period; int fired; } model[N];
static int64_t fake_now = 1000;
static int in_step; /* how many fired in this step */

/* The n-th P for this M, as if it had just taken it. */
static void take_p(int n) {
  if (getp(&m0))
    releasep();
  acquirep(allp[n]);
}

static void fired(void *arg, uint64_t seq, int64_t delay) {
  int i = (int)(uintptr_t)arg;
  CHECK(model[i].due > 0 && model[i].due <= fake_now);
  CHECK_EQ(delay, fake_now - model[i].due);
  int64_t periods = model[i].period ? delay / model[i].period + 1 : 0;
  model[i].due = model[i].period ? model[i].due + periods * model[i].period : 0;
  model[i].fired++;
  in_step++;
}

static void check_heap(struct timers *h) {
  int32_t zombies = 0;
  int64_t earliest = 0;
  for (uint32_t i = 0; i < h->n; i++) {
    struct timer *t = h->heap[i].t;
    CHECK(t->ts == h && t->state & TIMER_HEAPED);
    CHECK(i == 0 || h->heap[(i - 1) / ARITY].when <= h->heap[i].when);
    CHECK(t->state & (TIMER_MODIFIED | TIMER_ZOMBIE) || t->when == h->heap[i].when);
    CHECK_EQ(t->state, t->astate);
    zombies += (t->state & TIMER_ZOMBIE) != 0;
    if (!(t->state & TIMER_ZOMBIE) && (earliest == 0 || t->when < earliest))
      earliest = t->when;
  }
  CHECK_EQ(h->zombies, zombies);
  CHECK_EQ(h->len, h->n);
  int64_t wake = timers_wakeTime(h);
  CHECK(h->n == 0 ? wake == 0 : wake != 0);
  CHECK(earliest == 0 || wake <= earliest); /* never too late */
}

static void check_model(void) {
  for (int i = 0; i < N; i++) {
    CHECK_EQ(ts[i].when, model[i].due);
    CHECK(model[i].due == 0 || ts[i].ts);
  }
}

static void set_one(int i) {
  int64_t when = fake_now + 1 + fastrandn(500), period = fastrandn(8) == 0 ? 1 + fastrandn(50) : 0;
  bool was = model[i].due > 0;
  CHECK_EQ(timer_modify(&ts[i], when, period, fired, (void *)(uintptr_t)i, 0), was);
  model[i].due = when;
  model[i].period = period;
}

static void stop_one(int i) {
  CHECK_EQ(timer_stop(&ts[i]), model[i].due > 0);
  model[i].due = 0;
}

/* Both heaps are run at one time: after that nothing is due any more. */
static void run_all(void) {
  fake_now += fastrandn(TICK);
  in_step = 0;
  bool ran = false;
  for (int p = 0; p < 2; p++) {
    struct timelook look = {fake_now, 0};
    ran |= checkTimers(allp[p], &look);
    CHECK(look.pollUntil == 0 || look.pollUntil > fake_now);
  }
  CHECK_EQ(ran, in_step > 0);
  for (int i = 0; i < N; i++)
    CHECK(model[i].due == 0 || model[i].due > fake_now);
}

static void test_random(void) {
  unit_case = "random operations";
  for (int step = 0; step < STEPS && unit_failures < 10; step++) {
    int i = (int)fastrandn(N);
    if (fastrandn(50) == 0)
      take_p(fastrandn(2));
    switch (fastrandn(4)) {
    case 0: case 1: set_one(i); break;
    case 2: stop_one(i); break;
    case 3: run_all(); break;
    }
    if (step % 64 == 0) {
      check_heap(&allp[0]->timers);
      check_heap(&allp[1]->timers);
      check_model();
    }
  }
  int total = 0;
  for (int i = 0; i < N; i++)
    total += model[i].fired;
  CHECK(total > STEPS / 50);
}

/* Timers in the heap of a P that goes away fire all the same. */
static void test_take(void) {
  unit_case = "a P goes away";
  take_p(1);
  for (int i = 0; i < N; i++)
    stop_one(i);
  for (int i = 0; i < N; i += 2)
    set_one(i);
  take_p(0);
  timers_take(&allp[0]->timers, &allp[1]->timers);
  CHECK_EQ(allp[1]->timers.n, 0);
  CHECK_EQ(timers_wakeTime(&allp[1]->timers), 0);
  check_heap(&allp[0]->timers);
  fake_now += 1000;
  run_all();
}

/* A quarter of stopped timers is too many for the own heap, and none of others' business. */
static void test_zombies(void) {
  unit_case = "stopped timers";
  take_p(0);
  for (int i = 0; i < N; i++)
    set_one(i);
  for (int i = N / 4; i < N; i++)
    stop_one(i);
  struct timelook look = {fake_now, 0};
  take_p(1);
  CHECK(!checkTimers(allp[0], &look));
  CHECK(allp[0]->timers.n > N / 2);
  take_p(0);
  CHECK(!checkTimers(allp[0], &look));
  CHECK_EQ(allp[0]->timers.n, N / 4);
  check_heap(&allp[0]->timers);
}

static void test_mask(void) {
  unit_case = "bits of idle Ps";
  take_p(0);
  lock(&sched.lock);
  while (pidleget()) {
  }
  for (int step = 0; step < 20000; step++) {
    if (fastrandn(2)) {
      P *pp = pidleget();
      CHECK(!pp || pMask_read(&timerpMask, (uint32_t)pp->id));
    } else {
      for (int i = 1; i < 4; i++) {
        bool idle = false;
        for (P *q = sched.pidle; q; q = q->link)
          idle |= q == allp[i];
        if (idle)
          continue;
        atomic_store(&allp[i]->timers.len, fastrandn(2));
        pidleput(allp[i]);
        CHECK_EQ(pMask_read(&timerpMask, (uint32_t)i), atomic_load(&allp[i]->timers.len) != 0);
        break;
      }
    }
  }
  unlock(&sched.lock);
}

int main(void) {
  m0_init();
  ncpu = 2;
  sched.mnext = 5; /* others run: no deadlock */
  lock(&sched.lock);
  procresize(4);
  while (pidleget()) {
  }
  unlock(&sched.lock);
  for (int i = 0; i < 4; i++)
    atomic_store(&allp[i]->status, i ? Pidle : Prunning);
  atomic_store(&sched.npidle, 0);
  test_random();
  test_take();
  test_zombies();
  test_mask();
  return unit_end();
}
