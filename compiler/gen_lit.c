/* gen_lit.c: composite literals, built in place where they go, and constant initialisers.
 *
 * A literal is built in storage that nothing else can name, so its elements may be stored one by one. Literals of
 * constants become static data: package variables start with it, big local ones are copied from it.
 */
#include "gen.h"

/* A longer array with a smaller part of its elements written is built at run time instead. */
enum { STATIC_SPARSE_MIN = 1 << 16, STATIC_SPARSE_RATIO = 16 };
enum { STATIC_COPY_MIN = 64 }; /* bytes from which a constant literal is copied instead of stored piece by piece */

static Expr *element(Expr *e) { return e->kind == EXPR_KEYVALUE ? e->u.keyvalue.value : e; }

/* Elided &T in an outer literal: the element's type is the pointer. */
static bool is_elided_pointer(Expr *lit) {
  return lit->u.composite.elided && type_under(lit->type)->kind == T_POINTER;
}

static Type *literal_type(Expr *lit) {
  return is_elided_pointer(lit) ? type_under(lit->type)->u.pointer.elem : lit->type;
}

/* ---- in place */
static bool covers_all(Expr *e, Type *u) {
  if (u->kind == T_ARRAY) return e->u.composite.elems.n == u->u.array.len;
  int64_t bytes = 0;
  for (int i = 0; i < u->u.strct.fields.n; i++) bytes += type_size(u->u.strct.fields.v[i].type);
  return e->u.composite.elems.n == u->u.strct.fields.n && bytes == type_size(u);
}

static void fill_elems(Gen *g, Expr *e, Type *elem, Ir base) {
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    Ir at = byte_offset(g, base, e->u.composite.indices[i] * type_size(elem));
    gen_expr_into(g, element(e->u.composite.elems.v[i]), elem, at);
  }
}

static void fill_fields(Gen *g, Expr *e, Type *u, Ir base) {
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    int field = (int)e->u.composite.indices[i];
    Ir at = byte_offset(g, base, type_field_offset(u, field));
    gen_expr_into(g, element(e->u.composite.elems.v[i]), u->u.strct.fields.v[field].type, at);
  }
}

static bool copy_static(Gen *g, Expr *e, Type *t, Ir addr) {
  if (type_size(t) < STATIC_COPY_MIN || e->u.composite.elems.n == 0) return false;
  Ir init = static_value(g, e, t);
  if (!init) return false;
  Ir data = static_object(g, mem_type(g, t), init, true);
  LLVMSetUnnamedAddress(data, LLVMGlobalUnnamedAddr);
  value_store(g, value_mem(t, data, true), addr);
  return true;
}

static void fill_literal(Gen *g, Expr *e, Type *t, Ir addr, bool zeroed) {
  Type *u = type_under(t);
  if (copy_static(g, e, t, addr)) return;
  if (!zeroed && !covers_all(e, u)) store_zero(g, t, addr);
  if (u->kind == T_STRUCT) fill_fields(g, e, u, addr);
  else fill_elems(g, e, u->u.array.elem, addr);
}

void gen_composite_into(Gen *g, Expr *e, Ir addr, bool zeroed) { fill_literal(g, e, e->type, addr, zeroed); }

/* ---- values */
static Value slice_literal(Gen *g, Expr *e, Type *t, bool heap) {
  Type *u = type_under(t);
  int64_t n = e->u.composite.length;
  Type *array = type_new_array(u->u.slice.elem, n);
  Ir base = alloc_object(g, array, heap), len = const_i64(g, n);
  if (!copy_static(g, e, array, base)) {
    if (!heap && e->u.composite.elems.n < n) store_zero(g, array, base);
    fill_elems(g, e, u->u.slice.elem, base);
  }
  return value3(t, base, len, len);
}

/* &T{…}: an object of its own. */
Ir gen_addr_of_composite(Gen *g, Expr *lit, Type *t, bool heap) {
  Ir addr = alloc_object(g, t, heap);
  if (type_under(t)->kind == T_SLICE) value_store(g, slice_literal(g, lit, t, heap), addr);
  else if (type_under(t)->kind == T_MAP) value_store(g, map_literal(g, lit, t), addr);
  else fill_literal(g, lit, t, addr, heap);
  return addr;
}

Value gen_composite(Gen *g, Expr *e) {
  if (is_elided_pointer(e))
    return value1(e->type, gen_addr_of_composite(g, e, literal_type(e), heap_expr(g, e)));
  if (type_under(e->type)->kind == T_SLICE) return slice_literal(g, e, e->type, heap_expr(g, e));
  if (type_under(e->type)->kind == T_MAP) return map_literal(g, e, e->type);
  Ir addr = new_temp(g, e->type);
  gen_composite_into(g, e, addr, false);
  return value_mem(e->type, addr, true);
}

/* ---- static data */
static Ir static_elems(Gen *g, Expr *e, Type *elem, int64_t n) {
  if (n > STATIC_SPARSE_MIN && n / STATIC_SPARSE_RATIO > e->u.composite.elems.n) return NULL;
  LLVMTypeRef t = mem_type(g, elem);
  Ir *v = arena_alloc((size_t)(n + 1) * sizeof *v);
  for (int64_t i = 0; i < n; i++) v[i] = LLVMConstNull(t);
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    Ir init = static_value(g, element(e->u.composite.elems.v[i]), elem);
    if (!init) return NULL;
    v[e->u.composite.indices[i]] = init;
  }
  return LLVMConstArray2(t, v, (uint64_t)n);
}

/* A struct in memory has one more element where Go pads its end. */
static Ir static_fields(Gen *g, Expr *e, Type *t) {
  Type *u = type_under(t);
  LLVMTypeRef mem = mem_type(g, t);
  unsigned n = LLVMCountStructElementTypes(mem);
  Ir *v = arena_alloc((n + 1) * sizeof *v);
  for (unsigned i = 0; i < n; i++) v[i] = LLVMConstNull(LLVMStructGetTypeAtIndex(mem, i));
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    int field = (int)e->u.composite.indices[i];
    v[field] = static_value(g, element(e->u.composite.elems.v[i]), u->u.strct.fields.v[field].type);
    if (!v[field]) return NULL;
  }
  return LLVMConstStructInContext(g->cx, v, n, false);
}

static Ir static_composite(Gen *g, Expr *e, Type *t) {
  Type *u = type_under(t);
  if (e->u.composite.elided && u->kind == T_POINTER) return NULL;
  if (u->kind == T_STRUCT) return static_fields(g, e, t);
  if (u->kind == T_ARRAY) return static_elems(g, e, u->u.array.elem, u->u.array.len);
  return NULL;
}

static Ir static_constant(Gen *g, Type *t, const Const *c) {
  if (type_is_interface(t)) return NULL;
  Value v = const_value(g, t, c);
  if (v.n == 2) return LLVMConstStructInContext(g->cx, v.w, 2, false);
  bool is_bool = LLVMTypeOf(v.w[0]) == g->i1;
  return is_bool ? LLVMConstInt(g->i8, LLVMConstIntGetZExtValue(v.w[0]), false) : v.w[0];
}

/* The initialiser e as constant of type t in memory form; null when it is not constant enough. */
Ir static_value(Gen *g, Expr *e, Type *t) {
  e = expr_unparen(e);
  if (e->mode == MODE_NIL) return LLVMConstNull(mem_type(g, t));
  if (e->mode == MODE_CONST) return static_constant(g, t, e->cval);
  if (type_is_interface(t)) return NULL;
  if (e->kind == EXPR_COMPOSITE) return static_composite(g, e, t);
  bool named_func = e->obj && e->obj->kind == OBJ_FUNC && e->obj->func &&
                    (e->kind == EXPR_IDENT || (e->kind == EXPR_SELECTOR && e->u.selector.sel == SEL_PACKAGE));
  return named_func ? func_value(g, e->obj->func).w[0] : NULL;
}
