/* verify.h: `toy verify BINARY`: is a linked program one that the runtime can stop, walk and move anywhere? */
#ifndef TOY_VERIFY_H
#define TOY_VERIFY_H

#include "driver.h"

int verify_command(const Options *options);
bool verify_program(const char *path); /* false after messages; `toy build` asks when TOYVERIFY is set */

#endif
