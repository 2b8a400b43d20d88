/* gen_method.c: the code behind an interface's method: declared methods where their receiver is the data word,
 * generated wrappers where a value must be loaded, an embedded field found or another interface asked.
 *
 * An interface's data word is the value (pointer-shaped types) or the address of a copy of it. So the wrapper (*T).m,
 * made from a method m of T with a value receiver, serves both the method set of *T and that of T.
 */
#include "gen.h"
#include <string.h>

/* pkg.(*T).m; a type without name has embedded fields, and its text is its name. */
static const char *wrapper_symbol(Type *base, Method *m) {
  const char *name = type_string_qualified(base);
  if (base->kind != T_NAMED || !base->u.named.obj->pkg) return format("(*%s).%s", name, m->name);
  const char *pkg = base->u.named.obj->pkg->path;
  size_t n = strlen(pkg);
  bool qualified = strncmp(name, pkg, n) == 0 && name[n] == '.';
  return format("%s.(*%s).%s", pkg, qualified ? name + n + 1 : name, m->name);
}

static bool pointer_receiver(Object *method) { return type_under(method->recv_type)->kind == T_POINTER; }

/* Go reports a value method called through a nil pointer in its own words. */
static void check_unwrap(Gen *g, Ir p, Type *base, const char *method) {
  LLVMBasicBlockRef go_on = check_begin(g, LLVMBuildICmp(g->b, LLVMIntNE, p, null_ref(g), ""));
  size_t n = strlen(method);
  RT(g, panicunwrap, NULL, type_desc(g, base), string_data(g, method, n), const_i64(g, (int64_t)n));
  check_end(g, go_on);
}

static void wrapper_body(Gen *g, Type *base, Method *m) {
  ValueList params = fn_params(g), results = {0};
  Value base_ptr = value1(type_new_pointer(base), params.v[0].w[0]);
  bool own = m->how.kind == LOOKUP_METHOD && m->how.npath == 0;
  if (own) check_unwrap(g, base_ptr.w[0], base, m->name);
  bool iface = m->how.kind == LOOKUP_IFACEMETHOD;
  Value recv = iface ? gen_path(g, base_ptr, m->how.path, m->how.npath)
                     : receiver_from(g, base_ptr, m->how.path, m->how.npath, m->how.method);
  CallArgs args = {0};
  if (iface) args_push(&args, recv.w[1]);
  else args_add(g, &args, recv);
  for (int i = 1; i < params.n; i++) args_add(g, &args, params.v[i]);
  if (iface) {
    Sig *sig = sig_make(g, type_basic(T_UNSAFEPOINTER), m->how.type, false);
    emit_call(g, sig, iface_method_code(g, recv, m->how.method_index), NULL, &args, &results);
  } else {
    Func *f = m->how.method->func;
    emit_call(g, func_sig(g, f), declare_func(g, f), NULL, &args, &results);
  }
  return_values(g, &results);
}

static Ir method_wrapper(Gen *g, Type *base, Method *m) {
  Sig *sig = sig_make(g, type_basic(T_UNSAFEPOINTER), m->how.type, false);
  Pos pos = m->how.method ? m->how.method->pos : 0;
  Fn fn;
  Ir ll;
  if (!begin_wrapper(g, &fn, &ll, wrapper_symbol(base, m), sig, pos)) return ll;
  wrapper_body(g, base, m);
  fn_end(g);
  return ll;
}

/* Takes the data word of an interface that holds a t. */
Ir method_code(Gen *g, Type *t, Method *m) {
  bool own = m->how.kind == LOOKUP_METHOD && m->how.npath == 0;
  Type *u = type_under(t);
  bool is_pointer = t->kind == T_POINTER;
  if (own && is_pointer && pointer_receiver(m->how.method)) return declare_func(g, m->how.method->func);
  if (own && !is_pointer && type_direct(t)) return declare_func(g, m->how.method->func);
  return method_wrapper(g, is_pointer ? u->u.pointer.elem : t, m);
}
