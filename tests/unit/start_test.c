/* start_test: what exists when the first thread has been tied to m0, and what each further thread is: its id, its
 * place in allm, the bounds of its system stack. And a stop of the world while Ms look for work.
 *
 * Rows: BS-1, BS-4, BS-7, BS-16, FW-12. */
#include <stddef.h>
#include <unistd.h>

#include "runtime.h"
#include "unit.h"

enum { THREADS = 64, ROUNDS = 300 };

static _Atomic uint32_t started;
static _Atomic bool on_g0[THREADS + 1], seen[THREADS + 1];

static bool sp_in_g0(const M *mp) {
  uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
  return sp > mp->g0->stack.lo && sp <= mp->g0->stack.hi;
}

/* Head and tail of a ring are written by different threads: each has a line to itself. */
static void test_layout(void) {
  unit_case = "layout";
  CHECK(offsetof(P, runqhead) % 64 == 0 && offsetof(P, runqtail) - offsetof(P, runqhead) == 64);
  CHECK(sizeof(P) % 64 == 0 && RUNQ_LEN == 256);
}

/* A thread without P that stays. */
static void thread(void) {
  M *mp = toy_m;
  atomic_store(&on_g0[mp->id], sp_in_g0(mp) && toy_g == mp->g0 && mp->g0->m == mp && mp->g0->goid == 0);
  atomic_fetch_add(&started, 1);
  futexwakeup(&started, 1);
  for (;;)
    pause();
}

static void test_first_thread(void) {
  unit_case = "m0";
  CHECK(toy_m == &m0 && toy_g == &g0 && m0.g0 == &g0 && g0.m == &m0);
  CHECK(sp_in_g0(&m0));
  CHECK(m0.id == 0 && g0.goid == 0 && atomic_load(&m0.procid) == getpid());
  CHECK(atomic_load(&allm) == &m0 && !m0.alllink);
  CHECK_EQ(mcount(), 1);
  CHECK_EQ(atomic_load(&allglen), 0);
}

static void test_first_ps(void) {
  unit_case = "first Ps";
  lock(&sched.lock);
  CHECK(!procresize(4));
  unlock(&sched.lock);
  CHECK(atomic_load(&m0.p) == allp[0] && atomic_load(&allp[0]->status) == Prunning);
  CHECK_EQ(atomic_load(&sched.npidle), 3);
  CHECK(sched.pidle == allp[1]);
  CHECK_EQ(atomic_load(&allglen), 0);
}

static void test_threads(void) {
  unit_case = "threads";
  for (int i = 0; i < THREADS; i++)
    newm(thread, NULL);
  CHECK_EQ(mcount(), THREADS + 1); /* reserved ids count at once */
  for (uint32_t n; (n = atomic_load(&started)) < THREADS;)
    futexsleep(&started, n, -1);
  int n = 0;
  for (M *mp = atomic_load(&allm); mp; mp = mp->alllink, n++) {
    CHECK(mp->id >= 0 && mp->id <= THREADS && !seen[mp->id]);
    seen[mp->id] = true;
    CHECK(mp == &m0 || on_g0[mp->id]);
  }
  CHECK_EQ(n, THREADS + 1);
}

/* wakep starts an M that spins, finds nothing and goes to sleep; the stop meets it anywhere on that way. */
static void test_stop(void) {
  unit_case = "stop of the world";
  for (int i = 0; i < ROUNDS; i++) {
    for (int k = i % 4; k > 0; k--)
      wakep();
    stopTheWorld("test");
    for (int k = 0; k < 4; k++)
      CHECK_EQ(atomic_load(&allp[k]->status), Pgcstop);
    CHECK_EQ(atomic_load(&sched.npidle), 0);
    CHECK_EQ(sched.stopwait, 0);
    CHECK_EQ(atomic_load(&sched.nmspinning), 0);
    startTheWorld();
    CHECK(atomic_load(&m0.p) && !atomic_load(&sched.gcwaiting));
  }
}

int main(void) {
  test_layout();
  m0_init();
  test_first_thread();
  initsig();
  minit();
  ncpu = 2;
  test_first_ps();
  test_threads();
  test_stop();
  return unit_end();
}
