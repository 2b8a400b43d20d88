/* init_order.h: which packages have something to initialise, and in which order. Needs checked packages. */
#ifndef TOY_INIT_ORDER_H
#define TOY_INIT_ORDER_H

#include "compiler.h"

bool init_has_work(const Package *pkg);             /* init functions, variables that are set at run time */
bool init_has_task(const Package *pkg);             /* it or something that it imports has */
PackageList init_order(const PackageList *all);

#endif
