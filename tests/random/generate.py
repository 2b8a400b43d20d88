"""Prints a random program of many units (generate.py SEED [UNITS]), and with --counts what they are made of.

A unit is a function of its own, with helpers, that prints what it computes and shares nothing with other units but types
and pure functions; main calls them one by one and goes on after a panic, so that one compilation tests many programs.
The last unit may end in a panic that nobody recovers.

Every program is valid Go with one result: an expression has no side effects, what has stands in a statement of its own;
goroutines meet only over channels, in patterns with one outcome; literals are made opaque to the rules for constants by
functions that return their argument. The text of a run-time panic is printed, and only one thing of a statement can panic.
"""

import collections
import sys

from writer import Writer

INTS = ["int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint", "uintptr"]
FLOATS = ["float64", "float32"]
SCALARS = INTS + FLOATS + ["string", "bool"]
BITS = {"int": 64, "uint": 64, "uintptr": 64}
BITS.update({t: int(t.strip("uint")) for t in INTS if t not in BITS})
NAMED = {"N0": "int16", "N1": "uint32", "N2": "string", "N3": "float64"}
KEYS = ["int", "string", "uint8", "bool", "int64", "float64", "N0", "N2", "[2]int8", "any", "K"]

PRELUDE = """package main

import "errors"

type N0 int16
type N1 uint32
type N2 string
type N3 float64

func (n N0) M() int   { return int(n) * 3 }
func (n N1) M() int   { return int(n>>3) ^ 5 }
func (n N2) M() int   { return len(n) + 100 }
func (n *N0) Set(x int) { *n = *n*2 + N0(x) }

type K struct {
	a int8
	s string
}

type I interface{ M() int }
type J interface {
	I
	Set(x int)
}

type E struct{ code int }

func (e E) Error() string { return "E" }

var sentinel = errors.New("sentinel")
var fuel = 0

func burn() bool {
	fuel--
	return fuel < 0
}

func say(what string, x any) {
	switch v := x.(type) {
	case nil:
		println(what, "nil")
	case error:
		println(what, "error", v.Error())
	case string:
		println(what, "string", v)
	case int:
		println(what, "int", v)
	case I:
		println(what, "I", v.M())
	default:
		println(what, "other")
	}
}

func try(what string, f func()) {
	defer func() {
		if x := recover(); x != nil {
			say(what, x)
		}
	}()
	f()
	println(what, "fine")
}

func cut(s string) string {
	if len(s) > 24 {
		return s[len(s)-24:]
	}
	return s
}

func whole(x float64) int64 {
	if x > -1e15 && x < 1e15 {
		return int64(x)
	}
	return 77
}

func h_float64(x float64) uint64 {
	if x != x {
		return 3
	}
	return uint64(whole(x * 1024))
}

func h_string(x string) uint64 {
	h := uint64(len(x))
	for i := 0; i < len(x); i++ {
		h = h*131 + uint64(x[i])
	}
	return h
}

func h_bool(x bool) uint64 {
	if x {
		return 11
	}
	return 12
}

func h_any(x any) uint64 {
	switch v := x.(type) {
	case nil:
		return 1
	case int:
		return uint64(v) + 2
	case string:
		return h_string(v) + 3
	case bool, uint8:
		if v == any(true) {
			return 4
		}
		return 5
	case float64:
		return h_float64(v) + 6
	case K:
		return h_string(v.s)*31 + uint64(v.a)
	case I:
		return uint64(v.M())*7 + 8
	}
	return 9
}

func h_I(x I) uint64 {
	if x == nil {
		return 1
	}
	return h_any(x)
}

func total(first int, rest ...int) int {
	sum := first
	for i, v := range rest {
		sum = sum*3 + v ^ i
	}
	return sum
}

"""


class Program(Writer):
    def __init__(self, seed, units=50):
        super().__init__(seed)
        self.units = units
        self.n = collections.Counter()  # how often each statement, operator and form occurs
        self.structs, self.hashed, self.funcs = {}, set(), []
        self.loops, self.depth, self.favourites = 0, 0, INTS

    def count_of(self, what):
        self.n[what] += 1

    def an_int(self):
        """A kind of integer: mostly one of the unit's favourites, so that variables meet."""
        return self.r.choice(self.favourites if self.chance(0.85) else INTS)

    def a_scalar(self):
        return self.r.choice([self.an_int(), self.an_int(), self.an_int(), self.pick("float64", "float64", "float32"), "string", "bool"])

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *choices):
        return self.r.choice(choices)

    # ---- types

    def declare_types(self):
        """Structs of the program; later ones may hold earlier ones. The last embeds the first."""
        simple = SCALARS + ["N0", "N1", "N2", "N3", "[3]int32", "[2]string", "K"]
        for i in range(4):
            name, fields = "T%d" % i, []
            for k in range(self.r.randrange(1, 7)):
                t = self.r.choice(simple)
                if i and self.chance(0.25):
                    earlier = "T%d" % self.r.randrange(i)
                    t = self.pick(earlier, "*" + earlier, "[2]" + earlier)
                elif self.chance(0.15):
                    t = self.pick("[]int", "[]string", "any", "I", "map[string]int")
                fields.append(("f%d" % k, t))
            self.structs[name] = fields
            self.put("type %s struct {" % name)
            if i == 3:
                self.put("\tT0")
            for field, t in fields:
                self.put("\t%s %s" % (field, t))
            self.put("}\n")
            ints = [f for f, t in fields if t in INTS]
            strings = [f for f, t in fields if t == "string"]
            value = " + ".join(["%d" % i] + ["int(x.%s)" % f for f in ints] + ["len(x.%s)" % f for f in strings])
            if i != 3:
                self.put("func (x %s) M() int { return %s }\n" % (name, value))
            if i != 3:
                self.put(
                    "func (x *%s) Set(v int) { %s }\n"
                    % (name, "; ".join("x.%s += %s(v)" % (f, t) for f, t in fields if t in INTS) or "_ = v")
                )
        self.structs["K"] = [("a", "int8"), ("s", "string")]
        self.put(self.funcs_of_literals())
        for t in (
            ["T%d" % i for i in range(4)]
            + ["[]%s" % t for t in ("int", "string", "uint8", "float64", "T0", "T1", "I", "[2]int8")]
            + ["map[%s]%s" % (k, v) for k in KEYS for v in ("int", "string", "T0", "[]int")]
            + ["[4]int", "[4]uint8", "[3]string", "[2]T1", "*T0", "*T1", "*T2", "*int"]
        ):
            self.hash_of(t)

    def funcs_of_literals(self):
        text = "".join("func c_%s(x %s) %s { return x }\n" % (t, t, t) for t in SCALARS)
        return text + "".join("func h_%s(x %s) uint64 { return uint64(x) }\n" % (t, t) for t in INTS)

    def kind(self, t):
        if t in INTS or t in FLOATS or t in ("string", "bool", "any", "I"):
            return "int" if t in INTS else "float" if t in FLOATS else t
        if t in NAMED:
            return "named"
        if t in self.structs:
            return "struct"
        if t.startswith("*"):
            return "pointer"
        if t.startswith("[]"):
            return "slice"
        if t.startswith("map["):
            return "map"
        return "func" if t.startswith("func") else "array"

    def array(self, t):
        n, elem = t[1:].split("]", 1)
        return int(n), elem

    def map_of(self, t):
        depth, i = 1, 4
        while depth:
            depth += {"[": 1, "]": -1}.get(t[i], 0)
            i += 1
        return t[4 : i - 1], t[i:]

    def hash_of(self, t):
        """An expression with %s for the value, of type uint64."""
        kind = self.kind(t)
        if kind in ("int", "string", "bool", "any", "I"):
            return "h_%s(%%s)" % t
        if kind == "float":
            return "h_float64(float64(%s))"
        if kind == "named":
            return self.hash_of(NAMED[t]).replace("%s", NAMED[t] + "(%s)")
        name = "h_" + "".join(c if c.isalnum() else "_%d_" % ord(c) for c in t)
        if name not in self.hashed:
            self.hashed.add(name)
            self.write_hash(name, t, kind)
        return name + "(%s)"

    def write_hash(self, name, t, kind):
        out = ["func %s(x %s) uint64 {" % (name, t), "\th := uint64(17)"]
        if kind == "struct":
            out += ["\th = h*31 + " + self.hash_of(u) % ("x." + f) for f, u in self.structs[t]]
            if t == "T3":
                out.append("\th = h*31 + " + self.hash_of("T0") % "x.T0")
        elif kind == "pointer":
            out += ["\tif x != nil {", "\t\th += " + self.hash_of(t[1:]) % "*x", "\t}"]
        elif kind == "map":
            k, v = self.map_of(t)
            hk, hv = self.hash_of(k) % "k", self.hash_of(v) % "v"
            out += ["\tfor k, v := range x {", "\t\th += (%s*7 + 1) * (%s + 3)" % (hk, hv), "\t}"]
        else:
            elem = t[2:] if kind == "slice" else self.array(t)[1]
            out += ["\tfor _, v := range x {", "\t\th = h*31 + " + self.hash_of(elem) % "v", "\t}"]
            if kind == "slice":
                out.append("\th ^= uint64(len(x))")
        self.lines.append("\n".join(out + ["\treturn h", "}\n"]))

    # ---- scopes and declarations

    def all_vars(self):
        return [(n, t) for scope in self.scopes for n, t in scope]

    def of_kind(self, *kinds):
        return [(n, t) for n, t in self.all_vars() if self.kind(t) in kinds]

    def assignable(self, *kinds):
        return [(n, t) for n, t in self.of_kind(*kinds) if n[0] == "v"]

    def declare(self, t, text):
        name = self.fresh()
        if self.chance(0.4):
            self.count_of("var declaration")
            self.put("var %s %s = %s" % (name, t, text))
        else:
            self.count_of(":= declaration")
            self.put("%s := %s" % (name, "(%s)(%s)" % (t, text)))
        self.put("_ = " + name)
        self.scopes[-1].append((name, t))
        return name

    def block(self, n=2, names=()):
        self.indent += 1
        self.depth += 1
        self.scopes.append(list(names))
        for _ in range(n):
            self.stmt()
        self.scopes.pop()
        self.depth -= 1
        self.indent -= 1

    def open(self, text):
        self.put(text + " {")

    def close(self, text="}"):
        self.put(text)

    # ---- expressions: no side effects, no panics

    def literal(self, t):
        if t in INTS:
            bits, signed = BITS[t], t[0] == "i"
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            return "c_%s(%d)" % (t, self.pick(low, high, 0, 1, self.r.randint(low, high), self.r.randint(0, 100)))
        if t in FLOATS:
            return "c_%s(%s)" % (t, self.pick("0", "1", "-1.5", "0.1", "3e10", "1e-7", "2.5", "1e30", "123456789", "-0.001"))
        if t == "string":
            return "c_string(%s)" % self.pick(
                '""', '"a"', '"hello"', '"\\u00e9\\u4e16x"', '"\\xff\\x80"', "`z\\n`", '"0123456789"', '"k%d"' % self.r.randrange(9)
            )
        if t == "bool":
            return "c_bool(%s)" % self.pick("true", "false")
        raise ValueError(t)

    def leaf(self, t):
        known = self.vars(t)
        if known and self.chance(0.75):
            return self.r.choice(known)
        kind = self.kind(t)
        if kind in ("int", "float", "string", "bool"):
            return self.literal(t)
        return self.value(t, 0)

    def expr(self, t, d=3):
        kind = self.kind(t)
        if d <= 0 or self.chance(0.15):
            return self.leaf(t)
        if kind in ("int", "float", "string", "bool"):
            return getattr(self, "expr_" + kind)(t, d - 1)
        return self.r.choice(self.vars(t)) if self.vars(t) and self.chance(0.5) else self.value(t, d - 1)

    def value(self, t, d):
        """A composite, pointer, interface, function or named value."""
        kind = self.kind(t)
        if kind == "named":
            return "%s(%s)" % (t, self.expr(NAMED[t], d))
        if kind == "struct":
            return self.struct_literal(t, d)
        if kind == "array":
            n, elem = self.array(t)
            self.count_of("array literal")
            if self.chance(0.3):
                return "%s{%d: %s}" % (t, self.r.randrange(n), self.expr(elem, d))
            return "%s{%s}" % (t, ", ".join(self.expr(elem, d) for _ in range(n)))
        if kind == "slice":
            self.count_of("slice literal")
            return "%s{%s}" % (t, ", ".join(self.expr(t[2:], d) for _ in range(self.r.randrange(1, 4))))
        if kind == "map":
            return self.map_literal(t, d)
        if kind == "pointer":
            base = self.kind(t[1:])
            local = [n for n in self.vars(t[1:]) if n[0] == "v"]
            if local and self.chance(0.6):
                self.count_of("&variable")
                return "&" + self.r.choice(local)
            self.count_of("new" if base != "struct" else "&literal")
            return "new(%s)" % t[1:] if base != "struct" else "&" + self.struct_literal(t[1:], d)
        if kind == "func":
            self.count_of("function literal")
            return "func(p int) int { return p %s %s }" % (self.pick("+", "^", "*"), self.leaf("int"))
        if kind == "I":
            self.count_of("conversion to interface")
            if d <= 0:
                return "I(%s)" % self.value(self.pick("N0", "N1", "N2"), 0)
            return "I(%s)" % self.r.choice(
                [self.value(u, d) for u in ("N0", "N1", "N2", self.pick("T0", "T1", "T2"))] + ["&" + self.struct_literal("T0", 0)]
            )
        self.count_of("conversion to interface")
        return "any(%s)" % self.expr(self.pick("int", "string", "bool", "float64", "uint8", "K", "N0", "N2"), d)

    def struct_literal(self, t, d):
        self.count_of("struct literal")
        fields = self.structs[t]
        some = [f for f in fields if self.chance(0.7) and (d > 0 or f[1] in SCALARS)]
        return "%s{%s}" % (t, ", ".join("%s: %s" % (f, self.expr(u, d - 1)) for f, u in some))

    def map_literal(self, t, d):
        self.count_of("map literal")
        k, v = self.map_of(t)
        pairs = ["%s: %s" % (self.opaque_key(k, d), self.expr(v, d)) for _ in range(self.r.randrange(0, 3))]
        return "%s{%s}" % (t, ", ".join(pairs))

    def opaque_key(self, k, d=0):
        """A key that is no constant, so that two alike are no error; never NaN."""
        if k == "float64":
            return "float64(%s)" % self.expr("int16", d)
        if k in ("bool", "string") or k in INTS:
            return "c_%s(%s)" % (k, self.expr(k, d))
        if k == "any":
            return "any(%s)" % self.expr(self.pick("int", "string", "K", "N0"), d)
        return self.expr(k, d)

    def binary(self, op, x, y):
        self.count_of(op)
        return "(%s %s %s)" % (x, op, y)

    def expr_int(self, t, d):
        k = self.r.randrange(22)
        if k < 5:
            op = self.pick("+", "-", "*", "&", "|", "^", "&^")
            if self.chance(0.2):
                return self.binary(op, self.leaf(t), self.pick("1", "3", "7", "100"))
            return self.binary(op, self.expr(t, d), self.expr(t, d))
        if k < 7:
            op = self.pick("/", "%")
            if self.chance(0.4):
                return self.binary(op, self.expr(t, d), self.pick("1", "2", "3", "7", "10", "16", "100"))
            return self.binary(op, self.expr(t, d), "(%s | 1)" % self.expr(t, d))
        if k < 9:
            u = self.an_int()
            mask = "& %s" % self.pick("7", "31", "63", "127")
            if u[0] == "u" and self.chance(0.3):
                mask = "+ 0"
            left = "%s(1)" % t if self.chance(0.2) else self.expr(t, d)
            return self.binary(self.pick("<<", ">>"), left, "(%s %s)" % (self.expr(u, d), mask))
        if k < 10:
            op = self.pick("-", "^", "+")
            self.count_of("unary " + op)
            return "(%s%s)" % (op, self.expr(t, d))
        if k < 13:
            self.count_of("integer conversion")
            return "%s(%s)" % (t, self.expr(self.an_int(), d))
        if k < 14:
            self.count_of("float to integer")
            return "%s(whole(%s))" % (t, self.expr("float64", d))
        if k < 15:
            self.count_of(self.pick("min", "max"))
            return "%s(%s, %s)" % (self.pick("min", "max"), self.expr(t, d), self.expr(t, d))
        if k < 17:
            return "%s(%s)" % (t, self.length(d))
        if k < 19:
            return self.part(t, d)
        return self.call(t, d)

    def length(self, d):
        self.count_of("len")
        known = self.of_kind("slice", "map", "array")
        if known and self.chance(0.7):
            name, t = self.r.choice(known)
            return ("c_int(len(%s))" if self.kind(t) == "array" else "len(%s)") % name  # an array's is a constant
        return "len(%s)" % self.expr("string", d)

    def part(self, t, d):
        """A value of type t within a variable."""
        forms = []
        for n, u in self.all_vars():
            kind = self.kind(u)
            if kind == "struct":
                forms += [n + "." + f for f, w in self.structs[u] if w == t]
                if u == "T3":
                    forms += [n + ".T0." + f for f, w in self.structs["T0"] if w == t]
                forms += ["%s.%s[%s&1]" % (n, f, "(%s)" % self.leaf("int")) for f, w in self.structs[u] if w[0] == "[" and w[1] in "23" and w[3:] == t]
            elif kind == "array" and self.array(u)[1] == t:
                size = self.array(u)[0]
                forms.append("%s[%s(%s)%%%d]" % (n, "uint", self.expr("int", d - 1), size))
            elif kind == "map" and self.map_of(u)[1] == t:
                forms.append("%s[%s]" % (n, self.opaque_key(self.map_of(u)[0])))
            elif kind == "pointer" and u[1:] == t:
                forms.append("*" + n)
            elif kind == "pointer" and u[1:] in self.structs:
                forms += [n + "." + f for f, w in self.structs[u[1:]] if w == t]
            elif kind == "I" and t == "int":
                forms.append(n + ".M()")
            elif kind == "named" and NAMED[u] == t:
                forms.append("%s(%s)" % (t, n))
            elif kind == "func" and t == "int":
                forms.append("%s(%s)" % (n, self.leaf("int")))
            elif kind == "string" and t == "uint8":
                forms.append("(%s + \"pad\")[(%s)&1]" % (n, self.leaf("int")))
        if not forms:
            return self.leaf(t)
        self.count_of("selector, index or call of a variable")
        return self.r.choice(forms)

    def call(self, t, d):
        known = [f for f in self.funcs if f[2] == [t]]
        if not known:
            if t == "int" and self.chance(0.5):
                self.count_of("variadic call")
                if self.vars("[]int") and self.chance(0.4):
                    return "total(%s, %s...)" % (self.leaf("int"), self.r.choice(self.vars("[]int")))
                return "total(%s)" % ", ".join(self.expr("int", d - 1) for _ in range(self.r.randrange(1, 4)))
            return self.leaf(t)
        self.count_of("call")
        name, params, _ = self.r.choice(known)
        return "%s(%s)" % (name, ", ".join(self.expr(p, d - 1) for p in params))

    def expr_float(self, t, d):
        k = self.r.randrange(9)
        if k < 4:
            return self.binary(self.pick("+", "-", "*", "/"), self.expr(t, d), self.expr(t, d))
        if k < 5:
            self.count_of("unary -")
            return "(-%s)" % self.expr(t, d)
        if k < 7:
            u = self.pick("int32", "int64", "uint8", "uint64", "float32", "float64", "uint32", "int8", "uint16")
            self.count_of("float conversion")
            return "%s(%s)" % (t, self.expr(u, d))
        if k < 8:
            self.count_of("min")
            return "min(%s, %s)" % (self.expr(t, d), self.expr(t, d))
        return self.part(t, d)

    def expr_string(self, t, d):
        k = self.r.randrange(10)
        if k < 3:
            self.count_of("string +")
            return "cut(%s + %s)" % (self.expr(t, d), self.expr(t, d))
        if k < 6:
            self.count_of("string conversion")
            return self.pick("string(rune(%s & 0x1ffff))" % self.expr("int32", d), "string([]byte(%s))" % self.expr(t, d),
                             "string([]rune(%s))" % self.expr(t, d), "string(N2(%s))" % self.expr(t, d))
        if k < 8:
            self.count_of("string slice")
            return self.pick('(%s + "xy")[1:]', '(%s + "pqr")[:2]', '("ab" + %s)[1:2]') % self.expr(t, d)
        return self.part(t, d)

    def expr_bool(self, t, d):
        k = self.r.randrange(11)
        if k < 5:
            u = self.pick(self.a_scalar(), self.a_scalar(), "string", "N0", "N2")
            op = self.pick("==", "!=", "<", "<=", ">", ">=") if u != "bool" else self.pick("==", "!=")
            return self.binary(op, self.expr(u, d), self.expr(u, d))
        if k < 7:
            return self.binary(self.pick("&&", "||", "==", "!="), self.expr(t, d), self.expr(t, d))
        if k < 8:
            self.count_of("!")
            return "!" + self.expr(t, d)
        if k < 10:
            u = self.pick("K", "[2]int8", "[4]int", "any", "I", "*T0", "*int", "[3]string")
            if self.kind(u) == "pointer" and not self.vars(u):
                return self.leaf(t)
            self.count_of("comparison of " + self.kind(u) + "s")
            x, y = ["(%s)" % self.expr(u, 1) if not self.vars(u) else self.r.choice(self.vars(u)) for _ in "12"]
            return self.binary(self.pick("==", "!="), x, y)
        return self.part(t, d)

    # ---- statements

    def stmt(self):
        self.budget -= 1
        if self.budget <= 0 and self.depth > 1:
            self.r.choice([self.s_assign, self.s_op, self.s_show])()
            return
        weights = self.weights
        self.r.choices([s for s, _ in weights], [w for _, w in weights])[0]()

    def choose_statements(self):
        """Each unit has its favourites, so that combinations get deep."""
        always = [(self.s_decl, 6), (self.s_assign, 5), (self.s_op, 4), (self.s_show, 2), (self.s_if, 2), (self.s_for, 2)]
        others = [getattr(self, s) for s in sorted(dir(self)) if s.startswith("s_")]
        others = [s for s in others if s not in [a for a, _ in always]]
        chosen = self.r.sample(others, min(len(others), 12))
        self.weights = always + [(s, self.r.randrange(1, 5)) for s in chosen]

    def s_decl(self):
        t = self.r.choice(
            [self.a_scalar() for _ in range(30)] + list(NAMED) + ["T0", "T1", "T2", "T3", "K", "[4]int", "[4]uint8", "[3]string", "[2]int8", "[2]T1", "any", "I", "*T0", "*T1",
                                     "*int", "[]int", "[]string", "[]uint8", "[]T0", "[]I", "func(int) int"]
            + ["map[%s]%s" % (self.r.choice(KEYS), self.pick("int", "string", "T0", "[]int")) for _ in range(3)]
        )
        if self.chance(0.1) and t in SCALARS:
            u = self.a_scalar()
            a, b = self.fresh(), self.fresh()
            self.count_of("several := declared")
            self.put("%s, %s := %s, %s" % (a, b, self.cast(t), self.cast(u)))
            self.put("_, _ = %s, %s" % (a, b))
            self.scopes[-1] += [(a, t), (b, u)]
            return
        if self.chance(0.1) and self.kind(t) not in ("pointer", "func", "I"):
            name = self.fresh()
            self.count_of("var without value")
            self.put("var %s %s" % (name, t))
            self.put("_ = " + name)
            self.scopes[-1].append((name, t))
            if self.kind(t) == "map":
                self.put("%s = make(%s)" % (name, t))
            return
        self.declare(t, self.expr(t))

    def cast(self, t):
        return "(%s)(%s)" % (t, self.expr(t, 2))

    def s_const(self):
        a, b = self.fresh(), self.fresh()
        self.count_of("const declaration")
        self.open("const (")
        self.lines[-1] = self.lines[-1][:-2]
        self.put("\tc%s = %d + iota*%d" % (a, self.r.randrange(-50, 50), self.r.randrange(1, 9)))
        self.put("\tc%s" % b)
        self.put("\tcf%s = 1 << (70 + iota) / 3.0 / (1 << 65)" % b)
        self.close(")")
        self.declare("int", "c%s*c%s + %s" % (a, b, self.leaf("int")))
        self.declare("float64", "cf%s" % b)

    def s_assign(self):
        known = self.assignable("int", "float", "string", "bool", "struct", "array", "named", "any", "I", "pointer", "func")
        known = [(n, t) for n, t in known if n not in self.frozen]
        if known:
            n, t = self.r.choice(known)
            self.count_of("=")
            self.put("%s = %s" % (n, self.expr(t)))

    def s_op(self):
        known = [(n, t) for n, t in self.assignable("int", "float", "string") if n not in self.frozen]
        if not known:
            return
        n, t = self.r.choice(known)
        if t == "string":
            self.count_of("string +=")
            self.put("%s += %s" % (n, self.expr(t, 2)))
            self.put("%s = cut(%s)" % (n, n))
        elif t in FLOATS:
            op = self.pick("+=", "-=", "*=", "/=")
            self.count_of(op)
            self.put("%s %s %s" % (n, op, self.expr(t)))
        else:
            k = self.r.randrange(5)
            if k == 0:
                op = self.pick("++", "--")
                self.count_of(op)
                self.put(n + op)
            elif k == 1:
                op = self.pick("<<=", ">>=")
                self.count_of(op)
                self.put("%s %s %s & 31" % (n, op, self.expr("uint8")))
            elif k == 2:
                op = self.pick("/=", "%=")
                self.count_of(op)
                self.put("%s %s %s | 1" % (n, op, self.expr(t)))
            else:
                op = self.pick("+=", "-=", "*=", "&=", "|=", "^=", "&^=")
                self.count_of(op)
                self.put("%s %s %s" % (n, op, self.expr(t)))

    def s_show(self):
        known = [(n, t) for n, t in self.all_vars() if self.kind(t) not in ("func",)]
        if known and self.chance(0.6):
            n, t = self.r.choice(known)
            self.put("println(%s)" % (self.hash_of(t) % n))
        else:
            self.put("println(%s)" % ", ".join(self.expr(self.a_scalar(), 2) for _ in range(self.r.randrange(1, 4))))
        self.count_of("println")

    def s_tuple(self):
        by = {}
        for n, t in self.assignable("int", "string", "struct", "array", "slice", "float"):
            if n not in self.frozen:
                by.setdefault(t, []).append(n)
        for t in ("int", "string"):
            while len(by.setdefault(t, [])) < 2:
                by[t].append(self.declare(t, self.expr(t, 2)))
        two = [v for v in by.values() if len(v) > 1]
        if two:
            a, b = self.r.sample(self.r.choice(two), 2)
            self.count_of("tuple assignment")
            self.put("%s, %s = %s, %s" % (a, b, b, a))
        for n, t in self.assignable("array")[:1]:
            i = self.fresh()
            self.count_of("tuple assignment with index")
            elem = self.array(t)[1]
            self.put("%s := 1" % i)
            self.put("%s, %s[%s] = 0, %s" % (i, n, i, self.expr(elem, 2)))
            self.put("_ = " + i)

    def s_field(self):
        """Assignment to a part of a variable."""
        places = []
        for n, t in self.assignable("struct", "array", "pointer"):
            kind, base = self.kind(t), t.lstrip("*")
            if base in self.structs:
                places += [(n + "." + f, u) for f, u in self.structs[base]]
            elif kind == "array":
                size, elem = self.array(t)
                places.append(("%s[uint(%s)%%%d]" % (n, self.expr("int", 1), size), elem))
            elif kind == "pointer":
                places.append(("*" + n, base))
        if places:
            place, t = self.r.choice(places)
            self.count_of("assignment to a part")
            if t in INTS and self.chance(0.4):
                op = self.pick("+=", "-=", "*=", "^=", "|=")
                self.count_of(op)
                self.put("%s %s %s" % (place, op, self.expr(t, 2)))
            else:
                self.put("%s = %s" % (place, self.expr(t, 2)))

    def s_if(self):
        self.count_of("if")
        if self.chance(0.3):
            name, t = self.fresh(), self.a_scalar()
            self.count_of("if with init")
            self.open("if %s := %s; %s" % (name, self.cast(t), self.binary("==", name, self.expr(t, 1))))
            names = [(name, t)]
        else:
            self.open("if " + self.expr("bool"))
            names = []
        self.block(2, names)
        if self.chance(0.3):
            self.count_of("else if")
            self.close("} else if %s {" % self.expr("bool", 2))
            self.block(1, names)
        if self.chance(0.5):
            self.count_of("else")
            self.close("} else {")
            self.block(2, names)
        self.close()

    def s_switch(self):
        self.count_of("switch")
        if self.chance(0.3):
            self.count_of("switch without tag")
            self.open("switch")
            cases = [self.expr("bool", 2) for _ in range(3)]
        else:
            t = self.pick("int8", "string", "uint16", "int", "N0")
            self.open("switch " + self.expr(t, 2))
            cases = ["%s, %s" % (self.opaque_key(t), self.leaf(t)) for _ in range(3)]
        for i, case in enumerate(cases):
            self.put("case %s:" % case)
            self.block(2)
            if i < 2 and self.chance(0.2):
                self.count_of("fallthrough")
                self.put("\tfallthrough")
            elif self.chance(0.15):
                self.count_of("break in switch")
                self.put("\tif %s {" % self.expr("bool", 1))
                self.put("\t\tbreak")
                self.put("\t}")
        if self.chance(0.7):
            self.put("default:")
            self.block(1)
        self.close()

    def s_typeswitch(self):
        self.count_of("type switch")
        x, v = self.expr("any", 2), self.fresh()
        if self.vars("I") and self.chance(0.3):
            x = "any(%s)" % self.r.choice(self.vars("I"))
        self.open("switch %s := %s.(type)" % (v, x if "(" in x else "%s" % x))
        for t in self.r.sample(["int", "string", "bool", "float64", "K", "N0", "I"], 4):
            self.put("case %s:" % t)
            self.block(1, [("(%s)" % v, t)])
            self.put("\t_ = %s" % v)
        self.put("case nil, uint8:")
        self.put("\tprintln(%s == nil)" % v)
        self.put("default:")
        self.put("\t_ = %s" % v)
        self.block(1)
        self.close()

    def s_assert(self):
        known = self.vars("any") + self.vars("I") or [self.declare("any", self.value("any", 2))]
        if known:
            v, ok, t = self.fresh(), self.fresh(), self.pick("int", "string", "K", "N0", "I", "J", "T0", "*T0")
            x = self.r.choice(known)
            self.count_of("type assertion, two results")
            x = "any(%s)" % x
            self.put("%s, %s := %s.(%s)" % (v, ok, x, t))
            self.put("_, _ = %s, %s" % (v, ok))
            self.scopes[-1].append((ok, "bool"))
            if t in ("int", "string", "K", "N0", "T0"):
                self.scopes[-1].append((v, t))

    def loop(self, head, names=(), label=None, uses=()):
        """A loop with a body that may leave it."""
        self.loops += 1
        if label:
            self.put(label + ":")
        self.open(head)
        self.indent += 1
        for name in uses:
            self.put("_ = " + name)
        self.put("if burn() {")
        self.put("\tbreak")
        self.put("}")
        self.indent -= 1
        self.block(self.r.randrange(1, 4), names)
        if label or self.chance(0.4):
            self.indent += 1
            self.put("if %s {" % self.expr("bool", 1))
            what = self.pick("break", "continue")
            if label:
                self.count_of(what + " with label")
                self.put("\t%s %s" % (what, label))
            else:
                self.count_of(what)
                self.put("\t" + what)
            self.put("}")
            self.indent -= 1
        self.close()
        self.loops -= 1

    def s_for(self):
        if self.loops >= 2:
            return
        i = self.fresh()
        k = self.r.randrange(3)
        if k == 0:
            self.count_of("for with three clauses")
            self.loop("for %s := %s; %s < %d; %s++" % (i, self.pick("0", "1"), i, self.r.randrange(2, 6), i), [("(%s + 0)" % i, "int")])
        elif k == 1:
            self.count_of("for with condition")
            self.put("%s := %d" % (i, self.r.randrange(1, 5)))
            self.open("for %s > 0" % i)
            self.put("\t%s--" % i)
            self.loops += 1
            self.block(2, [("(%s + 0)" % i, "int")])
            self.loops -= 1
            self.close()
        else:
            self.count_of("for without condition")
            self.put("%s := 0" % i)
            self.open("for")
            self.put("\tif %s++; %s > %d || burn() {" % (i, i, self.r.randrange(1, 5)))
            self.put("\t\tbreak")
            self.put("\t}")
            self.loops += 1
            self.block(2, [("(%s + 0)" % i, "int")])
            self.loops -= 1
            self.close()

    def s_nested(self):
        """Two loops, of which the inner one leaves the outer."""
        if self.loops >= 1:
            return
        i, k, label = self.fresh(), self.fresh(), "L" + self.fresh()
        self.loops += 2
        self.put(label + ":")
        self.open("for %s := 0; %s < 4; %s++" % (i, i, i))
        names = [("(%s + 0)" % i, "int")]
        self.block(1, names)
        self.indent += 1
        self.open("for %s := range 3" % k)
        self.count_of("range over an integer")
        self.block(1, names + [("(%s + 0)" % k, "int")])
        for what in ("break", "continue"):
            self.count_of(what + " with label")
            self.put("\tif burn() || %s {" % self.binary(self.pick("==", ">", "<"), "%s*3 + %s" % (i, k), str(self.r.randrange(12))))
            self.put("\t\t%s %s" % (what, label))
            self.put("\t}")
        self.close()
        self.indent -= 1
        self.block(1, names)
        self.close()
        self.loops -= 2

    def s_range(self):
        if self.loops >= 2:
            return
        k, v = self.fresh(), self.fresh()
        form = self.r.randrange(5)
        label = "L" + self.fresh() if self.chance(0.2) else None
        if form == 0:
            self.count_of("range over a string")
            over, names = self.expr("string", 2), [(k, "int"), (v, "int32")]
        elif form == 1:
            self.count_of("range over an array")
            over, names = "[...]uint16{1, %s, %s}" % (self.leaf("uint16"), self.leaf("uint16")), [(k, "int"), (v, "uint16")]
        elif form == 2:
            t = self.pick("[]int", "[]string", "[]T0", "[]uint8")
            self.count_of("range over a slice")
            over, names = self.expr(t, 2), [(k, "int"), (v, t[2:])]
        elif form == 3 and self.assignable("array"):
            n, t = self.r.choice(self.assignable("array"))
            self.count_of("range over an array")
            over, names = self.pick("", "&") + n, [(k, "int"), (v, self.array(t)[1])]
        else:
            self.count_of("range over an integer")
            self.loop("for %s := range %d" % (k, self.r.randrange(1, 5)), [("(%s + 0)" % k, "int")], label, [k])
            return
        if "{" in over:
            over = "(%s)" % over
        if self.chance(0.2):
            self.loop("for _, %s := range %s" % (v, over), names[1:], label, [v])
        else:
            self.loop("for %s, %s := range %s" % (k, v, over), [("(%s + 0)" % k, "int"), names[1]], label, [k, v])

    def s_goto(self):
        label, i = "G" + self.fresh(), self.fresh()
        self.count_of("goto")
        self.put("%s := 0" % i)
        self.put(label + ":")
        self.open("")
        self.lines[-1] = self.lines[-1].rstrip(" {").rstrip() + "\t" * self.indent + "{"
        saved, self.loops = self.loops, self.loops + 1
        self.block(2, [("(%s + 0)" % i, "int")])
        self.loops = saved
        self.close()
        self.put("if %s++; %s < %d && !burn() {" % (i, i, self.r.randrange(1, 4)))
        self.put("\tgoto " + label)
        self.put("}")

    def s_slice(self):
        known = self.assignable("slice")
        if not known:
            self.count_of("make of a slice")
            known = [(self.declare("[]int", "make([]int, %d, %d)" % (self.r.randrange(0, 5), self.r.randrange(5, 9))), "[]int")]
        n, t = self.r.choice(known)
        elem, k = t[2:], self.r.randrange(7)
        if n in self.frozen:
            return
        self.open("if len(%s) > 0 && len(%s) < 60" % (n, n))
        self.indent += 1
        if k == 0:
            self.count_of("append of values")
            self.put("%s = append(%s, %s)" % (n, n, ", ".join(self.expr(elem, 1) for _ in range(self.r.randrange(1, 4)))))
        elif k == 1:
            self.count_of("append of a slice")
            self.put("%s = append(%s[:1], %s...)" % (n, n, n))
        elif k == 2:
            self.count_of("copy")
            self.put("println(copy(%s[1:], %s))" % (n, n))
        elif k == 3:
            self.count_of("slice expression")
            self.put("%s = %s" % (n, self.pick("%s[1:]", "%s[:len(%s)-1]", "%s[len(%s)/2:len(%s)]").replace("%s", n)))
        elif k == 4:
            self.count_of("three-index slice")
            m = self.fresh()
            self.put("%s := append(%s[:1:1], %s)" % (m, n, self.expr(elem, 1)))
            self.put("println(len(%s), %s)" % (m, self.hash_of(t) % m))
        elif k == 5:
            self.count_of("assignment to an element")
            self.put("%s[uint(%s)%%uint(len(%s))] = %s" % (n, self.expr("int", 2), n, self.expr(elem, 2)))
        else:
            self.count_of("clear")
            self.put("clear(%s[:len(%s)/2])" % (n, n))
        self.put("println(%s)" % (self.hash_of(t) % n))
        self.indent -= 1
        self.close()
        if elem == "string" and self.chance(0.2):
            self.put("%s = nil" % n)

    def s_map(self):
        known = self.assignable("map")
        if not known:
            t = "map[%s]%s" % (self.r.choice(KEYS), self.pick("int", "string", "T0", "[]int"))
            self.count_of("make of a map")
            make = "make(%s)" % t if self.chance(0.5) else "make(%s, %d)" % (t, self.r.randrange(0, 40))
            known = [(self.declare(t, make), t)]
        n, t = self.r.choice(known)
        key, elem = self.map_of(t)
        k = self.r.randrange(8)
        if k < 3:
            self.count_of("assignment to a map element")
            if elem in ("int", "string") and self.chance(0.5):
                op = "+=" if elem == "string" else self.pick("+=", "-=", "*=", "^=")
                self.put("%s[%s] %s %s" % (n, self.opaque_key(key, 1), op, "\"m\"" if elem == "string" else self.expr(elem, 2)))
            else:
                self.put("%s[%s] = %s" % (n, self.opaque_key(key, 1), self.expr(elem, 2)))
        elif k == 3:
            self.count_of("delete")
            self.put("delete(%s, %s)" % (n, self.opaque_key(key, 1)))
        elif k == 4:
            v, ok = self.fresh(), self.fresh()
            self.count_of("map index, two results")
            self.put("%s, %s := %s[%s]" % (v, ok, n, self.opaque_key(key, 1)))
            self.put("println(%s, %s)" % (ok, self.hash_of(elem) % v))
            self.scopes[-1] += [(v, elem), (ok, "bool")]
        elif k == 5:
            self.count_of("range over a map")
            a, b = self.fresh(), self.fresh()
            self.put("%s := uint64(0)" % b)
            self.open("for %s := range %s" % (a, n))
            self.put("\t%s += %s" % (b, self.hash_of(key) % a))
            if self.chance(0.3):
                self.put("\tdelete(%s, %s)" % (n, a))
            self.close()
            self.put("println(%s, len(%s))" % (b, n))
        elif k == 6 and key in ("int", "int64", "uint8", "string"):
            self.count_of("map filled in a loop")
            i = self.fresh()
            index = "%s(%s*%d)" % (key, i, self.r.randrange(1, 9)) if key != "string" else "string(rune(%s+48))" % i
            self.open("for %s := 0; %s < %d && len(%s) < 200; %s++" % (i, i, self.r.randrange(5, 70), n, i))
            self.put("\t%s[%s] = %s" % (n, index, self.expr(elem, 1)))
            self.close()
        elif self.chance(0.2):
            self.count_of("clear")
            self.put("clear(%s)" % n)
        self.put("println(len(%s), %s)" % (n, self.hash_of(t) % n))

    def s_closure(self):
        t, f = self.a_scalar(), self.fresh()
        self.count_of("closure")
        saved, self.loops = self.loops, 2
        p = self.fresh()
        self.open("%s := func(%s %s) %s" % (f, p, t, t))
        self.block(self.r.randrange(1, 4), [(p, t)])
        self.put("\treturn %s" % self.expr(t, 2))
        self.close()
        self.loops = saved
        r = self.fresh()
        self.put("%s := %s(%s)" % (r, f, self.expr(t, 2)))
        self.put("_ = " + r)
        self.scopes[-1].append((r, t))
        if self.chance(0.3):
            self.put("%s = %s(%s)" % (r, f, r))

    def s_counters(self):
        """Closures made in a loop, each with a variable of its own and one for all."""
        fs, i, sum_ = self.fresh(), self.fresh(), self.fresh()
        self.count_of("closures made in a loop")
        self.put("%s, %s := []func() int{}, 0" % (fs, sum_))
        self.open("for %s := 0; %s < 3; %s++" % (i, i, i))
        self.put("\t%s = append(%s, func() int { %s += %s + 1; %s *= 2; return %s + %s })" % (fs, fs, sum_, i, i, sum_, i))
        self.close()
        self.open("for _, f := range %s" % fs)
        self.put("\tx, y := f(), 0")
        self.put("\ty = f()")
        self.put("\tprintln(x, y, %s)" % sum_)
        self.close()

    def s_method(self):
        known = [(n, t) for n, t in self.assignable("struct", "pointer", "named") if t in ("T0", "T1", "T2", "T3", "*T0", "*T1", "*T2", "N0")]
        if not known:
            t = self.pick("T0", "T1", "T2", "T3", "*T0", "*T1", "N0")
            known = [(self.declare(t, self.value(t, 2)), t)]
        n, t = self.r.choice(known)
        base, k = t.lstrip("*"), self.r.randrange(6)
        m, x = self.fresh(), self.expr("int", 2)
        if k == 0:
            self.count_of("method call")
            self.put("%s.Set(%s)" % (n, x))
        elif k == 1:
            self.count_of("method value")
            self.put("%s := %s.M" % (m, n))
            self.put("%s.Set(%s)" % (n, x))
            self.put("println(%s())" % m)
        elif k == 2:
            self.count_of("method value")
            self.put("%s := %s.Set" % (m, n))
            self.put("%s(%s)" % (m, x))
        elif k == 3:
            self.count_of("method expression")
            self.put("println((%s).M(%s))" % (base, n if t[0] != "*" else "*" + n))
            self.put("(*%s).Set(%s, %s)" % (base, n if t[0] == "*" else "&" + n, x))
        elif k == 4:
            self.count_of("conversion to interface")
            self.put("var %s J = %s" % (m, n if t[0] == "*" else "&" + n))
            self.put("%s.Set(%s)" % (m, x))
            self.put("println(%s.M())" % m)
        else:
            self.count_of("interface in an interface")
            self.put("var %s I = %s" % (m, n))
            self.put("if j, ok := %s.(J); ok {" % m)
            self.put("\tj.Set(%s)" % x)
            self.put("\tprintln(j.M())")
            self.put("}")
        self.put("println(%s.M())" % n)

    def s_local_type(self):
        t, x = "L" + self.fresh(), self.fresh()
        self.count_of("local type")
        self.open("type %s struct" % t)
        self.put("\ta, b %s" % self.r.choice(SCALARS))
        self.put("\tc [2]%s" % self.r.choice(SCALARS))
        self.close()
        self.put("var %s, y%s %s" % (x, x, t))
        self.put("y%s.c[1] = %s.c[0]" % (x, x))
        self.put("println(%s == y%s)" % (x, x))
        self.count_of("==")
        self.count_of("anonymous struct")
        self.put("z%s := struct{ p, q int }{%s, %s}" % (x, self.expr("int", 2), self.expr("int", 2)))
        self.put("println(z%s.p, z%s.q)" % (x, x))

    def s_defer(self):
        """A function literal called where it stands, with deferred calls that see and change its results."""
        r, k = self.fresh(), self.r.randrange(4)
        saved, self.loops = self.loops, 2
        self.open("%s := func() (res int)" % r)
        self.indent += 1
        self.count_of("defer")
        self.put("defer func(n int) { res = res*3 + n }(%s)" % self.expr("int", 1))
        if k == 1:
            i = self.fresh()
            self.count_of("defer in a loop")
            self.put("for %s := 0; %s < %d; %s++ {" % (i, i, self.r.randrange(1, 4), i))
            self.put("\tdefer func() { res = res*5 + %s }()" % i)
            self.put("}")
        if k >= 2:
            self.count_of("recover")
            self.put("defer func() {")
            self.put("\tx := recover()")
            self.put('\tsay("recovered", x)')
            self.put("\tres += %s" % self.expr("int", 1))
            self.put("}()")
        self.indent -= 1
        self.block(2)
        if k >= 2:
            self.indent += 1
            self.put("if %s {" % self.expr("bool", 1))
            self.count_of("panic")
            self.put("\tpanic(%s)" % self.pick('"text"', "E{3}", "sentinel", self.expr("int", 1), "N0(4)", "any(nil)", "K{}"))
            self.put("}")
            self.indent -= 1
        self.count_of("return")
        self.put("\treturn %s" % self.expr("int", 2))
        self.close("}()")
        self.loops = saved
        self.put("println(%s)" % r)
        self.scopes[-1].append((r, "int"))

    def s_fault(self):
        """Statements that may fail at run time, and nothing else."""
        for _ in range(3):
            self.fault()

    def fault(self):
        what = "fault %d" % len(self.lines)
        i = self.leaf("int")
        forms = {
            "index out of range": "println([]int{1, 2, 3}[uint(%s)%%5])" % i,
            "negative index": "println([]int{1, 2, 3}[%s%%4])" % i,
            "string index": "println((%s)[uint(%s)%%4])" % (self.leaf("string"), i),
            "slice bounds": "println(len([]int{1, 2, 3, 4}[uint(%s)%%6:uint8(%s)%%6]))" % (i, self.leaf("int")),
            "string bounds": 'println(("hello" + "")[uint(%s)%%8:])' % i,
            "division": "println(100 / (%s %% 3))" % i,
            "remainder": "println(100 %% (%s %% 3))" % i,
            "shift": "println(1 << (%s %% 3))" % i,
            "nil map": "var m map[string]int; if %s { m = map[string]int{} }; m[\"a\"]++" % self.leaf("bool"),
            "nil pointer": "var p *T0; if %s { p = new(T0) }; println(%s)" % (self.leaf("bool"), self.hash_of("T0") % "*p"),
            "nil function": "var f func(); if %s { f = func() {} }; f()" % self.leaf("bool"),
            "nil interface": "var i I; if %s { i = N0(3) }; println(i.M())" % self.leaf("bool"),
            "type assertion": "println(%s.(int))" % ("any(%s)" % self.leaf(self.pick("int", "string", "K", "N0", "any"))),
            "interface assertion": "println(any(%s).(I).M())" % self.leaf(self.pick("int", "N0", "K", "any")),
            "make": "println(len(make([]int, %s %% 5)))" % i,
            "conversion to array": "println(([2]int)([]int{1, 2, 3}[:uint(%s)%%4])[0])" % i,
            "closed channel": "c := make(chan int, 1); if %s { close(c) }; c <- 1" % self.leaf("bool"),
            "close twice": "c := make(chan int); if %s { close(c) }; close(c)" % self.leaf("bool"),
            "unhashable": "m := map[any]int{}; m[any(%s)]++; println(len(m))" % self.pick("[]int{1}", "3", "func() {}", "K{}", "map[int]int{}"),
            "uncomparable": "x := any(%s); println(x == x)" % self.pick("[]int{1}", "3", "K{}", "map[int]int{}", "[1]any{[]int{}}"),
            "array index": "a := [4]int{1, 2, 3}; println(a[uint(%s)%%6])" % i,
            "panic in defer": "defer func() { panic(\"second\") }(); if %s { panic(\"first\") }" % self.leaf("bool"),
        }
        form = self.r.choice(sorted(forms))
        self.count_of("fault: " + form)
        self.put('try("%s", func() {' % what)
        for line in forms[form].split("; "):
            self.put("\t" + line)
        self.put("})")

    def s_channel(self):
        c, r, k = self.fresh(), self.fresh(), self.r.randrange(7)
        x = self.expr("int", 2)
        size = self.pick("", ", 1", ", 3")
        if k == 0:
            self.count_of("go")
            self.count_of("send")
            self.count_of("receive")
            self.put("%s := make(chan int%s)" % (c, size))
            self.put("go func(n int) { %s <- n*2 + 1 }(%s)" % (c, x))
            self.put("%s := <-%s" % (r, c))
        elif k == 1:
            self.count_of("range over a channel")
            self.count_of("close")
            self.put("%s := make(chan int%s)" % (c, size))
            self.put("go func(n int) {")
            self.put("\tdefer close(%s)" % c)
            self.put("\tfor i := 0; i < n; i++ {")
            self.put("\t\t%s <- i * i" % c)
            self.put("\t}")
            self.put("}(%s & 7)" % x)
            self.put("%s := 0" % r)
            self.put("for v := range %s {" % c)
            self.put("\t%s = %s*7 + v" % (r, r))
            self.put("}")
        elif k == 2:
            self.count_of("select with default")
            self.put("%s := make(chan int, 1)" % c)
            self.put("%s := 0" % r)
            self.put("for i := 0; i < 3; i++ {")
            self.put("\tselect {")
            self.put("\tcase %s <- %s:" % (c, self.expr("int", 1)))
            self.put("\t\t%s += 5" % r)
            self.put("\tdefault:")
            self.put("\t\t%s = %s*3 + <-%s" % (r, r, c))
            self.put("\t}")
            self.put("}")
        elif k == 3:
            self.count_of("select")
            d = self.fresh()
            self.put("%s, %s := make(chan int%s), make(chan string)" % (c, d, size))
            self.put("go func() {")
            self.put("\t%s <- %s" % (self.pick(c + " <- 3; " + c, c) if size == ", 3" else c, self.expr("int", 1)))
            self.put("\tclose(%s)" % d)
            self.put("}()")
            self.put("%s, open := 0, true" % r)
            self.put("for open {")
            self.put("\tselect {")
            self.put("\tcase v := <-%s:" % c)
            self.put("\t\t%s += v" % r)
            self.put("\tcase _, open = <-%s:" % d)
            self.put("\t\tfor len(%s) > 0 {" % c)
            self.put("\t\t\t%s += <-%s" % (r, c))
            self.put("\t\t}")
            self.put("\t}")
            self.put("}")
        elif k == 4:
            self.count_of("worker goroutines")
            t = self.pick("T0", "K", "[3]string")
            d = self.fresh()
            self.put("%s, %s := make(chan %s%s), make(chan uint64)" % (c, d, t, size))
            self.put("for w := range 3 {")
            self.put("\tgo func() {")
            self.put("\t\tsum := uint64(0)")
            self.put("\t\tfor x := range %s {" % c)
            self.put("\t\t\tsum += %s" % (self.hash_of(t) % "x"))
            self.put("\t\t}")
            self.put("\t\t%s <- sum + uint64(w)" % d)
            self.put("\t}()")
            self.put("}")
            self.put("for i := 0; i < 10; i++ {")
            self.put("\t%s <- %s" % (c, self.expr(t, 2)))
            self.put("}")
            self.put("close(%s)" % c)
            self.put("%s := int(<-%s + <-%s + <-%s)" % (r, d, d, d))
        elif k == 5:
            self.count_of("receive of a closed channel")
            self.put("%s := make(chan string, 2)" % c)
            self.put("%s <- %s" % (c, self.expr("string", 1)))
            self.put("close(%s)" % c)
            self.put("s1, ok1 := <-%s" % c)
            self.put("s2, ok2 := <-%s" % c)
            self.put("println(s1, ok1, s2, ok2)")
            self.lines[-3:] = [line.replace("s1", "s1" + c).replace("s2", "s2" + c).replace("ok1", "ok1" + c).replace("ok2", "ok2" + c) for line in self.lines[-3:]]
            self.put("%s := len(%s) + cap(%s)" % (r, c, c))
        else:
            self.count_of("directed channels")
            d = self.fresh()
            self.put("%s, %s := make(chan int), make(chan int)" % (c, d))
            self.put("go func(in <-chan int, out chan<- int) {")
            self.put("\tfor v := range in {")
            self.put("\t\tout <- v ^ %s" % self.expr("int", 1))
            self.put("\t}")
            self.put("\tclose(out)")
            self.put("}(%s, %s)" % (c, d))
            self.put("%s := 1" % r)
            self.put("for i := range 4 {")
            self.put("\t%s <- i + %s" % (c, r))
            self.put("\t%s = %s*3 + <-%s" % (r, r, d))
            self.put("}")
            self.put("close(%s)" % c)
            self.put("_, ok%s := <-%s" % (d, d))
            self.put("println(ok%s)" % d)
        self.put("println(%s)" % r)
        self.scopes[-1].append((r, "int"))

    def s_shadow(self):
        known = self.assignable("int", "string")
        if known:
            n, t = self.r.choice(known)
            self.count_of("shadowing block")
            self.put("{")
            self.put("\t%s := %s" % (n, self.cast(t)))
            self.put("\t_ = %s" % n)
            self.block(2)
            self.put("\tprintln(%s)" % n)
            self.put("}")

    def s_results(self):
        known = [f for f in self.funcs if len(f[2]) > 1]
        if known:
            self.call_results(self.r.choice(known))

    def call_results(self, f):
        name, params, results = f
        names = [self.fresh() for _ in results]
        self.count_of("call with several results" if len(results) > 1 else "call")
        self.put("%s := %s(%s)" % (", ".join(names), name, ", ".join(self.expr(p, 1) for p in params)))
        for n, t in zip(names, results):
            self.put("_ = " + n)
            self.scopes[-1].append((n, t))

    def s_return(self):
        if self.result and self.depth >= 2:
            self.count_of("return")
            self.put("if %s {" % self.expr("bool", 2))
            self.put("\treturn %s" % ", ".join(self.expr(t, 2) for t in self.result))
            self.put("}")

    # ---- functions

    def func(self, name, params, results):
        self.open("func %s(%s) (%s)" % (name, ", ".join("v%s_%d %s" % ("p", i, t) for i, t in enumerate(params)), ", ".join(results)))
        self.indent = 1
        self.put("if burn() {")
        zero = [self.fresh() for _ in results]
        for z, t in zip(zero, results):
            self.put("\tvar %s %s" % (z, t))
        self.put("\treturn " + ", ".join(zero))
        self.put("}")
        self.scopes, self.frozen, self.depth = [[("vp_%d" % i, t) for i, t in enumerate(params)]], set(), 1
        self.result, self.budget, self.loops = [], self.r.randrange(1, 7), 1
        saved, self.weights = self.weights, [(self.s_decl, 4), (self.s_assign, 3), (self.s_op, 3), (self.s_if, 1), (self.s_for, 1),
                                             (self.s_switch, 1), (self.s_return, 2), (self.s_field, 1)]
        self.result = results
        while self.budget > 0:
            self.stmt()
        self.weights, self.result = saved, []
        self.count_of("return")
        self.put("return " + ", ".join(self.expr(t, 2) for t in results))
        self.indent = 0
        self.put("}\n")
        self.funcs.append((name, params, results))

    def recursive(self, name):
        t = self.pick("int", "uint16", "string")
        self.count_of("recursive function")
        self.put("func %s(n int, x %s) %s {" % (name, t, t))
        self.put("\tif n <= 0 || burn() {")
        self.put("\t\treturn x")
        self.put("\t}")
        self.put("\ty := %s(n-1, %s)" % (name, {"int": "x*3 + n", "uint16": "x ^ uint16(n)", "string": 'cut(x + "r")'}[t]))
        self.put("\treturn y %s x" % ("+" if t != "uint16" else "-") if t != "string" else "\treturn cut(y + x)")
        self.put("}\n")
        self.funcs.append((name, ["int8", t], [t]))
        self.funcs.pop()
        self.recursions = [(name, t)]

    def unit(self, i):
        self.favourites = ["int"] + self.r.sample(INTS, 2)
        self.choose_statements()
        self.funcs = []
        types = [self.a_scalar() for _ in range(8)] + ["N0", "T0", "T1", "K", "[4]int", "[]int", "any", "I", "*T0"]
        for k in range(self.r.randrange(1, 4)):
            params = [self.r.choice(types) for _ in range(self.r.randrange(0, 7))]
            results = [self.r.choice([self.a_scalar(), self.a_scalar(), self.a_scalar(), "T0", "[4]int"]) for _ in range(self.pick(1, 1, 1, 2, 3))]
            self.func("u%df%d" % (i, k), params, results)
        self.recursive("u%dr" % i)
        self.open("func u%d()" % i)
        self.indent = 1
        self.scopes, self.frozen, self.depth, self.loops = [[]], set(), 1, 0
        self.result, self.budget = [], self.r.randrange(12, 36)
        self.put("fuel = %d" % self.r.randrange(100, 2000))
        name, t = self.recursions[0]
        self.put("println(%s(%d, %s))" % (name, self.r.randrange(1, 60), self.literal(t)))
        while self.budget > 0:
            self.stmt()
        for f in self.funcs:
            self.call_results(f)
        for n, t in self.scopes[0]:
            if self.kind(t) != "func":
                self.put("println(%s)" % (self.hash_of(t) % n))
        self.indent = 0
        self.put("}\n")

    def make(self):
        self.declare_types()
        for i in range(self.units):
            self.count = 0
            self.unit(i)
        self.open("func main()")
        for i in range(self.units):
            self.put('\tprintln("unit", %d)' % i)
            self.put('\ttry("end", u%d)' % i)
        if self.chance(0.3):
            self.count_of("panic that ends the program")
            self.put("\tpanic(%s)" % self.pick('"last words"', "E{1}", "sentinel", "42", "1.5", "N2(\"named\")", "K{}.s"))
        self.close()
        return PRELUDE + "\n".join(self.lines) + "\n"


def main():
    args = [a for a in sys.argv[1:] if a != "--counts"]
    program = Program(int(args[0]), int(args[1]) if len(args) > 1 else 50)
    text = program.make()
    if "--counts" in sys.argv:
        for what, n in sorted(program.n.items()):
            print(n, what)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
