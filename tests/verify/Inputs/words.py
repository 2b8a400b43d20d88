"""words.py SEED N: a program of N shapes of calls that pass words on the stack, in functions that defer.

Each shape is a list of parameters, its calls go to a function, a method of an interface and a function value, with values
that are alive over the calls or are not: the copies of rsp meet all registers (compiler/verify_copies.c).
"""
import random
import sys

VALUES = {'int': 'number()', 'string': 'word()', 'float64': 'half()', 'any': 'any(number())', '[]int': 'make([]int, number())',
          'int8': 'int8(number())', 'uint32': 'uint32(number())', '*int': 'new(int)', 'bool': 'number() == 1'}
USES = {'string': 's += len(%s)', '[]int': 's += len(%s)', 'bool': 'if %s { s++ }', 'any': 'if %s != nil { s++ }',
        '*int': 'if %s != nil { s++ }'}
PRELUDE = '''package main

var text = "x"

//go:noinline
func number() int { return len(text) }

func word() string { return text + "y" }

func half() float64 { return float64(len(text)) / 2 }

func grow(n int) int {
	if n == 0 {
		return 0
	}
	return grow(n-1) + 1
}
'''


def shape(r, i):
    """Declarations of shape i, and the names of its functions that defer."""
    kinds = r.choice([list(VALUES), list(VALUES), ['int', 'float64'], ['string', 'float64'], ['float64']])
    types = [r.choice(kinds) for _ in range(r.randint(5, 12))]
    names = ['p%d' % k for k in range(len(types))]
    params = ', '.join(map(' '.join, zip(names, types)))
    uses = '\n\t'.join(USES.get(t, 's += int(%s)') % n for n, t in zip(names, types))
    yield 'type I%d interface{ m(%s) int }' % (i, params)
    yield 'type K%d struct{ k int }' % i
    yield 'func f%d(%s) int {\n\ts := grow(50)\n\t%s\n\treturn s\n}' % (i, params, uses)
    yield 'func (k K%d) m(%s) int { return k.k + f%d(%s) }' % (i, params, i, ', '.join(names))
    yield 'var v%d = func(%s) int { return f%d(%s) }' % (i, params, i, ', '.join(names))
    yield '//go:noinline\nfunc pick%d(n int) I%d {\n\tif n == 1 {\n\t\treturn K%d{n}\n\t}\n\treturn &K%d{n}\n}' % (i, i, i, i)
    for j in range(3):
        alive = ['a%d := %s' % (k, VALUES[t]) for k, t in enumerate(types)]
        calls = []
        for _ in range(r.randint(1, 3)):
            args = [r.choice(['a%d' % k, 'a%d' % k, VALUES[t]]) for k, t in enumerate(types)]
            calls.append('res += %s(%s)' % (r.choice(['f%d', 'v%d', 'm.m', 'pick%d(res).m']).replace('%d', str(i)), ', '.join(args)))
        lines = ['defer func() { res++ }()', 'm, x, z := pick%d(number()), number(), word()' % i, '_ = m', *alive,
                 '_%s = %s' % (', _' * (len(types) - 1), ', '.join('a%d' % k for k in range(len(types)))),
                 *calls, 'return res + x + len(z)']
        yield 'func t%d_%d() (res int) {\n\t%s\n}' % (i, j, '\n\t'.join(lines))


def main():
    r, n = random.Random(int(sys.argv[1])), int(sys.argv[2])
    print(PRELUDE)
    for i in range(n):
        print('\n\n'.join(shape(r, i)) + '\n')
    print('func main() {\n%s}' % ''.join('\tprintln(t%d_%d())\n' % (i, j) for i in range(n) for j in range(3)))


if __name__ == '__main__':
    main()
