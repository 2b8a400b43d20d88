/* gen_map.c: maps. The runtime keeps them (runtime/map.c); an entry's element is read and written through the address that a look-up
 * or an insertion returns, before anything else can happen to the map.
 *
 * Keys go to the runtime in one of three ways, by their type: in a register, those that are compared by at most eight bytes; as a
 * string's two words; all others through their address.
 */
#include "gen.h"

/* Bigger keys and elements lie outside the slots: the part of a table that a look-up reads stays dense. */
enum { SLOT_MAX = 128 };

typedef enum KeyKind { KEY_WORD, KEY_STRING, KEY_OTHER } KeyKind;

static Type *map_type(Type *t) { return type_under(t); }

/* As keys_of in runtime/map.c. */
static KeyKind key_kind(Type *key) {
  int64_t size = type_size(key);
  if (type_is_string(key)) return KEY_STRING;
  bool word = size == 1 || size == 2 || size == 4 || size == 8;
  return word && type_memequal(key) ? KEY_WORD : KEY_OTHER;
}

/* ---- the runtime's view of a map type */
static Type *in_slot(Type *t) { return type_size(t) > SLOT_MAX ? type_basic(T_UNSAFEPOINTER) : t; }

static void add_field(Type *strct, const char *name, Type *t) {
  list_push(&strct->u.strct.fields, ((StructField){.name = name, .type = t}));
}

/* struct { ctrl uint64; slots [8]struct { key K; elem V } } */
Type *map_group_type(Type *t) {
  Type *slot = type_new(T_STRUCT), *group = type_new(T_STRUCT), *u = map_type(t);
  add_field(slot, "key", in_slot(u->u.map.key));
  add_field(slot, "elem", in_slot(u->u.map.value));
  add_field(group, "ctrl", type_basic(T_UINT64));
  add_field(group, "slots", type_new_array(slot, 8));
  return group;
}

/* ---- keys */

/* As an integer of 64 bits. What is no integer goes through memory: a managed pointer has no number in LLVM. */
static Ir key_word(Gen *g, Value key) {
  Ir v = key.w[0];
  if (key.mem || LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMIntegerTypeKind) {
    Ir temp = borrow_elem(g, key.type);
    value_store(g, key, temp);
    v = LLVMBuildLoad2(g->b, LLVMIntTypeInContext(g->cx, (unsigned)type_size(key.type) * 8), temp, "");
    return_temp(g, temp);
  }
  return LLVMTypeOf(v) == g->i64 ? v : LLVMBuildZExt(g->b, v, g->i64, "");
}

static Value map_key(Gen *g, Type *t, Expr *e) { return gen_expr_as(g, e, map_type(t)->u.map.key); }

/* ---- look-up */

/* The element's address, or null. */
static Ir find_elem(Gen *g, Value m, Value key) {
  Ir type = type_desc(g, m.type);
  switch (key_kind(key.type)) {
  case KEY_WORD: return RT(g, mapgetw, NULL, type, m.w[0], key_word(g, key));
  case KEY_STRING: return RT(g, mapgetstr, NULL, m.w[0], key.w[0], key.w[1]);
  case KEY_OTHER: break;
  }
  Ir temp = borrow_elem(g, key.type);
  value_store(g, key, temp);
  Ir elem = RT(g, mapget, NULL, type, m.w[0], temp);
  return_temp(g, temp);
  return elem;
}

/* Where there is no entry the value is zero. In memory: that of an object that all share. */
static Value elem_in_memory(Gen *g, Type *t, Ir elem, Ir found) {
  Ir zero = static_object(g, mem_type(g, t), LLVMConstNull(mem_type(g, t)), true);
  LLVMSetAlignment(zero, (unsigned)type_align(t));
  LLVMSetUnnamedAddress(zero, LLVMGlobalUnnamedAddr);
  return value_mem(t, LLVMBuildSelect(g->b, found, elem, zero, ""), false);
}

static Value elem_in_registers(Gen *g, Type *t, Ir elem, Ir found) {
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), hit = add_block(g, "hit"), join = add_block(g, "");
  Value zero = value_zero(g, t);
  branch(g, found, hit, join);
  LLVMPositionBuilderAtEnd(g->b, hit);
  Value v = value_load(g, t, elem);
  hit = LLVMGetInsertBlock(g->b);
  start_block(g, join);
  for (int i = 0; i < v.n; i++) v.w[i] = phi2(g, zero.w[i], from, v.w[i], hit);
  return v;
}

Value gen_map_index(Gen *g, Expr *e, Ir *ok) {
  Value m = gen_expr(g, e->u.index.x);
  Value key = map_key(g, m.type, e->u.index.index);
  debug_at(g, e->pos);
  Type *t = map_type(m.type)->u.map.value;
  Ir elem = find_elem(g, m, key);
  Ir found = LLVMBuildICmp(g->b, LLVMIntNE, elem, null_ref(g), "");
  if (ok) *ok = found;
  return type_info(g, t)->rep == REP_MEM ? elem_in_memory(g, t, elem, found) : elem_in_registers(g, t, elem, found);
}

/* ---- insertion, deletion */

/* An entry that is there already is found on the goroutine's stack, which costs a third of a call on the system's. */
static Ir found_or_made(Gen *g, Value m, Value key) {
  Ir type = type_desc(g, m.type), word = key_kind(key.type) == KEY_WORD ? key_word(g, key) : NULL;
  Ir old = word ? RT(g, mapgetw, NULL, type, m.w[0], word) : RT(g, mapgetstr, NULL, m.w[0], key.w[0], key.w[1]);
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), fresh = add_block(g, "new"), join = add_block(g, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntNE, old, null_ref(g), ""), join, fresh);
  LLVMPositionBuilderAtEnd(g->b, fresh);
  Ir new = word ? RT(g, mapsetw, NULL, type, m.w[0], word) : RT(g, mapsetstr, NULL, type, m.w[0], key.w[0], key.w[1]);
  start_block(g, join);
  return phi2(g, old, from, new, fresh);
}

/* The element's address; a new entry is zero. */
Ir map_entry(Gen *g, Value m, Value key) {
  Ir type = type_desc(g, m.type);
  if (key_kind(key.type) != KEY_OTHER) return found_or_made(g, m, key);
  Ir temp = borrow_elem(g, key.type);
  value_store(g, key, temp);
  Ir elem = RT(g, mapset, NULL, type, m.w[0], temp);
  return_temp(g, temp);
  return elem;
}

Dest dest_map(Gen *g, Expr *e) {
  Value m = gen_expr(g, e->u.index.x);
  Value key = value_stable(g, map_key(g, m.type, e->u.index.index));
  return (Dest){.check = DEST_MAP, .map = m, .key = key, .type = map_type(m.type)->u.map.value, .pos = e->pos};
}

void map_delete(Gen *g, Value m, Value key) {
  Ir temp = borrow_elem(g, key.type);
  value_store(g, key, temp);
  RT(g, mapdelete, NULL, type_desc(g, m.type), m.w[0], temp);
  return_temp(g, temp);
}

void gen_delete(Gen *g, Expr *e) {
  Value m = gen_expr(g, e->u.call.args.v[0]), key = map_key(g, m.type, e->u.call.args.v[1]);
  debug_at(g, e->pos);
  map_delete(g, m, key);
}

/* ---- make, literals, len */
Value make_map(Gen *g, Type *t, Ir hint) { return value1(t, RT(g, makemap, NULL, type_desc(g, t), hint)); }

/* Room for what it says; duplicates of keys that are no constants are the program's own business. */
Value map_literal(Gen *g, Expr *e, Type *t) {
  ExprList *elems = &e->u.composite.elems;
  Value m = make_map(g, t, const_i64(g, elems->n));
  for (int i = 0; i < elems->n; i++) {
    Expr *entry = elems->v[i];
    Value key = value_stable(g, map_key(g, t, entry->u.keyvalue.key));
    Value v = gen_expr_as(g, entry->u.keyvalue.value, map_type(t)->u.map.value);
    debug_at(g, entry->pos);
    value_store(g, v, map_entry(g, m, key));
  }
  return m;
}

/* The map's first word; 0 of nil. */
Ir map_len(Gen *g, Value m) {
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), some = add_block(g, ""), join = add_block(g, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntNE, m.w[0], null_ref(g), ""), some, join);
  LLVMPositionBuilderAtEnd(g->b, some);
  Ir n = LLVMBuildLoad2(g->b, g->i64, m.w[0], "");
  start_block(g, join);
  return phi2(g, const_i64(g, 0), from, n, some);
}

/* ---- range: struct toy_mapiter of runtime/map.h */
static LLVMTypeRef iter_type(Gen *g) {
  LLVMTypeRef fields[] = {g->ref, g->ref, g->ref, g->ref, g->ptr, g->i64, g->i64, g->i32, g->i32, g->i32};
  return LLVMStructTypeInContext(g->cx, fields, sizeof fields / sizeof *fields, false);
}

MapIter map_iter_begin(Gen *g, Value m) {
  Ir iter = new_alloca(g, iter_type(g), "iter");
  RT(g, mapiterinit, NULL, type_desc(g, m.type), m.w[0], iter);
  return (MapIter){.iter = iter, .map = map_type(m.type)};
}

Ir map_iter_at_entry(Gen *g, MapIter *it) {
  it->key = LLVMBuildLoad2(g->b, g->ref, it->iter, "");
  return LLVMBuildICmp(g->b, LLVMIntNE, it->key, null_ref(g), "");
}

Value map_iter_key(Gen *g, MapIter *it) { return value_load(g, it->map->u.map.key, it->key); }

Value map_iter_elem(Gen *g, MapIter *it) {
  return value_load(g, it->map->u.map.value, LLVMBuildLoad2(g->b, g->ref, byte_offset(g, it->iter, 8), ""));
}

void map_iter_next(Gen *g, MapIter *it) {
  LLVMBasicBlockRef far = add_block(g, ""), join = add_block(g, "");
  branch(g, RT(g, mapiterstep, NULL, it->iter), join, far);
  LLVMPositionBuilderAtEnd(g->b, far);
  RT(g, mapiternext, NULL, it->iter);
  start_block(g, join);
}
