/* ccall.h: a call of a C function by compiled code: what toy_ccall (runtime.def) is given.
 *
 * The struct is a stack object of the caller, so nothing is allocated for a call; the stack does not move while C runs.
 * Arguments are laid out as System V's convention for amd64 has them: the first six of the class INTEGER in `ints`, the
 * first eight of the class SSE in `floats`, all others in `stack`, in order. Narrow integers are extended to 64 bits by
 * their sign; a float is in the low half of its word. Words that hold managed pointers have that type in the caller's
 * alloca.
 */
#ifndef TOY_ABI_CCALL_H
#define TOY_ABI_CCALL_H

#include <stdint.h>

enum toy_ccall_how {
  TOY_C_SHORT,    /* keeps the processor */
  TOY_C_MAYBLOCK, /* as a system call: the processor is taken when the call lasts */
  TOY_C_BLOCKING  /* gives the processor away first */
};

struct toy_ccall {
  void (*fn)(void);
  const char *name;         /* for reports */
  uint64_t how;
  uint64_t nstack;          /* words in `stack` */
  uint64_t result, fresult; /* out: rax, the low half of xmm0 */
  uint64_t error;           /* out: errno, which was 0 before */
  uint64_t ints[6], floats[8];
  uint64_t stack[];
};

#endif
