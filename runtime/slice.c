/* slice.c: make([]T, …) and the growth of append.
 *
 * cap() after append is visible to programs and printed by tutorials, so it agrees with Go's: twice the old capacity up
 * to 256 elements, then a quarter more plus 192 until it is enough; the bytes are then rounded up to what Go's allocator
 * hands out. Our own allocator has no size classes and would not need the rounding; being exact costs up to 12 % of room
 * that append then uses.
 *
 * The classes below are the distinct capacities that newest Go gives to append([]byte(nil), …) of every length up to
 * 32 KiB. Larger sizes are whole pages of 8 KiB. Objects with pointers above 512 bytes carry a word of 8 bytes in Go.
 */
#include "slice.h"

#include <stdint.h>
#include <string.h>

#include "malloc.h"
#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"

static const uint16_t sizeclasses[] = {
    8,    16,   24,   32,   48,   64,   80,   96,   112,  128,   144,   160,   176,   192,   208,   224,   240,
    256,  288,  320,  352,  384,  416,  448,  480,  512,  576,   640,   704,   768,   896,   1024,  1152,  1280,
    1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,
    9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};

enum { GO_PAGE = 8192, GO_MAX_SMALL = 32768, GO_HEADER = 8, GO_NO_HEADER_MAX = 512 };

static size_t sizeclass(size_t n) {
  size_t lo = 0, hi = nelem(sizeclasses) - 1;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (sizeclasses[mid] < n) lo = mid + 1;
    else hi = mid;
  }
  return sizeclasses[lo];
}

size_t roundupsize(size_t n, bool noscan) {
  size_t header = noscan || n <= GO_NO_HEADER_MAX ? 0 : GO_HEADER;
  if (n + header <= GO_MAX_SMALL) return n == 0 ? 0 : sizeclass(n + header) - header;
  return (n + GO_PAGE - 1) & ~(size_t)(GO_PAGE - 1);
}

/* n * size, if it is no more than can be asked of the OS. */
static bool array_bytes(const struct toy_type *t, int64_t n, size_t *bytes) {
  if (n < 0) return false;
  return !__builtin_mul_overflow((size_t)n, (size_t)t->size, bytes) && *bytes <= MAX_ALLOC;
}

/* When both are out of range the fault lies with len, as cap was most likely taken from it. */
void *rt_makeslice(const void *type, int64_t len, int64_t cap) {
  size_t bytes, lenbytes;
  if (unlikely(!array_bytes(type, cap, &bytes) || len < 0 || len > cap)) {
    if (!array_bytes(type, len, &lenbytes)) panic_runtime_error("makeslice: len out of range");
    panic_runtime_error("makeslice: cap out of range");
  }
  return mallocarray(type, (size_t)cap, bytes);
}

static size_t nextslicecap(size_t newlen, size_t oldcap) {
  enum { THRESHOLD = 256 };
  if (newlen > 2 * oldcap) return newlen;
  if (oldcap < THRESHOLD) return 2 * oldcap;
  size_t cap = oldcap;
  while (cap < newlen) cap += (cap + 3 * THRESHOLD) / 4;
  return cap;
}

/* The old array stays as it is: other slices may share it. Its first newlen - num elements are copied; the rest of the
 * new one is zero, as all memory is. */
struct ref_i64 rt_growslice(const void *type, void *old, int64_t newlen, int64_t oldcap, int64_t num) {
  const struct toy_type *t = type;
  if (newlen < 0) panic_runtime_error("growslice: len out of range");
  if (t->size == 0) return (struct ref_i64){old ? old : &zerobase, newlen};
  size_t cap = nextslicecap((size_t)newlen, (size_t)oldcap), bytes;
  if (!array_bytes(t, (int64_t)cap, &bytes)) panic_runtime_error("growslice: len out of range");
  cap = roundupsize(bytes, t->ptrdata == 0) / (size_t)t->size;
  char *p = mallocarray(t, cap, cap * (size_t)t->size);
  if (newlen > num) memcpy(p, old, (size_t)(newlen - num) * (size_t)t->size);
  return (struct ref_i64){p, (int64_t)cap};
}
