/* escape_walk.h: what the files of escape analysis share besides the graph.
 *
 *   escape.c         the pass: functions in order of the call graph, facts written into the tree
 *   escape_visit.c   the tree's nodes one after the other: who calls whom, which labels are jumped back to
 *   escape_stmt.c    statements → edges
 *   escape_expr.c    expressions → edges
 *   escape_call.c    calls → edges, by the callee's summary, its locations, or the worst case
 *   escape_graph.c   the graph solved
 *   escape_text.c    `toy emit --escape`
 */
#ifndef TOY_ESCAPE_WALK_H
#define TOY_ESCAPE_WALK_H

#include "escape_graph.h"

/* A function's facts (Func.escape). While it is ACTIVE its locations are in the graph at work, afterwards leaks are all
 * that is left of it. params: the receiver, if there is one, then the parameters. */
typedef enum SummaryState { SUMMARY_NEW, SUMMARY_ACTIVE, SUMMARY_DONE } SummaryState;
typedef struct Summary {
  SummaryState state;
  int nparams;
  Leaks *leaks;
  LocList params, results;
  /* call graph */
  FuncList callees;
  int order, low;       /* Tarjan's numbers; order 0: not visited */
  bool stacked;
} Summary;

/* Which locations speak for which nodes: the node's flag is set when the location escapes. */
typedef struct Mark { Expr *expr; Loc *loc; } Mark;
DEFINE_LIST(MarkList, Mark);
typedef struct SiteMap { Mark *slot; int n, cap; } SiteMap; /* open addressing by node */

typedef struct Walk {
  Graph graph;
  Func *fn;             /* null: package initialisation */
  int depth;
  StmtList looping;     /* labels of fn that a goto further down jumps back to */
  bool heap_defers;     /* fn defers in a loop */
  MarkList marks;
  SiteMap sites;
  FuncList literals;    /* met on the way */
} Walk;

/* escape_visit.c. Calls back for every statement and expression below a statement, function literals' bodies
 * included. */
typedef struct Visitor {
  void *context;
  void (*stmt)(void *context, Stmt *s);
  void (*expr)(void *context, Expr *e);
} Visitor;
void visit_stmt(const Visitor *v, Stmt *s);
void visit_expr(const Visitor *v, Expr *e);
Func *static_callee(Expr *fun);                 /* the declared function or method that a callee names, else null */
StmtList looping_labels(Stmt *body);
bool loops_defer(Stmt *body, const StmtList *looping);

/* escape_stmt.c */
void walk_func(Walk *w, Func *f);               /* body of a function or literal whose locations exist */
void walk_stmt(Walk *w, Stmt *s);
void walk_tuple(Walk *w, Hole *holes, Type **types, int n, Expr *rhs); /* a, b = f(); v, ok = … */
void func_locations(Walk *w, Func *f);          /* of parameters and results */
Loc *declare_location(Walk *w, Object *obj, LocKind kind);

/* escape_expr.c */
Loc *location_of(Walk *w, Object *obj);
Loc *site_location(Walk *w, Expr *site, Type *allocated);
/* k gets the address of what site allocates; → where its contents flow */
Hole spill(Walk *w, Hole k, Expr *site, Type *allocated);
void walk_expr(Walk *w, Hole k, Expr *e);
void walk_assigned(Walk *w, Hole k, Expr *e, Type *to);   /* the same, converted to `to` as assignments do */
Hole boxed(Walk *w, Hole k, Expr *e, Type *from, Type *to); /* k, or the inside of a box whose address goes to k */
bool is_boxed(Type *t);                         /* an interface that holds a t points to it */
Hole destination(Walk *w, Expr *lhs);
Hole tee(Walk *w, Hole a, Hole b);
void mark(Walk *w, Expr *e, Loc *loc);
int path_derefs(Expr *selector, Type **type);   /* pointers followed on a selector's path; *type: where it ends */
bool holds_pointers(Type *t);
static inline Hole discard(void) { return (Hole){0}; }
static inline Hole to_heap(Walk *w) { return hole_of(w->graph.heap); }

/* escape_call.c */
void walk_call(Walk *w, Hole *results, int nresults, Expr *call);
void track_results(Func *literal);              /* all its calls are in the graph */
void walk_go(Walk *w, Expr *call);
void walk_defer(Walk *w, Stmt *s);
Hole receiver_hole(Expr *selector, Hole k);     /* from the hole of a receiver to that of the selector's operand */
Hole method_value_hole(Walk *w, Func *method);  /* of a receiver bound to a method value */

/* escape_text.c */
void notes_take(Package *pkg, Walk *w);

#endif
