/* init_order.c: in which order a program's packages are initialised.
 *
 * Go's rule since 1.21: of the packages not yet initialised whose imports all are, the one whose path comes first. Packages
 * that have nothing to do, and import nothing that has, do not take part; so what imports only such packages need not wait for
 * their turn in the alphabet. Package runtime, with what it imports, comes before all others. What a package has to do is
 * known once it is checked: an init function, or a variable that is not laid out at compile time.
 */
#include "init_order.h"
#include "types.h"

#include <string.h>

/* ---- what there is to do */

static bool is_static(Expr *x);

static bool all_static(ExprList list) {
  for (int i = 0; i < list.n; i++) {
    Expr *e = expr_unparen(list.v[i]);
    if (!is_static(e->kind == EXPR_KEYVALUE ? e->u.keyvalue.value : e)) return false;
  }
  return true;
}

static bool is_static(Expr *x) {
  x = expr_unparen(x);
  if (x->mode == MODE_CONST || x->mode == MODE_NIL) return true;
  return x->kind == EXPR_COMPOSITE && all_static(x->u.composite.elems);
}

bool init_has_work(const Package *pkg) {
  for (int i = 0; i < pkg->ninit; i++)
    if (!is_static(pkg->init[i].rhs)) return true;
  return pkg->init_funcs.n > 0;
}

bool init_has_task(const Package *pkg) {
  if (init_has_work(pkg)) return true;
  for (int i = 0; i < pkg->imports.n; i++)
    if (init_has_task(pkg->imports.v[i])) return true;
  return false;
}

/* ---- the order */

static bool contains(const PackageList *list, const Package *pkg) {
  for (int i = 0; i < list->n; i++)
    if (list->v[i] == pkg) return true;
  return false;
}

static bool is_ready(const PackageList *done, const Package *pkg) {
  for (int i = 0; i < pkg->imports.n; i++)
    if (init_has_task(pkg->imports.v[i]) && !contains(done, pkg->imports.v[i])) return false;
  return true;
}

/* Appends those of `some` that take part. Packages are few, so looking at all of them for each is no matter. */
static void schedule(PackageList *done, const PackageList *some) {
  for (;;) {
    Package *next = NULL;
    for (int i = 0; i < some->n; i++) {
      Package *pkg = some->v[i];
      if (contains(done, pkg) || !init_has_task(pkg) || !is_ready(done, pkg)) continue;
      if (!next || strcmp(pkg->path, next->path) < 0) next = pkg;
    }
    if (!next) return;
    list_push(done, next);
  }
}

static void add_reachable(PackageList *list, Package *pkg) {
  if (contains(list, pkg)) return;
  list_push(list, pkg);
  for (int i = 0; i < pkg->imports.n; i++) add_reachable(list, pkg->imports.v[i]);
}

PackageList init_order(const PackageList *all) {
  PackageList done = {0}, first = {0};
  for (int i = 0; i < all->n; i++)
    if (all->v[i]->stdlib && strcmp(all->v[i]->path, "runtime") == 0) add_reachable(&first, all->v[i]);
  schedule(&done, &first);
  schedule(&done, all);
  return done;
}
