/* gen_desc.c: data that lives as long as the program: type descriptors and itabs (runtime/abi/type.h), strings, static
 * objects, roots.
 *
 * Descriptors and itabs are link-once under names made from the type's qualified name, so equal types have one address
 * in the whole program and a comparison of addresses is a comparison of types. A descriptor is declared before its
 * parts are made: types refer to themselves.
 */
#include "gen.h"
#include "../runtime/abi/type.h"
#include <llvm-c/Comdat.h>
#include <string.h>

static Ir const_int(LLVMTypeRef t, uint64_t v) { return LLVMConstInt(t, v, false); }

static Ir const_array(Gen *g, LLVMTypeRef elem, Ir *v, int n) { return LLVMConstArray2(elem, v, (uint64_t)n); }

/* ---- strings and other constant bytes */
static uint32_t fnv1a(const char *text, size_t n) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)text[i]) * 16777619u;
  return h;
}

static Ir private_global(Gen *g, LLVMTypeRef t, Ir init, unsigned space, bool constant) {
  Ir v = LLVMAddGlobalInAddressSpace(g->mod, t, "", space);
  LLVMSetInitializer(v, init);
  LLVMSetLinkage(v, LLVMPrivateLinkage);
  LLVMSetGlobalConstant(v, constant);
  return v;
}

static Ir new_bytes(Gen *g, const char *text, size_t n, unsigned space) {
  Ir init = LLVMConstStringInContext2(g->cx, text, n, true);
  Ir v = private_global(g, LLVMTypeOf(init), init, space, true);
  LLVMSetUnnamedAddress(v, LLVMGlobalUnnamedAddr);
  LLVMSetAlignment(v, 1);
  return v;
}

static StrEntry *string_slot(StrEntry *table, int cap, const char *text, size_t n) {
  unsigned i = fnv1a(text, n) & (unsigned)(cap - 1);
  while (table[i].value && (table[i].length != n || memcmp(table[i].text, text, n) != 0))
    i = (i + 1) & (unsigned)(cap - 1);
  return &table[i];
}

static void strings_grow(Gen *g) {
  int cap = g->strings_cap ? 2 * g->strings_cap : 256;
  StrEntry *table = arena_alloc((size_t)cap * sizeof *table);
  for (int i = 0; i < g->strings_cap; i++)
    if (g->strings[i].value) *string_slot(table, cap, g->strings[i].text, g->strings[i].length) = g->strings[i];
  g->strings = table;
  g->strings_cap = cap;
}

/* The bytes of a string constant, one copy a module; null for "". */
Ir string_data(Gen *g, const char *text, size_t length) {
  if (length == 0) return null_ref(g);
  if (2 * g->nstrings >= g->strings_cap) strings_grow(g);
  StrEntry *slot = string_slot(g->strings, g->strings_cap, text, length);
  if (!slot->value) *slot = (StrEntry){text, length, new_bytes(g, text, length, 1)}, g->nstrings++;
  return slot->value;
}

Ir static_object(Gen *g, LLVMTypeRef t, Ir init, bool constant) { return private_global(g, t, init, 1, constant); }

/* ---- pointer maps */
void mark_pointers(Type *t, int64_t offset, bool *mask) {
  Type *u = type_under(t);
  switch (u->kind) {
  case T_STRING: case T_SLICE: case T_POINTER: case T_FUNC: case T_MAP: case T_CHAN: case T_UNSAFEPOINTER:
    mask[offset / 8] = true;
    return;
  case T_INTERFACE: mask[offset / 8 + 1] = true; return;
  case T_STRUCT:
    for (int i = 0; i < u->u.strct.fields.n; i++)
      mark_pointers(u->u.strct.fields.v[i].type, offset + type_field_offset(u, i), mask);
    return;
  case T_ARRAY:
    if (!type_has_pointers(u->u.array.elem)) return;
    for (int64_t i = 0; i < u->u.array.len; i++)
      mark_pointers(u->u.array.elem, offset + i * type_size(u->u.array.elem), mask);
    return;
  default: return;
  }
}

static bool *pointer_mask(Type *t) {
  bool *mask = arena_alloc((size_t)(type_size(t) / 8 + 1));
  mark_pointers(t, 0, mask);
  return mask;
}

static Ir mask_bytes(Gen *g, const bool *mask, int64_t words) {
  size_t n = (size_t)(words + 7) / 8;
  char *bytes = arena_alloc(n + 1);
  for (int64_t i = 0; i < words; i++)
    if (mask[i]) bytes[i / 8] = (char)(bytes[i / 8] | 1 << (i % 8));
  return new_bytes(g, bytes, n, 0);
}

/* ---- descriptors */
typedef struct Desc {
  int64_t size, ptrdata, len;
  Ir mask, name, elem, key, fields, methods;
  int64_t nfields, nmethods;
  uint32_t hash;
  int align, kind, flags;
} Desc;

static Ir name_str(Gen *g, const char *name) {
  size_t n = strlen(name);
  return LLVMConstStructInContext(g->cx, (Ir[]){new_bytes(g, name, n, 0), const_i64(g, (int64_t)n)}, 2, false);
}

static Ir desc_init(Gen *g, const Desc *d) {
  Ir v[] = {const_i64(g, d->size), const_i64(g, d->ptrdata), d->mask, const_int(g->i32, d->hash),
            const_int(g->i8, (uint64_t)d->align), const_int(g->i8, (uint64_t)d->kind),
            const_int(g->i8, (uint64_t)d->flags), const_int(g->i8, 0), d->name, d->elem, d->key, const_i64(g, d->len),
            d->fields, const_i64(g, d->nfields), d->methods, const_i64(g, d->nmethods)};
  return LLVMConstNamedStruct(g->desc_t, v, sizeof v / sizeof *v);
}

static void desc_layout(Gen *g, Desc *d, const bool *mask, const char *name) {
  int64_t words = d->size / 8;
  while (words > 0 && !mask[words - 1]) words--;
  d->ptrdata = words * 8;
  Ir null = LLVMConstNull(g->ptr);
  d->mask = words ? mask_bytes(g, mask, words) : null;
  d->elem = d->key = d->fields = d->methods = null;
  d->hash = fnv1a(name, strlen(name));
  d->name = name_str(g, name);
}

/* The descriptor of an object that has no Toy type (a closure). */
Ir object_desc(Gen *g, int64_t size, const bool *mask, const char *name) {
  Desc d = {.size = size, .align = 8, .kind = TOY_KIND_STRUCT};
  desc_layout(g, &d, mask, name);
  return private_global(g, g->desc_t, desc_init(g, &d), 0, true);
}

static int desc_kind(Type *u) {
  static const uint8_t kinds[] = {
      [T_BOOL] = TOY_KIND_BOOL, [T_INT] = TOY_KIND_INT, [T_INT8] = TOY_KIND_INT8, [T_INT16] = TOY_KIND_INT16,
      [T_INT32] = TOY_KIND_INT32, [T_INT64] = TOY_KIND_INT64, [T_UINT] = TOY_KIND_UINT, [T_UINT8] = TOY_KIND_UINT8,
      [T_UINT16] = TOY_KIND_UINT16, [T_UINT32] = TOY_KIND_UINT32, [T_UINT64] = TOY_KIND_UINT64,
      [T_UINTPTR] = TOY_KIND_UINTPTR, [T_FLOAT32] = TOY_KIND_FLOAT32, [T_FLOAT64] = TOY_KIND_FLOAT64,
      [T_COMPLEX64] = TOY_KIND_COMPLEX64, [T_COMPLEX128] = TOY_KIND_COMPLEX128, [T_STRING] = TOY_KIND_STRING,
      [T_UNSAFEPOINTER] = TOY_KIND_UNSAFEPOINTER, [T_ARRAY] = TOY_KIND_ARRAY, [T_SLICE] = TOY_KIND_SLICE,
      [T_STRUCT] = TOY_KIND_STRUCT, [T_POINTER] = TOY_KIND_POINTER, [T_FUNC] = TOY_KIND_FUNC,
      [T_INTERFACE] = TOY_KIND_INTERFACE, [T_MAP] = TOY_KIND_MAP, [T_CHAN] = TOY_KIND_CHAN};
  int kind = (size_t)u->kind < sizeof kinds ? kinds[u->kind] : 0;
  if (!kind) unreachable_case("no descriptor for %s", type_string(u));
  return kind;
}

static bool struct_memequal(Type *u);

/* Equality of values is equality of their bytes: no float, string, interface, padding or blank field inside. */
bool type_memequal(Type *t) {
  Type *u = type_under(t);
  switch (u->kind) {
  case T_FLOAT32: case T_FLOAT64: case T_COMPLEX64: case T_COMPLEX128: case T_STRING: case T_INTERFACE: return false;
  case T_ARRAY: return type_memequal(u->u.array.elem);
  case T_STRUCT: return struct_memequal(u);
  default: return type_comparable(t);
  }
}

static bool struct_memequal(Type *u) {
  int64_t end = 0;
  for (int i = 0; i < u->u.strct.fields.n; i++) {
    StructField *f = &u->u.strct.fields.v[i];
    if (f->name[0] == '_' && !f->name[1]) return false;
    if (type_field_offset(u, i) != end || !type_memequal(f->type)) return false;
    end += type_size(f->type);
  }
  return end == type_size(u);
}

static int desc_flags(Type *t) {
  return (type_comparable(t) ? TOY_TYPE_COMPARABLE : 0) | (type_memequal(t) ? TOY_TYPE_MEMEQUAL : 0) |
         (type_direct(t) ? TOY_TYPE_DIRECT : 0) | (t->kind == T_NAMED || t->kind < T_BASIC_END ? TOY_TYPE_NAMED : 0);
}

static Ir rows_global(Gen *g, LLVMTypeRef row, Ir *rows, int n) {
  if (n == 0) return LLVMConstNull(g->ptr);
  Ir init = const_array(g, row, rows, n);
  return private_global(g, LLVMTypeOf(init), init, 0, true);
}

static Ir field_row(Gen *g, const char *name, Type *t, int64_t offset, bool embedded) {
  return LLVMConstStructInContext(g->cx, (Ir[]){name_str(g, name), type_desc(g, t), const_i64(g, offset),
                                  const_i64(g, embedded)}, 4, false);
}

static void desc_fields(Gen *g, Desc *d, Type *u) {
  int n = u->u.strct.fields.n;
  Ir *rows = arena_alloc((size_t)(n + 1) * sizeof *rows);
  for (int i = 0; i < n; i++) {
    StructField *f = &u->u.strct.fields.v[i];
    rows[i] = field_row(g, f->name, f->type, type_field_offset(u, i), f->embedded);
  }
  d->nfields = n;
  if (n) d->fields = rows_global(g, LLVMTypeOf(rows[0]), rows, n);
}

static Ir method_row(Gen *g, const char *name, Type *sig, Ir code) {
  return LLVMConstStructInContext(g->cx, (Ir[]){name_str(g, name), type_desc(g, sig), code}, 3, false);
}

static void desc_methods(Gen *g, Desc *d, Type *t) {
  Type *u = type_under(t);
  if (u->kind == T_INTERFACE) {
    int n = u->u.iface.methods.n;
    Ir *rows = arena_alloc((size_t)(n + 1) * sizeof *rows);
    for (int i = 0; i < n; i++)
      rows[i] = method_row(g, u->u.iface.methods.v[i].name, u->u.iface.methods.v[i].type, LLVMConstNull(g->ptr));
    d->nmethods = n;
    if (n) d->methods = rows_global(g, LLVMTypeOf(rows[0]), rows, n);
    return;
  }
  MethodList set = type_method_set(t);
  Ir *rows = arena_alloc((size_t)(set.n + 1) * sizeof *rows);
  for (int i = 0; i < set.n; i++)
    rows[i] = method_row(g, set.v[i].name, set.v[i].how.type, method_code(g, t, &set.v[i]));
  d->nmethods = set.n;
  if (set.n) d->methods = rows_global(g, LLVMTypeOf(rows[0]), rows, set.n);
}

/* Its one field is what the runtime's tables consist of. */
static void desc_map(Gen *g, Desc *d, Type *u) {
  d->elem = type_desc(g, u->u.map.value);
  d->key = type_desc(g, u->u.map.key);
  Ir row = field_row(g, "group", map_group_type(u), 0, false);
  d->fields = rows_global(g, LLVMTypeOf(row), &row, 1);
  d->nfields = 1;
}

static void desc_parts(Gen *g, Desc *d, Type *t) {
  Type *u = type_under(t);
  switch (u->kind) {
  case T_ARRAY: d->elem = type_desc(g, u->u.array.elem), d->len = u->u.array.len; break;
  case T_SLICE: d->elem = type_desc(g, u->u.slice.elem); break;
  case T_POINTER: d->elem = type_desc(g, u->u.pointer.elem); break;
  case T_CHAN: d->elem = type_desc(g, u->u.chan.elem), d->len = u->u.chan.dir; break;
  case T_MAP: desc_map(g, d, u); break;
  case T_STRUCT: desc_fields(g, d, u); break;
  default: break;
  }
  desc_methods(g, d, t);
}

void link_once(Gen *g, Ir v, const char *symbol) {
  LLVMSetLinkage(v, LLVMLinkOnceODRLinkage);
  LLVMSetComdat(v, LLVMGetOrInsertComdat(g->mod, symbol));
}

Ir type_desc(Gen *g, Type *t) {
  t = type_default(t);
  TypeInfo *ti = type_info(g, t);
  if (ti->desc) return ti->desc;
  const char *symbol = format("type:%s", type_string_qualified(t));
  ti->desc = LLVMGetNamedGlobal(g->mod, symbol);
  if (ti->desc) return ti->desc;
  ti->desc = LLVMAddGlobal(g->mod, g->desc_t, symbol);
  link_once(g, ti->desc, symbol);
  LLVMSetGlobalConstant(ti->desc, true);
  Desc d = {.size = type_size(t), .align = (int)type_align(t), .flags = desc_flags(t)};
  d.kind = desc_kind(type_under(t));
  desc_layout(g, &d, pointer_mask(t), type_string(t));
  desc_parts(g, &d, t);
  LLVMSetInitializer(ti->desc, desc_init(g, &d));
  return ti->desc;
}

/* ---- itabs */
static Method *set_find(MethodList *set, IfaceMethod *m) {
  for (int i = 0; i < set->n; i++) {
    bool same_pkg = name_is_exported(m->name) || set->v[i].pkg == m->pkg;
    if (strcmp(set->v[i].name, m->name) == 0 && same_pkg) return &set->v[i];
  }
  return NULL;
}

Ir itab_of(Gen *g, Type *concrete, Type *iface) {
  const char *symbol = format("itab:%s,%s", type_string_qualified(concrete), type_string_qualified(iface));
  Ir itab = LLVMGetNamedGlobal(g->mod, symbol);
  if (itab) return itab;
  IfaceMethodList *want = &type_under(iface)->u.iface.methods;
  MethodList set = type_method_set(concrete);
  Ir *fun = arena_alloc((size_t)(want->n + 1) * sizeof *fun);
  for (int i = 0; i < want->n; i++) {
    Method *m = set_find(&set, &want->v[i]);
    check_that(m != NULL);
    fun[i] = method_code(g, concrete, m);
  }
  const char *name = type_string(concrete);
  Ir v[] = {type_desc(g, iface), type_desc(g, concrete), const_int(g->i32, fnv1a(name, strlen(name))),
            const_int(g->i32, 0), const_array(g, g->ptr, fun, want->n)};
  Ir init = LLVMConstStructInContext(g->cx, v, 5, false);
  itab = LLVMAddGlobal(g->mod, LLVMTypeOf(init), symbol);
  LLVMSetInitializer(itab, init);
  LLVMSetGlobalConstant(itab, true);
  link_once(g, itab, symbol);
  return itab;
}

/* Tells the collector which package-level variables hold managed pointers: one table a module. */
void emit_roots(Gen *g, const ObjectList *globals) {
  Ir *rows = arena_alloc((size_t)(globals->n + 1) * sizeof *rows);
  int n = 0;
  for (int i = 0; i < globals->n; i++) {
    Object *o = globals->v[i];
    if (!type_has_pointers(o->type)) continue;
    rows[n++] = LLVMConstStructInContext(g->cx, (Ir[]){global_addr(g, o), type_desc(g, o->type)}, 2, false);
  }
  if (n == 0) return;
  Ir init = const_array(g, LLVMTypeOf(rows[0]), rows, n);
  Ir table = LLVMAddGlobal(g->mod, LLVMTypeOf(init), format("roots:%s", g->pkg->path));
  LLVMSetInitializer(table, init);
  LLVMSetGlobalConstant(table, true);
  LLVMSetSection(table, "toyroots");
  LLVMSetAlignment(table, 8);
}
