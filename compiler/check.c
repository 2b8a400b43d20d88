/* check.c: the checker's pass over a package: collect, resolve, check bodies, order initialisation, refuse what is
 * unused.
 *
 * Needs parsed files and checked imports; fills the fields marked (checker) in ast.h and types.h. Objects are resolved
 * on demand, depth first; the stack of those under way (ck.active) is what a cycle is reported from. Function bodies
 * come last, when every package-level object has its type.
 *
 * Rejected: two passes over expressions, one for types of variables and one for the rest. Every expression is visited
 * once.
 */
#include <string.h>

#include "check.h"

Checker ck;

/* ---- contexts */

Context enter_context(Scope *scope, Func *func, DeclInfo *info) {
  Context saved = {ck.scope,      ck.func,        ck.info,  ck.iota,         ck.iota_pos,
                   ck.type_depth, ck.length_from, ck.later, ck.running_later};
  ck.scope = scope;
  ck.func = func;
  ck.info = info;
  ck.iota = NULL;
  ck.iota_pos = 0;
  ck.type_depth = 0;
  ck.length_from = 0;
  ck.later = (LaterList){0};
  ck.running_later = false;
  return saved;
}

void leave_context(const Context *saved) {
  ck.scope = saved->scope;
  ck.func = saved->func;
  ck.info = saved->info;
  ck.iota = saved->iota;
  ck.iota_pos = saved->iota_pos;
  ck.type_depth = saved->type_depth;
  ck.length_from = saved->length_from;
  ck.later = saved->later;
  ck.running_later = saved->running_later;
}

void later(void (*run)(void *what, Pos pos), void *what, Pos pos) { list_push(&ck.later, ((Later){run, what, pos})); }

void type_begin(void) { ck.type_depth++; }

void type_end(void) {
  if (--ck.type_depth > 0 || ck.running_later) return;
  ck.running_later = true;
  for (int i = 0; i < ck.later.n; i++) ck.later.v[i].run(ck.later.v[i].what, ck.later.v[i].pos); /* may add more */
  ck.later.n = 0;
  ck.running_later = false;
}

/* ---- scopes */

Scope *open_scope(void) { return ck.scope = scope_new(ck.scope); }

void report_unused(Scope *scope) {
  for (int i = 0; i < scope->objs.n; i++) {
    Object *obj = scope->objs.v[i];
    if (obj->kind == OBJ_VAR && !obj->used && !obj->global) error_at(obj->pos, "declared and not used: %s", obj->name);
  }
}

void close_scope(void) {
  report_unused(ck.scope);
  ck.scope = ck.scope->parent;
}

/* ---- resolving */

void note_use(Object *obj) {
  if (!ck.info || !obj->info || obj->pkg != ck.pkg || obj->info->used_mark == ck.info->number) return;
  if (obj->kind != OBJ_FUNC && !(obj->kind == OBJ_VAR && obj->global)) return;
  obj->info->used_mark = ck.info->number;
  list_push(&ck.info->uses, obj);
}

static bool only_values(int from) {
  for (int i = from; i < ck.active.n; i++)
    if (ck.active.v[i]->obj->kind != OBJ_CONST && ck.active.v[i]->obj->kind != OBJ_VAR) return false;
  return true;
}

void report_cycle(Object *obj) {
  int from = obj->info->path_index, n = ck.active.n - from, first = 0;
  for (int i = 0; i < n; i++)
    if (ck.active.v[from + i]->obj->pos < ck.active.v[from + first]->obj->pos) first = i;
  Object *start = ck.active.v[from + first]->obj;
  const char *what = only_values(from)         ? "initialization cycle"
                     : start->kind == OBJ_TYPE ? "invalid recursive type"
                                               : "invalid cycle in declaration";
  Pos saved = ck.iota_pos;
  ck.iota_pos = 0;
  if (n <= 1) error_at(start->pos, "%s: %s refers to itself", what, start->name);
  else {
    error_at(start->pos,
             start->kind == OBJ_TYPE ? "%s %s"
             : only_values(from)     ? "%s for %s"
                                     : "%s of %s",
             what, start->name);
    for (int i = 0; i < n; i++) {
      Object *one = ck.active.v[from + (first + i) % n]->obj, *next = ck.active.v[from + (first + i + 1) % n]->obj;
      note_at(one->pos, "%s refers to %s", one->name, next->name);
    }
  }
  ck.iota_pos = saved;
}

/* An alias may be met again on the way only through a type that has a name. */
static bool only_aliases(int from) {
  for (int i = from; i < ck.active.n; i++) {
    Object *obj = ck.active.v[i]->obj;
    if (obj->kind != OBJ_TYPE || !obj->decl->u.type.alias) return false;
  }
  return true;
}

static void resolve_active(Object *obj) {
  if (obj->kind == OBJ_TYPE && obj->decl->u.type.alias && only_aliases(obj->info->path_index)) obj->type = NULL;
  bool in_length = ck.length_from && obj->info->path_index < ck.length_from - 1 + (obj->kind == OBJ_TYPE);
  if (obj->type && !(obj->kind == OBJ_TYPE && in_length)) return;
  report_cycle(obj);
  if (obj->kind != OBJ_TYPE || !obj->type) obj->type = type_basic(T_INVALID);
}

static void resolve_new(DeclInfo *info) {
  switch (info->obj->kind) {
  case OBJ_CONST: check_const(info->decl, info->index, info->obj); break;
  case OBJ_TYPE: check_type_decl(info->decl, info->obj); break;
  case OBJ_VAR: check_global_var(info); break;
  case OBJ_FUNC: check_func_decl(info); break;
  default: unreachable_case("object kind %d has a declaration", info->obj->kind);
  }
}

/* Types stay in the batch of types under way, whose completion they may need; everything else starts afresh. */
void resolve_object(Object *obj) {
  DeclInfo *info = obj->info;
  if (info->state == RESOLVE_DONE) return;
  if (info->state == RESOLVE_ACTIVE) {
    resolve_active(obj);
    return;
  }
  info->state = RESOLVE_ACTIVE;
  info->path_index = ck.active.n;
  list_push(&ck.active, info);
  int depth = ck.type_depth, length_from = ck.length_from;
  LaterList pending = ck.later;
  bool running = ck.running_later;
  Context saved = enter_context(info->scope, NULL, info);
  if (obj->kind != OBJ_FUNC) ck.length_from = length_from;
  if (obj->kind == OBJ_TYPE) {
    ck.type_depth = depth;
    ck.later = pending;
    ck.running_later = running;
  }
  resolve_new(info);
  if (obj->kind == OBJ_TYPE) saved.later = ck.later;
  leave_context(&saved);
  ck.active.n--;
  info->state = RESOLVE_DONE;
}

/* ---- collecting: imports */

static const char *last_element(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void import_names(Scope *file, Object *obj) {
  ObjectList *objs = &obj->imported->scope->objs;
  for (int i = 0; i < objs->n; i++) {
    if (!name_is_exported(objs->v[i]->name)) continue;
    if (scope_insert(file, objs->v[i])) error_at(obj->pos, "%s redeclared in this block", objs->v[i]->name);
  }
}

static void report_unused_import(const Object *obj) {
  const char *path = obj->decl->u.import.path;
  if (obj->used) return;
  if (strcmp(obj->name, last_element(path)) == 0 || obj->name[0] == '.')
    error_at(obj->pos, "\"%s\" imported and not used", path);
  else error_at(obj->pos, "\"%s\" imported as %s and not used", path, obj->name);
}

static void collect_import(Decl *decl, Scope *file) {
  Package *imported = decl->u.import.pkg;
  const char *name = decl->u.import.name;
  if (!name) name = intern_cstr(imported && imported->name ? imported->name : last_element(decl->u.import.path));
  if (is_blank(name)) return;
  Pos pos = decl->u.import.name ? decl->u.import.name_pos : decl->u.import.path_pos;
  if (name == intern_cstr("init")) {
    error_at(pos, "cannot import package as init - init must be a func");
    return;
  }
  Object *obj = new_object(OBJ_PACKAGE, name, pos, NULL);
  obj->imported = imported;
  obj->decl = decl;
  if (!imported) obj->used = true; /* its absence is reported already */
  if (strcmp(name, ".") == 0) {
    if (imported && imported->scope) import_names(file, obj);
    list_push(&file->objs, obj); /* found by the search for unused imports only */
    return;
  }
  if (scope_lookup(file, name)) report_unused_import(obj); /* and redeclared */
  declare(file, obj);
}

static void report_unused_imports(Scope *file) {
  for (int i = 0; i < file->objs.n; i++)
    if (file->objs.v[i]->kind == OBJ_PACKAGE) report_unused_import(file->objs.v[i]);
}

/* ---- collecting: declarations */

typedef struct PendingMethod { Object *obj; Decl *decl; Scope *file; } PendingMethod;
DEFINE_LIST(PendingList, PendingMethod);
static PendingList methods;

static bool reserved_for_func(const char *name, Pos pos) {
  bool init = name == intern_cstr("init"), entry = name == intern_cstr("main") && ck.pkg->name == intern_cstr("main");
  if (init || entry) error_at(pos, "cannot declare %s - must be func", name);
  return init || entry;
}

static Object *collect_object(ObjKind kind, const char *name, Pos pos, Decl *decl, int index, Scope *file) {
  Object *obj = new_object(kind, name, pos, NULL);
  new_info(obj, decl, index, file);
  obj->global = kind == OBJ_VAR;
  if (kind == OBJ_FUNC || !reserved_for_func(name, pos)) declare(ck.pkg->scope, obj);
  return obj;
}

static void collect_values(Decl *decl, Scope *file) {
  bool constant = decl->kind == DECL_CONST;
  ExprList *names = constant ? &decl->u.constant.names : &decl->u.var.names;
  check_decl_counts(decl);
  for (int i = 0; i < names->n; i++) {
    Expr *name = names->v[i];
    Object *obj = collect_object(constant ? OBJ_CONST : OBJ_VAR, name->u.ident.name, name->pos, decl, i, file);
    bool blank = is_blank(obj->name);
    if (!blank) name->obj = obj;
    if (constant) list_push(&decl->u.constant.objs, obj);
    else list_push(&decl->u.var.objs, blank ? NULL : obj);
    if (!constant && !blank) list_push(&ck.pkg->globals, obj);
  }
}

static void collect_type(Decl *decl, Scope *file) {
  Object *obj = collect_object(OBJ_TYPE, decl->u.type.name, decl->u.type.name_pos, decl, 0, file);
  decl->u.type.obj = obj;
  if (decl->u.type.alias) return;
  obj->type = type_new(T_NAMED);
  obj->type->u.named.obj = obj;
}

static void collect_func(Decl *decl, Scope *file) {
  const char *name = decl->u.func.name;
  Object *obj = new_object(OBJ_FUNC, name, decl->u.func.name_pos, NULL);
  new_info(obj, decl, 0, file);
  if (decl->u.func.recv) list_push(&methods, ((PendingMethod){obj, decl, file}));
  else if (name != intern_cstr("init")) declare(ck.pkg->scope, obj);
}

static void collect_decl(Decl *decl, Scope *file) {
  switch (decl->kind) {
  case DECL_IMPORT: collect_import(decl, file); break;
  case DECL_CONST: case DECL_VAR: collect_values(decl, file); break;
  case DECL_TYPE: collect_type(decl, file); break;
  case DECL_FUNC: collect_func(decl, file); break;
  case DECL_BAD: break;
  }
}

/* ---- methods find their types before anything is resolved, by name: aliases are followed */

static Object *base_type(Expr *e, bool *pointer) {
  e = expr_unparen(e);
  if (e->kind == EXPR_STAR) {
    *pointer = true;
    e = expr_unparen(e->u.star.x);
  }
  for (int steps = 0; e->kind == EXPR_IDENT && steps < 1000; steps++) {
    Object *obj = scope_lookup(ck.pkg->scope, e->u.ident.name);
    if (!obj || obj->kind != OBJ_TYPE) return NULL;
    if (!obj->decl->u.type.alias) return obj;
    e = expr_unparen(obj->decl->u.type.type_expr);
    if (e->kind == EXPR_STAR && !*pointer) {
      *pointer = true;
      e = expr_unparen(e->u.star.x);
    }
  }
  return NULL;
}

static void attach_method(PendingMethod *m) {
  bool pointer = false;
  Object *base = base_type(m->decl->u.func.recv->type_expr, &pointer);
  if (!base) return; /* check_receiver() says why */
  m->obj->recv_type = pointer ? type_new_pointer(base->type) : base->type;
  if (is_blank(m->obj->name)) return;
  ObjectList *list = &base->type->u.named.methods;
  for (int i = 0; i < list->n; i++) {
    if (list->v[i]->name != m->obj->name) continue;
    Place old = pos_place(list->v[i]->pos);
    error_at(m->obj->pos, "method %s.%s already declared at %s:%d:%d", base->name, m->obj->name, old.path, old.line,
             old.col);
    return;
  }
  list_push(list, m->obj);
}

/* ---- bodies */

static void missing_return(Func *func) {
  if (func->sig->u.func.results.n == 0 || stmt_terminates(func->body)) return;
  error_at(func->body->u.block.rbrace, "missing return");
}

/* The body's block is the parameters' block. */
void check_func_body(Func *func, Scope *scope) {
  check_stmts(&func->body->u.block.list);
  missing_return(func);
  report_unused(scope);
}

static void check_bodies(void) {
  for (int i = 0; i < ck.bodies.n; i++) {
    Body b = ck.bodies.v[i];
    Context saved = enter_context(b.scope, b.func, b.info);
    ck.iota = b.iota;
    check_func_body(b.func, b.scope);
    leave_context(&saved);
  }
}

/* ---- the pass */

static void collect_file(File *file, Scope *scope) {
  for (int i = 0; i < file->decls.n; i++) collect_decl(file->decls.v[i], scope);
}

static void report_import_clash(Object *obj, Object *other) {
  if (obj->kind == OBJ_PACKAGE)
    error_at(other->pos, "%s already declared through import of package %s (\"%s\")", obj->name,
             obj->imported && obj->imported->name ? obj->imported->name : obj->name, obj->decl->u.import.path);
  else
    error_at(other->pos, "%s already declared through dot-import of package %s (\"%s\")", obj->name, obj->pkg->name,
             obj->pkg->path);
  note_at(obj->pos, "other declaration of %s", obj->name);
}

/* What an import declares, its name or by a dot the package's, may not be declared by this package too. */
static void check_import_clashes(Scope *file) {
  for (int i = 0; i < file->objs.n; i++) {
    Object *obj = file->objs.v[i], *other = scope_lookup(ck.pkg->scope, obj->name);
    if (other) report_import_clash(obj, other);
  }
}

static void check_main(void) {
  if (ck.pkg->name != intern_cstr("main")) return;
  Object *obj = scope_lookup(ck.pkg->scope, intern_cstr("main"));
  if ((!obj || obj->kind != OBJ_FUNC) && ck.pkg->files.n > 0 && diag_errors() == 0)
    error_at(ck.pkg->files.v[0]->package_pos, "function main is undeclared in the main package");
}

static void check_package_name(const Package *pkg) {
  for (int i = 0; i < pkg->files.n; i++) {
    const File *file = pkg->files.v[i];
    if (file->package_name && is_blank(file->package_name)) error_at(file->package_pos, "invalid package name _");
  }
}

void check_package(Package *pkg) {
  universe_init();
  ck = (Checker){.pkg = pkg};
  methods = (PendingList){0};
  check_package_name(pkg);
  pkg->scope = scope_new(universe);
  Scope **files = arena_alloc((size_t)(pkg->files.n + 1) * sizeof *files);
  for (int i = 0; i < pkg->files.n; i++) {
    files[i] = scope_new(pkg->scope);
    collect_file(pkg->files.v[i], files[i]);
  }
  for (int i = 0; i < pkg->files.n; i++) check_import_clashes(files[i]);
  for (int i = 0; i < methods.n; i++) attach_method(&methods.v[i]);
  int ninfos = ck.infos.n; /* local types add more */
  for (int i = 0; i < ninfos; i++) resolve_object(ck.infos.v[i]->obj);
  check_c_types();
  check_bodies();
  for (int i = 0; i < pkg->files.n; i++) report_unused_imports(files[i]);
  order_initialisation();
  check_main();
  if (diag_errors() == 0) check_notyet(pkg);
  pkg->checked = true;
}
