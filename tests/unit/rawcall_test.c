/* rawcall_test: how a raw system call's six arguments go in and its answer comes out as two results: errors from 1
 * to 4095 are split off, every other word is a result. The kernel is made to answer with those errors by a filter.
 *
 * Rows: SC-6. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unit.h"

/* Compiled code's convention for up to six register arguments, one on the stack and two results is C's. */
struct answer { int64_t r1, err; };
struct answer raw(int64_t trap, int64_t a1, int64_t a2, int64_t a3, int64_t a4, int64_t a5,
                  int64_t a6) __asm__("syscall.rawSyscall6");

static void check(struct answer a, int64_t r1, int64_t err) {
  CHECK_EQ(a.r1, r1);
  CHECK_EQ(a.err, err);
}

/* mmap takes six: the fourth says that what is written stays private, the fifth is the file, the sixth the offset. */
static void test_arguments(void) {
  unit_case = "six arguments";
  FILE *f = tmpfile();
  if (!f)
    abort();
  for (int i = 0; i < 3 * 4096; i++)
    fputc('a' + i / 4096, f);
  fflush(f);
  struct answer a = raw(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(f), 4096);
  CHECK_EQ(a.err, 0);
  CHECK(a.r1 > 0 && *(char *)a.r1 == 'b' && ((char *)a.r1)[4096] == 'c');
  *(char *)a.r1 = 'x';
  char in_file = 0;
  CHECK(pread(fileno(f), &in_file, 1, 4096) == 1 && in_file == 'b');
  check(raw(SYS_munmap, a.r1, 8192, 0, 0, 0, 0), 0, 0);
  fclose(f);
}

static void test_results(void) {
  unit_case = "results";
  check(raw(SYS_getpid, 0, 0, 0, 0, 0, 0), getpid(), 0);
  check(raw(SYS_read, -1, 0, 0, 0, 0, 0), -1, EBADF);
  check(raw(100000, 0, 0, 0, 0, 0, 0), -1, ENOSYS);
}

/* getppid answers with error 1, getuid with 4095. */
static bool filter(void) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 4095),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void test_edges(void) {
  unit_case = "the least and the greatest error";
  if (!filter()) {
    printf("no filters here: %d\n", errno);
    return;
  }
  check(raw(SYS_getppid, 0, 0, 0, 0, 0, 0), -1, 1);
  check(raw(SYS_getuid, 0, 0, 0, 0, 0, 0), -1, 4095);
}

int main(void) {
  test_arguments();
  test_results();
  test_edges();
  return unit_end();
}
