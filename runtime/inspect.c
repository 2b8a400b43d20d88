/* inspect.c: bodies for stdlib/internal/inspect: what Toy has no words for when it takes values apart. An empty interface is
 * its two words, (type, data). */
#include "map.h"
#include "rtcalls.h"
#include "runtime.h"

static struct ptr_ref value_at(const struct toy_type *t, char *p) {
  return (struct ptr_ref){t, t->flags & TOY_TYPE_DIRECT ? *(void **)p : p};
}

void *toy_internal_inspect_TypeOf(const void *type, void *data) { return (void *)(uintptr_t)type; }

void *toy_internal_inspect_Word(const void *type, void *data) { return data; }

struct ptr_ref toy_internal_inspect_Dynamic(const void *type, void *data) {
  void **words = data;
  bool itab = words[0] && ((const struct toy_type *)type)->nmethods;
  return (struct ptr_ref){itab ? ((struct toy_itab *)words[0])->type : words[0], words[1]};
}

struct ptr_ref toy_internal_inspect_at(void *type, void *base, int64_t offset) {
  return value_at(type, (char *)base + offset);
}

struct ptr_ref toy_internal_inspect_as(const void *type, void *data, void *other) { return (struct ptr_ref){other, data}; }

void *toy_internal_inspect_fieldOf(void *type, int64_t i) {
  return (void *)(uintptr_t)&((const struct toy_type *)type)->fields[i];
}

void *toy_internal_inspect_first(void *p) { return *(void **)p; }

int64_t toy_internal_inspect_number(void *p) { return (int64_t)p; }

void rt_internal_inspect_mapfirst(const void *type, void *map, void *iter) { rt_mapiterinit(type, map, iter); }

void rt_internal_inspect_mapnext(void *iter) { rt_mapiternext(iter); }
