/* gen_import.c: bodies of other packages' functions, for the optimiser to inline.
 *
 * Packages are compiled one by one, so a call of another package's function would stay a call however little it does:
 * a mutex that nobody wants, a getter, an error's text. Therefore a small function of an imported package that this
 * module names gets a body here too. Its linkage is available_externally: LLVM may inline it or reason with it and
 * then throws it away; code, tables and symbols come from the package's own object, once. All packages are checked from
 * their sources, so the body is at hand, with the escape facts that its own object was compiled with.
 *
 * What such a body names is declared as in its own package: its functions, private ones as well, and its variables have
 * external symbols there (only a main package keeps them to itself, and nobody imports that). Functions it calls may
 * follow it here, as long as the chain of bodies stays small together. Only calls ask for a body, not what takes a
 * function's address: the methods of every type that a package names would come along with the type's descriptor.
 *
 * Not taken along is what has a symbol of its own inside (literals, go statements, local types: a second definition
 * under the same name), what defers or recovers (its frame means something), and what asks not to be inlined.
 *
 * Rejected: bitcode beside each object (a second form of the same thing to keep consistent, and the sources are parsed
 * and checked anyway); all bodies, whatever their size (the optimiser would work through the library for every
 * program).
 */
#include "escape_walk.h"
#include "gen.h"

enum { INLINE_MAX_NODES = 120 };

typedef struct Measure { int nodes; bool refused; } Measure;

static void measure_stmt(void *context, Stmt *s) {
  Measure *m = context;
  bool local_type = s->kind == STMT_DECL && s->u.decl.decl && s->u.decl.decl->kind == DECL_TYPE;
  m->nodes++;
  m->refused |= s->kind == STMT_GO || s->kind == STMT_DEFER || s->kind == STMT_SELECT || local_type;
}

static void measure_expr(void *context, Expr *e) {
  Measure *m = context;
  bool recovers = e->kind == EXPR_CALL && e->u.call.call == CALL_BUILTIN && e->u.call.builtin == BUILTIN_RECOVER;
  m->nodes++;
  m->refused |= e->kind == EXPR_FUNC || recovers;
}

/* In nodes of the tree. */
static int size_of(const Func *f) {
  Measure m = {0};
  Visitor v = {&m, measure_stmt, measure_expr};
  visit_stmt(&v, f->body);
  return m.refused ? INLINE_MAX_NODES + 1 : m.nodes;
}

/* What the body at work may still bring along: all for the package's own, else what the chain that led to it left. */
static int budget(const Gen *g) { return g->import ? g->import->budget : INLINE_MAX_NODES; }

void import_body(Gen *g, Func *f, Ir ll) {
  if (!g->inlines || f->pkg == g->pkg || !f->obj || !f->body || f->nopreempt) return;
  if (LLVMGetFirstBasicBlock(ll) || LLVMGetLinkage(ll) == LLVMAvailableExternallyLinkage) return;
  int left = budget(g) - size_of(f);
  if (left < 0) return;
  LLVMSetLinkage(ll, LLVMAvailableExternallyLinkage);
  list_push(&g->imported, ((Import){f, left}));
}
