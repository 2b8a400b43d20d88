/* version.h: which compiler made a program, and how. */
#ifndef TOY_VERSION_H
#define TOY_VERSION_H

#include "driver.h"

#include <llvm-c/Types.h>

/* A note in the module's object (it goes into the program): compiler, LLVM, contract, flags. For the module of toy_program. */
void version_note(LLVMModuleRef module, const Options *options, const char *command);

void version_contract(LLVMModuleRef module); /* in every module */

int version_command(const Options *options); /* `toy version`; `toy version BINARY…` prints the notes */

#endif
