"""wakeups.py PROGRAM LEAST MOST: runs PROGRAM, which never ends, and counts how often its threads but the first go to sleep by
themselves, in a second after the first half."""
import os
import subprocess
import sys
import time

program, least, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
process = subprocess.Popen([program])


def sleeps():
    total = 0
    for tid in os.listdir(f'/proc/{process.pid}/task'):
        if int(tid) != process.pid:
            for line in open(f'/proc/{process.pid}/task/{tid}/status'):
                if line.startswith('voluntary_ctxt_switches'):
                    total += int(line.split()[1])
    return total


try:
    time.sleep(0.5)
    before, begin = sleeps(), time.monotonic()
    time.sleep(2)
    after, end = sleeps(), time.monotonic()
finally:
    process.kill()
    process.wait()
rate = (after - before) / (end - begin)
if not least <= rate <= most:
    sys.exit(f'{rate:.0f} wake-ups a second, not between {least} and {most}')
