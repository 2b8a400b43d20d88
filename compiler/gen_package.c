/* gen_package.c: a package as an LLVM module: functions, package variables, initialisation, the program's start.
 *
 * Functions are generated one after the other; what the one at work needs on the way (a wrapper, a thunk) is generated
 * at once, by setting the builder aside: fn_begin and fn_end nest.
 */
#include "gen.h"
#include "init_order.h"
#include "../runtime/abi/limits.h"
#include <llvm-c/Analysis.h>
#include <string.h>

enum { SWIFTCC = LLVMSwiftCallConv };

/* ---- functions */
static void string_attr(Gen *g, Ir fn, const char *key, const char *value) {
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex,
                          LLVMCreateStringAttribute(g->cx, key, (unsigned)strlen(key), value, (unsigned)strlen(value)));
}

/* docs/abi.md, Modules and functions. */
static void toy_attrs(Gen *g, Ir fn) {
  add_fn_attr(g, fn, "nounwind");
  add_fn_attr(g, fn, "noredzone");
  if (!g->inlines) add_fn_attr(g, fn, "noinline");
  unsigned uwtable = LLVMGetEnumAttributeKindForName("uwtable", 7);
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(g->cx, uwtable, 2));
  string_attr(g, fn, "split-stack", "");
  string_attr(g, fn, "frame-pointer", "all");
  string_attr(g, fn, "disable-tail-calls", "true");
  LLVMSetGC(fn, "statepoint-example");
  LLVMSetSection(fn, "toytext");
}

/* A declaration; what has a body gets the rest of the attributes when it is begun. */
static Ir new_function(Gen *g, const char *symbol, Sig *sig) {
  Ir fn = LLVMAddFunction(g->mod, symbol, sig->type);
  LLVMSetFunctionCallConv(fn, SWIFTCC);
  add_fn_attr(g, fn, "nounwind");
  if (sig->nest) add_param_attr(g, fn, 0, "nest");
  if (sig->by_object) {
    add_param_attr(g, fn, sig->nest, "noalias");
    add_param_attr(g, fn, sig->nest, "nonnull");
  }
  return fn;
}

typedef struct FuncInfo { Gen *owner; Sig *sig; Ir ll; } FuncInfo;

static FuncInfo *func_info(Gen *g, Func *f) {
  FuncInfo *fi = f->gen;
  if (fi && fi->owner == g) return fi;
  fi = NEW(FuncInfo);
  fi->owner = g;
  fi->sig = sig_make(g, f->recv ? f->recv->type : NULL, f->sig, f->obj == NULL);
  f->gen = fi;
  return fi;
}

Sig *func_sig(Gen *g, Func *f) { return func_info(g, f)->sig; }

Ir declare_func(Gen *g, Func *f) {
  FuncInfo *fi = func_info(g, f);
  if (!fi->ll) fi->ll = LLVMGetNamedFunction(g->mod, f->symbol);
  if (fi->ll) return fi->ll;
  return fi->ll = new_function(g, f->symbol, fi->sig);
}

Ir called_func(Gen *g, Func *f) {
  Ir ll = declare_func(g, f);
  import_body(g, f, ll);
  return ll;
}

Ir runtime_func(Gen *g, const char *symbol, LLVMTypeRef type) {
  Ir fn = LLVMGetNamedFunction(g->mod, symbol);
  if (fn) return fn;
  fn = LLVMAddFunction(g->mod, symbol, type);
  LLVMSetFunctionCallConv(fn, SWIFTCC);
  add_fn_attr(g, fn, "nounwind");
  return fn;
}

/* Sets the function at work aside and makes `fn` the one at work, its builder behind an entry block for allocas. */
static void fn_begin(Gen *g, Fn *fn, Ir ll, Sig *sig, const char *symbol, Pos pos) {
  *fn = (Fn){.ll = ll, .sig = sig, .outer = g->fn};
  if (g->fn) {
    fn->outer_block = LLVMGetInsertBlock(g->b);
    fn->outer_entry = LLVMGetInsertBlock(g->entry);
    fn->outer_loc = LLVMGetCurrentDebugLocation2(g->b);
  }
  g->fn = fn;
  toy_attrs(g, ll);
  fn->scope = debug_subprogram(g, symbol, pos);
  LLVMSetSubprogram(ll, fn->scope);
  LLVMBasicBlockRef entry = add_block(g, "entry"), body = add_block(g, "body");
  LLVMSetCurrentDebugLocation2(g->b, NULL);
  LLVMPositionBuilderAtEnd(g->b, entry);
  debug_at(g, pos);
  LLVMPositionBuilderBefore(g->entry, LLVMBuildBr(g->b, body));
  LLVMPositionBuilderAtEnd(g->b, body);
  unsigned first = sig->nest;
  if (sig->nest) fn->ctx = LLVMGetParam(ll, 0);
  if (sig->by_object) fn->result_object = LLVMGetParam(ll, first);
}

void fn_end(Gen *g) {
  if (!terminated(g)) LLVMBuildUnreachable(g->b);
  Fn *fn = g->fn;
  g->fn = fn->outer;
  if (!fn->outer) return;
  LLVMPositionBuilderBefore(g->entry, LLVMGetBasicBlockTerminator(fn->outer_entry));
  LLVMPositionBuilderAtEnd(g->b, fn->outer_block);
  LLVMSetCurrentDebugLocation2(g->b, fn->outer_loc);
}

/* A generated function, link-once and hidden in tracebacks. */
bool begin_wrapper(Gen *g, Fn *fn, Ir *ll, const char *symbol, Sig *sig, Pos pos) {
  *ll = LLVMGetNamedFunction(g->mod, symbol);
  if (*ll) return false;
  *ll = new_function(g, symbol, sig);
  link_once(g, *ll, symbol);
  string_attr(g, *ll, "toy-wrapper", "");
  fn_begin(g, fn, *ll, sig, symbol, pos);
  return true;
}

static Value take_param(Gen *g, Type *t, unsigned *next) {
  TypeInfo *ti = type_info(g, t);
  if (ti->nflat > MAX_FLAT) return value_mem(t, LLVMGetParam(g->fn->ll, (*next)++), false);
  Ir flat[MAX_FLAT];
  for (int i = 0; i < ti->nflat; i++) flat[i] = LLVMGetParam(g->fn->ll, (*next)++);
  return value_unflatten(g, t, flat);
}

ValueList fn_params(Gen *g) {
  Sig *sig = g->fn->sig;
  unsigned next = (unsigned)(sig->nest + sig->by_object);
  ValueList list = {0};
  if (sig->recv) list_push(&list, take_param(g, sig->recv, &next));
  for (int i = 0; i < sig->params.n; i++) list_push(&list, take_param(g, sig->params.v[i], &next));
  return list;
}

static void return_by_object(Gen *g, ValueList *vals) {
  for (int i = 0; i < vals->n; i++) {
    Ir field = LLVMBuildStructGEP2(g->b, g->fn->sig->result_struct, g->fn->result_object, (unsigned)i, "");
    value_store(g, vals->v[i], field);
  }
  LLVMBuildRetVoid(g->b);
}

void return_values(Gen *g, ValueList *vals) {
  if (g->fn->sig->by_object) {
    return_by_object(g, vals);
    return;
  }
  Ir flat[MAX_FLAT];
  int n = 0;
  for (int i = 0; i < vals->n; i++) n += value_flatten(g, vals->v[i], flat + n);
  if (n == 0) LLVMBuildRetVoid(g->b);
  else if (n == 1) LLVMBuildRet(g->b, flat[0]);
  else LLVMBuildAggregateRet(g->b, flat, (unsigned)n);
}

/* ---- bodies */

/* A parameter that is passed by address and never changes stays where the caller put it: the callee may read it
 * there. */
static void bind_param(Gen *g, Object *o, Value v) {
  bool own = !v.mem || v.fresh || o->reassigned || o->addr_taken || (o->captured && !escape_captured_by_value(o));
  if (!own) {
    o->gen = v.w[0], o->number = 0;
    return;
  }
  value_store(g, v, declare_var(g, o));
}

static void bind_params(Gen *g, Func *f) {
  ValueList vals = fn_params(g);
  int next = 0;
  if (f->recv) bind_param(g, f->recv, vals.v[next++]);
  for (int i = 0; i < f->params.n; i++) bind_param(g, f->params.v[i], vals.v[next++]);
  if (f->has_defer) return; /* defer_begin */
  for (int i = 0; f->named_results && i < f->results.n; i++)
    store_zero(g, f->results.v[i]->type, declare_var(g, f->results.v[i]));
}

/* What a closure captured: its fields follow the code address; by value they are the variable, else they point to it.
 * */
static void bind_captures(Gen *g, Func *f) {
  g->fn->captures = arena_alloc((size_t)(f->captures.n + 1) * sizeof(Ir));
  int64_t end = 8;
  for (int i = 0; i < f->captures.n; i++) {
    Object *o = f->captures.v[i];
    bool by_value = escape_captured_by_value(o);
    Type *t = by_value ? o->type : type_basic(T_UNSAFEPOINTER);
    Ir field = byte_offset(g, g->fn->ctx, closure_field(&end, t));
    Value v = value_load(g, t, field);
    if (!by_value) g->fn->captures[i] = v.w[0];
    else if (v.mem) g->fn->captures[i] = field;
    else value_store(g, v, g->fn->captures[i] = new_temp(g, t));
  }
}

/* Nobody else can name a literal, or anything of a main package without assembly. */
static LLVMLinkage linkage_of(Gen *g, Func *f) {
  if (f->pkg != g->pkg) return LLVMAvailableExternallyLinkage;
  return (g->is_main && !g->pkg->nasm) || !f->obj ? LLVMInternalLinkage : LLVMExternalLinkage;
}

/* Frames that are told apart at run time: of functions that defer or recover, and of the two that run what is deferred. */
static bool has_own_frame(const Func *f) {
  return f->has_defer || f->has_recover || !strcmp(f->symbol, "runtime.gopanic") || !strcmp(f->symbol, "runtime.Goexit");
}

static void gen_body(Gen *g, Func *f, Ir ll) {
  Fn fn;
  fn_begin(g, &fn, ll, func_sig(g, f), f->symbol, f->pos);
  fn.func = f;
  fn.heap_all = f->escape == NULL;
  LLVMSetLinkage(ll, linkage_of(g, f));
  if (f->nopreempt) {
    string_attr(g, ll, "toy-nopreempt", "");
    add_fn_attr(g, ll, "noinline"); /* inlined code would be stopped with the caller's */
  }
  if (has_own_frame(f)) add_fn_attr(g, ll, "noinline");
  if (is_intrinsic(f) || f->c) {
    if (f->c) gen_c_body(g, f);
    else gen_intrinsic_body(g, f);
    fn_end(g);
    return;
  }
  if (!f->obj) bind_captures(g, f);
  bind_params(g, f);
  if (f->has_defer) defer_begin(g, f);
  gen_stmts(g, &f->body->u.block.list);
  debug_at(g, f->end);
  if (f->has_defer) defer_end(g, f);
  else if (!terminated(g) && f->results.n == 0) LLVMBuildRetVoid(g->b);
  fn_end(g);
}

/* ---- recursion unrolled once
 *
 * LLVM does not inline a function into itself. A small function that calls itself is generated twice: the calls in the
 * first body go to the second, which is always inlined there and calls the first. Half the calls and prologues are
 * gone; tracebacks still show every call, as that of an inlined function of the same name. */
enum { UNROLL_MAX_INSTRUCTIONS = 60, UNROLL_MAX_CALLS = 4 };

static Ir next_instruction(Ir fn, Ir inst) {
  LLVMBasicBlockRef block = inst ? LLVMGetInstructionParent(inst) : LLVMGetEntryBasicBlock(fn);
  Ir next = inst ? LLVMGetNextInstruction(inst) : LLVMGetFirstInstruction(block);
  while (!next && (block = LLVMGetNextBasicBlock(block))) next = LLVMGetFirstInstruction(block);
  return next;
}

static bool calls(Ir inst, Ir fn) { return LLVMIsACallInst(inst) && LLVMGetCalledValue(inst) == fn; }

static bool worth_unrolling(Func *f, Ir fn) {
  int size = 0, self_calls = 0;
  for (Ir i = next_instruction(fn, NULL); i; i = next_instruction(fn, i)) size++, self_calls += calls(i, fn);
  return f->literals.n == 0 && self_calls > 0 && self_calls <= UNROLL_MAX_CALLS && size <= UNROLL_MAX_INSTRUCTIONS;
}

static void unroll_recursion(Gen *g, Func *f, Ir fn) {
  if (!g->inlines || !f->obj || f->nopreempt || f->has_defer || f->has_recover || !worth_unrolling(f, fn)) return;
  Ir copy = new_function(g, format("%s-r", f->symbol), func_sig(g, f));
  gen_body(g, f, copy);
  LLVMSetLinkage(copy, LLVMInternalLinkage);
  add_fn_attr(g, copy, "alwaysinline");
  for (Ir i = next_instruction(fn, NULL); i; i = next_instruction(fn, i))
    if (calls(i, fn)) LLVMSetOperand(i, (unsigned)LLVMGetNumOperands(i) - 1, copy);
}

static void gen_func(Gen *g, Func *f) {
  Ir ll = declare_func(g, f);
  gen_body(g, f, ll);
  unroll_recursion(g, f, ll);
}

/* A body may bring others along. */
static void gen_imported(Gen *g) {
  for (int i = 0; i < g->imported.n; i++) {
    Import import = g->imported.v[i]; /* the list may move */
    g->import = &import;
    gen_body(g, import.func, declare_func(g, import.func));
  }
  g->import = NULL;
}

/* ---- package variables */
static const char *global_symbol(Object *o) { return format("%s.%s", o->pkg->path, o->name); }

Ir global_addr(Gen *g, Object *o) {
  const char *symbol = global_symbol(o);
  Ir v = LLVMGetNamedGlobal(g->mod, symbol);
  if (v) return v;
  LLVMTypeRef t = type_size(o->type) == 0 ? g->i8 : mem_type(g, o->type);
  v = LLVMAddGlobalInAddressSpace(g->mod, t, symbol, 1);
  LLVMSetAlignment(v, (unsigned)type_align(o->type));
  return v;
}

static void define_globals(Gen *g) {
  for (int i = 0; i < g->pkg->globals.n; i++) {
    Ir v = global_addr(g, g->pkg->globals.v[i]);
    LLVMSetInitializer(v, LLVMConstNull(LLVMGlobalGetValueType(v)));
    /* An assembly file may define a variable that has no initialiser here: its definition goes before a weak one. */
    if (g->pkg->nasm) LLVMSetLinkage(v, LLVMWeakAnyLinkage);
    else if (g->is_main) LLVMSetLinkage(v, LLVMInternalLinkage);
  }
  emit_roots(g, &g->pkg->globals);
}

/* ---- initialisation */
static Sig *plain_sig(Gen *g) { return sig_make(g, NULL, type_new(T_FUNC), false); }

static Ir package_init(Gen *g, Package *pkg) {
  const char *symbol = format("%s.init", pkg->path);
  Ir fn = LLVMGetNamedFunction(g->mod, symbol);
  return fn ? fn : new_function(g, symbol, plain_sig(g));
}

static void call_plain(Gen *g, Ir fn) {
  CallArgs none = {0};
  emit_call(g, plain_sig(g), fn, NULL, &none, NULL);
}

static void init_step(Gen *g, struct InitStep *step) {
  Object *only = step->lhs.n == 1 ? step->lhs.v[0] : NULL;
  debug_at(g, step->pos);
  if (only && type_size(only->type) > 0) {
    Ir init = static_value(g, step->rhs, only->type);
    if (init) {
      LLVMSetInitializer(global_addr(g, only), init);
      if (g->pkg->nasm) LLVMSetLinkage(global_addr(g, only), LLVMExternalLinkage); /* a second definition is an error */
      return;
    }
  }
  Expr *x = expr_unparen(step->rhs);
  if (only && x->kind == EXPR_COMPOSITE && type_info(g, only->type)->rep == REP_MEM) {
    gen_composite_into(g, x, global_addr(g, only), true); /* what initialises a variable cannot look at it */
    return;
  }
  ValueList vals = {0};
  TypeList types = {0};
  for (int i = 0; i < step->lhs.n; i++) list_push(&types, step->lhs.v[i] ? step->lhs.v[i]->type : NULL);
  gen_values(g, &(ExprList){&step->rhs, 1, 1}, &types, &vals);
  for (int i = 0; i < step->lhs.n; i++)
    if (step->lhs.v[i]) value_store(g, vals.v[i], global_addr(g, step->lhs.v[i]));
}

static void gen_init(Gen *g) {
  Ir ll = package_init(g, g->pkg);
  Fn fn;
  fn_begin(g, &fn, ll, plain_sig(g), format("%s.init", g->pkg->path), 0);
  fn.heap_all = true;
  for (int i = 0; i < g->pkg->ninit; i++) init_step(g, &g->pkg->init[i]);
  for (int i = 0; i < g->pkg->init_funcs.n; i++) call_plain(g, declare_func(g, g->pkg->init_funcs.v[i]));
  LLVMBuildRetVoid(g->b);
  fn_end(g);
}

static Func *find_main(Gen *g) {
  const char *symbol = format("%s.main", g->pkg->path);
  for (int i = 0; i < g->pkg->funcs.n; i++)
    if (strcmp(g->pkg->funcs.v[i]->symbol, symbol) == 0) return g->pkg->funcs.v[i];
  unreachable_case("package %s has no main", g->pkg->path);
}

/* Between two calls that measure, for inittrace=1. */
static void init_measured(Gen *g, Package *pkg) {
  Ir path = LLVMBuildGlobalStringPtr(g->b, pkg->path, "");
  rt_call(g, RT_inittaskbegin, NULL, NULL, 0);
  call_plain(g, package_init(g, pkg));
  RT(g, inittaskdone, NULL, path);
}

/* What does not take part in the order has constants to lay out at most; that comes first. */
static void gen_program(Gen *g, PackageList order) {
  PackageList tasks = init_order(&order);
  Ir ll = new_function(g, "toy_program", plain_sig(g));
  string_attr(g, ll, "toy-wrapper", "");
  Fn fn;
  fn_begin(g, &fn, ll, plain_sig(g), "toy_program", 0);
  rt_call(g, RT_initbegin, NULL, NULL, 0);
  for (int i = 0; i < order.n; i++)
    if (!init_has_task(order.v[i])) call_plain(g, package_init(g, order.v[i]));
  for (int i = 0; i < tasks.n; i++)
    if (init_has_work(tasks.v[i])) init_measured(g, tasks.v[i]);
    else call_plain(g, package_init(g, tasks.v[i]));
  rt_call(g, RT_initdone, NULL, NULL, 0);
  call_plain(g, declare_func(g, find_main(g)));
  rt_call(g, RT_maindone, NULL, NULL, 0);
  LLVMBuildUnreachable(g->b);
  fn_end(g);
}

/* ---- the module */
static void gen_types(Gen *g) {
  g->i1 = LLVMInt1TypeInContext(g->cx);
  g->i8 = LLVMInt8TypeInContext(g->cx);
  g->i16 = LLVMInt16TypeInContext(g->cx);
  g->i32 = LLVMInt32TypeInContext(g->cx);
  g->i64 = LLVMInt64TypeInContext(g->cx);
  g->f32 = LLVMFloatTypeInContext(g->cx);
  g->f64 = LLVMDoubleTypeInContext(g->cx);
  g->voidt = LLVMVoidTypeInContext(g->cx);
  g->ptr = LLVMPointerTypeInContext(g->cx, 0);
  g->ref = LLVMPointerTypeInContext(g->cx, 1);
  g->str_t = LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->ref, g->i64}, 2, false);
  g->slice_t = LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->ref, g->i64, g->i64}, 3, false);
  g->iface_t = LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->ptr, g->ref}, 2, false);
  LLVMTypeRef name = LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->ptr, g->i64}, 2, false);
  LLVMTypeRef desc[] = {g->i64, g->i64, g->ptr, g->i32, g->i8, g->i8, g->i8, g->i8, name,
                        g->ptr, g->ptr, g->i64, g->ptr, g->i64, g->ptr, g->i64};
  g->desc_t = LLVMStructCreateNamed(g->cx, "toy_type");
  LLVMStructSetBody(g->desc_t, desc, sizeof desc / sizeof *desc, false);
}

static void open_module(Gen *g) {
  g->mod = LLVMModuleCreateWithNameInContext(g->pkg->path, g->cx);
  LLVMSetTarget(g->mod, "x86_64-unknown-linux-gnu");
  LLVMSetModuleDataLayout(g->mod, g->td);
  g->b = LLVMCreateBuilderInContext(g->cx);
  g->entry = LLVMCreateBuilderInContext(g->cx);
  g->implicit_md = LLVMGetMDKindIDInContext(g->cx, "make.implicit", 13);
  gen_types(g);
  debug_begin(g);
}

static void close_module(Gen *g) {
  debug_end(g);
  LLVMDisposeBuilder(g->b);
  LLVMDisposeBuilder(g->entry);
  char *message = NULL;
  if (!LLVMVerifyModule(g->mod, LLVMReturnStatusAction, &message)) {
    LLVMDisposeMessage(message);
    return;
  }
  LLVMDumpModule(g->mod);
  internal_error(__FILE__, __LINE__, "generated code is not valid: %s", message);
}

LLVMModuleRef gen_package(Package *pkg, LLVMContextRef context, LLVMTargetDataRef layout, bool is_main, bool inlines,
                          PackageList order) {
  Gen *g = NEW(Gen);
  *g = (Gen){.pkg = pkg, .cx = context, .td = layout, .is_main = is_main, .inlines = inlines};
  open_module(g);
  define_globals(g);
  for (int i = 0; i < pkg->funcs.n; i++)
    if (pkg->funcs.v[i]->body || pkg->funcs.v[i]->c || is_intrinsic(pkg->funcs.v[i])) gen_func(g, pkg->funcs.v[i]);
  gen_init(g);
  if (is_main) gen_program(g, order);
  gen_imported(g);
  close_module(g);
  return g->mod;
}
