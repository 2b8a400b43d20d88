/* context_test: what a switch of stacks leaves behind, and what it refuses: parking that is taken back, execute, a
 * goroutine's end, newstack's questions, runtime calls from the wrong stack.
 *
 * A made-up goroutine's context returns into a C function, landed(), which tells what it finds and ends the child that
 * the check runs in; so functions that never return can be called from C.
 *
 * Rows: PR-1, FW-2, CE-5, SK-2, SK-8, SK-9, SS-2, SS-3, SS-5, CP-4, CP-5, CP-7. */
#define _GNU_SOURCE /* REG_RIP */
#include <signal.h>
#include <ucontext.h>

#include "death.h"
#include "gqueue.h"
#include "rtcalls.h"
#include "runtime.h"
#include "sysmon.h"

_Noreturn void newstack(uintptr_t frame, uintptr_t stackargs);
void stub_newproc(void *) __asm__("toy_newproc");
void stub_gosched(void) __asm__("runtime.Gosched");
void morestack(void) __asm__("__morestack");
void toy_abort(void);

static G gs[2], *dead;
static char space[2][1 << 16] __attribute__((aligned(2048)));
static P *p0;
static uint32_t tick;

/* Some call of C that compiled code returns to: rsp as behind a call. */
static void landed(void) {
  G *gp = toy_g;
  bool bound = gp->m == &m0 && m0.curg == gp && !gp->sched.sp;
  uintptr_t guard = atomic_load(m0.guard);
  rtprintf("landed on %d: %s, bound %d, ticks %u, preempt %d/%d, guard %s, global %d\n", (int)(gp - gs),
           gstatus_name(readgstatus(gp)), bound, atomic_load(&p0->schedtick) - tick,
           atomic_load(&gp->preempt), atomic_load(&p0->preempt),
           guard == gguard(gp) ? "good" : guard == TOY_STACK_PREEMPT ? "poisoned" : "bad",
           atomic_load(&sched.runqsize));
  if (dead)
    rtprintf("dead: %s %d\n", gstatus_name(readgstatus(dead)),
             !dead->m && !dead->_defer && !dead->_panic && !dead->sigpc && !dead->startfn && !dead->wakefn && !dead->param && !dead->waitreason && !dead->waitsince &&
               !dead->asyncSafePoint && !dead->throwsplit && !dead->parkingOnChan && !dead->selectDone &&
               !atomic_load(&dead->preempt) && p0->gfree.head == dead);
  _exit(2);
}

static void make(int i, uint32_t status) {
  G *gp = &gs[i];
  memset(gp, 0, sizeof *gp);
  gp->goid = 100 + (uint64_t)i;
  gp->stack = (struct stack){.lo = (uintptr_t)space[i], .hi = (uintptr_t)space[i] + sizeof space[i]};
  uintptr_t *ctx = (uintptr_t *)(gp->stack.hi - 1024 - 24 - GOBUF_SIZE);
  memset(ctx, 0, GOBUF_SIZE);
  ctx[GOBUF_PC / 8] = (uintptr_t)landed;
  gp->sched.sp = (uintptr_t)ctx;
  atomic_store(&gp->atomicstatus, status);
}

/* 0 runs on m0; 1 is the one to come next, when queued. */
static void fresh(bool other) {
  bool inherit;
  while (runqget(p0, &inherit)) {
  }
  dead = NULL;
  make(0, Grunning);
  make(1, Grunnable);
  gs[0].m = &m0;
  m0.curg = &gs[0];
  atomic_store(&p0->preempt, 0);
  atomic_store(&p0->schedtick, 1); /* no turn for the global queue */
  tick = 1;
  if (other)
    runqput(p0, &gs[1], false);
}

/* ---- park, execute, end */

static bool refuse(G *gp, void *arg) {
  CHECK(readgstatus(gp) == Gwaiting && !m0.curg && !gp->m && arg == &gs);
  return false;
}
static bool agree(G *gp, void *arg) { return readgstatus(gp) == Gwaiting && !arg; }

static bool tells_since(G *gp, void *unused) {
  fprintf(stderr, "since %ld\n", (long)gp->waitsince);
  exit(2);
}

static void test_park(void) {
  unit_case = "the unlock function says no: resumed at once, slice kept";
  fresh(true);
  CHECK_DEATH(gopark(refuse, &gs, waitReasonSleep), "landed on 0: running, bound 1, ticks 0, preempt 0/0, guard good");
  unit_case = "when it began to wait";
  fresh(true);
  sysmon_clock.now = 4711;
  CHECK_DEATH(gopark(tells_since, NULL, waitReasonSleep), "since 4711");
  unit_case = "it says yes: the next one runs";
  fresh(true);
  CHECK_DEATH(gopark(agree, NULL, waitReasonSleep), "landed on 1: running, bound 1, ticks 1, preempt 0/0, guard good");
}

static void test_execute(void) {
  unit_case = "execute";
  for (int inherit = 0; inherit < 2; inherit++) {
    fresh(false);
    dropg();
    atomic_store(&gs[1].preempt, 1);
    atomic_store(m0.guard, 0);
    CHECK_DEATH(execute(&gs[1], inherit), inherit ? "landed on 1: running, bound 1, ticks 0, preempt 0/0, guard good"
                                                  : "landed on 1: running, bound 1, ticks 1, preempt 0/0, guard good");
  }
  unit_case = "execute what is not runnable";
  fresh(false);
  dropg();
  CHECK_DEATH(execute(&gs[0], false), "casgstatus: goroutine 100: runnable -> running, is running");
}

static void test_goexit(void) {
  unit_case = "goexit";
  fresh(true);
  dropg();
  dead = malg(TOY_STACK_MIN);
  atomic_store(&dead->atomicstatus, Grunning);
  m0.curg = dead;
  dead->m = &m0;
  dead->startfn = dead->param = dead;
  dead->waitreason = waitReasonSleep;
  dead->waitsince = 1;
  dead->asyncSafePoint = dead->throwsplit = dead->parkingOnChan = true;
  dead->selectDone = 1;
  dead->sigpc = 1;
  dead->_defer = (void *)&dead;
  dead->_panic = (void *)&dead;
  atomic_store(&dead->preempt, 1);
  CHECK_DEATH(rt_goexit(), "dead: dead 1");
  static struct sudog s;
  dead->waiting = &s;
  CHECK_DEATH(rt_goexit(), "goexit: goroutine still waits");
  dead = NULL;
}

/* ---- newstack */

static void poisoned(uintptr_t guard) {
  atomic_store(&gs[0].preempt, 1);
  atomic_store(m0.guard, guard);
}

static void grow(void) { newstack(0, 0); }

static void test_preempted(void) {
  unit_case = "asked to yield";
  fresh(true);
  poisoned(TOY_STACK_PREEMPT);
  CHECK_DEATH(grow(), "landed on 1: running, bound 1, ticks 1, preempt 0/0, guard good, global 1");
  unit_case = "not preemptible: resumed, the wish is kept";
  static const char kept[] = "landed on 0: running, bound 1, ticks 0, preempt 1/0";
  m0.locks = 1;
  CHECK_DEATH(grow(), kept);
  m0.locks = 0;
  m0.mallocing = 1;
  CHECK_DEATH(grow(), kept);
  m0.mallocing = 0;
  m0.preemptoff = "test";
  CHECK_DEATH(grow(), kept);
  m0.preemptoff = NULL;
}

static void test_refused(void) {
  static const uintptr_t sentinels[] = {TOY_STACK_PREEMPT, TOY_STACK_FORK, TOY_STACK_MOVE};
  unit_case = "sentinels";
  for (size_t i = 0; i < nelem(sentinels); i++)
    CHECK(sentinels[i] > UINTPTR_MAX - 4096 && sentinels[i] != sentinels[(i + 1) % nelem(sentinels)]);
  unit_case = "newstack refuses";
  fresh(false);
  atomic_store(m0.guard, TOY_STACK_FORK);
  CHECK_DEATH(grow(), "fatal error: stack growth after fork");
  atomic_store(m0.guard, 0x1234);
  CHECK_DEATH(grow(), "fatal error: newstack: guard 0x1234");
  atomic_store(m0.guard, gguard(&gs[0]));
  gs[0].throwsplit = true;
  CHECK_DEATH(grow(), "fatal error: runtime: stack split at bad time");
  gs[0].throwsplit = false;
  gs[0].m = NULL;
  CHECK_DEATH(grow(), "fatal error: runtime: wrong goroutine in newstack");
  gs[0].m = &m0;
  poisoned(TOY_STACK_PREEMPT);
  P *p = atomic_load(&m0.p);
  atomic_store(&m0.p, NULL);
  CHECK_DEATH(grow(), "fatal error: runtime: g is running but p is not");
  m0.locks = 1; /* held: the lock's owner goes on, the P is looked for later */
  CHECK_DEATH(grow(), "landed on 0: running, bound 1, ticks 0, preempt 1/0");
  m0.locks = 0;
  atomic_store(&m0.p, p);
  m0.g0 = &gs[0];
  CHECK_DEATH(grow(), "fatal error: runtime: preempt g0");
  m0.g0 = &g0;
  gs[0].stack.lo = gs[0].sched.sp + 8;
  CHECK_DEATH(grow(), "fatal error: split stack overflow");
  gs[0].stack.lo = 0;
  CHECK_DEATH(grow(), "fatal error: missing stack in newstack");
  dropg();
}

/* Poison by either mark; the true guard otherwise. */
static void test_restoreguard(void) {
  unit_case = "restoreguard";
  fresh(false);
  restoreguard(&m0, &gs[0]);
  CHECK_EQ(atomic_load(m0.guard), gs[0].stack.lo + TOY_STACK_GUARD);
  atomic_store(&gs[0].preempt, 1);
  restoreguard(&m0, &gs[0]);
  CHECK_EQ(atomic_load(m0.guard), TOY_STACK_PREEMPT);
  atomic_store(&gs[0].preempt, 0);
  atomic_store(&p0->preempt, 1);
  restoreguard(&m0, &gs[0]);
  CHECK_EQ(atomic_load(m0.guard), TOY_STACK_PREEMPT);
  atomic_store(&p0->preempt, 0);
}

/* ---- from the wrong stack */

static void on_fault(int sig, siginfo_t *info, void *context) {
  const ucontext_t *uc = context;
  bool first = uc->uc_mcontext.gregs[REG_RIP] == (greg_t)(uintptr_t)toy_gogo;
  rtprintf("signal %d, first instruction of gogo %d, still on g0 %d\n", sig, first, toy_g == &g0);
  _exit(2);
}

static void gogo_nil(void) {
  struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &sa, NULL);
  toy_gogo(NULL);
}

static void test_wrong_stack(void) {
  static const char text[] = "fatal error: systemstack called from unexpected goroutine";
  unit_case = "on g0";
  CHECK(toy_g == &g0);
  m0.curg = NULL;
  CHECK_DEATH(stub_newproc(NULL), text);
  CHECK_DEATH(stub_gosched(), text);
  unit_case = "gogo of nothing";
  CHECK_DEATH(gogo_nil(), "signal 11, first instruction of gogo 1, still on g0 1");
}

/* CP-4: nothing gets past it. */
static void on_trap(int sig, siginfo_t *info, void *context) {
  static int traps;
  const ucontext_t *uc = context;
  uintptr_t behind = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP] - (uintptr_t)toy_abort;
  if (++traps == 1000) {
    rtprintf("trapped %d times, %d behind its beginning\n", traps, (int)behind);
    _exit(2);
  }
}

static void abort_under_a_handler(void) {
  struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &sa, NULL);
  toy_abort();
}

static void test_abort(void) {
  unit_case = "abort";
  CHECK_DEATH(abort_under_a_handler(), "trapped 1000 times, 1 behind its beginning");
}

/* Growing the system's stacks: one line, the trap, and the stack is not touched: the child has none left that it could. */
static void morestack_on(const char *line) {
  int status = death_fork();
  if (status == 0) {
    morestack();
    _exit(0);
  }
  CHECK_EQ(status - 1, 128); /* a signal: SIGTRAP, nobody handles it here */
  CHECK(!strcmp(death_text, line));
}

static void test_badmorestack(void) {
  unit_case = "morestack on g0";
  CHECK(toy_g == &g0);
  morestack_on("fatal: morestack on g0\n");
  unit_case = "morestack on gsignal";
  struct stack none = m0.gsignal;
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  m0.gsignal = (struct stack){.lo = here - 65536, .hi = here + 4096};
  toy_g = &gs[0];
  morestack_on("fatal: morestack on gsignal\n");
  toy_g = &g0;
  m0.gsignal = none;
}

int main(void) {
  m0_init();
  ncpu = 1;
  lock(&sched.lock);
  procresize(1);
  unlock(&sched.lock);
  p0 = allp[0];
  test_park();
  test_execute();
  test_goexit();
  test_preempted();
  test_refused();
  test_restoreguard();
  test_wrong_stack();
  test_badmorestack();
  test_abort();
  return unit_end();
}
