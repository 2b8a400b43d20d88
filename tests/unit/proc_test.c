/* proc_test: the scheduler's parts by constructed state: Ps and Ms idle and handed over, each way of handoffp and
 * wakep, deadlock counts, free goroutines, sudogs. Nothing runs: an M to be woken is one made up here, and its note
 * and nextp tell.
 *
 * Rows: BS-3, BS-4, BS-15, BS-17, LT-1, LT-2, TL-1, RQ-11, FW-1, FW-8, FW-9, FW-11, PR-4, CE-2, CE-3, CE-6, ST-2,
 * DD-1, CP-6. */
#include "death.h"
#include "gqueue.h"
#include "lockedm.h"
#include "rtcalls.h"
#include "runtime.h"

static M fake; /* an idle M */
static G fake_g0, gs[400];

static void idle_m(void) {
  memset(&fake, 0, sizeof fake);
  fake.g0 = &fake_g0;
  fake.id = 77;
  sched.midle = &fake;
  sched.nmidle = 1;
  sched.mnext = 3; /* m0, the fake and one more that runs */
}

static bool woken(void) { return atomic_load(&fake.park.key) == 1; }

/* n Ps, P0 on m0, nobody spins, no work. */
static void reset(int n) {
  memset(&sched.runq, 0, sizeof sched.runq);
  atomic_store(&sched.runqsize, 0);
  atomic_store(&sched.nmspinning, 0);
  atomic_store(&sched.needspinning, 0);
  atomic_store(&sched.gcwaiting, 0);
  bool inherit;
  for (int i = 0; i < atomic_load(&gomaxprocs); i++)
    while (runqget(allp[i], &inherit)) {
    }
  sched.pidle = NULL;
  atomic_store(&sched.npidle, 0);
  idle_m();
  lock(&sched.lock);
  CHECK(!procresize(n));
  unlock(&sched.lock);
}

static void test_procresize(void) {
  unit_case = "procresize";
  reset(4);
  CHECK_EQ(atomic_load(&gomaxprocs), 4);
  CHECK_EQ(atomic_load(&sched.npidle), 3);
  CHECK(atomic_load(&m0.p) == allp[0] && atomic_load(&allp[0]->m) == &m0);
  CHECK_EQ(atomic_load(&allp[0]->status), Prunning);
  for (int i = 1; i < 4; i++) { /* P1 is first out */
    P *pp = pidleget();
    CHECK(pp == allp[i] && atomic_load(&pp->status) == Pidle);
  }
  CHECK(!pidleget());
}

/* A P that goes takes its work to the head of the global queue, in order. */
static void test_shrink(void) {
  unit_case = "shrink";
  reset(3);
  for (int i = 0; i < 5; i++)
    runqput(allp[2], &gs[i], i == 4);
  lock(&sched.lock);
  globrunqput(&gs[10]);
  sched.pidle = NULL;
  atomic_store(&sched.npidle, 0);
  CHECK(!procresize(2));
  static const int want[] = {4, 0, 1, 2, 3, 10};
  CHECK_EQ(atomic_load(&sched.runqsize), 6);
  for (size_t i = 0; i < nelem(want); i++)
    CHECK_EQ(gqueue_pop(&sched.runq) - gs, want[i]);
  unlock(&sched.lock);
  CHECK_EQ(atomic_load(&allp[2]->status), Pdead);
  reset(3);
  CHECK_EQ(atomic_load(&allp[2]->status), Pidle);
}

/* A P with work after a resize is returned, not put on the idle list. */
static void test_grow_with_work(void) {
  unit_case = "resize with work";
  reset(3);
  runqput(allp[1], &gs[0], false);
  sched.pidle = NULL;
  atomic_store(&sched.npidle, 0);
  lock(&sched.lock);
  P *pp = procresize(3);
  unlock(&sched.lock);
  CHECK(pp == allp[1] && !pp->link);
  CHECK_EQ(atomic_load(&sched.npidle), 1);
}

static void test_wire(void) {
  unit_case = "acquirep, releasep";
  reset(2);
  P *own = releasep();
  CHECK(own == allp[0] && !atomic_load(&m0.p) && !atomic_load(&own->m));
  CHECK_EQ(atomic_load(&own->status), Pidle);
  CHECK_DEATH(releasep(), "releasep: no p");
  acquirep(own);
  CHECK(atomic_load(&m0.p) == own && atomic_load(&own->status) == Prunning);
  CHECK_DEATH(acquirep(allp[1]), "wirep: already in go");
  atomic_store(&own->status, Psyscall);
  CHECK_DEATH(releasep(), "releasep: invalid p state");
  atomic_store(&own->status, Prunning);
  releasep();
  atomic_store(&allp[1]->status, Psyscall);
  CHECK_DEATH(acquirep(allp[1]), "wirep: invalid p state: m0 has p -1; p 1 is syscall");
  atomic_store(&allp[1]->status, Pidle);
  acquirep(own);
  lock(&sched.lock);
  runqput(allp[1], &gs[0], false);
  CHECK_DEATH(pidleput(allp[1]), "non-empty run queue");
  unlock(&sched.lock);
}

/* pp as sysmon leaves it: idle, on no list. */
static P *retaken(void) {
  P *pp = pidleget();
  CHECK(pp);
  return pp;
}

static void test_handoffp(void) {
  unit_case = "handoffp: local work";
  reset(2);
  P *pp = retaken();
  runqput(pp, &gs[0], false);
  handoffp(pp);
  CHECK(woken() && fake.nextp == pp && !fake.spinning);

  unit_case = "handoffp: global work";
  reset(2);
  pp = retaken();
  lock(&sched.lock);
  globrunqput(&gs[0]);
  unlock(&sched.lock);
  handoffp(pp);
  CHECK(woken() && fake.nextp == pp && !fake.spinning);

  unit_case = "handoffp: nobody spins, no P is idle";
  reset(2);
  pp = retaken();
  handoffp(pp);
  CHECK(woken() && fake.nextp == pp && fake.spinning);
  CHECK_EQ(atomic_load(&sched.nmspinning), 1);

  unit_case = "handoffp: somebody spins";
  reset(2);
  pp = retaken();
  atomic_store(&sched.nmspinning, 1);
  handoffp(pp);
  CHECK(!woken() && sched.pidle == pp && atomic_load(&sched.npidle) == 1);

  unit_case = "handoffp: another P is idle";
  reset(3);
  pp = retaken();
  handoffp(pp);
  CHECK(!woken() && sched.pidle == pp && atomic_load(&sched.npidle) == 2);

  unit_case = "handoffp: word was left";
  reset(3);
  pp = retaken();
  atomic_store(&sched.needspinning, 1);
  handoffp(pp);
  CHECK(woken() && fake.spinning);

  unit_case = "handoffp: the world stops";
  reset(3);
  pp = retaken();
  atomic_store(&sched.gcwaiting, 1);
  sched.stopwait = 1;
  noteclear(&sched.stopnote);
  handoffp(pp);
  CHECK_EQ(atomic_load(&pp->status), Pgcstop);
  CHECK_EQ(sched.stopwait, 0);
  CHECK_EQ(atomic_load(&sched.stopnote.key), 1);
  atomic_store(&sched.gcwaiting, 0);
}

static void test_wakep(void) {
  unit_case = "wakep: one idle P";
  reset(2);
  wakep();
  CHECK(woken() && fake.spinning && fake.nextp == allp[1]);
  CHECK_EQ(atomic_load(&sched.nmspinning), 1);
  CHECK_EQ(atomic_load(&sched.npidle), 0);

  unit_case = "wakep: somebody spins";
  reset(2);
  atomic_store(&sched.nmspinning, 1);
  wakep();
  CHECK(!woken() && atomic_load(&sched.npidle) == 1);

  unit_case = "wakep: no idle P leaves word";
  reset(1);
  wakep();
  CHECK(!woken());
  CHECK_EQ(atomic_load(&sched.needspinning), 1);
  CHECK_EQ(atomic_load(&sched.nmspinning), 0);

  unit_case = "startm: a spinning M must not get a P with work";
  reset(2);
  P *pp = retaken();
  runqput(pp, &gs[0], false);
  CHECK_DEATH(startm(pp, true), "startm: p has runnable gs");

  unit_case = "startm: no P gives the count back";
  reset(1);
  atomic_store(&sched.nmspinning, 1);
  startm(NULL, true);
  CHECK_EQ(atomic_load(&sched.nmspinning), 0);
  CHECK_EQ(atomic_load(&sched.needspinning), 1);
  CHECK_DEATH(startm(NULL, true), "negative nmspinning");
}

static void test_checkdead(void) {
  unit_case = "checkdead";
  reset(2);
  lock(&sched.lock);
  sched.nmidle = 2;
  checkdead(); /* one of three runs */
  sched.nmidle = 3;
  CHECK_DEATH(checkdead(), "no goroutines (main called runtime.Goexit) - deadlock!");
  sched.nmidle = 4;
  CHECK_DEATH(checkdead(), "checkdead: inconsistent counts");
  sched.nmidle = 2;
  sched.nmsys = 1;
  CHECK_DEATH(checkdead(), "deadlock!");
  sched.nmsys = 0;
  CHECK_DEATH(incidlelocked(1), "deadlock!");
  sched.nmidlelocked = 0;
  static void *closure = (void *)1;
  G *gp = newproc1(&closure, 0, 0);
  sched.nmidle = 3;
  CHECK_DEATH(checkdead(), "is runnable");
  casgstatus(gp, Grunnable, Grunning);
  CHECK_DEATH(checkdead(), "is running");
  casgstatus(gp, Grunning, Gwaiting);
  CHECK_DEATH(checkdead(), "fatal error: all goroutines are asleep - deadlock!");
  sched.nmidle = 1;
  unlock(&sched.lock);
  casgstatus(gp, Gwaiting, Grunnable);
  casgstatus(gp, Grunnable, Grunning);
  casgstatus(gp, Grunning, Gdead);
  gfput(allp[0], gp);
}

static G *dead_g(int64_t stack) {
  G *gp = malg(stack);
  casgstatus(gp, Gidle, Gdead);
  return gp;
}

static void test_gfree(void) {
  unit_case = "gfput";
  reset(1);
  P *pp = allp[0];
  gfpurge(pp);
  int32_t base = atomic_load(&sched.ngfree);
  for (int i = 1; i <= 63; i++)
    gfput(pp, dead_g(2048));
  CHECK_EQ(pp->ngfree, 63);
  CHECK_EQ(atomic_load(&sched.ngfree), base);
  gfput(pp, dead_g(2048));
  CHECK_EQ(pp->ngfree, 31);
  CHECK_EQ(atomic_load(&sched.ngfree), base + 33);
  gfput(pp, dead_g(2048));
  CHECK_EQ(pp->ngfree, 32);

  unit_case = "gfget";
  for (int i = 0; i < 32; i++)
    CHECK(gfget(pp));
  CHECK_EQ(pp->ngfree, 0);
  CHECK(gfget(pp)); /* refills to 32 and takes one */
  CHECK_EQ(pp->ngfree, 31);
  while (gfget(pp)) {
  }

  unit_case = "gfput of a grown stack";
  G *gp = dead_g(2049);
  CHECK_EQ(gp->stack.hi - gp->stack.lo, 4096);
  gfput(pp, gp);
  CHECK(!gp->stack.lo && !gp->stack.hi);
  G *again = gfget(pp);
  CHECK(again == gp);
  CHECK_EQ(gp->stack.hi - gp->stack.lo, 2048);
  CHECK_EQ(malg(0)->stack.hi % 2048, 0);
  CHECK(!malg(-1)->stack.hi);
  static const struct { int64_t asked; size_t got; } sizes[] = {{0, 2048}, {2048, 2048}, {2049, 4096}, {1 << 20, 1 << 20}};
  for (size_t i = 0; i < nelem(sizes); i++) {
    G *made = malg(sizes[i].asked);
    CHECK_EQ(made->stack.hi - made->stack.lo, sizes[i].got);
    CHECK_EQ(gguard(made), made->stack.lo + TOY_STACK_GUARD);
  }
  G *alive = malg(-1);
  CHECK_DEATH(gfput(pp, alive), "gfput: bad status");
}

static void test_newproc(void) {
  unit_case = "newproc1";
  reset(1);
  static void *code = (void *)0x1234;
  uint64_t last = 0;
  for (int i = 0; i < 100; i++) {
    G *gp = newproc1(&code, 0x77, 5);
    CHECK(gp->goid > last);
    last = gp->goid;
    CHECK_EQ(readgstatus(gp), Grunnable);
    CHECK_EQ(gp->gopc, 0x77);
    CHECK_EQ(gp->parentgoid, 5);
    CHECK_EQ(gp->startpc, 0x1234);
    CHECK(gp->startfn == &code);
    CHECK_EQ((gp->sched.sp + GOBUF_SIZE) % 16, 0);
    CHECK_EQ(*(uintptr_t *)(gp->sched.sp + GOBUF_PC), toy_gostart);
    CHECK_EQ(*(uintptr_t *)(gp->sched.sp + GOBUF_RBP), 0);
  }
  CHECK_DEATH(newproc1(NULL, 0, 0), "fatal error: go of nil func value");
}

/* A million acquired on one P and released on another: those in use, two caches and what moves between them is all
 * there ever is. A sudog is marked when it is met first; nobody clears its ticket. */
static void test_sudog_flow(void) {
  enum { AT_ONCE = 100, TIMES = 10000, MARK = 0x5eed };
  struct sudog *s[AT_ONCE];
  int made = 0;
  for (int n = 0; n < TIMES; n++) {
    for (int i = 0; i < AT_ONCE; i++) {
      s[i] = acquireSudog();
      made += s[i]->ticket != MARK;
      s[i]->ticket = MARK;
    }
    P *from = releasep();
    acquirep(from == allp[0] ? allp[1] : allp[0]);
    for (int i = 0; i < AT_ONCE; i++)
      releaseSudog(s[i]);
    P *to = releasep();
    acquirep(from);
    CHECK(to->nsudogcache <= 128);
  }
  CHECK(made <= 1000 + 2 * 128 + AT_ONCE); /* the caller's thousand are among them */
  CHECK(made >= AT_ONCE);
}

static void test_sudog(void) {
  unit_case = "sudogs";
  reset(2);
  static struct sudog *s[1000];
  for (int i = 0; i < 1000; i++)
    s[i] = acquireSudog();
  P *p0 = releasep();
  acquirep(allp[1]);
  for (int i = 0; i < 1000; i++)
    releaseSudog(s[i]);
  CHECK(allp[1]->nsudogcache <= 128);
  releasep();
  acquirep(p0);
  int known = 0;
  for (int i = 0; i < 800; i++) { /* comes out of the central list, nothing new is made */
    struct sudog *x = acquireSudog();
    for (int k = 0; k < 1000; k++)
      known += s[k] == x;
  }
  CHECK_EQ(known, 800);
  test_sudog_flow();
  struct sudog *x = acquireSudog();
  x->elem = x;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil elem");
  x->elem = NULL;
  x->next = x;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil next");
  x->next = NULL;
  x->prev = x;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil prev");
  x->prev = NULL;
  x->waitlink = x;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil waitlink");
  x->waitlink = NULL;
  x->c = x;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil c");
  x->c = NULL;
  x->isSelect = true;
  CHECK_DEATH(releaseSudog(x), "sudog with non-nil isSelect");
  x->isSelect = false;
  m0.curg = &gs[0];
  gs[0].param = x;
  CHECK_DEATH(releaseSudog(x), "non-nil gp.param");
  m0.curg = NULL;
}

/* Each of the three forbids preemption alone, and so does a P that does not run. */
static void test_canPreemptM(void) {
  unit_case = "canPreemptM";
  reset(1);
  CHECK(canPreemptM(&m0));
  m0.locks = 1;
  CHECK(!canPreemptM(&m0));
  m0.locks = 0;
  m0.mallocing = 1;
  CHECK(!canPreemptM(&m0));
  m0.mallocing = 0;
  m0.preemptoff = "test";
  CHECK(!canPreemptM(&m0));
  m0.preemptoff = NULL;
  atomic_store(&allp[0]->status, Psyscall);
  CHECK(!canPreemptM(&m0));
  atomic_store(&allp[0]->status, Prunning);
  CHECK(canPreemptM(&m0));
}

static void test_locks(void) {
  unit_case = "locks";
  static struct mutex l;
  lock(&l);
  CHECK_EQ(m0.locks, 1);
  CHECK_DEATH(schedule(), "schedule: holding 1 locks");
  rt_stubYield(); /* pinned: comes back at once, whatever is asked */
  unlock(&l);
  CHECK_DEATH(unlock(&l), "unlock of unlocked lock");
  static struct rwmutex rw;
  rwrlock(&rw);
  rwrlock(&rw);
  CHECK(m0.locks == 2 && atomic_load(&rw.readers) == 2);
  rwrunlock(&rw);
  rwrunlock(&rw);
  rwlock(&rw);
  CHECK(m0.locks == 1 && atomic_load(&rw.gate.key) != 0);
  rwunlock(&rw);
  CHECK_EQ(m0.locks, 0);
  CHECK_DEATH(rwrunlock(&rw), "rwrunlock of unlocked rwmutex");
  static struct note n;
  CHECK(!notetsleep(&n, 1000000));
  notewakeup(&n);
  CHECK(notetsleep(&n, -1));
  CHECK_DEATH(notewakeup(&n), "double wakeup");
}

/* The two counts of an M, by themselves and against each other; what goes wrong when they or the links disagree. */
static void test_tie(void) {
  unit_case = "tie";
  reset(1);
  G *gp = dead_g(2048);
  m0.curg = gp;
  rt_runtime_UnlockOSThread();
  CHECK(m0.lockedExt == 0 && !gp->lockedm);
  CHECK_DEATH(unlockOSThread(), "misuse of lockOSThread and unlockOSThread");
  lockOSThread();
  lockOSThread();
  CHECK(m0.lockedInt == 2 && m0.lockedg == gp && gp->lockedm == &m0);
  m0.lockedExt = 1;
  rt_runtime_UnlockOSThread();
  CHECK(m0.lockedExt == 0 && gp->lockedm == &m0);
  CHECK_DEATH(release_tie(&m0, gp), "exited a goroutine internally locked to the OS thread: lockedInt 2");
  CHECK_DEATH(startlockedm(gp), "startlockedm: locked to me");
  fake.nextp = allp[0];
  gp->lockedm = &fake;
  CHECK_DEATH(startlockedm(gp), "startlockedm: m has p");
  CHECK_DEATH(stoplockedm(0, NULL, NULL), "stoplockedm: inconsistent locking");
  gp->lockedm = &m0;
  unlockOSThread();
  unlockOSThread();
  CHECK(!m0.lockedg && !gp->lockedm);
  CHECK(!release_tie(&m0, gp));
  m0.lockedExt = UINT32_MAX;
  CHECK_DEATH(rt_runtime_LockOSThread(), "LockOSThread nesting overflow");
  m0.lockedExt = 7;
  CHECK_DEATH(newm_by_template(&fake), "on a locked thread with no template thread");
  CHECK(release_tie(&m0, gp) && m0.lockedExt == 0);
  m0.curg = NULL;
}

/* Threads made less threads ended; the limit is on those. */
static void test_thread_limit(void) {
  unit_case = "thread limit";
  reset(1);
  CHECK_EQ(mcount(), 3);
  CHECK_EQ(rt_runtime_debug_SetMaxThreads(INT64_MAX), 10000);
  CHECK_EQ(rt_runtime_debug_SetMaxThreads(3), INT32_MAX);
  CHECK_DEATH(rt_runtime_debug_SetMaxThreads(2),
              "runtime: program exceeds 2-thread limit\nfatal error: thread exhaustion");
  CHECK_DEATH(rt_runtime_debug_SetMaxThreads(INT64_MIN), "runtime: program exceeds -2147483648-thread limit");
  CHECK_DEATH(newm(NULL, NULL), "runtime: program exceeds 3-thread limit");
  sched.mnext = 10;
  sched.nmfreed = 8;
  CHECK_EQ(mcount(), 2);
  CHECK_EQ(rt_runtime_debug_SetMaxThreads(2), 3);
  sched.nmfreed = 0;
  sched.mnext = 1;
  rt_runtime_debug_SetMaxThreads(10000);
}

static void test_cgroup(void) {
  unit_case = "cgroup";
  CHECK_EQ(cgroup_quota_v2("max 100000\n"), 0);
  CHECK_EQ(cgroup_quota_v2("150000 100000\n"), 2);
  CHECK_EQ(cgroup_quota_v2("100000 100000\n"), 1);
  CHECK_EQ(cgroup_quota_v2("1000 100000\n"), 1);
  CHECK_EQ(cgroup_quota_v2("250000\n"), 3);
  CHECK_EQ(cgroup_quota_v2(""), 0);
  CHECK_EQ(cgroup_quota_v1("-1\n", "100000\n"), 0);
  CHECK_EQ(cgroup_quota_v1("400000\n", "100000\n"), 4);
  CHECK_EQ(cgroup_quota_v1("50000\n", "0\n"), 0);
}

int main(void) {
  m0_init();
  ncpu = 2;
  test_procresize();
  test_shrink();
  test_grow_with_work();
  test_wire();
  test_handoffp();
  test_wakep();
  test_checkdead();
  test_gfree();
  test_newproc();
  test_sudog();
  test_canPreemptM();
  test_locks();
  test_tie();
  test_thread_limit();
  test_cgroup();
  return unit_end();
}
