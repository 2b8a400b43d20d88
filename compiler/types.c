/* types.c: making types and asking about them: identity, properties, sizes.
 *
 * Types are trees that named types close into cycles, and so do interfaces: a method of an interface literal may return
 * a literal that embeds the interface around it. Identity therefore keeps the pairs of interfaces it is comparing, and
 * takes a pair met again as equal. Three walks look through names (comparable, pointers, size): they end because a
 * value that contains itself is refused by the checker, which then makes the type T_INVALID.
 *
 * Rejected: hash-consing of all types, so that identity would be ==. A struct or interface would have to be complete
 * before it is looked up, and they are completed long after the first pointer to them exists.
 */
#include "types.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

Type *type_error, *type_any, *type_byte, *type_rune;

Type *type_new(TypeKind kind) {
  Type *t = NEW(Type);
  t->kind = kind;
  return t;
}

Type *type_basic(TypeKind kind) {
  static Type basics[T_BASIC_END];
  check_that(kind < T_BASIC_END);
  basics[kind].kind = kind;
  return &basics[kind];
}

Type *type_new_pointer(Type *elem) {
  Type *t = type_new(T_POINTER);
  t->u.pointer.elem = elem;
  return t;
}

Type *type_new_slice(Type *elem) {
  Type *t = type_new(T_SLICE);
  t->u.slice.elem = elem;
  return t;
}

Type *type_new_array(Type *elem, int64_t len) {
  Type *t = type_new(T_ARRAY);
  t->u.array.elem = elem;
  t->u.array.len = len;
  return t;
}

Type *type_new_tuple(TypeList types) {
  Type *t = type_new(T_TUPLE);
  t->u.tuple.types = types;
  return t;
}

Type *type_new_chan(Type *elem, int dir) {
  Type *t = type_new(T_CHAN);
  t->u.chan.elem = elem;
  t->u.chan.dir = dir;
  return t;
}

Type *type_new_map(Type *key, Type *value) {
  Type *t = type_new(T_MAP);
  t->u.map.key = key;
  t->u.map.value = value;
  return t;
}

/* A named type under resolution has no underlying type yet; the chain of declarations is followed as far as it goes. */
Type *type_under(Type *t) {
  for (int steps = 0; t->kind == T_NAMED; steps++) {
    if (t->u.named.under) return t->u.named.under;
    if (!t->u.named.rhs || steps > 1000000) return type_basic(T_INVALID);
    t = t->u.named.rhs;
  }
  return t;
}

/* ---- properties, by what the underlying type is */

enum {
  IS_BOOLEAN = 1,
  IS_INTEGER = 2,
  IS_UNSIGNED = 4,
  IS_FLOAT = 8,
  IS_COMPLEX = 16,
  IS_STRING = 32,
  IS_UNTYPED = 64
};

static const struct { unsigned is; int size; } basic_facts[T_BASIC_END] = {
  [T_BOOL] = {IS_BOOLEAN, 1},
  [T_INT] = {IS_INTEGER, 8},
  [T_INT8] = {IS_INTEGER, 1},
  [T_INT16] = {IS_INTEGER, 2},
  [T_INT32] = {IS_INTEGER, 4},
  [T_INT64] = {IS_INTEGER, 8},
  [T_UINT] = {IS_INTEGER | IS_UNSIGNED, 8},
  [T_UINT8] = {IS_INTEGER | IS_UNSIGNED, 1},
  [T_UINT16] = {IS_INTEGER | IS_UNSIGNED, 2},
  [T_UINT32] = {IS_INTEGER | IS_UNSIGNED, 4},
  [T_UINT64] = {IS_INTEGER | IS_UNSIGNED, 8},
  [T_UINTPTR] = {IS_INTEGER | IS_UNSIGNED, 8},
  [T_FLOAT32] = {IS_FLOAT, 4},
  [T_FLOAT64] = {IS_FLOAT, 8},
  [T_COMPLEX64] = {IS_COMPLEX, 8},
  [T_COMPLEX128] = {IS_COMPLEX, 16},
  [T_STRING] = {IS_STRING, 16},
  [T_UNSAFEPOINTER] = {0, 8},
  [T_UNTYPED_BOOL] = {IS_BOOLEAN | IS_UNTYPED, 1},
  [T_UNTYPED_INT] = {IS_INTEGER | IS_UNTYPED, 8},
  [T_UNTYPED_RUNE] = {IS_INTEGER | IS_UNTYPED, 4},
  [T_UNTYPED_FLOAT] = {IS_FLOAT | IS_UNTYPED, 8},
  [T_UNTYPED_COMPLEX] = {IS_COMPLEX | IS_UNTYPED, 16},
  [T_UNTYPED_STRING] = {IS_STRING | IS_UNTYPED, 16},
  [T_UNTYPED_NIL] = {IS_UNTYPED, 8},
};

static bool under_is(Type *t, unsigned what) {
  Type *u = type_under(t);
  return u->kind < T_BASIC_END && (basic_facts[u->kind].is & what) != 0;
}

bool type_is_untyped(Type *t) { return t->kind < T_BASIC_END && (basic_facts[t->kind].is & IS_UNTYPED); }
bool type_is_boolean(Type *t) { return under_is(t, IS_BOOLEAN); }
bool type_is_integer(Type *t) { return under_is(t, IS_INTEGER); }
bool type_is_unsigned(Type *t) { return under_is(t, IS_UNSIGNED); }
bool type_is_float(Type *t) { return under_is(t, IS_FLOAT); }
bool type_is_complex(Type *t) { return under_is(t, IS_COMPLEX); }
bool type_is_numeric(Type *t) { return under_is(t, IS_INTEGER | IS_FLOAT | IS_COMPLEX); }
bool type_is_string(Type *t) { return under_is(t, IS_STRING); }
bool type_is_interface(Type *t) { return type_under(t)->kind == T_INTERFACE; }

bool type_has_nil(Type *t) {
  switch (type_under(t)->kind) {
  case T_SLICE:
  case T_POINTER:
  case T_FUNC:
  case T_INTERFACE:
  case T_MAP:
  case T_CHAN:
  case T_UNSAFEPOINTER:
  case T_UNTYPED_NIL: return true;
  default: return false;
  }
}

Type *type_default(Type *t) {
  switch (t->kind) {
  case T_UNTYPED_BOOL: return type_basic(T_BOOL);
  case T_UNTYPED_INT: return type_basic(T_INT);
  case T_UNTYPED_RUNE: return type_rune;
  case T_UNTYPED_FLOAT: return type_basic(T_FLOAT64);
  case T_UNTYPED_COMPLEX: return type_basic(T_COMPLEX128);
  case T_UNTYPED_STRING: return type_basic(T_STRING);
  default: return t;
  }
}

static bool fields_comparable(Type *u) {
  for (int i = 0; i < u->u.strct.fields.n; i++)
    if (!type_comparable(u->u.strct.fields.v[i].type)) return false;
  return true;
}

bool type_comparable(Type *t) {
  Type *u = type_under(t);
  switch (u->kind) {
  case T_UNTYPED_NIL: case T_SLICE: case T_FUNC: case T_MAP: case T_TUPLE: return false;
  case T_ARRAY: return type_comparable(u->u.array.elem);
  case T_STRUCT:
    if (!u->known.comparable) u->known.comparable = fields_comparable(u) ? 1 : -1;
    return u->known.comparable > 0;
  default: return true;
  }
}

static bool fields_have_pointers(Type *u) {
  for (int i = 0; i < u->u.strct.fields.n; i++)
    if (type_has_pointers(u->u.strct.fields.v[i].type)) return true;
  return false;
}

bool type_has_pointers(Type *t) {
  Type *u = type_under(t);
  if (u->kind < T_BASIC_END)
    return u->kind == T_STRING || u->kind == T_UNSAFEPOINTER || u->kind == T_UNTYPED_STRING || u->kind == T_UNTYPED_NIL;
  if (u->kind == T_ARRAY) return u->u.array.len > 0 && type_has_pointers(u->u.array.elem);
  if (u->kind != T_STRUCT) return true;
  if (!u->known.pointers) u->known.pointers = fields_have_pointers(u) ? 1 : -1;
  return u->known.pointers > 0;
}

/* ---- identity */

static bool lists_identical(const TypeList *a, const TypeList *b) {
  if (a->n != b->n) return false;
  for (int i = 0; i < a->n; i++)
    if (!type_identical(a->v[i], b->v[i])) return false;
  return true;
}

static bool ignoring_tags; /* for the comparison under way */

static bool same_tag(const char *a, const char *b) { return ignoring_tags || strcmp(a ? a : "", b ? b : "") == 0; }

static bool structs_identical(Type *a, Type *b) {
  const StructFieldList *x = &a->u.strct.fields, *y = &b->u.strct.fields;
  if (x->n != y->n) return false;
  for (int i = 0; i < x->n; i++) {
    const StructField *f = &x->v[i], *g = &y->v[i];
    if (f->name != g->name || f->embedded != g->embedded || !same_tag(f->tag, g->tag)) return false;
    if (f->pkg != g->pkg && !name_is_exported(f->name)) return false;
    if (!type_identical(f->type, g->type)) return false;
  }
  return true;
}

typedef struct Pair { Type *a, *b; const struct Pair *outer; } Pair;
static const Pair *comparing; /* interfaces under comparison, the innermost first */

static bool being_compared(Type *a, Type *b) {
  for (const Pair *p = comparing; p; p = p->outer)
    if ((p->a == a && p->b == b) || (p->a == b && p->b == a)) return true;
  return false;
}

static bool methods_identical(Type *a, Type *b) {
  const IfaceMethodList *x = &a->u.iface.methods, *y = &b->u.iface.methods;
  if (x->n != y->n) return false;
  for (int i = 0; i < x->n; i++) {
    if (x->v[i].name != y->v[i].name || (x->v[i].pkg != y->v[i].pkg && !name_is_exported(x->v[i].name))) return false;
    if (!type_identical(x->v[i].type, y->v[i].type)) return false;
  }
  return true;
}

static bool interfaces_identical(Type *a, Type *b) {
  if (being_compared(a, b)) return true;
  Pair pair = {a, b, comparing};
  comparing = &pair;
  bool same = methods_identical(a, b);
  comparing = pair.outer;
  return same;
}

bool type_identical(Type *a, Type *b) {
  if (a == b || a->kind == T_INVALID || b->kind == T_INVALID) return true; /* what is wrong has been reported */
  if (a->kind != b->kind) return false;
  switch (a->kind) {
  case T_ARRAY: return a->u.array.len == b->u.array.len && type_identical(a->u.array.elem, b->u.array.elem);
  case T_SLICE: return type_identical(a->u.slice.elem, b->u.slice.elem);
  case T_POINTER: return type_identical(a->u.pointer.elem, b->u.pointer.elem);
  case T_STRUCT: return structs_identical(a, b);
  case T_FUNC:
    return a->u.func.variadic == b->u.func.variadic && lists_identical(&a->u.func.params, &b->u.func.params) &&
           lists_identical(&a->u.func.results, &b->u.func.results);
  case T_INTERFACE: return interfaces_identical(a, b);
  case T_MAP: return type_identical(a->u.map.key, b->u.map.key) && type_identical(a->u.map.value, b->u.map.value);
  case T_CHAN: return a->u.chan.dir == b->u.chan.dir && type_identical(a->u.chan.elem, b->u.chan.elem);
  case T_TUPLE: return lists_identical(&a->u.tuple.types, &b->u.tuple.types);
  case T_NAMED:
    return a->u.named.obj == b->u.named.obj; /* an alias met while it is resolved is a second Type of the object */
  default: return true;       /* basic types are their kind; byte and rune are second objects of theirs */
  }
}

bool type_identical_ignoring_tags(Type *a, Type *b) {
  ignoring_tags = true;
  bool same = type_identical(a, b);
  ignoring_tags = false;
  return same;
}

/* ---- sizes. They saturate: a type too large for the address space has size INT64_MAX and is refused by the checker.
 */

static int64_t round_up(int64_t n, int64_t align) {
  return n > INT64_MAX - align ? INT64_MAX : (n + align - 1) / align * align;
}

static int64_t add_sizes(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t struct_align(Type *u) {
  int64_t align = 1;
  for (int i = 0; i < u->u.strct.fields.n; i++) {
    int64_t a = type_align(u->u.strct.fields.v[i].type);
    if (a > align) align = a;
  }
  return align;
}

int64_t type_align(Type *t) {
  Type *u = type_under(t);
  switch (u->kind) {
  case T_ARRAY: return type_align(u->u.array.elem);
  case T_STRUCT:
    if (!u->known.align) u->known.align = struct_align(u);
    return u->known.align;
  case T_COMPLEX64: return 4;
  default: {
    int64_t size = type_size(u);
    return size < 1 ? 1 : size > 8 ? 8 : size;
  }
  }
}

/* Bytes before field n; n == number of fields: bytes of all of them, without the padding at the end. */
static int64_t fields_size(Type *u, int n) {
  int64_t at = 0;
  for (int i = 0; i <= n && i < u->u.strct.fields.n; i++) {
    Type *f = u->u.strct.fields.v[i].type;
    at = round_up(at, type_align(f));
    if (i < n) at = add_sizes(at, type_size(f));
  }
  return at;
}

int64_t type_field_offset(Type *strct, int field) { return fields_size(type_under(strct), field); }

/* A struct whose last field has no size is one byte longer, so that the field's address stays inside the object. */
static int64_t struct_size(Type *u) {
  int n = u->u.strct.fields.n;
  int64_t size = fields_size(u, n);
  if (n > 0 && size > 0 && type_size(u->u.strct.fields.v[n - 1].type) == 0) size = add_sizes(size, 1);
  size = round_up(size, type_align(u));
  return size > INT64_MAX - 1 ? INT64_MAX - 1 : size;
}

int64_t type_size(Type *t) {
  Type *u = type_under(t);
  int64_t size;
  switch (u->kind) {
  case T_ARRAY: return __builtin_mul_overflow(type_size(u->u.array.elem), u->u.array.len, &size) ? INT64_MAX : size;
  case T_STRUCT:
    if (!u->known.size) u->known.size = struct_size(u) + 1; /* one more, so that an empty struct's size is known too */
    return u->known.size - 1;
  case T_SLICE: return 24;
  case T_INTERFACE: return 16;
  case T_TUPLE: return 0;
  default: return u->kind < T_BASIC_END ? basic_facts[u->kind].size : 8;
  }
}

/* ---- names */

bool name_is_exported(const char *name) {
  unsigned char first = (unsigned char)name[0];
  if (first < 0x80) return first >= 'A' && first <= 'Z';
  static locale_t utf8;
  if (!utf8) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (!utf8) return false;
  unsigned rune = first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0x0f : first & 0x07;
  for (int i = 1; ((unsigned char)name[i] & 0xc0) == 0x80 && i < 4; i++)
    rune = rune << 6 | ((unsigned char)name[i] & 0x3f);
  return iswupper_l((wint_t)rune, utf8);
}
