/* syscall.c: system calls that cost no processor.
 *
 * Around a call that may block the goroutine goes running → syscall → running. At entry the M lets go of its P without a
 * lock and without waking anybody: it writes status syscall into it and remembers it in oldp. As long as nobody wants
 * the P it stays there, and exit takes it back with one CAS. sysmon takes it by the same CAS, to idle, when the call
 * lasts (retake): whoever wins owns the P. A goroutine that comes back to nothing takes an idle P, or becomes runnable and
 * waits in the global queue while its M stops.
 *
 *   P:  running --entersyscall (own M, plain store)--> syscall --exitsyscall (own M, CAS)----> running
 *                                                      syscall --retake (sysmon, CAS)--------> idle
 *                                                      syscall --stop of the world (CAS)-----> gcstop
 *
 * The stub saves the goroutine's context as for every runtime call and the C below runs on g0, system call included:
 * the goroutine's stack stays walkable from gp->sched, and a parked goroutine resumes in the stub with the kernel's answer
 * in rax. Buffers on the goroutine's stack are safe: a goroutine in a system call is not moved (its own growth does
 * not happen there, and shrinkstack leaves it alone).
 *
 * Unlike Go the guard is not poisoned meanwhile: no Toy code can run between entry and exit, since both lie in one C
 * function on another stack. For the same reason a request to preempt needs nothing at exit if the P is the same: the guard
 * of this thread is as it was, poison included. With another P its own request counts, so the guard is set anew.
 *
 * Rejected: entering and leaving on the goroutine's stack, as Go does. The switch to g0 costs about two nanoseconds
 * of a call's hundred; doing without it would mean C on a stack of 2 KiB or the state machine in assembly.
 */
#include "syscall.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include "lockedm.h"
#include "signals.h"
#include "sysmon.h"

/* ---- entry */

static void wake_sysmon(void) {
  lock(&sched.lock);
  sysmon_wake();
  unlock(&sched.lock);
}

/* A stop of the world that began before our P read "syscall" may wait for it. */
static void entersyscall_gcwait(P *pp) {
  uint32_t in_syscall = Psyscall;
  lock(&sched.lock);
  if (sched.stopwait > 0 && atomic_compare_exchange_strong(&pp->status, &in_syscall, Pgcstop)) {
    atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
    if (--sched.stopwait == 0)
      notewakeup(&sched.stopnote);
  }
  unlock(&sched.lock);
}

static void mark_entry(G *gp) {
  uintptr_t sp = gp->sched.sp;
  if (unlikely(sp < gp->stack.lo || sp >= gp->stack.hi))
    throwf("entersyscall inconsistent: sp %#lx outside stack [%#lx, %#lx)", (unsigned long)sp,
           (unsigned long)gp->stack.lo, (unsigned long)gp->stack.hi);
  gp->throwsplit = true;
  gp->syscallsp = sp;
  gp->syscallpc = *(uintptr_t *)(sp + GOBUF_PC);
  gp->syscallbp = *(uintptr_t *)(sp + GOBUF_RBP);
  gp->waitsince = sysmon_time();
  casgstatus(gp, Grunning, Gsyscall);
  if (unlikely(atomic_load_explicit(&sched.sysmonwait, memory_order_relaxed)))
    wake_sysmon();
  if (unlikely(atomic_load_explicit(&getp(toy_m)->runSafePointFn, memory_order_relaxed)))
    runSafePointFn();
}

/* The status store publishes p->m = null and syscalltick to whoever's CAS takes the P; seq_cst because of the load of
 * gcwaiting after it (stopTheWorld: stores gcwaiting, then looks at the Ps' status). */
static void let_go_of_p(M *mp) {
  P *pp = getp(mp);
  mp->syscalltick = atomic_load_explicit(&pp->syscalltick, memory_order_relaxed);
  mp->oldp = pp;
  atomic_store_explicit(&pp->m, NULL, memory_order_relaxed);
  atomic_store_explicit(&mp->p, NULL, memory_order_relaxed);
  atomic_store_explicit(&pp->status, Psyscall, memory_order_seq_cst);
  if (unlikely(atomic_load_explicit(&sched.gcwaiting, memory_order_seq_cst)))
    entersyscall_gcwait(pp);
}

void entersyscall(G *gp) {
  mark_entry(gp);
  let_go_of_p(toy_m);
}

void entersyscallblock(G *gp) {
  mark_entry(gp);
  P *pp = getp(toy_m);
  atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
  toy_m->oldp = NULL;
  handoffp(releasep());
}

/* ---- exit */

/* The P we had. acquire: whatever sysmon or a stopper did to it before giving it back to "syscall" — nobody does; the CAS
 * only has to lose when someone else's won. */
static bool exitsyscallfast_reacquired(P *oldp) {
  uint32_t in_syscall = Psyscall;
  if (!oldp || unlikely(frozen()) || atomic_load_explicit(&oldp->status, memory_order_relaxed) != Psyscall ||
      !atomic_compare_exchange_strong_explicit(&oldp->status, &in_syscall, Pidle, memory_order_acquire,
                                               memory_order_relaxed))
    return false;
  wirep(oldp);
  return true;
}

static bool exitsyscallfast_pidle(void) {
  if (atomic_load_explicit(&sched.npidle, memory_order_relaxed) == 0 || unlikely(frozen()))
    return false;
  lock(&sched.lock);
  P *pp = pidleget();
  unlock(&sched.lock);
  if (!pp)
    return false;
  acquirep(pp);
  restoreguard(toy_m, toy_m->curg);
  return true;
}

/* ---- the short quantum: a goroutine that comes back to busy Ps does not wait out a slice of 10 ms. Its M, before it sleeps for
 * long, looks once more after QUANTUM_NS: a P that has run nothing else meanwhile has had its quantum. So nothing is measured
 * where goroutines are switched, only where one had to queue. */
enum { QUANTUM_NS = 100 * 1000, WATCHED = 64 };
struct watch { int32_t n; uint32_t tick[WATCHED]; };

static void watch_ps(struct watch *w) {
  int32_t n = atomic_load_explicit(&gomaxprocs, memory_order_relaxed);
  w->n = n < WATCHED ? n : WATCHED;
  for (int32_t i = 0; i < w->n; i++)
    w->tick[i] = atomic_load_explicit(&allp[i]->schedtick, memory_order_relaxed);
}

static void preempt_one_that_stayed(void *arg) {
  const struct watch *w = arg;
  if (debugvars.quantumoff || atomic_load_explicit(&sched.runqsize, memory_order_relaxed) == 0)
    return;
  for (int32_t i = 0; i < w->n; i++)
    if (atomic_load_explicit(&allp[i]->status, memory_order_relaxed) == Prunning &&
        atomic_load_explicit(&allp[i]->schedtick, memory_order_relaxed) == w->tick[i] && preemptone(allp[i])) {
      STAT(quantum);
      return;
    }
}

/* No P: to the queue, and the thread to sleep. On g0; the context in gp->sched was saved by the stub. */
static _Noreturn void exitsyscall0(G *gp) {
  bool tied = gp->lockedm != NULL; /* once queued it may run elsewhere */
  casgstatus(gp, Gsyscall, Grunnable);
  dropg();
  lock(&sched.lock);
  P *pp = frozen() ? NULL : pidleget();
  if (!pp)
    globrunqput(gp);
  unlock(&sched.lock);
  if (pp) {
    acquirep(pp);
    execute(gp, false);
  }
  struct watch w;
  watch_ps(&w);
  if (tied) {
    stoplockedm(QUANTUM_NS, preempt_one_that_stayed, &w);
    execute(gp, false);
  }
  stopm_or(QUANTUM_NS, preempt_one_that_stayed, &w);
  schedule();
}

void exitsyscall(G *gp, uintptr_t ret) {
  M *mp = toy_m;
  P *oldp = mp->oldp;
  mp->oldp = NULL;
  gp->syscallsp = 0;
  gp->throwsplit = false;
  if (unlikely(!exitsyscallfast_reacquired(oldp) && !exitsyscallfast_pidle())) {
    gp->sched.ret = ret;
    exitsyscall0(gp);
  }
  P *pp = getp(mp);
  atomic_fetch_add_explicit(&pp->syscalltick, 1, memory_order_relaxed);
  casgstatus(gp, Gsyscall, Grunning);
}

/* ---- the call */

static inline uintptr_t raw_syscall(const struct syscall_args *s) {
  uintptr_t ret;
  register uintptr_t r10 __asm__("r10") = s->a[3];
  register uintptr_t r8 __asm__("r8") = s->a[4];
  register uintptr_t r9 __asm__("r9") = s->a[5];
  __asm__ volatile("syscall"
                   : "=a"(ret)
                   : "0"(s->trap), "D"(s->a[0]), "S"(s->a[1]), "d"(s->a[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return ret;
}

/* Calls that have no purpose but to wait: the P is of use to others at once, sysmon need not find out. */
static bool known_to_block(uintptr_t trap) {
  return trap == SYS_nanosleep || trap == SYS_clock_nanosleep || trap == SYS_pause || trap == SYS_wait4 ||
         trap == SYS_waitid;
}

uintptr_t rt_syscall6(const struct syscall_args *args) {
  G *gp = toy_m->curg;
  if (known_to_block(args->trap) && !seeded())
    entersyscallblock(gp);
  else
    entersyscall(gp);
  uintptr_t ret = raw_syscall(args);
  exitsyscall(gp, ret);
  return ret;
}

/* Standard output or error that nobody reads any more ends the program as SIGPIPE would (signals.h); on every other
 * descriptor EPIPE is an error like others. */
uintptr_t rt_syscallwrite(const struct syscall_args *args) {
  G *gp = toy_m->curg;
  entersyscall(gp);
  uintptr_t ret = raw_syscall(args);
  if (unlikely(ret == (uintptr_t)-EPIPE) && args->trap == SYS_write && (args->a[0] == 1 || args->a[0] == 2))
    die_of_sigpipe();
  exitsyscall(gp, ret);
  return ret;
}
