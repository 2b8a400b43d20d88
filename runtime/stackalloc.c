/* stackalloc.c: memory for goroutine stacks, powers of two from 2 KiB.
 *
 * Small ones (2, 4, 8, 16 KiB) are cut from 32 KiB spans of one size each; a span whose stacks are all free may
 * change size or go back to the system. Between a span and a goroutine lies a cache per P, without locks, filled and
 * drained by half. Large ones are mappings of their own, larger than the stack: a stack that doubles inside its
 * mapping only lowers its low end, without a copy. Three sizes of mapping (tiers), so a goroutine on its way to a
 * gigabyte is copied three times, and no mapping reserves more than 32 times its need. Only touched pages cost
 * memory. Freed, mappings are kept for the next goroutine as long as all that are kept stay below a bound, and until
 * they have not been used for a while.
 *
 * Invariants: a stack's high end is aligned to min(size, 2 KiB), so that over-aligned frames stay aligned when they
 * move; a free stack's link is in its last word, next to what the next goroutine touches first.
 *
 * Spans lie in aligned chunks; the chunk's first span holds the descriptors, so that an address finds its own by
 * masking.
 *
 * Rejected: a mapping and guard page per stack (a hundred thousand goroutines exceed the kernel's limit of mappings,
 * and each would cost a page more); zeroing stacks (the frames' maps never show a word that was not written).
 */
#include "runtime.h"

#define SPAN_BYTES ((size_t)32 << 10)
#define CHUNK_BYTES ((size_t)4 << 20)
#define CHUNK_SPANS (CHUNK_BYTES / SPAN_BYTES)
#define CACHE_BYTES ((size_t)32 << 10)        /* per P and size */
#define CACHED_MAX ((size_t)TOY_STACK_MIN << (STACK_ORDERS - 1))
#define SPANS_KEPT 64                         /* wholly free spans that keep their pages */
#define LARGE_MAX ((size_t)1 << 30)
#define LARGE_KEPT ((size_t)512 << 20)        /* bytes that stacks have had, of all kept mappings */
#define HUGE_BYTES ((size_t)2 << 20)          /* a page of the larger kind */
static const size_t tier_bytes[] = {(size_t)1 << 20, (size_t)64 << 20, LARGE_MAX};
#define TIERS nelem(tier_bytes)

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
  uint64_t nalloc[STACK_ORDERS];      /* of all spans */
  struct chunk *chunk; uint32_t nused; /* the chunk being cut into spans */
} pool;

static struct {
  struct mutex lock;
  struct mapping *list[TIERS];
  _Atomic size_t bytes;      /* of all kept; written under lock, read as a hint */
  _Atomic uint32_t uses;     /* allocations and frees, for stackscavenge */
  _Atomic uint64_t inuse;    /* mappings that goroutines have */
} large;

/* A kept mapping describes itself at its high end. */
struct mapping { struct mapping *next; uintptr_t base, lo, hi; };

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
  pool.nalloc[order]++;
  if (span_full(s))
    list_remove(&pool.partial[order], s);
  return lo;
}

static void pool_free(uintptr_t lo, uint32_t order) {
  struct chunk *c = (struct chunk *)(lo & ~(CHUNK_BYTES - 1));
  struct span *s = &c->spans[(lo - (uintptr_t)c) / SPAN_BYTES];
  if (s->order != order || s->nalloc == 0)
    throwf("stackfree: %#lx of order %u is in a span of order %u with %u stacks", (unsigned long)lo, order, s->order,
           s->nalloc);
  *link_of(lo, order_bytes(order)) = s->freelist;
  s->freelist = lo;
  if (!s->listed)
    list_push(&pool.partial[order], s);
  pool.nalloc[order]--;
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

static uint32_t tier_of(size_t bytes) {
  for (uint32_t t = 0; t < TIERS; t++)
    if (bytes <= tier_bytes[t])
      return t;
  throwf("stackalloc: %lu bytes", (unsigned long)bytes);
}

/* A system that does not lend address space beyond need (overcommit off, ulimit -v) gets the plain size. */
static struct stack map_large(size_t bytes, uint32_t tier) {
  size_t room = tier_bytes[tier];
  char *p = os_trymmap(room + HUGE_BYTES);
  if (!p) {
    p = os_mmap(bytes);
    return (struct stack){(uintptr_t)p, (uintptr_t)p + bytes, (uintptr_t)p};
  }
  uintptr_t at = ((uintptr_t)p + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
  if (at > (uintptr_t)p)
    os_munmap(p, at - (uintptr_t)p);
  os_munmap((void *)(at + room), (uintptr_t)p + HUGE_BYTES - at);
  if (room > HUGE_BYTES)
    os_hugepages((void *)at, room);
  return (struct stack){at + room - bytes, at + room, at};
}

static struct mapping *take_large(size_t bytes, uint32_t tier) {
  struct mapping *m = large.list[tier];
  if (!m || m->hi - m->base < bytes)
    return NULL;
  large.list[tier] = m->next;
  atomic_fetch_sub_explicit(&large.bytes, m->hi - m->lo, memory_order_relaxed);
  return m;
}

static struct stack large_alloc(size_t bytes) {
  uint32_t tier = tier_of(bytes);
  lock(&large.lock);
  struct mapping *m = take_large(bytes, tier);
  unlock(&large.lock);
  atomic_fetch_add_explicit(&large.uses, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&large.inuse, 1, memory_order_relaxed);
  return m ? (struct stack){m->hi - bytes, m->hi, m->base} : map_large(bytes, tier);
}

static bool keep_large(struct stack s, uint32_t tier) {
  size_t bytes = s.hi - s.lo;
  if (atomic_load_explicit(&large.bytes, memory_order_relaxed) + bytes > LARGE_KEPT)
    return false;
  struct mapping *m = (struct mapping *)(s.hi - sizeof *m);
  *m = (struct mapping){large.list[tier], s.base, s.lo, s.hi};
  large.list[tier] = m;
  atomic_fetch_add_explicit(&large.bytes, bytes, memory_order_relaxed);
  return true;
}

static void large_free(struct stack s) {
  atomic_fetch_add_explicit(&large.uses, 1, memory_order_relaxed);
  atomic_fetch_sub_explicit(&large.inuse, 1, memory_order_relaxed);
  lock(&large.lock);
  bool kept = keep_large(s, tier_of(s.hi - s.base));
  unlock(&large.lock);
  if (!kept)
    os_munmap((void *)s.base, s.hi - s.base);
}

static struct mapping *take_all(void) {
  struct mapping *all = NULL;
  lock(&large.lock);
  for (uint32_t t = 0; t < TIERS; t++)
    for (struct mapping *m; (m = large.list[t]);) {
      large.list[t] = m->next;
      m->next = all;
      all = m;
    }
  atomic_store_explicit(&large.bytes, 0, memory_order_relaxed);
  unlock(&large.lock);
  return all;
}

/* Called by sysmon each round. Unmaps what is kept when nobody has used a large stack for one to two intervals. Is
 * anything left to come back for? */
bool stackscavenge(int64_t now, int64_t interval) {
  static uint32_t seen; /* sysmon only */
  static int64_t last;
  if (atomic_load_explicit(&large.bytes, memory_order_relaxed) == 0)
    return false;
  if (now - last < interval)
    return true;
  uint32_t uses = atomic_load_explicit(&large.uses, memory_order_relaxed);
  bool idle = uses == seen;
  seen = uses;
  last = now;
  for (struct mapping *m = idle ? take_all() : NULL, *next; m; m = next) {
    next = m->next;
    os_munmap((void *)m->base, m->hi - m->base);
  }
  return !idle;
}

bool stackextend(struct stack *s, size_t bytes) {
  if (bytes > s->hi - s->base || bytes <= CACHED_MAX)
    return false;
  s->lo = s->hi - bytes;
  return true;
}

bool stacktrim(struct stack *s, size_t bytes) {
  if (bytes <= CACHED_MAX)
    return false;
  uintptr_t lo = s->hi - bytes;
  os_release((void *)s->lo, lo - s->lo);
  s->lo = lo;
  return true;
}

/* ---- any stack */

static uintptr_t small_alloc(P *pp, uint32_t order) {
  size_t bytes = order_bytes(order);
  if (unlikely(!pp)) {
    lock(&pool.lock);
    uintptr_t lo = pool_alloc(order);
    unlock(&pool.lock);
    return lo;
  }
  struct stackfreelist *c = &pp->stackcache[order];
  if (unlikely(!c->list))
    cache_fill(c, order);
  return cache_pop(c, bytes);
}

static void small_free(P *pp, uintptr_t lo, uint32_t order) {
  size_t bytes = order_bytes(order);
  if (unlikely(!pp)) {
    lock(&pool.lock);
    pool_free(lo, order);
    unlock(&pool.lock);
    return;
  }
  struct stackfreelist *c = &pp->stackcache[order];
  if (unlikely(c->bytes + bytes > CACHE_BYTES))
    cache_drain(c, order, CACHE_BYTES / 2);
  cache_push(c, lo, bytes);
}

struct stack stackalloc(size_t bytes) {
  uint32_t order = order_of(bytes);
  if (bytes > CACHED_MAX)
    return large_alloc(bytes);
  uintptr_t lo = small_alloc(getp(toy_m), order);
  return (struct stack){lo, lo + bytes, lo};
}

void stackfree(struct stack s) {
  uint32_t order = order_of(s.hi - s.lo);
  if (s.hi - s.lo > CACHED_MAX)
    large_free(s);
  else
    small_free(getp(toy_m), s.lo, order);
}

/* For reports: no lock is taken and the caches are read as they are. */
uint64_t stackinuse(uint32_t order) {
  if (order >= STACK_ORDERS)
    return atomic_load_explicit(&large.inuse, memory_order_relaxed);
  uint64_t n = __atomic_load_n(&pool.nalloc[order], __ATOMIC_RELAXED);
  for (int32_t i = 0; i < atomic_load_explicit(&gomaxprocs, memory_order_relaxed); i++)
    n -= __atomic_load_n(&allp[i]->stackcache[order].bytes, __ATOMIC_RELAXED) / order_bytes(order);
  return n;
}
