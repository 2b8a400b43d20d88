/* assemble.h: a package's assembly and C files → objects in memory. */
#ifndef TOY_ASSEMBLE_H
#define TOY_ASSEMBLE_H

#include "compiler.h"
#include "driver.h"

/* Appends names that the linker can open to `objects`. False after messages: the assembler's own, or a function that the
 * package declares without a body and no file defines. */
bool assemble_package(const Package *pkg, TextList *objects);

const char *assemble_headers(void); /* the folder of toy_asm.h */

#endif
