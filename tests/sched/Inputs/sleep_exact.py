"""sleep_exact.py PROGRAM N SECONDS: the program sleeps N times; it must give the processor up of its own will at most 15
times a sleep (a poller that woke each millisecond would do so 20 times), and last as long as the sleeps."""
import resource
import subprocess
import sys
import time

n, seconds = int(sys.argv[2]), float(sys.argv[3])
start = time.monotonic()
status = subprocess.run([sys.argv[1]]).returncode
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
switches = usage.ru_nvcsw / n
cpu = usage.ru_utime + usage.ru_stime
print(f'{switches:.1f} switches a sleep, {wall:.2f} s, {cpu * 1000:.0f} ms of CPU')
if status or switches > 15 or wall < n * seconds or cpu > wall / 4:
    sys.exit(1)
