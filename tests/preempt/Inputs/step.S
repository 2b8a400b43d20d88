/* Runtime calls of the stepping test. */
#include "asm.h"
STUB_G0 test.step_on, test_step_on
STUB_G0 test.step_off, test_step_off
  .section .note.GNU-stack, "", @progbits
