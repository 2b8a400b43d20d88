"""Prints a random program that sends pointers along many ways and adds up what they point to (generate.py SEED).

Every program is valid Go, ends soon, and has one result whatever the order of evaluation: calls stand alone, operands
are plain. An object that is put on the stack wrongly shows as a wrong sum, above all when stacks move at every prologue.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "random"))
from writer import Writer  # noqa: E402

PRELUDE = """package main

type T struct {
	p  *int
	pp **int
	v  int
	s  []*int
	n  *T
	a  [2]*int
}

type I interface{ get() *int }

func (t *T) get() *int   { return t.p }
func (t *T) set(p *int)  { t.p = p }
func (t T) first() *int  { return t.a[0] }
func (t *T) self() *T    { return t }
func (t *T) link(o *T) *T { t.n = o; return o }

var fuel = 300
var chk = 1
var gp *int = new(int)
var gt *T = newT(7)
var gs []*int = []*int{gp}
var gf func() *int = func() *int { return gp }
var ga any = gp
var gi I = gt

func newT(v int) *T {
	x := v
	y := &x
	return &T{p: y, pp: &y, v: v, s: []*int{y}, a: [2]*int{y, y}}
}

func next(t *T) *T {
	if t.n == nil {
		return t
	}
	return t.n
}

func unbox(a any) *int {
	switch x := a.(type) {
	case *int:
		return x
	case T:
		return x.p
	case int:
		return &x
	case *T:
		return x.p
	}
	return gp
}

func add(v int)        { chk = (chk*31 + v) & 0xffffffffffff }
func id(p *int) *int   { return p }
func both(p, q *int) (*int, *int) { return q, p }
func grow(n int) int {
	var pad [20]int
	pad[n%20] = n
	if n == 0 {
		return 1
	}
	return grow(n-1) + pad[n%20] - n
}
"""

TYPES = {
    "I": "int",
    "P": "*int",
    "PP": "**int",
    "PT": "*T",
    "T": "T",
    "S": "[]*int",
    "A": "any",
    "F": "func() *int",
    "IF": "I",
}


class Program(Writer):
    def __init__(self, seed):
        super().__init__(seed)
        self.budget = 0
        self.funcs = []  # (name, parameter types, result types)

    def declare(self, t, text):
        name = self.fresh()
        if self.r.random() < 0.3:
            self.put("var %s %s = %s" % (name, TYPES[t], text))
        else:
            self.put("%s := %s" % (name, text if t not in ("A", "IF") else "%s(%s)" % (TYPES[t], text)))
        self.put("_ = %s" % name)
        self.scopes[-1].append((name, t))
        return name

    # ---- expressions without calls of anything but len and new
    def expr(self, t, depth=2):
        forms = getattr(self, "expr_" + t)(depth)
        return self.r.choice(forms)()

    def var(self, t):
        known = self.vars(t)
        return (lambda: self.r.choice(known)) if known else None

    def forms(self, t, *others):
        v = self.var(t)
        return ([v, v, v] if v else []) + [f for f in others if f]

    def sub(self, t, depth):
        known = self.vars(t)
        if known and (depth <= 0 or self.r.random() < 0.5):
            return self.r.choice(known)
        if depth <= 0:
            return {
                "I": "1",
                "P": "gp",
                "PP": "&gp",
                "PT": "gt",
                "T": "*gt",
                "S": "gs",
                "A": "ga",
                "F": "gf",
                "IF": "gi",
            }[t]
        return self.expr(t, depth - 1)

    def expr_I(self, d):
        return self.forms(
            "I",
            lambda: str(self.r.randrange(100)),
            lambda: "*" + self.primary("P", d),
            lambda: self.primary("PT", d) + ".v",
            lambda: "len(%s)" % self.sub("S", d),
        )

    def primary(self, t, d):
        known = self.vars(t)
        return self.r.choice(known) if known else {"P": "gp", "PT": "gt", "T": "(*gt)", "S": "gs"}[t]

    def addr(self, t):
        known = self.vars(t)
        return (lambda: "&" + self.r.choice(known)) if known else None

    def expr_P(self, d):
        pp = self.vars("PP")
        return self.forms(
            "P",
            self.addr("I"),
            self.addr("I"),
            lambda: "new(int)",
            lambda: self.primary("PT", d) + ".p",
            lambda: "*" + self.primary("PT", d) + ".pp",
            lambda: "&%s.v" % self.primary("PT", d),
            lambda: self.primary("S", d) + "[0]",
            lambda: self.primary("PT", d) + ".a[1]",
            (lambda: "*" + self.r.choice(pp)) if pp else None,
        )

    def expr_PP(self, d):
        return self.forms(
            "PP",
            self.addr("P"),
            self.addr("P"),
            lambda: "&%s.p" % self.primary("PT", d),
            lambda: "&%s[0]" % self.primary("S", d),
            lambda: "&%s.a[0]" % self.primary("PT", d),
        )

    def literal(self, d):
        fields = [
            "p: " + self.sub("P", d),
            "pp: " + self.sub("PP", d),
            "v: " + self.sub("I", d),
            "s: " + self.sub("S", d),
            "a: [2]*int{%s, %s}" % (self.sub("P", d), self.sub("P", d)),
        ]
        if self.r.random() < 0.5:
            fields.append("n: " + self.sub("PT", d))
        return "T{%s}" % ", ".join(fields)

    def expr_PT(self, d):
        return self.forms("PT", lambda: "&" + self.literal(d - 1), self.addr("T"), self.addr("T"))

    def expr_T(self, d):
        return self.forms("T", lambda: self.literal(d - 1), lambda: "*" + self.primary("PT", d))

    def expr_S(self, d):
        return self.forms(
            "S",
            lambda: "[]*int{%s, %s}" % (self.sub("P", d - 1), self.sub("P", d - 1)),
            lambda: self.primary("PT", d) + ".s",
            lambda: self.primary("PT", d) + ".a[:]",
            lambda: self.primary("S", d) + "[:1]",
        )

    def expr_A(self, d):
        return self.forms(
            "A",
            lambda: self.sub("P", d - 1),
            lambda: self.sub("I", d - 1),
            lambda: self.sub("PT", d - 1),
            lambda: self.literal(d - 1),
        )

    def expr_IF(self, d):
        return self.forms("IF", lambda: self.sub("PT", d - 1))

    def expr_F(self, d):
        pt, p = self.vars("PT"), self.vars("P") + self.vars("I")
        forms = self.forms(
            "F",
            (lambda: self.r.choice(pt) + ".get") if pt else None,
            (lambda: self.r.choice(pt) + ".first") if pt else None,
        )
        if p:
            forms.append(lambda: "func() *int { return %s }" % self.expr("P", 0))
        return forms or [lambda: "gf"]

    # ---- statements
    def block(self, n):
        self.indent += 1
        self.scopes.append([])
        for _ in range(n):
            self.stmt()
        if self.r.random() < 0.3:
            self.read_all()
        self.scopes.pop()
        self.indent -= 1

    def stmt(self):
        if self.budget <= 0:
            return
        self.budget -= 1
        self.r.choice(self.kinds)()

    # Each program leaves out most of what could be said: where everything is mixed, everything is on the heap.
    def choose_kinds(self):
        others = [
            self.s_assign,
            self.s_assign,
            self.s_store,
            self.s_call,
            self.s_call,
            self.s_for,
            self.s_if,
            self.s_closure,
            self.s_chan,
            self.s_range,
            self.s_append,
            self.s_method,
            self.s_method,
            self.s_goto,
            self.s_go,
            self.s_direct,
            self.s_unbox,
            self.s_loopvar,
        ]
        some = self.r.sample(others, self.r.randrange(2, 6))
        self.kinds = [self.s_decl] * 8 + [self.s_add] * 2 + [self.s_grow] * 2 + some * (12 // len(some))
        self.globals = self.r.random() < 0.3

    # Uses everything that is in scope.
    def read_all(self):
        if self.r.random() < 0.5:
            self.put("add(grow(%d))" % self.r.randrange(1, 60))
        reads = {
            "I": "%s",
            "P": "*%s",
            "PP": "**%s",
            "PT": "*%s.p + %s.v",
            "T": "*%s.p + *%s.a[0]",
            "S": "*%s[0]",
            "A": "*unbox(%s)",
            "F": "*%s()",
            "IF": "*%s.get()",
        }
        for scope in self.scopes:
            for n, t in scope:
                self.put("add(%s)" % reads[t].replace("%s", n))

    def s_decl(self):
        t = self.r.choice(["I", "I", "I", "P", "P", "PP", "PT", "PT", "T", "S", "A", "F", "IF"])
        self.declare(t, self.expr(t))

    def s_assign(self):
        known = [(n, t) for scope in self.scopes for n, t in scope]
        if known:
            n, t = self.r.choice(known)
            self.put("%s = %s" % (n, self.expr(t)))

    def s_store(self):
        places = (
            [("*" + n, "I") for n in self.vars("P")]
            + [("*" + n, "P") for n in self.vars("PP")]
            + [
                (n + f, t)
                for n in self.vars("PT") + self.vars("T")
                for f, t in ((".p", "P"), (".pp", "PP"), (".n", "PT"), (".a[1]", "P"), (".s", "S"))
            ]
            + [(n + "[0]", "P") for n in self.vars("S")]
            + [("*" + n, "T") for n in self.vars("PT")]
        )
        if self.globals and self.r.random() < 0.15:
            places = [("gp", "P"), ("gt", "PT"), ("gs", "S"), ("gf", "F"), ("ga", "A"), ("gi", "IF")]
        if places:
            place, t = self.r.choice(places)
            self.put("%s = %s" % (place, self.expr(t)))

    def s_add(self):
        t = self.r.choice(["P", "PT", "S", "PP"])
        e = {"P": "*%s", "PT": "%s.v", "S": "*%s[0]", "PP": "**%s"}[t]
        n = self.vars(t)
        self.put("add(%s)" % (e % self.r.choice(n) if n else "chk"))

    def call_of(self):
        name, params, results = self.r.choice(self.funcs)
        return "%s(d-1%s)" % (name, "".join(", " + self.sub(t, 1) for t in params)), results

    def bind(self, call, results):
        names = [self.fresh() for _ in results]
        self.put("%s := %s" % (", ".join(names), call))
        for n, t in zip(names, results):
            self.put("_ = %s" % n)
            self.scopes[-1].append((n, t))

    def s_call(self):
        if self.r.random() < 0.25:
            self.bind("both(%s, %s)" % (self.sub("P", 1), self.sub("P", 1)), ["P", "P"])
        else:
            self.bind(*self.call_of())

    def s_method(self):
        if self.vars("PT"):
            t = self.r.choice(self.vars("PT"))
            k = self.r.randrange(5)
            if k == 0:
                self.put("%s.set(%s)" % (t, self.expr("P")))
            elif k == 1:
                self.bind(t + ".self()", ["PT"])
            elif k == 2:
                self.bind("%s.link(%s)" % (t, self.sub("PT", 1)), ["PT"])
            elif k == 3:
                self.bind("next(%s)" % t, ["PT"])
            else:
                self.bind(t + ".first()", ["P"])

    def s_unbox(self):
        if self.vars("A"):
            self.bind("unbox(%s)" % self.r.choice(self.vars("A")), ["P"])
        if self.vars("IF"):
            self.bind("%s.get()" % self.r.choice(self.vars("IF")), ["P"])
        if self.vars("F"):
            self.bind("%s()" % self.r.choice(self.vars("F")), ["P"])

    def s_for(self):
        i = self.fresh()
        self.put("for %s := 0; %s < %d; %s++ {" % (i, i, self.r.randrange(2, 4), i))
        self.block(self.r.randrange(2, 6))
        self.put("}")

    def s_loopvar(self):
        i, p = self.fresh(), self.fresh()
        self.put("for %s, %s := 0, %s; %s < 3; %s++ {" % (i, p, self.expr("P"), i, i))
        self.indent += 1
        self.scopes.append([(p, "P")])
        self.put("add(*%s)" % p)
        for _ in range(2):
            self.stmt()
        self.put("%s = &%s" % (p, i) if self.r.random() < 0.5 else "%s = %s" % (p, self.expr("P")))
        self.scopes.pop()
        self.indent -= 1
        self.put("}")

    def s_goto(self):
        l, i = self.fresh(), self.fresh()
        self.put("%s := 0" % i)
        self.put("L%s:" % l)
        self.put("{")
        self.block(self.r.randrange(2, 5))
        self.put("}")
        self.put("%s++" % i)
        self.put("if %s < 3 {" % i)
        self.put("\tgoto L%s" % l)
        self.put("}")

    def s_if(self):
        self.put("if %s%%2 == 0 {" % self.expr("I"))
        self.block(2)
        self.put("} else {")
        self.block(2)
        self.put("}")

    def s_range(self):
        s, k = self.vars("S"), self.fresh()
        if s:
            self.put("for _, %s := range %s {" % (k, self.r.choice(s)))
            self.indent += 1
            self.scopes.append([(k, "P")])
            self.put("add(*%s)" % k)
            self.stmt()
            self.scopes.pop()
            self.indent -= 1
            self.put("}")

    def s_append(self):
        s = self.vars("S")
        if s:
            x = self.r.choice(s)
            self.put("%s = append(%s[:1], %s)" % (x, self.r.choice(s), self.expr("P")))

    def s_chan(self):
        c = self.fresh()
        self.put("%s := make(chan *int, 1)" % c)
        self.put("%s <- %s" % (c, self.expr("P")))
        self.bind("<-" + c, ["P"])

    def s_go(self):
        c, p = self.fresh(), self.expr("P")
        self.put("%s := make(chan *int)" % c)
        self.put(
            "go func(q *int) { grow(3); %s <- q }(%s)" % (c, p)
            if self.r.random() < 0.5
            else "go func() { %s <- %s }()" % (c, p)
        )
        self.bind("<-" + c, ["P"])

    def s_grow(self):
        self.put("add(grow(%d))" % self.r.randrange(1, 60))

    def s_closure(self):
        f = self.fresh()
        self.put("%s := func(q *int) *int {" % f)
        self.indent += 1
        self.scopes.append([("q", "P")])
        for _ in range(self.r.randrange(1, 4)):
            self.stmt()
        self.put("return %s" % self.expr("P"))
        self.scopes.pop()
        self.indent -= 1
        self.put("}")
        for _ in range(self.r.randrange(1, 3)):
            self.bind("%s(%s)" % (f, self.sub("P", 1)), ["P"])

    def s_direct(self):
        v = self.fresh()
        self.put("%s := func(q *int) *int {" % v)
        self.indent += 1
        self.scopes.append([("q", "P")])
        for _ in range(2):
            self.stmt()
        self.put("return %s" % self.expr("P"))
        self.scopes.pop()
        self.indent -= 1
        self.put("}(%s)" % self.sub("P", 1))
        self.put("_ = %s" % v)
        self.scopes[-1].append((v, "P"))

    def func(self, name, params, results):
        names = ["a%d" % i for i in range(len(params))]
        self.put(
            "func %s(d int%s) (%s) {"
            % (
                name,
                "".join(", %s %s" % (n, TYPES[t]) for n, t in zip(names, params)),
                ", ".join(TYPES[t] for t in results),
            )
        )
        self.scopes = [list(zip(names, params))]
        self.indent = 1
        self.put("fuel--")
        self.put("if d <= 0 || fuel < 0 {")
        self.put("\treturn " + ", ".join(self.expr(t, 1) for t in results))
        self.put("}")
        self.budget = self.r.randrange(8, 25)
        self.scopes.append([])
        while self.budget > 0:
            self.stmt()
        self.read_all()
        self.put("return " + ", ".join(self.expr(t, 1) for t in results))
        self.indent = 0
        self.put("}")
        self.put("")

    def make(self):
        self.choose_kinds()
        n = self.r.randrange(2, 6)
        pick = lambda: self.r.choice(["I", "P", "P", "PP", "PT", "PT", "S", "A", "F"])
        self.funcs = [
            (
                "f%d" % i,
                [pick() for _ in range(self.r.randrange(0, 4))],
                [pick() for _ in range(self.r.randrange(1, 3))],
            )
            for i in range(n)
        ]
        for f in self.funcs:
            self.func(*f)
        self.put("func main() {")
        self.indent, self.scopes, self.budget = 1, [[]], 20
        self.put("d := 4")
        self.scopes[-1].append(("d0", "I"))
        self.put("d0 := 5")
        self.put("_ = d0")
        while self.budget > 0:
            self.stmt()
        for f in self.funcs:
            self.put("fuel = 200")
            self.bind("%s(d%s)" % (f[0], "".join(", " + self.sub(t, 1) for t in f[1])), f[2])
        for e in ("*gp", "gt.v", "*gt.p", "*gs[0]", "**gt.pp"):
            self.put("add(%s)" % e)
        self.read_all()
        self.put("println(chk)")
        self.indent = 0
        self.put("}")
        return PRELUDE + "\n" + "\n".join(self.lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(Program(int(sys.argv[1])).make())
