/* cpu.c: what the processor has beyond the baseline that compiled code keeps to. */
#include "rtcalls.h"
#include "runtime.h"

/* The operating system must have a hand in it too: it saves the registers. */
bool toy_math_cpuHasFMA(void) { return __builtin_cpu_supports("fma") && !debugvars.cpubaseline; }

bool toy_math_cpuHasRound(void) { return __builtin_cpu_supports("sse4.1") && !debugvars.cpubaseline; }
