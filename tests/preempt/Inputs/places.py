"""places.py [--list] PROGRAM: what stepper.c must know of a linked program, by the program's own tables as other readers see them.

    symbol NAME ADDRESS                 toy_g and toy_m relative to the thread pointer
    place ADDRESS RESUME FUNCTION       one instruction of toytext; RESUME: where a goroutine stopped there goes on, 0 if it
                                        must not be stopped

--list: for people and FileCheck, each function's instructions behind "stop", "refuse" or "restart at OFFSET".

The runtime answers the same question from .eh_frame_hdr and toyunsafe, in a signal handler. Here LLVM's disassembler finds the
instructions, its dwarfdump runs the call-frame programs, and the ranges are looked through one by one, so that a mistake of
the runtime's own search and decoder is no mistake of its judge.
"""
import bisect
import re
import struct
import subprocess
import sys

UNSAFE, RESTART, RESTART_AT_ENTRY = 1, 2, 3


class Elf:
    def __init__(self, path):
        self.data = open(path, 'rb').read()
        self.phoff, self.shoff = struct.unpack_from('<QQ', self.data, 32)
        self.phentsize, self.phnum, self.shentsize, self.shnum, self.shstrndx = struct.unpack_from('<5H', self.data, 54)
        rows = [struct.unpack_from('<IIQQQQIIQQ', self.data, self.shoff + i * self.shentsize) for i in range(self.shnum)]
        names = rows[self.shstrndx][4]
        self.sections = {self.text(names + row[0]): row for row in rows}
        self.rows = rows

    def text(self, at):
        return self.data[at:self.data.index(b'\0', at)].decode()

    def symbols(self):
        """(name, value, size, section index)"""
        table = self.sections['.symtab']
        strings = self.rows[table[6]][4]
        for at in range(table[4], table[4] + table[5], 24):
            name, _, _, index, value, size = struct.unpack_from('<IBBHQQ', self.data, at)
            yield self.text(strings + name), value, size, index

    def tls_end(self):
        """What is subtracted from a thread-local symbol's value to count from the thread pointer."""
        for i in range(self.phnum):
            kind, _, _, _, _, _, size, align = struct.unpack_from('<IIQQQQQQ', self.data, self.phoff + i * self.phentsize)
            if kind == 7:
                return (size + align - 1) // align * align
        sys.exit('no thread-local storage')

    def unsafe_ranges(self):
        section = self.sections.get('toyunsafe')
        if not section:
            return []
        return [struct.unpack_from('<QQQ', self.data, at) for at in range(section[4], section[4] + section[5], 24)]


def complete_frames(path):
    """Sorted (from, to) of the addresses where the frame is complete: CFA = rbp + 16."""
    out = subprocess.run(['llvm-dwarfdump', '--eh-frame', path], stdout=subprocess.PIPE, text=True, check=True).stdout
    ranges, end, open_at = [], 0, None
    for line in out.split('\n'):
        function = re.match(r'[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ FDE .*pc=[0-9a-f]+\.\.\.([0-9a-f]+)', line)
        row = re.match(r'\s+0x([0-9a-f]+): CFA=([A-Z0-9+-]+)', line)
        if not function and not row:
            continue
        at = end if function else int(row.group(1), 16)
        if open_at is not None:
            ranges.append((open_at, at))
        open_at = at if row and row.group(2) == 'RBP+16' else None
        end = int(function.group(1), 16) if function else end
    if open_at is not None:
        ranges.append((open_at, end))
    return sorted(ranges)


PREFIXES = ('lock', 'rep', 'repne', 'data16')


def instructions(path):
    """(address, text). The disassembler gives a prefix a line of its own; the instruction begins there and not after it."""
    out = subprocess.run(['llvm-objdump', '-d', '--no-show-raw-insn', '--section=toytext', path], stdout=subprocess.PIPE,
                         text=True, check=True).stdout
    found, prefixed = [], False
    for m in re.finditer(r'^\s*([0-9a-f]+):\s+(\S+)(.*)$', out, re.M):
        if not prefixed:
            found.append((int(m.group(1), 16), ' '.join((m.group(2) + m.group(3)).split())))
        prefixed = m.group(2) in PREFIXES and not m.group(3).strip()
    return found


def show(at, to, fn, text):
    if at == fn[0]:
        print(f'{fn[2]}:')
    print(' ', 'refuse' if not to else 'stop' if to == at else f'restart at {to - fn[0]:#x}', text)


def main(path, listing):
    elf = Elf(path)
    section = elf.rows.index(elf.sections['toytext'])
    functions, tls = [], elf.tls_end()
    for name, value, size, index in elf.symbols():
        if listing and index != section:
            continue
        if name in ('toy_g', 'toy_m'):
            print('symbol', name, value - tls)
        elif name in ('asyncPreempt', 'toy_gostart_ret', 'main.turns'):
            print('symbol', name, value)
        elif index == section and size:
            functions.append((value, value + size, name))
    functions.sort()
    frames, ranges = complete_frames(path), elf.unsafe_ranges()

    def function_of(at):
        i = bisect.bisect(functions, (at, 1 << 64)) - 1
        return functions[i] if i >= 0 and at < functions[i][1] else None

    def resume(at, fn):
        for begin, end, kind in ranges:
            if begin < at < end:
                if kind == UNSAFE:
                    return 0
                return begin if kind == RESTART else fn[0]
        return at

    def frame_complete(at):
        i = bisect.bisect(frames, (at, 1 << 64)) - 1
        return i >= 0 and at < frames[i][1]

    for at, text in instructions(path):
        fn = function_of(at)
        if not fn:  # padding
            continue
        to = resume(at, fn)
        to = to if to and (frame_complete(to) or to == fn[0] != at) else 0
        if listing:
            show(at, to, fn, text)
        else:
            print('place', at, to, fn[2])


main(sys.argv[-1], '--list' in sys.argv)
