/* object.h: our own object files as ELF images in memory: corrected before they are written, and printed decoded. */
#ifndef TOY_OBJECT_H
#define TOY_OBJECT_H

#include "backend.h"

bool object_defines(ObjectCode object, const char *symbol); /* as a global symbol */

void object_neutralise_notes(ObjectCode object);  /* linkers must leave our guard checks alone */
void object_print_stackmaps(ObjectCode object);   /* `toy emit --stackmaps` */
void object_print_unsafe(ObjectCode object);      /* `toy emit --unsafe-points` */

#endif
