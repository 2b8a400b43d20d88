/* runtime.h: the runtime's own header: G, M, P, the scheduler's state, and what the parts of the runtime ask of each
 * other.
 *
 * Which stack am I on. A goroutine's stack holds compiled Toy frames and assembly stubs (runtime/amd64), nothing else.
 * All C below runs on the system stack (g0) of the M it runs on, with toy_g == toy_m->g0, except
 *   - LEAF functions of runtime.def, which run on the goroutine's stack and neither block, allocate, call nor panic;
 *   - signal handlers, on the M's signal stack, which find toy_g as the interrupted code left it.
 * A C function that must wait parks the goroutine (gopark, goparkunlock): it never returns. What is left to do when the
 * goroutine runs again is a function stored in gp->wakefn; execute calls it on the g0 of the M that resumes the
 * goroutine, and its result is what the parked call returns. So no C frame is carried over a wait, nor from one
 * thread to another.
 *
 * Prefixes: rt_ is the C body of a call of runtime.def; os_ talks to the kernel; Go's runtime names are Go's
 * mechanisms.
 */
#ifndef TOY_RUNTIME_H
#define TOY_RUNTIME_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/defer.h"
#include "abi/limits.h"
#include "abi/module.h"
#include "abi/type.h"
#include "malloc.h"

typedef struct G G;
typedef struct M M;
typedef struct P P;

#define TOY_CACHELINE 64
#define TOY_PAGE 4096
#define nelem(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define NOINLINE __attribute__((noinline))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* ---- states ------------------------------------------------------------------------------------------------------
 *
 * G            who moves it on                                stack belongs to     in a queue
 *  idle        newproc1 → dead                                 nobody yet           no
 *  dead        newproc1 → runnable                             the free list        gfree
 *  runnable    the M that took it from a queue → running       the queue's owner    exactly one
 *  running     its own M: → runnable waiting syscall           its M                no
 *              copystack dead
 *  waiting     the one waker (goready) → runnable              the object waited on waiters of that object
 *  syscall     its own M → running, or runnable without a P    itself (not moved)   no
 *  copystack   its own M → running                             the copier           no
 *  preempted   the suspender that claims it → waiting       nobody, then it       no
 * Every edge goes through gstatus.c, which dies on any other.
 *
 * waiting with a non-null m: the G's M works for it on g0 and will put it back to running (stopTheWorld, suspendG's
 * callers); its stack may be scanned but not moved.
 */
#define TOY_GSTATUS(X) \
  X(idle, 0) X(runnable, 1) X(running, 2) X(syscall, 3) X(waiting, 4) X(dead, 6) X(copystack, 8) X(preempted, 9)
enum gstatus {
#define X(name, value) G##name = value,
  TOY_GSTATUS(X)
#undef X
  Gscan = 0x1000 /* a lock on the G's stack and status, held by who inspects it; casgstatus waits for it */
};

/* P: idle — in sched.pidle, no M; running — wired to p->m; syscall — p->m is in the kernel, sysmon may CAS it to idle;
 * gcstop — parked by a stop of the world; dead — beyond gomaxprocs. */
#define TOY_PSTATUS(X) X(idle, 0) X(running, 1) X(syscall, 2) X(gcstop, 3) X(dead, 4)
enum pstatus {
#define X(name, value) P##name = value,
  TOY_PSTATUS(X)
#undef X
};

#define TOY_WAITREASON(X)                                                                                      \
  X(Zero, "") X(ChanReceiveNilChan, "chan receive (nil chan)") X(ChanSendNilChan, "chan send (nil chan)")      \
  X(ChanReceive, "chan receive") X(ChanSend, "chan send") X(Select, "select") X(SelectNoCases, "select (no cases)") \
  X(SyncMutexLock, "sync.Mutex.Lock") X(SyncRWMutexRLock, "sync.RWMutex.RLock")                                \
  X(SyncRWMutexLock, "sync.RWMutex.Lock") X(SyncWaitGroupWait, "sync.WaitGroup.Wait")                          \
  X(SyncCondWait, "sync.Cond.Wait")                                                                            \
  X(Sleep, "sleep") X(Semacquire, "semacquire") X(IOWait, "IO wait") X(Panicwait, "panicwait")                 \
  X(Preempted, "preempted") X(StoppingTheWorld, "stopping the world") X(SuspendingG, "waiting to suspend a goroutine")
enum waitreason {
#define X(name, text) waitReason##name,
  TOY_WAITREASON(X)
#undef X
};
extern const char *const waitreason_text[];

/* ---- locks and notes (lock.c) ------------------------------------------------------------------------------------
 * A mutex is 4 bytes, zero when free; lock() counts in toy_m->locks, and schedule() dies when a lock is held.
 * A note is a one-shot event: one thread sleeps, one wakes it, noteclear before reuse. */
struct mutex {
  union {
    _Atomic uint32_t key; /* for the futex */
    struct { _Atomic uint8_t held, sleepers; };
  };
};
struct note { _Atomic uint32_t key; };
#include "timer.h"

void lock(struct mutex *l);
void unlock(struct mutex *l);
#ifdef TOY_LOCKRANK /* lockrank.c */
void lock_ranked(struct mutex *l, const char *file, const char *text);
void lock_released(const struct mutex *l);
#define lock(l) lock_ranked(l, __FILE_NAME__, #l)
#endif
void noteclear(struct note *n);
void notewakeup(struct note *n);
void notesleep(struct note *n);
bool notetsleep(struct note *n, int64_t ns); /* ns < 0: no limit; false: time is up */

/* Many readers or one writer; both count as holding a lock, so neither may park meanwhile. Zero is free. */
struct rwmutex { struct mutex gate; _Atomic uint32_t readers; };
void rwrlock(struct rwmutex *l);
void rwrunlock(struct rwmutex *l);
void rwlock(struct rwmutex *l);
void rwunlock(struct rwmutex *l);
extern struct rwmutex allocmLock;            /* read-held while a thread is made (setxid.c) */

/* ---- stacks ------------------------------------------------------------------------------------------------------ */
struct stack {
  uintptr_t lo, hi;
  uintptr_t base; /* lowest address that may become lo without a copy (stackalloc.c) */
};

/* A saved context. sp points at {r15 r14 r13 r12 rbx rbp return address}, for every goroutine that is not running Toy
 * code: parked, preempted, in a runtime call (there the five callee-saved words are not filled in: C keeps them), new.
 * ret is what the resumed call returns in rax. */
struct gobuf { uintptr_t sp, ret; };
#define GOBUF_RBP 40 /* [sp + this]: the frame pointer of the frame below */
#define GOBUF_PC 48  /* [sp + this]: where the context continues */
#define GOBUF_SIZE 56

/* A record "gp waits on c with elem", in c's queue and in gp->waiting. */
struct sudog {
  G *g;
  struct sudog *next, *prev; /* the queue of c, under its lock */
  void *elem;                /* may point into g's stack; copystack rewrites it */
  struct sudog *waitlink;    /* g->waiting */
  struct sudog *waittail;    /* sema.c */
  void *c;                   /* the hchan */
  bool isSelect, success;
  uint16_t selcase;          /* select.c: which case */
  uint32_t ticket;
};

struct G {
  /* owner only; the first ones are known to assembly (amd64/offsets.c) */
  struct toy_deferframe *_defer; /* the innermost function that defers, in this stack: copystack rewrites it; compiled code writes it */
  struct stack stack;
  struct gobuf sched;        /* valid whenever the G does not execute Toy code */
  M *m;
  void *startfn;             /* the closure of the go statement; cleared by the start stub */
  _Atomic uint32_t atomicstatus;
  _Atomic uint8_t preempt;   /* "yield at the next chance": set by anyone, the poisoned guard is only its shadow */
  _Atomic uint8_t preemptStop; /* with preempt: stop as preempted, for a suspender; written under the scan bit */
  bool asyncSafePoint;       /* stopped by a signal: never move the stack */
  bool throwsplit;           /* growing the stack now is fatal (syscall entry to exit) */
  _Atomic bool parkingOnChan; /* about to wait on channels; the stack must not be moved now (chanmove.c) */
  bool activeStackChans;     /* waits on channels: others may write to the elements on its stack */
  _Atomic uint8_t preemptShrink; /* its stack may be too large: look at the next yielding prologue (stackshrink.c) */
  uint8_t waitreason;        /* enum waitreason; valid while waiting */
  uint8_t system;            /* not a user's: does not count for deadlock */
  M *lockedm;                /* the thread that LockOSThread tied this G to, or null */
  uint64_t goid;
  G *schedlink;              /* the one list the G is on, null: on none (gqueue.h) */
  uintptr_t (*wakefn)(G *);  /* run on g0 just before the G resumes; its result becomes sched.ret */
  void *param;               /* from the waker: the sudog */
  struct sudog *waiting;     /* sudogs of the wait under way */
  struct timer *timer;       /* of time.Sleep; made at the first one, kept for the G's next lives */
  uint64_t wakearg[2];       /* for wakefn */
  struct toy_panic *_panic;  /* the latest panic under way, or Goexit; in this stack, as _defer */
  int64_t waitsince;         /* when it began to wait, by sysmon's clock; 0: unknown. Valid while waiting or in a syscall */
  uintptr_t gopc;            /* return address of the go statement */
  uintptr_t startpc;
  uint64_t parentgoid;
  struct ancestors *ancestors; /* under tracebackancestors=N: who started it (ancestors.c) */
  /* syscall: where the walk of this G's stack starts while it is in the kernel (owner writes before status syscall) */
  uintptr_t syscallsp, syscallpc, syscallbp;
  uint32_t stackmoves;       /* prologues met under stackmove */
  _Atomic uint32_t selectDone; /* select.c: 1 when a waker has been found */
  uint32_t sigaddr;          /* with sigpc; below the nil page. For the panic's text */
  uint32_t latencySeq;       /* schedlatency.c: times made runnable, and since when, 0 if not measured */
  int64_t runnableSince;
  uintptr_t sigpc;           /* a nil check that faulted: the instruction, 0 if none did, and, in sigaddr, where it pointed */
};

/* ---- M: a thread ---- */
struct writebuf { char *p; size_t size, used; }; /* what does not fit is dropped */
struct M {
  G *g0;                     /* constant; known to assembly */
  G *curg;                   /* the G bound to this thread, or null */
  G *lockedg;                /* the G that LockOSThread tied to this thread, or null */
  _Atomic(uintptr_t) *guard; /* address of this thread's %fs:112; others write TOY_STACK_PREEMPT through it */
  P *_Atomic p;              /* null when idle or in a syscall; others read it as a hint */
  P *nextp;                  /* handed over by startm before the wake-up */
  P *oldp;                   /* the P before the syscall */
  int64_t id;
  _Atomic int32_t procid;    /* kernel thread id, 0 before the thread runs and after it has ended */
  _Atomic uint32_t alive;    /* 1 from before the thread is made until the kernel has ended it */
  uint32_t lockedExt, lockedInt; /* nested locks of the goroutine to this thread: the user's, the runtime's */
  bool dead;                 /* the thread ends or has ended */
  int32_t locks;             /* runtime locks held; forbids preemption, schedule() dies */
  int32_t mallocing;         /* an allocation is under way; forbids preemption */
  const char *preemptoff;    /* reason not to be preempted, or null */
  int32_t dying;             /* depth of throw/panic on this M */
  int32_t throwing;
  bool spinning;             /* looking for work; counted in sched.nmspinning */
  bool blocked;              /* asleep on park */
  struct note park;
  M *alllink;                /* allm, never removed from */
  M *schedlink;              /* sched.midle */
  void (*mstartfn)(void);
  uint64_t fastrand;
  _Atomic uint32_t preemptGen;    /* preemption signals handled */
  _Atomic uint32_t signalPending; /* a preemption signal is on its way */
  uint32_t syscalltick;      /* p->syscalltick at syscall entry */
  struct stack gsignal;      /* signal stack (signal.c) */
  uint64_t sys[4];           /* for signal.c and syscall.c */
  const char *infunc;        /* the C function that a goroutine called and that runs (ccall.c), for reports */
  struct writebuf *writebuf; /* where rtprintf goes instead of standard error, or null */
};

/* ---- P: the right to run Toy code ---- */
#define RUNQ_LEN 256
#define STACK_ORDERS 4       /* 2, 4, 8, 16 KiB: cached per P; larger ones are not */
struct glist { G *head; };
struct gqueue { G *head, *tail; };
struct stackfreelist { uintptr_t list; size_t bytes; };
struct sysmontick { uint32_t schedtick, syscalltick, exectick; int64_t schedwhen, syscallwhen, execwhen; }; /* sysmon only */

struct P {
  /* owner, or under sched.lock while idle */
  int32_t id;
  _Atomic uint32_t status;
  P *link;
  M *_Atomic m;              /* back link, null when idle */
  _Atomic uint32_t schedtick;   /* owner counts executions; sysmon reads */
  _Atomic uint32_t syscalltick;
  _Atomic uint32_t exectick;    /* as schedtick, but counts heirs of a slice too */
  struct sysmontick sysmontick;
  _Atomic uint8_t preempt;   /* give up this P soon */
  uint64_t goidcache, goidcacheend;
  struct glist gfree; int32_t ngfree;
  struct sudog *sudogcache[128]; int32_t nsudogcache;
  struct stackfreelist stackcache[STACK_ORDERS];
  struct mcache mcache;      /* malloc.h */
  _Atomic int64_t runsince;  /* when the running G began its slice, if anyone measures it */
  void *preemptbufs;         /* spare buffers of asyncPreempt, linked by their first words (preempt.c) */
  struct timers timers;      /* timer.h; others look at it too */
  _Atomic uint32_t runSafePointFn; /* forEachP waits for this P */
  /* thieves: head by CAS of anyone, tail by the owner; on lines of their own */
  alignas(TOY_CACHELINE) _Atomic uint32_t runqhead;
  alignas(TOY_CACHELINE) _Atomic uint32_t runqtail;
  G *_Atomic runnext;        /* runs next and inherits the slice; owner CASes in, thieves CAS to null */
  G *_Atomic runq[RUNQ_LEN];
};

/* ---- schedt: what all share ---- */
struct schedt {
  _Atomic uint64_t goidgen;
  struct mutex lock;
  /* under lock */
  M *midle; int32_t nmidle; int32_t nmsys; int64_t mnext, nmfreed; int32_t nmidlelocked; int32_t maxmcount;
  P *pidle; _Atomic int32_t npidle;           /* npidle: written under lock, read as a hint */
  _Atomic int32_t nmspinning;                 /* seq_cst: the idle hand-shake, see proc.c */
  _Atomic uint32_t needspinning;
  struct gqueue runq; _Atomic int32_t runqsize;
  _Atomic uint32_t gcwaiting;                 /* a stop of the world is under way */
  int32_t stopwait; struct note stopnote;
  _Atomic uint32_t sysmonwait; struct note sysmonnote;
  _Atomic int32_t ngsys;
  /* seq_cst: who sleeps in the poller, and until when (netpoll.c) */
  _Atomic int64_t lastpoll;                   /* when somebody last looked; 0: somebody sleeps there now */
  _Atomic int64_t pollUntil;                  /* until when, at the latest; 0: not known or for ever */
  _Atomic uint32_t pollingNet;                /* somebody looks without waiting */
  /* seq_cst: sysmon's sleep (quantum.c) */
  _Atomic uint32_t sysmonlazy;                /* QUANTUM_* */
  _Atomic int64_t sysmonuntil;                /* until when; 0: it does not */
  /* under gflock */
  struct mutex gflock; struct glist gfstack, gfnostack; _Atomic int32_t ngfree;
  /* under sudoglock */
  struct mutex sudoglock; struct sudog *sudogcache;
};
extern struct schedt sched;
extern M m0;
extern G g0;                                  /* m0's */
extern _Atomic(M *) allm;
extern P **allp;                              /* allp[0 … gomaxprocs); entries are made once and never freed */
extern _Atomic int32_t gomaxprocs;
extern int32_t ncpu;                          /* of the affinity mask; NumCPU */

/* All Gs ever made; entries are never removed. Publish order: element, array pointer, length (release); readers load
 * the length first (acquire). Old arrays stay valid. */
extern struct mutex allglock;
extern G **_Atomic allgs;
extern _Atomic size_t allglen;

/* ---- the running thread ---- */
extern _Thread_local G *toy_g __attribute__((tls_model("initial-exec"))); /* g0 in all C but LEAF and handlers */
extern _Thread_local M *toy_m __attribute__((tls_model("initial-exec")));
/* Relaxed: for its own M nobody else writes it, for another M it is a hint. */
static inline P *getp(const M *mp) { return atomic_load_explicit(&mp->p, memory_order_relaxed); }

/* ---- TOYDEBUG (debug.c): one line a variable; name, default, help ---- */
#define TOY_DEBUGVARS(X)                                                    \
  X(stackmove, 0, "1: move the stack at every prologue")                    \
  X(preemptevery, 0, "N: preemption signal every N microseconds")           \
  X(asyncpreemptoff, 0, "1: no preemption by signals")                      \
  X(quantumoff, 0, "1: a woken goroutine waits for a busy processor until the slice ends") \
  X(stealstress, 0, "1: steal before looking at the own queue, at random")  \
  X(parkstress, 0, "1: yield the thread at random around park and ready")   \
  X(mmapfail, 0, "N: refuse the N-th mapping of memory and all later ones")                    \
  X(threadfail, 0, "N: refuse to create the N-th thread and all later ones")                   \
  X(threadslow, 0, "US: making a thread, and its first step, take up to so many microseconds more") \
  X(schedtrace, 0, "N: a line of the scheduler's state every N milliseconds")   \
  X(inittrace, 0, "1: a line for each package that is initialised")             \
  X(scheddetail, 0, "1: with schedtrace, a line for each P, M and G as well")   \
  X(boottrace, 0, "1: each step of the start, as it ends")                    \
  X(tracebackancestors, 0, "N: tracebacks show the stacks of N ancestors")     \
  X(shrinkstress, 0, "1: look for stacks to shrink all the time")              \
  X(stackstart, 0, "BYTES: goroutines begin with a stack of at least so many") \
  X(suspendstress, 0, "N: suspend and walk eight goroutines every N microseconds")  \
  X(gsize, 0, "1: at exit, goroutines by state and their stacks by size")   \
  X(schedcheck, 0, "1: recount the scheduler's counts at every stop of the world") \
  X(schedlatency, 0, "N: at exit, how long every N-th goroutine made ready waited to run") \
  X(seed, -1, "N: one processor, every choice from a generator that starts from N, counted time (seed.c)") \
  X(seedtrace, 0, "1: with seed: a line each time a goroutine runs")             \
  X(cpubaseline, 0, "1: math does without instructions beyond the baseline")       \
  X(stats, 0, "1: say at exit how often each switch struck")
struct debugvars {
#define X(name, def, help) int64_t name;
  TOY_DEBUGVARS(X)
#undef X
};
extern struct debugvars debugvars;
static inline bool seeded(void) { return unlikely(debugvars.seed >= 0); }
void parsedebugvars(void);
/* Strikes, printed at exit by stats=1. */
#define TOY_STATS(X)                                                                                    \
  X(stackmove) X(stackgrow) X(stackshrink) X(preempt) X(asyncpreempt) X(retake) X(quantum) X(steal)     \
  X(parkstress) X(pollbreak) X(sysmonpoll) X(suspend) X(suspendstop) X(schedcheck)
struct runtime_stats {
#define X(name) _Atomic uint64_t name;
  TOY_STATS(X)
#undef X
};
extern struct runtime_stats stats;
#define STAT(name) atomic_fetch_add_explicit(&stats.name, 1, memory_order_relaxed)
void printstats(void);

/* ---- print, throw, exit (throw.c): nothing here allocates; safe on g0 and on the signal stack ---- */
/* To standard error, one write a call. Formats: %s %.*s %c %d %u %x %p with l or z, %%. */
void rtprintf(const char *fmt, ...) PRINTF(1, 2);
_Noreturn void throw(const char *text);                        /* bug of the runtime: text, state, goroutines; status 2 */
_Noreturn void throwf(const char *fmt, ...) PRINTF(1, 2);
_Noreturn void fatal(const char *text);                        /* the program's or the OS's fault: without the M's state */
_Noreturn void fatalf(const char *fmt, ...) PRINTF(1, 2);
/* Before lines that belong in front of "fatal error:": only one thread gets through, and must end in fatal or throw. */
void startfatal(void);
/* A panic nobody recovers: startpanic; the caller prints "panic: …\n" and a blank line is added; dopanic prints the
 * goroutines and exits with 2. Only one thread gets through startpanic; others stop there for good. */
void startpanic(void);
_Noreturn void dopanic(G *gp);
extern _Atomic int32_t runningPanicDefers;                     /* panics that run deferred calls: main's exit gives them time */
extern _Atomic int32_t panicking;                              /* main's exit waits while it is not 0 */
_Noreturn void exit_program(int status);                       /* stats, then exit_group */

/* ---- operating system (platform.c): checked; refusals are fatal reports that name the call and errno ---- */
void *os_mmap(size_t bytes);                                   /* zeroed, page-aligned; refused: fatal */
void *os_trymmap(size_t bytes);                                /* null when refused */
void os_munmap(void *p, size_t bytes);
void os_protect_none(void *p, size_t bytes);
void os_protect_rw(void *p, size_t bytes);
void os_release(void *p, size_t bytes);                        /* pages go back; reads zero when touched again */
void os_hugepages(void *p, size_t bytes);                      /* a wish */
int64_t nanotime(void);
int64_t walltime(void);                                        /* ns since 1970, UTC */
void seed_init(void);                                          /* seed.c: before the first choice */
uint64_t cputicks(void);
void osyield(void);
void procyield(uint32_t cycles);
void usleep_os(uint32_t us);
int32_t os_gettid(void);
void os_write(int fd, const void *p, size_t n);                /* all of it; EINTR is handled, errors are dropped */
void futexsleep(_Atomic uint32_t *addr, uint32_t val, int64_t ns); /* ns < 0: no limit; may wake early */
void futexwakeup(_Atomic uint32_t *addr, uint32_t count);
void os_membarrier_register(void);                             /* before there are other threads */
void os_membarrier(void);                                      /* a full barrier on every thread of ours that runs */
void os_newthread(M *mp);                                      /* runs mstart(mp) on mp->g0's mapped stack */
void os_thread_begins(M *mp);                                  /* on the new thread */
bool os_thread_gone(const M *mp);                              /* nobody executes on its stack any more */
void os_release_stacks(M *mp);                                 /* of a thread that is gone: they stay mapped */
int32_t os_ncpu(void);
int32_t os_cgroupcpus(void);                                   /* quota rounded up, 0: none */
int32_t cgroup_quota_v2(const char *text);                     /* parsers, for tests: "max 100000" */
int32_t cgroup_quota_v1(const char *quota, const char *period);

/* ---- runtime memory that is never freed (mem.c) ---- */
void *persistentalloc(size_t bytes, size_t align);             /* zeroed; any time, any thread */

/* ---- assembly (amd64/asm.S) ---- */
void toy_mstart_schedule(void);                                /* here g0's stack begins; then schedule() */
_Noreturn void toy_thread_end(void);                           /* on g0: toy_mstart_schedule returns */
_Noreturn void toy_gogo(G *gp);                                /* g0 → gp: toy_g, SP, callee-saved, rax = sched.ret */
void toy_raise(void);                                          /* where a context made by raise continues */
void toy_gostart(void);                                        /* where a new goroutine's context points */
extern const char toy_morestack_resume[];                      /* return address of a context saved by __morestack */
extern const char toy_yield_resume[];                          /* return address of a stop in a stub, with a result pushed */
extern const char toy_gostart_ret[];                           /* the outermost return address of every goroutine */
uintptr_t toy_guard_address(void);                             /* &%fs:112 of this thread */

/* ---- walking a stopped goroutine's frames (stack.c) ----
 * A frame is at a call: pc is the return address (or, for the first frame, where it was interrupted or the slow path of
 * its prologue), sp the SP at that call before the return address was pushed, bp its rbp. Slots of stackmap.h are
 * relative to these. */
enum frame_kind {
  FRAME_CALL,
  FRAME_PROLOGUE, /* in the slow path of the guard check: sp is at the return address, bp the caller's */
  FRAME_ASYNC,    /* stopped by a signal */
  FRAME_ENTRY     /* the same, at the function's first instruction: as FRAME_PROLOGUE */
};
struct frame { uintptr_t pc, sp, bp; enum frame_kind kind; };
static inline bool frame_is_interrupted(const struct frame *f) { return f->kind == FRAME_ASYNC || f->kind == FRAME_ENTRY; }
bool frame_first(const G *gp, struct frame *f);                /* from gp->sched; false: no Toy frame */
bool frame_next(const G *gp, struct frame *f);

/* ---- stacks (stackalloc.c, stack.c) ---- */
struct stack stackalloc(size_t bytes);                         /* a power of two ≥ 2048; high end aligned so */
void stackfree(struct stack s);
bool stackextend(struct stack *s, size_t bytes);               /* lowers lo in place, if the mapping goes on there */
void stackcache_purge(P *pp);
uint64_t stackinuse(uint32_t order);                           /* handed out, of 2 KiB << order; STACK_ORDERS: all larger ones */
bool stackscavenge(int64_t now, int64_t interval);             /* sysmon; true: come back in time */
bool stacktrim(struct stack *s, size_t bytes);                 /* raises lo in place, if the smaller one is a large stack too */
size_t stackstart(void);                                       /* what a goroutine begins with */
void copystack(G *gp, size_t newsize);                         /* gp stopped, and its stack ours; the old one stays */
void movestack(G *gp, size_t newsize);                         /* the same; the old one is freed */
bool shrinkstack(G *gp);                                       /* to half if little is used; true: done; stack is ours */
bool shrinkstacks(int64_t now);                                /* sysmon; true: come back in time */
void stackgrown(void);                                         /* some stack may be worth shrinking later */
uintptr_t gguard(const G *gp);                                 /* the guard of a G that is not to be preempted */
void restoreguard(M *mp, G *gp);                               /* store, full barrier, poison if preempt is set */

/* ---- scheduler (proc.c, m.c, runq.c, gstatus.c, newproc.c, sudog.c) ---- */
uint32_t readgstatus(const G *gp);
void casgstatus(G *gp, uint32_t from, uint32_t to);
void casGToWaiting(G *gp, uint32_t from, enum waitreason reason);
bool castogscanstatus(G *gp, uint32_t from);                   /* false: it is not in that state, or locked by another */
void casfrom_Gscanstatus(G *gp, uint32_t to);
void casGToPreemptScan(G *gp);
bool casGFromPreempted(G *gp);                                 /* true: the caller owns the G now */
uint32_t casgcopystack(G *gp);
void schedlatency_begin(G *gp);                                /* schedlatency.c */
void schedlatency_end(G *gp);
void schedlatency_print(void);
const char *gstatus_name(uint32_t status);

/* Both on g0 with a running curg; they do not return. unlockf runs when the goroutine is waiting already, and must
 * not touch its stack; false: do not sleep. */
_Noreturn void gopark(bool (*unlockf)(G *, void *), void *lockp, enum waitreason reason);
_Noreturn void goparkunlock(struct mutex *l, enum waitreason reason);
void goready(G *gp);                                           /* waiting → runnable, next on this P; on g0 with a P */
_Noreturn void goschedImpl(G *gp);                             /* curg → global queue; Gosched and preemption */
_Noreturn void goyield(G *gp);                                 /* curg → end of this P's queue */
_Noreturn void preemptPark(G *gp);                             /* curg → preempted, owned by the suspender that asked */
_Noreturn void gopreempt_m(G *gp);                             /* one of the two, as asked */
_Noreturn void schedule(void);
_Noreturn void execute(G *gp, bool inheritTime);
void dropg(void);
bool canPreemptM(M *mp);

G *malg(int64_t bytes);                                       /* in no list, status idle */
void gfput(P *pp, G *gp);
G *gfget(P *pp);
void gfpurge(P *pp);
void sudogpurge(P *pp);
/* Until goroutine 1 has made its first call, of toy_initbegin, toy_newproc, or what waits in the poller, it is the only
 * one, and must run on the first thread: no other may be started to look for work (it may have been asked to yield by
 * then and stand in a queue). */
extern _Atomic uint8_t mainAlone;
G *newproc1(void *closure, uintptr_t callerpc, uint64_t parent); /* runnable, in no queue */
uintptr_t caller_pc(const G *gp);                              /* return address of the runtime call curg is in */

void runqput(P *pp, G *gp, bool next);
G *runqget(P *pp, bool *inheritTime);
bool runqempty(P *pp);
uint32_t runqgrab(P *pp, G *_Atomic *batch, uint32_t batchHead, bool stealRunNextG);
G *runqsteal(P *pp, P *p2, bool stealRunNextG);
void runqputbatch(P *pp, struct gqueue *q, int32_t qsize);
struct gqueue runqdrain(P *pp, uint32_t *n);
void globrunqput(G *gp);                                       /* the next five under sched.lock */
void globrunqputhead(G *gp);
void globrunqputbatch(struct gqueue *batch, int32_t n);
G *globrunqget(P *pp, int32_t max);

void pidleput(P *pp);                                          /* under sched.lock */
P *pidleget(void);
P *pidlegetSpinning(void);
void mput(M *mp);
M *mget(void);
void acquirep(P *pp);
void wirep(P *pp);
P *releasep(void);
P *procresize(int32_t n);                                      /* world stopped, under sched.lock */
void startm(P *pp, bool spinning);
void stopm(void);
void stopm_or(int64_t ns, void (*late)(void *), void *arg);    /* as stopm; if still asleep after ns: late(arg), once, without a P */
void gcstopm(void);
void wakep(void);
void handoffp(P *pp);
void newm(void (*fn)(void), P *pp);                            /* pp may be null (sysmon) */
void m0_init(void);                                            /* ties m0, g0 and the first thread */
int32_t clamp_procs(int64_t n);
void mstart(M *mp);                                            /* first C code of a thread */
void checkdead(void);                                          /* under sched.lock */
void incidlelocked(int32_t v);                                 /* under sched.lock */
int32_t gcount(void);
int32_t mcount(void);                                          /* under sched.lock */
/* stopworld.c. Under worldsema, on g0 with a P. */
void stopTheWorld(const char *reason);
void startTheWorld(void);
void forEachP(void (*fn)(P *));                                /* fn: on g0, for a P that nobody uses meanwhile; may not wait */
void runSafePointFn(void);                                     /* the own P's, when its flag is set */
void runSafePointFn_idle(P *pp);                               /* an idle P's; under sched.lock */
void worldsema_acquire(uintptr_t (*woken)(G *));               /* PARK: if it must wait, woken is the rest of the call */
void worldsema_release(void);
void schedcheck(void);                                         /* schedcheck.c */
void gsize_print(void);                                        /* gsize.c */
void freezetheworld(void);                                     /* for a dying program */
bool frozen(void);

struct sudog *acquireSudog(void);
void releaseSudog(struct sudog *s);

uint32_t fastrand(void);                                       /* per M */
uint64_t fastrand64(void);
uint32_t fastrandn(uint32_t n);

/* ---- implemented by signal.c, preempt.c, sysmon.c, traceback.c (see also stackmap.h) ---- */
void initsig(void);                                            /* once, on m0, before any other thread */
void minit(void);                                              /* on each thread before it takes a P: signal stack and mask */
void unminit(void);                                            /* before a thread ends: no signals any more */
void schedtrace(int64_t now);                                  /* called by sysmon when the variable is set */
_Noreturn void sysmon(void);                                   /* body of the thread without P */
bool preemptone(P *pp);
bool preemptall(void);
void traceback(G *gp);                                         /* frames of a G that is not running elsewhere */
void goroutineheader(G *gp);                                   /* "goroutine 1 [running]:" */
void tracebackothers(G *me);
void rt_stubYield(void);                                       /* the same for toy_stubYield */
void rt_asyncPreempt2(void);                                   /* PARK body; stub toy_asyncPreempt2 is in stubs.S */

/* ---- process arguments (boot.c), raw ---- */
_Noreturn void rt_start(int argc, char **argv, char **envp, void (*program)(void));
extern int toy_argc;
extern char **toy_argv, **toy_envp;

#endif
