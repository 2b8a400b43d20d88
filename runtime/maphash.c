/* maphash.c: hashes of map keys, and their equality.
 *
 * The hash multiplies words of the key, mixed with the map's own seed, into 128 bits and folds the halves: each bit of the key
 * reaches the top bits, which choose the table, and the low ones, which choose group and control byte. A seed is random, so
 * who chooses the keys cannot choose collisions without seeing it.
 *
 * A key whose type is compared by its bytes is hashed by its bytes. Of the others the parts are hashed one after the other: 0
 * and -0 are equal and hash alike, NaN is equal to nothing and gets a new hash each time (so that many of them do not pile
 * up), an interface hashes its dynamic value and panics if that cannot be compared.
 *
 * Rejected: AES instructions (faster for long strings, but another code path for each architecture); SipHash (its resistance is
 * for keys that an attacker can time, and costs 3 times as much).
 */
#include <math.h>
#include <string.h>

#include "map.h"
#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"

/* Digits of pi behind the point: numbers with nothing up their sleeve. */
#define PI0 0x243f6a8885a308d3u
#define PI1 0x13198a2e03707344u
#define PI2 0xa4093822299f31d0u

static inline uint64_t mix(uint64_t a, uint64_t b) {
  unsigned __int128 m = (unsigned __int128)a * b;
  return (uint64_t)(m >> 64) ^ (uint64_t)m;
}

static inline uint64_t load(const unsigned char *p, int n) {
  uint64_t v = 0;
  __builtin_memcpy(&v, p, (size_t)n);
  return v;
}

uint64_t hash_word(uint64_t key, uint64_t seed) { return mix(key ^ seed ^ PI0, PI1); }

/* The last 16 bytes or fewer, as two words that overlap where there are less. */
static inline uint64_t hash_tail(const unsigned char *p, int64_t n, uint64_t h) {
  uint64_t a = 0, b = 0;
  if (n >= 8) {
    a = load(p, 8);
    b = load(p + n - 8, 8);
  } else if (n >= 4) {
    a = load(p, 4);
    b = load(p + n - 4, 4);
  } else if (n > 0) {
    a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
  }
  return mix(a ^ h, b ^ PI1);
}

uint64_t hash_bytes(const void *key, int64_t n, uint64_t seed) {
  const unsigned char *p = key;
  uint64_t h = seed ^ mix((uint64_t)n ^ PI0, PI2);
  for (; n > 16; p += 16, n -= 16) h = mix(load(p, 8) ^ h, load(p + 8, 8) ^ PI1);
  return mix(hash_tail(p, n, h), PI2);
}

/* ---- keys of any type */

static const struct toy_type *dynamic_type(const struct toy_type *iface, const void *word) {
  return !word || iface->nmethods == 0 ? word : ((const struct toy_itab *)word)->type;
}

static uint64_t hash_float(double f, uint64_t h) {
  uint64_t bits;
  if (isnan(f)) return hash_word(fastrand64(), h);
  f = f == 0 ? 0 : f;
  memcpy(&bits, &f, sizeof bits);
  return hash_word(bits, h);
}

/* Interfaces may hold structs that hold interfaces, as deep as the program likes, and g0's stack is small. What lies deeper than
 * anyone nests on purpose does not count: equal keys still have equal hashes. */
enum { HASH_DEPTH_MAX = 100 };
struct depth { int n; bool empty; /* what is asked has no entries: Go has other words for that */ };
static uint64_t hash_value(const struct toy_type *t, const void *p, uint64_t h, struct depth depth);

static void require_hashable(const struct toy_type *t, bool empty) {
  if (t->flags & TOY_TYPE_COMPARABLE) return;
  if (empty) panic_plain("hash of unhashable type: %.*s", (int)t->name.len, t->name.ptr);
  panic_runtime_error("hash of unhashable type %.*s", (int)t->name.len, t->name.ptr);
}

static uint64_t hash_interface(const struct toy_type *t, void *const *p, uint64_t h, struct depth depth) {
  const struct toy_type *type = dynamic_type(t, p[0]);
  if (!type) return hash_word(0, h);
  require_hashable(type, depth.empty);
  return hash_value(type, type->flags & TOY_TYPE_DIRECT ? (const void *)&p[1] : p[1], h, depth);
}

static uint64_t hash_fields(const struct toy_type *t, const char *p, uint64_t h, struct depth depth) {
  for (int64_t i = 0; i < t->nfields; i++) {
    const struct toy_field *f = &t->fields[i];
    if (f->name.len == 1 && f->name.ptr[0] == '_') continue; /* blank fields do not count */
    h = hash_value(f->type, p + f->offset, h, depth);
  }
  return h;
}

static uint64_t hash_array(const struct toy_type *t, const char *p, uint64_t h, struct depth depth) {
  for (int64_t i = 0; i < t->len; i++) h = hash_value(t->elem, p + i * t->elem->size, h, depth);
  return h;
}

static uint64_t hash_value(const struct toy_type *t, const void *key, uint64_t seed, struct depth depth) {
  if (t->flags & TOY_TYPE_MEMEQUAL) return hash_bytes(key, t->size, seed);
  if (depth.n++ == HASH_DEPTH_MAX) return seed;
  switch ((enum toy_kind)t->kind) {
  case TOY_KIND_FLOAT32: return hash_float(*(const float *)key, seed);
  case TOY_KIND_FLOAT64: return hash_float(*(const double *)key, seed);
  case TOY_KIND_COMPLEX64: return hash_float(((const float *)key)[1], hash_float(((const float *)key)[0], seed));
  case TOY_KIND_COMPLEX128: return hash_float(((const double *)key)[1], hash_float(((const double *)key)[0], seed));
  case TOY_KIND_STRING: return hash_bytes(((const struct toy_str *)key)->ptr, ((const struct toy_str *)key)->len, seed);
  case TOY_KIND_INTERFACE: return hash_interface(t, key, seed, depth);
  case TOY_KIND_ARRAY: return hash_array(t, key, seed, depth);
  case TOY_KIND_STRUCT: return hash_fields(t, key, seed, depth);
  default: throwf("hash of a key of kind %d", t->kind);
  }
}

uint64_t hash_key(const struct toy_type *t, const void *key, uint64_t seed) {
  return hash_value(t, key, seed, (struct depth){0, false});
}

void check_key(const struct toy_type *t, const void *key) { hash_value(t, key, 0, (struct depth){0, true}); }
