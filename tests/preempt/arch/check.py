"""check.py TARGET SCRATCH: runs a target's asyncPreempt under an emulator and compares all registers.

The lists of registers here come from the ABI and ISA manuals, not from the generator's tables: a register that is missing
there is found here. A freestanding program is made of the generated routine and of
  - for several alignments of SP and two sets of patterns: load everything, call asyncPreempt as the signal handler makes
    it look, store everything;
  - a toy_asyncPreempt2 that notes SP and writes where its ABI lets it, then loads other patterns into everything but SP, the
    frame pointer and what belongs to thread and program (more than a C function may destroy);
  - a write of all memory concerned, which is compared here; so is what call frame information and the chain of frames say.
It is assembled by llvm-mc and linked by ld.lld, so no cross-compiler is needed.

Words: the interrupted SP is the address of a block: what is to be in the registers, then what was found. An ISA is a list of
groups; a group moves its registers between them and memory at BASE+OFFSET. Groups are loaded in order and stored in reverse;
the general registers come last, so the others may use them as scratch.
"""
import hashlib
import os
import re
import struct
import subprocess
import sys

LLVM = '/usr/lib/llvm-19/bin/'
NOTED = 48  # toy_asyncPreempt2 has so much of a frame when it notes SP


class Group:
    """Registers of one kind. load and store are templates with r, b (base) and o (offset). values: per set of patterns what is
    loaded and what destroys it, by default random bits and other random bits; only the bits of mask are compared."""

    def __init__(self, names, size, load, store, values=None, mask=None, general=False):
        self.names, self.size, self.load, self.store = names, size, load, store
        self.values, self.mask, self.general = values, mask, general


class Isa:
    entry = 0           # SP at a C function's first instruction, modulo call_align
    aligns = (0,)       # SP modulo 16 where the ABI lets code be interrupted
    call_align = 16     # what a C function finds
    slot = 16           # what the pushed call takes
    lr_at = 0           # where in it the old link register is
    red_zone = 0        # bytes below SP that stay the code's
    chain = False       # the old SP is at the new one
    scribble = ()       # offsets from SP that toy_asyncPreempt2 may write to
    little = True
    word = 8
    qemu_args = ()
    mc = ()
    head = ''
    cfa = None          # the register that call frame information counts from at the call, as LLVM's dump names it
    more = ''           # further routines
    native = cpp = None # features of the processor, where only that can run it; whether the preprocessor is needed
    pushes = False      # the call instruction pushes; no link register
    cfa_bias = 0        # the frame's address in call frame information, from the interrupted SP
    record = None       # offset from the frame pointer to the old one, where frames are chained by it
    back_chain = False  # or the chain begins at SP
    toc = note_more = ''  # what r2 must be, in the second of two words; notes what it is (x86: the flags)
    delay = ''          # behind a jump
    lr = frame = None   # the link register, the frame pointer
    keep_lr = None, None  # how the link register is stored and loaded, if not as others
    sp_from = None      # sets SP from the scratch register, where an address cannot be loaded into it

    def general(self):
        return [g for g in self.groups if g.general][0]


def numbered(prefix, *ranges):
    return [f'{prefix}{n}' for first, last in ranges for n in range(first, last + 1)]


def bank(prefix, first, last, size, load, store, **more):
    return Group(numbered(prefix, (first, last)), size, load, store, **more)


def control(name, size, load, store, mask, *values):
    return Group([name], size, load, store, values=values, mask=mask)


# ---- x86

class X86(Isa):
    pushes = True
    record = 0
    ret = 'ret'

    def __init__(self):
        w, s = self.word, 'q' if self.word == 8 else 'l'
        self.slot = w
        self.store_word = f'mov{s} {{r}}, {{o}}({{b}})'
        self.load_word = f'mov{s} {{o}}({{b}}), {{r}}'
        self.address = f'mov{s} ${{a}}, {{r}}'
        self.add_sp = f'lea{s} {{n}}({self.sp}), {self.sp}'
        self.call = f'call{s} {{t}}'
        self.store_sp = f'mov{s} {self.sp}, {{o}}({self.sp})'
        self.note_sp = f'lea{s} {NOTED}({self.sp}), {self.scratch}\nmov{s} {self.scratch}, {{o}}({self.base})'
        self.note_more = f'pushf{s}\npop{s} {{o}}({self.base})'
        # CF PF AF ZF SF DF OF; the direction flag is never set when a C function returns. pop computes an address that is counted
        # from SP after it has popped, so the flags' offset is as any other's
        flags = control('flags', w, f'push{s} {{o}}({{b}})\npopf{s}', f'pushf{s}\npop{s} {{o}}({{b}})', 0xcd5,
                        (0xad7, 0x202), (0x602, 0xad7))
        self.groups = [*self.fp, flags, Group(self.integers, w, self.load_word, self.store_word, general=True)]


MXCSR = control('mxcsr', 4, 'ldmxcsr {o}({b})', 'stmxcsr {o}({b})', 0xffff, (0xffbf, 0x3fc0), (0x1f80, 0x7f9f))


class I386(X86):
    word, sp, frame, base, scratch, call_align, entry, aligns = 4, '%esp', '%ebp', '%eax', '%ecx', 16, 12, (0, 4, 8, 12)
    triple, qemu, cfa = 'i686-linux-gnu', 'qemu-i386', 'EBP'
    qemu_args = ('-cpu', 'max')
    integers = ['%eax', '%ecx', '%edx', '%ebx', '%esi', '%edi', '%ebp']
    # eight loads fill the x87's stack: numbers, so that none is changed on the way
    fp = [bank('%xmm', 0, 7, 16, 'movups {o}({b}), {r}', 'movups {r}, {o}({b})'), MXCSR,
          control('x87 control', 4, 'fninit\nfldcw {o}({b})', 'fnstcw {o}({b})', 0xf3f, (0xf7f, 0x27f), (0x37f, 0xb7f)),
          Group(numbered('st', (0, 7)), 12, 'fldt {o}({b})', 'fstpt {o}({b})', values='x87', mask=(1 << 80) - 1)]
    exit = 'movl $4, %eax\nmovl $1, %ebx\nmovl $area, %ecx\nmovl $area_end-area, %edx\nint $0x80\n' \
           'movl $1, %eax\nxorl %ebx, %ebx\nint $0x80'


class I386Soft(I386):
    fp = []


class Amd64(X86):
    sp, frame, base, scratch, call_align, aligns = '%rsp', '%rbp', '%rax', '%rcx', 8, (0, 8)
    triple, qemu, cfa = 'x86_64-linux-gnu', 'qemu-x86_64', 'RBP'
    qemu_args = ('-cpu', 'max')
    cpp = True
    integers = ['%rax', '%rcx', '%rdx', '%rbx', '%rsi', '%rdi', '%rbp', *numbered('%r', (8, 15))]
    control = [MXCSR, control('x87 control', 4, 'fldcw {o}({b})', 'fnstcw {o}({b})', 0xf3f, (0xf7f, 0x27f), (0x37f, 0xb7f))]
    fp = control + [bank('%xmm', 0, 15, 16, 'movups {o}({b}), {r}', 'movups {r}, {o}({b})')]
    exit = 'movl $1, %eax\nmovl $1, %edi\nmovq $area, %rsi\nmovl $area_end-area, %edx\nsyscall\n' \
           'movl $60, %eax\nxorl %edi, %edi\nsyscall'


# The runtime's part: a buffer of the goroutine's. What the routine may not rely on is destroyed; what it gives back is looked at.
BUFFER = '''
  .globl toy_asyncPreemptBuffer, toy_asyncPreemptRelease
toy_asyncPreemptBuffer:
  movq $buffer, %rax
  cmpq $buffer, taken
  je wrong
  movq %rax, taken
  movq $-1, %rcx
  movq %rcx, %rdx
  ret
toy_asyncPreemptRelease:
  cmpq %rax, taken
  jne wrong
  movq $0, taken
  movq $-1, %rax
  movq %rax, %rcx
  movq %rax, %rdx
  ret
wrong:
  ud2
  .data
taken: .quad 0
  .bss
  .balign 64
buffer: .space 2112
  .text
'''


class Amd64Avx2(Amd64):
    more = BUFFER
    fp = Amd64.control + [bank('%ymm', 0, 15, 32, 'vmovups {o}({b}), {r}', 'vmovups {r}, {o}({b})')]


class Amd64Avx512(Amd64):
    native = ('avx512f', 'avx512bw')  # no emulator here knows it
    more = BUFFER
    fp = Amd64.control + [bank('%zmm', 0, 31, 64, 'vmovups {o}({b}), {r}', 'vmovups {r}, {o}({b})'),
                          bank('%k', 0, 7, 8, 'kmovq {o}({b}), {r}', 'kmovq {r}, {o}({b})')]


# ---- machines with a link register

class Arm(Isa):
    cfa, scratch, store_sp = 'R11', 'r1', 'str sp, [sp, #{o}]'
    note_sp = f'add r1, sp, #{NOTED}\nstr r1, [r0, #{{o}}]'
    record = 0
    word, sp, lr, frame, base, slot, call_align, aligns = 4, 'sp', 'lr', 'r11', 'r0', 8, 8, (0, 4)
    triple, qemu = 'armv7-linux-gnueabihf', 'qemu-arm'
    head = '.syntax unified\n.arm\n.fpu neon'
    load_word, store_word = 'ldr {r}, [{b}, #{o}]', 'str {r}, [{b}, #{o}]'
    address, add_sp, call, ret = 'ldr {r}, ={a}', 'add sp, sp, #{n}', 'bl {t}', 'bx lr'
    # N Z C V Q and GE; of FPSCR also QC DN FZ, the rounding mode and the sticky exceptions
    flags = control('cpsr', 4, 'ldr r1, [{b}, #{o}]\nmsr APSR_nzcvqg, r1', 'mrs r1, cpsr\nstr r1, [{b}, #{o}]', 0xf80f0000,
                    (0xf80a0000, 0x00050000), (0x50050000, 0xa80a0000))
    integers = Group(numbered('r', (0, 12)) + ['lr'], 4, load_word, store_word, general=True)
    groups = [bank('d', 0, 31, 8, 'vldr {r}, [{b}, #{o}]', 'vstr {r}, [{b}, #{o}]'),
              control('fpscr', 4, 'ldr r1, [{b}, #{o}]\nvmsr fpscr, r1', 'vmrs r1, fpscr\nstr r1, [{b}, #{o}]', 0xfbc0009f,
                      (0xa3c0009f, 0x58400001), (0x58400012, 0xa380008d)),
              flags, integers]
    exit = 'mov r7, #4\nmov r0, #1\nldr r1, =area\nldr r2, =area_end-area\nsvc #0\nmov r7, #1\nmov r0, #0\nsvc #0'


class ArmSoft(Arm):
    triple = 'armv7-linux-gnueabi'
    head = '.syntax unified\n.arm'
    groups = [Arm.flags, Arm.integers]


class Arm64(Isa):
    cfa, scratch, sp_from, store_sp = 'W29', 'x1', 'mov sp, x1', 'mov x1, sp\nstr x1, [sp, #{o}]'
    note_sp = f'add x1, sp, #{NOTED}\nstr x1, [x0, #{{o}}]'
    record = 0
    sp, lr, frame, base = 'sp', 'x30', 'x29', 'x0'
    triple, qemu = 'aarch64-linux-gnu', 'qemu-aarch64'
    load_word, store_word = 'ldr {r}, [{b}, #{o}]', 'str {r}, [{b}, #{o}]'
    address, add_sp, call, ret = 'ldr {r}, ={a}', 'add sp, sp, #{n}', 'bl {t}', 'ret'

    def system(name, mask, *values):
        return control(name, 8, 'ldr x1, [{b}, #{o}]\nmsr ' + name + ', x1', 'mrs x1, ' + name + '\nstr x1, [{b}, #{o}]',
                       mask, *values)
    # AHP DN FZ and the rounding mode; QC and the sticky exceptions. x18 is given up (documented)
    groups = [bank('q', 0, 31, 16, 'ldr {r}, [{b}, #{o}]', 'str {r}, [{b}, #{o}]'),
              system('fpcr', 0x07c00000, (0x06c00000, 0x01400000), (0x01400000, 0x02800000)),
              system('fpsr', 0x0800009f, (0x0800001f, 0x00000080), (0x00000091, 0x0800000e)),
              system('nzcv', 0xf0000000, (0xf0000000, 0), (0x50000000, 0xa0000000)),
              Group(numbered('x', (0, 17), (19, 30)), 8, load_word, store_word, general=True)]
    exit = 'mov x8, #64\nmov x0, #1\nldr x1, =area\nldr x2, =area_end-area\nsvc #0\nmov x8, #93\nmov x0, #0\nsvc #0'


class Loong64(Isa):
    cfa, scratch, store_sp = 'R22', '$r5', 'st.d $r3, $r3, {o}'
    note_sp = f'addi.d $r5, $r3, {NOTED}\nst.d $r5, $r4, {{o}}'
    record = -16
    sp, lr, frame, base = '$r3', '$r1', '$r22', '$r4'
    triple, qemu, mc = 'loongarch64-linux-gnu', 'qemu-loongarch64', ('-mattr=+d',)
    load_word, store_word = 'ld.d {r}, {b}, {o}', 'st.d {r}, {b}, {o}'
    address, add_sp = 'la.abs {r}, {a}', 'addi.d $r3, $r3, {n}'
    call, ret = 'bl {t}', 'jirl $r0, $r1, 0'
    # FCSR0: rounding mode, flags, cause. Each condition flag is set once and cleared once, some in that order. r21 is the ABI's (documented)
    groups = [bank('$f', 0, 31, 8, 'fld.d {r}, {b}, {o}', 'fst.d {r}, {b}, {o}'),
              control('fcsr0', 8, 'ld.d $r5, {b}, {o}\nmovgr2fcsr $fcsr0, $r5', 'movfcsr2gr $r5, $fcsr0\nst.d $r5, {b}, {o}',
                      0x1f1f0300, (0x1f1f0300, 0), (0x0a050100, 0x151a0200)),
              *[control(f'$fcc{n}', 8, f'ld.d $r5, {{b}}, {{o}}\nmovgr2cf $fcc{n}, $r5',
                        f'movcf2gr $r5, $fcc{n}\nst.d $r5, {{b}}, {{o}}', 1, *[(1, 0), (0, 1)][::-1 if n in (1, 2, 4, 7) else 1])
                for n in range(8)],
              Group(numbered('$r', (4, 20), (22, 31)) + ['$r1'], 8, load_word, store_word, general=True)]
    exit = 'li.w $r11, 64\nli.w $r4, 1\nla.abs $r5, area\nla.abs $r6, area_end\nsub.d $r6, $r6, $r5\nsyscall 0\n' \
           'li.w $r11, 93\nli.w $r4, 0\nsyscall 0'


class Mips(Isa):
    cfa, scratch = 'SP_64', '$3'
    little = False
    sp, lr, frame, base, delay = '$29', '$31', None, '$2', 'nop'
    ret = 'jr $31'
    call = 'jal {t}'
    float_word = True

    def __init__(self):
        ld, st = ('ld', 'sd') if self.word == 8 else ('lw', 'sw')
        fld, fst = ('ldc1', 'sdc1') if self.word == 8 else ('lwc1', 'swc1')
        w = self.word
        self.load_word, self.store_word = ld + ' {r}, {o}({b})', st + ' {r}, {o}({b})'
        self.add_sp = ('daddiu' if w == 8 else 'addiu') + ' $29, $29, {n}'
        self.address = 'lui {r}, %hi({a})\n' + ('daddiu' if w == 8 else 'addiu') + ' {r}, {r}, %lo({a})'
        fp = [bank('$f', 0, 31, w, fld + ' {r}, {o}({b})', fst + ' {r}, {o}({b})'),
              # condition codes, flush, flags, rounding mode
              control('fcsr', w, ld + ' $3, {o}({b})\nctc1 $3, $31', 'cfc1 $3, $31\n' + st + ' $3, {o}({b})', 0xff80007f,
                      (0xff80007f, 0), (0xab00002a, 0x54800055))]
        self.groups = (fp if self.float_word else []) + [
            Group([name], w, f'{ld} $3, {{o}}({{b}})\nmt{name} $3', f'mf{name} $3\n{st} $3, {{o}}({{b}})')
            for name in ('hi', 'lo')] + [
            Group(numbered('$', (1, 25), (28, 28), (30, 31)), w, self.load_word, self.store_word, general=True)]
        write, leave = (5001, 5058) if w == 8 else (4004, 4001)
        self.exit = f'li $2, {write}\nli $4, 1\n' + self.fill('$5', 'area') + '\n' + self.fill('$6', 'area_end') + \
            f'\nsubu $6, $6, $5\nsyscall\nli $2, {leave}\nli $4, 0\nsyscall'

    def fill(self, r, a):
        return self.address.format(r=r, a=a)


class Mips32(Mips):
    store_sp, note_sp = 'sw $29, {o}($29)', f'addiu $3, $29, {NOTED}\nsw $3, {{o}}($2)'
    word, slot, call_align, aligns = 4, 8, 8, (0, 8)
    scribble = (0, 4, 8, 12)
    triple, qemu, mc = 'mips-linux-gnu', 'qemu-mips', ('-mcpu=mips32r2',)
    head = '.module fp=32\n.set noreorder\n.set noat\n.option pic0'


class Mips32le(Mips32):
    triple, qemu, little = 'mipsel-linux-gnu', 'qemu-mipsel', True


class Mips64(Mips):
    store_sp, note_sp = 'sd $29, {o}($29)', f'daddiu $3, $29, {NOTED}\nsd $3, {{o}}($2)'
    triple, qemu, mc = 'mips64-linux-gnuabi64', 'qemu-mips64', ('-mcpu=mips64r2',)
    qemu_args = ('-cpu', 'MIPS64R2-generic')
    head = '.set noreorder\n.set noat\n.option pic0'


class Mips64le(Mips64):
    triple, qemu, little = 'mips64el-linux-gnuabi64', 'qemu-mips64el', True


def soft_mips(base):
    class Soft(base):
        float_word = False
        head = base.head.replace('.module fp=32', '.module softfloat')
        mc = base.mc + ('-mattr=+soft-float',)
    return Soft


class Ppc64(Isa):
    cfa, scratch, store_sp, note_sp = 'X1', '5', 'std 1, {o}(1)', f'addi 5, 1, {NOTED}\nstd 5, {{o}}(4)'
    back_chain, toc, note_more = True, '.space 8\n.quad .TOC.@tocbase', 'std 2, {o}(4)'
    little = False
    sp, lr, frame, base, slot, lr_at, red_zone, chain = '1', 'lr', None, '4', 320, 24, 288, True
    scribble = (8, 16)
    triple, qemu, mc = 'powerpc64-linux-musl', 'qemu-ppc64', ('-mcpu=pwr8',)
    head = '.abiversion 2'
    keep_lr = 'mflr 5\nstd 5, {o}({b})', 'ld 5, {o}({b})\nmtlr 5'
    load_word, store_word = 'ld {r}, {o}({b})', 'std {r}, {o}({b})'
    address, add_sp, call, ret = 'lis {r}, {a}@h\nori {r}, {r}, {a}@l', 'addi 1, 1, {n}', 'bl {t}', 'blr'

    def special(name, load, store, mask=None, *values):
        return Group([name], 8, 'ld 3, {o}({b})\n' + load, store + '\nstd 3, {o}({b})', values=values or None, mask=mask)
    # XER: SO OV CA and the byte count; FPSCR: both rounding modes, the result class, sticky exceptions; VSCR: NJ and SAT
    groups = [special('fpscr', 'mtvsrd 0, 3\nmtfsf 255, 0, 1, 0', 'mffs 0\nmfvsrd 3, 0', 0x78201f003,
                      (0x58201f003, 0), (0x280005001, 0x50000a002)),
              special('vscr', 'mtvsrwz 32, 3\nxxspltw 32, 32, 1\nmtvscr 0', 'mfvscr 0\nvspltw 0, 0, 3\nmfvsrwz 3, 32', 0x10001,
                      (0x10001, 0), (1, 0x10000)),
              bank('', 0, 63, 16, 'li 3, {o}\nlxvd2x {r}, {b}, 3', 'li 3, {o}\nstxvd2x {r}, {b}, 3'),
              special('cr', 'mtcrf 255, 3', 'mfcr 3', 0xffffffff, (0x9a5c3f01, 0x65a3c0fe), (0x65a3c0fe, 0x9a5c3f01)),
              special('xer', 'mtxer 3', 'mfxer 3', 0xe000007f, (0xe000002a, 0x55), (0x40000055, 0xa000002a)),
              special('ctr', 'mtctr 3', 'mfctr 3'),
              special('vrsave', 'mtspr 256, 3', 'mfspr 3, 256', 0xffffffff),
              special('lr', 'mtlr 3', 'mflr 3'),
              Group(numbered('', (0, 0), (2, 12), (14, 31)), 8, load_word, store_word, general=True)]
    exit = 'li 0, 4\nli 3, 1\nlis 4, area@h\nori 4, 4, area@l\nlis 5, area_end@h\nori 5, 5, area_end@l\nsubf 5, 4, 5\nsc\n' \
           'li 0, 1\nli 3, 0\nsc'


class Ppc64le(Ppc64):
    triple, qemu, little = 'powerpc64le-linux-gnu', 'qemu-ppc64le', True


class Riscv64(Isa):
    cfa, scratch, store_sp = 'X8', 'x5', 'sd x2, {o}(x2)'
    note_sp = f'addi x5, x2, {NOTED}\nsd x5, {{o}}(x10)'
    record = -16
    sp, lr, frame, base = 'x2', 'x1', 'x8', 'x10'
    triple, qemu, mc = 'riscv64-linux-gnu', 'qemu-riscv64', ('-mattr=+m,+a,+f,+d,+c',)
    load_word, store_word = 'ld {r}, {o}({b})', 'sd {r}, {o}({b})'
    address, add_sp, call, ret = 'lla {r}, {a}', 'addi x2, x2, {n}', 'call {t}', 'ret'
    # rounding mode and flags. x31 is given up (documented)
    groups = [bank('f', 0, 31, 8, 'fld {r}, {o}({b})', 'fsd {r}, {o}({b})'),
              control('fcsr', 8, 'ld x5, {o}({b})\nfscsr x5', 'frcsr x5\nsd x5, {o}({b})', 0xff, (0x7f, 0), (0x2a, 0x95)),
              Group(numbered('x', (5, 30)) + ['x1'], 8, load_word, store_word, general=True)]
    exit = 'li x17, 64\nli x10, 1\nlla x11, area\nlla x12, area_end\nsub x12, x12, x11\necall\nli x17, 93\nli x10, 0\necall'


class S390x(Isa):
    cfa, cfa_bias, scratch, store_sp = 'R15D', 160, '%r2', 'stg %r15, {o}(%r15)'
    note_sp = f'la %r2, {NOTED}(%r15)\nstg %r2, {{o}}(%r1)'
    back_chain = True
    little = False
    sp, lr, frame, base, call_align, aligns = '%r15', '%r14', None, '%r1', 8, (0, 8)
    scribble = range(16, 160, 8)
    triple, qemu, mc = 's390x-linux-gnu', 'qemu-s390x', ('-mcpu=z14',)
    qemu_args = ('-cpu', 'max')
    load_word, store_word = 'lg {r}, {o}({b})', 'stg {r}, {o}({b})'
    address, add_sp, call, ret = 'larl {r}, {a}', 'lay %r15, {n}(%r15)', 'brasl %r14, {t}', 'br %r14'
    # IEEE flags, the data exception code, both rounding modes; the condition code and the program mask
    groups = [bank('%v', 0, 31, 16, 'vl {r}, {o}({b})', 'vst {r}, {o}({b})'),
              control('fpc', 4, 'lfpc {o}({b})', 'stfpc {o}({b})', 0x00f8ff77, (0x00f85a73, 0), (0x00508021, 0x00a87f52)),
              control('condition code', 4, 'l %r2, {o}({b})\nspm %r2', 'lhi %r2, 0\nipm %r2\nst %r2, {o}({b})', 0x3f000000,
                      (0x3a000000, 0), (0x15000000, 0x2a000000)),
              Group(numbered('%r', (0, 14)), 8, load_word, store_word, general=True)]
    exit = 'lghi %r1, 4\nlghi %r2, 1\nlarl %r3, area\nlarl %r4, area_end\nsgr %r4, %r3\nsvc 0\nlghi %r2, 0\nlghi %r1, 1\nsvc 0'


TARGETS = {
    '386': I386, '386+softfloat': I386Soft, 'amd64': Amd64, 'amd64+avx2': Amd64Avx2, 'amd64+avx512': Amd64Avx512,
    'arm': Arm, 'arm+softfloat': ArmSoft, 'arm64': Arm64, 'loong64': Loong64,
    'mips': Mips32, 'mipsle': Mips32le, 'mips64': Mips64, 'mips64le': Mips64le,
    'mips+softfloat': soft_mips(Mips32), 'mipsle+softfloat': soft_mips(Mips32le),
    'mips64+softfloat': soft_mips(Mips64), 'mips64le+softfloat': soft_mips(Mips64le),
    'ppc64': Ppc64, 'ppc64le': Ppc64le, 'riscv64': Riscv64, 's390x': S390x,
}


# ---- the program

STACK = 4096


class Place:
    """Where each register of an ISA lies in a block, and the patterns."""

    def __init__(self, isa):
        self.isa, self.at, self.bytes = isa, {}, 0
        for group in isa.groups:
            for name in group.names:
                size = (group.size + isa.word - 1) // isa.word * isa.word
                self.bytes = (self.bytes + size - 1) // size * size if size & (size - 1) == 0 else self.bytes
                self.at[group, name] = self.bytes
                self.bytes += size
        self.sp_at = self.bytes
        self.bytes = (self.bytes + isa.word + 15) // 16 * 16

    def pattern(self, group, name, which, run):
        """Bytes for register `name`: which is 0 for what must survive, 1 for what destroys it."""
        order = 'little' if self.isa.little else 'big'
        if group.values == 'x87':
            bits = int.from_bytes(hashlib.sha256(f'{name}{which}{run}'.encode()).digest()[:8], 'little') | 1 << 63
            return bits.to_bytes(8, 'little') + struct.pack('<HH', 0x3ff0 + run + which, 0)
        if group.values:
            return group.values[run][which].to_bytes(group.size, order)
        return hashlib.sha512(f'{group.load}{name}{which}{run}'.encode()).digest()[:group.size]

    def image(self, which, run):
        image = bytearray(self.bytes)
        for (group, name), at in self.at.items():
            image[at:at + group.size] = self.pattern(group, name, which, run)
        return image


class Program:
    def __init__(self, isa):
        self.isa, self.place, self.lines = isa, Place(isa), []
        self.runs = [(align, run) for align in isa.aligns for run in (0, 1)]

    def emit(self, text, **values):
        self.lines += text.format(**values).split('\n')

    def address(self, reg, symbol):
        through = self.isa.scratch if reg == self.isa.sp and self.isa.sp_from else reg
        self.emit(self.isa.address, r=through, a=symbol)
        if through != reg:
            self.emit(self.isa.sp_from)

    # Registers between memory and themselves. `last` is loaded last: it is the base.
    def load(self, base, offset, skip=(), last=None):
        for group in self.isa.groups:
            for name in group.names if group.values != 'x87' else group.names[::-1]:
                if not (name in skip or group.general and name == last):
                    self.emit(group.load, r=name, b=base, o=offset + self.place.at[group, name])
        if last:
            self.emit(self.isa.load_word, r=last, b=base, o=offset + self.place.at[self.isa.general(), last])

    def store(self, base, offset):
        for group in self.isa.groups[::-1]:
            for name in group.names:
                self.emit(group.store, r=name, b=base, o=offset + self.place.at[group, name])

    def link_register(self):
        """The offset of the link register's pattern."""
        return [at for (group, name), at in self.place.at.items() if name == self.isa.lr][0]

    def jump(self, text, **values):
        self.emit(text, **values)
        if self.isa.delay:
            self.emit(self.isa.delay)

    def interrupt(self, n):
        """Everything is loaded with SP as the pushed call leaves it, asyncPreempt called as if from there."""
        isa = self.isa
        self.address(isa.sp, f'block{n}-{isa.slot}')
        self.address(isa.base, f'kill{n}')
        self.address(isa.scratch, 'kill')
        self.emit(isa.store_word, r=isa.base, b=isa.scratch, o=0)
        if isa.chain:
            self.address(isa.base, f'block{n}')
            self.emit(isa.store_word, r=isa.base, b=isa.sp, o=0)
        if isa.pushes:  # the call instruction does what the handler does
            self.emit(isa.add_sp, n=isa.slot)
            self.load(isa.sp, 0)
        else:
            self.emit(isa.load_word, r=isa.base, b=isa.sp, o=isa.slot + self.link_register())
            self.emit(isa.store_word, r=isa.base, b=isa.sp, o=isa.lr_at)
            self.load(isa.sp, isa.slot, skip=(isa.lr,))
        self.jump(isa.call, t='asyncPreempt')
        self.emit('resume{n}:', n=n)
        self.store(isa.sp, self.place.bytes)
        self.emit(isa.store_sp, o=self.place.bytes + self.place.sp_at)

    def keep(self, way):
        """The frame pointer and the link register of toy_asyncPreempt2, to (0) or from (1) its frame."""
        isa = self.isa
        template = (isa.store_word, isa.load_word)[way]
        if isa.frame:
            self.emit(template, r=isa.frame, b=isa.sp, o=0)
        if isa.lr:
            self.emit(isa.keep_lr[way] or template, r=isa.lr, b=isa.sp, o=isa.word)

    def kill(self):
        isa = self.isa
        self.emit('.globl toy_asyncPreempt2\n.type toy_asyncPreempt2, %function\ntoy_asyncPreempt2:')
        for offset in isa.scribble:
            self.emit(isa.store_word, r=isa.general().names[5], b=isa.sp, o=offset)
        self.emit(isa.add_sp, n=-NOTED)
        self.keep(0)
        self.address(isa.base, 'kill')
        self.emit(isa.load_word, r=isa.base, b=isa.base, o=0)
        self.emit(isa.note_sp, o=self.place.sp_at)
        self.emit(isa.note_more, o=self.place.bytes)
        if isa.record is not None:
            self.emit(isa.store_word, r=isa.frame, b=isa.base, o=self.place.bytes + 8)
        self.load(isa.base, 0, skip=(isa.lr, isa.frame), last=isa.base)
        self.keep(1)
        self.emit(isa.add_sp, n=NOTED)
        self.jump(isa.ret)

    def data(self):
        place, isa = self.place, self.isa
        wide = '.quad' if isa.word == 8 else '.long'
        self.emit('.data\n.balign 64\nkill: .space 64\narea:')
        for n, (align, run) in enumerate(self.runs):
            self.emit(f'.balign 64\nstack{n}: .space {STACK + align - isa.red_zone}, 0x5e\n.space {isa.red_zone}, 0xa7\nblock{n}:')
            self.bytes(place.image(0, run)[:place.sp_at])
            self.emit(f'{wide} block{n}\n.space {2 * place.bytes - place.sp_at - isa.word}')
            self.emit(f'.balign 64\nkill{n}:')
            self.bytes(place.image(1, run))
            self.emit(isa.toc or '.space 16')
            self.emit(f'.balign 8\n{wide} resume{n}\n.balign 16')
        self.emit('area_end:')

    def bytes(self, image):
        for at in range(0, len(image), 16):
            self.emit('.byte ' + ', '.join(map(str, image[at:at + 16])))

    def text(self):
        self.emit(self.isa.head + '\n.text\n.globl _start, __start\n_start:\n__start:')
        for n in range(len(self.runs)):
            self.interrupt(n)
        self.emit(self.isa.exit)
        self.kill()
        self.emit(self.isa.more)
        self.data()
        self.emit('.section .note.GNU-stack,"",%progbits')
        return '\n'.join(self.lines) + '\n'

    # ---- judging what it wrote

    def judge(self, room, out, cfi):
        problems, at, self.cfi, self.taken = [], 0, cfi, 0
        for align, run in self.runs:
            at = (at + 63) // 64 * 64 + STACK + align
            problems += [f'SP = {align} modulo 16, patterns {run}: {p}' for p in self.judge_run(out, at, run)]
            at = (at + 2 * self.place.bytes + 63) // 64 * 64 + self.place.bytes + 32
        if self.taken != room:
            problems.append(f'{self.taken} bytes of stack are taken instead of {room}')
        if at != len(out):
            problems.append(f'{len(out)} bytes instead of {at}')
        return problems

    def number(self, data):
        return int.from_bytes(data, 'little' if self.isa.little else 'big')

    def judge_run(self, out, block, run):
        isa, place = self.isa, self.place
        want, got = out[block:block + place.bytes], out[block + place.bytes:block + 2 * place.bytes]
        kill = (block + 2 * place.bytes + 63) // 64 * 64
        if out[block - isa.red_zone:block] != b'\xa7' * isa.red_zone:
            yield 'the red zone was written to'
        if want[:place.sp_at] != place.image(0, run)[:place.sp_at]:
            yield 'memory above SP was written to'
        for (group, name), at in place.at.items():
            mask = group.mask or (1 << 8 * group.size) - 1
            found, right = self.number(got[at:at + group.size]) & mask, self.number(want[at:at + group.size]) & mask
            if found != right:
                yield f'{name} is {found:#x} instead of {right:#x}'
        sp = slice(place.sp_at, place.sp_at + isa.word)
        if got[sp] != want[sp]:
            yield f'SP is {self.number(got[sp]):#x} instead of {self.number(want[sp]):#x}'
        inside = self.number(out[kill:][sp])
        if not 0 < self.number(want[sp]) - inside < STACK or inside % isa.call_align != isa.entry:
            yield f'toy_asyncPreempt2 runs with SP = {inside:#x}'
        self.taken = max(self.taken, self.number(want[sp]) - inside - (isa.word if isa.pushes else 0))
        if self.cfi:
            yield from self.judge_cfi(out, block, kill, inside)
        if isa.toc and out[kill + place.bytes:][:8] != out[kill + place.bytes + 8:][:8]:
            yield 'toy_asyncPreempt2 runs with a wrong r2'
        chain = list(self.chain(out, block, kill, inside, self.number(want[sp])))
        if (isa.record is not None or isa.back_chain) and chain[-1] is not None:
            yield f'the chain of frames ends at {chain[-1]:#x}'
        if isa.pushes and self.number(out[kill + place.bytes:][:isa.word]) & 0x400:
            yield 'toy_asyncPreempt2 runs with the direction flag set'

    # What a debugger makes of the call: the interrupted frame, and the address where it goes on.
    def judge_cfi(self, out, block, kill, inside):
        isa, sp = self.isa, self.number(out[block + self.place.sp_at:][:self.isa.word])
        register, offset, ra = self.cfi
        base = self.number(out[kill + self.place.bytes + 8:][:isa.word]) if isa.frame else inside
        if register != isa.cfa or base + offset != sp + isa.cfa_bias:
            yield f'the call frame information finds {register}{offset:+}, which is not the interrupted frame'
        elif not isa.pushes:
            resume = self.number(out[kill + self.place.bytes + 16:][:isa.word])
            found = self.number(out[block + base + offset - sp + ra:][:isa.word])
            if found != resume:
                yield f'the call frame information finds return address {found:#x} instead of {resume:#x}'

    # The frames that somebody would walk; the last is None if it is the interrupted one.
    def chain(self, out, block, kill, inside, sp):
        word, fp = self.isa.word, [self.place.at[key] for key in self.place.at if key[1] == self.isa.frame]

        def memory(address):
            return self.number(out[block + address - sp:][:word])
        if self.isa.record is not None:
            frame = self.number(out[kill + self.place.bytes + 8:][:word])
            found = sp - STACK < frame < sp and memory(frame + self.isa.record) == self.number(out[block + fp[0]:][:word])
            yield None if found else frame
        else:
            for _ in range(2):
                yield inside if inside != sp else None
                inside = memory(inside) if sp - STACK < inside < sp else inside
            yield inside if inside != sp else None


# ---- tools

def command(args, **kw):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **kw)
    if done.returncode:
        sys.exit(f'{" ".join(args)}: status {done.returncode}\n{done.stderr.decode()[:4000]}')
    return done.stdout


def preprocessed(text):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    return command(['gcc', '-x', 'assembler-with-cpp', '-E', '-P', '-I', os.path.join(root, 'runtime'), '-'], input=text)


def assemble(isa, text, path):
    with open(path + '.s', 'wb') as out:
        out.write(text)
    command([LLVM + 'llvm-mc', '-filetype=obj', f'-triple={isa.triple}', *isa.mc, path + '.s', '-o', path + '.o'])
    return path + '.o'


def routine(target, isa):
    """Both as it is printed and as the assembler reads it."""
    text = command(['mkpreempt', target])
    return text, preprocessed(text) if isa.cpp else text


def wasm(scratch):
    """The one function's body: no locals, unreachable, end."""
    class Wasm(Isa):
        triple = 'wasm32-unknown-unknown'
    path = assemble(Wasm, command(['mkpreempt', 'wasm']), scratch)
    module = open(path, 'rb').read()
    assert module[:8] == b'\0asm\1\0\0\0'
    at = 8
    while at < len(module):
        kind, at = module[at], at + 1
        size = shift = 0
        while True:
            size, more, at, shift = size | (module[at] & 127) << shift, module[at] & 128, at + 1, shift + 7
            if not more:
                break
        if kind == 10:  # the code section: one body of three bytes
            body = module[at:at + size]
            sys.exit(0 if body.replace(b'\x83\x80\x80\x80\x00', b'\3') == b'\1\3\0\0\x0b' else f'the body is {body.hex()}')
        at += size
    sys.exit('no code')


def call_frame(path):
    """The register and offset of the frame's address in most of the routine, and the return address's offset from there."""
    text = command([LLVM + 'llvm-dwarfdump', '--eh-frame', '--debug-frame', path]).decode()
    rows = [(int(at, 16), register, int(offset or 0), rest)
            for at, register, offset, rest in re.findall(r'^ +0x(\w+): CFA=(\w+)([+-]\d+)?(.*)$', text, re.M)]
    ends = [row[0] for row in rows[1:]] + [rows[-1][0]]
    _, row = max((end - row[0], row) for end, row in zip(ends, rows))
    ra = re.search(r'\b(?:[ER]IP|LR8?|W30|R1|RA_64|X1|R14D)=\[CFA([+-]\d+)\]', row[3])
    return row[1], row[2], int(ra.group(1)) if ra else 0


def has(features):
    return set(features) <= set(open('/proc/cpuinfo').read().split())


def paired(isa, text):
    """Where nothing can run it: every vector register is stored once and later loaded once, from the same place. (The general
    registers are as in amd64+avx2, which is run.)"""
    lines = [line.replace(',', ' ').split() for line in text.decode().split('\n')]
    problems = []
    for group in isa.groups:
        for name in group.names if not group.general and len(group.names) > 1 else ():
            moves = [words for words in lines if len(words) == 3 and name in words[1:] and '(' in words[1] + words[2]]
            stores, loads = [w[2] for w in moves if w[1] == name], [w[1] for w in moves if w[2] == name]
            if len(stores) != 1 or stores != loads:
                problems.append(f'{name} is stored to {stores} and loaded from {loads}')
    return problems


def main():
    target, scratch = sys.argv[1:]
    if target == 'wasm':
        wasm(scratch)
    isa = TARGETS[target]()
    program = Program(isa)
    whole, text = routine(target, isa)
    objects = [assemble(isa, text, scratch + '.routine'), assemble(isa, program.text().encode(), scratch + '.program')]
    command([LLVM + 'ld.lld', '-static', *objects, '-o', scratch])
    native = isa.native
    if native and not has(native):
        problems = paired(isa, text)
        print(f'{target}: not run, since this machine has no {" ".join(native)}; only its text was looked at')
    else:
        room = int(re.search(rb'Room: (\d+) bytes', whole).group(1))
        out = command([scratch] if native else [isa.qemu, *isa.qemu_args, scratch])
        problems = program.judge(room, out, call_frame(objects[0]))
    if problems:
        sys.exit('\n'.join(problems[:40]))
    print(f'{target}: ok')


main()
