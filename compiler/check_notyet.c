/* check_notyet.c: the last pass: what the checker accepts and code generation does not compile yet.
 *
 * A walk over the checked tree with three tables of what to refuse. A feature that code generation gains loses its line
 * here, and nothing else changes. Runs only on programs without errors.
 */
#include "check.h"

static const struct { ExprKind kind; const char *what; } refused_exprs[] = {
  {EXPR_IMAG, "complex numbers"},
};

static const struct { Builtin builtin; const char *what; } refused_builtins[] = {
  {BUILTIN_COMPLEX, "complex numbers"},
  {BUILTIN_REAL, "complex numbers"},
  {BUILTIN_IMAG, "complex numbers"},
};

/* By name: every other type of the kind has it in its declaration. */
static const struct { TypeKind kind; const char *what; } refused_types[] = {
  {T_COMPLEX64, "complex numbers"},
  {T_COMPLEX128, "complex numbers"},
};

static const struct { TypeKind kind; const char *what; } refused_ranges[] = {
  {T_FUNC, "range over functions"},
};

#define COUNT(TABLE) ((int)(sizeof(TABLE) / sizeof *(TABLE)))

static void walk_expr(Expr *e);
static void walk_stmt(Stmt *s);

static void walk_exprs(const ExprList *list) {
  for (int i = 0; i < list->n; i++) walk_expr(list->v[i]);
}

static void walk_stmts(const StmtList *list) {
  for (int i = 0; i < list->n; i++) walk_stmt(list->v[i]);
}

static void walk_fields(const FieldList *fields) {
  for (int i = 0; i < fields->n; i++) walk_expr(fields->v[i]->type_expr);
}

/* ---- calls */

static void refuse_builtin(Expr *e) {
  for (int i = 0; i < COUNT(refused_builtins); i++)
    if (refused_builtins[i].builtin == e->u.call.builtin) not_yet(expr_start(e), refused_builtins[i].what);
}

static void walk_call(Expr *e) {
  if (e->u.call.call == CALL_BUILTIN) refuse_builtin(e);
  walk_expr(e->u.call.fun);
  walk_exprs(&e->u.call.args);
}

/* ---- expressions */

static void walk_operands(Expr *e) {
  switch (e->kind) {
  case EXPR_COMPOSITE:
    walk_expr(e->u.composite.type_expr);
    walk_exprs(&e->u.composite.elems);
    break;
  case EXPR_FUNC:
    walk_expr(e->u.funclit.type_expr);
    walk_stmt(e->u.funclit.body);
    break;
  case EXPR_PAREN: walk_expr(e->u.paren.x); break;
  case EXPR_SELECTOR: walk_expr(e->u.selector.x); break;
  case EXPR_INDEX:
    walk_expr(e->u.index.x);
    walk_expr(e->u.index.index);
    break;
  case EXPR_SLICE:
    walk_expr(e->u.slice.x);
    walk_expr(e->u.slice.lo);
    walk_expr(e->u.slice.hi);
    walk_expr(e->u.slice.max);
    break;
  case EXPR_TYPEASSERT:
    walk_expr(e->u.typeassert.x);
    walk_expr(e->u.typeassert.type_expr);
    break;
  case EXPR_CALL: walk_call(e); break;
  case EXPR_STAR: walk_expr(e->u.star.x); break;
  case EXPR_UNARY: walk_expr(e->u.unary.x); break;
  case EXPR_BINARY:
    walk_expr(e->u.binary.x);
    walk_expr(e->u.binary.y);
    break;
  case EXPR_KEYVALUE:
    walk_expr(e->u.keyvalue.key);
    walk_expr(e->u.keyvalue.value);
    break;
  case EXPR_ARRAYTYPE: walk_expr(e->u.arraytype.elem); break;
  case EXPR_STRUCTTYPE: walk_fields(&e->u.structtype.fields); break;
  case EXPR_FUNCTYPE:
    walk_fields(&e->u.functype.params);
    walk_fields(&e->u.functype.results);
    break;
  case EXPR_INTERFACETYPE: walk_fields(&e->u.interfacetype.methods); break;
  case EXPR_MAPTYPE:
    walk_expr(e->u.maptype.key);
    walk_expr(e->u.maptype.value);
    break;
  case EXPR_CHANTYPE: walk_expr(e->u.chantype.elem); break;
  case EXPR_ELLIPSIS: walk_expr(e->u.ellipsis.x); break;
  default: break;
  }
}

static void refuse_type_name(Expr *e) {
  if (e->kind != EXPR_IDENT || e->mode != MODE_TYPE) return;
  for (int i = 0; i < COUNT(refused_types); i++)
    if (refused_types[i].kind == e->type->kind) not_yet(e->pos, refused_types[i].what);
}

static void walk_expr(Expr *e) {
  if (!e) return;
  refuse_type_name(e);
  for (int i = 0; i < COUNT(refused_exprs); i++)
    if (refused_exprs[i].kind == e->kind) not_yet(expr_start(e), refused_exprs[i].what);
  walk_operands(e);
}

/* ---- statements */

static void walk_clauses(const ClauseList *clauses) {
  for (int i = 0; i < clauses->n; i++) {
    walk_exprs(&clauses->v[i]->exprs);
    walk_stmt(clauses->v[i]->comm);
    walk_stmts(&clauses->v[i]->body);
  }
}

static void walk_range(Stmt *s) {
  TypeKind kind = type_under(s->u.range.x->type)->kind;
  for (int i = 0; i < COUNT(refused_ranges); i++)
    if (refused_ranges[i].kind == kind) not_yet(s->pos, refused_ranges[i].what);
  walk_expr(s->u.range.key);
  walk_expr(s->u.range.value);
  walk_expr(s->u.range.x);
  walk_stmt(s->u.range.body);
}

static void walk_decl(Decl *d) {
  switch (d->kind) {
  case DECL_CONST:
    walk_expr(d->u.constant.type_expr);
    walk_exprs(&d->u.constant.values);
    break;
  case DECL_TYPE: walk_expr(d->u.type.type_expr); break;
  case DECL_VAR:
    walk_expr(d->u.var.type_expr);
    walk_exprs(&d->u.var.values);
    break;
  case DECL_FUNC:
    if (d->u.func.recv) walk_expr(d->u.func.recv->type_expr);
    walk_expr(d->u.func.type_expr);
    walk_stmt(d->u.func.body);
    break;
  default: break;
  }
}

static void walk_stmt(Stmt *s) {
  if (!s) return;
  switch (s->kind) {
  case STMT_EXPR: case STMT_GO: case STMT_DEFER: walk_expr(s->u.expr.x); break;
  case STMT_SEND:
    walk_expr(s->u.send.chan);
    walk_expr(s->u.send.value);
    break;
  case STMT_INCDEC: walk_expr(s->u.incdec.x); break;
  case STMT_ASSIGN:
    walk_exprs(&s->u.assign.lhs);
    walk_exprs(&s->u.assign.rhs);
    break;
  case STMT_RETURN: walk_exprs(&s->u.ret.results); break;
  case STMT_BLOCK: walk_stmts(&s->u.block.list); break;
  case STMT_IF:
    walk_stmt(s->u.ifs.init);
    walk_expr(s->u.ifs.cond);
    walk_stmt(s->u.ifs.then);
    walk_stmt(s->u.ifs.els);
    break;
  case STMT_SWITCH:
    walk_stmt(s->u.switchs.init);
    walk_expr(s->u.switchs.tag);
    walk_clauses(&s->u.switchs.clauses);
    break;
  case STMT_TYPESWITCH:
    walk_stmt(s->u.typeswitch.init);
    walk_expr(s->u.typeswitch.x);
    walk_clauses(&s->u.typeswitch.clauses);
    break;
  case STMT_SELECT: walk_clauses(&s->u.select.clauses); break;
  case STMT_FOR:
    walk_stmt(s->u.fors.init);
    walk_expr(s->u.fors.cond);
    walk_stmt(s->u.fors.post);
    walk_stmt(s->u.fors.body);
    break;
  case STMT_RANGE: walk_range(s); break;
  case STMT_LABELED: walk_stmt(s->u.labeled.stmt); break;
  case STMT_DECL: walk_decl(s->u.decl.decl); break;
  default: break;
  }
}

void check_notyet(Package *pkg) {
  for (int i = 0; i < pkg->files.n; i++)
    for (int j = 0; j < pkg->files.v[i]->decls.n; j++) walk_decl(pkg->files.v[i]->decls.v[j]);
}
