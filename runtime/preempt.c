/* preempt.c: taking the processor from a goroutine that does not give it.
 *
 * A request is three marks and a signal. gp->preempt is the truth; the poisoned guard of the M's thread makes the next
 * prologue notice; pp->preempt catches the case that another goroutine got the P meanwhile; SIGURG is for code that has no
 * next prologue. A request may hit a goroutine that was not meant (preemptone takes no lock): it yields once, which is
 * always allowed. A request is never lost (restoreguard, stack.c): whoever stores a good guard looks at the marks afterwards.
 *
 * The signal. Only an instruction of compiled code can be stopped at, and not each one: see isAsyncSafePoint. There the
 * handler changes the interrupted context into a call of asyncPreempt, so that the switch happens on the goroutine's own
 * stack after the handler has returned: nothing of the signal frame outlives the handler, and the kernel's view of the
 * signal stack and mask stays right. asyncPreempt saves every register and calls a stub like any other runtime call.
 * A goroutine stopped so is marked asyncSafePoint: its innermost frame has no stack map at that instruction, so its stack
 * is not moved until it runs on.
 *
 * signalPending keeps at most one signal on its way to each M; the handler clears it whether or not it stopped anything:
 * a refused request is repeated by whoever asked (sysmon each 10 ms; a stop of the world each 100 us). Which SIGURGs are
 * somebody else's: signal.c.
 *
 * Rejected: switching to the scheduler inside the handler (a goroutine would then sleep with a signal frame, with signals
 * masked, tied to the thread); polling in loop headers (the cost is paid by every loop always).
 */
#include "preempt.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cfi.h"
#include "fence.h"
#include "seed.h"
#include "symtab.h"
#include "unsafepoint.h"

/* ---- asking */

pid_t self_pid(void) {
  static _Atomic pid_t pid; /* a program that forks keeps only the child that execs */
  pid_t p = atomic_load_explicit(&pid, memory_order_relaxed);
  if (!p) {
    p = getpid();
    atomic_store_explicit(&pid, p, memory_order_relaxed);
  }
  return p;
}

/* The kernel may refuse when the queue of signals is full (EAGAIN): then the request waits for the asker's next turn. */
static void signalM(M *mp, int sig) {
  int32_t tid = atomic_load_explicit(&mp->procid, memory_order_acquire); /* pairs with minit's release */
  int saved = errno;
  bool failed = tid == 0 || syscall(SYS_tgkill, self_pid(), tid, sig) != 0;
  if (failed && tid != 0 && errno != EAGAIN && errno != ESRCH)
    throwf("tgkill(%d) refused: errno %d", tid, errno);
  if (failed) /* nobody will acknowledge */
    atomic_store_explicit(&mp->signalPending, 0, memory_order_release);
  errno = saved;
}

void preemptM(M *mp) {
  uint32_t none = 0;
  if (atomic_compare_exchange_strong_explicit(&mp->signalPending, &none, 1, memory_order_acq_rel,
                                              memory_order_relaxed))
    signalM(mp, SIGURG);
}

/* The order of the stores is that of restoreguard's loads reversed; the fence, with its light partner there, makes one of the
 * two see the other. The guard's thread never ends while its M can be found through a P. */
bool preemptone(P *pp) {
  M *mp = atomic_load_explicit(&pp->m, memory_order_acquire); /* pairs with wirep */
  if (!mp || mp == toy_m)
    return false;
  G *gp = __atomic_load_n(&mp->curg, __ATOMIC_RELAXED); /* a hint: Gs are never freed, any answer is harmless */
  if (!gp || gp == mp->g0)
    return false;
  atomic_store_explicit(&gp->preempt, 1, memory_order_seq_cst);
  atomic_store_explicit(&pp->preempt, 1, memory_order_seq_cst);
  fence_heavy();
  atomic_store_explicit(mp->guard, TOY_STACK_PREEMPT, memory_order_seq_cst);
  if (!debugvars.asyncpreemptoff)
    preemptM(mp);
  return true;
}

bool preemptall(void) {
  bool any = false;
  int32_t n = atomic_load_explicit(&gomaxprocs, memory_order_relaxed);
  for (int32_t i = 0; i < n; i++)
    if (atomic_load_explicit(&allp[i]->status, memory_order_relaxed) == Prunning && preemptone(allp[i]))
      any = true;
  return any;
}

/* ---- answering, in the handler */

bool wantAsyncPreempt(const G *gp) {
  P *pp = gp->m ? atomic_load_explicit(&gp->m->p, memory_order_relaxed) : NULL;
  bool wanted = atomic_load_explicit(&gp->preempt, memory_order_relaxed) ||
                (pp && atomic_load_explicit(&pp->preempt, memory_order_relaxed));
  return wanted && (readgstatus(gp) & ~(uint32_t)Gscan) == Grunning;
}

static bool is_before_frame(uintptr_t pc) {
  struct cfi_cfa cfa;
  return cfi_cfa_at(pc, &cfa) && cfa.reg == CFI_REG_SP && cfa.offset == 8;
}

/* Where the frame is complete, or where a sequence that has no frame begins again with its function. */
static bool is_walkable(uintptr_t pc, uintptr_t resume) {
  if (cfi_frame_complete(resume))
    return true;
  return resume != pc && is_entry(resume) && is_before_frame(pc);
}

/* Cheap questions first; the frame tables last. SP inside the goroutine's stack also rules out g0 and foreign stacks. */
bool isAsyncSafePoint(const G *gp, M *mp, const struct sigcontext_regs *ctx, uintptr_t *resume) {
  if (gp != mp->curg || !getp(mp) || !canPreemptM(mp))
    return false;
  if (ctx->sp < gp->stack.lo || ctx->sp >= gp->stack.hi || ctx->sp - gp->stack.lo < ASYNC_PREEMPT_STACK)
    return false;
  return in_toytext(ctx->pc) && unsafepoint_resume(ctx->pc, resume) && is_walkable(ctx->pc, *resume);
}

/* Toy code has no red zone, so the word below SP is free. */
void pushCall(struct sigcontext_regs *ctx, uintptr_t target, uintptr_t resume) {
  ctx->sp -= sizeof(uintptr_t);
  *(uintptr_t *)ctx->sp = resume;
  ctx->pc = target;
}

/* Where the routine saves wide vector registers (amd64+avx2, amd64+avx512), they go to a buffer that the stopped goroutine's
 * frame points to. It is the goroutine's until that has them back; else it is on the list of a P, touched by this P's
 * owner only: C on g0, and asyncPreempt, where no signal stops anybody. So the handler needs no memory: a P without
 * a buffer refuses, and asyncPreempt finds the one that the handler saw. Buffers are never freed: there are at most as many
 * as Ps and, at their peak, stopped goroutines. */
static bool have_buffer(P *pp) { return asyncPreemptBufferSize == 0 || (pp && pp->preemptbufs); }

void preemptbuf_refill(P *pp) {
  if (asyncPreemptBufferSize != 0 && !pp->preemptbufs)
    pp->preemptbufs = persistentalloc(asyncPreemptBufferSize, 64); /* zeroed: the end of the list */
}

bool doSigPreempt(M *mp, struct sigcontext_regs *ctx) {
  const G *gp = toy_g;
  uintptr_t resume;
  bool stop = gp && gp != mp->g0 && !debugvars.asyncpreemptoff && wantAsyncPreempt(gp) &&
              isAsyncSafePoint(gp, mp, ctx, &resume) && have_buffer(getp(mp));
  if (stop)
    pushCall(ctx, (uintptr_t)asyncPreempt, resume);
  atomic_fetch_add_explicit(&mp->preemptGen, 1, memory_order_release); /* pairs with a suspender's acquire */
  atomic_store_explicit(&mp->signalPending, 0, memory_order_release);  /* pairs with preemptM's CAS */
  return stop;
}

/* ---- the switch, on g0 */

static uintptr_t resumed(G *gp) {
  gp->asyncSafePoint = false;
  return 0;
}

/* The mark falls when the goroutine is about to run on. */
void rt_asyncPreempt2(void) {
  G *gp = toy_m->curg;
  gp->asyncSafePoint = true;
  gp->wakefn = resumed;
  STAT(asyncpreempt);
  preemptbuf_refill(getp(toy_m));
  gopreempt_m(gp);
}

/* The stubs' way to yield (amd64/asm.h): an ordinary park, with a complete frame. A pinned goroutine comes back: the
 * request stays, and its next call or prologue after unpinning meets it. */
void rt_stubYield(void) {
  if (!canPreemptM(toy_m) || (seeded() && !seed_point()))
    return;
  STAT(preempt);
  gopreempt_m(toy_m->curg);
}

/* ---- TOYDEBUG=preemptevery */

static struct timespec timespec_at(int64_t ns) {
  return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

/* A thread without a P, as sysmon. Deadlines are absolute, so that time spent asking does not stretch the period; those
 * that passed while the thread was not run are skipped, not made up for. */
static void preemptevery_loop(void) {
  lock(&sched.lock);
  sched.nmsys++;
  checkdead(); /* until now this thread counted as one that may run something */
  unlock(&sched.lock);
  int64_t period = debugvars.preemptevery * 1000, next = nanotime();
  for (;;) {
    next += period;
    int64_t now = nanotime();
    if (next < now)
      next = now;
    struct timespec ts = timespec_at(next);
    int err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
    if (err && err != EINTR)
      throwf("clock_nanosleep refused: errno %d", err);
    preemptall();
  }
}

void preemptevery_start(void) {
  if (debugvars.preemptevery > 0)
    newm(preemptevery_loop, NULL);
}
