/* gen_type.c: what a Toy type is in LLVM: its form in memory, the scalars it flattens to in calls, and signatures.
 *
 * The form in memory has Go's layout, which on amd64 is the C layout of the same fields, but for the byte that Go adds
 * when the last field has no size (so that its address is not that of the next object). Both are compared here: a
 * difference between checker and LLVM is our bug and stops the compiler.
 */
#include "gen.h"

LLVMTypeRef scalar_type(Gen *g, Type *t) {
  switch (type_under(type_default(t))->kind) {
  case T_BOOL: return g->i1;
  case T_INT8: case T_UINT8: return g->i8;
  case T_INT16: case T_UINT16: return g->i16;
  case T_INT32: case T_UINT32: return g->i32;
  case T_INT: case T_INT64: case T_UINT: case T_UINT64: case T_UINTPTR: return g->i64;
  case T_FLOAT32: return g->f32;
  case T_FLOAT64: return g->f64;
  case T_UNSAFEPOINTER: case T_POINTER: case T_FUNC: case T_MAP: case T_CHAN: case T_UNTYPED_NIL: return g->ref;
  default: unreachable_case("%s is not a scalar", type_string(t));
  }
}

/* An interface's data word is the value itself. */
bool type_direct(Type *t) {
  TypeKind k = type_under(t)->kind;
  return k == T_POINTER || k == T_FUNC || k == T_MAP || k == T_CHAN || k == T_UNSAFEPOINTER;
}

static Rep rep_of(Type *t) {
  switch (type_under(type_default(t))->kind) {
  case T_STRING: return REP_STRING;
  case T_SLICE: return REP_SLICE;
  case T_INTERFACE: return REP_IFACE;
  case T_STRUCT: case T_ARRAY: return REP_MEM;
  default: return REP_SCALAR;
  }
}

static LLVMTypeRef struct_mem_type(Gen *g, Type *u) {
  int n = u->u.strct.fields.n;
  LLVMTypeRef *fields = arena_alloc((size_t)(n + 1) * sizeof *fields);
  for (int i = 0; i < n; i++) fields[i] = mem_type(g, u->u.strct.fields.v[i].type);
  bool pad = n > 0 && type_size(u) > 0 && type_size(u->u.strct.fields.v[n - 1].type) == 0;
  if (pad) fields[n] = g->i8;
  LLVMTypeRef t = LLVMStructTypeInContext(g->cx, fields, (unsigned)(n + pad), false);
  for (int i = 0; i < n; i++)
    check_that(LLVMOffsetOfElement(g->td, t, (unsigned)i) == (unsigned long long)type_field_offset(u, i));
  return t;
}

static LLVMTypeRef build_mem_type(Gen *g, Type *t, Rep rep) {
  Type *u = type_under(t);
  switch (rep) {
  case REP_STRING: return g->str_t;
  case REP_SLICE: return g->slice_t;
  case REP_IFACE: return g->iface_t;
  case REP_SCALAR: {
    LLVMTypeRef s = scalar_type(g, t);
    return s == g->i1 ? g->i8 : s;
  }
  case REP_MEM:
    if (u->kind == T_STRUCT) return struct_mem_type(g, u);
    return LLVMArrayType2(mem_type(g, u->u.array.elem), (uint64_t)u->u.array.len);
  }
  unreachable_case("representation %d", rep);
}

static void flat_push(TypeInfo *ti, LLVMTypeRef t, int64_t offset) {
  if (ti->nflat < MAX_FLAT) ti->flat[ti->nflat] = (FlatItem){t, offset};
  ti->nflat++;
}

/* Stops counting beyond MAX_FLAT, so that huge arrays cost nothing. */
static void flatten_into(Gen *g, TypeInfo *ti, Type *t, int64_t offset) {
  Type *u = type_under(t);
  switch (rep_of(t)) {
  case REP_SCALAR: flat_push(ti, scalar_type(g, t), offset); return;
  case REP_STRING: flat_push(ti, g->ref, offset), flat_push(ti, g->i64, offset + 8); return;
  case REP_IFACE: flat_push(ti, g->ptr, offset), flat_push(ti, g->ref, offset + 8); return;
  case REP_SLICE:
    flat_push(ti, g->ref, offset), flat_push(ti, g->i64, offset + 8), flat_push(ti, g->i64, offset + 16);
    return;
  case REP_MEM: break;
  }
  if (u->kind == T_STRUCT) {
    for (int i = 0; i < u->u.strct.fields.n && ti->nflat <= MAX_FLAT; i++)
      flatten_into(g, ti, u->u.strct.fields.v[i].type, offset + type_field_offset(u, i));
    return;
  }
  int64_t size = type_size(u->u.array.elem);
  if (size == 0) return;
  for (int64_t i = 0; i < u->u.array.len && ti->nflat <= MAX_FLAT; i++)
    flatten_into(g, ti, u->u.array.elem, offset + i * size);
}

TypeInfo *type_info(Gen *g, Type *t) {
  TypeInfo *ti = t->gen;
  if (ti && ti->owner == g) return ti;
  ti = NEW(TypeInfo);
  ti->owner = g;
  ti->rep = rep_of(t);
  ti->mem = build_mem_type(g, t, ti->rep);
  t->gen = ti;
  flatten_into(g, ti, t, 0);
  if (ti->rep == REP_MEM) check_that(LLVMABISizeOfType(g->td, ti->mem) == (unsigned long long)type_size(t));
  return ti;
}

LLVMTypeRef mem_type(Gen *g, Type *t) { return type_info(g, t)->mem; }

/* ---- signatures */
typedef struct LlTypes { LLVMTypeRef *v; int n, cap; } LlTypes;

static void sig_param(Gen *g, LlTypes *params, Type *t) {
  TypeInfo *ti = type_info(g, t);
  if (ti->nflat > MAX_FLAT) {
    list_push(params, g->ref);
    return;
  }
  for (int i = 0; i < ti->nflat; i++) list_push(params, ti->flat[i].type);
}

static LLVMTypeRef sig_results(Gen *g, Sig *sig) {
  LlTypes flat = {0}, mem = {0};
  for (int i = 0; i < sig->results.n; i++) {
    TypeInfo *ti = type_info(g, sig->results.v[i]);
    sig->nresult_flat += ti->nflat;
    list_push(&mem, ti->mem);
    for (int k = 0; k < ti->nflat && k < MAX_FLAT; k++) list_push(&flat, ti->flat[k].type);
  }
  sig->by_object = sig->nresult_flat > MAX_FLAT;
  if (sig->by_object) sig->result_struct = LLVMStructTypeInContext(g->cx, mem.v, (unsigned)mem.n, false);
  if (sig->by_object || flat.n == 0) return g->voidt;
  return flat.n == 1 ? flat.v[0] : LLVMStructTypeInContext(g->cx, flat.v, (unsigned)flat.n, false);
}

/* recv: type of the receiver, or null. A method called through an interface has the data word as receiver: unsafe
 * pointer. */
Sig *sig_make(Gen *g, Type *recv, Type *func, bool nest) {
  Type *u = type_under(func);
  check_that(u->kind == T_FUNC);
  Sig *sig = NEW(Sig);
  *sig = (Sig){.nest = nest, .recv = recv, .params = u->u.func.params, .results = u->u.func.results,
               .variadic = u->u.func.variadic};
  LLVMTypeRef result = sig_results(g, sig);
  LlTypes params = {0};
  if (nest) list_push(&params, g->ref);
  if (sig->by_object) list_push(&params, g->ref);
  if (recv) sig_param(g, &params, recv);
  for (int i = 0; i < sig->params.n; i++) sig_param(g, &params, sig->params.v[i]);
  sig->type = LLVMFunctionType(result, params.v, (unsigned)params.n, false);
  return sig;
}
