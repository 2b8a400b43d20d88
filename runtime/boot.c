/* boot.c: from a C program to a program of goroutines.
 *
 * libc's start code calls main on the first thread, which becomes m0: its system stack is the process's stack. The
 * order matters: debug variables before the first allocation, tables before the first stack that may move, signals
 * before the first other thread, Ps before the first goroutine.
 */
#include <stdlib.h>

#include "cfi.h"
#include "preempt.h"
#include "rtcalls.h"
#include "runtime.h"
#include "stackmap.h"
#include "symtab.h"
#include "unsafepoint.h"

int toy_argc;
char **toy_argv, **toy_envp;

/* TOYMAXPROCS if it is a number above 0, else what the affinity mask and the cgroups grant. */
static int32_t initial_procs(void) {
  const char *s = getenv("TOYMAXPROCS");
  long n = s ? strtol(s, NULL, 10) : 0;
  if (n > 0)
    return clamp_procs(n);
  int32_t quota = os_cgroupcpus();
  return quota > 0 && quota < ncpu ? quota : clamp_procs(ncpu);
}

static void schedinit(void) {
  symtab_init();
  stackmap_init();
  unsafepoint_init();
  cfi_init();
  initsig();
  minit();
  lock(&sched.lock);
  if (procresize(initial_procs()))
    throw("unknown runnable goroutine during bootstrap");
  unlock(&sched.lock);
}

/* The main goroutine, then the threads without a P. */
_Noreturn void rt_start(int argc, char **argv, char **envp, void (*program)(void)) {
  static void *closure;
  toy_argc = argc;
  toy_argv = argv;
  toy_envp = envp;
  m0_init();
  parsedebugvars();
  ncpu = os_ncpu();
  schedinit();
  closure = (void *)program;
  runqput(atomic_load_explicit(&m0.p, memory_order_relaxed), newproc1(&closure, 0, 0), true);
  atomic_store_explicit(&mainStarted, 1, memory_order_relaxed);
  sched.nmsys++;
  newm(sysmon, NULL);
  if (debugvars.preemptevery > 0)
    preemptevery_start();
  toy_mstart_schedule();
}

/* The user's main has returned. A thread that is reporting a panic decides the status: wait for it. */
void rt_maindone(void) {
  if (atomic_load_explicit(&panicking, memory_order_seq_cst)) /* partner: dying() */
    gopark(NULL, NULL, waitReasonPanicwait);
  exit_program(0);
}
