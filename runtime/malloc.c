/* malloc.c: zeroed memory for Toy values, only ever handed out.
 *
 * There is no collector yet, so an allocator that could reuse memory would have nothing to reuse. What is decided here
 * for it is what code generation and the layout of objects depend on:
 *   - every allocation names its type descriptor;
 *   - objects without managed pointers lie in regions of their own (noscan) and have no header: strings, byte buffers and
 *     number arrays cost nothing extra;
 *   - objects with pointers have one word before them: descriptor and element count. A bump region of them can be walked
 *     from its start, and an object's pointers are found from the object alone.
 * The header costs 8 bytes an object and one store: 10 million tree nodes of two pointers take 5 ns each, counting them
 * included, where Go takes 34 (user time; pages are zeroed by the kernel in either). The other choice, size-class spans
 * with a bitmap or one descriptor a span, costs no header for small objects but fixes the span layout now, before the
 * collector that wants it exists.
 *
 * Levels: an M takes from its P's mcache without any lock (one add and one compare); the P takes chunks from the current
 * arena under heap.lock; arenas are mapped from the OS. Objects above MAX_SMALL are cut from the arena directly, those
 * above MAX_CARVED have mappings of their own. The kernel's pages are zero and none is handed out twice, so nothing is
 * ever cleared here.
 *
 * The first arena is small: most programs of a test suite never leave it. Later ones ask for huge pages: memory that is
 * touched once pays for its page faults, and 512 at a time is what makes allocation from fresh memory fast.
 */
#include "malloc.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "print.h"
#include "rtcalls.h"
#include "runtime.h"

enum {
  CHUNK = 128 << 10,      /* what a P takes at a time */
  MAX_SMALL = CHUNK / 4,  /* bounds what is lost at a chunk's end */
  FIRST_ARENA = 4 << 20,
  ARENA = 64 << 20,
  MAX_CARVED = ARENA / 8,
  HUGE_PAGE = 2 << 20,
};

uint64_t zerobase;

/* All under lock but inuse, which is a statistic (relaxed, no partner). */
static struct {
  struct mutex lock;
  char *next, *end;
  size_t arenas;
  _Atomic size_t inuse;
} heap;

size_t heap_inuse(void) { return atomic_load_explicit(&heap.inuse, memory_order_relaxed); }

static size_t round_up(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }

/* ---- from the OS */

static _Noreturn void out_of_memory(size_t bytes, int error) {
  struct outbuf b;
  out_init(&b);
  out_cstr(&b, "runtime: out of memory: cannot allocate ");
  out_uint(&b, bytes);
  out_cstr(&b, "-byte block (");
  out_uint(&b, heap_inuse());
  out_cstr(&b, " in use): ");
  out_cstr(&b, strerror(error));
  out_cstr(&b, "\n");
  out_flush(&b);
  fatal("out of memory");
}

/* Makes [heap.next, heap.end) hold at least `need` bytes; what is left of the old arena is given up. A process with a
 * tight limit on address space gets smaller arenas before it is told that there is no memory. */
static void map_arena(size_t need) {
  size_t bytes = heap.arenas == 0 ? FIRST_ARENA : ARENA;
  bytes = bytes < need ? round_up(need, TOY_PAGE) : bytes;
  char *p;
  while (!(p = os_trymmap(bytes))) {
    if (bytes / 2 < need) out_of_memory(need, errno);
    bytes = round_up(bytes / 2, TOY_PAGE);
  }
  if (bytes == ARENA) os_hugepages(p, bytes);
  heap.arenas++;
  heap.next = p;
  heap.end = p + bytes;
}

static char *carve(size_t bytes) {
  lock(&heap.lock);
  if ((size_t)(heap.end - heap.next) < bytes) map_arena(bytes);
  char *p = heap.next;
  heap.next += bytes;
  unlock(&heap.lock);
  return p;
}

/* Not os_trymmap, which takes address space on credit for stacks: what a program asks for by size the kernel shall weigh
 * against what there is, and refuse here instead of killing the process later. */
static char *map_own(size_t bytes) {
  bytes = round_up(bytes, bytes >= HUGE_PAGE ? HUGE_PAGE : TOY_PAGE);
  char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) out_of_memory(bytes, errno);
  if (bytes >= HUGE_PAGE) os_hugepages(p, bytes);
  return p;
}

/* `bytes` zeroed bytes that no other caller gets, on a cache line of their own. */
static char *heap_alloc(size_t bytes) {
  atomic_fetch_add_explicit(&heap.inuse, bytes, memory_order_relaxed);
  return bytes > MAX_CARVED ? map_own(bytes) : carve(round_up(bytes, 64));
}

/* ---- from the P */

static NOINLINE char *bump_refill(struct bump *b, size_t bytes) {
  if (bytes > MAX_SMALL) return heap_alloc(bytes);
  b->next = heap_alloc(CHUNK);
  b->end = b->next + CHUNK;
  char *p = b->next;
  b->next += bytes;
  return p;
}

static inline char *bump_alloc(struct bump *b, size_t bytes, size_t align) {
  uintptr_t at = ((uintptr_t)b->next + align - 1) & ~(uintptr_t)(align - 1);
  if (unlikely(at > (uintptr_t)b->end || bytes > (uintptr_t)b->end - at)) return bump_refill(b, bytes);
  b->next = (char *)at + bytes;
  return (char *)at;
}

static struct mcache *mcache_here(void) {
  P *pp = getp(toy_m);
  if (unlikely(!pp)) throw("mallocgc: no P");
  return &pp->mcache;
}

struct alloc_count alloc_count;

static NOINLINE void count_alloc(size_t bytes) {
  const G *gp = toy_m->curg;
  if (!gp || gp->goid != alloc_count.goid) return;
  alloc_count.bytes += bytes;
  alloc_count.allocs++;
}

void *mallocnoscan(size_t bytes, size_t align) {
  if (bytes == 0) return &zerobase;
  if (unlikely(alloc_count.on)) count_alloc(bytes);
  return bump_alloc(&mcache_here()->noscan, bytes, bytes >= 8 ? 8 : align);
}

static void *alloc_scan(const struct toy_type *type, size_t n, size_t bytes) {
  if (unlikely((uintptr_t)type >> 32)) throw("mallocgc: type descriptor above 4 GiB");
  bytes = round_up(bytes, 8);
  if (unlikely(alloc_count.on)) count_alloc(bytes);
  if (unlikely(n >= OBJHDR_MANY)) {
    uint64_t *many = (uint64_t *)heap_alloc(bytes + 16);
    many[0] = n;
    many[1] = (uint64_t)OBJHDR_MANY << 32 | (uintptr_t)type;
    return many + 2;
  }
  uint64_t *hdr = (uint64_t *)bump_alloc(&mcache_here()->scan, bytes + 8, 8);
  *hdr = (uint64_t)n << 32 | (uintptr_t)type;
  return hdr + 1;
}

static inline void *alloc(const struct toy_type *type, size_t n, size_t bytes) {
  if (type->ptrdata == 0 || bytes == 0) return mallocnoscan(bytes, type->align);
  return alloc_scan(type, n, bytes);
}

void *mallocarray(const struct toy_type *type, size_t n, size_t bytes) { return alloc(type, n, bytes); }

void *rt_newobject(const void *type) {
  const struct toy_type *t = type;
  return alloc(t, 1, (size_t)t->size);
}
