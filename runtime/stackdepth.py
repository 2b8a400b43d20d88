#!/usr/bin/env python3
"""stackdepth.py ABI_FOLDER PROGRAM [--preempt HEADER] [--only NAME…]: proves that what runs on goroutine stacks without
a guard check of its own fits below the guard. PROGRAM is a static link of the whole runtime; it is disassembled by objdump.

Roots, each entered by compiled code whose SP may be TOY_STACK_GUARD - TOY_STACK_SMALL above the stack's low end:
  - every row of runtime.def: LEAF functions of C, and the stubs until they have left for g0;
  - __morestack, with the return addresses of the function it was called for and of the prologue's slow path;
  - what the code generator calls by itself (LIBCALLS), in every variant that the C library may choose at start;
  - asyncPreempt, to which the signal handler leaves ASYNC_PREEMPT_STACK bytes.

How: instructions are followed along every path, jumps out of a function included, with the SP's distance from where it
was at entry. A jump through a register, which the C library has in its variants only, may go to any instruction of its function. A call adds its return address and the depth of what it calls. SP loaded from memory is the switch to g0, where
nothing counts; the next such load is the way back, to what was stored last. The budget is counted from the caller's SP,
so the return address belongs to the depth.

Nothing is guessed: an unknown way to write SP, an indirect jump or call, recursion, code that is not there, a return at
another depth than the entry's, more than a few depths at one instruction: each is an error that names the root, the chain and
the instruction, and the build fails.
"""
import argparse
import re
import subprocess
import sys

RETURN_ADDRESS = 8
LIBCALLS = ['memcpy', 'memmove', 'memset', 'memcmp', 'bcmp']  # as `callees` of compiler/verify_code.c
ALIGN_WASTE = 15
MAX_STATES = 16  # different depths at one instruction
CALLER_SAVED = ['rax', 'rcx', 'rdx', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11']
NO_WRITE = re.compile(r'(cmp|test|ucomis|bt|prefetch|nop|cmpxchg)')
ENDS = ('ud2', 'hlt')
# Jumped to where the stubs have found that the stack is the system's already: the goroutine's is not in use.
ON_SYSTEM_STACK = ['toy_badsystemstack', 'toy_badmorestackg0', 'toy_badmorestackgsignal']
# Registers that an instruction writes without naming them last.
IMPLICIT = [(re.compile(r'(i?mul|i?div)[bwlq]?$'), ['rax', 'rdx']), (re.compile(r'(cqto|cqo|cltd|cpuid|rdtscp?|xgetbv)$'), CALLER_SAVED),
            (re.compile(r'syscall$'), ['rax', 'rcx', 'r11']), (re.compile(r'(movs|stos|lods|scas|cmps)[bwlq]?$'), ['rsi', 'rdi', 'rcx']),
            (re.compile(r'cmpxchg'), ['rax', 'rdx']), (re.compile(r'xchg|xadd'), CALLER_SAVED + ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'])]
PARTS = {'al': 'rax', 'ah': 'rax', 'bl': 'rbx', 'bh': 'rbx', 'cl': 'rcx', 'ch': 'rcx', 'dl': 'rdx', 'dh': 'rdx', 'sil': 'rsi',
         'dil': 'rdi', 'bpl': 'rbp'}


class Unprovable(Exception):
    pass


class Program:
    """Instructions by address: (mnemonic, operands, next address); symbols; ifunc resolvers."""

    def __init__(self, path):
        self.code, self.symbols, self.resolvers, self.names = {}, {}, set(), {}
        for line in self.tool('nm', path):
            address, kind, name = line.split(None, 2)
            if kind in 'tTwWiV':
                self.symbols.setdefault(name, int(address, 16))
                self.names.setdefault(int(address, 16), name)
            if kind == 'i':
                self.resolvers.add(int(address, 16))
        self.slots = {}      # filled at start with what the resolver returns
        for line in self.tool('readelf', '-rW', path):
            match = re.match(r'([0-9a-f]+)\s+[0-9a-f]+ R_X86_64_IRELATIVE?\w*\s+([0-9a-f]+)', line)
            if match:
                self.slots[int(match.group(1), 16)] = int(match.group(2), 16)
        self.chosen = set()  # variants: code of the C library's own
        previous = None
        for line in self.tool('objdump', '-d', '-w', '--no-show-raw-insn', path):
            match = re.match(r'\s+([0-9a-f]+):\t(.*)$', line)
            if not match:
                continue
            address = int(match.group(1), 16)
            if previous is not None:
                self.code[previous][2] = address
            text = re.sub(r'^((notrack|bnd|lock|rep[a-z]*|data16|addr32|cs|ds|es|ss|fs|gs|rex\S*)\s+)+', '', match.group(2).strip())
            mnemonic, _, operands = text.partition(' ')
            self.code[address] = [mnemonic, operands.strip(), None]
            previous = address

    @staticmethod
    def tool(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f'stackdepth: error: {" ".join(command)}: {done.stderr}')
        return [line for line in done.stdout.split('\n') if line and not line.startswith(' ' * 17)]

    def name(self, address):
        return self.names.get(address, f'{address:#x}')

    def variants(self, resolver):
        """The functions whose addresses a resolver takes: one of them is what the name means at run time."""
        found, at = [], resolver
        while at in self.code and (at == resolver or at not in self.names):
            mnemonic, operands, following = self.code[at]
            if not mnemonic.startswith(('call', 'j')):
                for text in re.findall(r'(?:# |\$0x)([0-9a-f]{5,})\b', operands):
                    if int(text, 16) in self.names and int(text, 16) in self.code:
                        found.append(int(text, 16))
            at = following
        if not found:
            raise Unprovable(f'no variants in the resolver of {self.name(resolver)}')
        self.chosen.update(found)
        return sorted(set(found))

    def function(self, at):
        """All instructions of the function that has the one at `at`."""
        while at not in self.names:
            at -= 1
        body, entry = [], at
        while at in self.code and (at == entry or at not in self.names):
            body.append(at)
            at = self.code[at][2]
        return entry, body

    def targets(self, operands, where):
        """Where a call or jump goes; through a PLT entry's slot, to every variant."""
        if operands.startswith('*%'):
            entry, body = self.function(where)
            if entry in self.chosen:
                return body
        match = re.match(r'\*.*\(%rip\)\s*# ([0-9a-f]+)', operands)
        if match and int(match.group(1), 16) in self.slots:
            return self.variants(self.slots[int(match.group(1), 16)])
        match = re.match(r'([0-9a-f]+)\b', operands)
        if not match:
            raise Unprovable(f'an indirect call or jump at {where:#x}: {operands}')
        return [int(match.group(1), 16)]


def signed(text):
    value = int(text or '0', 0)
    return value - (1 << 64) if value >= 1 << 63 else value


class Depths:
    def __init__(self, program):
        self.program, self.known = program, {}

    def of(self, entry, chain=()):
        """(bytes below the SP at entry, the chain that takes them)."""
        if entry in chain:
            raise Unprovable('recursion: ' + ' → '.join(self.program.name(a) for a in (*chain, entry)))
        if entry not in self.known:
            self.known[entry] = self.walk(entry, (*chain, entry))
        return self.known[entry]

    def walk(self, entry, chain):
        # A state: SP, or None on g0; registers that hold a place of this stack; what the context was stored as.
        self_name, deepest = self.program.name(entry), (0, [])
        work, seen = [(entry, 0, (), None)], {}
        while work:
            at, sp, regs, saved = work.pop()
            states = seen.setdefault(at, set())
            if (sp, regs, saved) in states:
                continue
            states.add((sp, regs, saved))
            if len(states) > MAX_STATES:
                raise Unprovable(f'{self_name}: SP is not bounded at {at:#x}')
            if at not in self.program.code:
                raise Unprovable(f'{self_name}: no code at {at:#x}')
            try:
                successors, need, callees = self.step(at, sp, dict(regs), saved, chain)
            except Unprovable as why:
                raise Unprovable(f'{self_name}: {why}') if self_name not in str(why) else why
            deepest = max(deepest, (need, callees), key=lambda d: d[0])
            work += successors
        return deepest[0], [f'{self_name} ({deepest[0]})'] + deepest[1][:1]

    def call(self, operands, at, sp, chain):
        best = (0, [])
        for target in self.program.targets(operands, at):
            deep, path = self.of(target, chain)
            best = max(best, (RETURN_ADDRESS + deep - sp, path), key=lambda d: d[0])
        return best

    def step(self, at, sp, regs, saved, chain):
        mnemonic, operands, following = self.program.code[at]
        freeze = lambda: tuple(sorted(regs.items()))
        where = f'{at:#x}: {mnemonic} {operands}'
        if mnemonic in ENDS:
            return [], -(sp or 0), []
        if mnemonic.startswith('ret'):
            if sp != 0:
                raise Unprovable(f'returns at another depth than it was entered: {where}')
            return [], 0, []
        if mnemonic.startswith('j'):
            targets = [(t, sp, freeze(), saved) for t in self.program.targets(operands, at)
                       if self.program.name(t) not in ON_SYSTEM_STACK]
            if mnemonic not in ('jmp', 'jmpq'):
                targets.append((following, sp, freeze(), saved))
            return targets, -(sp or 0), []
        if mnemonic.startswith('call'):
            need, path = (0, []) if sp is None else self.call(operands, at, sp, chain)
            for reg in CALLER_SAVED:
                regs.pop(reg, None)
            return [(following, sp, freeze(), saved)], need, path
        sp, saved = self.effect(mnemonic, operands, sp, regs, saved, where)
        return [(following, sp, freeze(), saved)], -(sp or 0), []

    def effect(self, mnemonic, operands, sp, regs, saved, where):
        """What an ordinary instruction does to SP and to the registers that are followed."""
        for pattern, written in IMPLICIT:
            if pattern.match(mnemonic):
                for reg in written:
                    regs.pop(reg, None)
        parts = re.split(r',(?![^(]*\))', operands.split(' #')[0].split(' <')[0].strip()) if operands else []
        last = parts[-1].strip() if parts else ''
        place = lambda reg: sp if reg == 'rsp' else regs.get(reg)
        if mnemonic.startswith('push'):
            return (sp if sp is None else sp - 8), saved
        if mnemonic.startswith('pop') and not mnemonic.startswith('popcnt'):
            if last == '%rsp':
                raise Unprovable(where)
            regs.pop(last[1:], None)
            return (sp if sp is None else sp + 8), saved
        if mnemonic.startswith('leave'):
            if 'rbp' not in regs:
                raise Unprovable(where)
            sp = regs.pop('rbp') + 8
            return sp, saved
        if mnemonic.startswith(('enter', 'xchg', 'xadd')) and ('%rsp' in operands or mnemonic == 'enter'):
            raise Unprovable(where)
        if re.fullmatch(r'%(rsp|esp|spl?)', last) and not NO_WRITE.match(mnemonic):
            return self.write_sp(mnemonic, parts, sp, regs, saved, where)
        stored = re.fullmatch(r'%(r\w+)', parts[0].strip()) if len(parts) == 2 else None
        if mnemonic in ('mov', 'movq') and stored and '(' in last and place(stored.group(1)) is not None and sp is not None:
            return sp, place(stored.group(1))
        written = re.fullmatch(r'%(r\w+)', last)
        if written and not NO_WRITE.match(mnemonic):
            value = self.address(mnemonic, parts, place)
            regs.pop(written.group(1), None)
            if value is not None:
                regs[written.group(1)] = value
        elif re.fullmatch(r'%e?(ax|bx|cx|dx|si|di|bp)', last) and not NO_WRITE.match(mnemonic):
            regs.pop('r' + last.lstrip('%').lstrip('e'), None)
        elif last[1:] in PARTS:
            regs.pop(PARTS[last[1:]], None)
        elif re.fullmatch(r'%r\d+[dwb]', last):
            regs.pop(last[1:-1], None)
        return sp, saved

    @staticmethod
    def address(mnemonic, parts, place):
        """The place in this stack that a register is set to, if it is one."""
        source = parts[0].strip() if len(parts) == 2 else ''
        if mnemonic in ('mov', 'movq') and re.fullmatch(r'%r\w+', source):
            return place(source[1:])
        match = re.fullmatch(r'(-?0x[0-9a-f]+|-?\d+)?\(%(r\w+)\)', source)
        if mnemonic in ('lea', 'leaq') and match and place(match.group(2)) is not None:
            return place(match.group(2)) + signed(match.group(1))
        return None

    def write_sp(self, mnemonic, parts, sp, regs, saved, where):
        source = parts[0].strip()
        place = lambda reg: sp if reg == 'rsp' else regs.get(reg)
        number = re.fullmatch(r'\$(-?0x[0-9a-f]+|-?\d+)', source)
        if mnemonic in ('mov', 'movq') and '(' in source and len(parts) == 2:
            if sp is not None:
                return None, saved  # to g0
            if saved is None:
                raise Unprovable(f'back from g0 to an unknown place: {where}')
            return saved, saved
        if sp is None:
            return None, saved  # on g0
        if mnemonic in ('sub', 'subq') and number:
            return sp - signed(number.group(1)), saved
        if mnemonic in ('add', 'addq') and number:
            return sp + signed(number.group(1)), saved
        if mnemonic in ('and', 'andq') and number and signed(number.group(1)) == -16:
            return sp - ALIGN_WASTE, saved
        value = self.address(mnemonic, parts, place)
        if value is None:
            raise Unprovable(f'an unknown way to set SP: {where}')
        return value, saved


def rows(path):
    """(symbol, kind) of runtime.def."""
    text = re.sub(r'/\*.*?\*/', '', open(path).read(), flags=re.S)
    for match in re.finditer(r'^TOYRT\(\s*(\w+)\s*,\s*(\w+)|^TOYPKG\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)', text, re.M):
        name, kind, package, function, kind2 = match.groups()
        yield ('toy_' + name, kind) if name else (f'{package}.{function}', kind2)


def defined(path, names):
    found = dict(re.findall(r'^#define (\w+) (\d+)', open(path).read(), re.M))
    missing = [n for n in names if n not in found]
    if missing:
        sys.exit(f'stackdepth: error: {path}: no {missing[0]}')
    return [int(found[n]) for n in names]


def roots(arguments):
    """(symbol, bytes that lie on the stack already when it is entered, budget)."""
    guard, small = defined(arguments.abi + '/limits.h', ['TOY_STACK_GUARD', 'TOY_STACK_SMALL'])
    for symbol, _ in rows(arguments.abi + '/runtime.def'):
        yield symbol, RETURN_ADDRESS, guard - small
    yield '__morestack', 2 * RETURN_ADDRESS, guard - small
    for symbol in LIBCALLS:
        yield symbol, RETURN_ADDRESS, guard - small
    if arguments.preempt:
        yield 'asyncPreempt', RETURN_ADDRESS, defined(arguments.preempt, ['ASYNC_PREEMPT_STACK'])[0]


def measure(program, depths, symbol):
    if symbol not in program.symbols:
        raise Unprovable('not in the program')
    entry = program.symbols[symbol]
    entries = program.variants(entry) if entry in program.resolvers else [entry]
    return max((depths.of(e) for e in entries), key=lambda d: d[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('abi')
    parser.add_argument('program')
    parser.add_argument('--preempt', metavar='HEADER', help='where ASYNC_PREEMPT_STACK is defined')
    parser.add_argument('--only', nargs='+', metavar='NAME', help='these roots, whether or not they are known')
    arguments = parser.parse_args()
    program = Program(arguments.program)
    depths, bad = Depths(program), False
    todo = list(roots(arguments))
    if arguments.only:
        known = {symbol: (symbol, before, budget) for symbol, before, budget in todo}
        todo = [known.get(name, (name, RETURN_ADDRESS, todo[0][2])) for name in arguments.only]
    for symbol, before, budget in todo:
        try:
            deep, path = measure(program, depths, symbol)
            if before + deep > budget:
                raise Unprovable(f'{before + deep} bytes, {budget} fit: ' + ' → '.join(path))
            print(f'{symbol}: {before + deep} of {budget} bytes: ' + ' → '.join(path))
        except Unprovable as why:
            print(f'stackdepth: error: {symbol}: {why}', file=sys.stderr)
            bad = True
    return 1 if bad or not todo else 0


if __name__ == '__main__':
    sys.exit(main())
