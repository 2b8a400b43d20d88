/* scope.h: names and what they denote, block by block. */
#ifndef TOY_SCOPE_H
#define TOY_SCOPE_H

#include "ast.h"

typedef struct Scope Scope;
struct Scope {
  Scope *parent;
  ObjectList objs;                /* in order of declaration */
  struct { const char *name; Object *obj; } *slots; /* hashed by address once there are many */
  int size;
};

Scope *scope_new(Scope *parent);
Object *scope_lookup(Scope *scope, const char *name);           /* in this block only */
Object *scope_lookup_up(Scope *scope, const char *name, Scope **where);
Object *scope_insert(Scope *scope, Object *obj);                /* returns the object that already has the name, or null */

extern Scope *universe;
void universe_init(void);                                        /* once; later calls do nothing */

#endif
