/* faultmap.h: see faultmap.c. */
#ifndef TOY_FAULTMAP_H
#define TOY_FAULTMAP_H

#include <stddef.h>
#include <stdint.h>

/* Where to go on after a fault at pc, a load or store that stands for a nil check; 0: it is none. Safe in a handler. */
uintptr_t faultmap_find(uintptr_t pc);

/* The same over any bytes; apart for tests. */
uintptr_t faultmap_search(const unsigned char *maps, size_t bytes, uintptr_t pc);

#endif
