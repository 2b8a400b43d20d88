/* libm.S: the stub of math.libm, apart from the others: only programs that import math are linked with it, and so with libm. */
#include "asm.h"

#define TOYRT(...)
#define TOYPKG(pkg, name, KIND, ...) .ifc pkg.name, math.libm; STUB_##KIND pkg.name, rt_##pkg##_##name, toy_##pkg##_##name; .endif
#include "../abi/runtime.def"

  .section .note.GNU-stack, "", @progbits
