/* check_decl.c: from a declaration to its object: constants, types, variables, functions, methods, function literals.
 *
 * A package-level object is resolved when something first needs it; check.c keeps the stack of what is under way. Local
 * declarations are checked where they stand, with the same functions.
 */
#include "check.h"

Object *new_object(ObjKind kind, const char *name, Pos pos, Type *type) {
  Object *obj = NEW(Object);
  obj->kind = kind;
  obj->name = name;
  obj->pos = pos;
  obj->type = type;
  obj->pkg = ck.pkg;
  return obj;
}

Object *new_local_var(const char *name, Pos pos, Type *type) {
  Object *obj = new_object(OBJ_VAR, name, pos, type);
  obj->func = ck.func;
  return obj;
}

DeclInfo *new_info(Object *obj, Decl *decl, int index, Scope *scope) {
  DeclInfo *info = NEW(DeclInfo);
  info->obj = obj;
  info->decl = decl;
  info->index = index;
  info->scope = scope;
  obj->info = info;
  obj->decl = decl;
  list_push(&ck.infos, info);
  info->number = ck.infos.n;
  return info;
}

void declare(Scope *scope, Object *obj) {
  if (is_blank(obj->name)) return;
  Object *old = scope_insert(scope, obj);
  if (!old) return;
  error_at(obj->pos, "%s redeclared in this block", obj->name);
  if (old->pos) note_at(old->pos, "other declaration of %s", obj->name);
}

/* ---- constants */

/* Lines of a group that repeat an expression share its tree; every use starts from a fresh one. */
static void forget(Expr *e) {
  if (!e) return;
  e->type = NULL;
  e->mode = MODE_INVALID;
  e->cval = NULL;
  switch (e->kind) {
  case EXPR_PAREN: forget(e->u.paren.x); break;
  case EXPR_UNARY: forget(e->u.unary.x); break;
  case EXPR_BINARY:
    forget(e->u.binary.x);
    forget(e->u.binary.y);
    break;
  case EXPR_SELECTOR: forget(e->u.selector.x); break;
  case EXPR_INDEX:
    forget(e->u.index.x);
    forget(e->u.index.index);
    break;
  case EXPR_ARRAYTYPE:
    forget(e->u.arraytype.len);
    forget(e->u.arraytype.elem);
    break;
  case EXPR_COMPOSITE:
    forget(e->u.composite.type_expr);
    for (int i = 0; i < e->u.composite.elems.n; i++) forget(e->u.composite.elems.v[i]);
    break;
  case EXPR_CALL:
    forget(e->u.call.fun);
    for (int i = 0; i < e->u.call.args.n; i++) forget(e->u.call.args.v[i]);
    break;
  default: break;
  }
}

static bool constant_type(Type *t) {
  Type *u = type_under(t);
  return u->kind < T_BASIC_END && u->kind != T_UNSAFEPOINTER && u->kind != T_INVALID;
}

static Type *declared_const_type(Decl *decl) {
  Expr *e = decl->u.constant.type_expr;
  if (!e) return NULL;
  Type *t = check_type(e);
  if (t->kind == T_INVALID || constant_type(t)) return t;
  error_at(expr_start(e), "invalid constant type %s", type_text(t));
  return type_basic(T_INVALID);
}

static void take_constant(Object *obj, Expr *x, Type *t) {
  if (x->mode != MODE_INVALID && x->mode != MODE_CONST) {
    error_at(expr_start(x), "%s is not constant", operand_text(x));
    invalidate(x);
  }
  if (t) assign_to(x, t, "constant declaration");
  bool good = x->mode == MODE_CONST;
  obj->type = good ? x->type : type_basic(T_INVALID);
  obj->cval = good ? x->cval : NULL;
}

void check_const(Decl *decl, int index, Object *obj) {
  Const *saved = ck.iota;
  Pos saved_pos = ck.iota_pos;
  ck.iota = const_from_int64(decl->u.constant.iota);
  if (decl->u.constant.implicit) ck.iota_pos = obj->pos;
  Type *t = declared_const_type(decl);
  if (t && t->kind == T_INVALID) obj->type = t;
  else if (index < decl->u.constant.values.n) {
    Expr *x = decl->u.constant.values.v[index];
    forget(x);
    check_expr(x);
    take_constant(obj, x, t);
  } else obj->type = type_basic(T_INVALID); /* counted and reported by check_decl_counts() */
  ck.iota = saved;
  ck.iota_pos = saved_pos;
}

/* ---- types */

/* type T2 T with T still under way: T2's underlying type is known only now. A chain of names that never reaches a type
 * has been reported by check_valid.c, which runs before. */
static void finish_named(void *what, Pos pos) {
  Type *t = what;
  if (!t->u.named.under) t->u.named.under = type_under(t->u.named.rhs);
}

static void validate(void *what, Pos pos) {
  Type *t = what;
  check_valid_type(t);
}

static void check_method_names(void *what, Pos pos) {
  Type *t = what, *u = type_under(t);
  for (int i = 0; i < t->u.named.methods.n; i++) {
    Object *m = t->u.named.methods.v[i];
    for (int j = 0; u->kind == T_STRUCT && j < u->u.strct.fields.n; j++) {
      if (u->u.strct.fields.v[j].name != m->name) continue;
      error_at(m->pos, "field and method with the same name %s", m->name);
      note_at(u->u.strct.fields.v[j].pos, "other declaration of %s", m->name);
    }
  }
}

/* type A = B: A is B's type, which exists before it is complete. */
static Type *aliased_name(Expr *e) {
  e = expr_unparen(e);
  Object *target = e->kind == EXPR_IDENT ? scope_lookup_up(ck.scope, e->u.ident.name, NULL) : NULL;
  return target && target->kind == OBJ_TYPE ? target->type : NULL;
}

typedef struct StandIn { Type *type, *real; } StandIn;

static void finish_stand_in(void *what, Pos pos) {
  StandIn *s = what;
  if (s->real->kind == T_INTERFACE) complete_interface(s->real);
  *s->type = *s->real;
}

/* type A = []T with T declared by means of A: until []T is built, A is a type of its own, which then becomes a copy of
 * it; once more when the copied type is complete. */
static void declare_alias(Decl *decl, Object *obj) {
  obj->type = aliased_name(decl->u.type.type_expr);
  StandIn *s = NULL;
  if (!obj->type) {
    s = NEW(StandIn);
    obj->type = s->type = type_new(T_NAMED);
    s->type->u.named.obj = obj;
  }
  Type *t = check_type(decl->u.type.type_expr);
  obj->type = t;
  if (!s) return;
  s->real = t;
  *s->type = *t;
  later(finish_stand_in, s, obj->pos);
}

void check_type_decl(Decl *decl, Object *obj) {
  type_begin();
  if (decl->u.type.alias) declare_alias(decl, obj);
  else {
    Type *t = obj->type; /* made when the object was: methods hang on it */
    later(validate, t, obj->pos);
    later(finish_named, t, obj->pos);
    later(check_method_names, t, obj->pos);
    Type *rhs = check_type(decl->u.type.type_expr);
    t->u.named.rhs = rhs;
    t->u.named.under = rhs->kind == T_NAMED ? rhs->u.named.under : rhs;
    list_push(&ck.pkg->types, obj);
  }
  type_end();
}

/* ---- variables */

bool check_decl_counts(Decl *decl) {
  bool constant = decl->kind == DECL_CONST;
  const ExprList *names = constant ? &decl->u.constant.names : &decl->u.var.names;
  const ExprList *values = constant ? &decl->u.constant.values : &decl->u.var.values;
  if (values->n == names->n || (!constant && (values->n == 0 || values->n == 1))) return true;
  Pos at = constant && decl->u.constant.implicit ? decl->pos : 0;
  if (values->n < names->n) {
    Expr *name = names->v[values->n];
    error_at(at ? at : name->pos, "missing init expr for %s", name->u.ident.name);
  } else error_at(at ? at : expr_start(values->v[names->n]), "extra init expr %s", expr_text(values->v[names->n]));
  return false;
}

/* var a, b = f(): checked once, for the first of its variables that is needed; the others are under way with it. */
static void check_multi_global(DeclInfo *first) {
  Decl *decl = first->decl;
  ObjectList vars = {0};
  Type *t = decl->u.var.type_expr ? check_type(decl->u.var.type_expr) : NULL;
  for (int i = 0; i < decl->u.var.names.n; i++) {
    DeclInfo *info = ck.infos.v[first->number - 1 - first->index + i];
    info->obj->type = t;
    info->state = RESOLVE_ACTIVE;
    info->path_index = first->path_index;
    list_push(&vars, info->obj);
  }
  init_vars(&vars, &decl->u.var.values, "assignment");
  for (int i = 0; i < vars.n; i++) vars.v[i]->info->state = RESOLVE_DONE;
}

void check_global_var(DeclInfo *info) {
  Decl *decl = info->decl;
  const ExprList *values = &decl->u.var.values;
  if (values->n == 1 && decl->u.var.names.n > 1) {
    check_multi_global(info);
    return;
  }
  if (decl->u.var.type_expr) info->obj->type = check_type(decl->u.var.type_expr);
  if (info->index < values->n) {
    Expr *x = values->v[info->index];
    check_expr(x);
    init_var(info->obj, x, "variable declaration");
  } else if (!info->obj->type) info->obj->type = type_basic(T_INVALID);
}

/* ---- functions */

static Func *new_func(Pos pos, Pos end, Stmt *body, Func *outer) {
  Func *f = NEW(Func);
  f->pos = pos;
  f->end = end;
  f->body = body;
  f->outer = outer;
  f->pkg = ck.pkg;
  return f;
}

static Expr *receiver_base(Expr *e, bool *pointer) {
  e = expr_unparen(e);
  *pointer = e->kind == EXPR_STAR;
  return *pointer ? expr_unparen(e->u.star.x) : e;
}

static void check_receiver_type(Object *obj, Expr *e) {
  bool pointer;
  Pos at = expr_start(receiver_base(e, &pointer));
  Type *t = check_type(e), *base = t->kind == T_POINTER ? t->u.pointer.elem : t;
  if (t->kind == T_INVALID) return;
  TypeKind under = type_under(base)->kind;
  if (base->kind != T_NAMED) {
    if (base->kind < T_BASIC_END) error_at(at, "cannot define new methods on non-local type %s", type_text(base));
    else error_at(at, "invalid receiver type %s", type_text(t));
  } else if (base->u.named.obj->pkg != ck.pkg)
    error_at(at, "cannot define new methods on non-local type %s", type_text(base));
  else if (under == T_POINTER || under == T_INTERFACE)
    error_at(at, "invalid receiver type %s (pointer or interface type)", type_text(base));
}

static void check_receiver(Func *func, Field *recv, Object *obj, Scope *scope) {
  check_receiver_type(obj, recv->type_expr);
  const char *name = recv->names.n ? recv->names.v[0]->u.ident.name : "";
  Object *r = new_object(OBJ_VAR, name, recv->names.n ? recv->names.v[0]->pos : recv->pos, recv->type_expr->type);
  r->func = func;
  r->param = r->used = true;
  if (name[0]) declare(scope, r);
  func->recv = r;
}

static const char *method_symbol(Object *obj, Field *recv) {
  bool pointer;
  Expr *base = receiver_base(recv->type_expr, &pointer);
  const char *type = base->kind == EXPR_IDENT ? base->u.ident.name : "?";
  return pointer ? format("%s.(*%s).%s", ck.pkg->path, type, obj->name)
                 : format("%s.%s.%s", ck.pkg->path, type, obj->name);
}

static void check_special_func(DeclInfo *info, Func *func) {
  bool init = !info->decl->u.func.recv && info->obj->name == intern_cstr("init");
  bool entry =
      !info->decl->u.func.recv && info->obj->name == intern_cstr("main") && ck.pkg->name == intern_cstr("main");
  if (!init && !entry) return;
  if (func->sig->u.func.params.n || func->sig->u.func.results.n)
    error_at(info->obj->pos, "func %s must have no arguments and no return values", info->obj->name);
  if (init) {
    func->symbol = format("%s.init.%d", ck.pkg->path, ck.pkg->init_funcs.n);
    list_push(&ck.pkg->init_funcs, func);
    if (!func->body) error_at(info->obj->pos, "func init must have a body");
  }
}

/* A function without a body is one of the runtime's, in whose table a package is one word: runtime_debug.F. */
static const char *func_symbol(const Decl *decl, Object *obj) {
  if (decl->u.func.recv) return method_symbol(obj, decl->u.func.recv);
  char *symbol = format("%s.%s", ck.pkg->path, obj->name);
  for (char *p = symbol; !decl->u.func.body && !decl->u.func.pragmas.c && ck.pkg->stdlib && *p; p++)
    if (*p == '/') *p = '_';
  return symbol;
}

void check_func_decl(DeclInfo *info) {
  Decl *decl = info->decl;
  Object *obj = info->obj;
  Scope *scope = scope_new(info->scope);
  Func *func = new_func(decl->pos, decl->end, decl->u.func.body, NULL);
  func->obj = obj;
  func->decl = decl;
  func->nopreempt = decl->u.func.pragmas.nopreempt;
  func->symbol = func_symbol(decl, obj);
  obj->func = func;
  decl->u.func.func = func;
  if (decl->u.func.recv) check_receiver(func, decl->u.func.recv, obj, scope);
  func->sig = obj->type = check_signature(decl->u.func.type_expr, scope, func);
  check_special_func(info, func);
  if (!is_blank(obj->name)) list_push(&ck.pkg->funcs, func);
  if (decl->u.func.pragmas.c) check_c_directive(func);
  if (func->body) list_push(&ck.bodies, ((Body){func, scope, info, NULL}));
  else if (decl->u.func.pragmas.c) return;
  else if (!ck.pkg->stdlib && !ck.pkg->nasm) error_at(obj->pos, "missing function body");
}

/* ---- function literals: inside functions checked where they stand, so that what they use of the variables around is
 * known there; at package level with the bodies of functions, since they may use what is being declared */

static const char *literal_symbol(Func *outer) {
  if (!outer) return format("%s.init.func%d", ck.pkg->path, ++ck.glob_literals);
  return format(outer->obj ? "%s.func%d" : "%s.%d", outer->symbol, ++outer->nlits);
}

static bool in_blank_function(Func *f) {
  while (f && f->outer) f = f->outer;
  return f && f->obj && is_blank(f->obj->name);
}

static void check_inner_literal(Func *func, Scope *scope) {
  int calls = ck.calls;
  Const *iota = ck.iota;
  Context saved = enter_context(scope, func, ck.info);
  ck.iota = iota;
  check_func_body(func, scope);
  leave_context(&saved);
  ck.calls = calls;
}

void check_funclit(Expr *e) {
  Func *func = new_func(e->pos, e->end, e->u.funclit.body, ck.func);
  Scope *scope = scope_new(ck.scope);
  e->u.funclit.func = func;
  func->symbol = literal_symbol(ck.func);
  func->sig = check_signature(e->u.funclit.type_expr, scope, func);
  if (ck.func) list_push(&ck.func->literals, func);
  if (!in_blank_function(ck.func)) list_push(&ck.pkg->funcs, func);
  if (ck.func) check_inner_literal(func, scope);
  else list_push(&ck.bodies, ((Body){func, scope, ck.info, ck.iota}));
  set_value(e, MODE_VALUE, func->sig);
}

/* ---- local declarations */

static void check_local_const(Decl *decl) {
  ExprList *names = &decl->u.constant.names;
  ObjectList objs = {0};
  check_decl_counts(decl);
  for (int i = 0; i < names->n; i++) {
    Object *obj = new_object(OBJ_CONST, names->v[i]->u.ident.name, names->v[i]->pos, NULL);
    obj->decl = decl;
    check_const(decl, i, obj);
    names->v[i]->obj = obj;
    list_push(&objs, obj);
  }
  for (int i = 0; i < objs.n; i++) declare(ck.scope, objs.v[i]);
  decl->u.constant.objs = objs;
}

static void check_local_type(Decl *decl) {
  Object *obj = new_object(OBJ_TYPE, decl->u.type.name, decl->u.type.name_pos, NULL);
  DeclInfo *info = new_info(obj, decl, 0, ck.scope);
  obj->func = ck.func;
  decl->u.type.obj = obj;
  if (!decl->u.type.alias) {
    obj->type = type_new(T_NAMED);
    obj->type->u.named.obj = obj;
    obj->local = ++ck.local_types;
  }
  declare(ck.scope, obj);
  info->state = RESOLVE_ACTIVE;
  info->path_index = ck.active.n;
  list_push(&ck.active, info);
  check_type_decl(decl, obj);
  ck.active.n--;
  info->state = RESOLVE_DONE;
}

/* Values pair off with variables, as far as there are any; one for several must be a call. */
static void init_local_vars(Decl *decl, const ObjectList *vars) {
  const ExprList *values = &decl->u.var.values;
  if (values->n == 1 && vars->n > 1) {
    init_vars(vars, values, "assignment");
    return;
  }
  for (int i = 0; i < values->n; i++) {
    if (i >= vars->n) use_expr(values->v[i]);
    else {
      check_expr(values->v[i]);
      init_var(vars->v[i], values->v[i], "variable declaration");
    }
  }
  check_decl_counts(decl);
}

static void check_local_var(Decl *decl) {
  ExprList *names = &decl->u.var.names;
  Type *t = decl->u.var.type_expr ? check_type(decl->u.var.type_expr) : NULL;
  ObjectList vars = {0};
  for (int i = 0; i < names->n; i++) {
    Expr *name = names->v[i];
    Object *obj = new_local_var(name->u.ident.name, name->pos, t);
    obj->decl = decl;
    list_push(&vars, obj);
  }
  init_local_vars(decl, &vars);
  for (int i = 0; i < vars.n; i++) {
    if (!vars.v[i]->type) vars.v[i]->type = type_basic(T_INVALID);
    declare(ck.scope, vars.v[i]);
    bool blank = is_blank(vars.v[i]->name);
    if (!blank) {
      names->v[i]->obj = vars.v[i];
      set_value(names->v[i], MODE_VAR, vars.v[i]->type);
    }
    list_push(&decl->u.var.objs, blank ? NULL : vars.v[i]);
  }
}

void check_local_decl(Decl *decl) {
  switch (decl->kind) {
  case DECL_CONST: check_local_const(decl); break;
  case DECL_TYPE: check_local_type(decl); break;
  case DECL_VAR: check_local_var(decl); break;
  default: break; /* the parser allows nothing else here */
  }
}
