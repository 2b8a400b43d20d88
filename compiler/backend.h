/* backend.h: from frontend IR to an object file in memory; llvm-c in, bytes out. Used by `toy lower` and the driver. */
#ifndef TOY_BACKEND_H
#define TOY_BACKEND_H

#include <llvm-c/TargetMachine.h>
#include <llvm-c/Types.h>
#include <stdbool.h>
#include <stddef.h>

/* Where a walk through the back end may end, in order. */
typedef enum BackendStage {
  STAGE_IR, STAGE_OPTIMISED, STAGE_LOWERED, STAGE_STATEPOINTS, STAGE_ASM, STAGE_OBJECT
} BackendStage;

typedef struct BackendOptions { int opt_level; /* 0 to 3 */ bool debug_info; const char *package; } BackendOptions;

typedef struct ObjectCode { char *bytes; size_t size; } ObjectCode;

/* One process makes one back end, before it makes any module. */
void backend_init(int opt_level);
LLVMTargetDataRef backend_layout(void);
const char *backend_layout_text(void);
void backend_set_target(LLVMModuleRef module);     /* triple and data layout of the contract */

/* Takes the module through the stages up to `last`, STATEPOINTS at most; returns null or which rule it breaks. */
const char *backend_run(LLVMModuleRef module, const BackendOptions *options, BackendStage last);
const char *backend_run_from(LLVMModuleRef module, const BackendOptions *options, BackendStage first,
                             BackendStage last);

/* Needs STAGE_STATEPOINTS. The object's split-stack notes are neutral already (object.h). */
ObjectCode backend_emit(LLVMModuleRef module, BackendStage asm_or_object);

#endif
