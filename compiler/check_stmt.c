/* check_stmt.c: statements. Jumps and labels have been settled by the parser (branch.c). */
#include <string.h>

#include "check.h"

void check_stmts(const StmtList *list) {
  for (int i = 0; i < list->n; i++) check_stmt(list->v[i]);
}

/* ---- definitions: a, b := … */

static void use_old(Expr *name, Object *obj) {
  name->obj = obj;
  if (obj->kind != OBJ_VAR) {
    error_at(name->pos, "cannot assign to %s", name->u.ident.name);
    invalidate(name);
    return;
  }
  obj->reassigned = true;
  if (obj->type) set_value(name, MODE_VAR, obj->type);
}

static bool repeated(const ExprList *names, int i) {
  for (int j = 0; j < i; j++)
    if (names->v[j]->kind == EXPR_IDENT && names->v[j]->u.ident.name == names->v[i]->u.ident.name) return true;
  return false;
}

static Object *defined_var(const ExprList *names, int i, bool *bad) {
  Expr *name = names->v[i];
  if (name->kind != EXPR_IDENT) {
    error_at(expr_start(name), "non-name %s on left side of :=", expr_text(name));
    use_lhs(name);
    *bad = true;
    return NULL;
  }
  if (is_blank(name->u.ident.name)) return NULL;
  if (repeated(names, i)) {
    error_at(name->pos, "%s repeated on left side of :=", name->u.ident.name);
    *bad = true;
    return NULL;
  }
  Object *old = scope_lookup(ck.scope, name->u.ident.name);
  if (old) {
    use_old(name, old);
    *bad = *bad || old->kind != OBJ_VAR;
    return NULL;
  }
  Object *obj = new_local_var(name->u.ident.name, name->pos, NULL);
  name->obj = obj;
  return obj;
}

static void declare_defined(Stmt *s) {
  for (int i = 0; i < s->u.assign.defined.n; i++) {
    Object *obj = s->u.assign.defined.v[i];
    if (!obj) continue;
    if (!obj->type) obj->type = type_basic(T_INVALID);
    set_value(s->u.assign.lhs.v[i], MODE_VAR, obj->type);
    declare(ck.scope, obj);
  }
}

static void assign_defined(Stmt *s, int i, Expr *x) {
  Object *obj = s->u.assign.defined.v[i];
  Expr *name = s->u.assign.lhs.v[i];
  if (obj) init_var(obj, x, "assignment");
  else if (x->mode != MODE_INVALID && name->kind == EXPR_IDENT && name->mode != MODE_INVALID)
    assign_to(x, name->type, "assignment");
  else if (x->mode != MODE_INVALID) assign_to(x, NULL, "assignment");
}

static void check_define(Stmt *s) {
  const ExprList *names = &s->u.assign.lhs;
  bool fresh = false, bad = false, ok;
  for (int i = 0; i < names->n; i++) {
    Object *obj = defined_var(names, i, &bad);
    list_push(&s->u.assign.defined, obj);
    fresh = fresh || obj;
  }
  ExprList values = check_assigned(names->n, &s->u.assign.rhs, NULL, &ok);
  for (int i = 0; ok && i < names->n; i++) assign_defined(s, i, values.v[i]);
  if (!fresh && !bad) error_at(s->pos, "no new variables on left side of :=");
  declare_defined(s);
}

/* ---- simple statements */

static void check_expr_stmt(Expr *x) {
  check_any(x);
  const char *fault = NULL;
  if (x->mode == MODE_BUILTIN) fault = "must be called";
  else if (x->mode == MODE_TYPE) fault = "is not an expression";
  else if (x->mode != MODE_INVALID && !is_statement_expr(x)) fault = "is not used";
  if (fault) error_at(expr_start(x), "%s %s", operand_text(x), fault);
}

static void check_send(Stmt *s) {
  Expr *ch = s->u.send.chan, *value = s->u.send.value;
  check_expr(ch);
  check_expr(value);
  if (ch->mode == MODE_INVALID || value->mode == MODE_INVALID) return;
  default_type(ch);
  Type *u = type_under(ch->type);
  const char *why = u->kind != T_CHAN ? "non-channel" : u->u.chan.dir == CHAN_RECV ? "receive-only channel" : NULL;
  if (why)
    error_at(expr_start(ch), "invalid operation: cannot send to %s %s %s", why, type_text(ch->type), operand_text(ch));
  else assign_to(value, u->u.chan.elem, "send");
}

static void check_incdec(Stmt *s) {
  Expr *x = s->u.incdec.x;
  check_expr(x);
  if (x->mode == MODE_INVALID) return;
  const char *op = op_text(s->u.incdec.op);
  if (!type_is_numeric(x->type))
    error_at(expr_start(x), "invalid operation: %s%s%s (non-numeric type %s)", expr_text(x), op, op,
             type_text(x->type));
  else if (check_assignable(x)) mark_reassigned(x);
}

static void check_go_defer(Stmt *s) {
  Expr *x = s->u.expr.x;
  const char *keyword = s->kind == STMT_GO ? "go" : "defer";
  if (s->kind == STMT_DEFER) ck.func->has_defer = true;
  check_any(x);
  if (expr_unparen(x)->kind != EXPR_CALL) error_at(expr_start(x), "expression in %s must be function call", keyword);
  else if (x->mode == MODE_INVALID) return;
  else if (is_conversion_expr(x))
    error_at(expr_start(x), "%s requires function call, not conversion %s", keyword, operand_text(x));
  else if (!is_statement_expr(x)) error_at(expr_start(x), "%s discards result of %s", keyword, operand_text(x));
}

/* ---- conditions */

static void check_condition(Expr *cond, const char *statement) {
  if (!cond) return;
  check_expr(cond);
  if (cond->mode == MODE_INVALID) return;
  if (type_is_boolean(cond->type)) default_type(cond);
  else error_at(expr_start(cond), "non-boolean condition in %s statement", statement);
}

static void check_if(Stmt *s) {
  open_scope();
  if (s->u.ifs.init) check_stmt(s->u.ifs.init);
  check_condition(s->u.ifs.cond, "if");
  check_stmt(s->u.ifs.then);
  if (s->u.ifs.els) check_stmt(s->u.ifs.els);
  close_scope();
}

/* What the post statement assigns to a loop variable is the next iteration's. For closures made in the body, which
 * may copy what does not change, that is no assignment; for one made before the body is, in condition or post
 * statement, it is. */
static void check_post(Stmt *s) {
  Stmt *init = s->u.fors.init;
  bool defines = init && init->kind == STMT_ASSIGN && init->u.assign.op == OP_DEFINE;
  ObjectList vars = defines ? init->u.assign.defined : (ObjectList){0};
  bool *before = arena_alloc(sizeof(bool) * (size_t)(vars.n + 1));
  for (int i = 0; i < vars.n; i++) before[i] = vars.v[i] && vars.v[i]->reassigned;
  check_stmt(s->u.fors.post);
  for (int i = 0; i < vars.n; i++) {
    Object *var = vars.v[i];
    if (!var || before[i] || !var->reassigned || var->captured) continue;
    var->reassigned = false;
    var->stepped = true;
  }
}

static void check_for(Stmt *s) {
  open_scope();
  if (s->u.fors.init) check_stmt(s->u.fors.init);
  check_condition(s->u.fors.cond, "for");
  if (s->u.fors.post) check_post(s);
  check_stmt(s->u.fors.body);
  close_scope();
}

/* ---- switch */

static void check_defaults(const ClauseList *clauses) {
  const Clause *first = NULL;
  for (int i = 0; i < clauses->n; i++) {
    if (!clauses->v[i]->is_default) continue;
    if (first) {
      Place p = pos_place(first->pos);
      error_at(clauses->v[i]->pos, "multiple defaults (first at %s:%d:%d)", p.path, p.line, p.col);
    } else first = clauses->v[i];
  }
}

static void check_duplicate_case(Expr *x, ConstSet *seen) {
  if (x->mode != MODE_CONST || const_kind(x->cval) == CONST_BOOL) return;
  Expr *old = const_set_add(seen, x->cval, x->type, x);
  if (!old) return;
  error_at(expr_start(x), "duplicate case %s in expression switch", operand_text(x));
  note_at(expr_start(old), "previous case");
}

static void check_case(Expr *x, Expr *tag, ConstSet *seen) {
  check_expr(x);
  if (x->mode == MODE_INVALID || tag->mode == MODE_INVALID) return;
  if (!convert_untyped(x, tag->type) && type_is_untyped(x->type)) return;
  if (x->mode == MODE_INVALID) return;
  Expr probe = *tag; /* compared with many; its own node stays as it is */
  Expr *result = NEW(Expr);
  check_comparison(result, x, &probe, OP_EQ, true);
  if (result->mode != MODE_INVALID) check_duplicate_case(x, seen);
}

static Expr *switch_tag(Stmt *s) {
  Expr *tag = s->u.switchs.tag;
  if (!tag) {
    tag = NEW(Expr);
    tag->kind = EXPR_IDENT;
    tag->pos = s->pos;
    tag->u.ident.name = intern_cstr("true");
    set_const(tag, type_basic(T_BOOL), const_from_bool(true));
    return tag;
  }
  check_expr(tag);
  if (tag->mode == MODE_INVALID) return tag;
  assign_to(tag, NULL, "switch expression");
  if (tag->mode == MODE_INVALID || type_comparable(tag->type) || type_has_nil(tag->type)) return tag;
  error_at(expr_start(tag), "cannot switch on %s (%s is not comparable)", operand_text(tag), type_text(tag->type));
  Expr *bad = NEW(Expr);
  invalidate(bad);
  return bad;
}

static void check_switch(Stmt *s) {
  ConstSet seen = {0};
  open_scope();
  if (s->u.switchs.init) check_stmt(s->u.switchs.init);
  Expr *tag = switch_tag(s);
  check_defaults(&s->u.switchs.clauses);
  for (int i = 0; i < s->u.switchs.clauses.n; i++) {
    Clause *clause = s->u.switchs.clauses.v[i];
    for (int j = 0; j < clause->exprs.n; j++) check_case(clause->exprs.v[j], tag, &seen);
    open_scope();
    check_stmts(&clause->body);
    close_scope();
  }
  close_scope();
}

/* ---- type switch */

static void report_duplicate_type(Expr *e, const char *what, Pos old) {
  error_at(expr_start(e), "duplicate case %s in type switch", what);
  note_at(old, "previous case");
}

/* The case's type; null for nil, T_INVALID after an error. */
static Type *case_type(Expr *e, Expr *x) {
  check_any(e);
  if (e->mode == MODE_NIL) return NULL;
  if (e->mode == MODE_INVALID) return type_basic(T_INVALID);
  if (e->mode != MODE_TYPE) {
    report_not_type(e);
    invalidate(e);
    return type_basic(T_INVALID);
  }
  const char *cause;
  if (x && !type_is_interface(e->type) && !type_implements_cause(e->type, x->type, &cause))
    error_at(expr_start(e), "impossible type switch case: %s\n\t%s cannot have dynamic type %s %s", expr_text(e),
             operand_text(x), type_text(e->type), cause);
  return e->type;
}

static void check_duplicate_type(Expr *e, Type *t, ExprList *seen) {
  for (int i = 0; i < seen->n; i++) {
    Expr *old = seen->v[i];
    if (t ? old->mode == MODE_TYPE && type_identical(old->type, t) : old->mode == MODE_NIL) {
      report_duplicate_type(e, t ? type_text(t) : "nil", expr_start(old));
      return;
    }
  }
  list_push(seen, e);
}

static Type *clause_type(Clause *clause, Expr *x, ExprList *seen) {
  Type *t = NULL;
  for (int i = 0; i < clause->exprs.n; i++) {
    Expr *e = clause->exprs.v[i];
    t = case_type(e, x);
    if (!t || t->kind != T_INVALID) check_duplicate_type(e, t, seen);
  }
  return clause->exprs.n == 1 && t ? t : x ? x->type : type_basic(T_INVALID);
}

static void declare_clause_var(Stmt *s, Clause *clause, Type *t) {
  if (!s->u.typeswitch.name || is_blank(s->u.typeswitch.name)) return;
  clause->var = new_local_var(s->u.typeswitch.name, s->u.typeswitch.name_pos, t);
  declare(ck.scope, clause->var);
}

static void check_type_switch(Stmt *s) {
  ExprList seen = {0};
  bool used = false;
  Expr *x = s->u.typeswitch.x;
  open_scope();
  if (s->u.typeswitch.init) check_stmt(s->u.typeswitch.init);
  check_expr(x);
  Type *t = x->mode == MODE_INVALID ? NULL : x->type;
  if (t && !type_is_interface(t)) {
    error_at(expr_start(x), "%s is not an interface", operand_text(x));
    t = NULL;
  }
  bool named = s->u.typeswitch.name != NULL;
  if (named && is_blank(s->u.typeswitch.name)) error_at(s->u.typeswitch.name_pos, "no new variable on left side of :=");
  check_defaults(&s->u.typeswitch.clauses);
  for (int i = 0; i < s->u.typeswitch.clauses.n; i++) {
    Clause *clause = s->u.typeswitch.clauses.v[i];
    Type *var_type = clause_type(clause, t ? x : NULL, &seen);
    open_scope();
    declare_clause_var(s, clause, var_type);
    check_stmts(&clause->body);
    if (clause->var) {
      used = used || clause->var->used;
      clause->var->used = true; /* reported once for all clauses, below */
    }
    close_scope();
  }
  if (named && !is_blank(s->u.typeswitch.name) && !used)
    error_at(s->u.typeswitch.name_pos, "%s declared and not used", s->u.typeswitch.name);
  close_scope();
}

/* ---- select */

static bool is_receive(Expr *x) {
  x = expr_unparen(x);
  return x->kind == EXPR_UNARY && x->u.unary.op == OP_RECV;
}

static Pos call_or_operator(Expr *x) {
  return x->kind == EXPR_CALL ? x->u.call.lparen : x->kind == EXPR_BINARY ? x->pos : expr_start(x);
}

static Pos stmt_start(const Stmt *s) {
  return s->kind == STMT_ASSIGN ? expr_start(s->u.assign.lhs.v[0])
         : s->kind == STMT_EXPR ? call_or_operator(s->u.expr.x)
         : s->kind == STMT_INCDEC ? expr_start(s->u.incdec.x) : s->pos;
}

static bool valid_comm(const Stmt *comm) {
  if (comm->kind == STMT_SEND) return true;
  if (comm->kind == STMT_EXPR) return is_receive(comm->u.expr.x);
  return comm->kind == STMT_ASSIGN && comm->u.assign.rhs.n == 1 && is_receive(comm->u.assign.rhs.v[0]);
}

static void check_comm(Stmt *comm) {
  if (!valid_comm(comm)) {
    error_at(stmt_start(comm), "select case must be send or receive (possibly with assignment)");
    return;
  }
  check_stmt(comm);
  bool plain = comm->kind != STMT_ASSIGN || comm->u.assign.op == OP_ASSIGN || comm->u.assign.op == OP_DEFINE;
  if (!plain && comm->u.assign.lhs.v[0]->mode != MODE_INVALID)
    error_at(comm->pos, "select case must be receive, send or assign recv");
}

enum { MAX_CASES = 65536 }; /* the runtime's index of a case has 16 bits */

static void check_select(Stmt *s) {
  check_defaults(&s->u.select.clauses);
  int ncases = 0;
  for (int i = 0; i < s->u.select.clauses.n; i++) ncases += s->u.select.clauses.v[i]->comm != NULL;
  if (ncases > MAX_CASES) error_at(s->pos, "select has %d cases, %d at most are possible", ncases, MAX_CASES);
  for (int i = 0; i < s->u.select.clauses.n; i++) {
    Clause *clause = s->u.select.clauses.v[i];
    open_scope();
    if (clause->comm) check_comm(clause->comm);
    if (!clause->comm || valid_comm(clause->comm)) check_stmts(&clause->body);
    close_scope();
  }
}

/* ---- range */

typedef struct Ranged { Type *key, *value; const char *fault; int max_vars; } Ranged;

#define RANGE_FUNC "func must be func(yield func(...) bool): "

static Ranged range_func(Type *sig) {
  if (sig->u.func.params.n != 1) return (Ranged){.fault = RANGE_FUNC "wrong argument count"};
  if (sig->u.func.results.n) return (Ranged){.fault = RANGE_FUNC "unexpected results"};
  Type *yield = type_under(sig->u.func.params.v[0]);
  if (yield->kind != T_FUNC) return (Ranged){.fault = RANGE_FUNC "argument is not func"};
  TypeList *p = &yield->u.func.params, *r = &yield->u.func.results;
  if (p->n > 2) return (Ranged){.fault = RANGE_FUNC "yield func has too many parameters"};
  if (r->n != 1 || !type_is_boolean(r->v[0])) return (Ranged){.fault = RANGE_FUNC "yield func does not return bool"};
  if (r->v[0]->kind == T_NAMED)
    return (Ranged){.fault = RANGE_FUNC "yield func returns user-defined boolean, not bool"};
  return (Ranged){.key = p->n > 0 ? p->v[0] : NULL, .value = p->n > 1 ? p->v[1] : NULL, .max_vars = p->n};
}

/* What a range over t gives; .fault: it cannot be (with a cause unless ""). */
static Ranged ranged(Type *t) {
  Type *u = type_under(t), *integer = type_basic(T_INT);
  if (u->kind == T_POINTER && type_under(u->u.pointer.elem)->kind == T_ARRAY) u = type_under(u->u.pointer.elem);
  if (type_is_string(u)) return (Ranged){.key = integer, .value = type_rune, .max_vars = 2};
  if (type_is_integer(u)) return (Ranged){.key = t, .max_vars = 1};
  switch (u->kind) {
  case T_ARRAY: return (Ranged){.key = integer, .value = u->u.array.elem, .max_vars = 2};
  case T_SLICE: return (Ranged){.key = integer, .value = u->u.slice.elem, .max_vars = 2};
  case T_MAP: return (Ranged){.key = u->u.map.key, .value = u->u.map.value, .max_vars = 2};
  case T_FUNC: return range_func(u);
  case T_CHAN:
    if (u->u.chan.dir == CHAN_SEND) return (Ranged){.fault = format("receive from send-only channel %s", type_text(t))};
    return (Ranged){.key = u->u.chan.elem, .max_vars = 1};
  default: return (Ranged){.fault = ""};
  }
}

static void check_range_vars(Stmt *s, const Ranged *r) {
  if (s->u.range.extra)
    error_at(expr_start(s->u.range.extra), "range clause permits at most two iteration variables");
  Expr *x = s->u.range.x, *key = s->u.range.key, *value = s->u.range.value;
  if (r->fault)
    error_at(expr_start(x), "cannot range over %s%s%s", operand_text(x), r->fault[0] ? ": " : "", r->fault);
  else if (value && r->max_vars < 2)
    error_at(expr_start(r->max_vars ? value : key), "range over %s permits %s", operand_text(x),
             r->max_vars ? "only one iteration variable" : "no iteration variables");
  else if (key && r->max_vars < 1)
    error_at(expr_start(key), "range over %s permits no iteration variables", operand_text(x));
}

static Object *define_range_var(Expr *name, Type *t) {
  if (!name) return NULL;
  if (name->kind != EXPR_IDENT) {
    error_at(expr_start(name), "non-name %s on left side of :=", expr_text(name));
    return NULL;
  }
  if (is_blank(name->u.ident.name)) return NULL;
  Object *obj = new_local_var(name->u.ident.name, name->pos, t ? t : type_basic(T_INVALID));
  obj->used = !t; /* what is wrong with it is reported already */
  name->obj = obj;
  set_value(name, MODE_VAR, obj->type);
  return obj;
}

static void assign_range_var(Expr *lhs, Type *t, Expr *x) {
  if (!lhs) return;
  Type *want = check_lhs(lhs);
  if (!want || want->kind == T_INVALID || !t) return;
  if (type_is_untyped(x->type)) { /* for i = range 10: the constant is of i's type */
    if (!type_is_integer(want)) error_at(expr_start(lhs), "cannot use iteration variable of type %s", type_text(want));
    else convert_untyped(x, want);
    return;
  }
  Expr *made = value_of_type(lhs, t);
  made->kind = EXPR_IDENT; /* a name of its own: nothing below it to give a type to */
  made->u.ident.name = expr_text(lhs);
  made->pos = expr_start(lhs);
  assign_to(made, want, "assignment");
}

/* for i = range 10 gives the constant i's type, later; every other operand has its own. */
static void give_range_type(Stmt *s, Expr *x) {
  bool count = x->mode == MODE_CONST && type_is_untyped(x->type) && type_is_integer(x->type);
  if (!count || s->u.range.op != OP_ASSIGN || !s->u.range.key) default_type(x);
}

static void check_range(Stmt *s) {
  Expr *x = s->u.range.x;
  open_scope();
  check_expr(x);
  Ranged r = {0};
  if (x->mode != MODE_INVALID) {
    r = ranged(type_default(x->type));
    check_range_vars(s, &r);
    give_range_type(s, x);
  }
  if (s->u.range.op == OP_DEFINE) {
    Object *key = s->u.range.key_obj = define_range_var(s->u.range.key, r.key);
    Object *value = s->u.range.value_obj = define_range_var(s->u.range.value, r.value);
    if (key) declare(ck.scope, key);
    if (value) declare(ck.scope, value);
    if (!key && !value && !s->u.range.key) error_at(s->pos, "no new variables on left side of :=");
  } else if (s->u.range.op == OP_ASSIGN) {
    assign_range_var(s->u.range.key, r.key, x);
    assign_range_var(s->u.range.value, r.value, x);
    if (x->mode != MODE_INVALID) default_type(x);
  }
  check_stmt(s->u.range.body);
  close_scope();
}

/* ---- the dispatch */

static void check_block(Stmt *s) {
  open_scope();
  check_stmts(&s->u.block.list);
  close_scope();
}

void check_stmt(Stmt *s) {
  switch (s->kind) {
  case STMT_BAD: case STMT_EMPTY: case STMT_BRANCH: break;
  case STMT_EXPR: check_expr_stmt(s->u.expr.x); break;
  case STMT_SEND: check_send(s); break;
  case STMT_INCDEC: check_incdec(s); break;
  case STMT_ASSIGN:
    if (s->u.assign.op == OP_DEFINE) check_define(s);
    else check_assign(s);
    break;
  case STMT_GO: case STMT_DEFER: check_go_defer(s); break;
  case STMT_RETURN: check_return(s); break;
  case STMT_BLOCK: check_block(s); break;
  case STMT_IF: check_if(s); break;
  case STMT_SWITCH: check_switch(s); break;
  case STMT_TYPESWITCH: check_type_switch(s); break;
  case STMT_SELECT: check_select(s); break;
  case STMT_FOR: check_for(s); break;
  case STMT_RANGE: check_range(s); break;
  case STMT_LABELED: check_stmt(s->u.labeled.stmt); break;
  case STMT_DECL: check_local_decl(s->u.decl.decl); break;
  }
}
