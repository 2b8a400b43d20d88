/* floatbits.c: the bits of a float64 as a number, for the library's conversions: Toy itself has no such conversion. */
#include <string.h>

#include "rtcalls.h"

int64_t toy_strconv_float64bits(double f) {
  int64_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

double toy_strconv_float64frombits(int64_t bits) {
  double f;
  memcpy(&f, &bits, sizeof f);
  return f;
}
