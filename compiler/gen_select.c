/* gen_select.c: select.
 *
 * What it becomes depends on its cases alone: none, toy_block; one, the plain operation; one and a default, an operation
 * that does not wait; more, toy_selectgo with an array of (channel, address of the element), sends before receives.
 *
 * Channels and values to be sent are evaluated first, in source order, whichever case is chosen. What is on the left of a
 * received value is evaluated in the chosen case only: the case's statement is generated there as an ordinary assignment, whose
 * receive finds its value already received (Fn.received, taken by received_here).
 *
 * Elements and the array of cases are temporaries of the frame: stack objects, which move with it while the goroutine waits.
 */
#include "gen.h"

typedef struct Comm {
  Clause *clause;
  Stmt *stmt;
  Expr *recv; /* the receive; null for a send */
  Ir chan, elem;
  Type *type; /* of the element */
} Comm;
DEFINE_LIST(CommList, Comm);

typedef struct Select {
  Flow flow;
  CommList comms; /* in source order */
  Clause *fallback;
  int nsends;
  LLVMBasicBlockRef end;
} Select;

/* ---- the cases */

static Expr *receive_of(Stmt *s) {
  Expr *e = s->kind == STMT_SEND ? NULL : s->kind == STMT_EXPR ? s->u.expr.x : s->u.assign.rhs.v[0];
  return e ? expr_unparen(e) : NULL;
}

static void collect(Select *sel, Stmt *s) {
  ClauseList *clauses = &s->u.select.clauses;
  for (int i = 0; i < clauses->n; i++) {
    Clause *c = clauses->v[i];
    if (!c->comm) {
      sel->fallback = c;
      continue;
    }
    Comm comm = {.clause = c, .stmt = c->comm, .recv = receive_of(c->comm)};
    list_push(&sel->comms, comm);
    if (!comm.recv) sel->nsends++;
  }
}

static bool drops_value(const Comm *c) { return c->recv && c->stmt->kind == STMT_EXPR; }

static void evaluate_send(Gen *g, Comm *c) {
  Value ch = gen_expr(g, c->stmt->u.send.chan);
  c->type = type_under(ch.type)->u.chan.elem;
  Value v = gen_expr_as(g, c->stmt->u.send.value, c->type);
  c->chan = ch.w[0];
  c->elem = borrow_elem(g, c->type);
  value_store(g, v, c->elem);
}

static void evaluate(Gen *g, Comm *c) {
  debug_at(g, c->stmt->pos);
  if (!c->recv) {
    evaluate_send(g, c);
    return;
  }
  Value ch = gen_expr(g, c->recv->u.unary.x);
  c->type = type_under(ch.type)->u.chan.elem;
  c->chan = ch.w[0];
  c->elem = drops_value(c) ? null_ref(g) : borrow_elem(g, c->type);
}

/* ---- bodies */

Value received_here(Gen *g, Expr *recv, Ir *ok) {
  const Received *r = g->fn->received;
  if (!r || r->recv != recv) return (Value){0};
  if (ok) *ok = r->ok;
  return r->value;
}

static void assign_received(Gen *g, const Comm *c, Ir ok) {
  if (!c->recv || drops_value(c)) return;
  Value v = value_load(g, c->type, c->elem);
  v.fresh = v.mem;
  Received here = {c->recv, v, ok};
  const Received *outer = g->fn->received;
  g->fn->received = &here;
  gen_stmt(g, c->stmt);
  g->fn->received = outer;
}

static void gen_body(Gen *g, Select *sel, Clause *c) {
  debug_at(g, c->pos);
  gen_stmts(g, &c->body);
  jump(g, sel->end);
}

static void move_to(Gen *g, LLVMBasicBlockRef block) {
  LLVMMoveBasicBlockAfter(block, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, block);
}

static void gen_case(Gen *g, Select *sel, const Comm *c, Ir ok) {
  debug_at(g, c->stmt->pos);
  assign_received(g, c, ok);
  gen_body(g, sel, c->clause);
}

/* ---- forms */

static void no_case(Gen *g) {
  rt_call(g, RT_block, NULL, NULL, 0);
  LLVMBuildUnreachable(g->b);
  LLVMPositionBuilderAtEnd(g->b, add_block(g, "dead"));
}

static void one_case(Gen *g, Select *sel) {
  Comm *c = &sel->comms.v[0];
  gen_stmt(g, c->stmt);
  gen_body(g, sel, c->clause);
}

static Ir bit(Gen *g, Ir word, unsigned n) {
  Ir masked = LLVMBuildAnd(g->b, word, const_i64(g, (int64_t)1 << n), "");
  return LLVMBuildICmp(g->b, LLVMIntNE, masked, const_i64(g, 0), "");
}

static void one_case_or_default(Gen *g, Select *sel, Pos pos) {
  Comm *c = &sel->comms.v[0];
  evaluate(g, c);
  debug_at(g, pos);
  Ir done, ok = NULL;
  if (c->recv) {
    Ir word = RT(g, selectnbrecv, NULL, c->chan, c->elem);
    done = bit(g, word, 0);
    ok = bit(g, word, 1);
  } else done = RT(g, selectnbsend, NULL, c->chan, c->elem);
  LLVMBasicBlockRef yes = add_block(g, "case"), no = add_block(g, "default");
  branch(g, done, yes, no);
  move_to(g, yes);
  gen_case(g, sel, c, ok);
  move_to(g, no);
  gen_body(g, sel, sel->fallback);
}

/* The runtime's index of each case: sends from the front, then receives. */
static int *runtime_order(const Select *sel) {
  int *at = arena_alloc((size_t)sel->comms.n * sizeof *at), send = 0, recv = sel->nsends;
  for (int i = 0; i < sel->comms.n; i++) at[i] = sel->comms.v[i].recv ? recv++ : send++;
  return at;
}

static Ir call_selectgo(Gen *g, Select *sel, const int *at) {
  int n = sel->comms.n;
  LLVMTypeRef pair = LLVMArrayType2(g->ref, 2);
  Ir cases = borrow_temp(g, LLVMArrayType2(pair, (uint64_t)n));
  Ir order = borrow_temp(g, LLVMArrayType2(LLVMInt16TypeInContext(g->cx), 2 * (uint64_t)n));
  for (int i = 0; i < n; i++) {
    LLVMBuildStore(g->b, sel->comms.v[i].chan, byte_offset(g, cases, 16 * (int64_t)at[i]));
    LLVMBuildStore(g->b, sel->comms.v[i].elem, byte_offset(g, cases, 16 * (int64_t)at[i] + 8));
  }
  Ir word = RT(g, selectgo, NULL, cases, order, const_i64(g, sel->nsends), const_i64(g, n - sel->nsends),
               const_i64(g, !sel->fallback));
  return_temp(g, cases);
  return_temp(g, order);
  return word;
}

static void many_cases(Gen *g, Select *sel, Pos pos) {
  int n = sel->comms.n, *at = runtime_order(sel);
  for (int i = 0; i < n; i++) evaluate(g, &sel->comms.v[i]);
  debug_at(g, pos);
  Ir word = call_selectgo(g, sel, at), ok = bit(g, word, 0);
  Ir index = LLVMBuildAShr(g->b, word, const_i64(g, 1), "");
  LLVMBasicBlockRef other = add_block(g, "default");
  Ir jumps = LLVMBuildSwitch(g->b, index, other, (unsigned)n);
  for (int i = 0; i < n; i++) {
    LLVMBasicBlockRef block = add_block(g, "case");
    LLVMAddCase(jumps, const_i64(g, at[i]), block);
    move_to(g, block);
    gen_case(g, sel, &sel->comms.v[i], ok);
  }
  move_to(g, other);
  if (sel->fallback) gen_body(g, sel, sel->fallback);
  else LLVMBuildUnreachable(g->b);
}

/* What was sent, or received into scalars, is no longer needed; a struct received lies in its element. */
static void return_elems(Gen *g, const Select *sel) {
  for (int i = 0; i < sel->comms.n; i++) {
    const Comm *c = &sel->comms.v[i];
    if (!c->elem || drops_value(c)) continue;
    if (!c->recv || type_info(g, c->type)->rep != REP_MEM) return_temp(g, c->elem);
  }
}

void gen_select(Gen *g, Stmt *s) {
  Select sel = {.end = add_block(g, "endselect")};
  collect(&sel, s);
  sel.flow = (Flow){s, sel.end, NULL, g->fn->flow};
  g->fn->flow = &sel.flow;
  if (sel.comms.n == 0 && !sel.fallback) no_case(g);
  else if (sel.comms.n == 0) gen_body(g, &sel, sel.fallback);
  else if (sel.comms.n == 1 && !sel.fallback) one_case(g, &sel);
  else if (sel.comms.n == 1) one_case_or_default(g, &sel, s->pos);
  else many_cases(g, &sel, s->pos);
  return_elems(g, &sel);
  start_block(g, sel.end);
  g->fn->flow = sel.flow.outer;
}
