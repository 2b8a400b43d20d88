/* libm.c: functions of package math that the C library has: one row of runtime.def for all, on the system stack, since
 * nobody has proved how much of it they need. Arguments and result are the bits of doubles: a stub's result that waits on
 * the goroutine's stack is two words, not a vector register.
 *
 * A NaN that comes of nothing is the one that Go returns, not the processor's negative one.
 */
#include "rtcalls.h"

#include <math.h>
#include <string.h>

#define CANONICAL_NAN 0x7ff8000000000001

/* cbrt errs in the last place even where the root is an integer. */
static double cube_root(double x) { return (double)cbrtl(x); }

/* The order is that of the constants in stdlib/math/libm.toy. */
static double (*const unary[])(double) = {
  acos, acosh, asin, asinh, atan, atanh, cube_root, cos, cosh, erf, erfc, exp, exp2, expm1, tgamma, j0, j1, log,
  log10, log1p, log2, sin, sinh, tan, tanh, y0, y1,
};
static double (*const binary[])(double, double) = {
  atan2, hypot, fmod, pow, remainder,
};
enum { UNARY = sizeof unary / sizeof *unary, BINARY = sizeof binary / sizeof *binary };
enum { FMA = UNARY + BINARY, LGAMMA, JN, YN };

static double from_bits(int64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static int64_t to_bits(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static int order(int64_t n) { return n > INT32_MAX ? INT32_MAX : n < -INT32_MAX ? -INT32_MAX : (int)n; }

static double call(int64_t op, int64_t x, int64_t y, int64_t z) {
  int sign;
  switch (op) {
  case FMA: return fma(from_bits(x), from_bits(y), from_bits(z));
  case LGAMMA: return lgamma_r(from_bits(x), &sign);
  case JN: return jn(order(x), from_bits(y));
  case YN: return yn(order(x), from_bits(y));
  }
  if (op < UNARY) return unary[op](from_bits(x));
  return binary[op - UNARY](from_bits(x), from_bits(y));
}

int64_t rt_math_libm(int64_t op, int64_t x, int64_t y, int64_t z) {
  double r = call(op, x, y, z);
  if (!isnan(r)) return to_bits(r);
  if (op < LGAMMA && isnan(from_bits(x))) return x;
  return CANONICAL_NAN;
}
