#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void wait_for(_Atomic uint32_t *word, uint32_t value) {
  for (uint32_t now; (now = *word) != value;) syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, now, 0, 0, 0);
}

void wake(_Atomic uint32_t *word, uint32_t value) {
  *word = value;
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
}

/* By how much the word changes meanwhile. */
uint64_t look(_Atomic uint64_t *word, int ms) {
  struct timespec begin, now;
  uint64_t before = *word;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
  return *word - before;
}
