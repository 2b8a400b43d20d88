/* stackalloc.c: memory for goroutine stacks, powers of two from 2 KiB.
 *
 * Small ones (2, 4, 8, 16 KiB) are cut from 32 KiB spans of one size each; a span whose stacks are all free may change size
 * or go back to the system. Between a span and a goroutine lies a cache per P, without locks, filled and drained by half.
 * Large ones have mappings of their own; freed, they are kept for the next goroutine as long as all that are kept
 * stay below a bound, beyond it they are unmapped at once.
 *
 * Invariants: a stack's high end is aligned to min(size, 2 KiB), so that over-aligned frames stay aligned when they move; a
 * free stack's link is in its last word, next to what the next goroutine touches first.
 *
 * Spans lie in aligned chunks; the chunk's first span holds the descriptors, so that an address finds its own by masking.
 *
 * Rejected: a mapping and guard page per stack (a hundred thousand goroutines exceed the kernel's limit of mappings, and
 * each would cost a page more); zeroing stacks (the frames' maps never show a word that was not written).
 */
#include "runtime.h"

#define SPAN_BYTES ((size_t)32 << 10)
#define CHUNK_BYTES ((size_t)4 << 20)
#define CHUNK_SPANS (CHUNK_BYTES / SPAN_BYTES)
#define CACHE_BYTES ((size_t)32 << 10)        /* per P and size */
#define SPANS_KEPT 64                         /* wholly free spans that keep their pages */
#define LARGE_ORDERS 31
#define LARGE_KEPT ((size_t)192 << 20)        /* bytes */
#define HUGE_BYTES ((size_t)2 << 20)

struct span {
  struct span *next, *prev;  /* in pool.partial[order] or pool.free */
  uintptr_t base, freelist;
  uint32_t order, nalloc;    /* stacks handed out, those in P caches included */
  uint32_t ncarved;          /* stacks from here on were never handed out */
  bool listed;
};

struct chunk { struct span spans[CHUNK_SPANS]; };
_Static_assert(sizeof(struct chunk) <= SPAN_BYTES, "descriptors fit the first span");

static struct {
  struct mutex lock;
  struct span *partial[STACK_ORDERS]; /* spans with room */
  struct span *free; uint32_t nfree;  /* spans without stacks that have kept their pages */
  struct span *cold;                  /* spans without stacks and without pages */
  struct chunk *chunk; uint32_t nused; /* the chunk being cut into spans */
} pool;

static struct {
  struct mutex lock;
  uintptr_t list[LARGE_ORDERS];
  size_t bytes;
} large;

static inline uintptr_t *link_of(uintptr_t lo, size_t bytes) { return (uintptr_t *)(lo + bytes - 8); }
static inline size_t order_bytes(uint32_t order) { return (size_t)TOY_STACK_MIN << order; }

static inline uint32_t order_of(size_t bytes) {
  uint32_t order = (uint32_t)__builtin_ctzl(bytes) - (uint32_t)__builtin_ctzl(TOY_STACK_MIN);
  if (bytes < TOY_STACK_MIN || (bytes & (bytes - 1)))
    throwf("stack size %lu is not a power of two", (unsigned long)bytes);
  return order;
}

/* ---- spans; under pool.lock */

static void list_push(struct span **list, struct span *s) {
  s->prev = NULL;
  s->next = *list;
  if (s->next)
    s->next->prev = s;
  *list = s;
  s->listed = true;
}

static void list_remove(struct span **list, struct span *s) {
  if (s->prev)
    s->prev->next = s->next;
  else
    *list = s->next;
  if (s->next)
    s->next->prev = s->prev;
  s->listed = false;
}

/* bytes aligned to align: maps more and trims. */
static void *map_aligned(size_t bytes, size_t align) {
  uintptr_t p = (uintptr_t)os_mmap(bytes + align), at = (p + align - 1) & ~(align - 1);
  if (at > p)
    os_munmap((void *)p, at - p);
  if (p + align > at)
    os_munmap((void *)(at + bytes), p + align - at);
  return (void *)at;
}

static struct span *cut_span(void) {
  if (!pool.chunk || pool.nused == CHUNK_SPANS) {
    pool.chunk = map_aligned(CHUNK_BYTES, CHUNK_BYTES);
    pool.nused = 1;
  }
  struct span *s = &pool.chunk->spans[pool.nused];
  s->base = (uintptr_t)pool.chunk + pool.nused++ * SPAN_BYTES;
  return s;
}

static struct span *span_take(struct span **list) {
  struct span *s = *list;
  if (s)
    list_remove(list, s);
  return s;
}

static struct span *new_span(uint32_t order) {
  struct span *s = span_take(&pool.free);
  if (s)
    pool.nfree--;
  else if (!(s = span_take(&pool.cold)))
    s = cut_span();
  s->order = order;
  s->freelist = 0;
  s->ncarved = s->nalloc = 0;
  list_push(&pool.partial[order], s);
  return s;
}

static void drop_span(struct span *s) {
  if (pool.nfree < SPANS_KEPT) {
    pool.nfree++;
    list_push(&pool.free, s);
  } else {
    os_release((void *)s->base, SPAN_BYTES);
    list_push(&pool.cold, s);
  }
}

static bool span_full(const struct span *s) { return !s->freelist && s->ncarved == SPAN_BYTES / order_bytes(s->order); }

static uintptr_t pool_alloc(uint32_t order) {
  struct span *s = pool.partial[order];
  size_t bytes = order_bytes(order);
  if (!s)
    s = new_span(order);
  uintptr_t lo = s->freelist;
  if (lo)
    s->freelist = *link_of(lo, bytes);
  else
    lo = s->base + s->ncarved++ * bytes;
  s->nalloc++;
  if (span_full(s))
    list_remove(&pool.partial[order], s);
  return lo;
}

static void pool_free(uintptr_t lo, uint32_t order) {
  struct chunk *c = (struct chunk *)(lo & ~(CHUNK_BYTES - 1));
  struct span *s = &c->spans[(lo - (uintptr_t)c) / SPAN_BYTES];
  if (s->order != order || s->nalloc == 0)
    throwf("stackfree: %#lx of order %u is in a span of order %u with %u stacks", (unsigned long)lo, order, s->order, s->nalloc);
  *link_of(lo, order_bytes(order)) = s->freelist;
  s->freelist = lo;
  if (!s->listed)
    list_push(&pool.partial[order], s);
  if (--s->nalloc == 0) {
    list_remove(&pool.partial[order], s);
    drop_span(s);
  }
}

/* ---- per-P caches */

static void cache_push(struct stackfreelist *c, uintptr_t lo, size_t bytes) {
  *link_of(lo, bytes) = c->list;
  c->list = lo;
  c->bytes += bytes;
}

static uintptr_t cache_pop(struct stackfreelist *c, size_t bytes) {
  uintptr_t lo = c->list;
  c->list = *link_of(lo, bytes);
  c->bytes -= bytes;
  return lo;
}

static void cache_fill(struct stackfreelist *c, uint32_t order) {
  lock(&pool.lock);
  while (c->bytes < CACHE_BYTES / 2)
    cache_push(c, pool_alloc(order), order_bytes(order));
  unlock(&pool.lock);
}

static void cache_drain(struct stackfreelist *c, uint32_t order, size_t keep) {
  lock(&pool.lock);
  while (c->bytes > keep)
    pool_free(cache_pop(c, order_bytes(order)), order);
  unlock(&pool.lock);
}

void stackcache_purge(P *pp) {
  for (uint32_t order = 0; order < STACK_ORDERS; order++)
    cache_drain(&pp->stackcache[order], order, 0);
}

/* ---- large stacks */

static uintptr_t map_large(size_t bytes) {
  if (bytes < HUGE_BYTES)
    return (uintptr_t)os_mmap(bytes);
  void *p = map_aligned(bytes, HUGE_BYTES);
  os_hugepages(p, bytes);
  return (uintptr_t)p;
}

static uintptr_t large_alloc(uint32_t order, size_t bytes) {
  lock(&large.lock);
  uintptr_t lo = large.list[order];
  if (lo) {
    large.list[order] = *link_of(lo, bytes);
    large.bytes -= bytes;
  }
  unlock(&large.lock);
  return lo ? lo : map_large(bytes);
}

static void large_free(uintptr_t lo, uint32_t order, size_t bytes) {
  lock(&large.lock);
  bool keep = large.bytes + bytes <= LARGE_KEPT;
  if (keep) {
    *link_of(lo, bytes) = large.list[order];
    large.list[order] = lo;
    large.bytes += bytes;
  }
  unlock(&large.lock);
  if (!keep)
    os_munmap((void *)lo, bytes);
}

/* ---- */

struct stack stackalloc(size_t bytes) {
  uint32_t order = order_of(bytes);
  if (order >= LARGE_ORDERS)
    throwf("stackalloc: %lu bytes", (unsigned long)bytes);
  P *pp = atomic_load_explicit(&toy_m->p, memory_order_relaxed);
  uintptr_t lo;
  if (order >= STACK_ORDERS) {
    lo = large_alloc(order, bytes);
  } else if (pp) {
    struct stackfreelist *c = &pp->stackcache[order];
    if (unlikely(!c->list))
      cache_fill(c, order);
    lo = cache_pop(c, bytes);
  } else {
    lock(&pool.lock);
    lo = pool_alloc(order);
    unlock(&pool.lock);
  }
  return (struct stack){lo, lo + bytes};
}

void stackfree(struct stack s) {
  size_t bytes = s.hi - s.lo;
  uint32_t order = order_of(bytes);
  P *pp = atomic_load_explicit(&toy_m->p, memory_order_relaxed);
  if (order >= STACK_ORDERS) {
    large_free(s.lo, order, bytes);
  } else if (pp) {
    struct stackfreelist *c = &pp->stackcache[order];
    if (unlikely(c->bytes + bytes > CACHE_BYTES))
      cache_drain(c, order, CACHE_BYTES / 2);
    cache_push(c, s.lo, bytes);
  } else {
    lock(&pool.lock);
    pool_free(s.lo, order);
    unlock(&pool.lock);
  }
}
