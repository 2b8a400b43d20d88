"""doctor.py KIND BINARY COPY: a copy with one thing wrong, for the verifier to find.

The places are found in the tables and in the code's own bytes, in the functions of the package main, so that a new version
of the compiler does not invalidate this. Exits with 2 when the binary has nothing of the kind to spoil.
"""
import shutil
import struct
import sys


class Elf:
    def __init__(self, path):
        self.data = bytearray(open(path, 'rb').read())
        shoff, = struct.unpack_from('<Q', self.data, 40)
        n, strndx = struct.unpack_from('<HH', self.data, 60)
        rows = [struct.unpack_from('<IIQQQQIIQQ', self.data, shoff + 64 * i) for i in range(n)]
        names = rows[strndx][4]
        self.sections = {self.text(names + r[0]): r for r in rows}

    def text(self, offset):
        return self.data[offset:self.data.index(0, offset)].decode()

    def span(self, name):
        """File offsets of a section's begin and end."""
        row = self.sections[name]
        return row[4], row[4] + row[5]

    def offset(self, addr):
        for name, row in self.sections.items():
            if row[2] & 2 and row[1] != 8 and row[3] <= addr < row[3] + row[5]:
                return row[4] + addr - row[3]
        raise KeyError(hex(addr))

    def u32(self, at):
        return struct.unpack_from('<I', self.data, at)[0]

    def u64(self, at):
        return struct.unpack_from('<Q', self.data, at)[0]

    def put(self, at, form, value):
        struct.pack_into('<' + form, self.data, at, value)

    def functions(self, prefix='main.'):
        """(file offset, bytes) of functions, by symbol."""
        at, end = self.span('.symtab')
        strings, _ = self.span('.strtab')
        for at in range(at, end, 24):
            name, info, _, _, value, size = struct.unpack_from('<IBBHQQ', self.data, at)
            if info & 15 == 2 and size and self.text(strings + name).startswith(prefix):
                yield self.offset(value), size, value

    def maps(self):
        """Of each function in the stack maps of package main: (offset of its row, offsets of its records)."""
        at, end = self.span('toymodules')
        for at in range(at, end, 32):
            maps, _, _, package = struct.unpack_from('<QQQQ', self.data, at)
            if not maps or self.text(self.offset(package)) != 'main':
                continue
            blob = self.offset(maps)
            nf, nc, _ = struct.unpack_from('<III', self.data, blob + 4)
            record = blob + 16 + 24 * nf + 8 * nc
            for f in range(nf):
                row, records = blob + 16 + 24 * f, []
                for _ in range(self.u64(row + 16)):
                    records.append(record)
                    n, = struct.unpack_from('<H', self.data, record + 14)
                    record = (record + 16 + 12 * n + 7) & ~7
                    live, = struct.unpack_from('<H', self.data, record + 2)
                    record = (record + 4 + 4 * live + 7) & ~7
                yield blob, row, records


def is_object(elf, record):
    return elf.u64(record) >= 0xffffffff00000000


def first(things):
    for thing in things:
        return thing
    sys.exit(2)


def first_of(data, places, wanted):
    """The first of the places that is as wanted, or None."""
    return next((i for i in places if wanted(data, i)), None)


def records(elf):
    return (r for _, _, rs in elf.maps() for r in rs if not is_object(elf, r))


def slots(elf):
    """Locations that are slots of live pointers."""
    for record in records(elf):
        n, = struct.unpack_from('<H', elf.data, record + 14)
        for at in range(record + 16, record + 16 + 12 * n, 12):
            if elf.data[at] == 3:
                yield at


def code(elf, pattern, prefix='main.'):
    for at, size, _ in elf.functions(prefix):
        found = elf.data.find(pattern, at, at + size)
        if found >= 0:
            yield found


GUARD = bytes.fromhex('64483b242570000000')  # cmpq %fs:112, %rsp


def noguard(elf):
    """The compare stays, the branch goes."""
    at = first(code(elf, GUARD)) + len(GUARD)
    n = 2 if elf.data[at] == 0x76 else 6
    elf.data[at:at + n] = b'\x90' * n


def noslow(elf):
    """The slow path asks for less than the frame."""
    at = first(code(elf, b'\x41\xba'))
    elf.put(at + 2, 'I', 0)


def smallguard(elf):
    """A large frame is compared as if it were smaller: leaq -N(%rsp), %r11."""
    at = first(code(elf, bytes.fromhex('4c8d9c24')))
    elf.put(at + 4, 'i', -8)


def norecord(elf):
    elf.put(first(records(elf)) + 8, 'I', elf.u32(first(records(elf)) + 8) - 1)


def register(elf):
    elf.data[first(slots(elf))] = 1


def direct(elf):
    elf.data[first(slots(elf))] = 2


def otherbase(elf):
    elf.put(first(slots(elf)) + 4, 'H', 3)


def outside(elf):
    elf.put(first(slots(elf)) + 8, 'i', 1 << 20)


def unaligned(elf):
    at = first(slots(elf))
    elf.put(at + 8, 'i', struct.unpack_from('<i', elf.data, at + 8)[0] + 4)


def framesize(elf):
    row = first(row for _, row, rs in elf.maps() if any(not is_object(elf, r) for r in rs))
    elf.put(row + 8, 'Q', elf.u64(row + 8) + 16)


def version(elf):
    elf.data[first(blob for blob, _, _ in elf.maps())] = 4


def mapcut(elf):
    elf.put(first(row for _, row, _ in elf.maps()) + 16, 'Q', 1 << 40)


def mapends(elf):
    """One record fewer than there are."""
    elf.put(first(blob for blob, _, _ in elf.maps()) + 12, 'I', 1)


def objectgone(elf):
    """A stack object that lies elsewhere: its address is then a frame address of nothing."""
    record = first(r for _, _, rs in elf.maps() for r in rs if is_object(elf, r))
    elf.put(record + 16 + 8, 'i', struct.unpack_from('<i', elf.data, record + 24)[0] - 8)


def frameaddress(elf):
    """mov %rsi, %rbx or the like becomes mov %rsp, …: the prologue's `mov %rsp, %rbp` is left alone."""
    for at, size, _ in elf.functions():
        for i in range(at, at + size - 3):
            if elf.data[i:i + 3] in (b'\x48\x89\xf3', b'\x48\x89\xfb', b'\x48\x89\xc3', b'\x48\x89\xc7', b'\x48\x89\xc6'):
                elf.data[i + 2] = elf.data[i + 2] & 0xc7 | 4 << 3
                return
    sys.exit(2)


def frameaddresskept(elf):
    """Words passed on the stack through a copy of rsp: the first, movq $N, D(%reg), is made mov %reg, D(%reg) and a nop."""
    for at, size, _ in elf.functions():
        for i in range(at, at + size - 11):
            reg = elf.data[i + 2] & 7
            if elf.data[i:i + 6] == bytes((0x48, 0x89, 0xe0 | reg, 0x48, 0xc7, 0x40 | reg)) and reg != 5:
                elf.data[i + 4:i + 6] = bytes((0x89, 0x40 | reg << 3 | reg))
                elf.data[i + 7:i + 11] = b'\x0f\x1f\x40\x00'
                return
    sys.exit(2)


def frameresult(elf):
    """mov %rbx, %rax or the like becomes mov %rsp, %rax, which is no base of arguments: it is returned or copied."""
    for at, size, _ in elf.functions():
        for i in range(at, at + size - 3):
            if elf.data[i:i + 3] in (b'\x48\x89\xd8', b'\x48\x89\xc8', b'\x48\x89\xd0', b'\x48\x89\xf0'):
                elf.data[i + 2] = 0xe0
                return
    sys.exit(2)


def framepassed(elf):
    """Where a call passes nothing in the register of a copy of rsp, its record no longer tells."""
    told = [r for r in records(elf) if elf.u32(r + 4)]
    first(told)
    for record in told:
        elf.put(record + 4, 'I', 0)


def framekept(elf):
    """A copy of rsp in a register that calls preserve is read behind the call: movq D(%rbp), %reg becomes movq %r12, %reg."""
    for at, size, _ in elf.functions():
        copy = first_of(elf.data, range(at, at + size - 3), lambda d, i: d[i:i + 2] == b'\x49\x89' and d[i + 2] & 0xfc == 0xe4)
        behind = copy and first_of(elf.data, range(copy, at + size - 6), lambda d, i: d[i] == 0xff and d[i + 1] & 0xf8 == 0xd0
                                   and d[i + 2:i + 4] == b'\x48\x8b' and d[i + 4] & 0xc7 == 0x45)
        if behind:
            register, target = elf.data[copy + 2] & 7, elf.data[behind + 4] >> 3 & 7
            elf.data[behind + 2:behind + 6] = bytes((0x4c, 0x89, 0xc0 | register << 3 | target, 0x90))
            return
    sys.exit(2)


def norow(elf):
    at, _ = elf.span('toyfuncs')
    elf.put(at, 'Q', 0)


def overlap(elf):
    """The row of one function points into another."""
    at, end = elf.span('toyfuncs')
    elf.put(at, 'Q', elf.u64(at + 48) + 4)


def unsafeoverlap(elf):
    at, end = elf.span('toyunsafe')
    first(range(at, end - 24, 24))
    elf.put(at + 24, 'Q', elf.u64(at) + 1)


def unsafeoutside(elf):
    at, end = elf.span('toyunsafe')
    first(range(at, end, 24))
    elf.put(at + 8, 'Q', elf.u64(at) + (1 << 24))


def fault(elf):
    """The access of the first fault lies one byte on."""
    at, _ = elf.span('_llvm_faultmaps')
    while not elf.u32(at + 8 + 8):
        sys.exit(2)
    elf.put(at + 8 + 16 + 4, 'I', elf.u32(at + 8 + 16 + 4) + 1)


def faultversion(elf):
    elf.data[elf.span('_llvm_faultmaps')[0]] = 2


def badcall(elf):
    """A call of the runtime goes to its C body instead."""
    for at, size, value in elf.functions():
        for i in range(at, at + size - 5):
            if elf.data[i] != 0xe8:
                continue
            target = value + (i - at) + 5 + struct.unpack_from('<i', elf.data, i + 1)[0]
            for _, _, stub in elf.functions('toy_'):
                if stub == target:
                    _, _, other = first(elf.functions('rt_'))
                    elf.put(i + 1, 'i', other - (value + (i - at) + 5))
                    return
    sys.exit(2)


def thread(elf):
    """A load of the goroutine from its thread, movq %fs:toy_g, %reg, takes the word beside it."""
    begin, end = elf.span('toytext')
    for at in range(begin, end - 9):
        if elf.data[at:at + 3] == b'\x64\x48\x8b' and elf.data[at + 3] & 0xc7 == 4 and elf.data[at + 4] == 0x25:
            elf.put(at + 5, 'i', struct.unpack_from('<i', elf.data, at + 5)[0] - 8)
            return
    sys.exit(2)


def truncated(elf):
    del elf.data[elf.span('toytext')[0]:]


def main():
    kind, source, copy = sys.argv[1:]
    elf = Elf(source)
    globals()[kind](elf)
    shutil.copy(source, copy)
    open(copy, 'wb').write(elf.data)


if __name__ == "__main__":
    main()
