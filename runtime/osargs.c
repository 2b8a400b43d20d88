/* osargs.c: what packages os and syscall ask of the process in C. Bodies of functions declared in stdlib/.
 *
 * pipe2 and socketpair are here because no Toy call passes a pointer as first or fourth argument; they never block. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "malloc.h"
#include "rtcalls.h"
#include "runtime.h"

/* The kernel's argument and environment strings live as long as the process: Toy strings may point at them. */
static struct ref_i64 string_of(const char *s) { return (struct ref_i64){(void *)s, (int64_t)strlen(s)}; }

int64_t rt_os_argc(void) { return toy_argc; }

struct ref_i64 rt_os_argv(int64_t i) {
  if (i < 0 || i >= toy_argc) throw("os.argv: index out of range");
  return string_of(toy_argv[i]);
}

int64_t rt_syscall_envc(void) {
  int64_t n = 0;
  while (toy_envp[n]) n++;
  return n;
}

struct ref_i64 rt_syscall_envv(int64_t i) {
  if (i < 0 || i >= rt_syscall_envc()) throw("syscall.envv: index out of range");
  return string_of(toy_envp[i]);
}

void rt_os_exit(int64_t status) { exit_program((int)status); }
void rt_syscall_exit(int64_t status) { exit_program((int)status); }

struct i64_i64 rt_syscall_pipe2(int64_t flags) {
  int fd[2];
  if (pipe2(fd, (int)flags) < 0) return (struct i64_i64){-1, errno};
  return (struct i64_i64){(int64_t)fd[1] << 32 | fd[0], 0};
}

struct i64_i64 rt_syscall_socketpair(int64_t domain, int64_t type, int64_t protocol) {
  int fd[2];
  if (socketpair((int)domain, (int)type, (int)protocol, fd) < 0) return (struct i64_i64){-1, errno};
  return (struct i64_i64){(int64_t)fd[1] << 32 | fd[0], 0};
}
