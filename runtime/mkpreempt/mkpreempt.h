/* mkpreempt.h: how an architecture describes its asyncPreempt (see main.c for what that routine is).
 *
 * An architecture is data: banks of registers in machine encoding order, each with the instructions that store and load
 * one of them, and the few lines before, between and behind. All text is in templates. Lines are separated by \n; a line
 * that ends in a colon is a label. In a template stand for
 *   {r}   the register          {q}     its neighbour, in the templates for two
 *   {o}   the slot's offset     {f}     the frame's size; {f+8}, {f-8} and the like too     {b}   the buffer's size
 */
#ifndef TOY_MKPREEMPT_H
#define TOY_MKPREEMPT_H

#include <stdbool.h>
#include <stdio.h>

/* What becomes of a register. Each that is not SAVED has its reason, which the generated header repeats. */
enum role {
  SAVED,    /* has a slot */
  PUSHED,   /* saved as well, by the pushed call or the first lines */
  STACK,    /* is the frame's address */
  CONSTANT, /* holds one value as long as the program runs */
  THREAD,   /* belongs to the thread, and the goroutine may resume on another */
  KERNEL,   /* the kernel changes it at any trap, so nobody can use it */
  JUMP,     /* carries the resume address at the end: not for compiled code */
  NROLES
};

struct reg { const char *name; enum role role; };

/* Registers that are saved alike, or one control word. Slots are placed in the order of the banks. */
struct bank {
  const struct reg *regs;
  int n;
  int size, align;                /* of a slot; size 0: no slot, only the two texts */
  const char *save, *restore;
  const char *save2, *restore2;   /* two at once, where there is such an instruction */
  bool fp;                        /* absent where floating point is done in software */
  bool buffer;                    /* in the buffer that goes with the goroutine, not on its stack */
};
#define BANK(a) .regs = (a), .n = (int)(sizeof(a) / sizeof *(a))
#define ONE(what) .regs = (const struct reg[]){{what, SAVED}}, .n = 1

enum fp { HARD_FLOAT, SOFT_FLOAT };

struct isa {
  const char *convention;  /* how the signal handler makes the call look; for the generated header */
  const char *head;        /* directives before the label */
  const char *fp_head[2];  /* before these, by enum fp: which floating point the object is for */
  const char *enter;       /* makes the frame; no flag, no register but SP changes before what it holds is saved */
  const char *call;        /* calls toy_asyncPreempt2 as the C ABI demands, SP is the frame's again afterwards */
  const char *leave;       /* undoes the frame and goes on at the resume address */
  const char *tail;        /* behind the routine */
  const char *whole;       /* instead of all of these: a stub */
  int slot, record, pad;   /* bytes of stack besides the frame: the pushed call, what enter pushes, aligning SP for the call */
  int bottom;              /* bytes below the slots that belong to the C ABI */
  int align;               /* what SP is a multiple of where code may be interrupted; the frame keeps it */
  int reach;               /* offsets are below this */
  const struct bank *banks;
  int nbanks;
};
#define BANKS(a) .banks = (a), .nbanks = (int)(sizeof(a) / sizeof *(a))

struct target {
  const char *name, *triple; /* the triple and features that it is assembled for */
  const struct isa *isa;
  enum fp fp;
};

extern const struct isa isa_386, isa_amd64, isa_amd64_avx2, isa_amd64_avx512, isa_arm, isa_arm64, isa_loong64, isa_mips,
  isa_mips64, isa_ppc64, isa_riscv64, isa_s390x, isa_wasm;

/* ---- layout.c */

/* A frame: every slot with the registers it is for. Two registers share a slot when one instruction moves both. */
struct slot { int offset, size; const struct bank *bank; const struct reg *reg, *second; };
enum { MAX_SLOTS = 160 };
struct layout { const struct isa *isa; int frame, buffer, n; struct slot slots[MAX_SLOTS]; };

/* Places the slots of an ISA. Both return NULL, or what is wrong. */
const char *layout_make(struct layout *l, const struct isa *isa, bool softfloat);
const char *layout_problem(const struct layout *l);

/* ---- emit.c */

/* Writes a target's routine, header included. */
void emit_routine(FILE *out, const struct target *t, const struct layout *l);

#endif
