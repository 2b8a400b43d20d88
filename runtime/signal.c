/* signal.c: signals: the request to stop, faults, and the wish to see all goroutines.
 *
 * Handlers run on the M's signal stack (a goroutine's has no room for the kernel's frame), with every signal masked, and
 * see toy_g as the interrupted code left it. SA_RESTART, so that a stop costs no system call its result.
 *
 *   SIGURG          the stop request (preempt.c); harmless by default, ignored by debuggers, not used by libc.
 *                   Strays from outside are answered like our own (a stop nobody wants does nothing), and passed on.
 *   SIGPROF         does nothing: nobody profiles yet, and a stray one must not kill. Left alone if somebody handles it.
 *   SIGSEGV         at a load or store that stands for a nil check: continues at the check's panic (faultmap.c).
 *   SIGSEGV SIGBUS  in compiled code, near address 0: the nil panic. Elsewhere in compiled code: "unexpected fault address".
 *   SIGFPE          In C: a bug of the runtime, reported with all goroutines. On a system stack's guard page: says so.
 *   SIGQUIT         dumps every goroutine and ends with status 2.
 *   SIGTRAP         the same, then dies of it, for who waits for the program: runtime.Breakpoint, or an assembly's trap.
 *   SIGPIPE         does nothing, so that writes return EPIPE; see die_of_sigpipe.
 * All others keep the action that the program was started with.
 *
 * A nil check that faults is a panic like any other and can be recovered. Any other fault (in assembly, through a wild
 * pointer) is at a place that no stack map knows, so nothing can be run on top of it: the handler reports it itself, from
 * the context that the kernel saved, on the signal stack with toy_g = g0, as C expects.
 *
 * Handlers of C code that is linked in, installed before the runtime starts, are kept: those of SIGURG get what is not
 * our own request (is_own), on any thread; those of the others get what hits a thread without an M. Handlers of
 * signals that are not in the table stay, but move to the signal stack.
 * Such a thread (a library's) may get any of these: without a handler of its own it drops SIGURG, SIGPROF and SIGPIPE,
 * and dies of the others by their default action. C code that installs a handler later has taken the signal from the
 * runtime.
 */
#define _GNU_SOURCE /* REG_RIP */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "faultmap.h"
#include "preempt.h"
#include "runtime.h"
#include "symtab.h"
#include "traceback.h"

enum { GSIGNAL_BYTES = 64 * 1024, NIL_PAGE = 4096 };

/* ---- the table */

struct sigrow {
  int sig;
  const char *name;
  void (*handle)(M *, int, siginfo_t *, ucontext_t *);
  unsigned flags;
};
enum { MAY_BE_BLOCKED = 1, MAY_BE_TAKEN = 2, IS_DROPPED = 4 }; /* at start; at start; on a thread without an M */

static void on_urg(M *mp, int sig, siginfo_t *info, ucontext_t *uc);
static void on_fault(M *mp, int sig, siginfo_t *info, ucontext_t *uc);
static void on_quit(M *mp, int sig, siginfo_t *info, ucontext_t *uc);
static void on_pipe(M *mp, int sig, siginfo_t *info, ucontext_t *uc);
static void on_trap(M *mp, int sig, siginfo_t *info, ucontext_t *uc);

static void on_prof(M *mp, int sig, siginfo_t *info, ucontext_t *uc);

static const struct sigrow sigtable[] = {
  {SIGURG, "SIGURG: urgent condition on socket", on_urg, IS_DROPPED},
  {SIGSEGV, "SIGSEGV: segmentation violation", on_fault, 0},
  {SIGBUS, "SIGBUS: bus error", on_fault, 0},
  {SIGFPE, "SIGFPE: floating-point exception", on_fault, 0},
  {SIGILL, "SIGILL: illegal instruction", on_fault, 0},
  {SIGQUIT, "SIGQUIT: quit", on_quit, MAY_BE_BLOCKED},
  {SIGPIPE, "SIGPIPE: write to broken pipe", on_pipe, IS_DROPPED},
  {SIGTRAP, "SIGTRAP: trace trap", on_trap, 0},
  {SIGPROF, "SIGPROF: profiling timer expired", on_prof, MAY_BE_BLOCKED | MAY_BE_TAKEN | IS_DROPPED},
};

static struct sigaction before[nelem(sigtable)]; /* the action that initsig found; constant afterwards */

static const struct sigrow *sigrow(int sig) {
  for (size_t i = 0; i < nelem(sigtable); i++)
    if (sigtable[i].sig == sig)
      return &sigtable[i];
  return NULL;
}

const char *signame(uint32_t sig) {
  const struct sigrow *r = sigrow((int)sig);
  return r ? r->name : NULL;
}

static sigset_t start_mask; /* of the initial thread at start; every thread runs with it */

static void check_errno(int err, const char *what) {
  if (err)
    throwf("%s refused: errno %d", what, err);
}

/* ---- contexts */

static struct sigcontext_regs regs_of(const ucontext_t *uc) {
  const greg_t *r = uc->uc_mcontext.gregs;
  return (struct sigcontext_regs){(uintptr_t)r[REG_RIP], (uintptr_t)r[REG_RSP], (uintptr_t)r[REG_RBP]};
}

static void set_regs(ucontext_t *uc, const struct sigcontext_regs *r) {
  uc->uc_mcontext.gregs[REG_RIP] = (greg_t)r->pc;
  uc->uc_mcontext.gregs[REG_RSP] = (greg_t)r->sp;
}

static bool on_stack(const struct stack *s, uintptr_t sp) { return sp >= s->lo && sp < s->hi; }

/* Was the thread on its goroutine's stack? Then the saved context in gp->sched is not that goroutine's state, the
 * registers are. */
static bool on_goroutine(const M *mp, const struct sigcontext_regs *r) {
  return mp->curg && on_stack(&mp->curg->stack, r->sp);
}

/* The innermost Toy frame of a goroutine that was stopped by a signal for good: the instruction itself, or, in a C leaf or
 * libcall that compiled code called directly, the caller. Such a leaf keeps rbp or has pushed it, so the frame
 * chain is right in both cases; its own return address tells where the caller was. */
static struct frame interrupted_frame(const G *gp, const struct sigcontext_regs *r) {
  struct frame f = {.pc = r->pc, .sp = r->sp, .bp = r->bp, .kind = FRAME_ASYNC};
  if (in_toytext(r->pc))
    return f;
  for (uintptr_t p = r->sp; p < r->bp && p + 8 <= gp->stack.hi; p += 8)
    if (in_toytext(*(uintptr_t *)p - 1)) {
      f.pc = *(uintptr_t *)p;
      f.sp = p + 8;
      f.kind = FRAME_CALL;
      return f;
    }
  return f;
}

/* ---- handlers that were there before */

static bool pass_on(int sig, siginfo_t *info, void *uc) {
  const struct sigaction *sa = &before[sigrow(sig) - sigtable];
  if (sa->sa_flags & SA_SIGINFO)
    sa->sa_sigaction(sig, info, uc);
  else if (sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN)
    sa->sa_handler(sig);
  else
    return false;
  return true;
}

/* ---- SIGURG
 *
 * Our request is directed at a thread, what kill(2) sends at the process: the kernel keeps the two apart, so neither
 * swallows the other, and the latter says nothing about a request that may still be under way. A SIGURG that somebody
 * else directs at the thread may be merged with ours, whichever's sender the kernel then reports: so it acknowledges
 * (else the thread would never be signalled again), and in that instant one of the two is lost to a handler of C's, or
 * ours is passed on. */

static bool is_killed(const siginfo_t *info) { return info->si_code == SI_USER && info->si_pid != 0; }

static bool is_own(const M *mp, const siginfo_t *info) {
  return info->si_code == SI_TKILL && info->si_pid == self_pid() &&
         atomic_load_explicit(&mp->signalPending, memory_order_relaxed);
}

static void on_urg(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {
  struct sigcontext_regs r = regs_of(uc);
  bool own = is_own(mp, info);
  if (!own)
    pass_on(sig, info, uc);
  if (!is_killed(info) && doSigPreempt(mp, &r))
    set_regs(uc, &r);
}

/* ---- SIGPIPE, SIGPROF */

static void on_pipe(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {}
static void on_prof(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {}

static _Noreturn void die_of(int sig) {
  struct sigaction dfl = {.sa_handler = SIG_DFL};
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, sig);
  sigaction(sig, &dfl, NULL);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(sig);
  exit_program(2); /* only if the signal was not deadly after all */
}

_Noreturn void die_of_sigpipe(void) { die_of(SIGPIPE); }

/* ---- faults */

static void print_signal_line(int sig, const siginfo_t *info, const struct sigcontext_regs *r) {
  rtprintf("[signal %s code=0x%x addr=0x%lx pc=0x%lx]\n", signame((uint32_t)sig), (unsigned)info->si_code,
           (unsigned long)info->si_addr, (unsigned long)r->pc);
}

/* From the kernel, not from kill(2). */
static bool is_kernel_fault(const siginfo_t *info) { return info->si_code > 0 && info->si_code != SI_KERNEL; }

static const char *panic_text(int sig, const siginfo_t *info) {
  if (sig == SIGFPE)
    return info->si_code == FPE_INTDIV ? "integer divide by zero" : "floating point error";
  bool nil = (sig == SIGSEGV || sig == SIGBUS) && (uintptr_t)info->si_addr < NIL_PAGE;
  return nil ? "invalid memory address or nil pointer dereference" : NULL;
}

/* A fault in compiled code or in what it called on its own stack. */
static _Noreturn void goroutine_fault(M *mp, int sig, const siginfo_t *info, const struct sigcontext_regs *r) {
  G *gp = mp->curg;
  const char *text = is_kernel_fault(info) ? panic_text(sig, info) : NULL;
  set_interrupted_frame(gp, interrupted_frame(gp, r));
  toy_g = mp->g0;
  if (!text) {
    startfatal();
    rtprintf("unexpected fault address 0x%lx\n", (unsigned long)info->si_addr);
    fatalf("fault\n[signal %s code=0x%x addr=0x%lx pc=0x%lx]", signame((uint32_t)sig), (unsigned)info->si_code,
           (unsigned long)info->si_addr, (unsigned long)r->pc);
  }
  startpanic();
  rtprintf("panic: runtime error: %s\n", text);
  print_signal_line(sig, info, r);
  dopanic(gp);
}

/* Below the mapped system stacks lies a guard page. The initial thread's stack is the kernel's, its end known to nobody:
 * there a fault at the stack pointer itself tells. */
static bool is_stack_overflow(const struct stack *s, uintptr_t addr, uintptr_t sp) {
  bool guard_page = addr < s->lo && s->lo - addr <= TOY_PAGE;
  return guard_page || addr - sp + 2 * TOY_PAGE < 4 * TOY_PAGE;
}

static _Noreturn void c_fault(M *mp, int sig, const siginfo_t *info, const struct sigcontext_regs *r) {
  toy_g = mp->g0;
  bool overflow = sig == SIGSEGV && is_stack_overflow(&mp->g0->stack, (uintptr_t)info->si_addr, r->sp);
  if (mp->infunc)
    fatalf("%s in the C function %s\n[signal %s code=0x%x addr=0x%lx pc=0x%lx]", overflow ? "stack overflow" : "fault",
           mp->infunc, signame((uint32_t)sig), (unsigned)info->si_code, (unsigned long)info->si_addr, (unsigned long)r->pc);
  if (overflow)
    throwf("stack overflow on system stack\n[signal %s code=0x%x addr=0x%lx pc=0x%lx]", signame((uint32_t)sig),
           (unsigned)info->si_code, (unsigned long)info->si_addr, (unsigned long)r->pc);
  throwf("unexpected signal during runtime execution\n[signal %s code=0x%x addr=0x%lx pc=0x%lx]",
         signame((uint32_t)sig), (unsigned)info->si_code, (unsigned long)info->si_addr, (unsigned long)r->pc);
}

/* A fault while a fault is reported: the report itself is broken, so no more of it. */
static void second_fault_ends(M *mp, const struct sigcontext_regs *r) {
  if (!mp->sys[0]++)
    return;
  rtprintf("fatal error: fault during a fault's report, pc=0x%lx\n", (unsigned long)r->pc);
  exit_program(2);
}

/* A load or store that stands for a nil check: on with the check's slow path, which calls panicnil as if it had been
 * branched to. */
static bool is_nil_check(M *mp, const siginfo_t *info, const struct sigcontext_regs *r, ucontext_t *uc) {
  uintptr_t handler = is_kernel_fault(info) && (uintptr_t)info->si_addr < NIL_PAGE ? faultmap_find(r->pc) : 0;
  if (!handler)
    return false;
  mp->curg->sigaddr = (uint32_t)(uintptr_t)info->si_addr;
  mp->curg->sigpc = r->pc;
  uc->uc_mcontext.gregs[REG_RIP] = (greg_t)handler;
  return true;
}

static void on_fault(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {
  struct sigcontext_regs r = regs_of(uc);
  if (sig == SIGSEGV && on_goroutine(mp, &r) && is_nil_check(mp, info, &r, uc))
    return;
  second_fault_ends(mp, &r);
  if (on_goroutine(mp, &r))
    goroutine_fault(mp, sig, info, &r);
  c_fault(mp, sig, info, &r);
}

/* ---- SIGQUIT, SIGTRAP */

static void dump_all(M *mp, int sig, const siginfo_t *info, const ucontext_t *uc) {
  struct sigcontext_regs r = regs_of(uc);
  if (on_goroutine(mp, &r))
    set_interrupted_frame(mp->curg, interrupted_frame(mp->curg, &r));
  toy_g = mp->g0;
  startpanic();
  rtprintf("%s\nPC=0x%lx m=%ld sigcode=%d\n\n", signame((uint32_t)sig), (unsigned long)r.pc, (long)mp->id,
           info->si_code);
  G *gp = mp->curg;
  if (gp) {
    goroutineheader(gp);
    traceback(gp);
  }
  tracebackothers(gp);
}

static void on_quit(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {
  dump_all(mp, sig, info, uc);
  exit_program(2);
}

static void on_trap(M *mp, int sig, siginfo_t *info, ucontext_t *uc) {
  dump_all(mp, sig, info, uc);
  die_of(sig);
}

/* ---- the handler */

/* A thread that the runtime did not make. */
static void foreign_signal(int sig, siginfo_t *info, void *uc) {
  if (pass_on(sig, info, uc) || sigrow(sig)->flags & IS_DROPPED)
    return;
  struct sigaction dfl = {.sa_handler = SIG_DFL};
  sigaction(sig, &dfl, NULL);
  raise(sig); /* delivered when the handler returns and unblocks it */
}

static void sighandler(int sig, siginfo_t *info, void *uc) {
  int saved = errno;
  M *mp = toy_m;
  if (mp)
    sigrow(sig)->handle(mp, sig, info, uc);
  else
    foreign_signal(sig, info, uc);
  errno = saved;
}

static void check_sigaction(int sig, const struct sigaction *new, struct sigaction *old) {
  if (sigaction(sig, new, old))
    throwf("sigaction(%d) refused: errno %d", sig, errno);
}

static void setsig(const struct sigrow *row) {
  struct sigaction sa = {.sa_sigaction = sighandler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
  struct sigaction *old = &before[row - sigtable];
  sigfillset(&sa.sa_mask);
  check_sigaction(row->sig, NULL, old);
  if (!(row->flags & MAY_BE_TAKEN) || old->sa_handler == SIG_DFL)
    check_sigaction(row->sig, &sa, NULL);
}

static bool is_handled(const struct sigaction *sa) { return sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN; }

/* A handler that stays must not run on a goroutine's stack: the kernel's frame alone is larger than some of those.
 * (libc refuses to speak of its own two signals; setxid.c sees to them.) */
static void keep_off_goroutines(int sig) {
  struct sigaction sa;
  if (sigaction(sig, NULL, &sa) || !is_handled(&sa) || sa.sa_flags & SA_ONSTACK)
    return;
  sa.sa_flags |= SA_ONSTACK;
  check_sigaction(sig, &sa, NULL);
}

/* The tables that handlers read (cfi.h, unsafepoint.h, symtab.h) are complete before the first handler is in place. */
void initsig(void) {
  check_errno(pthread_sigmask(SIG_SETMASK, NULL, &start_mask), "sigprocmask");
  for (size_t i = 0; i < nelem(sigtable); i++) {
    if (!(sigtable[i].flags & MAY_BE_BLOCKED))
      sigdelset(&start_mask, sigtable[i].sig);
    setsig(&sigtable[i]);
  }
  for (int sig = 1; sig < NSIG; sig++)
    keep_off_goroutines(sig);
}

/* ---- threads */

static struct stack new_signal_stack(void) {
  uint8_t *p = os_mmap(TOY_PAGE + GSIGNAL_BYTES);
  os_protect_none(p, TOY_PAGE);
  return (struct stack){.lo = (uintptr_t)p + TOY_PAGE, .hi = (uintptr_t)p + TOY_PAGE + GSIGNAL_BYTES};
}

/* Threads are made with every signal blocked; from here on this one takes them. The id is published last: whoever
 * reads it (signalM) may send at once. */
void minit(void) {
  M *mp = toy_m;
  if (!mp->gsignal.lo) /* else left by a thread that has ended */
    mp->gsignal = new_signal_stack();
  stack_t ss = {.ss_sp = (void *)mp->gsignal.lo, .ss_size = GSIGNAL_BYTES};
  if (sigaltstack(&ss, NULL))
    throwf("sigaltstack refused: errno %d", errno);
  check_errno(pthread_sigmask(SIG_SETMASK, &start_mask, NULL), "sigprocmask");
  atomic_store_explicit(&mp->procid, os_gettid(), memory_order_release); /* pairs with signalM's acquire */
}

/* The end of the thread: no signal finds it in libc's hands, or on a stack that is none any more. signalM that has read its
 * id before is refused by the kernel. */
void unminit(void) {
  sigset_t all;
  sigfillset(&all);
  check_errno(pthread_sigmask(SIG_SETMASK, &all, NULL), "sigprocmask");
  stack_t none = {.ss_flags = SS_DISABLE};
  if (sigaltstack(&none, NULL))
    throwf("sigaltstack refused: errno %d", errno);
  atomic_store_explicit(&toy_m->procid, 0, memory_order_release);
}
