/* gen_switch.c: switches on values and on types: the tests one after the other in source order (the optimiser makes a
 * jump table of integer ones), then the bodies, each in a block of its own so that fallthrough is a jump. Constant
 * strings are told apart by their lengths first. */
#include "gen.h"

typedef struct Switch { Flow flow; ClauseList *clauses; LLVMBasicBlockRef *bodies, end; } Switch;

static void switch_open(Gen *g, Switch *sw, Stmt *s, ClauseList *clauses) {
  sw->clauses = clauses;
  sw->bodies = arena_alloc((size_t)(clauses->n + 1) * sizeof *sw->bodies);
  for (int i = 0; i < clauses->n; i++) sw->bodies[i] = add_block(g, "case");
  sw->end = add_block(g, "endswitch");
  sw->flow = (Flow){s, sw->end, NULL, g->fn->flow};
  g->fn->flow = &sw->flow;
}

/* No test held: the default, wherever it is written. */
static void switch_no_match(Gen *g, Switch *sw) {
  LLVMBasicBlockRef to = sw->end;
  for (int i = 0; i < sw->clauses->n; i++)
    if (sw->clauses->v[i]->is_default) to = sw->bodies[i];
  jump(g, to);
}

static void body_start(Gen *g, Switch *sw, int i) {
  LLVMMoveBasicBlockAfter(sw->bodies[i], LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, sw->bodies[i]);
  debug_at(g, sw->clauses->v[i]->pos);
}

static void body_end(Gen *g, Switch *sw, int i) {
  LLVMBasicBlockRef outer = g->fn->fallthrough;
  g->fn->fallthrough = i + 1 < sw->clauses->n ? sw->bodies[i + 1] : NULL;
  gen_stmts(g, &sw->clauses->v[i]->body);
  g->fn->fallthrough = outer;
  jump(g, sw->end);
}

static void switch_close(Gen *g, Switch *sw) {
  LLVMMoveBasicBlockAfter(sw->end, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, sw->end);
  g->fn->flow = sw->flow.outer;
}

/* Jumps to `yes` when cond holds, else goes on. */
static void test(Gen *g, Ir cond, LLVMBasicBlockRef yes) {
  LLVMBasicBlockRef no = add_block(g, "");
  branch(g, cond, yes, no);
  LLVMMoveBasicBlockAfter(no, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, no);
}

static Ir is_null(Gen *g, Ir v) { return LLVMBuildICmp(g->b, LLVMIntEQ, v, LLVMConstNull(LLVMTypeOf(v)), ""); }

/* Without a tag a case is a condition, or an interface that may hold true. */
static void test_case(Gen *g, Expr *x, const Value *tag, LLVMBasicBlockRef yes) {
  debug_at(g, x->pos);
  if (!tag && type_is_interface(x->type)) {
    Value truth = const_value(g, type_basic(T_BOOL), const_from_bool(true));
    test(g, compare_values(g, OP_EQ, truth, gen_expr(g, x)), yes);
  } else if (!tag) {
    LLVMBasicBlockRef no = add_block(g, "");
    gen_cond_jump(g, x, yes, no);
    LLVMMoveBasicBlockAfter(no, LLVMGetInsertBlock(g->b));
    LLVMPositionBuilderAtEnd(g->b, no);
  } else if (expr_unparen(x)->mode == MODE_NIL) {
    test(g, is_null(g, tag->w[0]), yes);
  } else {
    test(g, compare_values(g, OP_EQ, *tag, gen_expr(g, x)), yes);
  }
}

/* ---- constant strings */
enum { STRING_SWITCH_MIN = 4 };

typedef struct StringCase { Value text; int64_t length; LLVMBasicBlockRef body; } StringCase;
DEFINE_LIST(StringCaseList, StringCase);

/* The cases, or none when one is not constant or they are too few to be worth it. */
static StringCaseList string_cases(Gen *g, Switch *sw) {
  StringCaseList cases = {0};
  for (int i = 0; i < sw->clauses->n; i++)
    for (int k = 0; k < sw->clauses->v[i]->exprs.n; k++) {
      Expr *x = sw->clauses->v[i]->exprs.v[k];
      if (x->mode != MODE_CONST || !type_is_string(x->type)) return (StringCaseList){0};
      Value text = const_value(g, x->type, x->cval);
      list_push(&cases, ((StringCase){text, LLVMConstIntGetSExtValue(text.w[1]), sw->bodies[i]}));
    }
  return cases.n < STRING_SWITCH_MIN ? (StringCaseList){0} : cases;
}

DEFINE_LIST(LengthList, int64_t);

static bool seen_length(LengthList *lengths, int64_t length) {
  for (int i = 0; i < lengths->n; i++)
    if (lengths->v[i] == length) return true;
  list_push(lengths, length);
  return false;
}

static void switch_on_length(Gen *g, const StringCaseList *cases, Value tag, LLVMBasicBlockRef none) {
  LengthList lengths = {0};
  Ir jumps = LLVMBuildSwitch(g->b, tag.w[1], none, (unsigned)cases->n);
  for (int i = 0; i < cases->n; i++) {
    int64_t length = cases->v[i].length;
    if (seen_length(&lengths, length)) continue;
    LLVMBasicBlockRef block = add_block(g, "length");
    LLVMAddCase(jumps, const_i64(g, length), block);
    LLVMPositionBuilderAtEnd(g->b, block);
    for (int k = i; k < cases->n; k++) {
      const StringCase *c = &cases->v[k];
      if (c->length == length) test(g, bytes_equal(g, tag.w[0], c->text.w[0], length), c->body);
    }
    jump(g, none);
  }
}

static void test_strings(Gen *g, const StringCaseList *cases, Value tag) {
  LLVMBasicBlockRef none = add_block(g, "");
  switch_on_length(g, cases, tag, none);
  LLVMMoveBasicBlockAfter(none, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, none);
}

static void test_in_order(Gen *g, Switch *sw, const Value *tag) {
  for (int i = 0; i < sw->clauses->n; i++)
    for (int k = 0; k < sw->clauses->v[i]->exprs.n; k++)
      test_case(g, sw->clauses->v[i]->exprs.v[k], tag, sw->bodies[i]);
}

void gen_switch(Gen *g, Stmt *s) {
  if (s->u.switchs.init) gen_stmt(g, s->u.switchs.init);
  Value tag = {0};
  if (s->u.switchs.tag) tag = value_stable(g, gen_expr(g, s->u.switchs.tag));
  Switch sw;
  switch_open(g, &sw, s, &s->u.switchs.clauses);
  StringCaseList strings = {0};
  if (tag.type && type_is_string(tag.type)) strings = string_cases(g, &sw);
  if (strings.n) test_strings(g, &strings, tag);
  else test_in_order(g, &sw, tag.type ? &tag : NULL);
  switch_no_match(g, &sw);
  for (int i = 0; i < sw.clauses->n; i++) {
    body_start(g, &sw, i);
    body_end(g, &sw, i);
  }
  switch_close(g, &sw);
}

/* ---- type switch */

/* A clause of one type: its variable has that type. The first word of an asked interface is found by the test, which
 * dominates the body, as the only way to it. */
static Ir test_type(Gen *g, Value x, Ir type, Expr *want, LLVMBasicBlockRef yes) {
  debug_at(g, want->pos);
  Ir word = type;
  if (expr_unparen(want)->mode == MODE_NIL) test(g, is_null(g, x.w[0]), yes);
  else test(g, type_matches(g, type, want->type, &word), yes);
  return word;
}

static void bind_clause(Gen *g, Clause *c, Value x, Ir word) {
  if (!c->var) return;
  bool typed = c->exprs.n == 1 && expr_unparen(c->exprs.v[0])->mode != MODE_NIL;
  Value v = typed ? match_value(g, x, c->var->type, word) : x;
  value_store(g, v, declare_var(g, c->var));
}

void gen_typeswitch(Gen *g, Stmt *s) {
  if (s->u.typeswitch.init) gen_stmt(g, s->u.typeswitch.init);
  Expr *e = expr_unparen(s->u.typeswitch.x);
  if (e->kind == EXPR_TYPEASSERT && !e->u.typeassert.type_expr) e = e->u.typeassert.x;
  Value x = gen_expr(g, e);
  debug_at(g, s->pos);
  Ir type = iface_type_word(g, x);
  Switch sw;
  switch_open(g, &sw, s, &s->u.typeswitch.clauses);
  Ir *words = arena_alloc((size_t)(sw.clauses->n + 1) * sizeof *words);
  for (int i = 0; i < sw.clauses->n; i++)
    for (int k = 0; k < sw.clauses->v[i]->exprs.n; k++)
      words[i] = test_type(g, x, type, sw.clauses->v[i]->exprs.v[k], sw.bodies[i]);
  switch_no_match(g, &sw);
  for (int i = 0; i < sw.clauses->n; i++) {
    body_start(g, &sw, i);
    bind_clause(g, sw.clauses->v[i], x, words[i]);
    body_end(g, &sw, i);
  }
  switch_close(g, &sw);
}
