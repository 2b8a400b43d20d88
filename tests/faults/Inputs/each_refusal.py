"""each_refusal.py PROGRAM: runs it with the runtime's first request for memory refused, then with the second, … until it
runs through. Every end but the last is a fatal error with status 2."""
import os
import subprocess
import sys

for n in range(1, 200):
    env = dict(os.environ, TOYDEBUG=f'mmapfail={n}')
    done = subprocess.run([sys.argv[1]], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
    if done.returncode == 0:
        break
    if done.returncode != 2 or 'fatal error: ' not in done.stdout or 'SIG' in done.stdout:
        sys.exit(f'mmapfail={n}: status {done.returncode}\n{done.stdout}')
if n < 5 or done.returncode:
    sys.exit(f'{n} requests refused: too few or too many to believe')
