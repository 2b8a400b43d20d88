/* verify.c: `toy verify BINARY`: the proof, on the linked program, that the runtime's rules hold.
 *
 * The runtime moves stacks and stops code by what the tables say and looks at nothing else. Late lowering and LLVM's own
 * verifier argue about IR; instruction selection, the linker, a second frontend and hand-written assembly come after them.
 * This reads what will run. It fails closed: what is not understood is a finding. Each finding says where (function,
 * address, file and line where a call site tells), what, and so why the program must not run. Status 1 when there are any.
 *
 * In order: functions and what lies between them; their instructions; fault maps (they are paths through the code); stack
 * maps; each function's code against its maps; leaves of assembly files; ranges, which need the instructions' boundaries.
 *
 * Not proved here: that an address made by the idiom is not kept in a register over a call (LLVM's safe-point verifier runs
 * on every module for that), what the runtime's own assembly does, and in which registers a call that passes words on the stack
 * passes nothing: no code shows that, late lowering says it in the call's record.
 */
#include "verify.h"
#include "verify_parts.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SHOWN = 20 };

/* ---- findings */

/* The call at or next before the address tells the line; without one, the function's own. */
static void print_place(const Function *fn, uint64_t at) {
  const Record *best = NULL;
  for (int i = 0; i < fn->records.n; i++) {
    const Record *r = fn->records.v[i];
    if (r->file && r->pc > at && r->pc - at <= 16 && (!best || r->pc < best->pc)) best = r;
    if (r->file && r->pc == at) best = r;
  }
  fprintf(stderr, "%s+%#llx (%#llx, %s:%u): ", fn->name, (unsigned long long)(at - fn->entry), (unsigned long long)at,
          best ? best->file : fn->file, best ? best->line : fn->line);
}

void verify_finding(Verify *v, const Function *fn, uint64_t at, const char *fmt, ...) {
  if (++v->findings > MAX_SHOWN) return;
  va_list ap;
  va_start(ap, fmt);
  fprintf(stderr, "%s: error: ", v->image.path);
  if (fn) print_place(fn, at ? at : fn->entry);
  else if (at) fprintf(stderr, "%#llx: ", (unsigned long long)at);
  fprintf(stderr, "%s\n", vformat(fmt, ap));
  va_end(ap);
}

/* ---- functions */

Function *verify_function_of(Verify *v, uint64_t at) {
  int lo = 0, hi = v->functions.n;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (v->functions.v[mid]->entry <= at) lo = mid + 1;
    else hi = mid;
  }
  Function *fn = lo ? v->functions.v[lo - 1] : NULL;
  return fn && (at < fn->end || at == fn->entry) ? fn : NULL;
}

/* Records are by address once their map is read. */
Record *verify_record(const Function *fn, uint64_t pc) {
  int lo = 0, hi = fn->records.n;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (fn->records.v[mid]->pc < pc) lo = mid + 1;
    else hi = mid;
  }
  return lo < fn->records.n && fn->records.v[lo]->pc == pc ? fn->records.v[lo] : NULL;
}

/* ---- the command */

static void verify_all(Verify *v) {
  verify_leaves(v);
  verify_functions(v);
  for (int i = 0; i < v->functions.n; i++) verify_disassemble(v, v->functions.v[i]);
  verify_read_faults(v);
  verify_maps(v);
  for (int i = 0; i < v->functions.n; i++) verify_code(v, v->functions.v[i]);
  for (int i = 0; i < v->leaves.n; i++) verify_leaf_code(v, v->leaves.v[i]);
  verify_ranges(v);
}

static int verify_file(const char *path, bool verbose) {
  Verify v = {0};
  const char *bad = image_open(&v.image, path);
  if (bad) return tool_error("cannot verify %s: %s", path, bad);
  v.text = image_section(&v.image, "toytext");
  if (!v.text || !v.text->data) return tool_error("cannot verify %s: it has no compiled code (section toytext)", path);
  verify_all(&v);
  if (v.findings > MAX_SHOWN) fprintf(stderr, "%s: error: %d more\n", path, v.findings - MAX_SHOWN);
  if (verbose && !v.findings) printf("%s: %d functions, %d calls: sound\n", path, v.functions.n, v.records);
  return v.findings != 0;
}

bool verify_program(const char *path) {
  if (!verify_inst_open()) return tool_error("no disassembler for x86-64"), false;
  return verify_file(path, false) == 0;
}

int verify_command(const Options *options) {
  if (!verify_inst_open()) return tool_error("no disassembler for x86-64");
  int status = 0;
  for (int i = 0; i < options->inputs.n; i++) status |= verify_file(options->inputs.v[i], options->verbose);
  return status;
}
