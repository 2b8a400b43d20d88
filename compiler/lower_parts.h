/* lower_parts.h: what the files of late lowering share. */
#ifndef TOY_LOWER_PARTS_H
#define TOY_LOWER_PARTS_H

#include "lower.h"
#include "util.h"
#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

enum { MANAGED = 1 }; /* the address space of pointers that the runtime may rewrite */

DEFINE_LIST(ValueList, LLVMValueRef);

/* Address-keyed map, open addressing; a null key is not allowed. */
typedef struct PtrMap { const void **keys; void **values; size_t count, size; } PtrMap;
void **ptrmap_slot(PtrMap *map, const void *key); /* the value's place; holds null when the key is new */

typedef struct Lower {
  LLVMModuleRef module;
  LLVMContextRef context;
  LLVMBuilderRef builder;
  LLVMTargetDataRef layout;
  LLVMTypeRef ptr, i64, i32, i8;
  const char *package;
  const char *error;      /* the first broken rule */
  bool has_records;       /* something will be in the stack map */

  PtrMap site_of;         /* DILocation → site index + 1 */
  PtrMap files;           /* DIFile → its interned absolute name */
  PtrMap strings;         /* interned text → its global */
  PtrMap wrappers;        /* interned names of "toy-wrapper" functions, inlined ones too */
  ValueList sites;        /* struct toy_site rows */
} Lower;

void lower_refuse(Lower *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool lower_has_attr(LLVMValueRef fn, const char *name);
const char *lower_name(LLVMValueRef value); /* interned */
bool lower_holds_managed(LLVMTypeRef type); /* a managed pointer, or an aggregate with one inside */
bool lower_is_intrinsic(LLVMValueRef call);
bool lower_is_safepoint(LLVMValueRef call); /* a call that rewrite-statepoints-for-gc will make a statepoint */

bool lower_is_crowded(LLVMValueRef fn);              /* lower_crowded.c */
void lower_demote_results(LLVMValueRef fn);
void lower_stack_objects(Lower *l, LLVMValueRef fn); /* lower_stackobj.c */
void lower_aggregates(Lower *l, LLVMValueRef fn);    /* lower_aggregate.c */
void lower_call_sites(Lower *l, LLVMValueRef fn);    /* lower_sites.c */
void lower_split(Lower *l, LLVMValueRef fn);         /* lower_split.c */
void lower_tables(Lower *l);                         /* lower_tables.c */

uint64_t lower_unused_registers(Lower *l, LLVMValueRef call); /* lower_tables.c; 0 if it passes no words on the stack */

/* lower_sites.c, also for the tables */
LLVMValueRef lower_string(Lower *l, const char *text);            /* interned text → pointer to a constant of it */
uint32_t lower_func_flags(Lower *l, const char *name);
const char *lower_subprogram_name(Lower *l, LLVMMetadataRef sp);  /* interned; null if it has none */
const char *lower_scope_file(Lower *l, LLVMMetadataRef scope);    /* interned, absolute */

#endif
