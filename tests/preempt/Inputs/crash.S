/* Runtime calls of the crash tests: C on g0 that goes wrong. */
#include "asm.h"
STUB_G0 test.recurse, test_recurse
STUB_G0 test.null, test_null
  .section .note.GNU-stack, "", @progbits
