/* gen_call.c: calls. What is called is evaluated first, then the receiver and the arguments from left to right, then
 * the callee is looked at (a nil function or interface panics only now).
 *
 * The order of LLVM parameters is: closure context, result object, receiver, parameters; see sig_make.
 */
#include "gen.h"
#include "../runtime/abi/type.h"

/* ---- arguments */
void args_push(CallArgs *a, Ir v) { list_push(a, v); }

/* A value of many scalars is passed as the address of a copy, which the callee does not change. */
void args_add(Gen *g, CallArgs *a, Value v) {
  if (type_info(g, v.type)->nflat > MAX_FLAT) {
    list_push(a, value_stable(g, v).w[0]);
    return;
  }
  Ir flat[MAX_FLAT];
  int n = value_flatten(g, v, flat);
  for (int i = 0; i < n; i++) list_push(a, flat[i]);
}

/* The variadic arguments from `first` on, as a slice. */
static Value pack_exprs(Gen *g, Expr *call, int first, Type *slice) {
  ExprList *args = &call->u.call.args;
  int n = args->n - first;
  if (n == 0) return value_zero(g, slice);
  Type *elem = type_under(slice)->u.slice.elem;
  Ir base = alloc_object(g, type_new_array(elem, n), heap_expr(g, call)), len = const_i64(g, n);
  for (int i = 0; i < n; i++)
    gen_expr_into(g, args->v[first + i], elem, byte_offset(g, base, i * type_size(elem)));
  return value3(slice, base, len, len);
}

static Value pack_values(Gen *g, Expr *call, const ValueList *v, int first, Type *slice) {
  int n = v->n - first;
  if (n == 0) return value_zero(g, slice);
  Type *elem = type_under(slice)->u.slice.elem;
  Ir base = alloc_object(g, type_new_array(elem, n), heap_expr(g, call)), len = const_i64(g, n);
  bool heap = heap_expr(g, call->u.call.args.v[0]);
  for (int i = 0; i < n; i++)
    value_store(g, convert_assign(g, v->v[first + i], elem, heap), byte_offset(g, base, i * type_size(elem)));
  return value3(slice, base, len, len);
}

/* f(g()) */
static void gen_spread_args(Gen *g, Expr *call, Type *u, ValueList *out) {
  Expr *arg = expr_unparen(call->u.call.args.v[0]);
  ValueList v = {0};
  gen_call_results(g, arg, &v);
  int fixed = u->u.func.params.n - u->u.func.variadic;
  for (int i = 0; i < fixed; i++)
    list_push(out, convert_assign(g, v.v[i], u->u.func.params.v[i], heap_expr(g, arg)));
  if (u->u.func.variadic) list_push(out, pack_values(g, call, &v, fixed, u->u.func.params.v[fixed]));
}

void gen_args(Gen *g, Expr *call, Type *sig, ValueList *out) {
  Type *u = type_under(sig);
  ExprList *args = &call->u.call.args;
  if (args->n == 1 && args->v[0]->type && args->v[0]->type->kind == T_TUPLE) {
    gen_spread_args(g, call, u, out);
    return;
  }
  bool pack = u->u.func.variadic && !call->u.call.has_ellipsis;
  int fixed = u->u.func.params.n - pack;
  for (int i = 0; i < fixed; i++)
    list_push(out, value_stable(g, gen_expr_as(g, args->v[i], u->u.func.params.v[i])));
  if (pack) list_push(out, pack_exprs(g, call, fixed, u->u.func.params.v[fixed]));
}

/* ---- the call itself */
static void collect_results(Gen *g, Sig *sig, Ir call, Ir object, ValueList *out) {
  Ir flat[MAX_FLAT];
  for (int i = 0; !sig->by_object && i < sig->nresult_flat; i++)
    flat[i] = sig->nresult_flat == 1 ? call : LLVMBuildExtractValue(g->b, call, (unsigned)i, "");
  int next = 0;
  for (int i = 0; i < sig->results.n; i++) {
    Type *t = sig->results.v[i];
    if (sig->by_object) {
      Value v = value_load(g, t, LLVMBuildStructGEP2(g->b, sig->result_struct, object, (unsigned)i, ""));
      v.fresh = v.mem;
      list_push(out, v);
    } else {
      list_push(out, value_unflatten(g, t, flat + next));
      next += type_info(g, t)->nflat;
    }
  }
}

void emit_call(Gen *g, Sig *sig, Ir code, Ir ctx, CallArgs *args, ValueList *out) {
  CallArgs all = {0};
  Ir object = sig->by_object ? new_alloca(g, sig->result_struct, "") : NULL;
  if (sig->nest) list_push(&all, ctx);
  if (object) list_push(&all, object);
  for (int i = 0; i < args->n; i++) list_push(&all, args->v[i]);
  Ir call = LLVMBuildCall2(g->b, sig->type, code, all.v, (unsigned)all.n, "");
  LLVMSetInstructionCallConv(call, LLVMSwiftCallConv);
  if (sig->nest) {
    unsigned nest = LLVMGetEnumAttributeKindForName("nest", 4);
    LLVMAddCallSiteAttribute(call, 1, LLVMCreateEnumAttribute(g->cx, nest, 0));
  }
  if (out) collect_results(g, sig, call, object, out);
}

/* ---- receivers */

/* The receiver of `method`, found from x along a path of embedded fields; pointers are followed or addresses taken as
 * the method wants. With an empty path x must be what the method wants or a pointer to it. */
Value receiver_from(Gen *g, Value x, int *path, int npath, Object *method) {
  bool want_pointer = type_under(method->recv_type)->kind == T_POINTER;
  Type *t = x.type;
  Ir addr = npath ? path_addr(g, x, path, npath, &t) : NULL;
  bool have_pointer = type_under(t)->kind == T_POINTER;
  if (want_pointer && !have_pointer) return value1(method->recv_type, addr);
  Value v = npath ? value_load(g, t, addr) : x;
  if (want_pointer || !have_pointer) {
    v.type = method->recv_type;
    return v;
  }
  check_nil(g, v.w[0]);
  return value_load(g, method->recv_type, v.w[0]);
}

Value gen_receiver(Gen *g, Expr *sel) {
  Expr *x = sel->u.selector.x;
  int *path = sel->u.selector.path, npath = sel->u.selector.npath;
  if (sel->u.selector.sel == SEL_IFACEMETHOD) return gen_path(g, gen_expr(g, x), path, npath);
  Object *method = sel->u.selector.method;
  bool want_pointer = type_under(method->recv_type)->kind == T_POINTER;
  if (npath == 0 && want_pointer && type_under(x->type)->kind != T_POINTER)
    return value1(method->recv_type, gen_addr(g, x));
  Value v = gen_expr(g, x);
  debug_at(g, sel->pos);
  return receiver_from(g, v, path, npath, method);
}

/* ---- interfaces */
Type *iface_method_type(Type *iface, int index) { return type_under(iface)->u.iface.methods.v[index].type; }

Ir iface_method_code(Gen *g, Value iface, int index) {
  check_nil(g, iface.w[0]);
  Ir slot = byte_offset(g, iface.w[0], (int64_t)(offsetof(struct toy_itab, fun) + sizeof(void *) * (size_t)index));
  return LLVMBuildLoad2(g->b, g->ptr, slot, "");
}

/* ---- callees */
static Func *static_callee(Expr *fun) {
  bool names = fun->kind == EXPR_IDENT || (fun->kind == EXPR_SELECTOR && fun->u.selector.sel == SEL_PACKAGE);
  return names && fun->obj && fun->obj->kind == OBJ_FUNC ? fun->obj->func : NULL;
}

static void call_func(Gen *g, Expr *e, Func *f, const Value *recv, ValueList *out) {
  ValueList v = {0};
  if (recv) list_push(&v, value_stable(g, *recv));
  gen_args(g, e, f->sig, &v);
  if (is_intrinsic(f)) {
    debug_at(g, e->pos);
    gen_intrinsic(g, f, &v, out);
    return;
  }
  CallArgs args = {0};
  for (int i = 0; i < v.n; i++) args_add(g, &args, v.v[i]);
  debug_at(g, e->pos);
  emit_call(g, func_sig(g, f), called_func(g, f), NULL, &args, out);
}

static void call_iface_method(Gen *g, Expr *e, Expr *sel, ValueList *out) {
  Value iface = gen_receiver(g, sel);
  int index = sel->u.selector.method_index;
  Type *type = iface_method_type(iface.type, index);
  ValueList v = {0};
  gen_args(g, e, type, &v);
  CallArgs args = {0};
  args_push(&args, iface.w[1]);
  for (int i = 0; i < v.n; i++) args_add(g, &args, v.v[i]);
  debug_at(g, e->pos);
  Ir code = iface_method_code(g, iface, index);
  emit_call(g, sig_make(g, type_basic(T_UNSAFEPOINTER), type, false), code, NULL, &args, out);
}

static void call_value(Gen *g, Expr *e, Expr *fun, ValueList *out) {
  Ir ctx = gen_expr(g, fun).w[0];
  ValueList v = {0};
  gen_args(g, e, fun->type, &v);
  CallArgs args = {0};
  for (int i = 0; i < v.n; i++) args_add(g, &args, v.v[i]);
  debug_at(g, e->pos);
  check_nil(g, ctx);
  Ir code = LLVMBuildLoad2(g->b, g->ptr, ctx, "");
  emit_call(g, sig_make(g, NULL, fun->type, true), code, ctx, &args, out);
}

/* ---- conversions and built-ins */
static Value gen_conversion(Gen *g, Expr *e) {
  Expr *x = e->u.call.args.v[0];
  if (type_is_interface(e->type) || expr_unparen(x)->mode == MODE_NIL) return gen_expr_as(g, x, e->type);
  Value v = gen_expr(g, x);
  debug_at(g, e->pos);
  return gen_convert(g, v, e->type);
}

static Value gen_extremum(Gen *g, Expr *e, bool max) {
  Value v = gen_expr_as(g, e->u.call.args.v[0], e->type);
  for (int i = 1; i < e->u.call.args.n; i++) v = gen_minmax(g, max, v, gen_expr_as(g, e->u.call.args.v[i], e->type));
  return v;
}

/* Of a type, or of a value: then its copy. */
static Value gen_new(Gen *g, Expr *e) {
  Type *t = type_under(e->type)->u.pointer.elem;
  Expr *arg = e->u.call.args.v[0];
  bool heap = heap_expr(g, e), value = arg->mode != MODE_TYPE;
  Value v = value ? value_stable(g, gen_expr_as(g, arg, t)) : (Value){0};
  Ir p = alloc_object(g, t, heap);
  if (value) value_store(g, v, p);
  else if (!heap) store_zero(g, t, p);
  return value1(e->type, p);
}

/* The call of a built-in function as it is to be generated: of f(g()) the results of g have their names then. */
Expr *builtin_call(Gen *g, Expr *e) {
  Expr *by_names = e->u.call.by_names;
  if (!by_names) return e;
  ValueList v = {0};
  gen_call_results(g, e->u.call.args.v[0], &v);
  for (int i = 0; i < v.n; i++) value_store(g, v.v[i], declare_var(g, by_names->u.call.args.v[i]->obj));
  return by_names;
}

static Value gen_builtin(Gen *g, Expr *e) {
  e = builtin_call(g, e);
  ExprList *args = &e->u.call.args;
  Value none = {0};
  switch (e->u.call.builtin) {
  case BUILTIN_APPEND: return gen_append(g, e);
  case BUILTIN_CAP: return gen_len(g, args->v[0], true);
  case BUILTIN_LEN: return gen_len(g, args->v[0], false);
  case BUILTIN_COPY: return gen_copy(g, e);
  case BUILTIN_MAKE: return gen_make(g, e);
  case BUILTIN_MIN: return gen_extremum(g, e, false);
  case BUILTIN_MAX: return gen_extremum(g, e, true);
  case BUILTIN_NEW: return gen_new(g, e);
  case BUILTIN_CLEAR: gen_clear(g, e); return none;
  case BUILTIN_DELETE: gen_delete(g, e); return none;
  case BUILTIN_CLOSE: {
    Value ch = gen_expr(g, args->v[0]);
    debug_at(g, e->pos);
    RT(g, closechan, NULL, ch.w[0]);
    return none;
  }
  case BUILTIN_PANIC: gen_panic(g, e); return none;
  case BUILTIN_RECOVER: return gen_recover(g);
  case BUILTIN_PRINT: gen_print(g, e, false); return none;
  case BUILTIN_PRINTLN: gen_print(g, e, true); return none;
  default: break;
  }
  not_yet(e->pos, "this built-in function");
  return e->type && e->type->kind != T_TUPLE ? value_zero(g, e->type) : none;
}

/* ---- entry points */

/* All results of a call, none or one included. */
void gen_call_results(Gen *g, Expr *e, ValueList *out) {
  e = expr_unparen(e);
  debug_at(g, e->pos);
  if (e->u.call.call != CALL_FUNC) {
    Value v = e->u.call.call == CALL_BUILTIN ? gen_builtin(g, e) : gen_conversion(g, e);
    if (v.type) list_push(out, v);
    return;
  }
  Expr *fun = expr_unparen(e->u.call.fun);
  SelKind sel = fun->kind == EXPR_SELECTOR ? fun->u.selector.sel : SEL_NONE;
  Func *f = static_callee(fun);
  if (f) {
    call_func(g, e, f, NULL, out);
  } else if (sel == SEL_METHOD) {
    Value recv = gen_receiver(g, fun);
    call_func(g, e, fun->u.selector.method->func, &recv, out);
  } else if (sel == SEL_IFACEMETHOD) {
    call_iface_method(g, e, fun, out);
  } else {
    call_value(g, e, fun, out);
  }
}

Value gen_call(Gen *g, Expr *e) {
  ValueList out = {0};
  gen_call_results(g, e, &out);
  check_that(out.n == 1);
  return out.v[0];
}
