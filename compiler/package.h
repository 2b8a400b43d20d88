/* package.h: which packages a program has, and in which order they are compiled and initialised. */
#ifndef TOY_PACKAGE_H
#define TOY_PACKAGE_H

#include "ast.h"
#include "compiler.h"
#include "driver.h"
#include "source.h"

DEFINE_LIST(SourceList, Source *);

typedef struct Program {
  Package *main;        /* what the command line names; null when nothing could be read */
  PackageList order;    /* all packages, imports before importers, main last */
  SourceList sources;   /* every file read, in that order of reading */
} Program;

/* Reads and parses `inputs` (files, or one folder) and all that they import; reports as it goes. `path` is the import
 * path of the result. */
Program package_load(TextList inputs, const char *path);

#endif
