"""Declarations, assignments and control flow of the random programs."""

from gotypes import FLOATS, INTS, KEYS, NAMED, SCALARS

COMPOSITES = ["T0", "T1", "T2", "T3", "K", "[4]int", "[4]uint8", "[3]string", "[2]int8", "[2]T1", "any", "I", "*T0",
              "*T1", "*int", "[]int", "[]string", "[]uint8", "[]T0", "[]I", "func(int) int"]


class Statements:
    def s_decl(self):
        scalars = [self.a_scalar() for _ in range(30)]
        maps = ["map[%s]%s" % (self.r.choice(KEYS), self.pick("int", "string", "T0", "[]int")) for _ in range(3)]
        t = self.r.choice(scalars + list(NAMED) + COMPOSITES + maps)
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
        kinds = ("int", "float", "string", "bool", "struct", "array", "named", "any", "I", "pointer", "func")
        known = [(n, t) for n, t in self.assignable(*kinds) if n not in self.frozen]
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
            self.count_of("+= string")
            self.put("%s += %s" % (n, self.expr(t, 2)))
            self.put("%s = cut(%s)" % (n, n))
        elif t in FLOATS:
            op = self.pick("+=", "-=", "*=", "/=")
            self.count_of("%s %s" % (op, t))
            self.put("%s %s %s" % (n, op, self.expr(t)))
        else:
            k = self.r.randrange(7)
            if k <= 1:
                op = self.pick("++", "--")
                self.put(n + op)
            elif k == 2:
                op = self.pick("<<=", ">>=")
                self.put("%s %s %s & 31" % (n, op, self.expr("uint8")))
            elif k == 3:
                op = self.pick("/=", "%=")
                self.put("%s %s %s | 1" % (n, op, self.expr(t)))
            else:
                op = self.pick("+=", "-=", "*=", "&=", "|=", "^=", "&^=")
                self.put("%s %s %s" % (n, op, self.expr(t)))
            self.count_of("%s %s" % (op, t))

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
        if not self.assignable("array"):
            self.declare("[4]int", self.expr("[4]int"))
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
            if t in INTS and self.chance(0.15):
                self.count_of("++ and -- of a part")
                self.put(place + self.pick("++", "--"))
            elif t in INTS and self.chance(0.4):
                op = self.pick("+=", "-=", "*=", "^=", "|=")
                self.count_of("%s %s" % (op, t))
                self.put("%s %s %s" % (place, op, self.expr(t, 2)))
            else:
                self.put("%s = %s" % (place, self.expr(t, 2)))

    def s_if(self):
        self.count_of("if")
        if self.chance(0.3):
            name, t = self.fresh(), self.a_scalar()
            self.count_of("if with init")
            self.open("if %s := %s; %s" % (name, self.cast(t), "%s == %s" % (name, self.expr(t, 1))))
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
            head = "for %s := %s; %s < %d; %s++" % (i, self.pick("0", "1"), i, self.r.randrange(2, 6), i)
            self.loop(head, [("(%s + 0)" % i, "int")])
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
            leave = self.binary(self.pick("==", ">", "<"), "%s*3 + %s" % (i, k), str(self.r.randrange(12)), "int")
            self.put("\tif burn() || %s {" % leave)
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
            over = "[...]uint16{1, %s, %s}" % (self.leaf("uint16"), self.leaf("uint16"))
            names = [(k, "int"), (v, "uint16")]
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
            make = "make([]int, %d, %d)" % (self.r.randrange(0, 5), self.r.randrange(5, 9))
            known = [(self.declare("[]int", make), "[]int")]
        n, t = self.r.choice(known)
        elem, k = t[2:], self.r.randrange(7)
        if n in self.frozen:
            return
        self.open("if len(%s) > 0 && len(%s) < 60" % (n, n))
        self.indent += 1
        if k == 0:
            self.count_of("append of values")
            values = [self.expr(elem, 1) for _ in range(self.r.randrange(1, 4))]
            self.put("%s = append(%s, %s)" % (n, n, ", ".join(values)))
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
            self.count_of("cap")
            self.put("println(cap(%s[:1:1]), cap(%s[:0:len(%s)/2]), cap(%s) >= len(%s))" % (n, n, n, n, n))
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
