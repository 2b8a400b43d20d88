/* ast_dump.c: the syntax tree as text, for `toy emit --ast` and for tests.
 *
 * One node a line: what it is, what it says, where a message about it would point, and, once checked, its type.
 * Parts follow, indented; a part that stands in a certain role is named ("cond:"). The text depends on the tree
 * alone. Beyond the level where nobody counts columns any more the indentation stays, or a deep tree would make a
 * text of quadratic size.
 */
#include <stdio.h>

#include "source.h"
#include "types.h"

enum { INDENT = 2, INDENT_LEVELS = 60 };

static void dump_expr(const Expr *e, const char *role, int level);
static void dump_stmt(const Stmt *s, const char *role, int level);

static void begin(const char *role, int level) {
  printf("%*s%s%s", INDENT * (level < INDENT_LEVELS ? level : INDENT_LEVELS), "", role, *role ? ": " : "");
}

static void end(Pos pos) {
  Place place = pos_place(pos);
  printf(" %d:%d\n", place.line, place.col);
}

static void line(const char *role, int level, const char *what, Pos pos) {
  begin(role, level);
  fputs(what, stdout);
  end(pos);
}

static void print_quoted(const char *text, size_t length) {
  putchar('"');
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') printf("\\%c", c);
    else if (c < 0x20 || c >= 0x7f) printf("\\x%02x", c);
    else putchar(c);
  }
  putchar('"');
}

static void dump_exprs(const ExprList *list, const char *role, int level) {
  for (int i = 0; i < list->n; i++) dump_expr(list->v[i], role, level);
}

static void dump_stmts(const StmtList *list, int level) {
  for (int i = 0; i < list->n; i++) dump_stmt(list->v[i], "", level);
}

static void dump_field(const Field *f, const char *role, int level) {
  begin(role, level);
  fputs("field", stdout);
  for (int i = 0; i < f->names.n; i++) printf(" %s", f->names.v[i]->u.ident.name);
  if (f->tag) putchar(' '), print_quoted(f->tag->u.lit.text, f->tag->u.lit.length);
  end(f->pos);
  dump_expr(f->type_expr, "", level + 1);
}

static void dump_fields(const FieldList *list, const char *role, int level) {
  for (int i = 0; i < list->n; i++) dump_field(list->v[i], role, level);
}

/* ---- expressions */

static const char *expr_word(ExprKind kind) {
  static const char *const words[] = {
    [EXPR_BAD] = "bad", [EXPR_IDENT] = "ident", [EXPR_INT] = "int", [EXPR_FLOAT] = "float", [EXPR_IMAG] = "imag",
    [EXPR_CHAR] = "char", [EXPR_STRING] = "string", [EXPR_COMPOSITE] = "composite", [EXPR_FUNC] = "funclit",
    [EXPR_PAREN] = "paren", [EXPR_SELECTOR] = "selector", [EXPR_INDEX] = "index", [EXPR_SLICE] = "slice",
    [EXPR_TYPEASSERT] = "typeassert", [EXPR_CALL] = "call", [EXPR_STAR] = "star", [EXPR_UNARY] = "unary",
    [EXPR_BINARY] = "binary", [EXPR_KEYVALUE] = "keyvalue", [EXPR_ARRAYTYPE] = "arraytype",
    [EXPR_STRUCTTYPE] = "structtype", [EXPR_FUNCTYPE] = "functype", [EXPR_INTERFACETYPE] = "interfacetype",
    [EXPR_MAPTYPE] = "maptype", [EXPR_CHANTYPE] = "chantype", [EXPR_ELLIPSIS] = "ellipsis",
  };
  return words[kind];
}

/* What the node itself says, on its line. */
static void print_expr_detail(const Expr *e) {
  switch (e->kind) {
  case EXPR_IDENT: printf(" %s", e->u.ident.name); break;
  case EXPR_INT: case EXPR_FLOAT: case EXPR_IMAG: case EXPR_CHAR:
    printf(" %.*s", (int)e->u.lit.length, e->u.lit.text);
    break;
  case EXPR_STRING: putchar(' '), print_quoted(e->u.lit.text, e->u.lit.length); break;
  case EXPR_SELECTOR: printf(" .%s", e->u.selector.name); break;
  case EXPR_SLICE: fputs(e->u.slice.three ? " three" : "", stdout); break;
  case EXPR_CALL: fputs(e->u.call.has_ellipsis ? " ..." : "", stdout); break;
  case EXPR_UNARY: printf(" %s", op_text(e->u.unary.op)); break;
  case EXPR_BINARY: printf(" %s", op_text(e->u.binary.op)); break;
  case EXPR_ARRAYTYPE: fputs(e->u.arraytype.ellipsis ? " ..." : "", stdout); break;
  case EXPR_CHANTYPE:
    fputs(e->u.chantype.dir == CHAN_RECV ? " recv" : e->u.chantype.dir == CHAN_SEND ? " send" : "", stdout);
    break;
  case EXPR_TYPEASSERT: fputs(e->u.typeassert.type_expr ? "" : " type", stdout); break;
  default: break;
  }
}

static void dump_expr_parts(const Expr *e, int level) {
  switch (e->kind) {
  case EXPR_COMPOSITE:
    dump_expr(e->u.composite.type_expr, "type", level), dump_exprs(&e->u.composite.elems, "", level);
    break;
  case EXPR_FUNC: dump_expr(e->u.funclit.type_expr, "type", level), dump_stmt(e->u.funclit.body, "", level); break;
  case EXPR_PAREN: case EXPR_STAR: case EXPR_ELLIPSIS: dump_expr(e->u.paren.x, "", level); break;
  case EXPR_SELECTOR: dump_expr(e->u.selector.x, "", level); break;
  case EXPR_INDEX: dump_expr(e->u.index.x, "", level), dump_expr(e->u.index.index, "index", level); break;
  case EXPR_SLICE:
    dump_expr(e->u.slice.x, "", level), dump_expr(e->u.slice.lo, "lo", level);
    dump_expr(e->u.slice.hi, "hi", level), dump_expr(e->u.slice.max, "max", level);
    break;
  case EXPR_TYPEASSERT:
    dump_expr(e->u.typeassert.x, "", level), dump_expr(e->u.typeassert.type_expr, "type", level);
    break;
  case EXPR_CALL: dump_expr(e->u.call.fun, "", level), dump_exprs(&e->u.call.args, "arg", level); break;
  case EXPR_UNARY: dump_expr(e->u.unary.x, "", level); break;
  case EXPR_BINARY: dump_expr(e->u.binary.x, "", level), dump_expr(e->u.binary.y, "", level); break;
  case EXPR_KEYVALUE: dump_expr(e->u.keyvalue.key, "key", level), dump_expr(e->u.keyvalue.value, "value", level); break;
  case EXPR_ARRAYTYPE: dump_expr(e->u.arraytype.len, "len", level), dump_expr(e->u.arraytype.elem, "", level); break;
  case EXPR_STRUCTTYPE: dump_fields(&e->u.structtype.fields, "", level); break;
  case EXPR_FUNCTYPE:
    dump_fields(&e->u.functype.params, "param", level), dump_fields(&e->u.functype.results, "result", level);
    break;
  case EXPR_INTERFACETYPE: dump_fields(&e->u.interfacetype.methods, "", level); break;
  case EXPR_MAPTYPE: dump_expr(e->u.maptype.key, "key", level), dump_expr(e->u.maptype.value, "value", level); break;
  case EXPR_CHANTYPE: dump_expr(e->u.chantype.elem, "", level); break;
  default: break;
  }
}

static void dump_expr(const Expr *e, const char *role, int level) {
  if (!e) return;
  begin(role, level);
  fputs(expr_word(e->kind), stdout);
  print_expr_detail(e);
  if (e->type) printf(" <%s>", type_string(e->type));
  end(e->pos);
  dump_expr_parts(e, level + 1);
}

/* ---- statements */

static const char *stmt_word(const Stmt *s) {
  static const char *const words[] = {
    [STMT_BAD] = "bad", [STMT_EMPTY] = "empty", [STMT_EXPR] = "expr", [STMT_SEND] = "send", [STMT_INCDEC] = "incdec",
    [STMT_ASSIGN] = "assign", [STMT_GO] = "go", [STMT_DEFER] = "defer", [STMT_RETURN] = "return",
    [STMT_BRANCH] = "branch", [STMT_BLOCK] = "block", [STMT_IF] = "if", [STMT_SWITCH] = "switch",
    [STMT_TYPESWITCH] = "typeswitch",
    [STMT_SELECT] = "select", [STMT_FOR] = "for", [STMT_RANGE] = "range", [STMT_LABELED] = "label",
    [STMT_DECL] = "decl",
  };
  static const char *const branches[] = {
    [BRANCH_BREAK] = "break", [BRANCH_CONTINUE] = "continue", [BRANCH_GOTO] = "goto",
    [BRANCH_FALLTHROUGH] = "fallthrough"};
  return s->kind == STMT_BRANCH ? branches[s->u.branch.branch] : words[s->kind];
}

static void print_stmt_detail(const Stmt *s) {
  switch (s->kind) {
  case STMT_INCDEC: fputs(s->u.incdec.op == OP_ADD ? " ++" : " --", stdout); break;
  case STMT_ASSIGN:
    printf(" %s%s", op_text(s->u.assign.op), s->u.assign.op > OP_DEFINE ? "=" : "");
    break;
  case STMT_BRANCH:
    if (s->u.branch.label) printf(" %s", s->u.branch.label);
    break;
  case STMT_TYPESWITCH:
    if (s->u.typeswitch.name) printf(" %s", s->u.typeswitch.name);
    break;
  case STMT_RANGE:
    if (s->u.range.op) printf(" %s", op_text(s->u.range.op));
    break;
  case STMT_LABELED: printf(" %s", s->u.labeled.label); break;
  default: break;
  }
}

static void dump_clauses(const ClauseList *clauses, int level) {
  for (int i = 0; i < clauses->n; i++) {
    const Clause *c = clauses->v[i];
    line("", level, c->is_default ? "default" : "case", c->pos);
    dump_exprs(&c->exprs, "case", level + 1);
    if (c->comm) dump_stmt(c->comm, "comm", level + 1);
    dump_stmts(&c->body, level + 1);
  }
}

static void dump_decl(const Decl *d, int level);

static void dump_stmt_parts(const Stmt *s, int level) {
  switch (s->kind) {
  case STMT_EXPR: case STMT_GO: case STMT_DEFER: dump_expr(s->u.expr.x, "", level); break;
  case STMT_SEND: dump_expr(s->u.send.chan, "", level), dump_expr(s->u.send.value, "", level); break;
  case STMT_INCDEC: dump_expr(s->u.incdec.x, "", level); break;
  case STMT_ASSIGN: dump_exprs(&s->u.assign.lhs, "lhs", level), dump_exprs(&s->u.assign.rhs, "rhs", level); break;
  case STMT_RETURN: dump_exprs(&s->u.ret.results, "", level); break;
  case STMT_BLOCK: dump_stmts(&s->u.block.list, level); break;
  case STMT_IF:
    dump_stmt(s->u.ifs.init, "init", level), dump_expr(s->u.ifs.cond, "cond", level);
    dump_stmt(s->u.ifs.then, "then", level), dump_stmt(s->u.ifs.els, "else", level);
    break;
  case STMT_SWITCH:
    dump_stmt(s->u.switchs.init, "init", level), dump_expr(s->u.switchs.tag, "tag", level);
    dump_clauses(&s->u.switchs.clauses, level);
    break;
  case STMT_TYPESWITCH:
    dump_stmt(s->u.typeswitch.init, "init", level), dump_expr(s->u.typeswitch.x, "x", level);
    dump_clauses(&s->u.typeswitch.clauses, level);
    break;
  case STMT_SELECT: dump_clauses(&s->u.select.clauses, level); break;
  case STMT_FOR:
    dump_stmt(s->u.fors.init, "init", level), dump_expr(s->u.fors.cond, "cond", level);
    dump_stmt(s->u.fors.post, "post", level), dump_stmt(s->u.fors.body, "", level);
    break;
  case STMT_RANGE:
    dump_expr(s->u.range.key, "key", level), dump_expr(s->u.range.value, "value", level);
    dump_expr(s->u.range.x, "x", level), dump_stmt(s->u.range.body, "", level);
    break;
  case STMT_LABELED: dump_stmt(s->u.labeled.stmt, "", level); break;
  default: break;
  }
}

static void dump_stmt(const Stmt *s, const char *role, int level) {
  if (!s) return;
  if (s->kind == STMT_DECL) {
    dump_decl(s->u.decl.decl, level);
    return;
  }
  begin(role, level);
  fputs(stmt_word(s), stdout);
  print_stmt_detail(s);
  end(s->pos);
  dump_stmt_parts(s, level + 1);
}

/* ---- declarations */

static void print_names(const ExprList *names) {
  for (int i = 0; i < names->n; i++) printf(" %s", names->v[i]->u.ident.name);
}

static void dump_import(const Decl *d, int level) {
  begin("", level);
  fputs("import ", stdout);
  if (d->u.import.name) printf("%s ", d->u.import.name);
  printf("\"%s\"", d->u.import.path);
  end(d->pos);
}

/* What a line of a group repeats is shown where it was written only. */
static void dump_const(const Decl *d, int level) {
  begin("", level);
  fputs("const", stdout);
  print_names(&d->u.constant.names);
  printf(" iota=%d%s", d->u.constant.iota, d->u.constant.implicit ? " implicit" : "");
  end(d->pos);
  if (d->u.constant.implicit) return;
  dump_expr(d->u.constant.type_expr, "type", level + 1);
  dump_exprs(&d->u.constant.values, "", level + 1);
}

static void dump_var(const Decl *d, int level) {
  begin("", level);
  fputs("var", stdout);
  print_names(&d->u.var.names);
  end(d->pos);
  dump_expr(d->u.var.type_expr, "type", level + 1);
  dump_exprs(&d->u.var.values, "", level + 1);
}

static void dump_type(const Decl *d, int level) {
  begin("", level);
  printf("type %s%s", d->u.type.name, d->u.type.alias ? " =" : "");
  end(d->pos);
  dump_expr(d->u.type.type_expr, "", level + 1);
}

static void dump_func(const Decl *d, int level) {
  begin("", level);
  const Pragmas *p = &d->u.func.pragmas;
  printf("func %s%s%s%s", d->u.func.name, p->nopreempt ? " nopreempt" : "", p->c ? " c" : "", p->c ? p->c : "");
  end(d->pos);
  if (d->u.func.recv) dump_field(d->u.func.recv, "recv", level + 1);
  dump_expr(d->u.func.type_expr, "", level + 1);
  dump_stmt(d->u.func.body, "", level + 1);
}

static void dump_decl(const Decl *d, int level) {
  switch (d->kind) {
  case DECL_BAD: line("", level, "bad", d->pos); break;
  case DECL_IMPORT: dump_import(d, level); break;
  case DECL_CONST: dump_const(d, level); break;
  case DECL_TYPE: dump_type(d, level); break;
  case DECL_VAR: dump_var(d, level); break;
  case DECL_FUNC: dump_func(d, level); break;
  }
}

void ast_dump_file(const File *file) {
  printf("package %s", file->package_name);
  end(file->package_pos);
  for (int i = 0; i < file->decls.n; i++) dump_decl(file->decls.v[i], 1);
}
