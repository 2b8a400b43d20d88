"""flips.py BINARY SEED N: N copies with some bits of tables and code turned over. The verifier may find them good or bad, but
it must not crash or hang, and must say why when it refuses."""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from doctor import Elf  # noqa: E402

SECTIONS = ('toyfuncs', 'toymodules', 'toyunsafe', '.llvm_stackmaps', '_llvm_faultmaps', 'toytext', '.symtab', '.rela.dyn')


def spoil(data, elf, rnd):
    kind = rnd.randrange(10)
    if kind == 0:  # a cut
        del data[rnd.randrange(len(data)):]
        return
    if kind == 1:  # headers
        places = [rnd.randrange(64) for _ in range(2)]
    elif kind == 2:  # the section table
        shoff = elf.u64(40)
        places = [rnd.randrange(shoff, len(data))]
    else:
        begin, end = elf.span(rnd.choice([s for s in SECTIONS if s in elf.sections]))
        places = [rnd.randrange(begin, end) for _ in range(rnd.randrange(1, 8))]
    for place in places:
        data[place] = rnd.choice((0, 0xff, data[place] ^ 1 << rnd.randrange(8), data[place] ^ 0x80))


def main():
    path, seed, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rnd, elf, copy, found = random.Random(seed), Elf(path), path + '.flipped', 0
    for i in range(n):
        data = bytearray(elf.data)
        spoil(data, elf, rnd)
        open(copy, 'wb').write(data)
        done = subprocess.run(['toy', 'verify', copy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        if done.returncode not in (0, 1) or (done.returncode == 1 and b'error: ' not in done.stdout):
            print(f'copy {i} of seed {seed}: status {done.returncode}\n{done.stdout.decode("utf-8", "replace")[:2000]}')
            return 1
        found += done.returncode
    print(f'{found} of {n} refused')
    return 0


sys.exit(main())
