/* util.c: the arena, the name table, and the internal-error exit. */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_CHUNK_BYTES = 1 << 20 };

static char *arena_next, *arena_end;

void *arena_alloc(size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  if ((size_t)(arena_end - arena_next) < bytes) {
    size_t chunk = bytes > ARENA_CHUNK_BYTES ? bytes : ARENA_CHUNK_BYTES;
    char *fresh = calloc(1, chunk);
    if (!fresh) {
      fprintf(stderr, "toy: error: out of memory (%zu bytes refused)\n", chunk);
      exit(1);
    }
    if (bytes > ARENA_CHUNK_BYTES / 4) return fresh; /* a large one does not waste what is left of the current chunk */
    arena_next = fresh;
    arena_end = fresh + chunk;
  }
  void *result = arena_next;
  arena_next += bytes;
  return result;
}

void *list_grow(void *items, int *cap, size_t item_bytes) {
  int grown = *cap ? *cap * 2 : 4;
  void *fresh = arena_alloc((size_t)grown * item_bytes);
  if (items) memcpy(fresh, items, (size_t)*cap * item_bytes);
  *cap = grown;
  return fresh;
}

/* Open addressing, a power of two of slots, at most three quarters full. */
static struct { const char **slots; size_t *lengths; size_t count, size; } names;

static uint64_t name_hash(const char *text, size_t length) {
  uint64_t h = 0xcbf29ce484222325u; /* FNV-1a, 64 bits */
  for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
  return h;
}

static size_t name_slot(const char *text, size_t length) {
  size_t mask = names.size - 1, i = name_hash(text, length) & mask;
  while (names.slots[i] && !(names.lengths[i] == length && memcmp(names.slots[i], text, length) == 0)) i = (i + 1) & mask;
  return i;
}

static void names_grow(void) {
  const char **old = names.slots;
  size_t *old_lengths = names.lengths, old_size = names.size;
  names.size = old_size ? old_size * 2 : 1024;
  names.slots = arena_alloc(names.size * sizeof *names.slots);
  names.lengths = arena_alloc(names.size * sizeof *names.lengths);
  for (size_t i = 0; i < old_size; i++) {
    if (!old[i]) continue;
    size_t slot = name_slot(old[i], old_lengths[i]);
    names.slots[slot] = old[i];
    names.lengths[slot] = old_lengths[i];
  }
}

const char *intern(const char *text, size_t length) {
  if (names.count * 4 >= names.size * 3) names_grow();
  size_t slot = name_slot(text, length);
  if (!names.slots[slot]) {
    char *copy = arena_alloc(length + 1);
    memcpy(copy, text, length);
    names.slots[slot] = copy;
    names.lengths[slot] = length;
    names.count++;
  }
  return names.slots[slot];
}

const char *intern_cstr(const char *text) { return intern(text, strlen(text)); }

char *vformat(const char *fmt, va_list ap) {
  va_list again;
  va_copy(again, ap);
  int length = vsnprintf(NULL, 0, fmt, again);
  va_end(again);
  check_that(length >= 0);
  char *text = arena_alloc((size_t)length + 1);
  vsnprintf(text, (size_t)length + 1, fmt, ap);
  return text;
}

char *format(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  char *text = vformat(fmt, ap);
  va_end(ap);
  return text;
}

void internal_error(const char *file, int line, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "toy: internal error at %s:%d: ", file, line);
  vfprintf(stderr, fmt, ap);
  fprintf(stderr, "\nThis is a fault of the compiler, not of the program.\n");
  va_end(ap);
  abort();
}
