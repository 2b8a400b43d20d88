/* verify_copies.c: copies of rsp: the words that a call passes on the stack.
 *
 * Where LLVM joins no registers (in a function with a call that returns twice) it stores such words through a copy of rsp, in
 * any register. That is harmless:
 *  - up to the call if the copy is nothing but the base of stores: nothing else moves the stack;
 *  - at the call if nothing is passed in its register, which the call's record tells (TOY_UNUSED_SHIFT of module.h);
 *  - behind the call, in a register that a callee preserves, if no path leads to an instruction that reads it before it is
 *    written.
 * Each path is followed from the copy until its register is written.
 */
#include "verify_parts.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES = 5, NO_ARGUMENT = -1 };

/* Names: 64 bits first. Arguments: as toy_func.argmask numbers them. */
static const struct { const char *names[NAMES]; int argument; bool preserved; } registers[] = {
    {{"%rax", "%eax", "%ax", "%al", "%ah"}, NO_ARGUMENT, false}, {{"%rcx", "%ecx", "%cx", "%cl", "%ch"}, 3, false},
    {{"%rdx", "%edx", "%dx", "%dl", "%dh"}, 2, false},           {{"%rsi", "%esi", "%si"}, 1, false},
    {{"%rdi", "%edi", "%di"}, 0, false},                         {{"%r8"}, 4, false}, /* with what begins like it: %r8d */
    {{"%r9"}, 5, false},                                         {{"%r10"}, 6, false},
    {{"%r11"}, NO_ARGUMENT, false},                              {{"%rbx", "%ebx", "%bx", "%bl", "%bh"}, NO_ARGUMENT, true},
    {{"%r12"}, NO_ARGUMENT, true},                               {{"%r13"}, NO_ARGUMENT, true},
    {{"%r14"}, NO_ARGUMENT, true},                               {{"%r15"}, NO_ARGUMENT, true}};

/* ---- what an instruction does with the register */

static int mentions(const char *text, int reg) {
  int n = 0;
  for (int i = 0; i < NAMES && registers[reg].names[i]; i++)
    for (const char *p = text; (p = strstr(p, registers[reg].names[i])); p++) n++;
  return n;
}

static bool is_one_of(const char *text, const char *const *begins) {
  for (; *begins; begins++)
    if (starts(text, *begins)) return true;
  return false;
}

/* Reads rax, rcx or rdx without naming it. */
static bool reads_unnamed(const char *text, int reg) {
  static const char *const always[] = {"cqto", "cltq", "cltd", "cwt", "cbtw", "lock", "cmpxchg", "rep", "xlat", NULL};
  static const char *const alone[] = {"mul", "imul", "div", "idiv", NULL}; /* with one operand */
  bool possible = registers[reg].names[3] && !registers[reg].preserved;
  return possible && (is_one_of(text, always) || (is_one_of(text, alone) && !strchr(text, ',')));
}

static bool is_name(const char *operand, int reg) {
  const char *wide = registers[reg].names[0];
  size_t n = strlen(wide);
  for (int i = 0; i < NAMES && registers[reg].names[i]; i++)
    if (strcmp(operand, registers[reg].names[i]) == 0) return true;
  return !registers[reg].names[1] && starts(operand, wide) && (!operand[n] || (strchr("dwb", operand[n]) && !operand[n + 1]));
}

/* As the last operand. What is left of an address of which some bits were written is none. */
static bool is_written(const char *text, int reg) {
  static const char *const ops[] = {"mov", "lea", "pop", "set", "cvt", "imul $", "lzcnt", "tzcnt", "vmov", "vcvt", NULL};
  const char *last = strrchr(text, ' ');
  if (!last || !is_name(last + 1, reg)) return false;
  if (starts(text, "xor") && mentions(text, reg) == 2) {
    const char *operand = strchr(text, ' ') + 1;
    return strncmp(operand, last + 1, strlen(last + 1)) == 0 && operand[strlen(last + 1)] == ',';
  }
  return mentions(text, reg) == 1 && is_one_of(text, ops);
}

/* The base of the last operand, and no other part of it. */
static bool is_stored_to(const char *text, int reg) {
  const char *last = strrchr(text, ' '), *base = last ? strchr(last, '(') : NULL, *wide = registers[reg].names[0];
  if (!base || (!starts(text, "mov") && !starts(text, "vmov")) || mentions(text, reg) != 1) return false;
  return starts(base + 1, wide) && strcmp(base + 1 + strlen(wide), ")") == 0;
}

/* ---- paths */

enum { SEEN_BEFORE = 1, SEEN_BEHIND = 2 }; /* the call */

typedef struct Step { int index; uint8_t how; } Step;
DEFINE_LIST(StepList, Step);

typedef struct Trace {
  Verify *v;
  const Function *fn;
  int reg;
  uint8_t *seen; /* by instruction */
  StepList work;
} Trace;

static void go_on(Trace *t, const Inst *to, uint8_t how) {
  if (!to || to >= t->fn->insts.v + t->fn->insts.n) return;
  int index = (int)(to - t->fn->insts.v);
  if (t->seen[index] & how) return;
  t->seen[index] |= how;
  list_push(&t->work, ((Step){index, how}));
}

/* A jump through a table of addresses; false: not one that can be read here. Its end is where an address leads elsewhere. */
static bool follow_table(Trace *t, const Inst *in, uint8_t how) {
  static const char begin[] = "jmpq *";
  char *end;
  if (!starts(in->text, begin)) return false;
  uint64_t table = strtoull(in->text + sizeof begin - 1, &end, 0), to;
  if (!table || !starts(end, "(,%")) return false;
  for (const void *word; (word = image_at(&t->v->image, table, 8)); table += 8) {
    memcpy(&to, word, 8);
    const Inst *target = verify_inst(t->fn, to);
    if (!target) break;
    go_on(t, target, how);
  }
  return true;
}

/* No instruction of it but the one behind __morestack returns. */
static bool never_returns(const Function *callee) {
  for (int i = 0; i < callee->insts.n; i++) {
    const Inst *in = &callee->insts.v[i];
    if (in->kind == INST_JUMP_INDIRECT) return false;
    if (in->kind == INST_RETURN && (i < 2 || in[-1].kind != INST_CALL || in[-2].role != ROLE_STACKARGS)) return false;
  }
  return true;
}

static bool is_passed(const Trace *t, const Inst *call) {
  int argument = registers[t->reg].argument;
  const Record *r = verify_record(t->fn, call->at + call->size);
  return argument != NO_ARGUMENT && !(r && r->unused >> argument & 1);
}

static bool step_call(Trace *t, const Inst *call, uint8_t how) {
  const Function *callee = call->kind == INST_CALL && call->callee == CALL_TOY ? verify_function_of(t->v, call->target) : NULL;
  if (mentions(call->text, t->reg)) return false;
  if (how == SEEN_BEFORE && (call->callee > CALL_LEAF || is_passed(t, call))) return false;
  if (!registers[t->reg].preserved || call->callee == CALL_NORET || (callee && never_returns(callee))) return true;
  go_on(t, call + 1, SEEN_BEHIND);
  return true;
}

/* False: the copy may be in use where it is wrong. */
static bool step(Trace *t, const Inst *in, uint8_t how) {
  const struct FaultEdge *edge = verify_fault(t->fn, in->at);
  bool whole = strlen(in->text) < sizeof in->text - 1;
  if (edge) go_on(t, verify_inst(t->fn, edge->to), how);
  switch (in->kind) {
  case INST_CALL: case INST_CALL_INDIRECT: return step_call(t, in, how);
  case INST_JUMP: go_on(t, verify_inst(t->fn, in->target), how); return true;
  case INST_JUMP_INDIRECT: return !mentions(in->text, t->reg) && follow_table(t, in, how);
  case INST_BRANCH: go_on(t, verify_inst(t->fn, in->target), how); break;
  case INST_TRAP: return true;
  case INST_RETURN: case INST_FORBIDDEN: case INST_UNKNOWN: return false;
  case INST_OTHER: case INST_NOP: break;
  }
  if (in->kind == INST_OTHER) {
    if (!whole || reads_unnamed(in->text, t->reg)) return false;
    if (is_written(in->text, t->reg)) return true;
    if (mentions(in->text, t->reg) && (how == SEEN_BEHIND || !is_stored_to(in->text, t->reg))) return false;
  }
  go_on(t, in + 1, how);
  return true;
}

bool verify_is_for_arguments(Verify *v, const Function *fn, const Inst *copy) {
  static const char begin[] = "movq %rsp, ";
  int reg = 0, count = (int)(sizeof registers / sizeof *registers);
  if (!starts(copy->text, begin)) return false;
  while (reg < count && strcmp(copy->text + sizeof begin - 1, registers[reg].names[0]) != 0) reg++;
  if (reg == count) return false;
  Trace t = {.v = v, .fn = fn, .reg = reg, .seen = arena_alloc((size_t)fn->insts.n)};
  memset(t.seen, 0, (size_t)fn->insts.n);
  go_on(&t, copy + 1, SEEN_BEFORE);
  while (t.work.n) {
    Step next = t.work.v[--t.work.n];
    if (!step(&t, &fn->insts.v[next.index], next.how)) return false;
  }
  return true;
}
