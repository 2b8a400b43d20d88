/* type.h: type descriptors and itabs, as the compiler emits them and the runtime reads them.
 *
 * A descriptor is constant, emitted link-once under the symbol `type:NAME` (NAME is the type's full name as Go prints it,
 * package-qualified), so equal types have equal addresses. Pointers in it are unmanaged.
 */
#ifndef TOY_ABI_TYPE_H
#define TOY_ABI_TYPE_H

#include <stdint.h>

enum toy_kind {
  TOY_KIND_INVALID, TOY_KIND_BOOL,
  TOY_KIND_INT, TOY_KIND_INT8, TOY_KIND_INT16, TOY_KIND_INT32, TOY_KIND_INT64,
  TOY_KIND_UINT, TOY_KIND_UINT8, TOY_KIND_UINT16, TOY_KIND_UINT32, TOY_KIND_UINT64, TOY_KIND_UINTPTR,
  TOY_KIND_FLOAT32, TOY_KIND_FLOAT64, TOY_KIND_COMPLEX64, TOY_KIND_COMPLEX128,
  TOY_KIND_ARRAY, TOY_KIND_CHAN, TOY_KIND_FUNC, TOY_KIND_INTERFACE, TOY_KIND_MAP,
  TOY_KIND_POINTER, TOY_KIND_SLICE, TOY_KIND_STRING, TOY_KIND_STRUCT, TOY_KIND_UNSAFEPOINTER
};

enum toy_type_flag {
  TOY_TYPE_COMPARABLE = 1, /* == is defined (an interface inside may still panic) */
  TOY_TYPE_MEMEQUAL = 2,   /* == is equality of bytes */
  TOY_TYPE_DIRECT = 4,     /* pointer-shaped: an interface's data word is the value itself, else it points to it */
  TOY_TYPE_NAMED = 8
};

struct toy_str { const char *ptr; int64_t len; };

struct toy_field { struct toy_str name; const struct toy_type *type; int64_t offset; int64_t embedded; };

/* Sorted by name; `code` takes the interface's data word as its first argument. type: the method's signature, a func. */
struct toy_method { struct toy_str name; const struct toy_type *type; void *code; };

/* An interface type's methods, sorted by name; code is null. */
struct toy_type {
  int64_t size;               /* bytes */
  int64_t ptrdata;            /* bytes up to the end of the last pointer; 0: no pointers, the collector skips it */
  const uint8_t *ptrmask;     /* bit i: word i (8 bytes) of the value is a managed pointer; ptrdata/8 bits */
  uint32_t hash;              /* FNV-1a of name */
  uint8_t align, kind, flags, pad;
  struct toy_str name;        /* "main.T", "[]int" */
  const struct toy_type *elem;/* array chan pointer slice map: element; else null */
  const struct toy_type *key; /* map: key */
  int64_t len;                /* array: length; chan: direction (1 recv, 2 send, 3 both) */
  const struct toy_field *fields; int64_t nfields;     /* struct */
  const struct toy_method *methods; int64_t nmethods;  /* method set, or an interface's methods */
};

/* An interface value is two words: (type, data) for interfaces without methods, (itab, data) for the others; the first
 * word is an unmanaged pointer, null in a nil interface. fun[i] belongs to the i-th method of the interface, by name. */
struct toy_itab { const struct toy_type *iface, *type; uint32_t hash, pad; void *fun[]; };

/* A cell of print/println. kind is one of TOY_PRINT_*. Pointers lie in `p`, so that they are managed. */
enum toy_print_kind {
  TOY_PRINT_BOOL, TOY_PRINT_INT, TOY_PRINT_UINT, TOY_PRINT_FLOAT, /* value (bits) in n */
  TOY_PRINT_STRING,  /* p, n = length */
  TOY_PRINT_POINTER, /* p; also chan, func, map */
  TOY_PRINT_SLICE,   /* p, n = length; the next cell's n is the capacity */
  TOY_PRINT_EFACE,   /* p = data; n = address of the type (0: nil): prints (0xTYPE,0xDATA) */
  TOY_PRINT_SPACE, TOY_PRINT_NEWLINE,
  TOY_PRINT_FLOAT32  /* float32: n holds its 32 bits; its shortest digits are not the float64's */
};
struct toy_printcell { int64_t kind; void *p; int64_t n; };

/* First argument of toy_panicslice: which check failed. x, y as Go's texts print them. */
enum toy_slice_panic {
  TOY_SLICE_ALEN,  /* s[?:x] x > len(s)  : [:x] with length y    */
  TOY_SLICE_ACAP,  /* s[?:x] x > cap(s)  : [:x] with capacity y  */
  TOY_SLICE_B,     /* s[x:y] x > y       : [x:y]                 */
  TOY_SLICE3_ALEN, /* s[::x] x > len(s)  : [::x] with length y   */
  TOY_SLICE3_ACAP, /* s[::x] x > cap(s)  : [::x] with capacity y */
  TOY_SLICE3_B,    /* s[:x:y] x > y      : [:x:y]                */
  TOY_SLICE3_C     /* s[x:y:] x > y      : [x:y:]                */
};

#endif
