/* A storm of SIGUSR1 whose handler lets calls be interrupted, at each thread of the program but this one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int over;

static void nothing(int sig) {}

static void *storm(void *unused) {
  pid_t self = gettid();
  while (!over) {
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *e; dir && (e = readdir(dir));)
      if (atoi(e->d_name) > 0 && atoi(e->d_name) != self) syscall(SYS_tgkill, getpid(), atoi(e->d_name), SIGUSR1);
    if (dir) closedir(dir);
    usleep(300);
  }
  return unused;
}

static pthread_t thread;

int storm_begin(void) {
  struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_ONSTACK};
  return sigaction(SIGUSR1, &sa, NULL) || pthread_create(&thread, NULL, storm, NULL);
}

void storm_end(void) {
  over = 1;
  pthread_join(thread, NULL);
}
