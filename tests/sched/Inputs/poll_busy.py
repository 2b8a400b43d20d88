"""poll_busy.py PROGRAM: sends it 20 bytes through a pipe, each after the one before has been answered. Without anybody who
looks at the pipe there is no answer at all; the limit is wide, since other load of the machine counts too."""
import os
import statistics
import subprocess
import sys
import time

env = {**os.environ, 'TOYMAXPROCS': '2', 'TOYDEBUG': 'stats=1'}
child = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
os.read(child.stdout.fileno(), 1)
times = []
for i in range(20):
    time.sleep(0.01)
    start = time.monotonic()
    os.write(child.stdin.fileno(), b'x')
    os.read(child.stdout.fileno(), 1)
    times.append(time.monotonic() - start)
child.stdin.close()
status = child.wait(30)
median = statistics.median(times)
print(f'median {median * 1000:.1f} ms, {"soon" if median < 0.1 else "late"}', flush=True)
sys.exit(status)
