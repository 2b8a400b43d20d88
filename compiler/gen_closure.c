/* gen_closure.c: function values: literals, functions and methods as values. (go and defer: gen_go.c, gen_defer.c)
 *
 * A function value is the address of an object {code, captured…}; the code gets that address in its nest parameter.
 * What captures nothing is static. Fields are laid out like a struct's, by closure_field, for maker and code alike;
 * they never change after the object is made.
 */
#include "gen.h"
#include <string.h>

int64_t closure_field(int64_t *end, Type *t) {
  int64_t align = type_align(t), offset = (*end + align - 1) / align * align;
  *end = offset + type_size(t);
  return offset;
}

static Ir static_closure(Gen *g, Ir code) {
  Ir object = static_object(g, g->ptr, code, true);
  LLVMSetUnnamedAddress(object, LLVMGlobalUnnamedAddr);
  return object;
}

/* The frame's storage shows its pointers in its type, as late lowering wants. */
static Ir closure_storage(Gen *g, const ValueList *fields, bool heap, const char *name) {
  LLVMTypeRef *types = arena_alloc((size_t)(fields->n + 1) * sizeof *types);
  int64_t end = 8, bytes = 8;
  for (int i = 0; i < fields->n; i++) bytes += type_size(fields->v[i].type) + 8;
  bool *mask = arena_alloc((size_t)bytes / 8 + 1);
  types[0] = g->ptr;
  for (int i = 0; i < fields->n; i++) {
    types[i + 1] = mem_type(g, fields->v[i].type);
    mark_pointers(fields->v[i].type, closure_field(&end, fields->v[i].type), mask);
  }
  if (!heap) return new_alloca(g, LLVMStructTypeInContext(g->cx, types, (unsigned)fields->n + 1, false), "");
  return RT(g, newobject, NULL, object_desc(g, (end + 7) / 8 * 8, mask, name));
}

Ir make_closure(Gen *g, Ir code, const ValueList *fields, bool heap, const char *name) {
  if (fields->n == 0) return static_closure(g, code);
  Ir object = closure_storage(g, fields, heap, name);
  LLVMBuildStore(g->b, code, object);
  int64_t end = 8;
  for (int i = 0; i < fields->n; i++)
    value_store(g, fields->v[i], byte_offset(g, object, closure_field(&end, fields->v[i].type)));
  return object;
}

Value gen_funclit(Gen *g, Expr *e) {
  Func *f = e->u.funclit.func;
  ValueList fields = {0};
  for (int i = 0; i < f->captures.n; i++) {
    Object *o = f->captures.v[i];
    Ir addr = var_addr(g, o);
    bool by_value = escape_captured_by_value(o);
    list_push(&fields, by_value ? value_load(g, o->type, addr) : value1(type_basic(T_UNSAFEPOINTER), addr));
  }
  return value1(e->type, make_closure(g, declare_func(g, f), &fields, heap_expr(g, e), f->symbol));
}

/* ---- functions as values */

/* A function that ignores its context and goes on to the one called directly. */
Value func_value(Gen *g, Func *f) {
  Sig *sig = sig_make(g, NULL, f->sig, true);
  Fn fn;
  Ir ll;
  if (begin_wrapper(g, &fn, &ll, format("%s-f", f->symbol), sig, f->pos)) {
    ValueList params = fn_params(g), results = {0};
    CallArgs args = {0};
    for (int i = 0; i < params.n; i++) args_add(g, &args, params.v[i]);
    emit_call(g, func_sig(g, f), declare_func(g, f), NULL, &args, &results);
    return_values(g, &results);
    fn_end(g);
  }
  return value1(f->sig, static_closure(g, ll));
}

/* Calls the method that sel selects with receiver recv (for interfaces: the interface) and the parameters from
 * `first`. */
static void forward_method(Gen *g, Expr *sel, Value recv, const ValueList *params, int first) {
  CallArgs args = {0};
  ValueList results = {0};
  bool iface = type_is_interface(recv.type);
  if (iface) args_push(&args, recv.w[1]);
  else args_add(g, &args, recv);
  for (int i = first; i < params->n; i++) args_add(g, &args, params->v[i]);
  if (iface) {
    int index = sel->u.selector.method_index;
    Sig *sig = sig_make(g, type_basic(T_UNSAFEPOINTER), iface_method_type(recv.type, index), false);
    emit_call(g, sig, iface_method_code(g, recv, index), NULL, &args, &results);
  } else {
    Func *f = sel->u.selector.method->func;
    emit_call(g, func_sig(g, f), declare_func(g, f), NULL, &args, &results);
  }
  return_values(g, &results);
}

/* x.m as a value: the receiver is evaluated and kept. */
Value gen_method_value(Gen *g, Expr *e) {
  Value recv = value_stable(g, gen_receiver(g, e));
  bool iface = type_is_interface(recv.type) && e->u.selector.sel == SEL_IFACEMETHOD;
  debug_at(g, e->pos);
  if (iface) check_nil(g, recv.w[0]);
  const char *symbol = iface ? format("%s.%s-fm", type_string_qualified(recv.type), e->u.selector.name)
                             : format("%s-fm", e->u.selector.method->func->symbol);
  Fn fn;
  Ir ll;
  if (begin_wrapper(g, &fn, &ll, symbol, sig_make(g, NULL, e->type, true), e->pos)) {
    ValueList params = fn_params(g);
    int64_t end = 8;
    Value kept = value_load(g, recv.type, byte_offset(g, fn.ctx, closure_field(&end, recv.type)));
    forward_method(g, e, kept, &params, 0);
    fn_end(g);
  }
  return value1(e->type, make_closure(g, ll, &(ValueList){&recv, 1, 1}, heap_expr(g, e), symbol));
}

/* T.m: a function whose first parameter is the receiver. */
Value gen_method_expr(Gen *g, Expr *e) {
  const char *symbol = format("%s.%s-me", type_string_qualified(e->u.selector.x->type), e->u.selector.name);
  Fn fn;
  Ir ll;
  if (begin_wrapper(g, &fn, &ll, symbol, sig_make(g, NULL, e->type, true), e->pos)) {
    ValueList params = fn_params(g);
    int *path = e->u.selector.path, npath = e->u.selector.npath;
    Object *method = e->u.selector.method;
    Value recv = method ? receiver_from(g, params.v[0], path, npath, method) : gen_path(g, params.v[0], path, npath);
    forward_method(g, e, recv, &params, 1);
    fn_end(g);
  }
  return value1(e->type, static_closure(g, ll));
}
