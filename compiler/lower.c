/* lower.c: late lowering, the order of its parts.
 *
 * The optimiser works on what a frontend finds natural: allocas, structs as results, debug locations. The runtime
 * needs something else: no raw frame address and no aggregate alive across a call, a number at each call, tables. The
 * parts here are the bridge, and run between the last optimisation and rewrite-statepoints-for-gc (RS4GC from here
 * on).
 *
 * Invariants afterwards, which nothing that runs later breaks:
 *  - an alloca is named only by the inline asm that takes its address and by its stack-map record;
 *  - no value of a struct or array type that contains a managed pointer is used by anything but a `ret`, directly
 *    before which it is built, and the extractvalues directly after the call that made it;
 *  - each call that RS4GC will rewrite carries "statepoint-id", an index into the module's site table.
 *
 * Rejected: a pass plugin in C++ (the same walks, but bound to one LLVM version's headers); lowering in the frontend
 * before O2 (the optimiser undoes all three invariants).
 */
#include "lower_parts.h"
#include "../runtime/abi/module.h"

#include <llvm-c/Comdat.h>
#include <string.h>

void lower_refuse(Lower *l, const char *fmt, ...) {
  if (l->error) return;
  va_list ap;
  va_start(ap, fmt);
  l->error = vformat(fmt, ap);
  va_end(ap);
}

static void ptrmap_grow(PtrMap *map) {
  PtrMap old = *map;
  map->size = old.size ? old.size * 2 : 64;
  map->keys = arena_alloc(map->size * sizeof *map->keys);
  map->values = arena_alloc(map->size * sizeof *map->values);
  map->count = 0;
  for (size_t i = 0; i < old.size; i++)
    if (old.keys[i]) *ptrmap_slot(map, old.keys[i]) = old.values[i];
}

void **ptrmap_slot(PtrMap *map, const void *key) {
  if (map->count * 4 >= map->size * 3) ptrmap_grow(map);
  size_t i = ((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u >> 20 & (map->size - 1);
  while (map->keys[i] && map->keys[i] != key) i = (i + 1) & (map->size - 1);
  if (!map->keys[i]) map->keys[i] = key, map->count++;
  return &map->values[i];
}

const char *lower_name(LLVMValueRef value) {
  size_t length;
  const char *name = LLVMGetValueName2(value, &length);
  return intern(name, length);
}

static LLVMAttributeRef get_attr(LLVMValueRef fn, const char *name) {
  return LLVMGetStringAttributeAtIndex(fn, LLVMAttributeFunctionIndex, name, (unsigned)strlen(name));
}

bool lower_has_attr(LLVMValueRef fn, const char *name) { return get_attr(fn, name) != NULL; }

static void set_text_attr(LLVMValueRef fn, const char *name, const char *value) {
  LLVMAttributeRef attr = LLVMCreateStringAttribute(LLVMGetModuleContext(LLVMGetGlobalParent(fn)), name,
                                                    (unsigned)strlen(name), value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, attr);
}

static void set_attr(LLVMValueRef fn, const char *name, uint64_t value) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  check_that(kind != 0);
  LLVMAttributeRef attr = LLVMCreateEnumAttribute(LLVMGetModuleContext(LLVMGetGlobalParent(fn)), kind, value);
  LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, attr);
}

bool lower_is_intrinsic(LLVMValueRef call) {
  LLVMValueRef callee = LLVMGetCalledValue(call);
  return LLVMIsAFunction(callee) && LLVMGetIntrinsicID(callee) != 0;
}

bool lower_holds_managed(LLVMTypeRef type) {
  if (LLVMGetTypeKind(type) == LLVMPointerTypeKind) return LLVMGetPointerAddressSpace(type) == MANAGED;
  if (LLVMGetTypeKind(type) == LLVMArrayTypeKind)
    return LLVMGetArrayLength2(type) && lower_holds_managed(LLVMGetElementType(type));
  if (LLVMGetTypeKind(type) != LLVMStructTypeKind) return false;
  for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++)
    if (lower_holds_managed(LLVMStructGetTypeAtIndex(type, i))) return true;
  return false;
}

/* The same question as RS4GC's own; a call numbered for nothing would be harmless, one left out would get RS4GC's
 * default number and a wrong line in a traceback. */
bool lower_is_safepoint(LLVMValueRef call) {
  if (!LLVMIsACallInst(call) || lower_is_intrinsic(call)) return false;
  LLVMValueRef callee = LLVMGetCalledValue(call);
  if (LLVMIsAInlineAsm(callee)) return false;
  const char *leaf = "gc-leaf-function";
  if (LLVMGetCallSiteStringAttribute(call, LLVMAttributeFunctionIndex, leaf, (unsigned)strlen(leaf))) return false;
  return !(LLVMIsAFunction(callee) && lower_has_attr(callee, leaf));
}

/* ---- before optimisation */

enum { SWIFTCC = 16, UWTABLE_ASYNC = 2 };

static bool is_weak(LLVMLinkage linkage) {
  return linkage == LLVMLinkOnceAnyLinkage || linkage == LLVMLinkOnceODRLinkage || linkage == LLVMWeakAnyLinkage ||
         linkage == LLVMWeakODRLinkage;
}

/* Two objects' copies of a link-once function may differ in code, yet both stack maps would name the one that the
 * linker keeps: so each module keeps its own copy. */
static void make_private(LLVMValueRef fn) {
  LLVMSetLinkage(fn, LLVMInternalLinkage);
  LLVMSetComdat(fn, NULL);
}

static void prepare_function(LLVMValueRef fn) {
  set_text_attr(fn, "split-stack", "");
  set_text_attr(fn, "frame-pointer", "all");
  set_text_attr(fn, "disable-tail-calls", "true");
  set_attr(fn, "noredzone", 0);
  set_attr(fn, "nounwind", 0);
  set_attr(fn, "uwtable", UWTABLE_ASYNC);
  LLVMSetGC(fn, "statepoint-example");
  LLVMSetSection(fn, "toytext");
  if (is_weak(LLVMGetLinkage(fn))) make_private(fn);
  if (lower_is_crowded(fn)) {
    set_attr(fn, "optnone", 0); /* the optimiser would undo it */
    set_attr(fn, "noinline", 0);
    lower_demote_results(fn);
  }
  if (lower_has_attr(fn, "toy-nopreempt")) set_attr(fn, "noinline", 0); /* its range covers its own body only */
}

/* A wrapper may be inlined away and yet be named by inlined-at chains: its name goes into module metadata. */
static void note_wrapper(LLVMModuleRef module, LLVMValueRef fn) {
  LLVMContextRef context = LLVMGetModuleContext(module);
  size_t length;
  const char *name = LLVMGetValueName2(fn, &length);
  LLVMMetadataRef text = LLVMMDStringInContext2(context, name, length);
  LLVMMetadataRef node = LLVMMDNodeInContext2(context, &text, 1);
  LLVMAddNamedMetadataOperand(module, "toy.wrappers", LLVMMetadataAsValue(context, node));
}

const char *lower_prepare(LLVMModuleRef module) {
  for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn)) {
    if (LLVMIsDeclaration(fn)) continue;
    if (LLVMGetFunctionCallConv(fn) != SWIFTCC) return format("function %s is not swiftcc", lower_name(fn));
    prepare_function(fn);
    if (lower_has_attr(fn, "toy-wrapper")) note_wrapper(module, fn);
  }
  return NULL;
}

/* ---- after optimisation */

static void read_wrappers(Lower *l) {
  unsigned n = LLVMGetNamedMetadataNumOperands(l->module, "toy.wrappers");
  if (n == 0) return;
  LLVMValueRef *nodes = arena_alloc(n * sizeof *nodes);
  LLVMGetNamedMetadataOperands(l->module, "toy.wrappers", nodes);
  for (unsigned i = 0; i < n; i++) {
    LLVMValueRef operand;
    unsigned length;
    LLVMGetMDNodeOperands(nodes[i], &operand);
    const char *name = LLVMGetMDString(operand, &length);
    if (name) *ptrmap_slot(&l->wrappers, intern(name, length)) = l;
  }
}

static void mark_asm_leaf(Lower *l, LLVMValueRef call) {
  const char *leaf = "gc-leaf-function";
  LLVMAttributeRef attr = LLVMCreateStringAttribute(l->context, leaf, (unsigned)strlen(leaf), "", 0);
  LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attr);
}

/* Inline asm cannot reach the collector or grow the stack; the safe-point verifier wants to be told so. Lifetime
 * markers go: slots shared by objects of different shape could not be described by one record. */
static void tidy_calls(Lower *l, LLVMValueRef fn) {
  for (LLVMBasicBlockRef bb = LLVMGetFirstBasicBlock(fn); bb; bb = LLVMGetNextBasicBlock(bb)) {
    for (LLVMValueRef in = LLVMGetFirstInstruction(bb), next; in; in = next) {
      next = LLVMGetNextInstruction(in);
      if (LLVMIsAInvokeInst(in)) lower_refuse(l, "function %s: invoke is not supported yet", lower_name(fn));
      if (!LLVMIsACallInst(in)) continue;
      if (LLVMIsAInlineAsm(LLVMGetCalledValue(in))) mark_asm_leaf(l, in);
      else if (lower_is_intrinsic(in) && strncmp(lower_name(LLVMGetCalledValue(in)), "llvm.lifetime.", 14) == 0)
        LLVMInstructionEraseFromParent(in);
    }
  }
}

static void lower_function(Lower *l, LLVMValueRef fn) {
  LLVMRemoveEnumAttributeAtIndex(fn, LLVMAttributeFunctionIndex, LLVMGetEnumAttributeKindForName("optnone", 7));
  tidy_calls(l, fn);
  lower_aggregates(l, fn);
  lower_stack_objects(l, fn);
  lower_call_sites(l, fn);
  lower_split(l, fn);
}

const char *lower_module(LLVMModuleRef module, const char *package) {
  LLVMContextRef context = LLVMGetModuleContext(module);
  Lower l = {.module = module, .context = context, .package = package,
             .builder = LLVMCreateBuilderInContext(context), .layout = LLVMGetModuleDataLayout(module),
             .ptr = LLVMPointerTypeInContext(context, 0), .i64 = LLVMInt64TypeInContext(context),
             .i32 = LLVMInt32TypeInContext(context), .i8 = LLVMInt8TypeInContext(context)};
  read_wrappers(&l);
  for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn && !l.error; fn = LLVMGetNextFunction(fn))
    if (!LLVMIsDeclaration(fn)) lower_function(&l, fn);
  if (!l.error) lower_tables(&l);
  LLVMDisposeBuilder(l.builder);
  return l.error;
}
