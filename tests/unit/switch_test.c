/* switch_test: callee-saved registers survive parking, on whatever thread the goroutine goes on. Sixteen goroutines
 * written in assembly stand in a ring and hand on tokens: each of a million turns is a park (or a token that lies there), a
 * ready and a yield, and a pattern of the goroutine's own stays in all of those registers over each; one word off is a trap.
 * They stand in toytext like compiled code, but have no tables, so their stacks never move.
 *
 * Rows: SS-1. */
#include <stdio.h>

#include "rtcalls.h"
#include "runtime.h"

__asm__(
  ".macro registers_kept\n"
  "  movq (%rsp), %rax\n"
  "  cmpq %rax, %rbx\n  jne 2f\n"
  "  leaq (%rax,%rax,2), %rcx\n  cmpq %rcx, %r12\n  jne 2f\n"
  "  leaq (%rax,%rax,4), %rcx\n  cmpq %rcx, %r13\n  jne 2f\n"
  "  leaq (%rax,%rax,8), %rcx\n  cmpq %rcx, %r14\n  jne 2f\n"
  "  leaq 7(%rax), %rcx\n  cmpq %rcx, %r15\n  jne 2f\n"
  "  leaq -64(%rbp), %rcx\n  cmpq %rcx, %rsp\n  jne 2f\n"
  ".endm\n"
  ".section toytext, \"ax\", @progbits\n"
  "worker:\n"
  "  pushq %rbp\n  movq %rsp, %rbp\n"
  "  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n  subq $24, %rsp\n"
  "  movq 8(%r10), %rbx\n"            /* the closure's captured number */
  "  movq %rbx, (%rsp)\n  movq %r10, 16(%rsp)\n"
  "  leaq (%rbx,%rbx,2), %r12\n  leaq (%rbx,%rbx,4), %r13\n"
  "  leaq (%rbx,%rbx,8), %r14\n  leaq 7(%rbx), %r15\n"
  "  movq $62500, 8(%rsp)\n"
  "1:\n"
  "  movq 16(%rsp), %rdi\n  movl 16(%rdi), %edi\n  leaq words(,%rdi,8), %rdi\n"
  "  xorl %esi, %esi\n  xorl %edx, %edx\n"
  "  call sync.semacquire\n"
  "  registers_kept\n"
  "  movq 16(%rsp), %rdi\n  movl 20(%rdi), %edi\n  leaq words(,%rdi,8), %rdi\n"
  "  xorl %esi, %esi\n"
  "  call sync.semrelease\n"
  "  registers_kept\n"
  "  call runtime.Gosched\n"
  "  registers_kept\n"
  "  decq 8(%rsp)\n  jnz 1b\n"
  "  lock incq finished(%rip)\n"
  "  addq $24, %rsp\n  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n  ret\n"
  "2:\n  ud2\n"
  "program:\n"
  "  pushq %rbp\n  movq %rsp, %rbp\n  pushq %rbx\n  subq $8, %rsp\n"
  "  xorl %ebx, %ebx\n"
  "1:\n"
  "  movq %rbx, %rdi\n  imulq $24, %rdi, %rdi\n  addq $closures, %rdi\n"
  "  call toy_newproc\n"
  "  incq %rbx\n  cmpq $16, %rbx\n  jne 1b\n"
  "1:\n"
  "  call runtime.Gosched\n"
  "  cmpq $16, finished(%rip)\n  jne 1b\n"
  "  call toy_maindone\n  ud2\n"
  ".text\n");

extern const char worker[];
void program(void); /* in assembly */
volatile uint64_t finished;
struct { const void *code; uint64_t number; uint32_t mine, next; } closures[16];
uint64_t words[16]; /* semaphores; a token for every second goroutine */

int main(int argc, char **argv, char **envp) {
  for (uint64_t i = 0; i < 16; i++) {
    closures[i].code = worker;
    closures[i].number = 0x123456789abcdu * (i + 1);
    closures[i].mine = (uint32_t)i;
    closures[i].next = (uint32_t)(i + 1) % 16;
    words[i] = i % 2;
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("switching\n");
  rt_start(argc, argv, envp, program);
}
