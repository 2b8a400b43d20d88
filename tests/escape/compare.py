"""Random programs under toy against the same under go (compare.py TOY FIRST LAST): stacks moved at every prologue, -O0 and -O2.

Where there is no go, the reference is toy's own run without moving. Prints what differs; status 1 if anything does.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from generate import Program

BUILDS = (["-O2"], ["-O0"])


def run(command, **env):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=dict(os.environ, **env))


def outcome(result):
    return "%d %s" % (result.returncode, result.stderr + result.stdout)


def reference(folder, source, program):
    if not shutil.which("go"):
        return outcome(run([program]))
    go = os.path.join(folder, "p.go")
    with open(go, "w") as f:
        f.write(source)
    return outcome(run(["go", "run", go], GOFLAGS="-gcflags=-N"))


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
        for debug in ("stackmove=1", "stackmove=0"):
            got = outcome(run([program], TOYDEBUG=debug))
            if got.splitlines()[0] != want.splitlines()[0]:
                return "seed %d %s %s: want %sgot %s" % (seed, flags, debug, want, got)
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
