"""Programs of several files and packages: what is initialised when, and what crosses the border of a package."""


class Packages:
    def variables(self, package, count):
        """Package-level variables that depend on each other through expressions, functions and methods, in two files.

        A variable's value depends on earlier ones only; where each is declared is random. Each tells when it is set."""
        files, order = ([], []), list(range(count))
        for i in order:
            known = ["g%d" % k for k in range(i)]
            use = self.r.sample(known, min(len(known), self.pick(0, 1, 2))) or ["%d" % self.r.randrange(100)]
            text = " + ".join(u + self.pick("", "", "*3") for u in use)
            name, out = "g%d" % i, self.pick(*files)
            k = self.r.randrange(5)
            if k == 0:
                out.append("var %s = tr(\"%s.%s\", %s)" % (name, package, name, text))
            elif k == 1:
                out.append("var %s = read%d()\n\n" % (name, i)
                           + "func read%d() int { return tr(\"%s.%s\", %s) }" % (i, package, name, text))
            elif k == 2:
                out.append("var %s, pair%d = two(tr(\"%s.%s\", %s))" % (name, i, package, name, text))
            elif k == 3:
                out.append("type V%d int\n\nfunc (v V%d) get() int { return " % (i, i)
                           + "tr(\"%s.%s\", int(v) + %s) }" % (package, name, text)
                           + "\n\nvar %s = V%d.get(%d)" % (name, i, self.r.randrange(9)))
            else:
                out.append("var %s = func() int {\n\tf := func() int { return %s }\n" % (name, text)
                           + "\treturn tr(\"%s.%s\", f())\n}()" % (package, name))
            self.count_of("package variables")
        for out in files:
            self.r.shuffle(out)
            for k in range(self.r.randrange(1, 3)):
                self.count_of("init functions")
                out.append("func init() { println(\"init %s\", %d, g%d) }" % (package, k, self.r.randrange(count)))
            if self.chance(0.5):
                out.append("var _ = tr(\"%s.blank\", g%d)" % (package, self.r.randrange(count)))
        return ["\n\n".join(out) + "\n" for out in files]

    def library(self):
        """Package lib: its own copies of the prelude and the structs, functions that main calls, a type for it."""
        self.lines, self.funcs = [], []
        for i in range(6):
            self.count = 0
            params = [self.a_scalar() for _ in range(self.r.randrange(0, 5))]
            self.func("F%d" % i, params, [self.a_scalar() for _ in range(self.pick(1, 1, 2))])
        self.exported, self.funcs = [("lib." + name, params, results) for name, params, results in self.funcs], []
        field = self.pick("int", "int8", "uint32")
        self.put("""const Size, Text = %d, "text"

type Value struct {
	Base
	N      %s
	hidden [2]int
}

type Base struct{ Id int }

type Shape interface {
	Area() int
	private() string
}

func (b *Base) SetId(n int)     { b.Id = n*2 + 1 }
func (v Value) Area() int       { return int(v.N)*3 + v.hidden[1] + v.Id }
func (v Value) private() string { return "private" }
func (v *Value) Grow(n int)     { v.N += %s(n); v.hidden[n&1]++ }

func Make(n int) Value { return Value{N: %s(n), hidden: [2]int{n, %d}} }
func Describe(s Shape) string { return s.private() }

var Count = tr("lib.Count", g0)

func Next() int {
	Count++
	return Count
}

func Counter(n int) (next func() int) {
	return func() int {
		n += %d
		Count += n & 1
		return n
	}
}
""" % (self.r.randrange(2, 9), field, field, field, self.r.randrange(100), self.r.randrange(1, 9)))
        text, self.lines = "\n".join(self.lines), []
        return text

    def s_library(self):
        k = self.r.randrange(3)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1))
        if k == 0:
            self.count_of("call into a package")
            self.call_results(self.r.choice(self.exported))
            self.code("""
                $next := lib.Counter($x)
                println($next(), $next(), lib.Size, len(lib.Text), [lib.Size]int{1: 3}[1])
                """, **names)
        elif k == 1:
            self.count_of("type of a package")
            self.code("""
                $v := lib.Make($x)
                $w := $v
                $v.Grow($y)
                $v.SetId(3)
                $w.N++
                $f := $v.Area
                var $s lib.Shape = &$w
                _, $ok := any($v).(lib.Shape)
                _, $mine := any(N0(1)).(lib.Shape)
                println($v.Area(), $w.Area(), $f(), lib.Value.Area($w), lib.Describe($s), $v == $w,
                    $w == lib.Make($x), $ok, $mine, int($v.N), $v.Id)
                """, **names)
        else:
            self.count_of("type of a package")
            self.code("""
                $x := struct {
                    lib.Value
                    n int
                }{lib.Make($y), 4}
                $x.Grow(2)
                $x.Base.Id = $x.n
                $before := lib.Count
                println($x.Area(), $x.Value.Base.Id, lib.Describe($x), lib.Next() - $before, lib.Count - $before)
                """, y=names["y"])
