/* lower_stackobj.c: allocas that survived optimisation become stack objects.
 *
 * An alloca's address is a constant distance from the frame for the code generator, which feels free to compute it
 * once and keep it in a register across calls: after a move of the stack it would be stale, and no stack map would
 * know. So the address is made by an inline asm that nothing sees through, and from there on it is an ordinary
 * managed pointer, spilled and recorded at calls like any other. The object itself is described by a record in the
 * stack map (TOY_STACKOBJ_ID of module.h): where, how large, which words are managed pointers.
 *
 * Where the asm stands is a matter of cost only. Made at the entry, an address serves all uses and costs a slot at
 * every call in between; made at each use, it costs an instruction there and nothing elsewhere. An object whose uses
 * lie in one block around calls (the arguments of a print, say) is addressed at its uses, all others at the entry;
 * but where objects times calls are so many that the stack map itself would be the cost, all are addressed at their
 * uses.
 *
 * The record holds for the whole function, so the object's pointer words must hold pointers from the first call on:
 * they are zeroed at entry. A frontend's own initialisation may come later, in a block that an inlined body was put
 * in.
 *
 * Rejected: asm "=r,0"(alloca): the lea becomes an operand again, and MachineLICM hoists it out of loops across calls.
 */
#include "lower_parts.h"
#include "../runtime/abi/module.h"

#include <string.h>

typedef struct Bitmap { uint64_t *words; uint64_t nbits, last; /* one past the last bit set, 0: none */ } Bitmap;

static void mark_word(Lower *l, Bitmap *map, uint64_t offset) {
  if (offset % 8) {
    lower_refuse(l, "a managed pointer at offset %llu of a stack object is not aligned", (unsigned long long)offset);
    return;
  }
  uint64_t bit = offset / 8;
  check_that(bit < map->nbits);
  map->words[bit / 64] |= (uint64_t)1 << bit % 64;
  if (bit >= map->last) map->last = bit + 1;
}

static void mark_pointers(Lower *l, Bitmap *map, LLVMTypeRef type, uint64_t offset);

static void mark_elements(Lower *l, Bitmap *map, LLVMTypeRef elem, uint64_t n, uint64_t offset) {
  uint64_t stride = LLVMABISizeOfType(l->layout, elem), before = map->last;
  for (uint64_t i = 0; i < n; i++) {
    mark_pointers(l, map, elem, offset + i * stride);
    if (map->last == before) return; /* one element without pointers: none has any */
  }
}

static void mark_pointers(Lower *l, Bitmap *map, LLVMTypeRef type, uint64_t offset) {
  switch (LLVMGetTypeKind(type)) {
  case LLVMPointerTypeKind:
    if (LLVMGetPointerAddressSpace(type) == MANAGED) mark_word(l, map, offset);
    return;
  case LLVMArrayTypeKind: mark_elements(l, map, LLVMGetElementType(type), LLVMGetArrayLength2(type), offset); return;
  case LLVMVectorTypeKind: mark_elements(l, map, LLVMGetElementType(type), LLVMGetVectorSize(type), offset); return;
  case LLVMStructTypeKind:
    for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++)
      mark_pointers(l, map, LLVMStructGetTypeAtIndex(type, i), offset + LLVMOffsetOfElement(l->layout, type, i));
    return;
  default: return;
  }
}

/* `leaq` of a plain alloca, a managed pointer as result; "*m" keeps the alloca a frame slot, used as memory. */
static LLVMValueRef build_address(Lower *l, LLVMValueRef slot) {
  static const char text[] = "leaq $1, $0", constraints[] = "=r,*m";
  LLVMTypeRef managed = LLVMPointerTypeInContext(l->context, MANAGED), type = LLVMFunctionType(managed, &l->ptr, 1, 0);
  LLVMValueRef lea = LLVMGetInlineAsm(type, text, sizeof text - 1, constraints, sizeof constraints - 1, 1, 0,
                                      LLVMInlineAsmDialectATT, 0);
  LLVMValueRef call = LLVMBuildCall2(l->builder, type, lea, &slot, 1, "");
  unsigned elementtype = LLVMGetEnumAttributeKindForName("elementtype", 11);
  LLVMAddCallSiteAttribute(call, 1, LLVMCreateTypeAttribute(l->context, elementtype, LLVMGetAllocatedType(slot)));
  const char *leaf = "gc-leaf-function";
  LLVMAttributeRef attr = LLVMCreateStringAttribute(l->context, leaf, (unsigned)strlen(leaf), "", 0);
  LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attr);
  return call;
}

static LLVMValueRef build_record(Lower *l, LLVMValueRef slot, uint64_t size, const Bitmap *map) {
  unsigned nwords = (unsigned)((map->last + 63) / 64);
  LLVMValueRef *args = arena_alloc((4 + nwords) * sizeof *args);
  args[0] = LLVMConstInt(l->i64, TOY_STACKOBJ_ID, 0);
  args[1] = LLVMConstInt(l->i32, 0, 0);
  args[2] = slot;
  args[3] = LLVMConstInt(l->i64, size, 0);
  for (unsigned i = 0; i < nwords; i++) args[4 + i] = LLVMConstInt(l->i64, map->words[i], 0);
  unsigned id = LLVMLookupIntrinsicID("llvm.experimental.stackmap", 26);
  LLVMValueRef fn = LLVMGetIntrinsicDeclaration(l->module, id, NULL, 0);
  return LLVMBuildCall2(l->builder, LLVMGlobalGetValueType(fn), fn, args, 4 + nwords, "");
}

static LLVMValueRef word_address(Lower *l, LLVMValueRef object, uint64_t word) {
  LLVMValueRef index = LLVMConstInt(l->i64, word * 8, 0);
  return word ? LLVMBuildInBoundsGEP2(l->builder, l->i8, object, &index, 1, "") : object;
}

enum { STORES_MAX = 8 }; /* more pointer words than this are zeroed by one memset */

static void build_zero(Lower *l, LLVMValueRef object, const Bitmap *map) {
  uint64_t count = 0, first = map->last;
  for (uint64_t i = map->last; i-- > 0;)
    if (map->words[i / 64] >> i % 64 & 1) count++, first = i;
  if (count > STORES_MAX) {
    LLVMValueRef bytes = LLVMConstInt(l->i64, (map->last - first) * 8, 0);
    LLVMBuildMemSet(l->builder, word_address(l, object, first), LLVMConstInt(l->i8, 0, 0), bytes, 8);
    return;
  }
  LLVMValueRef null = LLVMConstNull(LLVMPointerTypeInContext(l->context, MANAGED));
  for (uint64_t i = first; i < map->last; i++)
    if (map->words[i / 64] >> i % 64 & 1)
      LLVMSetAlignment(LLVMBuildStore(l->builder, null, word_address(l, object, i)), 8);
}

/* 0: not a constant. */
static uint64_t alloca_bytes(Lower *l, LLVMValueRef slot) {
  LLVMValueRef count = LLVMGetOperand(slot, 0);
  if (!LLVMIsAConstantInt(count)) return 0;
  return LLVMConstIntGetZExtValue(count) * LLVMABISizeOfType(l->layout, LLVMGetAllocatedType(slot));
}

enum {
  OBJECT_MAX_BYTES = 1 << 29,   /* frame offsets are 32 bits wide */
  BITMAP_MAX_WORDS = 60000      /* a record counts its operands in 16 bits */
};

/* ---- which objects, and how they are addressed */

typedef struct Objects {
  Lower *l;
  LLVMValueRef fn;
  ValueList slots;
  PtrMap at_uses;     /* slot → non-null: addressed at its uses */
  PtrMap plain;       /* slot → the alloca in address space 0 that replaces it */
  PtrMap block_of;    /* slot → the only block that uses it, or SEVERAL */
  PtrMap busy;        /* blocks with a safe point in them */
  uint64_t calls;     /* safe points of the function */
} Objects;

static char several;
#define SEVERAL ((void *)&several)

static bool is_constant_gep(LLVMValueRef value) {
  if (!LLVMIsAGetElementPtrInst(value)) return false;
  for (int i = 1; i < LLVMGetNumOperands(value); i++)
    if (!LLVMIsAConstantInt(LLVMGetOperand(value, (unsigned)i))) return false;
  return true;
}

/* The slot that the value is a constant distance from, or null. */
static LLVMValueRef slot_behind(LLVMValueRef value) {
  while (is_constant_gep(value)) value = LLVMGetOperand(value, 0);
  return LLVMIsAAllocaInst(value) ? value : NULL;
}

static void note_block(Objects *o, LLVMValueRef slot, LLVMBasicBlockRef block) {
  void **known = ptrmap_slot(&o->block_of, slot);
  *known = !*known || *known == block ? (void *)block : SEVERAL;
}

static void note_uses(Objects *o, LLVMBasicBlockRef block, LLVMValueRef in) {
  if (is_constant_gep(in)) return; /* counted where the result is used */
  for (int i = 0; i < LLVMGetNumOperands(in); i++) {
    LLVMValueRef operand = LLVMGetOperand(in, (unsigned)i), slot = operand ? slot_behind(operand) : NULL;
    if (slot) note_block(o, slot, LLVMIsAPHINode(in) ? SEVERAL : block);
  }
}

static void survey(Objects *o) {
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(o->fn); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in)) {
      note_uses(o, bb, in);
      if (!lower_is_safepoint(in)) continue;
      o->calls++;
      *ptrmap_slot(&o->busy, bb) = in;
    }
}

enum { MAX_OBJECT_CALLS = 20000 }; /* objects times safe points: more would be felt in compile time and stack maps */

static void choose(Objects *o) {
  survey(o);
  bool crowded = (uint64_t)o->slots.n * o->calls > MAX_OBJECT_CALLS;
  for (int i = 0; i < o->slots.n; i++) {
    void *block = *ptrmap_slot(&o->block_of, o->slots.v[i]);
    bool local = block && block != SEVERAL && *ptrmap_slot(&o->busy, block);
    if (crowded || local) *ptrmap_slot(&o->at_uses, o->slots.v[i]) = o;
  }
}

/* ---- addresses at the uses */

/* Addresses made in the block at work since its last safe point. */
typedef struct Fresh { PtrMap of; } Fresh;

static LLVMValueRef fresh_address(Objects *o, Fresh *fresh, LLVMValueRef value, LLVMValueRef before) {
  void **known = ptrmap_slot(&fresh->of, value);
  if (*known) return *known;
  LLVMValueRef made;
  if (LLVMIsAAllocaInst(value)) {
    LLVMPositionBuilderBefore(o->l->builder, before);
    made = build_address(o->l, *ptrmap_slot(&o->plain, value));
  } else {
    LLVMValueRef base = fresh_address(o, fresh, LLVMGetOperand(value, 0), before);
    made = LLVMInstructionClone(value);
    LLVMSetOperand(made, 0, base);
    LLVMPositionBuilderBefore(o->l->builder, before);
    LLVMInsertIntoBuilder(o->l->builder, made);
  }
  return *ptrmap_slot(&fresh->of, value) = made;
}

static bool is_at_uses(Objects *o, LLVMValueRef value) {
  LLVMValueRef slot = value ? slot_behind(value) : NULL;
  return slot && *ptrmap_slot(&o->at_uses, slot);
}

static void rewrite_operands(Objects *o, Fresh *fresh, LLVMValueRef in) {
  if (is_constant_gep(in) || LLVMIsAPHINode(in)) return;
  for (int i = 0; i < LLVMGetNumOperands(in); i++) {
    LLVMValueRef operand = LLVMGetOperand(in, (unsigned)i);
    if (is_at_uses(o, operand)) LLVMSetOperand(in, (unsigned)i, fresh_address(o, fresh, operand, in));
  }
}

/* A phi uses its operand at the end of the block that it comes from. */
static void rewrite_phis(Objects *o, Fresh *fresh, LLVMBasicBlockRef from, LLVMBasicBlockRef to) {
  LLVMValueRef phi = LLVMGetFirstInstruction(to);
  for (; phi && LLVMIsAPHINode(phi); phi = LLVMGetNextInstruction(phi))
    for (unsigned k = 0; k < LLVMCountIncoming(phi); k++) {
      LLVMValueRef value = LLVMGetIncomingValue(phi, k);
      if (LLVMGetIncomingBlock(phi, k) == from && is_at_uses(o, value))
        LLVMSetOperand(phi, k, fresh_address(o, fresh, value, LLVMGetBasicBlockTerminator(from)));
    }
}

static void rewrite_block(Objects *o, LLVMBasicBlockRef block) {
  Fresh fresh = {{0}};
  for (LLVMValueRef in = LLVMGetFirstInstruction(block); in; in = LLVMGetNextInstruction(in)) {
    rewrite_operands(o, &fresh, in);
    if (lower_is_safepoint(in)) fresh = (Fresh){{0}};
  }
  LLVMValueRef end = LLVMGetBasicBlockTerminator(block);
  for (unsigned i = 0; i < LLVMGetNumSuccessors(end); i++) rewrite_phis(o, &fresh, block, LLVMGetSuccessor(end, i));
}

static bool remove_unused_geps(LLVMBasicBlockRef block) {
  bool removed = false;
  for (LLVMValueRef in = LLVMGetLastInstruction(block), before; in; in = before) {
    before = LLVMGetPreviousInstruction(in);
    if (!is_constant_gep(in) || LLVMGetFirstUse(in)) continue;
    LLVMInstructionEraseFromParent(in);
    removed = true;
  }
  return removed;
}

static void rewrite_uses(Objects *o) {
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(o->fn); bb; bb = LLVMGetNextBasicBlock(bb)) rewrite_block(o, bb);
  bool removed = true; /* distances that everybody now computes afresh; a chain may lead through several blocks */
  while (removed) {
    removed = false;
    for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(o->fn); bb; bb = LLVMGetNextBasicBlock(bb))
      if (remove_unused_geps(bb)) removed = true;
  }
}

/* ---- one object */

static bool check_alloca(Lower *l, LLVMValueRef fn, LLVMValueRef slot) {
  if (LLVMGetPointerAddressSpace(LLVMTypeOf(slot)) != MANAGED)
    lower_refuse(l, "function %s: an alloca is not in address space 1", lower_name(fn));
  else if (!LLVMIsAConstantInt(LLVMGetOperand(slot, 0)) || alloca_bytes(l, slot) > OBJECT_MAX_BYTES)
    lower_refuse(l, "function %s: an alloca has no constant size below %d bytes", lower_name(fn), OBJECT_MAX_BYTES);
  return !l->error;
}

static Bitmap pointers_of(Lower *l, LLVMValueRef slot, uint64_t size) {
  Bitmap map = {arena_alloc((size / 512 + 1) * 8), (size + 7) / 8, 0};
  mark_elements(l, &map, LLVMGetAllocatedType(slot), LLVMConstIntGetZExtValue(LLVMGetOperand(slot, 0)), 0);
  if (map.last > (uint64_t)BITMAP_MAX_WORDS * 64)
    lower_refuse(l, "a stack object with pointers is too large for the stack map");
  return map;
}

/* The builder stands behind the allocas. */
static void lower_alloca(Objects *o, LLVMValueRef slot) {
  Lower *l = o->l;
  LLVMValueRef plain = *ptrmap_slot(&o->plain, slot);
  uint64_t size = alloca_bytes(l, slot);
  Bitmap map = pointers_of(l, slot, size);
  if (map.last && LLVMGetAlignment(plain) < 8) LLVMSetAlignment(plain, 8);
  bool at_uses = *ptrmap_slot(&o->at_uses, slot) != NULL;
  LLVMValueRef object = map.last || !at_uses ? build_address(l, plain) : NULL;
  if (!at_uses) LLVMReplaceAllUsesWith(slot, object);
  build_record(l, plain, size, &map);
  if (map.last) build_zero(l, object, &map);
  l->has_records = true;
}

static void refuse_late_allocas(Lower *l, LLVMValueRef fn) {
  for (LLVMBasicBlockRef bb = LLVMGetNextBasicBlock(LLVMGetFirstBasicBlock(fn)); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in))
      if (LLVMIsAAllocaInst(in)) lower_refuse(l, "function %s: an alloca is not in the entry block", lower_name(fn));
}

/* The alloca itself must not look like a managed pointer to RS4GC, which would find it alive across calls and try to
 * relocate it: so it is replaced by one in address space 0. llvm-c builds allocas in the data layout's space only. */
static void build_plain(Objects *o, LLVMBasicBlockRef entry) {
  Lower *l = o->l;
  const char *layout = intern_cstr(LLVMGetDataLayoutStr(l->module)), *space = strstr(layout, "-A1");
  check_that(space != NULL);
  LLVMSetDataLayout(l->module, format("%.*s%s", (int)(space - layout), layout, space + 3));
  for (int i = 0; i < o->slots.n; i++) {
    LLVMValueRef slot = o->slots.v[i], count = LLVMGetOperand(slot, 0);
    LLVMPositionBuilderBefore(l->builder, LLVMGetFirstInstruction(entry));
    const char *name = lower_name(slot);
    LLVMSetValueName2(slot, "", 0);
    LLVMValueRef plain = LLVMBuildArrayAlloca(l->builder, LLVMGetAllocatedType(slot), count, name);
    LLVMSetAlignment(plain, LLVMGetAlignment(slot));
    *ptrmap_slot(&o->plain, slot) = plain;
  }
  LLVMSetDataLayout(l->module, layout);
}

static void collect(Objects *o, LLVMBasicBlockRef entry) {
  for (LLVMValueRef in = LLVMGetFirstInstruction(entry), next; in; in = next) {
    next = LLVMGetNextInstruction(in);
    if (!LLVMIsAAllocaInst(in)) continue;
    if (!LLVMGetFirstUse(in)) LLVMInstructionEraseFromParent(in);
    else if (check_alloca(o->l, o->fn, in)) list_push(&o->slots, in);
  }
}

void lower_stack_objects(Lower *l, LLVMValueRef fn) {
  Objects o = {.l = l, .fn = fn};
  LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(fn);
  refuse_late_allocas(l, fn);
  collect(&o, entry);
  if (o.slots.n == 0 || l->error) return;
  LLVMSetCurrentDebugLocation2(l->builder, NULL);
  choose(&o);
  build_plain(&o, entry);
  LLVMValueRef last = *ptrmap_slot(&o.plain, o.slots.v[0]); /* each was put ahead of the one before */
  LLVMPositionBuilderBefore(l->builder, LLVMGetNextInstruction(last));
  for (int i = 0; i < o.slots.n; i++) lower_alloca(&o, o.slots.v[i]);
  rewrite_uses(&o);
  for (int i = 0; i < o.slots.n; i++) {
    check_that(!LLVMGetFirstUse(o.slots.v[i]));
    LLVMInstructionEraseFromParent(o.slots.v[i]);
  }
}
