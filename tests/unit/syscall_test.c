/* syscall_test: the way into a system call and out of it, step by step: what is written down for others, who gets
 * the P, and each way back: the same P, another idle one, none. No call is made: sysmon, a stopper and a second
 * thread are played by the test.
 *
 * Rows: SC-1, SC-2, SC-3, SC-4, SC-5. */
#include "../../runtime/syscall.c"

#include <pthread.h>

#include "death.h"
#include "gqueue.h"

static G gp, fake_g0;
static M fake, helper;
static char space[1 << 16] __attribute__((aligned(2048)));

/* Back in the goroutine after it has queued for a P. */
static void landed(void) {
  rtprintf("landed: %s on p %d, ticks %u\n", gstatus_name(readgstatus(&gp)), atomic_load(&m0.p)->id,
           atomic_load(&atomic_load(&m0.p)->schedtick));
  _exit(2);
}

static void fresh(int32_t procs) {
  sched.pidle = NULL;
  atomic_store(&sched.npidle, 0);
  atomic_store(&sched.gcwaiting, 0);
  atomic_store(&sched.nmspinning, 0);
  if (!atomic_load(&m0.p) && allp[0]) {
    atomic_store(&allp[0]->status, Pidle);
    atomic_store(&allp[0]->m, NULL);
    acquirep(allp[0]);
  }
  lock(&sched.lock);
  procresize(procs);
  unlock(&sched.lock);
  memset(&gp, 0, sizeof gp);
  gp.goid = 9;
  gp.m = &m0;
  m0.curg = &gp;
  gp.stack = (struct stack){.lo = (uintptr_t)space, .hi = (uintptr_t)space + sizeof space};
  uintptr_t *ctx = (uintptr_t *)(gp.stack.hi - 24 - GOBUF_SIZE);
  memset(ctx, 0, GOBUF_SIZE);
  ctx[GOBUF_PC / 8] = (uintptr_t)landed;
  ctx[GOBUF_RBP / 8] = 77;
  gp.sched.sp = (uintptr_t)ctx;
  atomic_store(&gp.atomicstatus, Grunning);
}

/* As sysmon does. */
static void retake(P *pp) {
  uint32_t s = Psyscall;
  CHECK(atomic_compare_exchange_strong(&pp->status, &s, Pidle));
  atomic_fetch_add(&pp->syscalltick, 1);
}

static void test_entry(void) {
  unit_case = "entersyscall";
  fresh(1);
  entersyscall(&gp);
  CHECK_EQ(readgstatus(&gp), Gsyscall);
  CHECK(gp.throwsplit && gp.syscallsp == gp.sched.sp && gp.syscallpc == (uintptr_t)landed && gp.syscallbp == 77);
  CHECK(!atomic_load(&m0.p) && m0.oldp == allp[0] && !atomic_load(&allp[0]->m));
  CHECK_EQ(atomic_load(&allp[0]->status), Psyscall);
  CHECK_EQ(m0.locks, 0);
  CHECK_EQ(atomic_load(&sched.lock.key), 0);
  unit_case = "a stack pointer outside";
  fresh(1);
  gp.sched.sp = gp.stack.hi + 8;
  CHECK_DEATH(entersyscall(&gp), "fatal error: entersyscall inconsistent: sp 0x");
  gp.sched.sp = gp.stack.lo - 8;
  CHECK_DEATH(entersyscall(&gp), "fatal error: entersyscall inconsistent: sp 0x");
}

static void test_wakes_sysmon(void) {
  unit_case = "sysmon sleeps deeply";
  fresh(1);
  atomic_store(&sched.sysmonwait, 1);
  noteclear(&sched.sysmonnote);
  entersyscall(&gp);
  CHECK_EQ(atomic_load(&sched.sysmonwait), 0);
  CHECK_EQ(atomic_load(&sched.sysmonnote.key), 1);
}

static void test_stop(void) {
  unit_case = "a stop of the world waits for this P";
  fresh(1);
  uint32_t before = atomic_load(&allp[0]->syscalltick);
  atomic_store(&sched.gcwaiting, 1);
  sched.stopwait = 1;
  noteclear(&sched.stopnote);
  entersyscall(&gp);
  CHECK_EQ(atomic_load(&allp[0]->status), Pgcstop);
  CHECK_EQ(sched.stopwait, 0);
  CHECK_EQ(atomic_load(&sched.stopnote.key), 1);
  CHECK_EQ(atomic_load(&allp[0]->syscalltick), before + 1);
  atomic_store(&sched.gcwaiting, 0);
}

static void idle_m(void) {
  memset(&fake, 0, sizeof fake);
  fake.g0 = &fake_g0;
  fake.id = 5;
  sched.midle = &fake;
  sched.nmidle = 1;
}

static void test_block(void) {
  unit_case = "entersyscallblock hands the P over at once";
  static G work;
  fresh(1);
  idle_m();
  runqput(allp[0], &work, false);
  uint32_t before = atomic_load(&allp[0]->syscalltick);
  entersyscallblock(&gp);
  CHECK_EQ(readgstatus(&gp), Gsyscall);
  CHECK(!atomic_load(&m0.p) && !m0.oldp);
  CHECK(fake.nextp == allp[0] && atomic_load(&fake.park.key) == 1);
  CHECK_EQ(atomic_load(&allp[0]->syscalltick), before + 1);
  bool inherit;
  runqget(allp[0], &inherit);
}

static void test_exit(void) {
  unit_case = "the same P";
  fresh(2);
  uint32_t before = atomic_load(&allp[0]->syscalltick);
  entersyscall(&gp);
  exitsyscall(&gp, 0);
  CHECK(atomic_load(&m0.p) == allp[0] && atomic_load(&allp[0]->m) == &m0 && !m0.oldp);
  CHECK_EQ(atomic_load(&allp[0]->status), Prunning);
  CHECK_EQ(atomic_load(&allp[0]->syscalltick), before + 1);
  CHECK_EQ(readgstatus(&gp), Grunning);
  CHECK(!gp.throwsplit && !gp.syscallsp);
  CHECK_EQ(atomic_load(&sched.npidle), 1);

  unit_case = "taken back meanwhile, another is idle";
  fresh(2);
  entersyscall(&gp);
  retake(allp[0]);
  atomic_store(m0.guard, 1);
  exitsyscall(&gp, 0);
  CHECK(atomic_load(&m0.p) == allp[1] && atomic_load(&allp[1]->status) == Prunning);
  CHECK_EQ(atomic_load(&allp[0]->status), Pidle);
  CHECK_EQ(atomic_load(m0.guard), gguard(&gp));
  CHECK_EQ(atomic_load(&sched.npidle), 0);
  releasep();
}

/* The second thread: when m0 sleeps the goroutine must be in the global queue; then m0 is given the P. */
static void *give_p(void *unused) {
  static G helper_g0;
  helper.g0 = &helper_g0;
  toy_m = &helper;
  toy_g = &helper_g0;
  for (bool asleep = false; !asleep; osyield()) {
    lock(&sched.lock);
    asleep = sched.nmidle == 1;
    unlock(&sched.lock);
  }
  if (readgstatus(&gp) != Grunnable || gp.m || m0.curg || atomic_load(&sched.runqsize) != 1)
    rtprintf("not queued\n"), _exit(1);
  startm(allp[0], false);
  return unused;
}

static void come_back_to_nothing(void) {
  pthread_t t;
  entersyscall(&gp);
  retake(allp[0]);
  atomic_store(&allp[0]->schedtick, 0);
  if (pthread_create(&t, NULL, give_p, NULL) != 0)
    abort();
  exitsyscall(&gp, 5);
}

static void test_exit_without_p(void) {
  unit_case = "no P: queued, the thread sleeps";
  fresh(1);
  sched.midle = NULL;
  sched.nmidle = 0;
  CHECK_DEATH(come_back_to_nothing(), "landed: running on p 0, ticks 1");
}

int main(void) {
  m0_init();
  ncpu = 2;
  sched.mnext = 5; /* others run: no deadlock */
  test_entry();
  test_wakes_sysmon();
  test_stop();
  test_block();
  test_exit();
  test_exit_without_p();
  return unit_end();
}
