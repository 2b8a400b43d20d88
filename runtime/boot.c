/* boot.c: from a C program to a program of goroutines.
 *
 * libc's start code calls main on the first thread, which becomes m0: its system stack is the process's stack. The
 * order matters, and is a table: debug variables before the first allocation, tables before the first stack that may
 * move, signals before the first other thread, Ps before the first goroutine. TOYDEBUG=boottrace=1 prints each step as
 * it ends.
 */
#include <stdlib.h>

#include "cfi.h"
#include "inittrace.h"
#include "lockedm.h"
#include "preempt.h"
#include "rtcalls.h"
#include "runtime.h"
#include "seed.h"
#include "stackmap.h"
#include "suspend.h"
#include "symtab.h"
#include "sysmon.h"
#include "unsafepoint.h"

int toy_argc;
char **toy_argv, **toy_envp;

/* TOYMAXPROCS if it is a number above 0, else what the affinity mask and the cgroups grant. */
static int32_t initial_procs(void) {
  const char *s = getenv("TOYMAXPROCS");
  long n = s ? strtol(s, NULL, 10) : 0;
  if (seeded())
    return 1;
  if (n > 0)
    return clamp_procs(n);
  int32_t quota = os_cgroupcpus();
  return quota > 0 && quota < ncpu ? quota : clamp_procs(ncpu);
}

static void osinit(void) {
  ncpu = os_ncpu();
  os_membarrier_register();
}

static void first_ps(void) {
  lock(&sched.lock);
  if (procresize(initial_procs()))
    throw("unknown runnable goroutine during bootstrap");
  unlock(&sched.lock);
}

static void (*main_function)(void);

static void main_goroutine(void) {
  static void *closure;
  closure = (void *)main_function;
  runqput(atomic_load_explicit(&m0.p, memory_order_relaxed), newproc1(&closure, 0, 0), true);
  atomic_store_explicit(&mainAlone, 1, memory_order_relaxed);
}

static void start_sysmon(void) {
  if (seeded()) {
    seed_watch();
    return;
  }
  sched.nmsys++;
  sysmon_tick();
  newm(sysmon, NULL);
}

static void start_preemptevery(void) {
  if (debugvars.preemptevery > 0 && !seeded())
    preemptevery_start();
  suspendstress_start();
}

#define BOOT_STEPS(X) \
  X(m0_init) X(parsedebugvars) X(seed_init) X(osinit) X(symtab_init) X(stackmap_init) X(unsafepoint_init) X(cfi_init) X(initsig) \
  X(minit) X(first_ps) X(inittrace_init) X(main_goroutine) X(start_sysmon) X(start_preemptevery)

static const struct { const char *name; void (*run)(void); } boot_steps[] = {
#define X(step) {#step, step},
  BOOT_STEPS(X)
#undef X
};

/* The first steps have run when the variable is known: they are named then. */
static void trace_steps(size_t done) {
  static size_t traced;
  for (; debugvars.boottrace && traced < done; traced++)
    rtprintf("boot: %s\n", boot_steps[traced].name);
}

_Noreturn void rt_start(int argc, char **argv, char **envp, void (*program)(void)) {
  toy_argc = argc;
  toy_argv = argv;
  toy_envp = envp;
  main_function = program;
  for (size_t i = 0; i < nelem(boot_steps); i++) {
    boot_steps[i].run();
    trace_steps(i + 1);
  }
  toy_mstart_schedule();
  mexit();
  throw("the first thread has ended");
}

/* ---- the end */

static uintptr_t maindone_again(G *gp) { rt_maindone(); }

static _Noreturn void yield_to_panics(G *gp) {
  gp->wakefn = maindone_again;
  goschedImpl(gp);
}

/* The user's main has returned. Where deferred calls of a panic run they get a while, so that the panic is reported if
 * nobody recovers it; a thread that is reporting decides the status: wait for it. */
void rt_maindone(void) {
  static int yields; /* goroutine 1 only */
  enum { YIELDS = 1000 };
  G *gp = toy_m->curg;
  if (atomic_load_explicit(&runningPanicDefers, memory_order_acquire) && yields++ < YIELDS) /* partner: fatalpanic */
    yield_to_panics(gp);
  if (atomic_load_explicit(&panicking, memory_order_seq_cst)) /* partner: dying() */
    gopark(NULL, NULL, waitReasonPanicwait);
  exit_program(0);
}
