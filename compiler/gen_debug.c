/* gen_debug.c: debug locations. Not for debuggers first: late lowering reads them to number call sites, so tracebacks
 * and the verifier need one on every instruction of a function that has a subprogram. The linkage name is the symbol,
 * which is the name that tracebacks print.
 */
#include "gen.h"
#include <string.h>

static LLVMMetadataRef di_file(Gen *g, const char *path) {
  return LLVMDIBuilderCreateFile(g->di, path, strlen(path), "", 0);
}

static const char *unit_path(Gen *g) { return g->pkg->files.n > 0 ? g->pkg->files.v[0]->path : g->pkg->path; }

static void module_flag(Gen *g, const char *name, unsigned value) {
  LLVMMetadataRef v = LLVMValueAsMetadata(LLVMConstInt(g->i32, value, false));
  LLVMAddModuleFlag(g->mod, LLVMModuleFlagBehaviorWarning, name, strlen(name), v);
}

void debug_begin(Gen *g) {
  module_flag(g, "Debug Info Version", LLVMDebugMetadataVersion());
  module_flag(g, "Dwarf Version", 4);
  g->di = LLVMCreateDIBuilder(g->mod);
  LLVMMetadataRef file = di_file(g, unit_path(g));
  g->di_unit = LLVMDIBuilderCreateCompileUnit(g->di, LLVMDWARFSourceLanguageGo, file, "toy", 3, true, "", 0, 0, "", 0,
                                              LLVMDWARFEmissionFull, 0, true, false, "", 0, "", 0);
  g->di_functype = LLVMDIBuilderCreateSubroutineType(g->di, file, NULL, 0, LLVMDIFlagZero);
}

void debug_end(Gen *g) {
  LLVMDIBuilderFinalize(g->di);
  LLVMDisposeDIBuilder(g->di);
}

/* A function without a position (the program's start) is put at line 0 of the package's first file. */
LLVMMetadataRef debug_subprogram(Gen *g, const char *symbol, Pos pos) {
  Place at = pos ? pos_place(pos) : (Place){unit_path(g), 0, 0};
  LLVMMetadataRef file = di_file(g, at.path);
  size_t n = strlen(symbol);
  unsigned line = (unsigned)at.line;
  return LLVMDIBuilderCreateFunction(g->di, file, symbol, n, symbol, n, file, line, g->di_functype, false, true, line,
                                     LLVMDIFlagZero, true);
}

/* Positions outside the function's file cannot occur: a function lies in one file. Position 0 keeps the current one. */
void debug_at(Gen *g, Pos pos) {
  if (!g->fn) return;
  if (!pos && LLVMGetCurrentDebugLocation2(g->b)) return;
  Place at = pos ? pos_place(pos) : (Place){NULL, 0, 0};
  LLVMMetadataRef loc =
      LLVMDIBuilderCreateDebugLocation(g->cx, (unsigned)at.line, (unsigned)at.col, g->fn->scope, NULL);
  LLVMSetCurrentDebugLocation2(g->b, loc);
}
