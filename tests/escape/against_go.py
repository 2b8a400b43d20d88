"""Compares `toy emit --escape` with go's own analysis of the same sources (against_go.py TOY FILE…), inlining off.

Lines are compared by what they say about which source line; columns and spelling of expressions are left out. Known
differences: go puts small make([]T, n) on the stack and sees through calls of interfaces whose type it knows.
"""

import os
import re
import subprocess
import sys
import tempfile


def facts(text):
    found = []
    for line in text.splitlines():
        m = re.match(r"[^:]*:(\d+):\d+: (.*)", line)
        if not m:
            continue
        n, what = int(m.group(1)), m.group(2)
        if re.match(r"(moved to heap|leaking param)", what):
            found.append((n, re.sub(r" level=", " ", what)))
        elif re.search(r"(escapes to heap|does not escape)$", what):
            kind = "site" if re.search(r"[^\w ]|^\S+ literal|^\.\.\.", what.rsplit(" ", 3)[0]) else "name"
            found.append((n, what if kind == "name" else "site " + " ".join(what.split()[-3:])))
    return found


def main():
    toy, files = sys.argv[1], sys.argv[2:]
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            go = os.path.join(folder, "p.go")
            with open(file) as f, open(go, "w") as g:
                g.write(f.read())
            theirs = subprocess.run(
                ["go", "build", "-gcflags=-m=1 -l", "-o", os.devnull, go], capture_output=True, text=True
            ).stderr
        ours = subprocess.run([toy, "emit", "--escape", file], capture_output=True, text=True).stdout
        a, b = facts(theirs), facts(ours)
        for item in sorted(set(a) | set(b)):
            if a.count(item) != b.count(item):
                print(
                    "%s:%d: %s: go %d, toy %d"
                    % (os.path.basename(file), item[0], item[1], a.count(item), b.count(item))
                )


main()
