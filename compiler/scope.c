/* scope.c: a block's names: a list searched backwards while it is short, an open-addressing table by name address
 * above.
 *
 * Names are interned (util.h), so the address is the identity and the hash. A scope never shrinks.
 */
#include "scope.h"

#include "types.h"

enum { SCOPE_LIST_MAX = 8 };

Scope *scope_new(Scope *parent) {
  Scope *s = NEW(Scope);
  s->parent = parent;
  return s;
}

static int slot_of(const Scope *s, const char *name) {
  unsigned mask = (unsigned)s->size - 1;
  unsigned i = (unsigned)(((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u >> 32) & mask;
  while (s->slots[i].name && s->slots[i].name != name) i = (i + 1) & mask;
  return (int)i;
}

static void slots_grow(Scope *s) {
  s->size = s->size ? s->size * 2 : SCOPE_LIST_MAX * 4;
  s->slots = arena_alloc((size_t)s->size * sizeof *s->slots);
  for (int i = 0; i < s->objs.n; i++) {
    int slot = slot_of(s, s->objs.v[i]->name);
    s->slots[slot].name = s->objs.v[i]->name;
    s->slots[slot].obj = s->objs.v[i];
  }
}

Object *scope_lookup(Scope *s, const char *name) {
  if (s->slots) return s->slots[slot_of(s, name)].obj;
  for (int i = s->objs.n - 1; i >= 0; i--)
    if (s->objs.v[i]->name == name) return s->objs.v[i];
  return NULL;
}

Object *scope_lookup_up(Scope *s, const char *name, Scope **where) {
  for (; s; s = s->parent) {
    Object *obj = scope_lookup(s, name);
    if (obj) {
      if (where) *where = s;
      return obj;
    }
  }
  return NULL;
}

Object *scope_insert(Scope *s, Object *obj) {
  Object *old = scope_lookup(s, obj->name);
  if (old) return old;
  list_push(&s->objs, obj);
  if (s->objs.n > SCOPE_LIST_MAX && s->objs.n * 2 > s->size) slots_grow(s);
  else if (s->slots) {
    int slot = slot_of(s, obj->name);
    s->slots[slot].name = obj->name;
    s->slots[slot].obj = obj;
  }
  return NULL;
}
