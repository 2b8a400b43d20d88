/* slice.h: how sizes are rounded when room is made for growth. */
#ifndef TOY_RUNTIME_SLICE_H
#define TOY_RUNTIME_SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes that Go's allocator would hand out for a request of n. */
size_t roundupsize(size_t n, bool noscan);

#endif
