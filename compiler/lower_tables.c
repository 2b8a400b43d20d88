/* lower_tables.c: the constant tables of module.h: the module's descriptor, a row a function, unsafe ranges.
 *
 * They are ordinary IR globals in sections whose names a linker turns into __start_/__stop_ symbols, so that the
 * runtime finds all objects' rows as one array: no row may be padded, hence the explicit alignment.
 *
 * argmask repeats the calling convention: which register holds which parameter. It is computed from the signature after
 * optimisation, because O2 may remove and split parameters of functions that only this module calls. A convention that
 * passes anything in another way is refused, not guessed.
 *
 * An unsafe range ends where the next function begins: functions of one section are laid out in module order. The
 * last one gets an empty function behind it. Rejected: a label in inline asm at the last return (blocks are laid out
 * freely).
 */
#include "lower_parts.h"
#include "../runtime/abi/limits.h"
#include "../runtime/abi/module.h"

#include <llvm-c/DebugInfo.h>
#include <string.h>

_Static_assert(sizeof(struct toy_func) == 48 && sizeof(struct toy_site) == 32 && sizeof(struct toy_module) == 32 &&
                   sizeof(struct toy_unsafe) == 24, "the rows built here have the layout of module.h");

static LLVMValueRef row_of(Lower *l, LLVMValueRef *fields, unsigned n) {
  return LLVMConstStructInContext(l->context, fields, n, 0);
}

static LLVMValueRef number64(Lower *l, uint64_t n) { return LLVMConstInt(l->i64, n, 0); }
static LLVMValueRef number32(Lower *l, uint64_t n) { return LLVMConstInt(l->i32, n, 0); }

/* section null: a plain private constant. */
static LLVMValueRef add_array(Lower *l, const char *name, const char *section, ValueList rows) {
  if (rows.n == 0) return LLVMConstNull(l->ptr);
  LLVMValueRef init = LLVMConstArray2(LLVMTypeOf(rows.v[0]), rows.v, (uint64_t)rows.n);
  LLVMValueRef global = LLVMAddGlobal(l->module, LLVMTypeOf(init), name);
  LLVMSetInitializer(global, init);
  LLVMSetGlobalConstant(global, 1);
  LLVMSetLinkage(global, LLVMInternalLinkage);
  LLVMSetAlignment(global, 8);
  if (section) LLVMSetSection(global, section);
  return global;
}

/* ---- argument registers */

enum { INT_REGISTERS = 6, FLOAT_REGISTERS = 8, MASK_CONTEXT = 6 };

typedef struct ArgState {
  Lower *l;
  const char *fn;
  unsigned ints, floats, words;
  uint64_t argmask, stackargs;
  bool undefined;   /* of a call: what it passes next is no value */
  uint64_t passed;  /* of a call: registers with values, numbered as in argmask */
} ArgState;

static void take_stack_word(ArgState *a, bool managed) {
  if (managed && a->words >= 64) lower_refuse(a->l, "function %s: more than 64 words of stack arguments", a->fn);
  else if (managed) a->stackargs |= (uint64_t)1 << a->words;
  a->words++;
}

static void take_int(ArgState *a, bool managed) {
  if (a->ints == INT_REGISTERS) {
    take_stack_word(a, managed);
    return;
  }
  if (managed) a->argmask |= (uint64_t)1 << a->ints;
  if (!a->undefined) a->passed |= (uint64_t)1 << a->ints;
  a->ints++;
}

static void take_float(ArgState *a) {
  if (a->floats == FLOAT_REGISTERS) take_stack_word(a, false);
  else a->floats++;
}

/* False: a type that this calling convention does not describe. */
static bool take_argument(ArgState *a, LLVMTypeRef type) {
  switch (LLVMGetTypeKind(type)) {
  case LLVMPointerTypeKind: take_int(a, LLVMGetPointerAddressSpace(type) == MANAGED); return true;
  case LLVMIntegerTypeKind:
    if (LLVMGetIntTypeWidth(type) > 64) return false;
    take_int(a, false);
    return true;
  case LLVMFloatTypeKind: case LLVMDoubleTypeKind: take_float(a); return true;
  case LLVMStructTypeKind:
    for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++)
      if (!take_argument(a, LLVMStructGetTypeAtIndex(type, i))) return false;
    return true;
  default: return false;
  }
}

static const char *const refused[] = {"sret", "byval", "inalloca", "preallocated", "swiftself", "swifterror", "swiftasync"};
enum { NREFUSED = sizeof refused / sizeof *refused };

static unsigned attr_kind(const char *attr) { return LLVMGetEnumAttributeKindForName(attr, strlen(attr)); }

static bool param_has(LLVMValueRef fn, unsigned index, const char *attr) {
  return LLVMGetEnumAttributeAtIndex(fn, index + 1, attr_kind(attr)) != NULL;
}

static ArgState arguments_of(Lower *l, LLVMValueRef fn) {
  ArgState a = {.l = l, .fn = lower_name(fn)};
  LLVMTypeRef type = LLVMGlobalGetValueType(fn);
  unsigned n = LLVMCountParamTypes(type);
  LLVMTypeRef *params = arena_alloc((n + 1) * sizeof *params);
  LLVMGetParamTypes(type, params);
  for (unsigned i = 0; i < n; i++) {
    for (size_t k = 0; k < NREFUSED; k++)
      if (param_has(fn, i, refused[k])) lower_refuse(l, "function %s: a parameter is %s", a.fn, refused[k]);
    bool is_context = param_has(fn, i, "nest");
    if (!is_context && !take_argument(&a, params[i]))
      lower_refuse(l, "function %s: a parameter of a type that this calling convention does not describe", a.fn);
    else if (is_context && LLVMGetPointerAddressSpace(params[i]) == MANAGED) a.argmask |= 1 << MASK_CONTEXT;
  }
  if (LLVMIsFunctionVarArg(type)) lower_refuse(l, "function %s: variable arguments", a.fn);
  return a;
}

static bool argument_has(LLVMValueRef call, unsigned index, const char *attr) {
  LLVMValueRef callee = LLVMGetCalledValue(call);
  if (LLVMIsAFunction(callee) && param_has(callee, index, attr)) return true;
  return LLVMGetCallSiteEnumAttribute(call, index + 1, attr_kind(attr)) != NULL;
}

/* What is passed in a way of its own, or of a strange type, leaves nothing known. */
uint64_t lower_unused_registers(Lower *l, LLVMValueRef call) {
  ArgState a = {.l = l, .fn = lower_name(LLVMGetCalledValue(call))};
  for (unsigned i = 0; i < LLVMGetNumArgOperands(call); i++) {
    LLVMValueRef argument = LLVMGetOperand(call, i);
    for (size_t k = 0; k < NREFUSED; k++)
      if (argument_has(call, i, refused[k])) return 0;
    a.undefined = LLVMIsUndef(argument);
    if (argument_has(call, i, "nest")) a.passed |= a.undefined ? 0 : 1 << MASK_CONTEXT;
    else if (!take_argument(&a, LLVMTypeOf(argument))) return 0;
  }
  return a.words ? ~a.passed & TOY_UNUSED_MASK : 0;
}

/* One word more would be demoted to a hidden argument, which statepoints turn into wrong code without a word. */
static void check_result(Lower *l, LLVMValueRef fn) {
  LLVMTypeRef result = LLVMGetReturnType(LLVMGlobalGetValueType(fn));
  unsigned words = LLVMGetTypeKind(result) == LLVMStructTypeKind ? LLVMCountStructElementTypes(result) : 1;
  if (LLVMGetTypeKind(result) == LLVMArrayTypeKind || words > TOY_MAX_RESULT_WORDS)
    lower_refuse(l, "function %s: more than %d result words", lower_name(fn), TOY_MAX_RESULT_WORDS);
}

/* ---- rows */

static LLVMValueRef func_row(Lower *l, LLVMValueRef fn) {
  LLVMMetadataRef sp = LLVMGetSubprogram(fn);
  const char *name = sp ? lower_subprogram_name(l, sp) : NULL;
  if (!name) name = lower_name(fn);
  check_result(l, fn);
  ArgState a = arguments_of(l, fn);
  LLVMValueRef row[] = {fn, lower_string(l, name), lower_string(l, sp ? lower_scope_file(l, sp) : intern_cstr("?")),
                        number32(l, sp ? LLVMDISubprogramGetLine(sp) : 0),
                        number32(l, lower_func_flags(l, lower_name(fn))),
                        number64(l, a.argmask), number64(l, a.stackargs)};
  return row_of(l, row, 7);
}

static LLVMValueRef next_definition(LLVMValueRef fn) {
  do fn = LLVMGetNextFunction(fn);
  while (fn && LLVMIsDeclaration(fn));
  return fn;
}

/* Behind every function of the module. */
static LLVMValueRef add_end(Lower *l) {
  LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(l->context), NULL, 0, 0);
  LLVMValueRef fn = LLVMAddFunction(l->module, "toy_module_end", type);
  LLVMSetLinkage(fn, LLVMInternalLinkage);
  LLVMSetSection(fn, "toytext");
  LLVMPositionBuilderAtEnd(l->builder, LLVMAppendBasicBlockInContext(l->context, fn, ""));
  LLVMSetCurrentDebugLocation2(l->builder, NULL);
  LLVMBuildUnreachable(l->builder);
  return fn;
}

static LLVMValueRef unsafe_row(Lower *l, LLVMValueRef fn) {
  LLVMValueRef end = next_definition(fn);
  LLVMValueRef row[] = {fn, end ? end : add_end(l), number64(l, TOY_UNSAFE)};
  return row_of(l, row, 3);
}

/* The code generator defines this symbol, local to the object, where its stack maps begin. */
static LLVMValueRef stackmaps_symbol(Lower *l) {
  return l->has_records ? LLVMAddGlobal(l->module, l->i8, "__LLVM_StackMaps") : LLVMConstNull(l->ptr);
}

static void add_module(Lower *l) {
  LLVMValueRef sites = add_array(l, "toy_sites", NULL, l->sites);
  LLVMValueRef row[] = {stackmaps_symbol(l), sites, number64(l, (uint64_t)l->sites.n),
                        lower_string(l, intern_cstr(l->package))};
  ValueList rows = {0};
  list_push(&rows, row_of(l, row, 4));
  add_array(l, "toy_module", "toymodules", rows);
}

void lower_tables(Lower *l) {
  ValueList funcs = {0}, unsafe = {0}, defined = {0};
  for (LLVMValueRef fn = LLVMGetFirstFunction(l->module); fn; fn = LLVMGetNextFunction(fn))
    if (!LLVMIsDeclaration(fn)) list_push(&defined, fn);
  for (int i = 0; i < defined.n && !l->error; i++) {
    list_push(&funcs, func_row(l, defined.v[i]));
    if (lower_has_attr(defined.v[i], "toy-nopreempt")) list_push(&unsafe, unsafe_row(l, defined.v[i]));
  }
  add_array(l, "toy_funcs", "toyfuncs", funcs);
  add_array(l, "toy_unsafe", "toyunsafe", unsafe);
  add_module(l);
}
