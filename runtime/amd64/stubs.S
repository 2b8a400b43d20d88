/* stubs.S: the runtime calls of abi/runtime.def, one stub a line of the table (asm.h says what a stub is). */
#include "asm.h"

#define TOYRT(name, KIND, ...) STUB_##KIND toy_##name, rt_##name
#define TOYPKG(pkg, name, KIND, ...) STUB_##KIND pkg.name, rt_##pkg##_##name, toy_##pkg##_##name
#include "../abi/runtime.def"

/* The end of a stub whose goroutine has been asked to yield; rbp is the stub's frame. The result waits on the
 * goroutine's own stack, which nobody moves before it runs on, since no table says what the two words are
 * (toy_yield_resume is how such a stop is known, stackshrink.c); a collector must scan them. toy_stubYield comes back
 * at once where the goroutine must not yield (it is pinned); so it does not look again, and this does not nest. */
FUNC toy_yield_with_result
  .cfi_def_cfa %rbp, 16
  .cfi_offset %rbp, -16
  pushq %rax
  pushq %rdx
  call toy_stubYield
  .globl toy_yield_resume
toy_yield_resume:
  popq %rdx
  popq %rax
  UNFRAME
ENDFUNC toy_yield_with_result

STUB_PARK toy_stubYield, rt_stubYield, , 0

/* Called by asyncPreempt with every register saved: C on g0 that yields. */
STUB_PARK toy_asyncPreempt2, rt_asyncPreempt2, , 0

  .section .note.GNU-stack, "", @progbits
