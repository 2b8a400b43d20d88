/* escape_expr.c: expressions → edges of the location graph.
 *
 * walk_expr(k, e) records how e's value flows to the hole k. An lvalue is walked for its address by hole_addr(k): a
 * field or element adds nothing, a dereference on the way adds one and so cancels it. The walk meets every function
 * literal exactly once, whatever k is: its body's flows count even where its value does not.
 *
 * Constants are skipped: nothing in them is evaluated.
 */
#include "escape_walk.h"

bool holds_pointers(Type *t) {
  return t && (t->kind == T_TUPLE || type_has_pointers(t));
}

/* ---- locations */

Loc *location_of(Walk *w, Object *obj) {
  Loc *loc = obj->number >= 0 && obj->number < w->graph.locs.n ? w->graph.locs.v[obj->number] : NULL;
  if (!loc || loc->obj != obj) unreachable_case("variable %s has no location", obj->name ? obj->name : "_");
  return loc;
}

static bool is_local_var(const Object *obj) {
  return obj && obj->kind == OBJ_VAR && !obj->global;
}

static Mark *site_slot(SiteMap *map, const Expr *site) {
  uint64_t h = (uint64_t)(uintptr_t)site * 0x9e3779b97f4a7c15u;
  int i = (int)(h >> 32) & (map->cap - 1);
  while (map->slot[i].expr && map->slot[i].expr != site) i = (i + 1) & (map->cap - 1);
  return &map->slot[i];
}

static void sites_grow(SiteMap *map) {
  SiteMap old = *map;
  map->cap = old.cap ? old.cap * 2 : 64;
  map->slot = arena_alloc(sizeof(Mark) * (size_t)map->cap);
  for (int i = 0; i < old.cap; i++)
    if (old.slot[i].expr) *site_slot(map, old.slot[i].expr) = old.slot[i];
}

void mark(Walk *w, Expr *e, Loc *loc) {
  for (;; e = e->u.paren.x) {
    list_push(&w->marks, ((Mark){e, loc}));
    if (e->kind != EXPR_PAREN) return;
  }
}

/* One location a node, though the node may be boxed besides allocating: they share a flag, so they share a fate. */
Loc *site_location(Walk *w, Expr *site, Type *allocated) {
  if (w->sites.n * 2 >= w->sites.cap) sites_grow(&w->sites);
  Mark *m = site_slot(&w->sites, expr_unparen(site));
  if (!m->expr) {
    m->expr = expr_unparen(site);
    m->loc = graph_new(&w->graph, LOC_SITE, w->fn, w->depth);
    m->loc->site = m->expr;
    w->sites.n++;
  }
  Loc *loc = m->loc;
  mark(w, site, loc);
  if (allocated && type_size(allocated) > ESCAPE_MAX_IMPLICIT) graph_to_heap(loc, "too large for stack");
  return loc;
}

Hole spill(Walk *w, Hole k, Expr *site, Type *allocated) {
  Loc *loc = site_location(w, site, allocated);
  graph_flow(hole_addr(k), loc);
  return hole_of(loc);
}

Hole tee(Walk *w, Hole a, Hole b) {
  if (!a.dst) return b;
  if (!b.dst) return a;
  Loc *both = graph_new(&w->graph, LOC_TEMP, w->fn, w->depth);
  graph_flow(a, both);
  graph_flow(b, both);
  return hole_of(both);
}

/* ---- conversion to interfaces */

/* Pointers lie in the interface itself. Code generation puts a few more types there (structs of one pointer); treating
 * those as boxed, here and where they are taken out, is sound, the contrary would not be. */
bool is_boxed(Type *t) {
  switch (type_under(t)->kind) {
  case T_POINTER: case T_CHAN: case T_MAP: case T_FUNC: case T_UNSAFEPOINTER: case T_INTERFACE: case T_UNTYPED_NIL:
    return false;
  default: return true;
  }
}

Hole boxed(Walk *w, Hole k, Expr *e, Type *from, Type *to) {
  if (!type_is_interface(to) || !from || !is_boxed(from)) return k;
  return spill(w, k, e, from);
}

void walk_assigned(Walk *w, Hole k, Expr *e, Type *to) {
  if (e->mode != MODE_NIL && e->type && e->type->kind != T_TUPLE) k = boxed(w, k, e, e->type, to);
  walk_expr(w, k, e);
}

/* ---- selectors */

int path_derefs(Expr *e, Type **type) {
  Type *t = type_under(e->u.selector.x->type);
  int derefs = 0;
  for (int i = 0; i < e->u.selector.npath; i++) {
    if (t->kind == T_POINTER) derefs++, t = type_under(t->u.pointer.elem);
    check_that(t->kind == T_STRUCT);
    t = type_under(t->u.strct.fields.v[e->u.selector.path[i]].type);
  }
  *type = t;
  return derefs;
}

static void walk_method_value(Walk *w, Hole k, Expr *e) {
  Hole object = spill(w, k, e, NULL);
  bool iface = e->u.selector.sel == SEL_IFACEMETHOD;
  Hole method = iface ? to_heap(w) : method_value_hole(w, e->u.selector.method->func);
  walk_expr(w, receiver_hole(e, tee(w, object, method)), e->u.selector.x);
}

static void walk_selector(Walk *w, Hole k, Expr *e) {
  Type *end;
  switch (e->u.selector.sel) {
  case SEL_FIELD: walk_expr(w, hole_deref(k, path_derefs(e, &end)), e->u.selector.x); return;
  case SEL_METHOD: case SEL_IFACEMETHOD: walk_method_value(w, k, e); return;
  default: return; /* globals, functions */
  }
}

/* ---- literals */

static void walk_element(Walk *w, Hole k, Expr *elem, Type *type) {
  if (elem->kind == EXPR_KEYVALUE) elem = elem->u.keyvalue.value;
  walk_assigned(w, k, elem, type);
}

static void walk_struct_literal(Walk *w, Hole k, Expr *e, Type *t) {
  for (int i = 0; i < e->u.composite.elems.n; i++)
    walk_element(w, k, e->u.composite.elems.v[i], t->u.strct.fields.v[e->u.composite.indices[i]].type);
}

static void walk_map_literal(Walk *w, Expr *e, Type *t) {
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    Expr *elem = e->u.composite.elems.v[i];
    walk_assigned(w, to_heap(w), elem->u.keyvalue.key, t->u.map.key);
    walk_assigned(w, to_heap(w), elem->u.keyvalue.value, t->u.map.value);
  }
}

static void walk_composite_value(Walk *w, Hole k, Expr *e, Type *t) {
  t = type_under(t);
  switch (t->kind) {
  case T_STRUCT: walk_struct_literal(w, k, e, t); return;
  case T_ARRAY:
    for (int i = 0; i < e->u.composite.elems.n; i++) walk_element(w, k, e->u.composite.elems.v[i], t->u.array.elem);
    return;
  case T_SLICE:
    k = spill(w, k, e, type_new_array(t->u.slice.elem, e->u.composite.length));
    for (int i = 0; i < e->u.composite.elems.n; i++) walk_element(w, k, e->u.composite.elems.v[i], t->u.slice.elem);
    return;
  case T_MAP: graph_to_heap(spill(w, k, e, NULL).dst, ""); walk_map_literal(w, e, t); return;
  default: unreachable_case("composite literal of kind %d", t->kind);
  }
}

static void walk_composite(Walk *w, Hole k, Expr *e) {
  Type *t = e->type;
  if (e->u.composite.elided && type_under(t)->kind == T_POINTER) {
    t = type_under(t)->u.pointer.elem;
    k = spill(w, k, e, t);
  }
  walk_composite_value(w, k, e, t);
}

bool escape_captured_by_value(const Object *var) {
  return !var->reassigned && !var->addr_taken && !var->result && type_size(var->type) <= CAPTURE_MAX_VALUE;
}

static void walk_captures(Walk *w, Loc *closure, const Func *f) {
  for (int i = 0; i < f->captures.n; i++) {
    Object *var = f->captures.v[i];
    Hole object = hole_of(closure);
    if (!escape_captured_by_value(var)) graph_flow(hole_addr(object), location_of(w, var));
    else if (holds_pointers(var->type)) graph_flow(object, location_of(w, var));
  }
}

static void walk_funclit(Walk *w, Hole k, Expr *e) {
  Func *f = e->u.funclit.func;
  walk_captures(w, spill(w, k, e, NULL).dst, f);
  list_push(&w->literals, f);
  func_locations(w, f);
  walk_func(w, f);
}

/* ---- operators */

static void walk_unary(Walk *w, Hole k, Expr *e) {
  Expr *x = e->u.unary.x, *lit = expr_unparen(x);
  if (e->u.unary.op == OP_RECV) {
    walk_expr(w, discard(), x);
  } else if (e->u.unary.op != OP_ADDR) {
    walk_expr(w, discard(), x);
  } else if (lit->kind != EXPR_COMPOSITE) {
    walk_expr(w, hole_addr(k), x);
  } else { /* the literal is the object, of a slice both header and array */
    Hole object = spill(w, k, x, lit->type);
    mark(w, e, object.dst);
    object.dst->site = e;
    walk_composite_value(w, object, lit, lit->type);
  }
}

static void walk_binary(Walk *w, Hole k, Expr *e) {
  if (e->u.binary.op == OP_ADD && type_is_string(e->type)) spill(w, k, e, NULL);
  walk_expr(w, discard(), e->u.binary.x);
  walk_expr(w, discard(), e->u.binary.y);
}

static void walk_index(Walk *w, Hole k, Expr *e) {
  Type *t = type_under(e->u.index.x->type);
  walk_expr(w, discard(), e->u.index.index);
  switch (t->kind) {
  case T_ARRAY: walk_expr(w, k, e->u.index.x); return;
  case T_SLICE: case T_POINTER: walk_expr(w, hole_deref(k, 1), e->u.index.x); return;
  default: walk_expr(w, discard(), e->u.index.x); return; /* what maps hold is on the heap */
  }
}

static void walk_slice(Walk *w, Hole k, Expr *e) {
  bool array = type_under(e->u.slice.x->type)->kind == T_ARRAY;
  walk_expr(w, array ? hole_addr(k) : k, e->u.slice.x);
  walk_expr(w, discard(), e->u.slice.lo);
  walk_expr(w, discard(), e->u.slice.hi);
  walk_expr(w, discard(), e->u.slice.max);
}

static void walk_assert(Walk *w, Hole k, Expr *e) {
  Expr *type = e->u.typeassert.type_expr;
  if (type && !holds_pointers(type->type)) k = discard();
  walk_expr(w, hole_deref(k, type && is_boxed(type->type)), e->u.typeassert.x);
}

static void walk_ident(Walk *w, Hole k, Expr *e) {
  if (!is_local_var(e->obj)) return;
  Loc *var = location_of(w, e->obj);
  var->passed_on = true;
  graph_flow(k, var);
}

void walk_expr(Walk *w, Hole k, Expr *e) {
  if (!e || e->mode == MODE_TYPE || e->mode == MODE_CONST || e->mode == MODE_NIL) return;
  if (k.derefs >= 0 && !holds_pointers(e->type)) k = discard();
  switch (e->kind) {
  case EXPR_IDENT: walk_ident(w, k, e); return;
  case EXPR_COMPOSITE: walk_composite(w, k, e); return;
  case EXPR_FUNC: walk_funclit(w, k, e); return;
  case EXPR_PAREN: walk_expr(w, k, e->u.paren.x); return;
  case EXPR_SELECTOR: walk_selector(w, k, e); return;
  case EXPR_INDEX: walk_index(w, k, e); return;
  case EXPR_SLICE: walk_slice(w, k, e); return;
  case EXPR_TYPEASSERT: walk_assert(w, k, e); return;
  case EXPR_CALL: walk_call(w, &k, 1, e); return;
  case EXPR_STAR: walk_expr(w, hole_deref(k, 1), e->u.star.x); return;
  case EXPR_UNARY: walk_unary(w, k, e); return;
  case EXPR_BINARY: walk_binary(w, k, e); return;
  case EXPR_KEYVALUE: walk_expr(w, k, e->u.keyvalue.value); return;
  default: return; /* literals, types */
  }
}

/* ---- places */

/* Where what is assigned to lhs flows: a variable, or the heap for all that is reached through a pointer: the graph
 * does not follow stores that far. */
Hole destination(Walk *w, Expr *lhs) {
  Type *end;
  lhs = expr_unparen(lhs);
  switch (lhs->kind) {
  case EXPR_IDENT: return is_local_var(lhs->obj) ? hole_of(location_of(w, lhs->obj)) : to_heap(w);
  case EXPR_SELECTOR:
    if (lhs->u.selector.sel == SEL_FIELD && path_derefs(lhs, &end) == 0) return destination(w, lhs->u.selector.x);
    if (lhs->u.selector.sel == SEL_FIELD) walk_expr(w, discard(), lhs->u.selector.x);
    return to_heap(w);
  case EXPR_INDEX: {
    Type *t = type_under(lhs->u.index.x->type);
    if (t->kind == T_MAP) walk_assigned(w, to_heap(w), lhs->u.index.index, t->u.map.key);
    else walk_expr(w, discard(), lhs->u.index.index);
    if (t->kind == T_ARRAY) return destination(w, lhs->u.index.x);
    walk_expr(w, discard(), lhs->u.index.x);
    return to_heap(w);
  }
  case EXPR_STAR: walk_expr(w, discard(), lhs->u.star.x); return to_heap(w);
  default: walk_expr(w, discard(), lhs); return to_heap(w);
  }
}
