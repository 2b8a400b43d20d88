#!/usr/bin/env python3
"""leafdepth.py ABI_FOLDER CALLGRAPH.ci…: proves that the C functions which run on goroutine stacks fit the guard.

Rule 1 of the design: C runs on a goroutine's stack only as a leaf whose worst depth fits what the guard leaves below SP.
The proof is the compiler's own: gcc's -fcallgraph-info=su writes, for each file, the frame of every function and the calls
between them. From each root (a LEAF row of runtime.def) the deepest chain is added up, return addresses included.
The budget is limits.h's: a function with a small frame may begin at the guard and reach TOY_STACK_SMALL below it.
The build fails on: a chain over the budget, recursion, a frame of unknown size, an indirect call, a call out of the
runtime to a function that is not in LIBC.
"""
import re
import sys

RETURN_ADDRESS = 8
# glibc's functions that gcc may call for a leaf, with a bound on their depth in bytes read off the disassembly of
# Debian 12's libc.a (every ifunc variant): they push at most six registers and keep no locals on the stack.
LIBC = {'memcmp': 64, 'memcpy': 64, 'memmove': 64, 'memset': 64, '__memcmpeq': 64}


def read_callgraph(paths):
    frames, calls = {}, {}
    for path in paths:
        text = open(path).read()
        for name, label in re.findall(r'node: \{ title: "([^"]*)" label: "([^"]*)"', text):
            frame = re.search(r'\\n(\d+) bytes \(([^)]*)\)', label)
            if frame:
                frames[name] = (int(frame.group(1)), frame.group(2))
        for caller, callee in re.findall(r'edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"', text):
            calls.setdefault(caller, set()).add(callee)
    return frames, calls


def deepest(name, frames, calls, chain):
    """Returns (bytes below the caller's SP, the chain that needs them); raises ValueError where nothing can be proved."""
    if name in chain:
        raise ValueError('recursion: ' + ' → '.join(chain + [name]))
    chain = chain + [name]
    if name not in frames:
        if name in LIBC:
            return RETURN_ADDRESS + LIBC[name], [name]
        raise ValueError('calls something of unknown depth: ' + ' → '.join(chain))
    size, kind = frames[name]
    if kind != 'static':
        raise ValueError(f'frame of {kind} size: ' + ' → '.join(chain))
    below = [deepest(callee, frames, calls, chain) for callee in sorted(calls.get(name, ()))]
    deep, path = max(below, default=(0, []))
    return RETURN_ADDRESS + size + deep, [f'{name} ({size})'] + path


def leaf_roots(path):
    """LEAF rows of runtime.def; the symbol is toy_NAME, in a package toy_PKG_NAME."""
    text = open(path).read()
    rows = re.findall(r'^TOYRT\(\s*(\w+)\s*,\s*LEAF\b', text, re.M)
    rows += ['_'.join(row) for row in re.findall(r'^TOYPKG\(\s*(\w+)\s*,\s*(\w+)\s*,\s*LEAF\b', text, re.M)]
    return ['toy_' + row for row in rows]


def leaf_budget(path):
    limits = dict(re.findall(r'^#define (\w+) (\d+)', open(path).read(), re.M))
    return int(limits['TOY_STACK_GUARD']) - int(limits['TOY_STACK_SMALL'])


def main():
    abi = sys.argv[1]
    budget, roots = leaf_budget(abi + '/limits.h'), leaf_roots(abi + '/runtime.def')
    frames, calls = read_callgraph(sys.argv[2:])
    bad = not roots
    for root in roots:
        try:
            if root not in frames:
                raise ValueError('no such function in the call graph')
            need, path = deepest(root, frames, calls, [])
            if need > budget:
                raise ValueError(f'{need} bytes, {budget} fit the guard: ' + ' → '.join(path))
            print(f'{root}: {need} of {budget} bytes: ' + ' → '.join(path))
        except ValueError as why:
            print(f'leafdepth: error: {root}: {why}', file=sys.stderr)
            bad = True
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
