/* C code that is linked into a program of the runtime and knows nothing of it: a thread and signal handlers that are there
 * before the runtime starts. */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Atomic long foreign_done;
static _Atomic long handled, by_tkill, profiled, used, elsewhere, trapped;

static void on_urg(int sig, siginfo_t *info, void *context) {
  handled++;
  by_tkill += info->si_code == SI_TKILL;
}
static void on_prof(int sig) { profiled++; }
static void on_trap(int sig) { trapped++; }

/* More than a goroutine's stack holds. A thread that has a signal stack must be on it. */
static void on_usr(int sig) {
  volatile char space[16384];
  stack_t now;
  for (size_t i = 0; i < sizeof space; i += 64)
    space[i] = (char)sig;
  if (sigaltstack(NULL, &now) == 0 && now.ss_flags == 0)
    elsewhere++;
  used++;
}

/* The one in /proc/self/status, hexadecimal. */
static unsigned long status_field(const char *name) {
  char line[256];
  unsigned long value = 0;
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, name, strlen(name)))
      value = strtoul(line + strlen(name) + 1, NULL, 16);
  fclose(f);
  return value;
}

static long expect_handled(long n) {
  for (int ms = 0; handled < n && ms < 5000; ms++)
    usleep(1000);
  return handled;
}

/* kill from another process: to any thread. One at a time, since equal signals merge. */
static void at_the_process(void) {
  long arrived = 0;
  pid_t self = getpid();
  for (int i = 1; i <= 200; i++) {
    usleep(500); /* the runtime's own come meanwhile */
    kill(self, SIGURG);
    arrived += expect_handled(i) == i;
  }
  printf("at the process: %ld of 200, handled %ld, the runtime's own: %ld\n", arrived, handled, by_tkill);
}

/* tgkill from the same process, as the runtime's own, but not asked for. */
static void at_threads(void) {
  long missing = 0, sent = 0;
  for (int i = 0; i < 100; i++) {
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(tasks));) {
      if (e->d_name[0] == '.' || syscall(SYS_tgkill, getpid(), atoi(e->d_name), SIGURG))
        continue;
      sent++;
      missing += expect_handled(sent) != sent;
    }
    closedir(tasks);
  }
  printf("at threads: 100 each, missing %ld\n", missing);
}

static void profile_signals(void) {
  for (int i = 1; i <= 100; i++) {
    kill(getpid(), SIGPROF);
    for (int ms = 0; profiled < i && ms < 5000; ms++)
      usleep(1000);
  }
  printf("profile signals: %ld of 100\n", profiled);
}

static void others(void) {
  for (int i = 1; i <= 100; i++) {
    kill(getpid(), SIGUSR1);
    for (int ms = 0; used < i && ms < 5000; ms++)
      usleep(1000);
  }
  raise(SIGTRAP); /* the runtime's own handler would end the program */
  printf("others: %ld of 100, %ld elsewhere, own trap %ld\n", used, elsewhere, trapped);
}

/* Both kinds are pending in the parent, where they are blocked meanwhile. */
static void child_has_none(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGURG);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  pthread_kill(pthread_self(), SIGURG);
  long before = handled;
  pid_t child = fork();
  if (child == 0)
    _exit(status_field("SigPnd:") || status_field("ShdPnd:"));
  int status = -1;
  waitpid(child, &status, 0);
  printf("child: pending %d\n", status);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  expect_handled(before + 1);
}

static void *drive(void *threads) {
  while (!(status_field("SigCgt:") & 1UL << (SIGQUIT - 1))) /* the runtime has started */
    usleep(1000);
  usleep(20000);
  if (threads)
    at_threads();
  else
    at_the_process();
  child_has_none();
  others();
  profile_signals();
  fflush(stdout);
  foreign_done = 1;
  return NULL;
}

static void __attribute__((constructor)) begin(int argc, char **argv) {
  struct sigaction urg = {.sa_sigaction = on_urg, .sa_flags = SA_SIGINFO | SA_RESTART};
  struct sigaction prof = {.sa_handler = on_prof, .sa_flags = SA_RESTART}, usr = {.sa_handler = on_usr, .sa_flags = SA_RESTART};
  struct sigaction trap = {.sa_handler = on_trap};
  pthread_t t;
  sigaction(SIGURG, &urg, NULL);
  sigaction(SIGPROF, &prof, NULL);
  sigaction(SIGUSR1, &usr, NULL);
  sigaction(SIGTRAP, &trap, NULL);
  pthread_create(&t, NULL, drive, argc > 1 ? argv : NULL);
}
