/* malloc.h: memory for Toy values. All of it on g0, by an M that has a P. */
#ifndef TOY_RUNTIME_MALLOC_H
#define TOY_RUNTIME_MALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/type.h"

/* The part of a P that only the M holding it touches. Two bump regions: objects without managed pointers lie apart from
 * those with, so that a collector never reads the former. */
struct bump { char *next, *end; };
struct mcache { struct bump noscan, scan; };

/* What stands in the word before every object that holds pointers: the descriptor's address (programs are linked
 * below 2 GiB: docs/abi.md) and the number of elements; OBJHDR_MANY: it is in the word before that. */
#define OBJHDR_MANY 0xffffffffu
static inline const struct toy_type *objhdr_type(uint64_t hdr) { return (const struct toy_type *)(hdr & 0xffffffffu); }
static inline uint64_t objhdr_count(const uint64_t *hdr) { return *hdr >> 32 == OBJHDR_MANY ? hdr[-1] : *hdr >> 32; }

/* `bytes` zeroed bytes that begin with n values of the type; what is behind them is room for more (growslice). The caller
 * has checked n * size <= bytes <= MAX_ALLOC. */
void *mallocarray(const struct toy_type *type, size_t n, size_t bytes);
/* Zeroed bytes that hold no pointers. */
void *mallocnoscan(size_t bytes, size_t align);

#define MAX_ALLOC ((size_t)1 << 48) /* as Go: what is larger panics, what is smaller is asked of the OS */

/* The address of every value of size 0. */
extern uint64_t zerobase;

/* Bytes taken from the OS for Toy values. */
size_t heap_inuse(void);

/* What one goroutine has allocated since it was told to count (inittrace.c). Only that goroutine touches goid, bytes and
 * allocs; `on` is constant once there are goroutines. */
extern struct alloc_count { bool on; uint64_t goid, bytes, allocs; } alloc_count;

#endif
