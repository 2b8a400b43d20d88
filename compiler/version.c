/* version.c: `toy version`, and the note by which a program tells what made it.
 *
 * The note is an ordinary ELF note, owner "Toy", in section .note.toy, loaded with the program and kept by strip: a few lines of
 * text. It is written as assembly of the main module, which no optimisation touches.
 */
#include "version.h"
#include "../runtime/abi/toy.h"
#include "abi_hash.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <llvm-c/Core.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOY_VERSION "0.1"
#define NOTE_SECTION ".note.toy"
enum { NOTE_TYPE = 1 };

static const char *llvm_version(void) {
  unsigned major, minor, patch;
  LLVMGetVersion(&major, &minor, &patch);
  return format("%u.%u.%u", major, minor, patch);
}

void version_note(LLVMModuleRef module, const Options *options, const char *command) {
  const char *text = format("toy version " TOY_VERSION " linux/amd64\\nLLVM %s\\nABI %d\\ntoy %s -O%d%s\\n", llvm_version(),
                            TOY_ABI_VERSION, command, options->opt_level, options->debug_info ? " -g" : "");
  const char *code = format(".pushsection " NOTE_SECTION ", \"a\", @note\n.p2align 2\n.long 4, 2f - 1f, %d\n.asciz \"Toy\"\n"
                            "1: .asciz \"%s\"\n2: .p2align 2\n.popsection\n", NOTE_TYPE, text);
  LLVMAppendModuleInlineAsm(module, code, strlen(code));
}

static const char *attribute(LLVMValueRef function, const char *key) {
  unsigned n = 0;
  LLVMAttributeRef a = LLVMGetStringAttributeAtIndex(function, LLVMAttributeFunctionIndex, key, (unsigned)strlen(key));
  return a ? LLVMGetStringAttributeValue(a, &n) : "";
}

/* 2: a function may keep values in 512-bit registers or masks, 1: in 256-bit ones, 0: in no more than SSE's. Of a processor
 * named, only the levels of the psABI are known not to have all. */
static int vector_width(LLVMValueRef function) {
  static const char *const wide[] = {"+avx", "+fma", "+f16c", "+xop", "+vaes", "+vpclmulqdq"};
  const char *features = attribute(function, "target-features"), *cpu = attribute(function, "target-cpu");
  bool baseline = !*cpu || !strcmp(cpu, "x86-64") || !strcmp(cpu, "x86-64-v2");
  if (strstr(features, "+avx512") || strstr(features, "+avx10") || (!baseline && strcmp(cpu, "x86-64-v3"))) return 2;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    if (strstr(features, wide[i])) return 1;
  return !baseline;
}

/* What a stop by a signal does not save would be lost without a word: code with wide vectors does not link with a runtime whose
 * asyncPreempt saves less (runtime/mkpreempt/x86.c defines the symbols). */
static const char *vector_contract(LLVMModuleRef module) {
  static const char *const symbols[] = {"", ".quad toy_saves_ymm\n", ".quad toy_saves_zmm\n"};
  int widest = 0;
  for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
    if (!LLVMIsDeclaration(f) && vector_width(f) > widest) widest = vector_width(f);
  return symbols[widest];
}

/* An object made for one contract does not link with the runtime of another: the reference has the contract's number and the
 * hash of its table and headers in its name. */
void version_contract(LLVMModuleRef module) {
  const char *code = format(".pushsection .rodata.toyabi, \"a\", @progbits\n.p2align 3\n.quad " TOY_ABI_SYMBOL_NAME "\n%s.popsection\n",
                            vector_contract(module));
  LLVMAppendModuleInlineAsm(module, code, strlen(code));
}

/* ---- reading */

typedef struct File { const char *bytes; size_t size; } File;

static const void *file_at(File f, uint64_t offset, uint64_t bytes) {
  return offset <= f.size && bytes <= f.size - offset ? f.bytes + offset : NULL;
}

static const char *open_file(const char *path, File *f) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return strerror(errno);
  bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  void *bytes = regular && st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  close(fd);
  if (bytes == MAP_FAILED) return "not a program";
  *f = (File){bytes, (size_t)st.st_size};
  return NULL;
}

/* The text of Toy's note among those of one segment, or null. */
static const char *find_note(File f, const Elf64_Phdr *segment) {
  for (uint64_t at = 0; at < segment->p_filesz;) {
    const Elf64_Nhdr *note = file_at(f, segment->p_offset + at, sizeof *note);
    uint64_t name = at + sizeof *note, text = note ? name + ((note->n_namesz + 3ull) & ~3ull) : 0;
    if (!note || segment->p_offset > f.size) return NULL;
    const char *owner = file_at(f, segment->p_offset + name, 4);
    const char *words = file_at(f, segment->p_offset + text, note->n_descsz);
    bool ours = owner && note->n_namesz == 4 && memcmp(owner, "Toy", 4) == 0 && note->n_type == NOTE_TYPE;
    if (ours && words && memchr(words, 0, note->n_descsz)) return words;
    at = text + ((note->n_descsz + 3ull) & ~3ull);
  }
  return NULL;
}

static const char *note_of(File f) {
  const Elf64_Ehdr *e = file_at(f, 0, sizeof *e);
  if (!e || memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_phoff % 8) return NULL;
  const Elf64_Phdr *segments = file_at(f, e->e_phoff, (uint64_t)e->e_phnum * sizeof *segments);
  for (int i = 0; segments && i < e->e_phnum; i++) {
    const char *text = segments[i].p_type == PT_NOTE ? find_note(f, &segments[i]) : NULL;
    if (text) return text;
  }
  return NULL;
}

static int print_note(const char *path) {
  File f = {0};
  const char *bad = open_file(path, &f), *text = bad ? NULL : note_of(f);
  if (!text) return tool_error("version: %s: %s", path, bad ? bad : "not a program made by toy");
  printf("%s: %s", path, text);
  return 0;
}

int version_command(const Options *options) {
  int status = 0;
  if (options->inputs.n == 0) printf("toy version " TOY_VERSION " linux/amd64\nLLVM %s\nABI %d\n", llvm_version(), TOY_ABI_VERSION);
  for (int i = 0; i < options->inputs.n; i++) status |= print_note(options->inputs.v[i]);
  return status;
}
