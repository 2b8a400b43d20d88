/* mem.c: memory of the runtime that is never given back: Ps, Ms, Gs, sudogs, tables. Cut from large mappings, so
 * zeroed, and dense: hundreds of thousands of Gs lie side by side. */
#include "runtime.h"

static struct { struct mutex lock; uintptr_t next, end; } chunk;
#define CHUNK_BYTES ((size_t)256 << 10)

static void *cut(size_t bytes, size_t align) {
  uintptr_t p = (chunk.next + align - 1) & ~(align - 1);
  if (p + bytes > chunk.end) {
    chunk.next = (uintptr_t)os_mmap(CHUNK_BYTES);
    chunk.end = chunk.next + CHUNK_BYTES;
    p = chunk.next;
  }
  chunk.next = p + bytes;
  return (void *)p;
}

void *persistentalloc(size_t bytes, size_t align) {
  if (align == 0 || (align & (align - 1)) || align > TOY_PAGE)
    throwf("persistentalloc: alignment %lu", (unsigned long)align);
  if (bytes >= CHUNK_BYTES / 4)
    return os_mmap((bytes + TOY_PAGE - 1) & ~(size_t)(TOY_PAGE - 1));
  lock(&chunk.lock);
  void *p = cut(bytes, align);
  unlock(&chunk.lock);
  return p;
}
