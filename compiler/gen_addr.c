/* gen_addr.c: addresses: fields (promoted through embedded structs), elements, pointers; and destinations of
 * assignments.
 *
 * A destination's operands are evaluated before the right-hand side of its assignment and its last checks are made after
 * it, as Go does: in `a[i] = f()` f runs before the index is found to be out of range.
 */
#include <string.h>

#include "gen.h"

/* ---- fields */

/* The struct that x is or points to: its address, its type through *t. */
static Ir struct_base(Gen *g, Value x, Type **t) {
  *t = x.type;
  if (type_under(x.type)->kind != T_POINTER) return x.w[0];
  *t = type_under(x.type)->u.pointer.elem;
  check_nil(g, x.w[0]);
  return x.w[0];
}

Ir path_addr(Gen *g, Value x, int *path, int npath, Type **type) {
  for (int i = 0;; i++) {
    Type *t;
    Ir base = struct_base(g, x, &t);
    Type *u = type_under(t);
    Ir addr = byte_offset(g, base, type_field_offset(u, path[i]));
    *type = u->u.strct.fields.v[path[i]].type;
    if (i == npath - 1) return addr;
    x = value_load(g, *type, addr);
  }
}

Value gen_path(Gen *g, Value x, int *path, int npath) {
  if (npath == 0) return x;
  bool fresh = x.mem && x.fresh;
  Type *t;
  Ir addr = path_addr(g, x, path, npath, &t);
  Value v = value_load(g, t, addr);
  if (v.mem) v.fresh = fresh && npath == 1;
  return v;
}

Value gen_field(Gen *g, Expr *e) {
  Value x = gen_expr(g, e->u.selector.x);
  debug_at(g, e->pos);
  Value v = gen_path(g, x, e->u.selector.path, e->u.selector.npath);
  v.type = e->type;
  return v;
}

/* ---- elements */
Value gen_index(Gen *g, Expr *e) {
  if (type_under(e->u.index.x->type)->kind == T_MAP) return gen_map_index(g, e, NULL);
  Value x = gen_expr(g, e->u.index.x);
  Type *u = type_under(type_default(x.type));
  bool uns;
  Ir index = gen_int(g, e->u.index.index, &uns);
  debug_at(g, e->pos);
  Ir len = NULL;
  Type *elem = type_basic(T_UINT8);
  switch (u->kind) {
  case T_STRING: len = x.w[1]; break;
  case T_SLICE: len = x.w[1], elem = u->u.slice.elem; break;
  case T_POINTER: check_nil(g, x.w[0]), u = type_under(u->u.pointer.elem); /* fallthrough */
  case T_ARRAY: len = const_i64(g, u->u.array.len), elem = u->u.array.elem; break;
  default: unreachable_case("index of %s", type_string(x.type));
  }
  check_bounds(g, index, len, uns);
  Value v = value_load(g, elem, elem_addr(g, elem, x.w[0], index));
  v.type = e->type;
  return v;
}

/* ---- destinations */
static Dest dest_direct(Type *t, Ir addr) { return (Dest){.check = DEST_DIRECT, .base = addr, .type = t}; }
static Dest dest_nil(Type *t, Ir p, Pos pos) { return (Dest){.check = DEST_NIL, .base = p, .type = t, .pos = pos}; }

static Dest dest_index(Gen *g, Expr *e) {
  Expr *x = e->u.index.x;
  Type *u = type_under(x->type);
  if (u->kind == T_MAP) return dest_map(g, e);
  Dest d = {.check = DEST_BOUNDS, .pos = e->pos};
  if (u->kind == T_SLICE) {
    Value s = gen_expr(g, x);
    d.base = s.w[0], d.len = s.w[1], d.elem = u->u.slice.elem;
  } else if (u->kind == T_POINTER) {
    d.base = gen_expr(g, x).w[0], d.through_pointer = true;
    u = type_under(u->u.pointer.elem);
  } else {
    Dest array = gen_dest(g, x);
    if (array.check == DEST_DIRECT) d.base = dest_addr(g, &array);
    else d.within = memcpy(NEW(Dest), &array, sizeof array);
  }
  if (!d.len) d.len = const_i64(g, u->u.array.len), d.elem = u->u.array.elem;
  d.index = gen_int(g, e->u.index.index, &d.index_unsigned);
  d.type = d.elem;
  return d;
}

static Dest dest_field(Gen *g, Expr *e) {
  Expr *x = e->u.selector.x;
  Type *t = x->type;
  Dest d;
  bool pointer = type_under(t)->kind == T_POINTER;
  if (pointer) d = dest_nil(type_under(t)->u.pointer.elem, gen_expr(g, x).w[0], e->pos);
  else d = gen_dest(g, x);
  for (int i = 0; i < e->u.selector.npath; i++) {
    if (type_under(d.type)->kind == T_POINTER) {
      Ir p = value_load(g, d.type, dest_addr(g, &d)).w[0];
      d = dest_nil(type_under(d.type)->u.pointer.elem, p, e->pos);
    }
    Type *u = type_under(d.type);
    d.offset += type_field_offset(u, e->u.selector.path[i]);
    d.type = u->u.strct.fields.v[e->u.selector.path[i]].type;
  }
  return d;
}

Dest gen_dest(Gen *g, Expr *e) {
  e = expr_unparen(e);
  debug_at(g, e->pos);
  switch (e->kind) {
  case EXPR_IDENT:
    if (!e->obj) return (Dest){.check = DEST_BLANK};
    return dest_direct(e->obj->type, var_addr(g, e->obj));
  case EXPR_SELECTOR:
    if (e->u.selector.sel == SEL_PACKAGE) return dest_direct(e->obj->type, var_addr(g, e->obj));
    return dest_field(g, e);
  case EXPR_INDEX: return dest_index(g, e);
  case EXPR_STAR: return dest_nil(e->type, gen_expr(g, e->u.star.x).w[0], e->pos);
  default: { /* a value that is not addressable but is looked into, as f().x[i] */
    Value v = gen_expr(g, e);
    check_that(v.mem);
    return dest_direct(v.type, v.w[0]);
  }
  }
}

/* Makes the pending checks. */
Ir dest_addr(Gen *g, const Dest *d) {
  Ir base = d->within ? dest_addr(g, d->within) : d->base;
  if (d->pos) debug_at(g, d->pos);
  if (d->check == DEST_MAP) base = map_entry(g, d->map, d->key);
  if (d->check == DEST_NIL || d->through_pointer) check_nil(g, base);
  if (d->check == DEST_BOUNDS) {
    check_bounds(g, d->index, d->len, d->index_unsigned);
    base = elem_addr(g, d->elem, base, d->index);
  }
  return byte_offset(g, base, d->offset);
}

void dest_store(Gen *g, Dest *d, Value v) {
  if (d->check == DEST_BLANK) return;
  value_store(g, v, dest_addr(g, d));
}

Ir gen_addr(Gen *g, Expr *e) {
  Dest d = gen_dest(g, e);
  return dest_addr(g, &d);
}
