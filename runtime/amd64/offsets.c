/* offsets.c: the numbers assembly needs of C structures. Compiled to assembly text in the build; a sed script turns
 * each "->NAME value" into a #define of offsets.h. So no .S has an offset of its own that a change of a structure
 * could betray. */
#include "../abi/ccall.h"
#include "../runtime.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %c0\"" : : "i"((long)(value)))

void offsets(void);
void offsets(void) {
  DEFINE(G_stack_lo, offsetof(G, stack.lo));
  DEFINE(G_stack_hi, offsetof(G, stack.hi));
  DEFINE(G_sched_sp, offsetof(G, sched.sp));
  DEFINE(G_sched_ret, offsetof(G, sched.ret));
  DEFINE(G_m, offsetof(G, m));
  DEFINE(G_startfn, offsetof(G, startfn));
  DEFINE(G_atomicstatus, offsetof(G, atomicstatus));
  DEFINE(G_preempt, offsetof(G, preempt));
  DEFINE(G_asyncSafePoint, offsetof(G, asyncSafePoint));
  DEFINE(G_throwsplit, offsetof(G, throwsplit));
  DEFINE(G_defer, offsetof(G, _defer));
  DEFINE(G_syscallsp, offsetof(G, syscallsp));
  DEFINE(G_syscallpc, offsetof(G, syscallpc));
  DEFINE(G_syscallbp, offsetof(G, syscallbp));
  DEFINE(M_g0, offsetof(M, g0));
  DEFINE(M_curg, offsetof(M, curg));
  DEFINE(M_p, offsetof(M, p));
  DEFINE(M_gsignal_lo, offsetof(M, gsignal.lo));
  DEFINE(M_gsignal_hi, offsetof(M, gsignal.hi));
  DEFINE(M_oldp, offsetof(M, oldp));
  DEFINE(M_locks, offsetof(M, locks));
  DEFINE(M_syscalltick, offsetof(M, syscalltick));
  DEFINE(P_status, offsetof(P, status));
  DEFINE(P_preemptbufs, offsetof(P, preemptbufs));
  DEFINE(P_m, offsetof(P, m));
  DEFINE(P_syscalltick, offsetof(P, syscalltick));
  DEFINE(Gidle_, Gidle);
  DEFINE(Grunning_, Grunning);
  DEFINE(Gsyscall_, Gsyscall);
  DEFINE(Pidle_, Pidle);
  DEFINE(Prunning_, Prunning);
  DEFINE(Psyscall_, Psyscall);
  DEFINE(deferframe_link, offsetof(struct toy_deferframe, link));
  DEFINE(deferframe_pc, offsetof(struct toy_deferframe, pc));
  DEFINE(deferframe_below, offsetof(struct toy_deferframe, below));
  DEFINE(deferframe_above, offsetof(struct toy_deferframe, above));
  DEFINE(deferframe_saved, offsetof(struct toy_deferframe, saved));
  DEFINE(ccall_fn, offsetof(struct toy_ccall, fn));
  DEFINE(ccall_nstack, offsetof(struct toy_ccall, nstack));
  DEFINE(ccall_result, offsetof(struct toy_ccall, result));
  DEFINE(ccall_fresult, offsetof(struct toy_ccall, fresult));
  DEFINE(ccall_ints, offsetof(struct toy_ccall, ints));
  DEFINE(ccall_floats, offsetof(struct toy_ccall, floats));
  DEFINE(ccall_stack, offsetof(struct toy_ccall, stack));
  DEFINE(GOBUF_SIZE_, GOBUF_SIZE);
}
