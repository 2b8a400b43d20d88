"""Expressions of the random programs: no side effects, no panics."""

from gotypes import BITS, FLOATS, INTS, NAMED, SCALARS, bounds


class Expressions:
    def literal(self, t):
        if t in INTS:
            low, high = bounds(t)
            corner = self.pick(low, high, low + 1, high - 1, high // 2 + 1, max(-1, low))
            return "c_%s(%d)" % (t, self.pick(corner, corner, 0, 1, self.r.randint(low, high), self.r.randint(0, 100)))
        if t in FLOATS:
            some = ["0", "1", "-1.5", "0.1", "3e10", "1e-7", "2.5", "1e30", "123456789", "-0.001"]
            return "c_%s(%s)" % (t, self.pick(*some))
        if t == "string":
            return "c_string(%s)" % self.pick(
                '""', '"a"', '"hello"', '"\\u00e9\\u4e16x"', '"\\xff\\x80"', "`z\\n`", '"0123456789"',
                '"k%d"' % self.r.randrange(9)
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
            values = [self.value(u, d) for u in ("N0", "N1", "N2", self.pick("T0", "T1", "T2"))]
            return "I(%s)" % self.r.choice(values + ["&" + self.struct_literal("T0", 0)])
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
        self.count_of("map[%s]" % k)
        pairs = ["%s: %s" % (self.opaque_key(k, d), self.expr(v, d)) for _ in range(self.r.randrange(0, 3))]
        return "%s{%s}" % (t, ", ".join(pairs))

    def opaque_key(self, k, d=0):
        """A key that is no constant, so that two alike are no error; never NaN."""
        if k in FLOATS:
            return "%s(%s)" % (k, self.expr("int16", d))
        if k == "N3":
            return "N3(%s)" % self.expr("int16", d)
        if k == "I":
            return "I(%s)" % self.value(self.pick("N0", "N1", "N2"), d)
        if k in ("bool", "string") or k in INTS:
            return "c_%s(%s)" % (k, self.expr(k, d))
        if k == "any":
            return "any(%s)" % self.expr(self.pick("int", "string", "K", "N0", "[2]int8", "uint64", "bool"), d)
        return self.expr(k, d)

    def binary(self, op, x, y, t):
        """t: the operands' type; a shift's is that of the left one."""
        self.count_of("%s %s" % (op, t))
        return "(%s %s %s)" % (x, op, y)

    def expr_int(self, t, d):
        k = self.r.randrange(22)
        if k < 5:
            op = self.pick("+", "-", "*", "&", "|", "^", "&^")
            if self.chance(0.2):
                return self.binary(op, self.leaf(t), self.pick("1", "3", "7", "100"), t)
            return self.binary(op, self.expr(t, d), self.expr(t, d), t)
        if k < 7:
            op = self.pick("/", "%")
            if self.chance(0.4):
                return self.binary(op, self.expr(t, d), self.divisor(t), t)
            return self.binary(op, self.expr(t, d), "(%s | 1)" % self.expr(t, d), t)
        if k < 9:
            return self.shift(t, d)
        if k < 10:
            op = self.pick("-", "^", "+")
            self.count_of("unary " + op)
            return "(%s%s)" % (op, self.expr(t, d))
        if k < 13:
            u = self.r.choice(INTS)
            self.count_of("integer conversion")
            self.count_of("%s(%s)" % (t, u))
            return "%s(%s)" % (t, self.expr(u, d))
        if k < 14:
            self.count_of("float to integer")
            u = self.pick(*FLOATS)
            self.count_of("%s(%s)" % (t, u))
            form = "%s(in_%s(%s))" if u == "float64" else "%s(float32(in_%s(float64(%s))))"
            return form % (t, t, self.expr(u, d))
        if k < 15:
            return self.least(t, d)
        if k < 17:
            return "%s(%s)" % (t, self.length(d))
        if k < 19:
            return self.part(t, d)
        return self.call(t, d)

    def divisor(self, t):
        """A constant; a power of two in half of the cases, the least one of all sometimes."""
        bits = BITS[t] - (t[0] == "i")
        if self.chance(0.5):
            self.count_of("division by powers of two")
            return str(1 << self.r.randrange(bits))
        low, high = bounds(t)
        return self.pick("3", "7", "10", "100", str(high), str(low or 5), "-1" if low else "1")

    def shift(self, t, d):
        op, u = self.pick("<<", ">>"), self.an_int()
        count = "(%s & %s)" % (self.expr(u, d), self.pick("7", "31", "63", "127"))
        if self.chance(0.2):
            count = str(self.r.randrange(BITS[t] + 9))
        elif u[0] == "u" and self.chance(0.4):
            self.count_of("shifts by any count")
            count = "(%s)" % self.expr(u, d)
        left = self.expr(t, d)
        if self.chance(0.2) and not count.isdigit():
            self.count_of("constant shifted")
            left = "%s(%d)" % (t, self.pick(1, 1, bounds(t)[0], bounds(t)[1], 77))
        return self.binary(op, left, count, t)

    def least(self, t, d):
        what = self.pick("min", "max")
        self.count_of(what)
        return "%s(%s)" % (what, ", ".join(self.expr(t, d) for _ in range(self.pick(1, 2, 2, 3))))

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
                arrays = [f for f, w in self.structs[u] if w[0] == "[" and w[1] in "23" and w[3:] == t]
                forms += ["%s.%s[(%s)&1]" % (n, f, self.leaf("int")) for f in arrays]
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
            return self.binary(self.pick("+", "-", "*", "/"), self.expr(t, d), self.expr(t, d), t)
        if k < 5:
            self.count_of("unary -")
            return "(-%s)" % self.expr(t, d)
        if k < 7:
            u = self.r.choice(INTS + FLOATS)
            self.count_of("%s(%s)" % (t, u))
            self.count_of("float conversion")
            return "%s(%s)" % (t, self.expr(u, d))
        if k < 8:
            return self.least(t, d)
        return self.part(t, d)

    def expr_string(self, t, d):
        k = self.r.randrange(10)
        if k < 3:
            self.count_of("+ string")
            return "cut(%s + %s)" % (self.expr(t, d), self.expr(t, d))
        if k < 6:
            self.count_of("string conversion")
            forms = ["string(rune(%s & 0x1ffff))" % self.expr("int32", d)]
            forms += [form % self.expr(t, d) for form in ("string([]byte(%s))", "string([]rune(%s))", "string(N2(%s))")]
            return self.r.choice(forms)
        if k < 8:
            if self.chance(0.2):
                return self.least(t, d)
            self.count_of("string slice")
            return self.pick('(%s + "xy")[1:]', '(%s + "pqr")[:2]', '("ab" + %s)[1:2]') % self.expr(t, d)
        return self.part(t, d)

    def expr_bool(self, t, d):
        k = self.r.randrange(11)
        if k < 5:
            u = self.pick(self.a_scalar(), self.a_scalar(), "string", *NAMED)
            op = self.pick("==", "!=", "<", "<=", ">", ">=") if u != "bool" else self.pick("==", "!=")
            return self.binary(op, self.expr(u, d), self.expr(u, d), u)
        if k < 7:
            return self.binary(self.pick("&&", "||", "==", "!="), self.expr(t, d), self.expr(t, d), t)
        if k < 8:
            self.count_of("!")
            return "!" + self.expr(t, d)
        if k < 10:
            u = self.pick("K", "[2]int8", "[4]int", "any", "I", "*T0", "*int", "[3]string")
            if self.kind(u) == "pointer" and not self.vars(u):
                return self.leaf(t)
            self.count_of("comparison of " + self.kind(u) + "s")
            x, y = ["(%s)" % self.expr(u, 1) if not self.vars(u) else self.r.choice(self.vars(u)) for _ in "12"]
            return "(%s %s %s)" % (x, self.pick("==", "!="), y)
        return self.part(t, d)
