/* ancestors.h: who started whom (ancestors.c). */
#ifndef TOY_ANCESTORS_H
#define TOY_ANCESTORS_H

#include "runtime.h"

/* On the g0 of the parent, when TOYDEBUG=tracebackancestors is set. */
void saveAncestors(G *newg, const G *parent);
void printAncestors(const G *gp); /* in a report: takes no lock, allocates nothing */

#endif
