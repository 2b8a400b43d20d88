"""seed.py same PROGRAM: with each of some seeds, many runs print the same, the hash of the schedule included, and the seeds
differ from each other. seed.py race PROGRAM RIGHT: over 60 seeds some runs print RIGHT and some something else, and a
second and third run of each seed print what its first did."""
import os
import subprocess
import sys


def run(program, seed, extra=''):
    done = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env={**os.environ, 'TOYDEBUG': f'seed={seed}{extra}'})
    if done.returncode:
        sys.exit(f'seed {seed}: status {done.returncode}\n{done.stdout.decode()}')
    return done.stdout.decode()


def same(program):
    runs = int(os.environ.get('TOY_SEED_RUNS', '20'))
    traces = set()
    for seed in (0, 1, 2, 3, 1 << 40):
        outputs = [run(program, seed, ',stats=1') for _ in range(runs)]
        differ = [i for i, o in enumerate(outputs) if o != outputs[0]]
        if differ:
            sys.exit(f'seed {seed}: run {differ[0]} differs from the first:\n{outputs[0]}\n{outputs[differ[0]]}')
        traces.add([line for line in outputs[0].splitlines() if line.startswith('toydebug: seed: ')][0])
    if len(traces) < 5:
        sys.exit(f'seeds with the same schedule: {traces}')


def race(program, right):
    shown = 0
    for seed in range(60):
        outputs = [run(program, seed).strip() for _ in range(3)]
        if len(set(outputs)) != 1:
            sys.exit(f'seed {seed}: {outputs}')
        shown += outputs[0] != right
    if not 3 <= shown <= 57:
        sys.exit(f'{shown} of 60 seeds show the race')


if sys.argv[1] == 'same':
    same(sys.argv[2])
else:
    race(sys.argv[2], sys.argv[3])
