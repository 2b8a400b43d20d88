#!/usr/bin/env python3
"""mktables.py: prints tables.toy, the numbers that rand's sequences are made of.

cooked: the additive generator of Mitchell and Reeds, y[n] = y[n-607] + y[n-273] modulo 2^64, after 7.8e12 steps from a
start by seed 1. Nobody waits for so many: step N of a linear recurrence is x^N modulo its polynomial x^607 - x^334 - 1,
which takes 43 squarings. Each is one product of integers that hold a coefficient in every WIDTH bits.

normal, exponential: strips of equal area under the density, as in Marsaglia and Tsang, "The Ziggurat Method for Generating
Random Variables" (Journal of Statistical Software 5, 2000), with its R and V.
"""
import math
import struct

LENGTH, TAP = 607, 273
STEPS = 7_800_000_000_000
WORD = 1 << 64
WIDTH = 160  # a coefficient of a product: 607 sums of 128 bits
LEHMER, MERSENNE = 48271, (1 << 31) - 1


# ---- the additive generator

def start(seed):
    """The register that a seed fills, three numbers of a Lehmer generator to a word, the first 20 left out."""
    x, words = seed, []
    for i in range(-20, LENGTH):
        x = x * LEHMER % MERSENNE
        if i < 0:
            continue
        word = x << 20
        x = x * LEHMER % MERSENNE
        word ^= x << 10
        x = x * LEHMER % MERSENNE
        words.append(word ^ x)
    return words


def pack(poly):
    return sum(c << i * WIDTH for i, c in enumerate(poly))


def unpack(n):
    return [n >> i * WIDTH & WORD - 1 for i in range(2 * LENGTH)]


def reduced(poly):
    for i in range(2 * LENGTH - 1, LENGTH - 1, -1):
        c, poly[i] = poly[i], 0
        for j in (i - LENGTH, i - TAP):
            poly[j] = (poly[j] + c) % WORD
    return poly[:LENGTH]


def power_of_x(n):
    r = [1] + [0] * (LENGTH - 1)
    for bit in bin(n)[2:]:
        packed = pack(r)
        r = reduced(unpack(packed * packed))
        if bit == '1':
            r = reduced([0] + r + [0] * (LENGTH - 1))
    return r


def place(n):
    """Where in the register y[n] stands: it is filled from the 333rd downwards and around."""
    return (LENGTH - TAP - n) % LENGTH


def cooked():
    register = start(1)
    y = [register[place(n)] for n in range(1 - LENGTH, 1)]  # y[n] at n + 606
    for _ in range(LENGTH):
        y.append((y[-LENGTH] + y[-TAP]) % WORD)
    jump = power_of_x(STEPS)
    after = [0] * LENGTH
    for n in range(LENGTH):
        after[place(STEPS + n - LENGTH + 1)] = sum(c * y[n + i] for i, c in enumerate(jump)) % WORD
    return after


# ---- ziggurats

def ziggurat(strips, unit, r, v, density, inverse):
    """What a number is compared with, what it is multiplied with, and the density, for each strip."""
    k, w, f = [0] * strips, [0.0] * strips, [1.0] * strips
    q = v / density(r)
    k[0], w[0] = int(r / q * unit), q / unit
    w[-1], f[-1] = r / unit, density(r)
    x = r
    for i in range(strips - 2, 0, -1):
        last, x = x, inverse(v / x + density(x))
        k[i + 1], w[i], f[i] = int(x / last * unit), x / unit, density(x)
    return k, w, f


def normal():
    return ziggurat(128, 2.0 ** 31, 3.442619855899, 9.91256303526217e-3,
                    lambda x: math.exp(-.5 * x * x), lambda y: math.sqrt(-2 * math.log(y)))


def exponential():
    return ziggurat(256, 2.0 ** 32, 7.69711747013104972, 3.9496598225815571993e-3,
                    lambda x: math.exp(-x), lambda y: -math.log(y))


# ---- what is printed

def table(name, of, values, what):
    print('\n// %s\nvar %s = [...]%s{' % (what, name, of))
    line = ''
    for v in values:
        if len(line) + len(v) > 116:
            print('\t' + line.rstrip())
            line = ''
        line += v + ', '
    print('\t' + line.rstrip() + '\n}')


def single(x):
    """The shortest digits that name the float32 nearest to x."""
    want = struct.pack('f', x)
    near, = struct.unpack('f', want)
    return next(text for text in ('%.*g' % (digits, near) for digits in range(1, 10))
                if struct.pack('f', float(text)) == want)


def main():
    print('// Printed by mktables.py, which says where the numbers come from.\npackage rand')
    table('cooked', 'uint64', ['%#x' % c for c in cooked()], 'cooked is mixed into every seed.')
    for name, (k, w, f) in ('normal', normal()), ('exp', exponential()):
        table(name + 'Within', 'uint32', ['%#x' % n for n in k], 'Below it a number lies within its strip for certain.')
        table(name + 'Width', 'float32', map(single, w), 'What makes a number one of the strip.')
        table(name + 'Density', 'float32', map(single, f), "The density at the strip's edge.")


main()
