#include <errno.h>
#include <stdint.h>
#include <time.h>

/* Terms of Leibniz's series for pi. */
double series(int64_t from, int64_t to) {
  double sum = 0;
  for (int64_t k = from; k < to; k++) sum += (k % 2 ? -4.0 : 4.0) / (double)(2 * k + 1);
  return sum;
}

/* A signal may cut a sleep short: C has to deal with that, as anywhere. */
int wait_ms(int ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) < 0)
    if (errno != EINTR) return -1;
  return 0;
}
