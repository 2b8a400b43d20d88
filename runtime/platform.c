/* platform.c: the kernel, in one place: memory, futexes, threads, clocks, the number of processors.
 *
 * Invariant: no result is ignored. A refusal that the caller cannot handle ends the program here, naming the call, what
 * was asked and errno; the injected failures (TOYDEBUG=mmapfail=N, threadfail=N) take the same road.
 *
 * Threads are pthreads on stacks that we map: libc wants its own thread block, and we want the bounds, the size and a
 * guard page under every one. They are detached; most never
 * end. One that does (mexit) is gone when the kernel, which knows best, has cleared the M's word `alive`: only then
 * nobody stands on its stack, libc's own last steps included.
 */
#define _GNU_SOURCE /* CPU_ALLOC */
#include "seed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The system stack of an M: the deepest chain of C is a traceback that formats numbers, under a signal-free libc call.
 * Only touched pages cost memory. */
#define G0_STACK_BYTES ((size_t)256 << 10)

/* ---- memory */

static bool injected(int64_t nth, _Atomic int64_t *count) {
  return unlikely(nth) && atomic_fetch_add_explicit(count, 1, memory_order_relaxed) + 1 >= nth;
}

void *os_trymmap(size_t bytes) {
  static _Atomic int64_t count;
  if (injected(debugvars.mmapfail, &count)) {
    errno = ENOMEM;
    return NULL;
  }
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? NULL : p;
}

void *os_mmap(size_t bytes) {
  void *p = os_trymmap(bytes);
  if (!p)
    fatalf("out of memory: cannot allocate %lu bytes of memory: %s (errno=%d)", (unsigned long)bytes, strerror(errno), errno);
  return p;
}

static void must(int failed, const char *call, void *p, size_t bytes) {
  if (failed)
    throwf("%s(%p, %lu) failed: errno=%d", call, p, (unsigned long)bytes, errno);
}

void os_munmap(void *p, size_t bytes) { must(munmap(p, bytes) != 0, "munmap", p, bytes); }

void os_protect_none(void *p, size_t bytes) { must(mprotect(p, bytes, PROT_NONE) != 0, "mprotect", p, bytes); }

void os_protect_rw(void *p, size_t bytes) {
  must(mprotect(p, bytes, PROT_READ | PROT_WRITE) != 0, "mprotect", p, bytes);
}

void os_release(void *p, size_t bytes) { must(madvise(p, bytes, MADV_DONTNEED) != 0, "madvise", p, bytes); }

/* A wish: a kernel without huge pages refuses it, and nothing is lost. */
void os_hugepages(void *p, size_t bytes) { (void)madvise(p, bytes, MADV_HUGEPAGE); }

/* ---- time */

static int64_t clock_ns(clockid_t clock) {
  struct timespec ts;
  if (clock_gettime(clock, &ts) != 0)
    throw("clock_gettime failed");
  return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

int64_t nanotime(void) { return seeded() ? seed_nanotime() : clock_ns(CLOCK_MONOTONIC); }
int64_t walltime(void) { return seeded() ? seed_walltime() : clock_ns(CLOCK_REALTIME); }

uint64_t cputicks(void) { return __builtin_ia32_rdtsc(); }

void procyield(uint32_t cycles) {
  while (cycles--)
    __builtin_ia32_pause();
}

void osyield(void) { sched_yield(); }

void usleep_os(uint32_t us) {
  struct timespec ts = {us / 1000000, us % 1000000 * 1000L};
  while (nanosleep(&ts, &ts) != 0)
    if (errno != EINTR)
      throwf("nanosleep failed: errno=%d", errno);
}

int32_t os_gettid(void) { return (int32_t)syscall(SYS_gettid); }

/* ---- output */

void os_write(int fd, const void *p, size_t n) {
  const char *at = p;
  while (n > 0) {
    ssize_t w = write(fd, at, n);
    if (w < 0 && errno == EINTR)
      continue;
    if (w < 0)
      return; /* there is nobody to tell */
    at += w;
    n -= (size_t)w;
  }
}

/* ---- futex */

void futexsleep(_Atomic uint32_t *addr, uint32_t val, int64_t ns) {
  struct timespec ts = {ns / 1000000000, ns % 1000000000};
  if (syscall(SYS_futex, addr, FUTEX_WAIT_PRIVATE, val, ns < 0 ? NULL : &ts, NULL, 0) == 0)
    return;
  if (errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
    throwf("futex wait at %p failed: errno=%d", (void *)addr, errno);
}

void futexwakeup(_Atomic uint32_t *addr, uint32_t count) {
  if (syscall(SYS_futex, addr, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0) < 0)
    throwf("futex wake at %p failed: errno=%d", (void *)addr, errno);
}

bool fence_by_kernel;

void os_membarrier_register(void) {
  fence_by_kernel = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

void os_membarrier(void) {
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0)
    throwf("membarrier failed: errno=%d", errno);
}

/* ---- threads */

/* TOYDEBUG=threadslow: what happens while a thread is on its way? */
static void dawdle(void) {
  if (unlikely(debugvars.threadslow > 0))
    usleep_os(fastrandn((uint32_t)debugvars.threadslow + 1));
}

/* The word that the kernel clears as its very last act for a thread becomes ours instead of libc's, which needs it for
 * joining only. */
void os_thread_begins(M *mp) {
  syscall(SYS_set_tid_address, &mp->alive);
  dawdle();
}

bool os_thread_gone(const M *mp) { /* acquire: all the thread did is over */
  return atomic_load_explicit(&mp->alive, memory_order_acquire) == 0;
}

void os_release_stacks(M *mp) {
  os_release((void *)mp->g0->stack.lo, mp->g0->stack.hi - mp->g0->stack.lo);
  os_release((void *)mp->gsignal.lo, mp->gsignal.hi - mp->gsignal.lo);
}

static void *thread_entry(void *arg) {
  mstart(arg);
  return NULL;
}

static void map_g0_stack(G *gp) {
  char *p = os_mmap(G0_STACK_BYTES + TOY_PAGE);
  os_protect_none(p, TOY_PAGE);
  gp->stack = (struct stack){.lo = (uintptr_t)p + TOY_PAGE, .hi = (uintptr_t)p + TOY_PAGE + G0_STACK_BYTES};
}

static int create(M *mp) {
  static _Atomic int64_t count;
  pthread_attr_t attr;
  pthread_t thread;
  if (injected(debugvars.threadfail, &count))
    return EAGAIN;
  if (!mp->g0->stack.lo) /* else left by a thread that has ended */
    map_g0_stack(mp->g0);
  atomic_store_explicit(&mp->alive, 1, memory_order_relaxed);
  dawdle();
  int err = pthread_attr_init(&attr);
  if (err == 0)
    err = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  if (err == 0)
    err = pthread_attr_setstack(&attr, (void *)mp->g0->stack.lo, G0_STACK_BYTES);
  if (err == 0)
    err = pthread_create(&thread, &attr, thread_entry, mp);
  pthread_attr_destroy(&attr);
  return err;
}

/* Born with all signals blocked: a signal that came before the thread has its signal stack would run on g0. minit
 * gives the thread the program's mask. */
void os_newthread(M *mp) {
  sigset_t all, old;
  sigfillset(&all);
  int err = pthread_sigmask(SIG_SETMASK, &all, &old);
  if (err)
    throwf("pthread_sigmask failed: errno=%d", err);
  err = create(mp);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (!err)
    return;
  startfatal();
  rtprintf("runtime: failed to create new OS thread (have %d already; errno=%d)\n", mcount(), err);
  if (err == EAGAIN)
    rtprintf("runtime: may need to increase max user processes (ulimit -u)\n");
  fatalf("newosproc: %s", strerror(err));
}

/* ---- how many processors */

int32_t os_ncpu(void) {
  for (size_t n = 1024; n <= 1 << 20; n *= 2) {
    cpu_set_t *set = CPU_ALLOC(n);
    if (!set)
      break;
    size_t bytes = CPU_ALLOC_SIZE(n);
    int err = sched_getaffinity(0, bytes, set);
    int32_t count = err ? 0 : CPU_COUNT_S(bytes, set);
    CPU_FREE(set);
    if (!err)
      return count > 0 ? count : 1;
    if (errno != EINVAL) /* EINVAL: the kernel's mask is longer */
      break;
  }
  return 1;
}
