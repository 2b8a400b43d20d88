/* verify_parts.h: what the files of the verifier share: the image, the functions with what tables and code say of them.
 *
 * Nothing read from the file is trusted: every address goes through image_at, which answers null for what is not there.
 */
#ifndef TOY_VERIFY_PARTS_H
#define TOY_VERIFY_PARTS_H

#include "util.h"

#include <string.h>

/* ---- the image (verify_image.c) */

typedef struct Section {
  const char *name;
  uint64_t addr, size, flags;
  const uint8_t *data; /* null: occupies no bytes of the file */
} Section;
DEFINE_LIST(SectionList, Section);

typedef struct Symbol {
  const char *name;
  uint64_t addr, size;
  bool is_resolver; /* an ifunc: the address is that of the function which picks the code */
} Symbol;
DEFINE_LIST(SymbolList, Symbol);

typedef struct Image {
  const char *path;
  const uint8_t *bytes;
  size_t size;
  SectionList sections;
  SymbolList symbols; /* functions only, by address */
  int64_t toy_g;      /* where a thread has it, from %fs:0; 0: nowhere */
} Image;

const char *image_open(Image *image, const char *path);                          /* null, or why not */
const void *image_at(const Image *image, uint64_t addr, uint64_t bytes);         /* null: not in the file */
const char *image_string(const Image *image, uint64_t addr);                     /* null: no NUL-terminated text there */
const Section *image_section(const Image *image, const char *name);              /* null: there is none */
bool image_in(const Section *section, uint64_t addr, uint64_t bytes);
const Symbol *image_function(const Image *image, uint64_t addr);                 /* one that starts there, with a size if any has */
bool image_is_named(const Image *image, uint64_t addr, const char *name);        /* some symbol of that name starts there */
uint64_t image_through_plt(const Image *image, uint64_t addr);                   /* the ifunc behind a stub; else addr */

/* ---- functions */

/* A place in a frame, as the stack map says it. */
typedef struct Place { bool off_bp; int64_t offset; } Place;
typedef struct Object { Place at; uint64_t size; } Object;
DEFINE_LIST(ObjectPlaces, Object);
DEFINE_LIST(PlaceList, Place);

/* What a record says of one call. */
typedef struct Record {
  uint64_t pc;          /* the return address */
  PlaceList slots;
  uint32_t unused;      /* registers in which it passes nothing, module.h */
  const char *file;
  uint32_t line;
  bool used;            /* a call was found in front of it */
} Record;
DEFINE_LIST(RecordList, Record *);

typedef enum InstKind {
  INST_OTHER, INST_CALL, INST_CALL_INDIRECT, INST_JUMP, INST_JUMP_INDIRECT, INST_BRANCH, INST_RETURN, INST_TRAP, INST_NOP,
  INST_FORBIDDEN, INST_UNKNOWN
} InstKind;

/* What an instruction does to rsp and rbp. */
typedef enum StackEffect {
  STACK_NONE, STACK_ADJUST /* by amount, down is positive */, STACK_ALIGN, STACK_FROM_BP /* rsp = rbp + amount */,
  STACK_PUSH_BP, STACK_SET_BP, STACK_POP_BP, STACK_UNKNOWN
} StackEffect;

/* How an instruction makes a frame address outside rsp and rbp. */
typedef enum FrameUse { FRAME_NONE, FRAME_LEA, FRAME_LEA_INDEXED, FRAME_COPY } FrameUse;

/* What an instruction takes from its thread (by %fs or %gs), the guard check apart. */
typedef enum ThreadUse { THREAD_NONE, THREAD_WORD /* the one at `word` goes to a register */, THREAD_OTHER } ThreadUse;

typedef enum InstRole { ROLE_NONE, ROLE_GUARD_SMALL, ROLE_GUARD_LARGE, ROLE_GUARD_SIZE, ROLE_FRAME_SIZE, ROLE_STACKARGS,
                        ROLE_SAVE_CONTEXT } InstRole;

/* What a call calls. */
typedef enum CallKind { CALL_TOY, CALL_RUNTIME, CALL_NORET /* the runtime's, and never returns */, CALL_LEAF, CALL_MORESTACK,
                        CALL_UNKNOWN } CallKind;

typedef struct Depth { int32_t below, bp; uint32_t align; } Depth; /* bytes below the return address, also where rbp points */

typedef struct Inst {
  uint64_t at, target;
  uint8_t size;
  InstKind kind;
  StackEffect effect;
  int64_t amount;
  FrameUse use;
  Place place;        /* of FRAME_LEA */
  InstRole role;
  ThreadUse thread;
  int64_t word;
  int callee;         /* of a call: a CallKind */
  bool reached;
  Depth depth;        /* before it */
  char text[56];
} Inst;
DEFINE_LIST(InstList, Inst);

/* An access that stands for a nil check, and where it goes on when it faults. */
struct FaultEdge { uint64_t from, to; };
DEFINE_LIST(FaultEdges, struct FaultEdge);

typedef struct Function {
  uint64_t entry, end;
  const char *name, *file;
  uint32_t line;
  bool has_map;
  uint64_t frame_size;    /* as the stack map says; UINT64_MAX: not constant */
  ObjectPlaces objects;
  RecordList records;       /* by return address */
  InstList insts;
  FaultEdges faults;
  bool has_check;
  uint64_t check_bytes;   /* what the check takes off rsp before it compares */
  uint64_t slow_frame, slow_args;
} Function;
DEFINE_LIST(FunctionList, Function *);

/* A function of an assembly file that is no Toy function (toy_asm.h). */
typedef struct Leaf { Function fn; uint64_t depth; } Leaf;
DEFINE_LIST(LeafList, Leaf *);

typedef struct Verify {
  Image image;
  const Section *text;    /* toytext */
  FunctionList functions; /* by entry */
  LeafList leaves;
  int findings, records;
} Verify;

/* One finding; `at` is an address in code, or 0. */
void verify_finding(Verify *v, const Function *fn, uint64_t at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
Function *verify_function_of(Verify *v, uint64_t at);      /* null: none */
Record *verify_record(const Function *fn, uint64_t pc);    /* null: none */
const Inst *verify_inst(const Function *fn, uint64_t at);  /* null: no instruction begins there */

const struct FaultEdge *verify_fault(const Function *fn, uint64_t from);

Leaf *verify_leaf(Verify *v, uint64_t entry);               /* null: none */

void verify_leaves(Verify *v);                              /* verify_tables.c: toyasm */
void verify_leaf_code(Verify *v, Leaf *leaf);
void verify_functions(Verify *v);                          /* verify_tables.c: toyfuncs against the symbols */
void verify_ranges(Verify *v);                             /* needs instructions: toyunsafe, fault maps */
bool verify_in_range(const Verify *v, uint64_t at);        /* begin <= at < end of a row of toyunsafe */
void verify_read_faults(Verify *v);                        /* fault maps → Function.faults */
void verify_maps(Verify *v);                               /* verify_maps.c: toymodules, stack maps, sites */
static inline bool starts(const char *text, const char *begin) { return strncmp(text, begin, strlen(begin)) == 0; }
bool verify_disassemble(Verify *v, Function *fn);          /* verify_inst.c */
bool verify_inst_open(void);
InstList verify_disassemble_range(Verify *v, const Function *fn, uint64_t from, uint64_t to);
void verify_code(Verify *v, Function *fn);                 /* verify_code.c: guard check, depth, calls, frame addresses */
bool verify_is_for_arguments(Verify *v, const Function *fn, const Inst *copy); /* verify_copies.c: a copy of rsp is harmless */

#endif
