/* main.c: the C main of a Toy program, in an object of its own, so that a C test with its own main can link the
 * runtime. */
#include "runtime.h"

void toy_program(void); /* compiled: package initialisation, main.main, toy_maindone */
int main(int argc, char **argv, char **envp);

int main(int argc, char **argv, char **envp) { rt_start(argc, argv, envp, toy_program); }
