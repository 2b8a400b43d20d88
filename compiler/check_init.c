/* check_init.c: the order in which package-level variables are initialised.
 *
 * Go's rule: repeatedly take the variable that comes first in the source and depends on no variable still waiting. A
 * variable depends on what its initialiser mentions and on what the functions mentioned there mention, and so on. Each
 * declaration is a node, also one without an initialiser: until its turn has come, what depends on it waits. Functions
 * are looked through once, for every node that reaches them.
 *
 * Rejected: depth-first order, dependencies before the variable. It initialises a late dependency before an earlier
 * variable that is ready, which programs can observe.
 */
#include "check.h"

typedef struct Node {
  DeclInfo *info;         /* the first variable of the declaration */
  int waits;              /* nodes this one still depends on */
  struct NodeRefs { struct Node **v; int n, cap; } dependents;
  int mark;               /* the last node found to depend on this one */
} Node;
DEFINE_LIST(NodeList, Node *);

static NodeList nodes;
static InfoList trail;     /* how the search got here: a cycle is read off it */
static Node **node_of;     /* by DeclInfo.number - 1; null: no variable */
static int *visited;       /* the last search that met the object, by number - 1 */
static int search;

static bool is_global_var(DeclInfo *info) { return info->obj->kind == OBJ_VAR && info->obj->global; }

static bool shares_initialiser(DeclInfo *info) {
  return info->index > 0 && info->decl->u.var.values.n == 1;
}

static void make_nodes(void) {
  nodes = (NodeList){0};
  node_of = arena_alloc((size_t)(ck.infos.n + 1) * sizeof *node_of);
  visited = arena_alloc((size_t)(ck.infos.n + 1) * sizeof *visited);
  search = 0;
  for (int i = 0; i < ck.infos.n; i++) {
    if (!is_global_var(ck.infos.v[i])) continue;
    if (shares_initialiser(ck.infos.v[i])) {
      node_of[i] = node_of[i - 1];
      if (ck.infos.v[i]->uses.n) node_of[i]->info = ck.infos.v[i]; /* checked for this variable, the first one needed */
      continue;
    }
    node_of[i] = NEW(Node);
    node_of[i]->info = ck.infos.v[i];
    list_push(&nodes, node_of[i]);
  }
}

/* ---- dependencies */

static void report_init_cycle(void) {
  int n = trail.n, first = 0;
  for (int i = 1; i < n; i++)
    if (trail.v[i]->obj->pos < trail.v[first]->obj->pos && trail.v[i]->obj->kind == OBJ_VAR) first = i;
  Object *start = trail.v[first]->obj;
  if (n == 1) {
    error_at(start->pos, "initialization cycle: %s refers to itself", start->name);
    return;
  }
  error_at(start->pos, "initialization cycle for %s", start->name);
  for (int i = 0; i < n; i++) {
    Object *one = trail.v[(first + i) % n]->obj, *next = trail.v[(first + i + 1) % n]->obj;
    note_at(one->pos, "%s refers to %s", one->name, next->name);
  }
}

static void add_dependency(Node *node, Node *on) {
  if (on->mark == search) return;
  on->mark = search;
  list_push(&on->dependents, node);
  node->waits++;
}

static bool follow(Node *node, DeclInfo *info) {
  bool ok = true;
  list_push(&trail, info);
  for (int i = 0; ok && i < info->uses.n; i++) {
    DeclInfo *used = info->uses.v[i]->info;
    if (visited[used->number - 1] == search) continue;
    visited[used->number - 1] = search;
    Node *on = node_of[used->number - 1];
    if (on == node) {
      report_init_cycle();
      ok = false;
    } else if (on) add_dependency(node, on);
    else if (used->obj->kind == OBJ_FUNC) ok = follow(node, used);
  }
  trail.n--;
  return ok;
}

static void find_dependencies(void) {
  for (int i = 0; i < nodes.n; i++) {
    search++;
    follow(nodes.v[i], nodes.v[i]->info);
  }
}

/* ---- the order: a heap of nodes that wait for nothing, by place in the source (which files' order and number give) */

static NodeList ready;

static bool comes_before(const Node *a, const Node *b) { return a->info->number < b->info->number; }

static void swap_nodes(int i, int j) {
  Node *t = ready.v[i];
  ready.v[i] = ready.v[j];
  ready.v[j] = t;
}

static void push_ready(Node *n) {
  list_push(&ready, n);
  for (int i = ready.n - 1; i > 0 && comes_before(ready.v[i], ready.v[(i - 1) / 2]); i = (i - 1) / 2)
    swap_nodes(i, (i - 1) / 2);
}

static Node *pop_ready(void) {
  Node *top = ready.v[0];
  ready.v[0] = ready.v[--ready.n];
  for (int i = 0;;) {
    int child = 2 * i + 1;
    if (child + 1 < ready.n && comes_before(ready.v[child + 1], ready.v[child])) child++;
    if (child >= ready.n || !comes_before(ready.v[child], ready.v[i])) return top;
    swap_nodes(i, child);
    i = child;
  }
}

/* ---- the result */

static void add_step(Node *node) {
  Decl *decl = node->info->decl;
  if (decl->u.var.values.n == 0) return;
  bool multi = decl->u.var.values.n == 1 && decl->u.var.names.n > 1;
  struct InitStep *step = &ck.pkg->init[ck.pkg->ninit++];
  step->pos = node->info->obj->pos;
  step->rhs = decl->u.var.values.v[multi ? 0 : node->info->index];
  for (int i = 0; i < decl->u.var.objs.n; i++)
    if (multi || i == node->info->index) list_push(&step->lhs, decl->u.var.objs.v[i]);
}

/* A cycle of several variables: followed from one of them through all of them. */
static bool cycle_through(DeclInfo *start, DeclInfo *info) {
  if (info->order_state) return false; /* part of a cycle reported before */
  list_push(&trail, info);
  for (int i = 0; i < info->uses.n; i++) {
    DeclInfo *used = info->uses.v[i]->info;
    if (used == start || (node_of[used->number - 1] && node_of[used->number - 1]->info == start)) {
      report_init_cycle();
      for (int j = 0; j < trail.n; j++) trail.v[j]->order_state = 1;
      return true;
    }
    if (visited[used->number - 1] == search) continue;
    visited[used->number - 1] = search;
    DeclInfo *next = node_of[used->number - 1] ? node_of[used->number - 1]->info : used;
    if (cycle_through(start, next)) return true;
  }
  trail.n--;
  return false;
}

static void report_waiting(void) {
  for (int i = 0; i < nodes.n; i++) {
    if (nodes.v[i]->waits == 0) continue;
    search++;
    trail.n = 0;
    cycle_through(nodes.v[i]->info, nodes.v[i]->info);
  }
}

void order_initialisation(void) {
  make_nodes();
  trail.n = 0;
  find_dependencies();
  bool good = diag_errors() == 0; /* else only cycles are looked for */
  int done = 0;
  ck.pkg->init = arena_alloc((size_t)(nodes.n + 1) * sizeof *ck.pkg->init);
  ready.n = 0;
  for (int i = 0; i < nodes.n; i++)
    if (nodes.v[i]->waits == 0) push_ready(nodes.v[i]);
  while (ready.n > 0) {
    Node *node = pop_ready();
    done++;
    if (good) add_step(node);
    for (int i = 0; i < node->dependents.n; i++)
      if (--node->dependents.v[i]->waits == 0) push_ready(node->dependents.v[i]);
  }
  if (done < nodes.n) report_waiting();
}
