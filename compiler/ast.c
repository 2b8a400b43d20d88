/* ast.c: building the tree.
 *
 * The grammar's actions call these and nothing else. A constructor fills in one node and its depth, one more than its
 * deepest part; the tree never gets deeper than PARSE_MAX_DEPTH, so that every later pass may simply recurse. A chain
 * a + b + c … leans to the left and is as deep as it is long: it is counted like any other nesting.
 *
 * What the grammar accepts too generously, because an LALR(1) grammar says it badly or the message would be poor, is
 * refused here: parameters half with names, assignments used as conditions, calls that go and defer want.
 */
#include <string.h>

#include "parse.h"
#include "types.h"

const char *op_text(Op op) {
  static const char *const texts[] = {
    [OP_NONE] = "", [OP_ASSIGN] = "=", [OP_DEFINE] = ":=", [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*",
    [OP_DIV] = "/", [OP_REM] = "%", [OP_AND] = "&", [OP_OR] = "|", [OP_XOR] = "^", [OP_SHL] = "<<", [OP_SHR] = ">>",
    [OP_ANDNOT] = "&^",
    [OP_LAND] = "&&", [OP_LOR] = "||", [OP_EQ] = "==", [OP_NE] = "!=", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">",
    [OP_GE] = ">=", [OP_NOT] = "!", [OP_ADDR] = "&", [OP_RECV] = "<-",
  };
  return texts[op];
}

bool is_blank(const char *name) { return name[0] == '_' && !name[1]; }

Expr *expr_unparen(Expr *x) {
  while (x->kind == EXPR_PAREN) x = x->u.paren.x;
  return x;
}

/* ---- depth */

void too_deep(Parser *p, Pos pos) {
  if (!p->failed) error_at(pos, "nesting deeper than %d", PARSE_MAX_DEPTH);
  p->failed = true;
}

/* The node contains something of this depth. */
static void contains(uint32_t *depth, uint32_t inner) {
  if (*depth <= inner) *depth = inner + 1;
}

static void holds(Expr *e, const Expr *part) {
  if (part) contains(&e->depth, part->depth);
}

static void holds_list(Expr *e, const ExprList *parts) {
  for (int i = 0; i < parts->n; i++) holds(e, parts->v[i]);
}

static void holds_fields(Expr *e, const FieldList *fields) {
  for (int i = 0; i < fields->n; i++) holds(e, fields->v[i]->type_expr);
}

static void stmt_holds_expr(Stmt *s, const Expr *part) {
  if (part) contains(&s->depth, part->depth);
}

static void stmt_holds_exprs(Stmt *s, const ExprList *parts) {
  for (int i = 0; i < parts->n; i++) stmt_holds_expr(s, parts->v[i]);
}

static void stmt_holds(Stmt *s, const Stmt *part) {
  if (part) contains(&s->depth, part->depth);
}

static void stmt_holds_stmts(Stmt *s, const StmtList *parts) {
  for (int i = 0; i < parts->n; i++) stmt_holds(s, parts->v[i]);
}

static void stmt_holds_clauses(Stmt *s, const ClauseList *clauses) {
  for (int i = 0; i < clauses->n; i++) {
    const Clause *c = clauses->v[i];
    stmt_holds_exprs(s, &c->exprs);
    stmt_holds(s, c->comm);
    stmt_holds_stmts(s, &c->body);
  }
}

static Expr *checked(Parser *p, Expr *e) {
  if (e->depth > PARSE_MAX_DEPTH) too_deep(p, e->pos);
  return e;
}

static Stmt *checked_stmt(Parser *p, Stmt *s) {
  if (s->depth > PARSE_MAX_DEPTH) too_deep(p, s->pos);
  return s;
}

/* ---- messages */

char *source_text(Pos pos, Pos end) {
  enum { CLIP = 60 };
  size_t rest;
  const char *line = pos_line_text(pos, &rest);
  Place place = pos_place(pos);
  const char *text = line + place.col - 1;
  rest -= (size_t)place.col - 1;
  size_t length = end - pos, shown = length < rest ? length : rest;
  if (shown > CLIP) shown = CLIP;
  while (shown < rest && shown < length && ((unsigned char)text[shown] & 0xc0) == 0x80) shown++;
  return format("%.*s%s", (int)shown, text, shown < length ? "…" : "");
}

Pos leftmost(const Expr *e) {
  for (;;) {
    switch (e->kind) {
    case EXPR_BINARY: e = e->u.binary.x; break;
    case EXPR_SELECTOR: e = e->u.selector.x; break;
    default: return e->pos;
    }
  }
}


/* ---- expressions */

Expr *new_expr(ExprKind kind, Span at) {
  Expr *e = NEW(Expr);
  e->kind = kind;
  e->pos = at.pos;
  e->end = at.end;
  e->depth = 1;
  return e;
}

ExprList one_expr(Expr *x) {
  ExprList list = {0};
  list_push(&list, x);
  return list;
}

Expr *new_ident(const char *name, Span at) {
  Expr *e = new_expr(EXPR_IDENT, at);
  e->u.ident.name = name;
  return e;
}

Expr *new_literal(ExprKind kind, const char *text, size_t length, Span at) {
  if (!text) return new_expr(EXPR_BAD, at);
  Expr *e = new_expr(kind, at);
  e->u.lit.text = text;
  e->u.lit.length = length;
  return e;
}

static Expr *new_wrapper(Parser *p, ExprKind kind, Expr *x, Span at) {
  Expr *e = new_expr(kind, at);
  e->u.paren.x = x;
  holds(e, x);
  return checked(p, e);
}

Expr *new_paren(Parser *p, Expr *x, Span at) { return new_wrapper(p, EXPR_PAREN, x, at); }
Expr *new_star(Parser *p, Expr *x, Span at) { return new_wrapper(p, EXPR_STAR, x, at); }
Expr *new_ellipsis(Parser *p, Expr *x, Span at) { return new_wrapper(p, EXPR_ELLIPSIS, x, at); }

Expr *new_unary(Parser *p, Op op, Expr *x, Span at) {
  Expr *e = new_expr(EXPR_UNARY, at);
  e->u.unary.op = op;
  e->u.unary.x = x;
  holds(e, x);
  return checked(p, e);
}

Expr *new_binary(Parser *p, Op op, Expr *x, Expr *y, Span op_at, Span at) {
  Expr *e = new_expr(EXPR_BINARY, at);
  e->pos = op_at.pos;
  e->u.binary.op = op;
  e->u.binary.x = x;
  e->u.binary.y = y;
  holds(e, x);
  holds(e, y);
  return checked(p, e);
}

/* <-chan T is read as a receive from the type chan T: the arrow belongs to the type. In <-chan<- T the arrows move one
 * to the left, as the leftmost chan takes what it can: (<-chan)(<-T), for which T must be a channel type again. */
Expr *new_receive(Parser *p, Expr *x, Span at) {
  if (x->kind != EXPR_CHANTYPE) return new_unary(p, OP_RECV, x, at);
  for (Expr *t = x; ; t = t->u.chantype.elem) {
    if (t->kind != EXPR_CHANTYPE) {
      error_at(leftmost(t), "syntax error: unexpected %s, expected chan", source_text(leftmost(t), t->end));
      break;
    }
    int dir = t->u.chantype.dir;
    if (dir == CHAN_RECV) {
      error_at(t->pos, "syntax error: unexpected <-, expected chan");
      break;
    }
    t->u.chantype.dir = CHAN_RECV;
    if (dir == CHAN_BOTH) break;
  }
  x->pos = at.pos;
  return x;
}

Expr *new_selector(Parser *p, Expr *x, const char *name, Span name_at, Span at) {
  Expr *e = new_expr(EXPR_SELECTOR, at);
  e->pos = name_at.pos;
  e->u.selector.x = x;
  e->u.selector.name = name;
  e->u.selector.name_pos = name_at.pos;
  holds(e, x);
  return checked(p, e);
}

Expr *new_index(Parser *p, Expr *x, ExprList indices, Span lbrack, Span at) {
  Expr *e = new_expr(EXPR_INDEX, at);
  e->u.index.x = x;
  e->u.index.index = indices.v[0];
  e->u.index.lbrack = lbrack.pos;
  if (indices.n > 1) not_yet(leftmost(indices.v[1]), "generics");
  holds(e, x);
  holds_list(e, &indices);
  return checked(p, e);
}

Expr *new_slice(Parser *p, Expr *x, Expr *lo, Expr *hi, Expr *max, bool three, Span lbrack, Span at) {
  Expr *e = new_expr(EXPR_SLICE, at);
  e->u.slice.x = x;
  e->u.slice.lo = lo;
  e->u.slice.hi = hi;
  e->u.slice.max = max;
  e->u.slice.three = three;
  e->u.slice.lbrack = lbrack.pos;
  holds(e, x);
  holds(e, lo);
  holds(e, hi);
  holds(e, max);
  return checked(p, e);
}

Expr *new_typeassert(Parser *p, Expr *x, Expr *type, Span at) {
  Expr *e = new_expr(EXPR_TYPEASSERT, at);
  e->u.typeassert.x = x;
  e->u.typeassert.type_expr = type;
  holds(e, x);
  holds(e, type);
  if (!type) list_push(&p->typeswitch_asserts, e);
  return checked(p, e);
}

static void read_token(const Parser *p, Pos pos, Token *t) {
  Lexer lx = p->lexer;
  lx.ends = false;
  lx.cursor = lx.source->text + (pos - lx.source->base);
  lexer_next(&lx, t);
}

Pos next_token_pos(const Parser *p) {
  Token t;
  read_token(p, p->token.end, &t);
  return t.pos;
}

/* The token at pos cannot stand there. */
static void report_unexpected(Parser *p, Pos pos, const char *wanted) {
  Token t;
  read_token(p, pos, &t);
  error_at(pos, "syntax error: unexpected %s, expected %s", token_shown(p->lexer.source, &t), wanted);
}

/* The grammar leaves f(a...) as an ELLIPSIS around the argument. */
static void take_ellipsis(Parser *p, Expr *call) {
  ExprList *args = &call->u.call.args;
  for (int i = 0; i < args->n; i++) {
    if (args->v[i]->kind != EXPR_ELLIPSIS) continue;
    if (i + 1 < args->n) report_unexpected(p, leftmost(args->v[i + 1]), ")");
    else call->u.call.has_ellipsis = true;
    args->v[i] = args->v[i]->u.ellipsis.x;
  }
}

Expr *new_call(Parser *p, Expr *fun, ExprList args, Span lparen, Span rparen) {
  Expr *e = new_expr(EXPR_CALL, (Span){leftmost(fun), rparen.end});
  e->u.call.fun = fun;
  e->u.call.args = args;
  e->u.call.lparen = lparen.pos;
  e->u.call.rparen = rparen.pos;
  take_ellipsis(p, e);
  holds(e, fun);
  holds_list(e, &e->u.call.args);
  return checked(p, e);
}

Expr *new_composite(Parser *p, Expr *type, ExprList elems, Span lbrace, Span rbrace) {
  Expr *e = new_expr(EXPR_COMPOSITE, (Span){type ? leftmost(type) : lbrace.pos, rbrace.end});
  e->u.composite.type_expr = type;
  e->u.composite.elems = elems;
  e->u.composite.lbrace = lbrace.pos;
  e->u.composite.rbrace = rbrace.pos;
  e->u.composite.elided = !type;
  holds(e, type);
  holds_list(e, &elems);
  return checked(p, e);
}

Expr *new_keyvalue(Parser *p, Expr *key, Expr *value, Span at) {
  Expr *e = new_expr(EXPR_KEYVALUE, at);
  e->u.keyvalue.key = key;
  e->u.keyvalue.value = value;
  holds(e, key);
  holds(e, value);
  return checked(p, e);
}

Expr *new_funclit(Parser *p, Expr *type, Stmt *body, Span at) {
  Expr *e = new_expr(EXPR_FUNC, at);
  e->u.funclit.type_expr = type;
  e->u.funclit.body = body;
  holds(e, type);
  contains(&e->depth, body->depth);
  settle_branches(p, body);
  return checked(p, e);
}

/* ---- types */

Expr *new_arraytype(Parser *p, ExprList lengths, bool ellipsis, Expr *elem, Span at) {
  Expr *e = new_expr(EXPR_ARRAYTYPE, at);
  if (lengths.n > 1) error_at(lengths.v[0]->end, "syntax error: unexpected comma; expecting ]");
  e->u.arraytype.len = lengths.n ? lengths.v[0] : NULL;
  e->u.arraytype.ellipsis = ellipsis;
  e->u.arraytype.elem = elem;
  holds(e, e->u.arraytype.len);
  holds(e, elem);
  return checked(p, e);
}

Expr *new_structtype(Parser *p, FieldList fields, Span at) {
  Expr *e = new_expr(EXPR_STRUCTTYPE, at);
  e->u.structtype.fields = fields;
  holds_fields(e, &fields);
  return checked(p, e);
}

Expr *new_functype(Parser *p, FieldList params, FieldList results, Span at) {
  Expr *e = new_expr(EXPR_FUNCTYPE, at);
  e->u.functype.lparen = at.pos; /* unless func stands before it */
  e->u.functype.params = params;
  e->u.functype.results = results;
  holds_fields(e, &params);
  holds_fields(e, &results);
  return checked(p, e);
}

Expr *new_interfacetype(Parser *p, FieldList methods, Span at) {
  Expr *e = new_expr(EXPR_INTERFACETYPE, at);
  e->u.interfacetype.methods = methods;
  holds_fields(e, &methods);
  return checked(p, e);
}

Expr *new_maptype(Parser *p, Expr *key, Expr *value, Span at) {
  Expr *e = new_expr(EXPR_MAPTYPE, at);
  e->u.maptype.key = key;
  e->u.maptype.value = value;
  holds(e, key);
  holds(e, value);
  return checked(p, e);
}

Expr *new_chantype(Parser *p, Expr *elem, int dir, Span at) {
  Expr *e = new_expr(EXPR_CHANTYPE, at);
  e->u.chantype.elem = elem;
  e->u.chantype.dir = dir;
  holds(e, elem);
  return checked(p, e);
}

Field *new_field(ExprList names, Expr *type, Expr *tag, Pos pos) {
  Field *f = NEW(Field);
  *f = (Field){.pos = pos, .names = names, .type_expr = type, .tag = tag};
  return f;
}

FieldList new_result(Expr *type) {
  FieldList list = {0};
  if (type) list_push(&list, new_field((ExprList){0}, type, NULL, leftmost(type)));
  return list;
}

static void check_variadic(const FieldList *params) {
  for (int i = 0; i < params->n; i++) {
    Expr *type = params->v[i]->type_expr;
    if (type->kind != EXPR_ELLIPSIS || (i + 1 == params->n && params->v[i]->names.n <= 1)) continue;
    mild_error_at(type->pos, "can only use ... with final parameter");
    type->kind = EXPR_BAD;
  }
}

/* An entry without a name among such with names is a name that shares the type of the next: a, b int. */
static FieldList group_names(const FieldList *entries, Span at) {
  FieldList fields = {0};
  ExprList names = {0};
  for (int i = 0; i < entries->n; i++) {
    Field *f = entries->v[i];
    if (f->names.n) {
      list_push(&names, f->names.v[0]);
      list_push(&fields, new_field(names, f->type_expr, NULL, names.v[0]->pos));
      names = (ExprList){0};
    } else if (f->type_expr->kind == EXPR_IDENT) list_push(&names, f->type_expr);
    else {
      error_at(leftmost(f->type_expr), "syntax error: missing parameter name");
      return *entries;
    }
  }
  if (names.n) error_at(at.end - 1, "syntax error: missing parameter type");
  return fields;
}

FieldList new_params(FieldList entries, Span at) {
  bool named = false;
  for (int i = 0; i < entries.n; i++) named |= entries.v[i]->names.n > 0;
  FieldList fields = named ? group_names(&entries, at) : entries;
  check_variadic(&fields);
  return fields;
}

void forbid_ellipsis(FieldList *params) {
  for (int i = 0; i < params->n; i++) {
    Expr *type = params->v[i]->type_expr;
    if (type->kind != EXPR_ELLIPSIS) continue;
    mild_error_at(type->pos, "invalid use of ...");
    type->kind = EXPR_BAD;
  }
}

/* ---- statements */

Stmt *new_stmt(StmtKind kind, Span at) {
  Stmt *s = NEW(Stmt);
  s->kind = kind;
  s->pos = at.pos;
  s->end = at.end;
  s->depth = 1;
  return s;
}

Stmt *new_expr_stmt(Parser *p, StmtKind kind, Expr *x, Span at) {
  Stmt *s = new_stmt(kind, at);
  s->u.expr.x = x;
  stmt_holds_expr(s, x);
  return checked_stmt(p, s);
}

Stmt *new_call_stmt(Parser *p, StmtKind kind, Expr *x, Span at) {
  const char *word = kind == STMT_GO ? "go" : "defer";
  Expr *call = expr_unparen(x);
  if (call != x) mild_error_at(x->pos, "expression in %s must not be parenthesized", word);
  return new_expr_stmt(p, kind, call, at);
}

Stmt *new_send(Parser *p, Expr *chan, Expr *value, Span op_at, Span at) {
  Stmt *s = new_stmt(STMT_SEND, at);
  s->pos = op_at.pos;
  s->u.send.chan = chan;
  s->u.send.value = value;
  stmt_holds_expr(s, chan);
  stmt_holds_expr(s, value);
  return checked_stmt(p, s);
}

Stmt *new_incdec(Parser *p, Expr *x, Op op, Span op_at, Span at) {
  Stmt *s = new_stmt(STMT_INCDEC, at);
  s->pos = op_at.pos;
  s->u.incdec.x = x;
  s->u.incdec.op = op;
  stmt_holds_expr(s, x);
  return checked_stmt(p, s);
}

Stmt *new_assign(Parser *p, ExprList lhs, Op op, ExprList rhs, Span op_at, Span at) {
  Stmt *s = new_stmt(STMT_ASSIGN, at);
  s->pos = op_at.pos;
  s->u.assign.lhs = lhs;
  s->u.assign.op = op;
  s->u.assign.rhs = rhs;
  stmt_holds_exprs(s, &lhs);
  stmt_holds_exprs(s, &rhs);
  return checked_stmt(p, s);
}

Stmt *new_return(Parser *p, ExprList results, Span at) {
  Stmt *s = new_stmt(STMT_RETURN, at);
  s->u.ret.results = results;
  stmt_holds_exprs(s, &results);
  return checked_stmt(p, s);
}

Stmt *new_branch(BranchKind kind, const char *label, Span label_at, Span at) {
  Stmt *s = new_stmt(STMT_BRANCH, at);
  s->u.branch.branch = kind;
  s->u.branch.label = label;
  s->u.branch.label_pos = label ? label_at.pos : 0;
  return s;
}

Stmt *new_block(Parser *p, StmtList list, Span lbrace, Span rbrace) {
  Stmt *s = new_stmt(STMT_BLOCK, (Span){lbrace.pos, rbrace.end});
  s->u.block.list = list;
  s->u.block.rbrace = rbrace.pos;
  stmt_holds_stmts(s, &list);
  return checked_stmt(p, s);
}

Stmt *new_labeled(Parser *p, const char *label, Stmt *stmt, Span at) {
  Stmt *s = new_stmt(STMT_LABELED, at);
  s->u.labeled.label = label;
  s->u.labeled.stmt = stmt;
  stmt_holds(s, stmt);
  return checked_stmt(p, s);
}

static Stmt *one_decl_stmt(Parser *p, Decl *d) {
  Stmt *s = new_stmt(STMT_DECL, (Span){d->pos, d->end});
  s->u.decl.decl = d;
  switch (d->kind) {
  case DECL_CONST: stmt_holds_expr(s, d->u.constant.type_expr), stmt_holds_exprs(s, &d->u.constant.values); break;
  case DECL_VAR: stmt_holds_expr(s, d->u.var.type_expr), stmt_holds_exprs(s, &d->u.var.values); break;
  case DECL_TYPE: stmt_holds_expr(s, d->u.type.type_expr); break;
  default: break;
  }
  return checked_stmt(p, s);
}

/* A group is several statements: the first is returned, the others follow it into the list by add_stmt(). */
Stmt *new_decl_stmt(Parser *p, DeclList decls, Span at) {
  if (!decls.n) return new_stmt(STMT_EMPTY, at);
  for (int i = 1; i < decls.n; i++) {
    Stmt *s = one_decl_stmt(p, decls.v[i]);
    s->u.decl.follows = true;
    list_push(&p->spill, s);
  }
  return one_decl_stmt(p, decls.v[0]);
}

void add_stmt(Parser *p, StmtList *list, Stmt *s) {
  if (s->kind != STMT_EMPTY) list_push(list, s);
  for (int i = 0; i < p->spill.n; i++) list_push(list, p->spill.v[i]);
  p->spill.n = 0;
}

Clause *new_clause(bool is_default, ExprList exprs, Stmt *comm, Span at) {
  Clause *c = NEW(Clause);
  *c = (Clause){.pos = at.pos, .end = at.end, .is_default = is_default, .exprs = exprs, .comm = comm};
  return c;
}

/* ---- if, for, switch, select */

Header *new_header(Stmt *init, Stmt *cond, Stmt *post, Span at) {
  Header *h = NEW(Header);
  *h = (Header){.init = init, .cond = cond, .post = post, .at = at};
  return h;
}

/* The statement in the place of a condition, which must be an expression. */
static Expr *as_condition(Stmt *s) {
  if (!s) return NULL;
  if (s->kind == STMT_EXPR) return s->u.expr.x;
  if (s->kind == STMT_BAD) return new_expr(EXPR_BAD, (Span){s->pos, s->end});
  Pos start = s->kind == STMT_ASSIGN ? leftmost(s->u.assign.lhs.v[0]) : s->kind == STMT_SEND ? leftmost(s->u.send.chan)
              : s->kind == STMT_INCDEC ? leftmost(s->u.incdec.x) : s->pos;
  bool plain = s->kind == STMT_ASSIGN && s->u.assign.op == OP_ASSIGN;
  error_at(s->pos, "syntax error: cannot use %s%s as value", plain ? "assignment " : "", source_text(start, s->end));
  return new_expr(EXPR_BAD, (Span){s->pos, s->end});
}

Stmt *new_range_header(ExprList vars, Op op, Expr *x, Span at) {
  Stmt *s = new_stmt(STMT_RANGE, at);
  s->u.range.key = vars.n > 0 ? vars.v[0] : NULL;
  s->u.range.value = vars.n > 1 ? vars.v[1] : NULL;
  s->u.range.op = op;
  s->u.range.x = x;
  s->u.range.extra = vars.n > 2 ? vars.v[2] : NULL;
  stmt_holds_exprs(s, &vars);
  stmt_holds_expr(s, x);
  return s;
}

static Expr *missing_condition(Header *h, const Stmt *then) {
  if (h->newline) error_at(h->semicolon, "syntax error: unexpected newline, expected { after if clause");
  else error_at(h->semicolon ? h->semicolon : then->pos, "syntax error: missing condition in if statement");
  return new_expr(EXPR_BAD, h->at);
}

Stmt *new_if(Parser *p, Header *h, Stmt *then, Stmt *els, Span at) {
  Stmt *s = new_stmt(STMT_IF, at);
  s->u.ifs.init = h->init;
  s->u.ifs.cond = as_condition(h->cond);
  if (!s->u.ifs.cond) s->u.ifs.cond = missing_condition(h, then);
  s->u.ifs.then = then;
  s->u.ifs.els = els;
  stmt_holds(s, h->init);
  stmt_holds_expr(s, s->u.ifs.cond);
  stmt_holds(s, then);
  stmt_holds(s, els);
  return checked_stmt(p, s);
}

static Stmt *for_range(Parser *p, Stmt *s, Stmt *body, Span at) {
  s->pos = at.pos;
  s->end = at.end;
  s->u.range.body = body;
  stmt_holds(s, body);
  return checked_stmt(p, s);
}

Stmt *new_for(Parser *p, Header *h, Stmt *body, Span at) {
  if (h->range) return for_range(p, h->range, body, at);
  Stmt *s = new_stmt(STMT_FOR, at);
  s->u.fors.init = h->init;
  s->u.fors.cond = as_condition(h->cond);
  s->u.fors.post = h->post;
  s->u.fors.body = body;
  if (h->post && h->post->kind == STMT_ASSIGN && h->post->u.assign.op == OP_DEFINE)
    error_at(h->post->pos, "syntax error: cannot declare in post statement of for loop");
  stmt_holds(s, h->init);
  stmt_holds_expr(s, s->u.fors.cond);
  stmt_holds(s, h->post);
  stmt_holds(s, body);
  return checked_stmt(p, s);
}

/* v := x.(type), or x.(type): the assertion, else null. */
static Expr *type_switch_guard(const Stmt *s) {
  Expr *x = NULL;
  if (s && s->kind == STMT_EXPR) x = s->u.expr.x;
  if (s && s->kind == STMT_ASSIGN && s->u.assign.op == OP_DEFINE && s->u.assign.lhs.n == 1 && s->u.assign.rhs.n == 1)
    x = s->u.assign.rhs.v[0];
  return x && x->kind == EXPR_TYPEASSERT && !x->u.typeassert.type_expr ? x : NULL;
}

/* Only its operand stays in the tree. */
static void claim_guard(Expr *guard) { guard->kind = EXPR_BAD; }

static void type_switch(Stmt *s, Header *h, Expr *guard, ClauseList clauses, Span rbrace) {
  s->kind = STMT_TYPESWITCH;
  s->u.typeswitch.init = h->init;
  s->u.typeswitch.x = guard->u.typeassert.x;
  s->u.typeswitch.clauses = clauses;
  s->u.typeswitch.rbrace = rbrace.pos;
  if (h->cond->kind != STMT_ASSIGN) return;
  const Expr *var = h->cond->u.assign.lhs.v[0];
  Pos start = leftmost(var);
  s->u.typeswitch.name_pos = var->pos;
  if (var->kind == EXPR_IDENT) s->u.typeswitch.name = var->u.ident.name;
  else error_at(start, "syntax error: invalid variable name %s in type switch", source_text(start, var->end));
}

Stmt *new_switch(Parser *p, Header *h, ClauseList clauses, Span rbrace, Span at) {
  Stmt *s = new_stmt(STMT_SWITCH, at);
  Expr *guard = type_switch_guard(h->cond);
  if (guard) {
    stmt_holds_expr(s, guard);
    type_switch(s, h, guard, clauses, rbrace);
    claim_guard(guard);
  } else {
    s->u.switchs.init = h->init;
    s->u.switchs.tag = as_condition(h->cond);
    s->u.switchs.clauses = clauses;
    s->u.switchs.rbrace = rbrace.pos;
    stmt_holds_expr(s, s->u.switchs.tag);
  }
  stmt_holds(s, h->init);
  stmt_holds_clauses(s, &clauses);
  return checked_stmt(p, s);
}

Stmt *new_select(Parser *p, ClauseList clauses, Span rbrace, Span at) {
  Stmt *s = new_stmt(STMT_SELECT, at);
  s->u.select.clauses = clauses;
  s->u.select.rbrace = rbrace.pos;
  stmt_holds_clauses(s, &clauses);
  return checked_stmt(p, s);
}

/* ---- declarations */

static Decl *new_decl(DeclKind kind, Span at) {
  Decl *d = NEW(Decl);
  d->kind = kind;
  d->pos = at.pos;
  d->end = at.end;
  return d;
}

Decl *new_import(const char *alias, Expr *path, Span at) {
  Decl *d = new_decl(DECL_IMPORT, at);
  if (path->kind != EXPR_STRING) {
    if (path->kind != EXPR_BAD) error_at(path->pos, "syntax error: import path must be a string");
    d->kind = DECL_BAD;
    return d;
  }
  d->u.import.name = alias;
  d->u.import.name_pos = at.pos;
  d->u.import.path = intern(path->u.lit.text, path->u.lit.length);
  d->u.import.path_pos = path->pos;
  return d;
}

Decl *new_const(ExprList names, Expr *type, ExprList values, Span at) {
  Decl *d = new_decl(DECL_CONST, at);
  d->u.constant.names = names;
  d->u.constant.type_expr = type;
  d->u.constant.values = values;
  return d;
}

Decl *new_type(const char *name, Span name_at, Expr *type, bool alias, Span at) {
  Decl *d = new_decl(DECL_TYPE, at);
  d->u.type.name = name;
  d->u.type.name_pos = name_at.pos;
  d->u.type.type_expr = type;
  d->u.type.alias = alias;
  return d;
}

Decl *new_var(ExprList names, Expr *type, ExprList values, Span at) {
  Decl *d = new_decl(DECL_VAR, at);
  d->u.var.names = names;
  d->u.var.type_expr = type;
  d->u.var.values = values;
  return d;
}

static Field *receiver(const FieldList *recv, Span name_at) {
  if (recv->n == 1 && recv->v[0]->names.n <= 1) return recv->v[0];
  mild_error_at(name_at.pos, recv->n ? "method has multiple receivers" : "method has no receiver");
  return recv->n ? recv->v[0] : NULL;
}

/* The body is added when it has been read. */
Decl *new_func(FieldList *recv, const char *name, Span name_at, Expr *type, Pragmas pragmas, Span at) {
  Decl *d = new_decl(DECL_FUNC, at);
  d->u.func.name = name;
  d->u.func.name_pos = name_at.pos;
  d->u.func.recv = recv ? receiver(recv, name_at) : NULL;
  d->u.func.type_expr = type;
  d->u.func.pragmas = pragmas;
  return d;
}

/* The repeated expressions are the same nodes, not copies: n lines after a long one would need n copies of it. */
void number_consts(DeclList group) {
  const Decl *model = NULL;
  for (int i = 0; i < group.n; i++) {
    Decl *d = group.v[i];
    if (d->kind != DECL_CONST) continue;
    d->u.constant.iota = i;
    if (d->u.constant.type_expr || d->u.constant.values.n) {
      model = d;
    } else if (model) {
      d->u.constant.type_expr = model->u.constant.type_expr;
      d->u.constant.values = model->u.constant.values;
      d->u.constant.implicit = true;
    }
  }
}

void add_decls(Parser *p, DeclList decls, Pos pos) {
  for (int i = 0; i < decls.n; i++) {
    Decl *d = decls.v[i];
    DeclList *all = &p->file->decls;
    DeclKind before = all->n ? all->v[all->n - 1]->kind : DECL_IMPORT;
    if (d->kind == DECL_IMPORT && before != DECL_IMPORT && before != DECL_BAD)
      error_at(pos, "syntax error: imports must appear before other declarations");
    list_push(all, d);
  }
}

void finish_tree(Parser *p) {
  for (int i = 0; i < p->typeswitch_asserts.n; i++) {
    Expr *e = p->typeswitch_asserts.v[i];
    if (e->kind == EXPR_TYPEASSERT) error_at(e->pos, "syntax error: use of .(type) outside type switch");
  }
}
