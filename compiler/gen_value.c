/* gen_value.c: values in registers and in memory, storage, blocks, and the checks that panic. */
#include "gen.h"

Ir const_i64(Gen *g, int64_t v) { return LLVMConstInt(g->i64, (unsigned long long)v, true); }
Ir const_int_like(Gen *g, Ir like, int64_t v) { return LLVMConstInt(LLVMTypeOf(like), (unsigned long long)v, true); }
Ir null_ref(Gen *g) { return LLVMConstNull(g->ref); }

Value value1(Type *t, Ir a) { return (Value){.type = t, .w = {a}, .n = 1}; }
Value value2(Type *t, Ir a, Ir b) { return (Value){.type = t, .w = {a, b}, .n = 2}; }
Value value3(Type *t, Ir a, Ir b, Ir c) { return (Value){.type = t, .w = {a, b, c}, .n = 3}; }
Value value_mem(Type *t, Ir addr, bool fresh) {
  return (Value){.type = t, .w = {addr}, .n = 1, .mem = true, .fresh = fresh};
}

/* ---- storage */

/* Allocas stand before the jump that ends the entry block, so each is made once a frame, whatever loop asks for it. */
Ir new_alloca(Gen *g, LLVMTypeRef t, const char *name) { return LLVMBuildAlloca(g->entry, t, name); }

/* A variable without size still has an address of its own. */
static LLVMTypeRef storage_type(Gen *g, Type *t) { return type_size(t) == 0 ? g->i8 : mem_type(g, t); }

/* What is too big for a frame and holds no pointers (that might point into the frame) lies on the heap. */
Ir new_temp(Gen *g, Type *t) {
  bool big = type_size(t) > ESCAPE_MAX_VARIABLE && !type_has_pointers(t);
  return big ? RT(g, newobject, NULL, type_desc(g, t)) : new_alloca(g, storage_type(g, t), "");
}

Ir borrow_elem(Gen *g, Type *t) { return borrow_temp(g, storage_type(g, t)); }

/* What a runtime call only reads or writes while it runs may lie where that of an earlier call lay: frames stay small,
 * and a goroutine begins with 2 KiB. */
Ir borrow_temp(Gen *g, LLVMTypeRef t) {
  IrList *temps = &g->fn->temps;
  for (int i = 0; i < temps->n; i++) {
    if (LLVMGetAllocatedType(temps->v[i]) != t) continue;
    Ir temp = temps->v[i];
    temps->v[i] = temps->v[--temps->n];
    return temp;
  }
  return new_alloca(g, t, "");
}

void return_temp(Gen *g, Ir temp) { list_push(&g->fn->temps, temp); }

/* Heap objects are zeroed, stack ones are not. */
Ir alloc_object(Gen *g, Type *t, bool heap) {
  return heap ? RT(g, newobject, NULL, type_desc(g, t)) : new_temp(g, t);
}

Ir byte_offset(Gen *g, Ir addr, int64_t bytes) {
  if (bytes == 0) return addr;
  Ir offset = const_i64(g, bytes);
  return LLVMBuildInBoundsGEP2(g->b, g->i8, addr, &offset, 1, "");
}

Ir elem_addr(Gen *g, Type *elem, Ir base, Ir index) {
  return LLVMBuildInBoundsGEP2(g->b, mem_type(g, elem), base, &index, 1, "");
}

static Ir load_item(Gen *g, LLVMTypeRef t, Ir base, int64_t offset) {
  Ir addr = byte_offset(g, base, offset);
  if (t != g->i1) return LLVMBuildLoad2(g->b, t, addr, "");
  return LLVMBuildTrunc(g->b, LLVMBuildLoad2(g->b, g->i8, addr, ""), g->i1, "");
}

static void store_item(Gen *g, Ir v, Ir base, int64_t offset) {
  if (LLVMTypeOf(v) == g->i1) v = LLVMBuildZExt(g->b, v, g->i8, "");
  LLVMBuildStore(g->b, v, byte_offset(g, base, offset));
}

Value value_load(Gen *g, Type *t, Ir addr) {
  TypeInfo *ti = type_info(g, t);
  if (ti->rep == REP_MEM) return value_mem(t, addr, false);
  Value v = {.type = t, .n = ti->nflat};
  for (int i = 0; i < ti->nflat; i++) v.w[i] = load_item(g, ti->flat[i].type, addr, ti->flat[i].offset);
  return v;
}

static void copy_mem(Gen *g, Type *t, Ir to, Ir from) {
  if (type_size(t) == 0 || to == from) return;
  unsigned align = (unsigned)type_align(t);
  LLVMBuildMemCpy(g->b, to, align, from, align, const_i64(g, type_size(t)));
}

/* Two arrays of one type may overlap in part: a slice converted to array pointers at two offsets. */
static void move_mem(Gen *g, Type *t, Ir to, Ir from) {
  if (type_size(t) == 0 || to == from) return;
  unsigned align = (unsigned)type_align(t);
  LLVMBuildMemMove(g->b, to, align, from, align, const_i64(g, type_size(t)));
}

void value_store(Gen *g, Value v, Ir addr) {
  TypeInfo *ti = type_info(g, v.type);
  if (ti->rep == REP_MEM) {
    bool overlap = type_under(v.type)->kind == T_ARRAY && !v.fresh && !LLVMIsAAllocaInst(addr) && !LLVMIsAAllocaInst(v.w[0]);
    (overlap ? move_mem : copy_mem)(g, v.type, addr, v.w[0]);
    return;
  }
  check_that(ti->nflat == v.n);
  for (int i = 0; i < v.n; i++) store_item(g, v.w[i], addr, ti->flat[i].offset);
}

void store_zero(Gen *g, Type *t, Ir addr) {
  if (type_info(g, t)->rep != REP_MEM) {
    value_store(g, value_zero(g, t), addr);
    return;
  }
  if (type_size(t) == 0) return;
  LLVMBuildMemSet(g->b, addr, LLVMConstInt(g->i8, 0, false), const_i64(g, type_size(t)), (unsigned)type_align(t));
}

Value value_zero(Gen *g, Type *t) {
  TypeInfo *ti = type_info(g, t);
  if (ti->rep == REP_MEM) {
    Ir addr = new_temp(g, t);
    store_zero(g, t, addr);
    return value_mem(t, addr, true);
  }
  Value v = {.type = t, .n = ti->nflat};
  for (int i = 0; i < v.n; i++) v.w[i] = LLVMConstNull(ti->flat[i].type);
  return v;
}

/* A value that later side effects cannot change. */
Value value_stable(Gen *g, Value v) {
  if (!v.mem || v.fresh) return v;
  Ir addr = new_temp(g, v.type);
  copy_mem(g, v.type, addr, v.w[0]);
  return value_mem(v.type, addr, true);
}

/* The scalars of a value that flattens to at most MAX_FLAT; their number. */
int value_flatten(Gen *g, Value v, Ir *out) {
  TypeInfo *ti = type_info(g, v.type);
  check_that(ti->nflat <= MAX_FLAT);
  for (int i = 0; i < ti->nflat; i++)
    out[i] = v.mem ? load_item(g, ti->flat[i].type, v.w[0], ti->flat[i].offset) : v.w[i];
  return ti->nflat;
}

Value value_unflatten(Gen *g, Type *t, Ir *in) {
  TypeInfo *ti = type_info(g, t);
  Value v = {.type = t, .n = ti->nflat};
  if (ti->rep == REP_MEM) {
    v = value_mem(t, new_temp(g, t), true);
    for (int i = 0; i < ti->nflat; i++) store_item(g, in[i], v.w[0], ti->flat[i].offset);
    return v;
  }
  for (int i = 0; i < ti->nflat; i++) v.w[i] = in[i];
  return v;
}

/* ---- blocks */
LLVMBasicBlockRef add_block(Gen *g, const char *name) { return LLVMAppendBasicBlockInContext(g->cx, g->fn->ll, name); }

bool terminated(Gen *g) { return LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(g->b)) != NULL; }

void jump(Gen *g, LLVMBasicBlockRef to) {
  if (!terminated(g)) LLVMBuildBr(g->b, to);
}

/* Falls through from the block before. */
void start_block(Gen *g, LLVMBasicBlockRef block) {
  jump(g, block);
  LLVMMoveBasicBlockAfter(block, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, block);
}

void branch(Gen *g, Ir cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no) { LLVMBuildCondBr(g->b, cond, yes, no); }

Ir phi2(Gen *g, Ir a, LLVMBasicBlockRef from_a, Ir b, LLVMBasicBlockRef from_b) {
  Ir phi = LLVMBuildPhi(g->b, LLVMTypeOf(a), "");
  LLVMAddIncoming(phi, (Ir[]){a, b}, (LLVMBasicBlockRef[]){from_a, from_b}, 2);
  return phi;
}

/* ---- checks: between begin and end the builder is in the cold block, which must call what does not return. */
LLVMBasicBlockRef check_begin(Gen *g, Ir ok) {
  LLVMBasicBlockRef good = add_block(g, ""), bad = add_block(g, "");
  LLVMBuildCondBr(g->b, ok, good, bad);
  LLVMPositionBuilderAtEnd(g->b, bad);
  return good;
}

void check_end(Gen *g, LLVMBasicBlockRef go_on) {
  LLVMBuildUnreachable(g->b);
  LLVMMoveBasicBlockAfter(go_on, LLVMGetInsertBlock(g->b));
  LLVMPositionBuilderAtEnd(g->b, go_on);
}

static bool known_non_nil(Ir p) {
  if (LLVMIsAAllocaInst(p) || (LLVMIsAGlobalVariable(p) && !LLVMIsNull(p))) return true;
  return LLVMIsAGetElementPtrInst(p) != NULL && LLVMIsInBounds(p) && known_non_nil(LLVMGetOperand(p, 0));
}

/* The mark lets the code generator fold the branch into a faulting load where it asks for that. */
void check_nil(Gen *g, Ir p) {
  if (known_non_nil(p)) return;
  Ir ok = LLVMBuildICmp(g->b, LLVMIntNE, p, LLVMConstNull(LLVMTypeOf(p)), "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(g->b), go_on = check_begin(g, ok);
  Ir md = LLVMMetadataAsValue(g->cx, LLVMMDNodeInContext2(g->cx, NULL, 0));
  LLVMSetMetadata(LLVMGetBasicBlockTerminator(from), g->implicit_md, md);
  rt_call(g, RT_panicnil, NULL, NULL, 0);
  check_end(g, go_on);
}

void check_bounds(Gen *g, Ir index, Ir len, bool index_unsigned) {
  Ir ok = LLVMBuildICmp(g->b, LLVMIntULT, index, len, "");
  if (LLVMIsAConstantInt(ok) && LLVMConstIntGetZExtValue(ok) == 1) return;
  LLVMBasicBlockRef go_on = check_begin(g, ok);
  rt_call(g, index_unsigned ? RT_panicindexu : RT_panicindex, NULL, (Ir[]){index, len}, 2);
  check_end(g, go_on);
}
