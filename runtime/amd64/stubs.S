/* stubs.S: the runtime calls of abi/runtime.def, one stub a line of the table (asm.h says what a stub is). */
#include "asm.h"

#define TOYRT(name, KIND, ...) STUB_##KIND toy_##name, rt_##name
#define TOYPKG(pkg, name, KIND, ...) STUB_##KIND pkg.name, rt_##pkg##_##name
#include "../abi/runtime.def"

/* Called by asyncPreempt with every register saved: C on g0 that yields. */
STUB_PARK toy_asyncPreempt2, rt_asyncPreempt2

  .section .note.GNU-stack, "", @progbits
