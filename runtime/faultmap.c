/* faultmap.c: nil checks that cost nothing until they fail.
 *
 * The code generator folds "is it nil? then panic" followed by a load or store through the pointer into the access alone,
 * when its offset is inside the page at address 0, which is never mapped. The fault map says which instructions those are
 * and where the panic's code is. The handler (signal.c) sends the thread there.
 *
 * The format is LLVM's, version 1 (docs/FaultMaps): per object file
 *     u8 version, u8 0, u16 0, u32 functions
 *     per function: u64 address, u32 faults, u32 0; per fault: u32 kind, u32 offset of the access, u32 offset of the handler
 * with nothing aligned inside; between objects the linker may pad with zeros.
 *
 * Searched from the start at each fault: a fault ends in a panic, and nobody panics often enough for an index to pay.
 */
#include "faultmap.h"

#include <string.h>

#include "runtime.h"

extern const unsigned char __start__llvm_faultmaps[] __attribute__((weak));
extern const unsigned char __stop__llvm_faultmaps[] __attribute__((weak));

enum { VERSION = 1, HEADER_BYTES = 8, FUNCTION_BYTES = 16, FAULT_BYTES = 12 };

static uint32_t u32(const unsigned char *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static uintptr_t u64(const unsigned char *p) {
  uintptr_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* p: the function's row, n: its faults. */
static uintptr_t search_function(const unsigned char *p, uint32_t n, uintptr_t pc) {
  uintptr_t entry = u64(p);
  for (uint32_t i = 0; i < n; i++) {
    const unsigned char *fault = p + FUNCTION_BYTES + i * FAULT_BYTES;
    if (entry + u32(fault + 4) == pc)
      return entry + u32(fault + 8);
  }
  return 0;
}

static _Noreturn void broken(const char *how) { throwf("fault map: %s", how); }

uintptr_t faultmap_search(const unsigned char *p, size_t bytes, uintptr_t pc) {
  const unsigned char *end = p + bytes;
  while (p < end) {
    if (*p == 0) {
      p++;
      continue;
    }
    if (*p != VERSION)
      broken("unknown version");
    if ((size_t)(end - p) < HEADER_BYTES)
      broken("cut short");
    uint32_t functions = u32(p + 4);
    for (p += HEADER_BYTES; functions > 0; functions--) {
      uint32_t n = (size_t)(end - p) < FUNCTION_BYTES ? UINT32_MAX : u32(p + 8);
      if ((size_t)(end - p) < FUNCTION_BYTES + (uint64_t)n * FAULT_BYTES)
        broken("cut short");
      uintptr_t handler = search_function(p, n, pc);
      if (handler)
        return handler;
      p += FUNCTION_BYTES + (size_t)n * FAULT_BYTES;
    }
  }
  return 0;
}

uintptr_t faultmap_find(uintptr_t pc) {
  return faultmap_search(__start__llvm_faultmaps, (size_t)(__stop__llvm_faultmaps - __start__llvm_faultmaps), pc);
}
