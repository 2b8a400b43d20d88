/* iface.c: interface values: equality, conversion to an interface type, and the texts of failed assertions.
 *
 * An interface value is (type or itab, data). Equal types have one descriptor (abi/type.h), so "same type" is one
 * comparison of pointers, and the work left to C is comparing values by their descriptor and finding methods.
 *
 * Equality walks values with a list of what is still to be compared instead of recursion: a chain of interfaces in
 * structs is as long as the program likes, and g0's stack is not. The order is Go's: elements and fields left to right,
 * ending at the first difference, so whether an uncomparable type panics or is never reached agrees with Go.
 *
 * itabs for conversions that the compiler cannot see are made once a pair and found again in a hash table that is read
 * without a lock; a pair that does not match is remembered too.
 */
#include <stdlib.h>
#include <string.h>

#include "malloc.h"
#include "map.h"
#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"

/* ---- equality */

/* What is left of one composite value: elements or fields from `next` on. */
struct eqframe { const struct toy_type *type; const char *p, *q; int64_t next; };

struct eqwalk {
  struct eqframe *frames;
  size_t n, cap;
  struct eqframe local[32];
};

static void eq_push(struct eqwalk *w, const struct toy_type *t, const char *p, const char *q) {
  if (w->n == w->cap) {
    size_t bytes = w->cap * sizeof *w->frames;
    struct eqframe *more = malloc(bytes * 2);
    if (!more) fatal("out of memory: comparing interface values");
    memcpy(more, w->frames, bytes);
    if (w->frames != w->local) free(w->frames);
    w->frames = more;
    w->cap *= 2;
  }
  w->frames[w->n++] = (struct eqframe){t, p, q, 0};
}

static void require_comparable(struct eqwalk *w, const struct toy_type *t) {
  if (t->flags & TOY_TYPE_COMPARABLE) return;
  if (w->frames != w->local) free(w->frames);
  panic_runtime_error("comparing uncomparable type %.*s", (int)t->name.len, t->name.ptr);
}

static const struct toy_type *dynamic_type(const struct toy_type *iface, const void *word) {
  if (!word || iface->nmethods == 0) return word;
  return ((const struct toy_itab *)word)->type;
}

static bool eq_value(struct eqwalk *w, const struct toy_type *t, const char *p, const char *q);

/* Two interface values' dynamic parts; the types are known to be the same. */
static bool eq_dynamic(struct eqwalk *w, const struct toy_type *t, const void *p, const void *q) {
  require_comparable(w, t);
  if (t->flags & TOY_TYPE_DIRECT) return p == q;
  return p == q && (t->flags & TOY_TYPE_MEMEQUAL) ? true : eq_value(w, t, p, q);
}

static bool eq_interface(struct eqwalk *w, const struct toy_type *t, const void *const *p, const void *const *q) {
  const struct toy_type *tp = dynamic_type(t, p[0]), *tq = dynamic_type(t, q[0]);
  if (tp != tq) return false;
  return !tp || eq_dynamic(w, tp, p[1], q[1]);
}

static bool eq_string(const struct toy_str *p, const struct toy_str *q) {
  return p->len == q->len && memcmp(p->ptr, q->ptr, (size_t)p->len) == 0;
}

/* false: different. true: equal as far as it goes; a composite's parts are pushed. */
static bool eq_value(struct eqwalk *w, const struct toy_type *t, const char *p, const char *q) {
  if (t->flags & TOY_TYPE_MEMEQUAL) return memcmp(p, q, (size_t)t->size) == 0;
  switch ((enum toy_kind)t->kind) {
  case TOY_KIND_FLOAT32: return *(const float *)p == *(const float *)q;
  case TOY_KIND_FLOAT64: return *(const double *)p == *(const double *)q;
  case TOY_KIND_COMPLEX64:
    return ((const float *)p)[0] == ((const float *)q)[0] && ((const float *)p)[1] == ((const float *)q)[1];
  case TOY_KIND_COMPLEX128:
    return ((const double *)p)[0] == ((const double *)q)[0] && ((const double *)p)[1] == ((const double *)q)[1];
  case TOY_KIND_STRING: return eq_string((const struct toy_str *)p, (const struct toy_str *)q);
  case TOY_KIND_INTERFACE: return eq_interface(w, t, (const void *const *)p, (const void *const *)q);
  case TOY_KIND_ARRAY: case TOY_KIND_STRUCT: eq_push(w, t, p, q); return true;
  default: return memcmp(p, q, (size_t)t->size) == 0;
  }
}

/* Compares the next part of the innermost composite; sets *done when nothing is left anywhere. */
static bool eq_step(struct eqwalk *w, bool *done) {
  if (w->n == 0) return *done = true;
  struct eqframe *f = &w->frames[w->n - 1];
  bool array = f->type->kind == TOY_KIND_ARRAY;
  if (f->next == (array ? f->type->len : f->type->nfields)) {
    w->n--;
    return true;
  }
  int64_t i = f->next++;
  if (array) return eq_value(w, f->type->elem, f->p + i * f->type->elem->size, f->q + i * f->type->elem->size);
  const struct toy_field *field = &f->type->fields[i];
  if (field->name.len == 1 && field->name.ptr[0] == '_') return true; /* blank fields do not count */
  return eq_value(w, field->type, f->p + field->offset, f->q + field->offset);
}

static bool eq_rest(struct eqwalk *w, bool equal) {
  bool done = false;
  while (equal && !done) equal = eq_step(w, &done);
  if (w->frames != w->local) free(w->frames);
  return equal;
}

bool rt_efaceeq(const void *t1, void *d1, const void *t2, void *d2) {
  if (t1 != t2) return false;
  if (!t1) return true;
  struct eqwalk w = {.n = 0, .cap = nelem(w.local)};
  w.frames = w.local;
  return eq_rest(&w, eq_dynamic(&w, t1, d1, d2));
}

bool equal_values(const struct toy_type *t, const void *p, const void *q) {
  struct eqwalk w = {.n = 0, .cap = nelem(w.local)};
  w.frames = w.local;
  return eq_rest(&w, eq_value(&w, t, p, q));
}

/* ---- conversion */

/* Open addressing, at most half full. Readers take no lock: table (acquire) pairs with its publication (release) in
 * itab_grow, an entry (acquire) with itab_add's store (release). Old tables stay readable for ever. */
struct itabtable {
  size_t mask, used;
  struct toy_itab *_Atomic entry[];
};
static struct itabtable *_Atomic itabs;
static struct mutex itablock; /* for writers */

static size_t itab_hash(const struct toy_type *iface, const struct toy_type *type) {
  return ((uint64_t)iface->hash * 0x9e3779b97f4a7c15u ^ type->hash) * 0xff51afd7ed558ccdu >> 32;
}

static struct toy_itab *itab_find(struct itabtable *tab, const struct toy_type *iface, const struct toy_type *type) {
  if (!tab) return NULL;
  for (size_t i = itab_hash(iface, type);; i++) {
    struct toy_itab *it = atomic_load_explicit(&tab->entry[i & tab->mask], memory_order_acquire);
    if (!it || (it->iface == iface && it->type == type)) return it;
  }
}

static void itab_put(struct itabtable *tab, struct toy_itab *it) {
  size_t i = itab_hash(it->iface, it->type);
  while (atomic_load_explicit(&tab->entry[i & tab->mask], memory_order_relaxed)) i++;
  atomic_store_explicit(&tab->entry[i & tab->mask], it, memory_order_release);
  tab->used++;
}

static struct itabtable *itab_grow(struct itabtable *old) {
  size_t size = old ? (old->mask + 1) * 2 : 256;
  struct itabtable *tab = persistentalloc(sizeof *tab + size * sizeof tab->entry[0], 8);
  tab->mask = size - 1;
  for (size_t i = 0; old && i <= old->mask; i++) {
    struct toy_itab *it = atomic_load_explicit(&old->entry[i], memory_order_relaxed);
    if (it) itab_put(tab, it);
  }
  atomic_store_explicit(&itabs, tab, memory_order_release);
  return tab;
}

static int str_compare(struct toy_str a, struct toy_str b) {
  int c = memcmp(a.ptr, b.ptr, (size_t)(a.len < b.len ? a.len : b.len));
  return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* Both method lists are sorted by name: one pass. fun (if not null) gets the code of each; the result is the first
 * method that is missing, or null. */
static const struct toy_method *match(const struct toy_type *iface, const struct toy_type *type, void **fun) {
  int64_t j = 0;
  for (int64_t i = 0; i < iface->nmethods; i++) {
    const struct toy_method *want = &iface->methods[i];
    while (j < type->nmethods && str_compare(type->methods[j].name, want->name) < 0) j++;
    if (j == type->nmethods || str_compare(type->methods[j].name, want->name) != 0) return want;
    if (type->methods[j].type != want->type) return want;
    if (fun) fun[i] = type->methods[j].code;
  }
  return NULL;
}

static struct toy_itab *itab_add(const struct toy_type *iface, const struct toy_type *type) {
  lock(&itablock);
  struct itabtable *tab = atomic_load_explicit(&itabs, memory_order_relaxed);
  struct toy_itab *it = itab_find(tab, iface, type);
  if (!it) {
    it = persistentalloc(sizeof *it + (size_t)iface->nmethods * sizeof it->fun[0], 8);
    *it = (struct toy_itab){.iface = iface, .type = type, .hash = type->hash};
    if (match(iface, type, it->fun)) it->fun[0] = NULL; /* does not implement it */
    if (!tab || tab->used * 2 > tab->mask) tab = itab_grow(tab);
    itab_put(tab, it);
  }
  unlock(&itablock);
  return it;
}

const void *rt_ifaceE2I(const void *iface, const void *type) {
  if (((const struct toy_type *)iface)->nmethods == 0) throw("ifaceE2I: interface without methods");
  struct toy_itab *it = itab_find(atomic_load_explicit(&itabs, memory_order_acquire), iface, type);
  if (!it) it = itab_add(iface, type);
  return it->fun[0] ? it : NULL;
}

/* ---- package errors: what reflection would say of errors.As's target */

enum { NOT_ASSIGNED, ASSIGNED, NO_POINTER, NO_ERROR_VARIABLE };

static bool holds_errors(const struct toy_type *t, const struct toy_type *error) {
  return t->kind == TOY_KIND_INTERFACE || rt_ifaceE2I(error, t);
}

/* The dynamic type of err and its data word; err may be nil. */
static bool assign_to(const struct toy_type *variable, void *at, const struct toy_type *type, void *data) {
  if (variable->kind == TOY_KIND_INTERFACE) {
    const void *word = variable->nmethods ? rt_ifaceE2I(variable, type) : type;
    if (word)
      memcpy(at, (const void *[]){word, data}, 2 * sizeof(void *));
    return word != NULL;
  }
  if (variable != type)
    return false;
  memcpy(at, type->flags & TOY_TYPE_DIRECT ? &data : data, (size_t)type->size);
  return true;
}

int64_t rt_errors_assign(const void *type, void *data, const void *target_type, void *target, const void *error_pointer,
                         void *unused) {
  const struct toy_type *t = target_type;
  if (t->kind != TOY_KIND_POINTER || !target)
    return NO_POINTER;
  if (!holds_errors(t->elem, ((const struct toy_type *)error_pointer)->elem))
    return NO_ERROR_VARIABLE;
  return type && assign_to(t->elem, target, type, data) ? ASSIGNED : NOT_ASSIGNED;
}

/* ---- failed assertions */

#define NAME(t) (int)(t)->name.len, (t)->name.ptr

void rt_panicdottype(const void *dynamic, const void *wanted, const void *interface) {
  const struct toy_type *have = dynamic, *want = wanted, *iface = interface;
  bool to_interface = want->kind == TOY_KIND_INTERFACE;
  if (!have && to_interface) panic_assertion("interface conversion: interface is nil, not %.*s", NAME(want));
  if (!have) panic_assertion("interface conversion: %.*s is nil, not %.*s", NAME(iface), NAME(want));
  if (to_interface) {
    const struct toy_method *missing = match(want, have, NULL);
    if (!missing) throw("panicdottype: the type implements the interface");
    panic_assertion("interface conversion: %.*s is not %.*s: missing method %.*s", NAME(have), NAME(want), NAME(missing));
  }
  panic_assertion("interface conversion: %.*s is %.*s, not %.*s%s", NAME(iface), NAME(have), NAME(want),
              str_compare(have->name, want->name) ? "" : " (types from different scopes)");
}
