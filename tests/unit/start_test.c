/* start_test: what exists when the first thread has been tied to m0, and what each further thread is: its id, its
 * place in allm, the bounds of its system stack. And a stop of the world while Ms look for work.
 *
 * Stops and forEachP meet Ps in every state: a made-up one in a system call, idle ones, those of Ms that look for
 * work, a dead one, the own.
 *
 * Rows: BS-1, BS-4, BS-7, BS-16, FW-12, SW-2, SW-4. */
#include <stddef.h>
#include <unistd.h>

#include "death.h"
#include "runtime.h"

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

/* ---- Ps in all states */

static _Atomic uint32_t visits[8];
static void visit(P *pp) { atomic_fetch_add(&visits[pp->id], 1); }

/* As a goroutine's M leaves it in a system call. Null: no P was idle. */
static P *into_syscall(void) {
  lock(&sched.lock);
  P *pp = pidleget();
  if (pp)
    atomic_store(&pp->status, Psyscall);
  unlock(&sched.lock);
  return pp;
}

/* Back, if nobody has taken it. */
static bool out_of_syscall(P *pp) {
  uint32_t s = Psyscall;
  if (!pp || !atomic_compare_exchange_strong(&pp->status, &s, Pidle))
    return false;
  lock(&sched.lock);
  pidleput(pp);
  unlock(&sched.lock);
  return true;
}

static void resize_to(int32_t n) {
  stopTheWorld("test");
  lock(&sched.lock);
  atomic_store(&sched.gcwaiting, 0);
  CHECK(!procresize(n));
  unlock(&sched.lock);
  toy_m->preemptoff = NULL;
}

static int test_each_round(int i) {
  P *in_syscall = into_syscall();
  for (int k = i % 4; k > 0; k--)
    wakep();
  for (int k = 0; k < 8; k++)
    atomic_store(&visits[k], 0);
  forEachP(visit);
  for (int k = 0; k < 8; k++)
    CHECK_EQ(atomic_load(&visits[k]), k < 5); /* the sixth is dead, two never were */
  CHECK(!out_of_syscall(in_syscall));
  return in_syscall != NULL;
}

/* SW-4: exactly once for each P, whatever it is doing. */
static void test_each(void) {
  unit_case = "a function for each P";
  resize_to(6);
  resize_to(5);
  CHECK_EQ(atomic_load(&allp[5]->status), Pdead);
  int with_syscall = 0;
  for (int i = 0; i < ROUNDS; i++)
    with_syscall += test_each_round(i);
  CHECK(with_syscall > 0);
}

/* SW-2: after a stop every P that lives is stopped, the dead one still dead, and nobody who comes back from a system call gets
 * his. */
static void test_stop_all_states(void) {
  unit_case = "a stop with Ps in every state";
  int with_syscall = 0;
  for (int i = 0; i < ROUNDS; i++) {
    P *in_syscall = into_syscall();
    uint32_t tick = in_syscall ? atomic_load(&in_syscall->syscalltick) : 0;
    with_syscall += in_syscall != NULL;
    for (int k = i % 4; k > 0; k--)
      wakep();
    stopTheWorld("test");
    for (int k = 0; k < 5; k++)
      CHECK_EQ(atomic_load(&allp[k]->status), Pgcstop);
    CHECK_EQ(atomic_load(&allp[5]->status), Pdead);
    CHECK(!out_of_syscall(in_syscall));
    CHECK(!in_syscall || atomic_load(&in_syscall->syscalltick) == tick + 1);
    startTheWorld();
  }
  CHECK(with_syscall > 0);
  toy_m->locks++;
  CHECK_DEATH(stopTheWorld("test"), "stopTheWorld: holding 1 locks");
  toy_m->locks--;
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
  test_each();
  test_stop_all_states();
  return unit_end();
}
