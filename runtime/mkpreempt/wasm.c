/* wasm.c: WebAssembly has no signals and no way to change the state of other code, so there is nothing to stop a goroutine by:
 * the routine exists so that a reference to it links, and traps if it is ever called. */
#include "mkpreempt.h"

const struct isa isa_wasm = {
  .convention = "Not possible here: no signals, no access to interrupted code. A call traps.",
  .whole = ".section .text.asyncPreempt,\"\",@\n.globl asyncPreempt\n.type asyncPreempt,@function\nasyncPreempt:\n"
           ".functype asyncPreempt () -> ()\nunreachable\nend_function",
};
