/* escape_graph.c: solving the location graph (escape_graph.h).
 *
 * The question, for every pair of locations root and loc: with how few dereferences does loc's value reach root? Less
 * than none means that root may hold loc's address; then loc has to live as long as root. One walk a root, against
 * the edges, relaxing distances as Bellman and Ford do. Distances are cut at 0 from below when an edge is left
 * behind: from root = &l, l = x follows that x's value is reachable from root, but not that root holds x's address.
 *
 * A location that moves to the heap becomes a root that outlives everything, so it is walked (again); a location
 * moves once, hence the number of walks is at most twice that of locations. Walks of a generated function of 10,000
 * pointers in one chain may still take quadratic time: beyond GRAPH_MAX_STEPS (about half a second) everything goes
 * to the heap.
 *
 * Invariants: the graph is complete before solving starts; every location that may outlive another is walked as root;
 * after solving, no location that escapes (the heap above all) can hold the address of one that does not.
 *
 * Rejected: one pass of unification (Steensgaard): linear, but p = &x; q = p; sink = *q would move x to the heap, and
 * most programs pass one buffer through many functions.
 */
#include "escape_graph.h"

enum { GRAPH_MAX_STEPS = 20000000 };

void leaks_init(Leaks *leaks, int nresults) {
  leaks->heap = LEAK_NONE;
  leaks->nresults = nresults;
  leaks->result = arena_alloc(sizeof(int) * (size_t)(nresults + 1));
  for (int i = 0; i < nresults; i++) leaks->result[i] = LEAK_NONE;
}

void graph_init(Graph *g) {
  *g = (Graph){0};
  g->heap = NEW(Loc);
  g->heap->kind = LOC_HEAP;
  g->heap->escapes = true;
}

Loc *graph_new(Graph *g, LocKind kind, Func *fn, int depth) {
  Loc *loc = NEW(Loc);
  loc->kind = kind;
  loc->fn = fn;
  loc->depth = depth;
  list_push(&g->locs, loc);
  return loc;
}

void graph_to_heap(Loc *loc, const char *why) {
  loc->escapes = true;
  if (!loc->why) loc->why = why;
}

void graph_flow(Hole hole, Loc *src) {
  if (!hole.dst || (hole.dst == src && hole.derefs >= 0)) return;
  check_that(hole.derefs >= -1);
  list_push(&hole.dst->in, ((Edge){src, hole.derefs}));
}

bool func_within(const Func *inner, const Func *outer) {
  for (; inner; inner = inner->outer)
    if (inner == outer) return true;
  return !outer;
}

/* Whether what root holds may be read when loc's frame, or loc's iteration of a loop, is over. */
static bool outlives(const Loc *root, const Loc *loc) {
  if (root->escapes) return true;
  if (root->kind == LOC_RESULT) {
    bool around = root->fn != loc->fn && func_within(root->fn, loc->fn);
    return !(root->tracked && around);
  }
  if (root->fn == loc->fn) return root->depth < loc->depth;
  return func_within(loc->fn, root->fn);
}

static void least(int *known, int derefs) {
  if (*known == LEAK_NONE || derefs < *known) *known = derefs;
}

static void record_leak(Loc *param, const Loc *root, int derefs) {
  bool own_result = !root->escapes && root->kind == LOC_RESULT && root->fn == param->fn;
  least(own_result ? &param->leaks.result[root->result] : &param->leaks.heap, derefs);
}

static void enqueue(Graph *g, Loc *loc) {
  if (loc->queued) return;
  loc->queued = true;
  list_push(&g->queue, loc);
}

/* loc is at distance loc->derefs from root. Returns the distance to go on with, or −1 to stop here. A parameter that
 * has moved to the heap reaches itself, which records that its value leaks. */
static int reach(Graph *g, Loc *root, Loc *loc) {
  bool address = loc->derefs < 0;
  int derefs = address ? 0 : loc->derefs;
  if (!outlives(root, loc)) return derefs;
  if (loc->kind == LOC_PARAM) record_leak(loc, root, derefs);
  if (!address || loc->escapes) return derefs;
  loc->escapes = true;
  enqueue(g, loc); /* its own walk reports all that follows */
  return -1;
}

static void relax(Graph *g, LocList *todo, Loc *src, int derefs) {
  if (src->walk == g->walk && src->derefs <= derefs) return;
  src->walk = g->walk;
  src->derefs = derefs;
  list_push(todo, src);
}

static void walk_root(Graph *g, Loc *root, LocList *todo) {
  g->walk++;
  todo->n = 0;
  relax(g, todo, root, 0);
  while (todo->n > 0) {
    Loc *loc = todo->v[--todo->n];
    int derefs = reach(g, root, loc);
    if (derefs < 0) continue;
    g->steps += 1 + loc->in.n;
    for (int i = 0; i < loc->in.n; i++) {
      Loc *src = loc->in.v[i].src;
      if (src->escapes) continue; /* a root of its own, which outlives this one */
      relax(g, todo, src, derefs + loc->in.v[i].derefs);
    }
  }
}

/* Most locations outlive nothing, and what reaches them is nobody's concern. */
static bool may_outlive(const Graph *g, const Loc *root) {
  if (root->escapes || root->kind == LOC_RESULT || !root->fn || root->fn->literals.n > 0) return true;
  return root->depth < g->deepest;
}

/* Graphs that take too long to solve: everything to the heap, which is always right. */
static void give_up(Graph *g) {
  for (int i = 0; i < g->locs.n; i++) {
    graph_to_heap(g->locs.v[i], "too many pointers to follow");
    if (g->locs.v[i]->kind == LOC_PARAM) g->locs.v[i]->leaks.heap = 0;
  }
  g->queue.n = 0;
}

void graph_solve(Graph *g) {
  LocList todo = {0};
  for (int i = 0; i < g->locs.n; i++) {
    if (g->locs.v[i]->depth > g->deepest) g->deepest = g->locs.v[i]->depth;
    enqueue(g, g->locs.v[i]);
  }
  enqueue(g, g->heap);
  while (g->queue.n > 0) {
    Loc *root = g->queue.v[--g->queue.n];
    root->queued = false;
    if (may_outlive(g, root)) walk_root(g, root, &todo);
    if (g->steps > GRAPH_MAX_STEPS) give_up(g);
  }
}
