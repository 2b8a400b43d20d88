/* main.c of mkpreempt: writes asyncPreempt, the routine that a signal pushes a call to.
 *
 *   mkpreempt               writes preempt_TARGET.S (.s where no preprocessor is needed) for every target into the
 *                           current directory
 *   mkpreempt TARGET...     writes the named ones to standard output
 *   mkpreempt --list        names the targets
 *
 * A build-time program; nothing of it is in a running one. asyncPreempt runs on the goroutine's stack, at any instruction
 * of compiled code where the frame is complete, so it saves every register that compiled code may use, asks the
 * scheduler for another goroutine, and later restores them all and goes on at the interrupted instruction.
 *
 * A target is a table (x86.c, arm.c, … by family; mkpreempt.h says of what). The generator checks its tables (layout.c);
 * a target without one is refused here, at build time, not by a routine that traps at run time. The routine built into
 * the runtime is amd64's; the others are whole and tested under an emulator, for the day the rest of the runtime is there.
 *
 * The pushed call. The handler changes the interrupted context as if the code had called asyncPreempt at the resume
 * address. Where call instructions push, it pushes that address. Where they set a link register, that register may be
 * live, so the handler takes a slot from the stack, stores the link register in it and puts the resume address into the link
 * register. Each generated file states the slot; a part of it is left free for the routine. What the ABI lets compiled
 * code keep below SP (only ppc64 does) is skipped by the handler. The file also states the room that must be left below the
 * interrupted SP: the guard of that architecture's stacks has to allow for it.
 *
 * Going on. At the end all registers but the program counter have their values, so the jump must not need one:
 *   386, amd64   return takes the address from the stack
 *   arm          the program counter is loaded from the stack
 *   mips         the jump goes by the link register, which its delay slot then loads
 *   s390x        branch indirect takes the address from memory (z14)
 *   ppc64        the jump goes by the target address register, which compilers do not use (POWER8)
 *   loong64      the jump goes by r21, which the ABI keeps from compiled code
 *   arm64, riscv64 have no such instruction and no such register: x18 and x31 are kept from compiled code by a feature
 *                of the code generator (+reserve-x18, +reserve-x31), and only there is a register given up.
 * On mips and s390x that last load is from just below SP. Nothing else writes there: signal handlers run on stacks
 * of their own.
 *
 * What a processor may have beyond its target's features is not saved: AVX on 386, SVE, MSA and the DSP accumulators, LSX and
 * LASX, RISC-V's vectors. Compiled code that uses it needs a target of its own here, as AVX2 and AVX-512 have.
 *
 * Registers that name the thread are never restored: the goroutine may resume on another.
 *
 * Rejected: returning by a signal-return system call from a made-up signal frame, or by a trap whose handler sets the program
 * counter. Both restore everything, but cost a visit to the kernel, a kilobyte of frame or a mask that is not ours to know.
 * mips's k0 and k1, which look reserved for this: the kernel changes them at any interrupt, also one before the jump.
 * A preprocessor's or assembler's conditions for what an architecture may lack: each combination is a target
 * of its own (arm+softfloat, amd64+avx2), so that each is seen and tested.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mkpreempt.h"

/* Byte orders share a table, since a register is stored and loaded by the same instruction. */
static const struct target targets[] = {
  {"386", "i686-linux-gnu with SSE2", &isa_386, HARD_FLOAT},
  {"386+softfloat", "i686-linux-gnu", &isa_386, SOFT_FLOAT},
  {"amd64", "x86_64-linux-gnu", &isa_amd64, HARD_FLOAT},
  {"amd64+avx2", "x86_64-linux-gnu, x86-64-v3", &isa_amd64_avx2, HARD_FLOAT},
  {"amd64+avx512", "x86_64-linux-gnu, x86-64-v4", &isa_amd64_avx512, HARD_FLOAT},
  {"arm", "armv7-linux-gnueabihf with NEON", &isa_arm, HARD_FLOAT},
  {"arm+softfloat", "armv7-linux-gnueabi", &isa_arm, SOFT_FLOAT},
  {"arm64", "aarch64-linux-gnu", &isa_arm64, HARD_FLOAT},
  {"loong64", "loongarch64-linux-gnu, LA64 with D", &isa_loong64, HARD_FLOAT},
  {"mips", "mips-linux-gnu, mips32r2", &isa_mips, HARD_FLOAT},
  {"mips+softfloat", "mips-linux-gnu, mips32r2", &isa_mips, SOFT_FLOAT},
  {"mipsle", "mipsel-linux-gnu, mips32r2", &isa_mips, HARD_FLOAT},
  {"mipsle+softfloat", "mipsel-linux-gnu, mips32r2", &isa_mips, SOFT_FLOAT},
  {"mips64", "mips64-linux-gnuabi64, mips64r2", &isa_mips64, HARD_FLOAT},
  {"mips64+softfloat", "mips64-linux-gnuabi64, mips64r2", &isa_mips64, SOFT_FLOAT},
  {"mips64le", "mips64el-linux-gnuabi64, mips64r2", &isa_mips64, HARD_FLOAT},
  {"mips64le+softfloat", "mips64el-linux-gnuabi64, mips64r2", &isa_mips64, SOFT_FLOAT},
  {"ppc64", "powerpc64-linux-musl, POWER8", &isa_ppc64, HARD_FLOAT},
  {"ppc64le", "powerpc64le-linux-gnu, POWER8", &isa_ppc64, HARD_FLOAT},
  {"riscv64", "riscv64-linux-gnu, rv64gc", &isa_riscv64, HARD_FLOAT},
  {"s390x", "s390x-linux-gnu, z14", &isa_s390x, HARD_FLOAT},
  {"wasm", "wasm32-unknown-unknown", &isa_wasm, HARD_FLOAT},
};
enum { NTARGETS = sizeof targets / sizeof *targets };

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fputs("mkpreempt: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  exit(1);
}

static void list(FILE *f) {
  for (int i = 0; i < NTARGETS; i++)
    fprintf(f, "%s\n", targets[i].name);
}

static const struct target *find_target(const char *name) {
  for (int i = 0; i < NTARGETS; i++)
    if (!strcmp(targets[i].name, name))
      return &targets[i];
  fprintf(stderr, "mkpreempt: unknown target %s; known targets:\n", name);
  list(stderr);
  exit(1);
}

static void generate(FILE *out, const struct target *t) {
  static struct layout l;
  if (!t->isa)
    die("%s has no table", t->name);
  const char *problem = layout_make(&l, t->isa, t->fp == SOFT_FLOAT);
  if (problem)
    die("the table of %s has %s", t->name, problem);
  emit_routine(out, t, &l);
}

static void flush_or_die(FILE *out, const char *what) {
  if (fflush(out) || ferror(out))
    die("%s: %s", what, strerror(errno));
}

static void write_file(const struct target *t) {
  char name[64];
  bool preprocessed = t->isa && t->isa->head && t->isa->head[0] == '#';
  snprintf(name, sizeof name, "preempt_%s.%c", t->name, preprocessed ? 'S' : 's');
  FILE *out = fopen(name, "w");
  if (!out)
    die("%s: %s", name, strerror(errno));
  generate(out, t);
  flush_or_die(out, name);
  fclose(out);
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "--list")) {
    list(stdout);
    return 0;
  }
  if (argc == 1) {
    for (int i = 0; i < NTARGETS; i++)
      write_file(&targets[i]);
    return 0;
  }
  for (int i = 1; i < argc; i++)
    find_target(argv[i]);
  for (int i = 1; i < argc; i++)
    generate(stdout, find_target(argv[i]));
  flush_or_die(stdout, "standard output");
  return 0;
}
