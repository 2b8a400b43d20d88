/* escape_graph.h: the location graph of escape analysis; shared by escape*.c only.
 *
 * A location is something that can be pointed to or can hold a pointer: a variable, or what an expression allocates.
 * An edge src →(d) dst says that dst may hold what is reached from src by d dereferences: 0 is dst = src, 1 is
 * dst = *src, −1 is dst = &src. Fields and elements are not told apart: a location is all of its object.
 */
#ifndef TOY_ESCAPE_GRAPH_H
#define TOY_ESCAPE_GRAPH_H

#include "escape.h"

typedef struct Loc Loc;
typedef struct Edge { Loc *src; int derefs; } Edge;
DEFINE_LIST(EdgeList, Edge);
DEFINE_LIST(LocList, Loc *);

/* Where a parameter's value goes: the least number of dereferences on a way to the heap and to each result; LEAK_NONE
 * if there is no way. */
enum { LEAK_NONE = -1 };
typedef struct Leaks { int heap; int nresults; int *result; } Leaks;

typedef enum LocKind { LOC_HEAP, LOC_VAR, LOC_PARAM, LOC_RESULT, LOC_SITE, LOC_TEMP } LocKind;

struct Loc {
  LocKind kind;
  Object *obj;          /* VAR PARAM RESULT */
  Expr *site;           /* SITE */
  Func *fn;             /* whose frame it would be in; null: package initialisation */
  int depth;            /* loops around it in fn, counted from 1 */
  int result;           /* RESULT: which */
  bool tracked;         /* RESULT of a literal all of whose calls are in the graph */
  Func *known;          /* VAR that is never assigned again: the function literal it holds */
  bool passed_on;       /* VAR with `known`: it is also used otherwise than being called */
  bool escapes;
  const char *why;      /* what put it on the heap by itself, for messages; else null */
  Leaks leaks;          /* PARAM */
  EdgeList in;
  /* the solver's */
  int derefs;
  uint32_t walk;
  bool queued;
};

typedef struct Graph {
  Loc *heap;
  LocList locs;         /* all but heap */
  LocList queue;
  uint32_t walk;
  int deepest;          /* loop depth of any location */
  int64_t steps;
} Graph;

/* Where a value goes: it, dereferenced so often, flows to dst (null: nowhere). */
typedef struct Hole { Loc *dst; int derefs; } Hole;

void graph_init(Graph *g);
Loc *graph_new(Graph *g, LocKind kind, Func *fn, int depth);
void graph_flow(Hole hole, Loc *src);
void graph_to_heap(Loc *loc, const char *why);          /* before solving: it cannot be on the frame */
void graph_solve(Graph *g);                             /* sets escapes and leaks */

bool func_within(const Func *inner, const Func *outer); /* inner is outer or a literal somewhere in it */
void leaks_init(Leaks *leaks, int nresults);

static inline Hole hole_deref(Hole k, int n) { return (Hole){k.dst, k.derefs + n}; }
static inline Hole hole_addr(Hole k) { return (Hole){k.dst, k.derefs - 1}; }
static inline Hole hole_of(Loc *loc) { return (Hole){loc, 0}; }

#endif
