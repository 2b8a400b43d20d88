/* C for c_calls.toy: each function does something that a wrong register, width or stack word would change. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

double t_mix(int8_t a, uint16_t b, double c, int32_t d, float e, int64_t f, uint8_t g, bool h, int64_t i, double *j, float k,
             double l, double m, double n, double o, double p, double q) {
  *j = (double)a + b + c + d + (double)e + (double)f + g + h;
  return (double)i + (double)k + l + m + n + o + p * 10 + q * 100;
}

int64_t t_weigh(int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f, int32_t g, int32_t h, int32_t i) {
  return a + 10l * b + 100l * c + 1000l * d + 10000l * e + 100000l * f + 1000000l * g + 10000000l * h + 100000000l * i;
}

/* The ABI's callers extend narrow arguments; compilers rely on it. */
int64_t t_wide(int64_t a, int64_t b, uint64_t c) { return a + b + (int64_t)c; }

signed char t_narrow(int x) { return (signed char)x; }
unsigned short t_unsigned(int x) { return (unsigned short)x; }
bool t_odd(int x) { return x & 1; }
float t_half(float x) { return x / 2; }
double t_third(double x) { return x / 3; }
void t_nothing(void) {}

static long cell = 7;
long *t_where(void) { return &cell; }
long *t_null(void) { return NULL; }

/* SSE instructions of the caller's frame need the alignment. */
int t_aligned(int a, int b, int c, int d, int e, int f, int g) {
  char buf[64] __attribute__((aligned(16)));
  snprintf(buf, sizeof buf, "%d %f", g, 1.5);
  return (uintptr_t)buf % 16 == 0 && strcmp(buf, "7 1.500000") == 0 && a + b + c + d + e + f == 21;
}

int t_fail(int e) {
  errno = e;
  return -1;
}

/* A handler must leave errno as it was. */
int t_fail_in_signal(int e) {
  errno = e;
  raise(SIGURG);
  return -1;
}

/* Blocks, so that the goroutine may go on on another thread, and leaves errno behind. */
int t_fail_late(int e, long us) {
  usleep((unsigned)us);
  errno = e;
  return -1;
}

/* A thread's own: the goroutine that is tied to it finds it again. */
static _Thread_local long own;
void t_set(long n) {
  own = n;
  usleep(100);
}
long t_get(void) { return own; }

struct node { int64_t value; struct node *next; };
int64_t t_sum(const struct node *n) {
  int64_t sum = 0;
  for (; n; n = n->next) sum += n->value;
  return sum;
}
