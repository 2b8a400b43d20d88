/* map.h: the layout of maps, shared by map.c, mapiter.c and maphash.c. What it means is told in map.c. */
#ifndef TOY_RUNTIME_MAP_H
#define TOY_RUNTIME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/type.h"

enum {
  GROUP_SLOTS = 8,
  TABLE_GROUPS_MAX = 128, /* a table of 1,024 slots that is full is split, so no insertion moves more */
  CTRL_EMPTY = 0,         /* zeroed memory is a group of empty slots */
  CTRL_DELETED = 1,       /* was in use; a probe goes on behind it */
  CTRL_FULL = 0x80        /* | the low 7 bits of the hash */
};

/* The control bytes of eight slots; the slots follow, each a key and an element. */
struct group { uint64_t ctrl; char slots[]; };

struct table {
  char *groups;           /* of mask + 1 groups */
  uint32_t mask;          /* number of groups - 1; a power of two */
  uint32_t room;          /* empty slots that may still be used */
  uint32_t used;          /* full slots */
  uint8_t depth;          /* leading bits of the hash that all its keys share */
  bool stale;             /* others have taken its place; it changes no more */
};

struct toy_map {
  int64_t count;          /* first: len() in compiled code reads it */
  uint64_t seed;
  void *dir;              /* depth 0: the table, or null before the first insertion; else 1 << depth tables */
  uint32_t clears;        /* how often it was cleared */
  uint8_t depth;
  uint8_t keys;           /* enum map_keys */
  bool key_ref, elem_ref; /* too big for a slot, which points to it */
  _Atomic bool writing;   /* by somebody: a second one is a fault of the program */
  uint32_t group_size, slot_size, elem_offset; /* bytes, of the map's type: a look-up need not follow its descriptors */
};

enum map_keys {
  KEYS_WORD,              /* compared by their bytes, 1, 2, 4 or 8 of them */
  KEYS_STRING,
  KEYS_OTHER
};

/* Lives in the frame of the loop, described by the compiler (gen_map.c): pointers first. */
struct toy_mapiter {
  void *key, *elem;       /* of the current entry; key null: the end */
  struct toy_map *map;
  struct table *table;    /* being walked, perhaps stale by now */
  const struct toy_type *type;
  uint64_t at;            /* where its part of the hashes begins */
  uint64_t visited;       /* how much of them has been walked; 0: nothing yet */
  uint32_t start;         /* the slot where the walk through a table begins */
  uint32_t next;          /* slots of it walked */
  uint32_t clears;        /* of the map, when the loop began */
};

static inline struct table *map_table(const struct toy_map *m, uint64_t hash) {
  return m->depth == 0 ? m->dir : ((struct table **)m->dir)[hash >> (64 - m->depth)];
}

static inline struct group *table_group(const struct toy_map *m, const struct table *tab, uint32_t i) {
  return (struct group *)(tab->groups + (size_t)i * m->group_size);
}

static inline char *group_slot(const struct toy_map *m, struct group *g, unsigned i) {
  return g->slots + (size_t)i * m->slot_size;
}

static inline void *slot_key(const struct toy_map *m, char *slot) { return m->key_ref ? *(void **)slot : slot; }

static inline void *slot_elem(const struct toy_map *m, char *slot) {
  char *p = slot + m->elem_offset;
  return m->elem_ref ? *(void **)p : p;
}

/* ---- maphash.c */
uint64_t hash_word(uint64_t key, uint64_t seed);
uint64_t hash_bytes(const void *p, int64_t n, uint64_t seed);
/* Of a key of any type; may panic, on g0 only. NaN hashes differently each time. */
uint64_t hash_key(const struct toy_type *key, const void *p, uint64_t seed);
void check_key(const struct toy_type *key, const void *p); /* for a map without entries: panics if it cannot be hashed */
bool equal_values(const struct toy_type *type, const void *p, const void *q); /* iface.c; the same */

/* ---- map.c */
/* The slot of the key, or null. On g0: may panic. */
char *map_find(const struct toy_type *t, const struct toy_map *m, const void *key);

#endif
