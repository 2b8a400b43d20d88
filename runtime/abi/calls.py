#!/usr/bin/env python3
"""calls.py ABI.md: writes the table of runtime calls into docs/abi.md, between its two marks, from runtime.def.

With --check it only tells whether the table is the one it would write. What a call may do follows from its KIND, by the
same rules as in toy.h (which it reads), so the page, the header and the stubs have one source.
"""
import os
import re
import sys

ABI = os.path.dirname(os.path.abspath(__file__))
BEGIN, END = '<!-- calls: written by runtime/abi/calls.py -->\n', '<!-- end of calls -->\n'
NAMES = {'I1': 'i1', 'I8': 'i8', 'I32': 'i32', 'I64': 'i64', 'F64': 'f64', 'PTR': 'ptr', 'REF': 'ref', 'VOID': ''}


def effects():
    text = open(f'{ABI}/toy.h').read()
    return {kind: set(re.findall(r'TOY_\w+', value))
            for kind, value in re.findall(r'^#define TOY_EFFECTS_(\w+) (.*)$', text, re.M)}


def value(word):
    return NAMES.get(word) if word in NAMES else '{' + ', '.join(NAMES[part] for part in split(word)) + '}'


def split(word):
    return re.findall(r'REF|PTR|F64|I\d+', word)


def rows():
    known = effects()
    for line in open(f'{ABI}/runtime.def'):
        match = re.match(r'TOYRT\((.*?)\)\s*(?:/\*.*)?$', line.rstrip())
        if not match:
            continue
        name, kind, result, *args = [word.strip() for word in match.group(1).split(',')]
        does = known[kind]
        yes = lambda effect: 'yes' if 'TOY_' + effect in does else ''
        signature = f'({", ".join(map(value, args))}) {value(result)}'.strip()
        never = 'no return' if 'TOY_NO_RETURN' in does else yes('MAY_WAIT')
        yield f'| `toy_{name}` | `{signature}` | {kind} | {never} | {yes("MAY_MOVE")} | {yes("MAY_ALLOC")} | {yes("IN_SIGNAL")} |\n'


def table():
    head = ('| symbol | parameters, result | kind | may wait | may move the stack | may allocate | in a signal handler |\n'
            '|---|---|---|---|---|---|---|\n')
    return head + ''.join(rows())


def main():
    check, path = '--check' in sys.argv, sys.argv[-1]
    text = open(path).read()
    before, rest = text.split(BEGIN)
    wanted = before + BEGIN + table() + END + rest.split(END)[1]
    if not check:
        open(path, 'w').write(wanted)
    elif wanted != text:
        sys.exit(f'{path}: the table of calls is stale: run runtime/abi/calls.py {path}')


main()
