/* lower.h: late lowering: turns a frontend's plain IR (docs/abi.md) into IR that keeps the runtime's rules.
 *
 * Depends on llvm-c, util.h and the ABI headers alone, so that any frontend can use it (`toy lower`). Both calls return
 * null, or a text (in the arena) that says which rule of the contract the module breaks.
 */
#ifndef TOY_LOWER_H
#define TOY_LOWER_H

#include <llvm-c/Types.h>

/* Before optimisation: gives functions the attributes the contract asks for, notes what inlining would forget. */
const char *lower_prepare(LLVMModuleRef module);

/* After optimisation: stack objects, aggregates, call-site numbers, the module's tables. Spoils: allocas are opaque
 * from here on. rewrite-statepoints-for-gc must follow directly. */
const char *lower_module(LLVMModuleRef module, const char *package);

#endif
