/* abi.c: the symbol that every object of compiled code refers to: a program of objects and a runtime that were built from
 * different tables or headers of runtime/abi does not link. The linker's message names both the contract's version and hash. */
#include "abi_hash.h"

extern const char TOY_ABI_SYMBOL;
const char TOY_ABI_SYMBOL = 1;
