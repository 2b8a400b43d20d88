/* storm PID MS SIGNAL...: sends the signals in turn to the process, every 100 us one of each (behind time, as fast as it
 * goes), and prints how many it sent. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv) {
  long sent = 0, begin = now_us(), end = begin + atol(argv[2]) * 1000;
  for (long due = begin, now; (now = now_us()) < end; due += 100) {
    if (due > now) nanosleep(&(struct timespec){0, (due - now) * 1000}, NULL);
    for (int i = 3; i < argc; i++) sent += kill(atoi(argv[1]), atoi(argv[i])) == 0;
  }
  printf("%ld\n", sent);
  return 0;
}
