/* x86.c: 386 and amd64. Sources: the System V psABIs for i386 and x86-64; Intel SDM volume 1, chapters 8, 10 and 14.
 *
 * The interrupted SP may be anything that a push leaves: an interrupted function may stand between its pushes. So vector
 * slots are moved by instructions that need no alignment; 386 aligns SP for the call. On amd64 the callee is the runtime's own
 * stub, which goes to g0's aligned stack and wants no alignment. The direction flag is cleared (the C that follows relies
 * on it); popping the flags brings it back.
 *
 * amd64 keeps the control words of the x87 but not its registers: its ABI passes nothing in them but long double, which
 * compiled code for this runtime does not have. On 386 each float result comes back on that stack, so all of it is saved.
 *
 * AVX2, AVX-512. A frame with 32 registers of 64 bytes would not fit below the guard, so vector registers go to a buffer that
 * belongs to the goroutine while it is stopped; the frame keeps its address. toy_asyncPreemptBuffer returns one in rax,
 * toy_asyncPreemptRelease takes it back from rax when everything in it has been restored. Both are called on the goroutine's
 * stack when the general registers are saved: they may change rax, rcx, rdx and the arithmetic flags, but no vector register,
 * and take no more stack than their return address (amd64/preemptbuf.S). */
#include "mkpreempt.h"

/* ---- 386 */

static const struct reg int_386[] = {
  {"eax", SAVED}, {"ecx", SAVED}, {"edx", SAVED}, {"ebx", SAVED},
  {"esp", STACK}, {"ebp", PUSHED}, {"esi", SAVED}, {"edi", SAVED}};
static const struct reg xmm_386[] = {
  {"xmm0", SAVED}, {"xmm1", SAVED}, {"xmm2", SAVED}, {"xmm3", SAVED},
  {"xmm4", SAVED}, {"xmm5", SAVED}, {"xmm6", SAVED}, {"xmm7", SAVED}};
static const struct reg flags_386[] = {{"eflags", PUSHED}};

/* fnsave's image has 108 bytes in 32-bit mode; it also resets the x87, as C expects it. */
static const struct bank banks_386[] = {
  {BANK(int_386), .size = 4, .align = 4, .save = "movl %{r}, {o}(%esp)", .restore = "movl {o}(%esp), %{r}"},
  {BANK(flags_386), .size = 4, .align = 4},
  {ONE("x87"), .size = 108, .align = 4, .save = "fnsave {o}(%esp)", .restore = "frstor {o}(%esp)", .fp = true},
  {ONE("mxcsr"), .size = 4, .align = 4, .save = "stmxcsr {o}(%esp)", .restore = "ldmxcsr {o}(%esp)", .fp = true},
  {BANK(xmm_386), .size = 16, .align = 4, .save = "movups %{r}, {o}(%esp)", .restore = "movups {o}(%esp), %{r}", .fp = true},
};

const struct isa isa_386 = {
  .convention = "Pushed call: the resume address at (esp).",
  .enter = "pushl %ebp\n.cfi_def_cfa_offset 8\n.cfi_offset %ebp, -8\nmovl %esp, %ebp\n.cfi_def_cfa_register %ebp\n"
           "pushfl\nleal -{f}(%esp), %esp",
  .call = "cld\nandl $-16, %esp\ncalll toy_asyncPreempt2\nleal -{f+4}(%ebp), %esp",
  .leave = "leal {f}(%esp), %esp\npopfl\npopl %ebp\n.cfi_def_cfa %esp, 4\nretl",
  .slot = 4, .record = 8, .pad = 12, .align = 4, .reach = 1 << 20, BANKS(banks_386),
};

/* ---- amd64 */

static const struct reg int_amd64[] = {
  {"rax", SAVED}, {"rcx", SAVED}, {"rdx", SAVED}, {"rbx", SAVED}, {"rsp", STACK}, {"rbp", PUSHED}, {"rsi", SAVED}, {"rdi", SAVED},
  {"r8", SAVED}, {"r9", SAVED}, {"r10", SAVED}, {"r11", SAVED}, {"r12", SAVED}, {"r13", SAVED}, {"r14", SAVED}, {"r15", SAVED}};
static const struct reg flags_amd64[] = {{"rflags", PUSHED}};

#define FROM_0_TO_15(v) {v "0", SAVED}, {v "1", SAVED}, {v "2", SAVED}, {v "3", SAVED}, {v "4", SAVED}, {v "5", SAVED}, \
  {v "6", SAVED}, {v "7", SAVED}, {v "8", SAVED}, {v "9", SAVED}, {v "10", SAVED}, {v "11", SAVED}, {v "12", SAVED}, \
  {v "13", SAVED}, {v "14", SAVED}, {v "15", SAVED}
#define FROM_16_TO_31(v) {v "16", SAVED}, {v "17", SAVED}, {v "18", SAVED}, {v "19", SAVED}, {v "20", SAVED}, \
  {v "21", SAVED}, {v "22", SAVED}, {v "23", SAVED}, {v "24", SAVED}, {v "25", SAVED}, {v "26", SAVED}, {v "27", SAVED}, \
  {v "28", SAVED}, {v "29", SAVED}, {v "30", SAVED}, {v "31", SAVED}
static const struct reg xmm_amd64[] = {FROM_0_TO_15("xmm")};
static const struct reg ymm_amd64[] = {FROM_0_TO_15("ymm")};
static const struct reg zmm_amd64[] = {FROM_0_TO_15("zmm"), FROM_16_TO_31("zmm")};
static const struct reg mask_amd64[] = {
  {"k0", SAVED}, {"k1", SAVED}, {"k2", SAVED}, {"k3", SAVED}, {"k4", SAVED}, {"k5", SAVED}, {"k6", SAVED}, {"k7", SAVED}};

#define INTEGER_AND_CONTROL \
  {BANK(int_amd64), .size = 8, .align = 8, .save = "movq %{r}, {o}(%rsp)", .restore = "movq {o}(%rsp), %{r}"}, \
  {BANK(flags_amd64), .size = 8, .align = 8}, \
  {ONE("mxcsr"), .size = 4, .align = 4, .save = "stmxcsr {o}(%rsp)", .restore = "ldmxcsr {o}(%rsp)"}, \
  {ONE("x87 control"), .size = 4, .align = 4, .save = "fnstcw {o}(%rsp)", .restore = "fldcw {o}(%rsp)"}

/* rax has the buffer while what stands between the two is saved, and while it is restored. The buffer's address is the last
 * slot of the frame. */
#define BUFFER {ONE("buffer"), .size = 8, .align = 8, .save = "callq toy_asyncPreemptBuffer\nmovq %rax, {o}(%rsp)", \
  .restore = "movq {o}(%rsp), %rax\ncallq toy_asyncPreemptRelease"}
#define BUFFER_AGAIN {ONE("buffer again"), .restore = "movq {f-8}(%rsp), %rax"}

static const struct bank banks_amd64[] = {
  INTEGER_AND_CONTROL,
  {BANK(xmm_amd64), .size = 16, .align = 8, .save = "movups %{r}, {o}(%rsp)", .restore = "movups {o}(%rsp), %{r}"},
};

static const struct bank banks_amd64_avx2[] = {
  INTEGER_AND_CONTROL, BUFFER,
  {BANK(ymm_amd64), .size = 32, .align = 32, .save = "vmovups %{r}, {o}(%rax)", .restore = "vmovups {o}(%rax), %{r}",
   .buffer = true},
  BUFFER_AGAIN,
};

static const struct bank banks_amd64_avx512[] = {
  INTEGER_AND_CONTROL, BUFFER,
  {BANK(zmm_amd64), .size = 64, .align = 64, .save = "vmovups %{r}, {o}(%rax)", .restore = "vmovups {o}(%rax), %{r}",
   .buffer = true},
  {BANK(mask_amd64), .size = 8, .align = 8, .save = "kmovq %{r}, {o}(%rax)", .restore = "kmovq {o}(%rax), %{r}", .buffer = true},
  BUFFER_AGAIN,
};

/* The guard leaves TOY_STACK_GUARD - TOY_STACK_SMALL bytes below a leaf's SP. The frame here (rbp, the flags and the pushed call
 * besides {f}), the call's return address and what the switch to g0 pushes must fit; preempt.h states the room, and the
 * assembler checks it. The upper halves are cleared for the C that follows: its SSE code would wait for them. */
#define AMD64(clear, saves) \
  .convention = "Pushed call: the resume address at (rsp).", \
  .head = "#include \"preempt.h\"", \
  .enter = "pushq %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\nmovq %rsp, %rbp\n.cfi_def_cfa_register %rbp\n" \
           "pushfq\nleaq -{f}(%rsp), %rsp", \
  .call = clear "cld\ncallq toy_asyncPreempt2", \
  .leave = "leaq {f}(%rsp), %rsp\npopfq\npopq %rbp\n.cfi_def_cfa %rsp, 8\nretq", \
  .tail = ".if {f+24} + ASYNC_PREEMPT_SWITCH > ASYNC_PREEMPT_STACK\n" \
          ".error \"the asyncPreempt frame does not fit ASYNC_PREEMPT_STACK\"\n.endif\n" \
          ".section .rodata\n.p2align 3\n.globl asyncPreemptBufferSize\nasyncPreemptBufferSize:\n.quad {b}" saves, \
  .slot = 8, .record = 16, .align = 8, .reach = 1 << 20

/* Objects with wide vectors refer to these, so that they do not link with less (compiler/version.c). */
#define SAVES(what) "\n.globl toy_saves_" what "\n.set toy_saves_" what ", asyncPreemptBufferSize"

const struct isa isa_amd64 = {AMD64("", ""), BANKS(banks_amd64)};
const struct isa isa_amd64_avx2 = {AMD64("vzeroupper\n", SAVES("ymm")), BANKS(banks_amd64_avx2)};
const struct isa isa_amd64_avx512 = {AMD64("vzeroupper\n", SAVES("ymm") SAVES("zmm")), BANKS(banks_amd64_avx512)};
