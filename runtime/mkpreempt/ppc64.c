/* ppc64.c: 64-bit Power of both byte orders, POWER8 with VSX, calls by the ELFv2 ABI. Sources: OpenPOWER ELFv2 ABI 2.2 (registers,
 * 288 bytes of red zone, minimal frame of 32 bytes, TOC); Power ISA 2.07, book I (XER, CTR, TAR, FPSCR, VSCR, VRSAVE).
 *
 * vs0-31 contain the FP registers and vs32-63 the vector registers, so one bank has both. SP is always a multiple of 16.
 * The resume address returns by the target address register: it exists since POWER8, Linux keeps it per thread, and compilers
 * do not use it (nor does LLVM's assembler know the branch: it is a number here); LR and CTR, either of which may be live
 * in a loop, get their values back. r2 is set up for the callee from the place where this routine lies, since the
 * interrupted code may have anything in it. r13 is the thread's.
 *
 * The handler skips the red zone and leaves a frame as a call would: the back chain at SP, LR's place at 16. The old LR is kept in
 * the place for the TOC at 24, which nobody uses in that frame. The callee may write to 8 and 16 of the frame here.
 * The older ABI (ELFv1, big-endian with glibc) would need function descriptors and a larger frame: not done. */
#include "mkpreempt.h"

static const struct reg int_ppc64[] = {
  {"%r0", SAVED}, {"%r1", STACK}, {"%r2", SAVED}, {"%r3", SAVED}, {"%r4", SAVED}, {"%r5", SAVED}, {"%r6", SAVED}, {"%r7", SAVED},
  {"%r8", SAVED}, {"%r9", SAVED}, {"%r10", SAVED}, {"%r11", SAVED}, {"%r12", SAVED}, {"%r13", THREAD}, {"%r14", SAVED}, {"%r15", SAVED},
  {"%r16", SAVED}, {"%r17", SAVED}, {"%r18", SAVED}, {"%r19", SAVED}, {"%r20", SAVED}, {"%r21", SAVED}, {"%r22", SAVED}, {"%r23", SAVED},
  {"%r24", SAVED}, {"%r25", SAVED}, {"%r26", SAVED}, {"%r27", SAVED}, {"%r28", SAVED}, {"%r29", SAVED}, {"%r30", SAVED}, {"%r31", SAVED}};
#define VS(d) {"%vs" d "0", SAVED}, {"%vs" d "1", SAVED}, {"%vs" d "2", SAVED}, {"%vs" d "3", SAVED}, {"%vs" d "4", SAVED}, \
  {"%vs" d "5", SAVED}, {"%vs" d "6", SAVED}, {"%vs" d "7", SAVED}, {"%vs" d "8", SAVED}, {"%vs" d "9", SAVED}
static const struct reg vector_ppc64[] = {
  VS(""), VS("1"), VS("2"), VS("3"), VS("4"), VS("5"), {"%vs60", SAVED}, {"%vs61", SAVED}, {"%vs62", SAVED}, {"%vs63", SAVED}};

#define SPECIAL(name, from, to) {ONE(name), .size = 8, .align = 8, \
  .save = from "\nstd %r0, {o}(%r1)", .restore = "ld %r0, {o}(%r1)\n" to}
static const struct bank banks_ppc64[] = {
  {BANK(int_ppc64), .size = 8, .align = 8, .save = "std {r}, {o}(%r1)", .restore = "ld {r}, {o}(%r1)"},
  {ONE("lr"), .save = "mflr %r0\nstd %r0, {f+16}(%r1)\n.cfi_offset 65, -304",
   .restore = "ld %r0, {f+16}(%r1)\nmtspr 815, %r0\nld %r0, {f+24}(%r1)\nmtlr %r0"},
  SPECIAL("cr", "mfcr %r0", "mtcrf 255, %r0"),
  SPECIAL("xer", "mfxer %r0", "mtxer %r0"),
  SPECIAL("ctr", "mfctr %r0", "mtctr %r0"),
  SPECIAL("vrsave", "mfspr %r0, 256", "mtspr 256, %r0"),
  {BANK(vector_ppc64), .size = 16, .align = 16, .save = "li %r3, {o}\nstxvd2x {r}, %r1, %r3",
   .restore = "li %r3, {o}\nlxvd2x {r}, %r1, %r3"},
  {ONE("fpscr"), .size = 8, .align = 8, .save = "mffs %f0\nstfd %f0, {o}(%r1)", .restore = "lfd %f0, {o}(%r1)\nmtfsf 255, %f0, 1, 0"},
  {ONE("vscr"), .size = 16, .align = 16, .save = "mfvscr %v0\nli %r3, {o}\nstvx %v0, %r1, %r3",
   .restore = "li %r3, {o}\nlvx %v0, %r1, %r3\nmtvscr %v0"},
};

const struct isa isa_ppc64 = {
  .convention = "Pushed call: r1 is lowered by 320, its old value is at 0(r1), the old lr at 24(r1), the resume address in lr.",
  .head = ".abiversion 2\n.machine power8",
  .enter = ".cfi_def_cfa_offset 320\nstdu %r1, -{f}(%r1)\n.cfi_def_cfa_offset {f+320}",
  .call = "bcl 20, 31, .Lhere\n.Lhere:\nmflr %r12\naddis %r2, %r12, (.TOC.-.Lhere)@ha\naddi %r2, %r2, (.TOC.-.Lhere)@l\n"
          "bl toy_asyncPreempt2\nnop",
  .leave = "addi %r1, %r1, {f+320}\n.cfi_def_cfa_offset 0\n.long 0x4e800460 # bctar",
  .slot = 320, .bottom = 32, .align = 16, .reach = 1 << 15, BANKS(banks_ppc64),
};
