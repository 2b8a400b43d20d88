/* contract.h: does a module of another frontend speak the contract's language? */
#ifndef TOY_CONTRACT_H
#define TOY_CONTRACT_H

#include <llvm-c/Types.h>

/* Null, or which rule is broken (in the arena). Before anything else is done with the module. */
const char *contract_check(LLVMModuleRef module);

#endif
