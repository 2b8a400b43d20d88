"""Functions, closures, methods and deferred calls of the random programs."""

from gotypes import SCALARS


class Functions:
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
        f = "func() int { %s += %s + 1; %s *= 2; return %s + %s }" % (sum_, i, i, sum_, i)
        self.put("\t%s = append(%s, %s)" % (fs, fs, f))
        self.close()
        self.open("for _, f := range %s" % fs)
        self.put("\tx, y := f(), 0")
        self.put("\ty = f()")
        self.put("\tprintln(x, y, %s)" % sum_)
        self.close()

    def s_method(self):
        types = ("T0", "T1", "T2", "T3", "*T0", "*T1", "*T2", "N0")
        known = [(n, t) for n, t in self.assignable("struct", "pointer", "named") if t in types]
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
            values = ['"text"', "E{3}", "sentinel", self.expr("int", 1), "N0(4)", "any(nil)", "K{}"]
            self.put("\tpanic(%s)" % self.r.choice(values))
            self.put("}")
            self.indent -= 1
        self.count_of("return")
        self.put("\treturn %s" % self.expr("int", 2))
        self.close("}()")
        self.loops = saved
        self.put("println(%s)" % r)
        self.scopes[-1].append((r, "int"))

    def func(self, name, params, results):
        declared = ", ".join("vp_%d %s" % (i, t) for i, t in enumerate(params))
        self.open("func %s(%s) (%s)" % (name, declared, ", ".join(results)))
        self.indent = 1
        self.put("if burn() {")
        zero = [self.fresh() for _ in results]
        for z, t in zip(zero, results):
            self.put("\tvar %s %s" % (z, t))
        self.put("\treturn " + ", ".join(zero))
        self.put("}")
        self.scopes, self.frozen, self.depth = [[("vp_%d" % i, t) for i, t in enumerate(params)]], set(), 1
        self.result, self.budget, self.loops = [], self.r.randrange(1, 7), 1
        saved = self.weights
        self.weights = [(self.s_decl, 4), (self.s_assign, 3), (self.s_op, 3), (self.s_if, 1), (self.s_for, 1),
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
        next_x = {"int": "x*3 + n", "uint16": "x ^ uint16(n)", "string": 'cut(x + "r")'}[t]
        self.put("\ty := %s(n-1, %s)" % (name, next_x))
        self.put("\treturn y %s x" % ("+" if t != "uint16" else "-") if t != "string" else "\treturn cut(y + x)")
        self.put("}\n")
        self.funcs.append((name, ["int8", t], [t]))
        self.funcs.pop()
        self.recursions = [(name, t)]

    def s_functions(self):
        k = self.r.randrange(4)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(1, 12))
        if k == 0:
            self.count_of("closure calling itself")
            self.code("""
                $calls := 0
                var $f func(n int) int
                $f = func(n int) int {
                    if $calls++; n < 2 {
                        return n + $x
                    }
                    return $f(n-1) ^ $f(n-2)*3
                }
                println($f($n), $calls)
                """, **names)
        elif k == 1:
            self.count_of("function returning a function")
            self.code("""
                $make := func(a int) (func(int) int, func() int) {
                    b := $x
                    return func(c int) int { a += c; b ^= a; return b }, func() int { return a*7 + b }
                }
                $f, $get := $make($y)
                $g, $other := $make(2)
                println($f(1), $get(), $g(3), $other(), $f(5), $get())
                """, **names)
        elif k == 2:
            self.count_of("function values in a slice")
            self.count_of("comparison with nil")
            self.code("""
                $fs := []func(int) int{nil, func(v int) int { return v + $x },
                    4: F(func(v int) int { return v * 2 }).Twice}
                for i, f := range $fs {
                    if f != nil {
                        println(i, f($y))
                    }
                }
                """, **names)
        else:
            self.count_of("variadic call")
            self.code("""
                $f := func(a int, rest ...any) (n int) {
                    for _, x := range rest {
                        n = n*3 + int(h_any(x)&0xffff)
                    }
                    return n + a + len(rest)
                }
                println($f($x), $f(1, nil), $f(2, $y, "a", 2.5), $f(3, []any{1, K{}}...), $f(4, nil...))
                """, **names)

    def s_call_statement(self):
        known = [f for f in self.funcs if f[2]]
        if known:
            self.count_of("call statement")
            name, params, _ = self.r.choice(known)
            self.put("%s(%s)" % (name, ", ".join(self.expr(p, 1) for p in params)))
