/* lower_stackobj.c: allocas that survived optimisation become stack objects.
 *
 * An alloca's address is a constant distance from the frame for the code generator, which feels free to compute it once
 * and keep it in a register across calls: after a move of the stack it would be stale, and no stack map would know. So the
 * address is made once, at the entry, by an inline asm that nothing sees through, and from there on it is an ordinary
 * managed pointer, spilled and recorded at calls like any other. The object itself is described by a record in the stack
 * map (TOY_STACKOBJ_ID of module.h): where, how large, which words are managed pointers.
 *
 * The record holds for the whole function, so the object's pointer words must hold pointers from the first call on: they are
 * zeroed at entry. A frontend's own initialisation may come later, in a block that an inlined body was put in.
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

/* `leaq` in the function's own frame; "*m" keeps the alloca a frame slot and the operand a memory operand. */
static LLVMValueRef build_address(Lower *l, LLVMValueRef slot) {
  static const char text[] = "leaq $1, $0", constraints[] = "=r,*m";
  LLVMTypeRef param = LLVMTypeOf(slot), type = LLVMFunctionType(param, &param, 1, 0);
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

static void build_zero(Lower *l, LLVMValueRef object, unsigned align, const Bitmap *map) {
  uint64_t count = 0, first = map->last;
  for (uint64_t i = map->last; i-- > 0;)
    if (map->words[i / 64] >> i % 64 & 1) count++, first = i;
  if (count > STORES_MAX) {
    LLVMValueRef bytes = LLVMConstInt(l->i64, (map->last - first) * 8, 0);
    LLVMBuildMemSet(l->builder, word_address(l, object, first), LLVMConstInt(l->i8, 0, 0), bytes, align > 8 ? 8 : align);
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

enum { OBJECT_MAX_BYTES = 1 << 24 }; /* far below what a record's 16-bit count of bitmap words can hold */

static void lower_alloca(Lower *l, LLVMValueRef fn, LLVMValueRef slot) {
  uint64_t size = alloca_bytes(l, slot);
  unsigned align = LLVMGetAlignment(slot);
  if (!LLVMGetFirstUse(slot)) return;
  if (LLVMGetPointerAddressSpace(LLVMTypeOf(slot)) != MANAGED) {
    lower_refuse(l, "function %s: an alloca is not in address space 1", lower_name(fn));
    return;
  }
  if (size > OBJECT_MAX_BYTES || !LLVMIsAConstantInt(LLVMGetOperand(slot, 0))) {
    lower_refuse(l, "function %s: an alloca has no constant size below %d bytes", lower_name(fn), OBJECT_MAX_BYTES);
    return;
  }
  Bitmap map = {arena_alloc((size / 512 + 1) * 8), (size + 7) / 8, 0};
  LLVMTypeRef type = LLVMGetAllocatedType(slot);
  mark_elements(l, &map, type, LLVMConstIntGetZExtValue(LLVMGetOperand(slot, 0)), 0);
  if (map.last && align < 8) LLVMSetAlignment(slot, align = 8);
  LLVMValueRef object = build_address(l, slot);
  LLVMReplaceAllUsesWith(slot, object);
  LLVMSetOperand(object, 0, slot);
  build_record(l, slot, size, &map);
  build_zero(l, object, align, &map);
  l->has_records = true;
}

static bool is_alloca(LLVMValueRef instruction) { return LLVMIsAAllocaInst(instruction) != NULL; }

static void refuse_late_allocas(Lower *l, LLVMValueRef fn) {
  for (LLVMBasicBlockRef bb = LLVMGetNextBasicBlock(LLVMGetFirstBasicBlock(fn)); bb; bb = LLVMGetNextBasicBlock(bb))
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb); in; in = LLVMGetNextInstruction(in))
      if (is_alloca(in)) lower_refuse(l, "function %s: an alloca is not in the entry block", lower_name(fn));
}

/* All that is built goes behind the last alloca, ahead of every other use: the inliner and the frontend put allocas
 * first, but a use between two allocas is legal IR, so allocas are moved up where it happens. */
void lower_stack_objects(Lower *l, LLVMValueRef fn) {
  ValueList slots = {0};
  LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(fn);
  for (LLVMValueRef in = LLVMGetFirstInstruction(entry); in; in = LLVMGetNextInstruction(in))
    if (is_alloca(in)) list_push(&slots, in);
  refuse_late_allocas(l, fn);
  for (int i = 0; i < slots.n; i++) {
    const char *name = lower_name(slots.v[i]);
    LLVMInstructionRemoveFromParent(slots.v[i]);
    LLVMPositionBuilderBefore(l->builder, LLVMGetFirstInstruction(entry));
    LLVMInsertIntoBuilderWithName(l->builder, slots.v[i], name);
  }
  if (slots.n == 0) return;
  LLVMPositionBuilderBefore(l->builder, LLVMGetNextInstruction(slots.v[0])); /* slots.v[0] is now the last of them */
  LLVMSetCurrentDebugLocation2(l->builder, NULL);
  for (int i = 0; i < slots.n && !l->error; i++) lower_alloca(l, fn, slots.v[i]);
}
