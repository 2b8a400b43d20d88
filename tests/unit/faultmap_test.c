/* The search of LLVM's fault maps: over functions, over the blobs of several objects, over padding; broken ones are errors. */
#define UNIT_ALONE
#include "../../runtime/faultmap.c"
#include "unit.h"

static unsigned char blob[512];
static size_t used;

static void put(uint64_t v, size_t bytes) {
  memcpy(blob + used, &v, bytes);
  used += bytes;
}

static void header(uint32_t functions) {
  put(1, 4);
  put(functions, 4);
}

static void function(uintptr_t entry, uint32_t faults) {
  put(entry, 8);
  put(faults, 4);
  put(0, 4);
}

static void fault(uint32_t at, uint32_t handler) {
  put(1, 4);
  put(at, 4);
  put(handler, 4);
}

static void two_objects(void) {
  used = 0;
  header(2);
  function(0x1000, 1);
  fault(4, 0x20); /* leaves the next function at an address that is not aligned */
  function(0x2000, 2);
  fault(8, 0x30);
  fault(12, 0x40);
  put(0, 4); /* the linker's padding */
  header(1);
  function(0x3000, 1);
  fault(0, 0x50);
}

static void finds(void) {
  two_objects();
  CHECK_EQ(faultmap_search(blob, used, 0x1004), 0x1020);
  CHECK_EQ(faultmap_search(blob, used, 0x2008), 0x2030);
  CHECK_EQ(faultmap_search(blob, used, 0x200c), 0x2040);
  CHECK_EQ(faultmap_search(blob, used, 0x3000), 0x3050);
}

static void finds_nothing(void) {
  two_objects();
  CHECK_EQ(faultmap_search(blob, used, 0x1005), 0);
  CHECK_EQ(faultmap_search(blob, used, 0x2004), 0);
  CHECK_EQ(faultmap_search(blob, 0, 0x1004), 0);
  CHECK_EQ(faultmap_find(0x1004), 0); /* this program has no map */
}

static void refuses(void) {
  two_objects();
  CHECK_THROWS(faultmap_search(blob, used - 1, 0x9000), "cut short");
  CHECK_THROWS(faultmap_search(blob, 4, 0x9000), "cut short");
  blob[0] = 2;
  CHECK_THROWS(faultmap_search(blob, used, 0x9000), "unknown version");
}

int main(void) {
  finds();
  finds_nothing();
  refuses();
  return unit_end();
}
