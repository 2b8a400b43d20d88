/* escape.c: escape analysis, the pass: which variables and allocations may live on the stack.
 *
 * The design is the one Go's compiler has published: a graph of locations whose edges count dereferences
 * (escape_graph.h), built without regard to the order in which things happen, and solved once for each strongly
 * connected component of the package's call graph, callees first. A function's parameters are summed up by where they
 * leak to; its callers need no more. Function literals are analysed with the function around them, package
 * initialisation last of all.
 *
 * Needs a checked package whose imports were analysed. Produces Object.escapes, Expr.escapes, Func.escape; spoils
 * Object.number of variables.
 *
 * What must hold afterwards: no memory on the heap, in a global, in a channel or of another goroutine can point into
 * a frame, and no object is used after its frame, or its iteration, is over. The runtime rewrites pointers within a
 * stack when it moves, and nowhere else: one mistake here is memory corruption there.
 *
 * Rejected: an order-sensitive analysis (would find more, and be wrong more often); following stores through pointers
 * (*p = q puts q on the heap; an alias analysis would have to say which objects p points to).
 */
#include <string.h>

#include "compiler.h"
#include "escape_walk.h"

/* Functions without a body that keep no argument and return none. The kernel's copies are made before they return, and
 * nobody but its goroutine moves a stack. */
static const struct { const char *package, *name; } keeps_nothing[] = {
  {"syscall", "syscallbuf"},
  {"syscall", "syscallpath"},
  {"internal/bytealg", "IndexByte"},
  {"internal/bytealg", "Count"},
  /* These keep the record, in the goroutine, whose stack it lies in (runtime/defer.c). */
  {"runtime", "addpanic"},
  {"runtime", "nextdefer"},
  {"runtime", "recovery"},
  {"runtime", "repanics"},
  {"runtime", "fatalpanic"},
};

static Summary *summary(Func *f) { return f->escape; }

/* ---- summaries */

/* Atomic operations on numbers: nothing but a number goes anywhere. */
static bool is_atomic_number(const Func *f) {
  if (f->recv || f->params.n == 0 || strcmp(f->pkg->path, "sync/atomic") != 0) return false;
  Type *t = type_under(f->params.v[0]->type);
  return t->kind == T_POINTER && !type_has_pointers(t->u.pointer.elem);
}

static bool is_harmless(const Func *f) {
  if (!f->obj) return false;
  if (is_atomic_number(f) || (f->c && f->c->noescape)) return true;
  for (size_t i = 0; i < sizeof keeps_nothing / sizeof *keeps_nothing; i++)
    if (!strcmp(f->pkg->path, keeps_nothing[i].package) && !strcmp(f->obj->name, keeps_nothing[i].name)) return true;
  return false;
}

static void leaks_alloc(Func *f) {
  Summary *sum = summary(f);
  sum->nparams = f->params.n + (f->recv != NULL);
  sum->leaks = arena_alloc(sizeof(Leaks) * (size_t)(sum->nparams + 1));
  for (int i = 0; i < sum->nparams; i++) leaks_init(&sum->leaks[i], f->results.n);
}

/* The bytes of a slice as a string, which shares them. */
static bool returns_argument(const Func *f) {
  return f->obj && !strcmp(f->pkg->path, "internal/bytealg") && !strcmp(f->obj->name, "View");
}

static void summarise_bodyless(Func *f) {
  leaks_alloc(f);
  if (returns_argument(f)) {
    summary(f)->leaks[0].result[0] = 0;
    summary(f)->state = SUMMARY_DONE;
    return;
  }
  for (int i = 0; i < summary(f)->nparams; i++) summary(f)->leaks[i].heap = is_harmless(f) ? LEAK_NONE : 0;
  summary(f)->state = SUMMARY_DONE;
}

static void summarise(Func *f) {
  Summary *sum = summary(f);
  leaks_alloc(f);
  for (int i = 0; i < sum->nparams; i++) sum->leaks[i] = sum->params.v[i]->leaks;
  sum->state = SUMMARY_DONE;
}

/* ---- one component */

static void write_facts(Walk *w) {
  for (int i = 0; i < w->graph.locs.n; i++)
    if (w->graph.locs.v[i]->obj && w->graph.locs.v[i]->kind != LOC_TEMP)
      w->graph.locs.v[i]->obj->escapes = w->graph.locs.v[i]->escapes;
  for (int i = 0; i < w->marks.n; i++) w->marks.v[i].expr->escapes |= w->marks.v[i].loc->escapes;
}

static void note_known_calls(Walk *w) {
  for (int i = 0; i < w->graph.locs.n; i++) {
    Loc *var = w->graph.locs.v[i];
    if (var->known && !var->passed_on && var->kind == LOC_VAR) track_results(var->known);
  }
}

static void finish(Package *pkg, Walk *w, FuncList batch) {
  note_known_calls(w);
  graph_solve(&w->graph);
  write_facts(w);
  notes_take(pkg, w);
  for (int i = 0; i < batch.n; i++) summarise(batch.v[i]);
  for (int i = 0; i < w->literals.n; i++) summarise(w->literals.v[i]);
}

static void analyse(Package *pkg, FuncList batch) {
  Walk w = {0};
  graph_init(&w.graph);
  for (int i = 0; i < batch.n; i++) func_locations(&w, batch.v[i]);
  for (int i = 0; i < batch.n; i++) walk_func(&w, batch.v[i]);
  finish(pkg, &w, batch);
}

/* Initialisers run in a function that nobody wrote; all they leave behind are globals. */
static void analyse_initialisers(Package *pkg) {
  Walk w = {.depth = 1};
  graph_init(&w.graph);
  for (int i = 0; i < pkg->ninit; i++) {
    struct InitStep *step = &pkg->init[i];
    Expr *rhs = step->rhs;
    int n = step->lhs.n;
    if (n > 1) {
      Hole *holes = arena_alloc(sizeof(Hole) * (size_t)n);
      Type **types = arena_alloc(sizeof(Type *) * (size_t)n);
      for (int j = 0; j < n; j++) holes[j] = to_heap(&w), types[j] = step->lhs.v[j] ? step->lhs.v[j]->type : NULL;
      walk_tuple(&w, holes, types, n, rhs);
    } else {
      walk_assigned(&w, to_heap(&w), rhs, n && step->lhs.v[0] ? step->lhs.v[0]->type : rhs->type);
    }
  }
  finish(pkg, &w, (FuncList){0});
}

/* ---- the call graph */

static void note_callee(void *context, Expr *e) {
  Func *callee = e->kind == EXPR_IDENT || e->kind == EXPR_SELECTOR ? static_callee(e) : NULL;
  if (callee && callee->escape && summary(callee)->state == SUMMARY_NEW) list_push((FuncList *)context, callee);
}

static void find_callees(Func *f) {
  Visitor v = {&summary(f)->callees, NULL, note_callee};
  visit_stmt(&v, f->body);
}

/* Tarjan's algorithm with a stack of its own: a chain of calls may be as long as the program. */
typedef struct Frame { Func *f; int next; } Frame;
DEFINE_LIST(FrameList, Frame);
typedef struct Components { Package *pkg; int order; FuncList stack; FrameList frames; } Components;

static void enter(Components *c, Func *f) {
  Summary *sum = summary(f);
  sum->order = sum->low = ++c->order;
  sum->stacked = true;
  list_push(&c->stack, f);
  list_push(&c->frames, ((Frame){f, 0}));
}

static void lower_to(Func *f, int low) {
  if (low < summary(f)->low) summary(f)->low = low;
}

static void leave(Components *c, Func *f) {
  Summary *sum = summary(f);
  c->frames.n--;
  if (c->frames.n) lower_to(c->frames.v[c->frames.n - 1].f, sum->low);
  if (sum->low != sum->order) return;
  FuncList batch = {0};
  Func *member;
  do {
    member = c->stack.v[--c->stack.n];
    summary(member)->stacked = false;
    list_push(&batch, member);
  } while (member != f);
  analyse(c->pkg, batch);
}

static void visit_component(Components *c, Func *start) {
  enter(c, start);
  while (c->frames.n) {
    Frame *top = &c->frames.v[c->frames.n - 1];
    Func *f = top->f;
    if (top->next == summary(f)->callees.n) {
      leave(c, f);
      continue;
    }
    Func *callee = summary(f)->callees.v[top->next++];
    if (!summary(callee)->order) enter(c, callee);
    else if (summary(callee)->stacked) lower_to(f, summary(callee)->order);
  }
}

void escape_package(Package *pkg) {
  Components c = {.pkg = pkg};
  FuncList declared = {0};
  for (int i = 0; i < pkg->funcs.n; i++) {
    Func *f = pkg->funcs.v[i];
    if (!f->decl) continue; /* a literal */
    f->escape = NEW(Summary);
    if (f->body) list_push(&declared, f);
    else summarise_bodyless(f);
  }
  for (int i = 0; i < declared.n; i++) find_callees(declared.v[i]);
  for (int i = 0; i < declared.n; i++)
    if (!summary(declared.v[i])->order) visit_component(&c, declared.v[i]);
  analyse_initialisers(pkg);
}
