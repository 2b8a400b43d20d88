/* backend.c: the target, the optimiser, statepoints, code generation.
 *
 * Two code-generation flags are not preferences but needs. Stack pointer and slots must stay as the stack maps say:
 *   -no-x86-call-frame-opt  arguments are stored, not pushed: SP does not move inside a body
 *   -no-stack-coloring      no two stack objects share a slot
 * verify<safepoint-ir> runs in every build: it finds a managed pointer used after a call without having been relocated,
 * which is our bug, whatever the user wrote.
 *
 * Code is for baseline x86-64, static, small code model. FastISel is not used, at -O0 neither: one instruction selector
 * is enough to trust.
 */
#include "backend.h"
#include "lower.h"
#include "object.h"
#include "util.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

static const char triple[] = "x86_64-unknown-linux-gnu";
static const char data_layout[] =
    "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1";

static LLVMTargetMachineRef machine;
static LLVMTargetDataRef layout;

void backend_init(int opt_level) {
  static const char *const flags[] = {"toy", "-no-x86-call-frame-opt", "-no-stack-coloring", "-enable-implicit-null-checks"};
  LLVMParseCommandLineOptions(sizeof flags / sizeof *flags, flags, "");
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser(); /* inline asm */
  LLVMTargetRef target;
  char *message = NULL;
  if (LLVMGetTargetFromTriple(triple, &target, &message)) internal_error(__FILE__, __LINE__, "no target: %s", message);
  static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelLess, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                               LLVMCodeGenLevelAggressive};
  machine = LLVMCreateTargetMachine(target, triple, "x86-64", "", levels[opt_level], LLVMRelocStatic,
                                    LLVMCodeModelSmall);
  check_that(machine != NULL);
  LLVMSetTargetMachineFastISel(machine, 0);
  layout = LLVMCreateTargetData(data_layout);
}

LLVMTargetDataRef backend_layout(void) { return layout; }
const char *backend_layout_text(void) { return data_layout; }

void backend_set_target(LLVMModuleRef module) {
  LLVMSetTarget(module, triple);
  LLVMSetDataLayout(module, data_layout);
}

static const char *run_passes(LLVMModuleRef module, const char *passes) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error = LLVMRunPasses(module, passes, machine, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error) return NULL;
  char *message = LLVMGetErrorMessage(error);
  const char *text = format("passes %s: %s", passes, message);
  LLVMDisposeErrorMessage(message);
  return text;
}

static const char *optimise(LLVMModuleRef module, const BackendOptions *options) {
  const char *broken = lower_prepare(module);
  return broken ? broken : run_passes(module, format("default<O%d>,elim-avail-extern", options->opt_level));
}

/* Debug metadata has served its purpose once the sites are numbered; what stays goes into .debug_* sections. */
static const char *lower(LLVMModuleRef module, const BackendOptions *options) {
  const char *broken = lower_module(module, options->package);
  if (!options->debug_info) LLVMStripModuleDebugInfo(module);
  return broken;
}

static const char *statepoints(LLVMModuleRef module, const BackendOptions *options) {
  return run_passes(module, "rewrite-statepoints-for-gc,verify<safepoint-ir>,verify");
}

const char *backend_run_from(LLVMModuleRef module, const BackendOptions *options, BackendStage first,
                             BackendStage last) {
  static const struct { BackendStage stage; const char *(*run)(LLVMModuleRef, const BackendOptions *); } passes[] = {
      {STAGE_OPTIMISED, optimise}, {STAGE_LOWERED, lower}, {STAGE_STATEPOINTS, statepoints}};
  for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
    if (passes[i].stage < first || passes[i].stage > last) continue;
    const char *broken = passes[i].run(module, options);
    if (broken) return broken;
  }
  return NULL;
}

const char *backend_run(LLVMModuleRef module, const BackendOptions *options, BackendStage last) {
  return backend_run_from(module, options, STAGE_OPTIMISED, last);
}

ObjectCode backend_emit(LLVMModuleRef module, BackendStage asm_or_object) {
  LLVMCodeGenFileType type = asm_or_object == STAGE_OBJECT ? LLVMObjectFile : LLVMAssemblyFile;
  LLVMMemoryBufferRef buffer;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &message, &buffer))
    internal_error(__FILE__, __LINE__, "code generation: %s", message);
  ObjectCode code = {NULL, LLVMGetBufferSize(buffer)};
  code.bytes = arena_alloc(code.size + 1);
  memcpy(code.bytes, LLVMGetBufferStart(buffer), code.size);
  LLVMDisposeMemoryBuffer(buffer);
  if (type == LLVMObjectFile) object_neutralise_notes(code);
  return code;
}
