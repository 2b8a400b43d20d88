/* setxid.c: changing who the process is. The kernel keeps user and group ids by thread; POSIX and every program want
 * them to be the process's. libc's setuid and its like see to that: they send each thread a signal of libc's own and
 * wait until its handler has made the system call there.
 *
 * That handler runs on whatever stack the thread is on (libc does not ask for the signal stack), and a goroutine's
 * stack has no room for it. So the world is stopped first: then every thread is in C, on its system stack, or asleep
 * in a system call that it makes from there. And no thread may be half made, or the new one would keep the old ids:
 * allocmLock is read-held while a thread is made (start_thread), write-held here.
 *
 * Rejected: sending the system call to all threads ourselves (libc knows its threads and we do not know those of other
 * libraries).
 */
#define _GNU_SOURCE /* setresuid */
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include "rtcalls.h"
#include "runtime.h"

struct rwmutex allocmLock;

enum { SETUID, SETGID, SETREUID, SETREGID, SETRESUID, SETRESGID }; /* stdlib/syscall/ids.toy */

static int call(int64_t which, uint32_t a, uint32_t b, uint32_t c) {
  switch (which) {
  case SETUID: return setuid(a);
  case SETGID: return setgid(a);
  case SETREUID: return setreuid(a, b);
  case SETREGID: return setregid(a, b);
  case SETRESUID: return setresuid(a, b, c);
  case SETRESGID: return setresgid(a, b, c);
  }
  throwf("setxid: call %ld", (long)which);
}

static uintptr_t with_world(G *gp) {
  uint64_t x = gp->wakearg[0], y = gp->wakearg[1];
  stopTheWorld("setxid");
  rwlock(&allocmLock);
  int err = call((int64_t)(x >> 32), (uint32_t)x, (uint32_t)(y >> 32), (uint32_t)y) == 0 ? 0 : errno;
  rwunlock(&allocmLock);
  startTheWorld();
  worldsema_release();
  return (uintptr_t)err;
}

int64_t rt_syscall_setxid(int64_t which, int64_t a, int64_t b, int64_t c) {
  G *gp = toy_m->curg;
  gp->wakearg[0] = (uint64_t)which << 32 | (uint32_t)a;
  gp->wakearg[1] = (uint64_t)(uint32_t)b << 32 | (uint32_t)c;
  worldsema_acquire(with_world);
  return (int64_t)with_world(gp);
}
