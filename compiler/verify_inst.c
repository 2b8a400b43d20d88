/* verify_inst.c: machine code as facts: what an instruction does to control, to the stack pointer, to the frame pointer, and
 * whether it makes a frame address.
 *
 * LLVM's disassembler gives text, and the text is what is read here: its C interface gives nothing else, and a decoder of
 * our own would be one more thing to trust. What the text leaves open (branch targets are printed as distances) is computed
 * from the instruction's end. An instruction that names rsp or rbp as a plain register in any way not listed below counts as
 * a copy of a frame address: the list is what LLVM's prologues, bodies and epilogues are made of.
 */
#include "verify_parts.h"

#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <stdlib.h>
#include <string.h>

static LLVMDisasmContextRef disassembler;

bool verify_inst_open(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86Disassembler();
  disassembler = LLVMCreateDisasm("x86_64-unknown-linux-gnu", NULL, 0, NULL, NULL);
  return disassembler != NULL;
}

/* ---- text */

enum { MAX_OPERANDS = 4 };
typedef struct Words { char text[128]; const char *op, *arg[MAX_OPERANDS]; int n; } Words;

/* "\tmnemonic\ta, b(c,d), e"; commas inside parentheses belong to an operand. A prefix is a mnemonic of its own. */
static void take_apart(Words *w) {
  char *p = w->text;
  while (*p == '\t' || *p == ' ') p++;
  w->op = p, w->n = 0;
  p += strcspn(p, "\t ");
  if (*p) *p++ = 0;
  while (*p == '\t' || *p == ' ') p++;
  while (*p && w->n < MAX_OPERANDS) {
    w->arg[w->n++] = p;
    int nested = 0;
    for (; *p && (*p != ',' || nested); p++) nested += (*p == '(') - (*p == ')');
    if (*p) *p++ = 0;
    while (*p == ' ' || *p == '\t') p++;
  }
}

static bool is_one_of(const char *word, const char *const *list) {
  for (; *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

static bool is_op(const Words *w, const char *op) { return strcmp(w->op, op) == 0; }
static bool is_arg(const Words *w, int i, const char *arg) { return i < w->n && strcmp(w->arg[i], arg) == 0; }

/* "$16" */
static bool immediate(const Words *w, int i, int64_t *value) {
  if (i >= w->n || w->arg[i][0] != '$') return false;
  *value = strtoll(w->arg[i] + 1, NULL, 0);
  return true;
}

/* "-8(%rbp)", "16(%rsp,%rax,8)" */
static bool frame_memory(const char *arg, Place *place, bool *indexed) {
  char *end;
  place->offset = strtoll(arg, &end, 0);
  if (!starts(end, "(%rsp") && !starts(end, "(%rbp")) return false;
  place->off_bp = end[3] == 'b';
  *indexed = end[5] == ',';
  return end[5] == ',' || end[5] == ')';
}

static bool is_frame_register(const char *arg) {
  static const char *const names[] = {"%rsp", "%rbp", "%esp", "%ebp", "%sp", "%bp", "%spl", "%bpl", NULL};
  return is_one_of(arg, names);
}

/* ---- control */

static const struct { const char *begin; InstKind kind; } kinds[] = {
    {"call", INST_CALL}, {"jmp", INST_JUMP}, {"ret", INST_RETURN}, {"ud", INST_TRAP}, {"int3", INST_TRAP}, {"nop", INST_NOP},
    {"j", INST_BRANCH}, {"loop", INST_BRANCH}, {"syscall", INST_FORBIDDEN}, {"sys", INST_FORBIDDEN}, {"int", INST_FORBIDDEN},
    {"iret", INST_FORBIDDEN}, {"hlt", INST_FORBIDDEN}, {"enter", INST_FORBIDDEN}, {"wrfs", INST_FORBIDDEN},
    {"lcall", INST_FORBIDDEN}, {"ljmp", INST_FORBIDDEN}, {"lret", INST_FORBIDDEN}};

static void find_kind(Inst *in, const Words *w, bool padding) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && in->kind == INST_OTHER; i++)
    if (starts(w->op, kinds[i].begin)) in->kind = kinds[i].kind;
  if (padding) in->kind = INST_NOP;
  bool transfers = in->kind == INST_CALL || in->kind == INST_JUMP || in->kind == INST_BRANCH;
  if (!transfers) return;
  if (w->n && w->arg[0][0] == '*') in->kind = in->kind == INST_CALL ? INST_CALL_INDIRECT : INST_JUMP_INDIRECT;
  else in->target = in->at + in->size + (w->n ? strtoull(w->arg[0], NULL, 0) : 0);
}

/* ---- stack */

static void set_effect(Inst *in, StackEffect effect, int64_t amount) { in->effect = effect, in->amount = amount; }

/* An instruction whose last operand is rsp. */
static void find_sp_effect(Inst *in, const Words *w) {
  int64_t n;
  Place place;
  bool indexed, number = immediate(w, 0, &n);
  if (starts(w->op, "cmp") || starts(w->op, "test")) return;
  if (number && is_op(w, "subq")) set_effect(in, STACK_ADJUST, n);
  else if (number && is_op(w, "addq")) set_effect(in, STACK_ADJUST, -n);
  else if (number && is_op(w, "andq") && n < 0) set_effect(in, STACK_ALIGN, -n);
  else if (is_op(w, "movq") && is_arg(w, 0, "%rbp")) set_effect(in, STACK_FROM_BP, 0);
  else if (is_op(w, "leaq") && frame_memory(w->arg[0], &place, &indexed) && !indexed)
    place.off_bp ? set_effect(in, STACK_FROM_BP, place.offset) : set_effect(in, STACK_ADJUST, -place.offset);
  else set_effect(in, STACK_UNKNOWN, 0);
}

static void find_push_effect(Inst *in, const Words *w) {
  if (starts(w->op, "pushq") || is_op(w, "pushfq")) set_effect(in, is_arg(w, 0, "%rbp") ? STACK_PUSH_BP : STACK_ADJUST, 8);
  else if (starts(w->op, "popq") || is_op(w, "popfq")) set_effect(in, is_arg(w, 0, "%rbp") ? STACK_POP_BP : STACK_ADJUST, -8);
  else set_effect(in, STACK_UNKNOWN, 0);
  if (is_arg(w, 0, "%rsp")) set_effect(in, STACK_UNKNOWN, 0);
}

static void find_effect(Inst *in, const Words *w) {
  if (is_op(w, "leave") || is_op(w, "leaveq")) set_effect(in, STACK_UNKNOWN, 0);
  else if (starts(w->op, "push") || (starts(w->op, "pop") && !starts(w->op, "popcnt"))) find_push_effect(in, w);
  else if (is_op(w, "movq") && is_arg(w, 0, "%rsp") && is_arg(w, 1, "%rbp")) set_effect(in, STACK_SET_BP, 0);
  else if (w->n && is_arg(w, w->n - 1, "%rsp")) find_sp_effect(in, w);
}

/* ---- frame addresses */

static bool names_frame_register(const Words *w) {
  for (int i = 0; i < w->n; i++)
    if (is_frame_register(w->arg[i])) return true;
  return false;
}

static void find_frame_use(Inst *in, const Words *w) {
  bool indexed = false;
  if (in->effect == STACK_UNKNOWN) return;
  if (starts(w->op, "lea") && w->n == 2 && !is_frame_register(w->arg[1])) {
    if (frame_memory(w->arg[0], &in->place, &indexed)) in->use = indexed ? FRAME_LEA_INDEXED : FRAME_LEA;
    else if (strstr(w->arg[0], "%rsp") || strstr(w->arg[0], "%rbp")) in->use = FRAME_LEA_INDEXED;
  } else if (in->effect == STACK_NONE && in->role != ROLE_GUARD_SMALL && names_frame_register(w)) {
    in->use = FRAME_COPY;
  }
}

/* The instructions that guard check and slow path are made of. */
static void find_role(Inst *in, const Words *w) {
  Place place;
  bool indexed;
  if (is_op(w, "cmpq") && is_arg(w, 0, "%fs:112"))
    in->role = is_arg(w, 1, "%rsp") ? ROLE_GUARD_SMALL : is_arg(w, 1, "%r11") ? ROLE_GUARD_LARGE : ROLE_NONE;
  else if (is_op(w, "leaq") && is_arg(w, 1, "%r11") && frame_memory(w->arg[0], &place, &indexed) && !place.off_bp && !indexed)
    in->role = ROLE_GUARD_SIZE, in->amount = -place.offset;
  else if (is_op(w, "movl") && is_arg(w, 1, "%r10d") && immediate(w, 0, &in->amount)) in->role = ROLE_FRAME_SIZE;
  else if (is_op(w, "movl") && is_arg(w, 1, "%r11d") && immediate(w, 0, &in->amount)) in->role = ROLE_STACKARGS;
  else if (is_op(w, "movq") && is_arg(w, 0, "%r10") && is_arg(w, 1, "%rax")) in->role = ROLE_SAVE_CONTEXT;
}

static bool names_thread(const char *arg) { return starts(arg, "%fs:") || starts(arg, "%gs:"); }

static void find_thread_use(Inst *in, const Words *w) {
  char *end;
  for (int i = 0; i < w->n && in->role != ROLE_GUARD_SMALL && in->role != ROLE_GUARD_LARGE; i++)
    if (names_thread(w->arg[i])) in->thread = THREAD_OTHER;
  if (in->thread == THREAD_NONE || !is_op(w, "movq") || w->n != 2 || !starts(w->arg[0], "%fs:") || w->arg[1][0] != '%') return;
  in->word = strtoll(w->arg[0] + strlen("%fs:"), &end, 0);
  if (!*end) in->thread = THREAD_WORD;
}

static void keep_text(Inst *in, const char *text) {
  size_t n = 0;
  for (; *text && n < sizeof in->text - 1; text++)
    if (*text != '\t') in->text[n++] = *text;
    else if (n) in->text[n++] = ' ';
  in->text[n] = 0;
}

static Inst decode(uint64_t at, const uint8_t *code, uint64_t left) {
  Words w = {.n = 0};
  Inst in = {.at = at};
  uint8_t bytes[15];
  size_t n = left < sizeof bytes ? left : sizeof bytes;
  memcpy(bytes, code, n);
  in.size = (uint8_t)LLVMDisasmInstruction(disassembler, bytes, n, at, w.text, sizeof w.text);
  if (in.size == 0) {
    in.size = 1, in.kind = INST_UNKNOWN;
    return in;
  }
  keep_text(&in, w.text);
  bool padding = strstr(w.text, "nop") != NULL && strstr(w.text, "%rsp") == NULL;
  take_apart(&w);
  find_kind(&in, &w, padding);
  find_effect(&in, &w);
  find_role(&in, &w);
  find_frame_use(&in, &w);
  find_thread_use(&in, &w);
  return in;
}

/* Text that does not start an instruction ends the list with one of kind UNKNOWN. */
InstList verify_disassemble_range(Verify *v, const Function *fn, uint64_t from, uint64_t to) {
  InstList list = {0};
  const uint8_t *code = image_at(&v->image, from, to - from);
  for (uint64_t at = from; code && at < to;) {
    Inst in = decode(at, code + (at - from), to - at);
    list_push(&list, in);
    at += in.size;
    if (in.kind != INST_UNKNOWN) continue;
    verify_finding(v, fn, in.at, "the bytes here are no instruction");
    break;
  }
  return list;
}

bool verify_disassemble(Verify *v, Function *fn) {
  fn->insts = verify_disassemble_range(v, fn, fn->entry, fn->end);
  return fn->insts.n && fn->insts.v[fn->insts.n - 1].kind != INST_UNKNOWN;
}

const Inst *verify_inst(const Function *fn, uint64_t at) {
  int lo = 0, hi = fn->insts.n;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (fn->insts.v[mid].at < at) lo = mid + 1;
    else hi = mid;
  }
  return lo < fn->insts.n && fn->insts.v[lo].at == at ? &fn->insts.v[lo] : NULL;
}
