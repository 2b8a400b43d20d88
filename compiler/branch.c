/* branch.c: labels and jumps of one function body, as soon as it has been read: a program whose syntax is wrong
 * elsewhere hears of them too, and what they mean needs no types.
 *
 * One walk notes every label with the block it stands in, every goto with the blocks around it, and every variable
 * declared directly in a block; break, continue and fallthrough are settled on the way. Gotos are settled at the end:
 * a label is a legal target when its block is around the goto, and no variable of that block is declared between them.
 */
#include "parse.h"
#include "source.h"

typedef struct Block { struct Block *outer; Pos start; } Block;
typedef struct Label { Stmt *stmt; Block *block; } Label;
typedef struct Goto { Stmt *stmt; Block *block; } Goto;
typedef struct VarDecl { Block *block; ExprList names; Pos pos; } VarDecl;
DEFINE_LIST(LabelList, Label);
DEFINE_LIST(GotoList, Goto);
DEFINE_LIST(VarDeclList, VarDecl);

/* What break and continue mean here; the innermost first. */
typedef struct Target { struct Target *outer; Stmt *stmt; const char *label; bool loop; } Target;

typedef struct Walk {
  Parser *parser;
  LabelList labels;
  GotoList gotos;
  VarDeclList decls;
  Block *block;
  Target *targets;
} Walk;

/* What a fallthrough may do here. */
typedef enum Fall { FALL_NO, FALL_OK, FALL_FINAL, FALL_TYPE } Fall;

/* Told at the end of the file: within a function they are no reason to pass over what is around it. */
static void jump_error(Parser *p, Pos pos, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  list_push(&p->jump_errors, ((JumpError){pos, vformat(fmt, ap)}));
  va_end(ap);
}

static void walk_stmt(Walk *w, Stmt *s, const char *label, Fall fall);

static void walk_list(Walk *w, const StmtList *list, Pos start, Fall fall) {
  Block block = {w->block, start}, *kept = NEW(Block);
  *kept = block;
  w->block = kept;
  int last = list->n - 1;
  while (last >= 0 && list->v[last]->kind == STMT_EMPTY) last--;
  for (int i = 0; i < list->n; i++) walk_stmt(w, list->v[i], NULL, i == last ? fall : FALL_NO);
  w->block = kept->outer;
}

/* ---- break, continue, fallthrough */

static Label *find_label(Walk *w, const char *name) {
  if (is_blank(name)) return NULL;
  for (int i = 0; i < w->labels.n; i++)
    if (w->labels.v[i].stmt->u.labeled.label == name) return &w->labels.v[i];
  return NULL;
}

static Target *find_target(Walk *w, const char *label, bool loop) {
  for (Target *t = w->targets; t; t = t->outer)
    if (label ? t->label == label && !is_blank(label) : t->loop || !loop) return t;
  return NULL;
}

static void report_no_target(Walk *w, Stmt *s, bool loop) {
  const char *label = s->u.branch.label, *word = loop ? "continue" : "break";
  Label *known = label ? find_label(w, label) : NULL;
  if (known) {
    known->stmt->u.labeled.used = true;
    jump_error(w->parser, s->u.branch.label_pos, "invalid %s label %s", word, label);
  } else if (label) jump_error(w->parser, s->u.branch.label_pos, "%s label not defined: %s", word, label);
  else jump_error(w->parser, s->pos, "%s", loop ? "continue is not in a loop" : "break is not in a loop, switch, or select");
}

static void settle_break(Walk *w, Stmt *s) {
  bool loop = s->u.branch.branch == BRANCH_CONTINUE;
  Target *t = find_target(w, s->u.branch.label, loop);
  if (t && (!loop || t->loop)) {
    s->u.branch.target = t->stmt;
    if (!loop) t->stmt->broken = true;
    Label *label = s->u.branch.label ? find_label(w, s->u.branch.label) : NULL;
    if (label) label->stmt->u.labeled.used = true;
  } else report_no_target(w, s, loop);
}

static void settle_fallthrough(Walk *w, Stmt *s, Fall fall) {
  static const char *const faults[] = {
    [FALL_NO] = "fallthrough statement out of place",
    [FALL_OK] = NULL,
    [FALL_FINAL] = "cannot fallthrough final case in switch",
    [FALL_TYPE] = "cannot fallthrough in type switch",
  };
  if (faults[fall]) jump_error(w->parser, s->pos, "%s", faults[fall]);
}

static void walk_branch(Walk *w, Stmt *s, Fall fall) {
  switch (s->u.branch.branch) {
  case BRANCH_BREAK: case BRANCH_CONTINUE: settle_break(w, s); break;
  case BRANCH_FALLTHROUGH: settle_fallthrough(w, s, fall); break;
  case BRANCH_GOTO: list_push(&w->gotos, ((Goto){s, w->block})); break;
  }
}

/* ---- the walk */

static void walk_label(Walk *w, Stmt *s, Fall fall) {
  Label *old = find_label(w, s->u.labeled.label);
  if (is_blank(s->u.labeled.label)) old = NULL;
  if (old) {
    Place p = pos_place(old->stmt->pos);
    jump_error(w->parser, s->pos, "label %s already defined at %s:%d:%d", s->u.labeled.label, p.path, p.line, p.col);
  } else list_push(&w->labels, ((Label){s, w->block}));
  walk_stmt(w, s->u.labeled.stmt, old ? NULL : s->u.labeled.label, fall); /* the name means the first */
}

static void enter_target(Walk *w, Target *t, Stmt *s, const char *label, bool loop) {
  *t = (Target){w->targets, s, label, loop};
  w->targets = t;
}

static void walk_clauses(Walk *w, Stmt *s, const ClauseList *clauses, const char *label, bool values) {
  Target t;
  enter_target(w, &t, s, label, false);
  for (int i = 0; i < clauses->n; i++) {
    Fall fall = s->kind == STMT_TYPESWITCH ? FALL_TYPE : !values ? FALL_NO : i == clauses->n - 1 ? FALL_FINAL : FALL_OK;
    walk_list(w, &clauses->v[i]->body, clauses->v[i]->pos, fall);
  }
  w->targets = t.outer;
}

static void walk_loop(Walk *w, Stmt *s, Stmt *body, const char *label) {
  Target t;
  enter_target(w, &t, s, label, true);
  walk_stmt(w, body, NULL, FALL_NO);
  w->targets = t.outer;
}

/* As they stand there: a, b. */
static const char *names_text(const VarDecl *d) {
  return source_text(leftmost(d->names.v[0]), d->names.v[d->names.n - 1]->end);
}

/* A group of declarations counts as its first, several names as the first of them. */
static void note_decl(Walk *w, Stmt *s) {
  Decl *d = s->u.decl.decl;
  if (d->kind != DECL_VAR || d->u.var.names.n == 0 || s->u.decl.follows) return;
  list_push(&w->decls, ((VarDecl){w->block, one_expr(d->u.var.names.v[0]), d->u.var.names.v[0]->pos}));
}

static void note_define(Walk *w, Stmt *s) {
  if (s->u.assign.op == OP_DEFINE) list_push(&w->decls, ((VarDecl){w->block, s->u.assign.lhs, s->pos}));
}

static void walk_if(Walk *w, Stmt *s) {
  walk_stmt(w, s->u.ifs.then, NULL, FALL_NO);
  if (s->u.ifs.els) walk_stmt(w, s->u.ifs.els, NULL, FALL_NO);
}

static void walk_stmt(Walk *w, Stmt *s, const char *label, Fall fall) {
  switch (s->kind) {
  case STMT_BRANCH: walk_branch(w, s, fall); break;
  case STMT_LABELED: walk_label(w, s, fall); break;
  case STMT_BLOCK: walk_list(w, &s->u.block.list, s->pos, FALL_NO); break;
  case STMT_IF: walk_if(w, s); break;
  case STMT_SWITCH: walk_clauses(w, s, &s->u.switchs.clauses, label, true); break;
  case STMT_TYPESWITCH: walk_clauses(w, s, &s->u.typeswitch.clauses, label, false); break;
  case STMT_SELECT: walk_clauses(w, s, &s->u.select.clauses, label, false); break;
  case STMT_FOR: walk_loop(w, s, s->u.fors.body, label); break;
  case STMT_RANGE: walk_loop(w, s, s->u.range.body, label); break;
  case STMT_DECL: note_decl(w, s); break;
  case STMT_ASSIGN: note_define(w, s); break;
  default: break;
  }
}

/* ---- goto */

static bool around(const Block *outer, const Block *inner) {
  while (inner && inner != outer) inner = inner->outer;
  return inner != NULL;
}

/* The last one. */
static const VarDecl *jumped_over(Walk *w, Stmt *from, const Label *to) {
  for (int i = w->decls.n - 1; i >= 0; i--) {
    const VarDecl *d = &w->decls.v[i];
    if (d->block == to->block && d->pos > from->pos && d->pos < to->stmt->pos) return d;
  }
  return NULL;
}

static void settle_goto(Walk *w, const Goto *g) {
  const char *name = g->stmt->u.branch.label;
  Pos at = g->stmt->u.branch.label_pos;
  Label *label = name ? find_label(w, name) : NULL;
  if (!label) {
    if (name) jump_error(w->parser, at, "label %s not defined", name);
    return;
  }
  label->stmt->u.labeled.used = true;
  g->stmt->u.branch.target = label->stmt;
  if (!around(label->block, g->block)) {
    Place p = pos_place(label->block->start);
    jump_error(w->parser, at, "goto %s jumps into block starting at %s:%d:%d", name, p.path, p.line, p.col);
    return;
  }
  const VarDecl *d = jumped_over(w, g->stmt, label);
  if (!d) return;
  Place p = pos_place(d->pos);
  jump_error(w->parser, at, "goto %s jumps over declaration of %s at %s:%d:%d", name, names_text(d), p.path, p.line, p.col);
}

/* A body with an error in it may lack statements, labels among them. */
void settle_branches(Parser *p, Stmt *body) {
  if (diag_errors_in(body->pos, body->end)) return;
  Walk w = {.parser = p};
  walk_list(&w, &body->u.block.list, body->pos, FALL_NO);
  for (int i = 0; i < w.gotos.n; i++) settle_goto(&w, &w.gotos.v[i]);
  for (int i = 0; i < w.labels.n; i++) {
    Stmt *s = w.labels.v[i].stmt;
    if (!s->u.labeled.used && !is_blank(s->u.labeled.label))
      jump_error(p, s->pos, "label %s defined and not used", s->u.labeled.label);
  }
}

void tell_jump_errors(Parser *p) {
  for (int i = 0; i < p->jump_errors.n; i++)
    mild_error_at(p->jump_errors.v[i].pos, "%s", p->jump_errors.v[i].text);
}
