/* Signals to a thread that the runtime did not make: requests to stop, broken pipes and profile signals are dropped,
 * faults kill as if no handler were there. And the initial thread's mask is every thread's, less what must get through.
 *
 * Rows: BS-8, SP-5. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preempt.h"
#include "unit.h"

static _Atomic bool stop;

static void *foreign(void *p) {
  volatile uint64_t *n = p;
  while (!atomic_load(&stop))
    ++*n;
  return NULL;
}

static void dropped(void) {
  static uint64_t n;
  pthread_t t;
  CHECK_EQ(pthread_create(&t, NULL, foreign, &n), 0);
  for (int i = 0; i < 10000; i++)
    CHECK(pthread_kill(t, (const int[]){SIGURG, SIGPIPE, SIGPROF}[i % 3]) == 0);
  CHECK(pthread_kill(pthread_self(), SIGPROF) == 0); /* to a thread of the runtime's too */
  atomic_store(&stop, true);
  CHECK_EQ(pthread_join(t, NULL), 0);
}

static void *fault(void *p) {
  static volatile uintptr_t address = 16;
  *(volatile int *)address = 1;
  return p;
}

static void killed(void) {
  pid_t child = fork();
  if (child == 0) {
    pthread_t t;
    pthread_create(&t, NULL, fault, NULL);
    pthread_join(t, NULL);
    _exit(0);
  }
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void mask(void) {
  sigset_t now;
  CHECK_EQ(pthread_sigmask(SIG_SETMASK, NULL, &now), 0);
  CHECK(sigismember(&now, SIGUSR1) && !sigismember(&now, SIGURG) && !sigismember(&now, SIGSEGV));
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGURG);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  m0_init();
  initsig();
  minit();
  mask();
  dropped();
  killed();
  return unit_end();
}
