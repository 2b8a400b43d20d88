/* ccall.c: C functions called by compiled code: libc, a library, a file beside the program.
 *
 * They run on the M's system stack, as the runtime's own C does, because C knows nothing of guards and stack maps. The
 * caller's frame stays where it is meanwhile: a running goroutine's stack is moved by nobody but itself, and one that is in
 * a system call by nobody at all. So C may use pointers into it until it returns.
 *
 * How the processor fares is the declaration's choice (ccall.h). A call that keeps it cannot be stopped: other goroutines
 * of the P, and who wants to stop the world, wait until it returns. One that gives it away costs a hand-over, and the
 * goroutine may have to queue for a processor when it comes back. Between them lies what a system call does: the P is left
 * where sysmon can take it. Signals that ask to yield find the thread on g0 and do nothing.
 *
 * errno is the thread's, and the goroutine may go on on another thread: so it is read here, before anything else happens.
 *
 * Rejected: running C on the goroutine's stack grown to a size that will do (nobody knows it, and a stack that has C frames
 * on it cannot be moved); one stub for each signature (registers would do without the struct, but the compiler would have
 * to write machine code for stacks that the verifier does not know).
 */
#include <errno.h>

#include "abi/ccall.h"
#include "rtcalls.h"
#include "runtime.h"
#include "seed.h"
#include "syscall.h"

/* amd64/asm.S: loads the registers, calls, and stores both results. */
void toy_invoke_c(struct toy_ccall *c);

static void leave_processor(G *gp, uint64_t how) {
  if (how == TOY_C_BLOCKING && !seeded())
    entersyscallblock(gp);
  else if (how != TOY_C_SHORT)
    entersyscall(gp);
}

void rt_ccall(void *call) {
  struct toy_ccall *c = call;
  M *mp = toy_m;
  uint64_t how = c->how;
  if (how > TOY_C_BLOCKING)
    throwf("ccall: %lu is no way to call a C function", (unsigned long)how);
  leave_processor(mp->curg, how);
  mp->infunc = c->name;
  errno = 0;
  toy_invoke_c(c);
  c->error = (uint64_t)errno;
  mp->infunc = NULL;
  if (how != TOY_C_SHORT)
    exitsyscall(mp->curg, 0); /* the call may be over for this thread: c is not looked at again */
}
