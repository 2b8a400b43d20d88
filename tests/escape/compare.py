"""Random programs under toy against the same under go (compare.py TOY FIRST LAST [FOLDER]).

With stacks moved at every prologue and preempted all the time, at -O0 and -O2. FOLDER holds the generator, generate.py (this folder, ../conformance).

Where there is no go, the reference is toy's own run without moving. Prints what differs; status 1 if anything does.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[4] if len(sys.argv) > 4 else os.path.dirname(os.path.abspath(__file__)))
from generate import Program  # noqa: E402

BUILDS = (["-O2"], ["-O0"])


def run(command, **env):
    return subprocess.run(
        command, capture_output=True, text=True, errors="surrogateescape", timeout=120, env=dict(os.environ, **env)
    )


def outcome(result):
    """Status and output; tracebacks are left out, and what `go run` says of a failed program."""
    text = re.split(r"\ngoroutine \d+ \[|\nexit status", result.stdout + result.stderr)[0]
    status = 2 if "\nexit status 2" in result.stderr else result.returncode
    return "%d %s" % (status, text.rstrip("\n"))


def reference(folder, source, program):
    if not shutil.which("go"):
        return outcome(run([program]))
    go = os.path.join(folder, "p.go")
    with open(go, "w") as f:
        f.write(source)
    return outcome(run(["go", "run", go], GOFLAGS="-gcflags=-N"))


def difference(want, got):
    for i, (a, b) in enumerate(zip(want.splitlines() + [""], got.splitlines() + [""])):
        if a != b:
            return "line %d: want %s, got %s" % (i + 1, a[:300], b[:300])
    return "want %s\ngot %s" % (want[:1000], got[:1000])


def check(toy, seed, folder):
    source, file, program = Program(seed).make(), os.path.join(folder, "p.toy"), os.path.join(folder, "p")
    with open(file, "w") as f:
        f.write(source)
    want = None
    for flags in BUILDS:
        built = run([toy, "build", *flags, "-o", program, file])
        if built.returncode:
            return "seed %d %s: %s" % (seed, flags, outcome(built))
        want = want or reference(folder, source, program)
        for debug in ("stackmove=1", "preemptevery=100"):
            got = outcome(run([program], TOYDEBUG=debug))
            if got != want:
                return "seed %d %s %s: %s" % (seed, flags, debug, difference(want, got))
    return None


def main():
    toy, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last + 1):
            problem = check(toy, seed, folder)
            if problem:
                bad += 1
                print(problem[:3000])
    print("%d programs, %d differ" % (last - first + 1, bad))
    return 1 if bad else 0


sys.exit(main())
