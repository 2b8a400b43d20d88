#include <signal.h>
#include <unistd.h>

void t_fault(char *p) { *(volatile char *)(p + 16) = 1; }

long t_deep(long n) {
  volatile char room[4096];
  room[n & 4095] = (char)n;
  return t_deep(n + 1) + room[n & 4095];
}

void t_quit(void) {
  kill(getpid(), SIGQUIT);
  for (;;) pause();
}
