/* string.c: strings are (pointer, length) pairs of bytes that never change; UTF-8 where runes matter.
 *
 * The LEAF functions here run on the goroutine's stack, so they call nothing, not even memcmp: they compare by words.
 * The others run on g0 and may use libc.
 *
 * Decoding follows the Unicode standard's table of well-formed sequences; a byte that starts none is U+FFFD of width 1.
 */
#include <string.h>

#include "malloc.h"
#include "print.h"
#include "rtcalls.h"
#include "runtime.h"
#include "slice.h"

#define RUNE_ERROR 0xfffd
#define RUNE_MAX 0x10ffff
#define UTF8_MAX 4

/* ---- on the goroutine's stack */

static inline uint64_t load8(const unsigned char *p) {
  uint64_t v;
  __builtin_memcpy(&v, p, 8);
  return v;
}

bool toy_typedmemequal(void *p, void *q, int64_t n) {
  const unsigned char *a = p, *b = q;
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    if (load8(a + i) != load8(b + i)) return false;
  for (; i < n; i++)
    if (a[i] != b[i]) return false;
  return true;
}

int64_t toy_cmpstring(void *p, int64_t plen, void *q, int64_t qlen) {
  const unsigned char *a = p, *b = q;
  int64_t n = plen < qlen ? plen : qlen, i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t x = load8(a + i), y = load8(b + i);
    if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
  }
  for (; i < n; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return (plen > qlen) - (plen < qlen);
}

/* A sequence is 1 to 4 bytes; lo and hi bound its second byte, which is what rules out overlong forms, surrogates and
 * what lies beyond U+10FFFF. width 0: no sequence starts so. */
struct lead { uint8_t width, lo, hi; };

static inline struct lead lead_byte(unsigned char c) {
  if (c < 0xc2 || c > 0xf4) return (struct lead){0, 0, 0};
  if (c < 0xe0) return (struct lead){2, 0x80, 0xbf};
  if (c < 0xf0) return (struct lead){3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf};
  return (struct lead){4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf};
}

static inline bool continues(unsigned char c) { return (c & 0xc0) == 0x80; }

static inline struct i32_i64 decode(const unsigned char *s, int64_t n, int64_t i) {
  unsigned char c = s[i];
  if (c < 0x80) return (struct i32_i64){c, i + 1};
  const struct i32_i64 bad = {RUNE_ERROR, i + 1};
  struct lead l = lead_byte(c);
  if (l.width == 0 || i + l.width > n || s[i + 1] < l.lo || s[i + 1] > l.hi) return bad;
  int32_t r = c & (0x7f >> l.width);
  r = r << 6 | (s[i + 1] & 0x3f);
  for (int k = 2; k < l.width; k++) {
    if (!continues(s[i + k])) return bad;
    r = r << 6 | (s[i + k] & 0x3f);
  }
  return (struct i32_i64){r, i + l.width};
}

struct i32_i64 toy_decoderune(void *s, int64_t len, int64_t i) { return decode(s, len, i); }

/* ---- on g0 */

static int encode(unsigned char *out, int32_t rune) {
  uint32_t r = (uint32_t)rune;
  if (r > RUNE_MAX || (r >= 0xd800 && r < 0xe000)) r = RUNE_ERROR;
  if (r < 0x80) {
    out[0] = (unsigned char)r;
    return 1;
  }
  int width = r < 0x800 ? 2 : r < 0x10000 ? 3 : 4;
  for (int k = width - 1; k > 0; k--, r >>= 6) out[k] = 0x80 | (r & 0x3f);
  out[0] = (unsigned char)(0xf00 >> width | r);
  return width;
}

/* Memory for n bytes of a string. */
static void *rawstring(size_t n) {
  if (n > MAX_ALLOC) fatal("string concatenation too long");
  return mallocnoscan(n, 1);
}

/* With one string that is not empty the result shares its bytes: they never change. */
struct ref_i64 rt_concatstrings(void *strings, int64_t n) {
  const struct toy_str *a = strings, *only = NULL;
  size_t total = 0, used = 0;
  for (int64_t i = 0; i < n; i++) {
    if (a[i].len == 0) continue;
    if (__builtin_add_overflow(total, (size_t)a[i].len, &total)) fatal("string concatenation too long");
    only = &a[i];
    used++;
  }
  if (used <= 1) return only ? (struct ref_i64){(void *)only->ptr, only->len} : (struct ref_i64){NULL, 0};
  char *p = rawstring(total), *at = p;
  for (int64_t i = 0; i < n; i++) {
    memcpy(at, a[i].ptr, (size_t)a[i].len);
    at += a[i].len;
  }
  return (struct ref_i64){p, (int64_t)total};
}

struct ref_i64 rt_bytestostring(void *bytes, int64_t n) {
  if (n == 0) return (struct ref_i64){NULL, 0};
  char *p = rawstring((size_t)n);
  memcpy(p, bytes, (size_t)n);
  return (struct ref_i64){p, n};
}

struct ref_i64 rt_stringtobytes(void *s, int64_t n) {
  size_t cap = roundupsize((size_t)n, true);
  char *p = mallocnoscan(cap, 1);
  if (n > 0) memcpy(p, s, (size_t)n);
  return (struct ref_i64){p, (int64_t)cap};
}

struct ref_i64 rt_runestostring(void *runes, int64_t n) {
  const int32_t *r = runes;
  unsigned char c[UTF8_MAX];
  size_t bytes = 0;
  for (int64_t i = 0; i < n; i++) bytes += (size_t)encode(c, r[i]);
  if (bytes == 0) return (struct ref_i64){NULL, 0};
  unsigned char *p = rawstring(bytes), *at = p;
  for (int64_t i = 0; i < n; i++) {
    int width = encode(c, r[i]);
    memcpy(at, c, (size_t)width);
    at += width;
  }
  return (struct ref_i64){p, (int64_t)bytes};
}

struct ref_i64 rt_stringtorunes(void *s, int64_t n) {
  int64_t runes = 0;
  for (int64_t i = 0; i < n; runes++) i = decode(s, n, i).b;
  int32_t *p = mallocnoscan((size_t)runes * sizeof *p, sizeof *p);
  int64_t i = 0;
  for (int64_t k = 0; k < runes; k++) {
    struct i32_i64 r = decode(s, n, i);
    p[k] = r.a;
    i = r.b;
  }
  return (struct ref_i64){p, runes};
}

/* string(n) of an integer: a value beyond 32 bits is no rune either. */
struct ref_i64 rt_intstring(int64_t v) {
  unsigned char c[UTF8_MAX];
  int width = encode(c, v < 0 || v > RUNE_MAX ? RUNE_ERROR : (int32_t)v);
  char *p = rawstring((size_t)width);
  memcpy(p, c, (size_t)width);
  return (struct ref_i64){p, width};
}
