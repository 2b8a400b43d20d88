/* asyncPreempt keeps every bit of every register: a pattern is loaded into all of them, asyncPreempt is called as a signal
 * would, the scheduler's part is replaced by code that destroys all of them, and the registers are compared. Also: the
 * frame fits the room that preempt.h claims, the frame chain is walkable inside, and the direction flag is clear there.
 *
 * Rows: SP-13, SP-15, AG-1, AG-7, AG-9. */
#include <stdbool.h>
#include <stdint.h>

#include "preempt.h"
#include "unit.h"

/* What the assembly below loads and stores. */
struct regs { uint64_t gp[16], flags, mxcsr, cw, pad; uint8_t xmm[16][16]; };
struct regs want __attribute__((aligned(16))), got __attribute__((aligned(16)));
uint64_t inside_sp, inside_bp, inside_flags, outside_sp, host_sp;
uint64_t stack[1024] __attribute__((aligned(16)));

#define GP(m) m(rax, 0) m(rcx, 1) m(rdx, 2) m(rbx, 3) m(rsi, 6) m(rdi, 7) m(r8, 8) m(r9, 9) m(r10, 10) m(r11, 11) \
  m(r12, 12) m(r13, 13) m(r14, 14) m(r15, 15)
#define XMM(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12) m(13) m(14) m(15)
#define LOAD(r, i) "movq want+8*" #i "(%rip), %" #r "\n"
#define STORE(r, i) "movq %" #r ", got+8*" #i "(%rip)\n"
#define LOADX(i) "movups want+160+16*" #i "(%rip), %xmm" #i "\n"
#define STOREX(i) "movups %xmm" #i ", got+160+16*" #i "(%rip)\n"
#define KILL(r, i) "movq $-" #i "-77, %" #r "\n"
#define KILLX(i) "pcmpeqd %xmm" #i ", %xmm" #i "\n"

/* host stack → small stack with SP = `stack` + half, misaligned by 8 → patterns → asyncPreempt → compare → back. */
__asm__(".text\n.globl run_test\nrun_test:\n"
        "pushq %rbx\npushq %rbp\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
        "movq %rsp, host_sp(%rip)\n"
        "leaq stack+4096+8(%rip), %rsp\nmovq %rsp, outside_sp(%rip)\n"
        "ldmxcsr want+136(%rip)\nfldcw want+144(%rip)\n"
        XMM(LOADX) "pushq want+128(%rip)\npopfq\n" GP(LOAD) "movq want+40(%rip), %rbp\n"
        "call asyncPreempt\n"
        GP(STORE) "movq %rbp, got+40(%rip)\nmovq %rsp, got+32(%rip)\npushfq\npopq got+128(%rip)\n"
        XMM(STOREX) "stmxcsr got+136(%rip)\nfnstcw got+144(%rip)\n"
        "cld\nmovl $0x1f80, -8(%rsp)\nldmxcsr -8(%rsp)\nmovl $0x37f, -8(%rsp)\nfldcw -8(%rsp)\n"
        "movq host_sp(%rip), %rsp\n"
        "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbp\npopq %rbx\nret\n"
        ".globl toy_asyncPreempt2\ntoy_asyncPreempt2:\n"
        "movq %rsp, inside_sp(%rip)\nmovq %rbp, inside_bp(%rip)\npushfq\npopq inside_flags(%rip)\n"
        "pushq %rbp\n" GP(KILL) XMM(KILLX)
        "movl $0x9fc0, -8(%rsp)\nldmxcsr -8(%rsp)\nmovl $0x27f, -8(%rsp)\nfldcw -8(%rsp)\n"
        "popq %rbp\nstc\nret\n");
void run_test(void);

/* What the routines for wider vectors ask of the runtime, should this tree be built with one; no P is there to give it. */
uint8_t buffer[4096] __attribute__((aligned(64)));
__asm__(".globl toy_asyncPreemptBuffer, toy_asyncPreemptRelease\n"
        "toy_asyncPreemptBuffer: leaq buffer(%rip), %rax\nxorl %ecx, %ecx\nxorl %edx, %edx\nret\n"
        "toy_asyncPreemptRelease: xorl %eax, %eax\nxorl %ecx, %ecx\nxorl %edx, %edx\nret\n");

static void pattern(unsigned seed, uint64_t flags, uint32_t mxcsr, uint32_t cw) {
  uint8_t *p = (uint8_t *)&want;
  for (size_t i = 0; i < sizeof want; i++)
    p[i] = (uint8_t)((i + seed) * 167 + (i >> 3));
  want.flags = flags;
  want.mxcsr = mxcsr;
  want.cw = cw;
  memset(&got, 0, sizeof got);
}

static void compare(void) {
  for (int i = 0; i < 16; i++)
    CHECK_EQ(got.gp[i], i == 4 ? outside_sp : want.gp[i]);
  CHECK_EQ(got.flags & 0xcd5, want.flags & 0xcd5); /* CF PF AF ZF SF DF OF */
  CHECK_EQ((uint32_t)got.mxcsr, (uint32_t)want.mxcsr);
  CHECK_EQ((uint16_t)got.cw, (uint16_t)want.cw);
  CHECK(!memcmp(got.xmm, want.xmm, sizeof want.xmm));
}

int main(void) {
  pattern(1, 0x202 | 0x8d5, 0x1f80, 0x37f); /* all arithmetic flags set */
  run_test();
  compare();
  CHECK(inside_bp < outside_sp && *(uint64_t *)inside_bp == want.gp[5]);           /* the interrupted rbp */
  CHECK_EQ(inside_bp, outside_sp - 16);
  CHECK(outside_sp - inside_sp + ASYNC_PREEMPT_SWITCH <= ASYNC_PREEMPT_STACK);
  pattern(91, 0x202 | 0x400, 0x7f80 | 0x8000, 0xf7f); /* direction flag; rounding modes */
  run_test();
  compare();
  CHECK(!(inside_flags & 0x400));
  return unit_end();
}
