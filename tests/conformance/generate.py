"""Prints a random sequential program (generate.py SEED): all numbers, strings, arrays, slices, structs, methods.

Every program is valid Go with one result: expressions have no side effects, literals are made opaque to the rules for
constants by functions that return their argument. Some end in a run-time panic.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "random"))
from writer import Writer  # noqa: E402

INTS = ["int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint"]
FLOATS = ["float64", "float32"]
BITS = {"int": 64, "uint": 64}
BITS.update({t: int(t.strip("uint")) for t in INTS if t not in BITS})
SCALARS = INTS + FLOATS + ["string", "bool"]

PRELUDE = """package main

type S struct {
	a int8
	b uint16
	c float64
	d string
	e [3]int32
	f bool
}

type P struct {
	S
	x, y int64
}

type N interface{ num() int }
type M int

func (m M) num() int   { return int(m) * 3 }
func (s S) num() int   { return int(s.a) + int(s.b) + int(s.e[1]) + len(s.d) }
func (p *P) num() int  { return p.S.num() - int(p.x) }
func (p *P) add(n int64) { p.x += n; p.y ^= p.x }

func pick(n N) int {
	switch v := n.(type) {
	case M:
		return int(v)
	case S:
		return int(v.a)
	case *P:
		v.add(3)
		return int(v.x)
	}
	return -1
}

func cut(s string) string {
	if len(s) > 24 {
		return s[len(s)-24:]
	}
	return s
}

func showS(s S) { println(s.a, s.b, s.c, s.d, s.e[0], s.e[1], s.e[2], s.f) }
func showI(s []int) {
	sum := 0
	for i, v := range s {
		sum = sum*7 + v ^ i
	}
	println(len(s), sum)
}
func cstring(x string) string { return x }
func cbool(x bool) bool { return x }
"""


class Program(Writer):
    def __init__(self, seed):
        super().__init__(seed, indent=1)
        self.scopes = [[]]
        self.funcs = []
        self.loops = 0

    def declare(self, t, text):
        n = self.fresh()
        self.put("var %s %s = %s" % (n, t, text) if self.r.random() < 0.5 else "%s := %s" % (n, self.typed(t, text)))
        self.put("_ = %s" % n)
        self.scopes[-1].append((n, t))

    def typed(self, t, text):
        return "%s(%s)" % (t, text) if t in ("N",) else text

    # ---- expressions
    def literal(self, t):
        if t in INTS:
            bits, signed = BITS[t], t[0] == "i"
            lo, hi = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            v = self.r.choice(
                [lo, hi, 0, 1, self.r.randint(lo, hi), self.r.randint(0, 100), 1 << self.r.randrange(bits - 1)]
            )
            return "c%s(%d)" % (t, v)
        if t in FLOATS:
            return "c%s(%s)" % (
                t,
                self.r.choice(["0", "1", "-1.5", "0.1", "3e10", "1e-7", "2.5", "1e30", "123456789", "-0.001"]),
            )
        if t == "string":
            return "cstring(%s)" % self.r.choice(
                ['""', '"a"', '"hello"', '"\\u00e9\\u4e16x"', '"\\xff\\x80"', '"zz\\n"', '"0123456789"']
            )
        return "cbool(%s)" % self.r.choice(["true", "false"])

    def leaf(self, t):
        known = self.vars(t)
        if known and self.r.random() < 0.75:
            return self.r.choice(known)
        return self.literal(t)

    def expr(self, t, d=3):
        if d <= 0 or self.r.random() < 0.15:
            return self.leaf(t)
        kind = "int" if t in INTS else "float" if t in FLOATS else t
        return getattr(self, "expr_" + kind)(t, d - 1)

    def expr_int(self, t, d):
        k = self.r.randrange(13)
        if k < 4:
            return "(%s %s %s)" % (
                self.expr(t, d),
                self.r.choice("+-*&|^") if self.r.random() < 0.9 else "&^",
                self.expr(t, d),
            )
        if k < 5:
            return "(%s %s (%s | 1))" % (self.expr(t, d), self.r.choice("/%"), self.expr(t, d))
        if k < 6:
            return "(%s %s (%s & %d))" % (
                self.expr(t, d),
                self.r.choice(["<<", ">>"]),
                self.expr(self.r.choice(INTS), d),
                self.r.choice([7, 31, 63, 127]),
            )
        if k < 7:
            return "(%s%s)" % (self.r.choice("-^"), self.expr(t, d))
        if k < 10:
            return "%s(%s)" % (t, self.expr(self.r.choice(INTS), d))
        if k < 11:
            return "%s(%s)" % (t, self.r.choice(["len(%s)" % self.expr("string", d), "len(%s)" % self.slice(d)]))
        if k < 12:
            v = {"int8": ".a", "uint16": ".b"}.get(t)
            if v and self.vars("S"):
                return self.r.choice(self.vars("S")) + v
            if t == "int" and self.vars("N"):
                return self.r.choice(self.vars("N")) + ".num()"
            if t == "int":
                return "%s[%s]" % self.indexed(d)
            if t == "uint8":
                return '(%s + "abcd")[%s&3]' % (self.expr("string", d), self.expr("int", d))
            if t == "int32" and self.vars("S"):
                return "%s.e[(%s)&1]" % (self.r.choice(self.vars("S")), self.expr("int", d))
        fs = [f for f in self.funcs if f[2] == t]
        if fs:
            f = self.r.choice(fs)
            return "%s(%s)" % (f[0], ", ".join(self.expr(p, d - 1) for p in f[1]))
        return self.leaf(t)

    def slice(self, d):
        known = self.vars("[]int")
        if not known:
            return "[]int{%s, %s}" % (self.expr("int", d - 1), self.leaf("int"))
        s = self.r.choice(known)
        return self.r.choice([s, s, s, "%s[1:]" % s, "%s[:len(%s)-1]" % (s, s)])

    def indexed(self, d):
        s = self.slice(0)
        if self.r.random() < 0.03:
            return s, self.expr("int", d)
        if s.startswith("v") and "[" not in s:
            return s, "uint(%s)%%uint(len(%s))" % (self.expr("int", d), s)
        return "[4]int{1, 2, 3, %s}" % self.leaf("int"), "(%s)&3" % self.expr("int", d)

    def expr_float(self, t, d):
        k = self.r.randrange(8)
        if k < 4:
            return "(%s %s %s)" % (self.expr(t, d), self.r.choice("+-*/"), self.expr(t, d))
        if k < 5:
            return "(-%s)" % self.expr(t, d)
        if k < 7:
            return "%s(%s)" % (
                t,
                self.expr(self.r.choice(["int32", "int64", "uint8", "uint64", "float32", "float64", "uint32"]), d),
            )
        return self.r.choice(self.vars("S")) + ".c" if t == "float64" and self.vars("S") else self.leaf(t)

    def expr_string(self, t, d):
        k = self.r.randrange(8)
        if k < 3:
            return "cut(%s + %s)" % (self.expr(t, d), self.expr(t, d))
        if k < 4:
            return "string(rune(%s & 0x1ffff))" % self.expr("int32", d)
        if k < 5:
            return "string([]byte(%s))" % self.expr(t, d)
        if k < 6:
            return "string([]rune(%s))" % self.expr(t, d)
        if k < 7:
            return '(%s + "xy")[1:]' % self.expr(t, d)
        return self.r.choice(self.vars("S")) + ".d" if self.vars("S") else self.leaf(t)

    def expr_bool(self, t, d):
        k = self.r.randrange(8)
        if k < 4:
            u = self.r.choice(INTS + FLOATS + ["string"])
            return "(%s %s %s)" % (self.expr(u, d), self.r.choice(["==", "!=", "<", "<=", ">", ">="]), self.expr(u, d))
        if k < 6:
            return "(%s %s %s)" % (self.expr(t, d), self.r.choice(["&&", "||", "==", "!="]), self.expr(t, d))
        if k < 7:
            return "!%s" % self.expr(t, d)
        s = self.vars("S")
        return "(%s == %s)" % (self.r.choice(s), self.r.choice(s)) if s else self.leaf(t)

    # ---- statements
    def block(self, n):
        self.indent += 1
        self.scopes.append([])
        for _ in range(n):
            self.stmt()
        self.scopes.pop()
        self.indent -= 1

    def stmt(self):
        kinds = (
            [self.s_decl] * 5
            + [self.s_assign] * 5
            + [self.s_op] * 3
            + [self.s_show] * 3
            + [
                self.s_struct,
                self.s_slice,
                self.s_append,
                self.s_if,
                self.s_switch,
                self.s_for,
                self.s_range,
                self.s_iface,
                self.s_closure,
                self.s_swap,
            ]
        )
        self.r.choice(kinds)()

    def s_decl(self):
        t = self.r.choice(SCALARS)
        self.declare(t, self.expr(t))

    def assignable(self):
        return [(n, t) for s in self.scopes for n, t in s if t in SCALARS and n[0] == "v"]

    def s_assign(self):
        known = self.assignable()
        if known:
            n, t = self.r.choice(known)
            self.put("%s = %s" % (n, self.expr(t)))

    def s_op(self):
        known = [(n, t) for n, t in self.assignable() if t in INTS]
        if known:
            n, t = self.r.choice(known)
            k = self.r.randrange(4)
            if k == 0:
                self.put("%s%s" % (n, self.r.choice(["++", "--"])))
            elif k == 1:
                self.put("%s %s= %s & 31" % (n, self.r.choice(["<<", ">>"]), self.expr("uint8")))
            elif k == 2:
                self.put("%s %s= %s | 1" % (n, self.r.choice("/%"), self.expr(t)))
            else:
                self.put("%s %s= %s" % (n, self.r.choice(["+", "-", "*", "&", "|", "^", "&^"]), self.expr(t)))

    def s_show(self):
        ts = [self.r.choice(SCALARS) for _ in range(self.r.randrange(1, 4))]
        self.put("println(%s)" % ", ".join(self.expr(t) for t in ts))

    def literal_S(self):
        return "S{a: %s, b: %s, c: %s, d: %s, e: [3]int32{%s, 2: %s}, f: %s}" % tuple(
            self.expr(t, 1) for t in ("int8", "uint16", "float64", "string", "int32", "int32", "bool")
        )

    def s_struct(self):
        k = self.r.randrange(4)
        s = self.vars("S")
        if k == 0 or not s:
            self.declare("S", self.literal_S())
        elif k == 1:
            self.put("%s = %s" % (self.r.choice(s), self.r.choice(s)))
        elif k == 2:
            f, t = self.r.choice(
                [
                    (".a", "int8"),
                    (".b", "uint16"),
                    (".c", "float64"),
                    (".d", "string"),
                    (".e[2]", "int32"),
                    (".f", "bool"),
                ]
            )
            self.put("%s%s = %s" % (self.r.choice(s), f, self.expr(t)))
        else:
            self.put("showS(%s)" % self.r.choice(s))

    def s_slice(self):
        s = self.vars("[]int")
        if not s or self.r.random() < 0.4:
            self.declare(
                "[]int",
                self.r.choice(
                    [
                        "[]int{%s, %s, 7: %s}" % (self.expr("int", 1), self.leaf("int"), self.leaf("int")),
                        "make([]int, 5, 9)",
                    ]
                ),
            )
        else:
            x = self.r.choice(s)
            self.put("%s[uint(%s)%%uint(len(%s))] = %s" % (x, self.expr("int", 1), x, self.expr("int")))
            self.put("showI(%s)" % x)

    def s_append(self):
        s = self.vars("[]int")
        if s:
            x = self.r.choice(s)
            self.put("if len(%s) < 40 {" % x)
            self.put(
                "\t%s = append(%s, %s)"
                % (x, self.r.choice([x, x + "[:1]"]), self.r.choice([self.expr("int", 1), x + "..."]))
            )
            self.put("}")
            self.put("println(copy(%s, %s))" % (x, self.r.choice(s)))

    def s_if(self):
        self.put("if %s {" % self.expr("bool"))
        self.block(2)
        if self.r.random() < 0.5:
            self.put("} else {")
            self.block(2)
        self.put("}")

    def s_switch(self):
        t = self.r.choice(["int8", "string", "uint16"])
        self.put("switch %s {" % self.expr(t))
        for _ in range(self.r.randrange(1, 4)):
            self.put("case %s, %s:" % (self.expr(t, 1), self.literal(t)))
            self.block(1)
        self.put("default:")
        self.block(1)
        self.put("}")

    def s_for(self):
        if self.loops >= 2:
            return
        self.loops += 1
        i = self.fresh()
        self.put("for %s := 0; %s < %d; %s++ {" % (i, i, self.r.randrange(1, 6), i))
        self.scopes.append([("(%s + 0)" % i, "int")])
        self.block(self.r.randrange(1, 5))
        self.scopes.pop()
        if self.r.random() < 0.3:
            self.put("\tif %s {" % self.expr("bool", 1))
            self.put("\t\t%s" % self.r.choice(["break", "continue"]))
            self.put("\t}")
        self.put("}")
        self.loops -= 1

    def s_range(self):
        if self.loops >= 2:
            return
        self.loops += 1
        k, v = self.fresh(), self.fresh()
        if self.r.random() < 0.5:
            self.put("for %s, %s := range %s {" % (k, v, self.expr("string", 2)))
            names = [(k, "int"), (v, "int32")]
        else:
            self.put("for %s, %s := range [...]uint16{1, %s, %s} {" % (k, v, self.leaf("uint16"), self.leaf("uint16")))
            names = [(k, "int"), (v, "uint16")]
        self.put("\t_, _ = %s, %s" % (k, v))
        self.scopes.append(names)
        self.block(self.r.randrange(1, 3))
        self.scopes.pop()
        self.put("}")
        self.loops -= 1

    def s_iface(self):
        s = self.vars("S")
        v = self.r.choice(
            [
                "M(%s)" % self.expr("int", 1),
                self.r.choice(s) if s else "M(4)",
                "&P{x: %s, y: 3}" % self.expr("int64", 1),
            ]
        )
        self.declare("N", v)
        self.put("println(pick(%s))" % self.r.choice(self.vars("N")))

    def s_closure(self):
        t = self.r.choice(SCALARS)
        f = self.fresh()
        self.put("%s := func(p %s) %s {" % (f, t, t))
        self.scopes.append([("p", t)])
        self.block(self.r.randrange(0, 3))
        self.put("\treturn %s" % self.expr(t, 2))
        self.scopes.pop()
        self.put("}")
        self.put("println(%s(%s))" % (f, self.expr(t, 2)))

    def s_swap(self):
        by = {}
        for n, t in self.assignable():
            by.setdefault(t, []).append(n)
        two = [v for v in by.values() if len(v) > 1]
        if two:
            a, b = self.r.sample(self.r.choice(two), 2)
            self.put("%s, %s = %s, %s" % (a, b, b, a))

    def make(self):
        self.lines.append("\n".join("func c%s(x %s) %s { return x }" % (t, t, t) for t in INTS + FLOATS) + "\n")
        for i in range(self.r.randrange(1, 4)):
            params, result = [self.r.choice(SCALARS) for _ in range(self.r.randrange(1, 7))], self.r.choice(INTS)
            self.lines.append(
                "func f%d(%s) %s {" % (i, ", ".join("a%d %s" % (j, t) for j, t in enumerate(params)), result)
            )
            self.scopes = [[("a%d" % j, t) for j, t in enumerate(params)]]
            self.r_stmts(self.r.randrange(0, 4), quiet=True)
            self.put("return %s" % self.expr(result))
            self.lines.append("}\n")
            self.funcs.append(("f%d" % i, params, result))
        self.lines.append("func main() {")
        self.scopes = [[]]
        self.r_stmts(self.r.randrange(15, 40))
        for s in self.scopes:
            for n, t in s:
                if t in SCALARS:
                    self.put("println(%s)" % n)
        self.lines.append("}")
        return PRELUDE + "\n" + "\n".join(self.lines) + "\n"

    def r_stmts(self, n, quiet=False):
        self.loops = 1 if quiet else 0
        for _ in range(n):
            self.r.choice([self.s_decl, self.s_assign, self.s_op])() if quiet else self.stmt()


if __name__ == "__main__":
    sys.stdout.write(Program(int(sys.argv[1])).make())
