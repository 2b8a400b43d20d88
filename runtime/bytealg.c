/* bytealg.c: bytes among bytes, eight at a time. All run on the goroutine's stack and call nothing.
 *
 * x has a zero byte where a word differs from eight copies of c in nothing; zeros() marks those bytes by their highest bit.
 */
#include <string.h>

#include "rtcalls.h"

#define EACH (~(uint64_t)0 / 255)
#define HIGH (EACH << 7)

static inline uint64_t load8(const unsigned char *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

/* Exact: no carry leaves a byte. */
static inline uint64_t zeros(uint64_t x) { return ~(((x & ~HIGH) + ~HIGH) | x) & HIGH; }

int64_t toy_internal_bytealg_IndexByte(void *s, int64_t n, uint8_t c) {
  const unsigned char *p = s;
  uint64_t copies = EACH * c;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    uint64_t a = zeros(load8(p + i) ^ copies), b = zeros(load8(p + i + 8) ^ copies);
    if (a) return i + __builtin_ctzll(a) / 8;
    if (b) return i + 8 + __builtin_ctzll(b) / 8;
  }
  for (; i < n; i++)
    if (p[i] == c) return i;
  return -1;
}

int64_t toy_internal_bytealg_Count(void *s, int64_t n, uint8_t c) {
  const unsigned char *p = s;
  uint64_t copies = EACH * c;
  int64_t i = 0, found = 0;
  for (; i + 8 <= n; i += 8) found += (int64_t)((zeros(load8(p + i) ^ copies) >> 7) * EACH >> 56);
  for (; i < n; i++) found += p[i] == c;
  return found;
}

struct ref_i64 toy_internal_bytealg_View(void *p, int64_t n, int64_t cap) { return (struct ref_i64){p, n}; }
