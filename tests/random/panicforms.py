"""What may fail at run time."""


class PanicForms:
    def s_fault(self):
        """Statements that may fail at run time, and nothing else."""
        for _ in range(5):
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
            "nil pointer":
                "var p *T0; if %s { p = new(T0) }; println(%s)" % (self.leaf("bool"), self.hash_of("T0") % "*p"),
            "nil function": "var f func(); if %s { f = func() {} }; f()" % self.leaf("bool"),
            "nil interface": "var i I; if %s { i = N0(3) }; println(i.M())" % self.leaf("bool"),
            "type assertion":
                "println(%s.(int))" % ("any(%s)" % self.leaf(self.pick("int", "string", "K", "N0", "any"))),
            "interface assertion": "println(any(%s).(I).M())" % self.leaf(self.pick("int", "N0", "K", "any")),
            "make": "println(len(make([]int, %s %% 5)))" % i,
            "conversion to array": "println(([2]int)([]int{1, 2, 3}[:uint(%s)%%4])[0])" % i,
            "closed channel": "c := make(chan int, 1); if %s { close(c) }; c <- 1" % self.leaf("bool"),
            "close twice": "c := make(chan int); if %s { close(c) }; close(c)" % self.leaf("bool"),
            "unhashable":
                "m := map[any]int{}; m[any(%s)]++; println(len(m))"
                % self.pick("[]int{1}", "3", "func() {}", "K{}", "map[int]int{}"),
            "uncomparable":
                "x := any(%s); println(x == x)" % self.pick("[]int{1}", "3", "K{}", "map[int]int{}", "[1]any{[]int{}}"),
            "array index": "a := [4]int{1, 2, 3}; println(a[uint(%s)%%6])" % i,
            "nil array pointer":
                "var p *[4]int; if %s { p = new([4]int) }; println(len(p), p[uint(%s)%%4])" % (self.leaf("bool"), i),
            "array slice bounds": "a := [5]int{1, 2}; println(len(a[uint(%s)%%7:]), len(a))" % i,
            "three-index bounds":
                "s := []int{1, 2, 3}; println(cap(s[uint(%s)%%3:uint(%s)%%4:uint(%s)%%5]))"
                % (i, self.leaf("int"), self.leaf("int")),
            "conversion to array pointer": "println((*[2]int)([]int{1, 2, 3}[:uint(%s)%%4])[1])" % i,
            "close nil": "var c chan int; if %s { c = make(chan int) }; close(c)" % self.leaf("bool"),
            "value method of nil":
                "var p *T0; if %s { p = new(T0) }; is := []I{N0(1), p}; println(is[1+len(is[:0])].M())"
                % self.leaf("bool"),
            "embedded nil pointer":
                "x := struct{ *K; n int }{n: 1}; if %s { x.K = &K{} }; x.a += 3; println(x.a)" % self.leaf("bool"),
            "make channel": "println(cap(make(chan int, %s %% 5)))" % i,
            "capacity": "println(cap(make([]int, 3, %s %% 9)[:0:0]))" % i,
            "struct uncomparable":
                "x := struct{ n int; a any }{%s %% 2, %s}; y := x; y.n = 1; println(x == y)"
                % (i, self.pick("[]int{1}", "3")),
            "unhashable in a struct":
                "m := map[[2]any]int{}; m[[2]any{1, %s}]++; println(len(m))"
                % self.pick("[]int{1}", "3", "K{}", "func() {}"),
            "assertion of a method":
                "println(any(%s).(interface{ Set(int) }) != nil)" % self.leaf(self.pick("N0", "*T0", "K", "any")),
            "assertion to a pointer":
                "println(*any(%s).(*int))" % self.pick(self.leaf("int"), "new(int)", "new(string)", "nil"),
            "shift of a constant": "var x int64 = 1 << (%s %% 3); println(x)" % i,
            "shift assignment": "x, n := %s, %s %% 4; x <<= n; println(x)" % (i, self.leaf("int8")),
            "division assignment": "x, n := %s, %s %% 3; x /= n; println(x)" % (self.leaf("int8"), self.leaf("int8")),
            "nil slice":
                "var s []string; if %s { s = []string{%s} }; println(s[0])" % (self.leaf("bool"), self.leaf("string")),
            "place behind a pointer": "n := 0; defer func() { println(n) }(); var p *struct{ x int; a [4]int }; "
                "if %s { p = &struct{ x int; a [4]int }{} }; n, p.a[uint(%s)%%5] = 7, tr(\"right\", 2); n = tr(\"done\", p.a[0])"
                % (self.leaf("bool"), i),
            "place in arrays": "s, a := make([][3]int, 2), [2][3]int{}; defer func() { println(h_any(a[0][0])) }(); "
                "a[0][0], s[uint(%s)%%3][uint(%s)%%4] = 8, tr(\"right\", 2); a[uint(%s)%%3][1] = tr(\"more\", 3)"
                % (i, self.leaf("int"), self.leaf("uint8")),
            "place operated on": "s, n := make([][2]int, 2), 5; s[uint(%s)%%3][n&1] += tr(\"right\", 2); println(s[0][1], s[1][1])" % i,
            "panic with nil": "if %s { panic(nil) }" % self.leaf("bool"),
            "panic in defer": "defer func() { panic(\"second\") }(); if %s { panic(\"first\") }" % self.leaf("bool"),
        }
        form = self.r.choice(sorted(forms))
        self.count_of("fault: " + form)
        self.put('try("%s", func() {' % what)
        for line in forms[form].split("; "):
            self.put("\t" + line)
        self.put("})")

    def s_recover(self):
        """How panics travel: each form is a function literal called where it stands."""
        r = self.fresh()
        names = dict(r=r, x=self.expr("int", 1), y=self.expr("int", 1), c=self.expr("bool", 1))
        names["n"] = self.r.randrange(1, 12)
        what, text = self.r.choice(RECOVERING)
        self.count_of(what)
        self.count_of("recover")
        self.count_of("panic")
        self.code(text, **names)
        self.scopes[-1].append((r, "int"))
        self.put("println(%s)" % r)


RECOVERING = [
    ("defer of a method", """
        $r := func() (res int) {
            s, n := S{1, $x}, N0(3)
            defer func() { res = s.Sum() + int(n) }()
            defer s.Push($y)
            defer n.Set($x & 7)
            defer F(func(v int) int { res += v; return v }).Twice(2)
            s = S{5}
            return 9
        }()
        """),
    ("defer of a built-in", """
        $r := func() (res int) {
            m, c := map[int]int{1: $x, 2: $y}, make(chan int, 1)
            func() {
                defer close(c)
                defer delete(m, 1)
                defer println("deferred", m[1], len(m))
                m[3] = 4
            }()
            _, ok := <-c
            println(ok)
            defer func() { recover(); res += 100 }()
            defer panic("built-in")
            return len(m)
        }()
        """),
    ("deferred arguments", """
        $r := func() (res int) {
            x, a := $x, [3]int{1, $y}
            defer func(x int, a [3]int, p *int) { res += x + a[0]*3 + *p }(x, a, &a[0])
            x, a[0] = x+1, 7
            return x + total(x, a[:]...)
        }()
        """),
    ("deferred calls change results", """
        $s, $r := func() (s string, n int) {
            defer func() { n *= 2; s += "!" }()
            defer func(old int) { n += old }(n)
            n = 5
            return cut("r"), $x
        }()
        println($s)
        """),
    ("panic in a deferred call", """
        $r := func() (res int) {
            defer func() { say("last", recover()); res++ }()
            defer func() { panic("third") }()
            defer func() {
                defer func() { say("inner", recover()) }()
                panic($y)
            }()
            if $c {
                panic("first")
            }
            return $x
        }()
        """),
    ("panic again", """
        $r := func() (res int) {
            defer func() { say("outer", recover()) }()
            func() {
                defer func() {
                    x := recover()
                    res = $x
                    say("inner", x)
                    if $c {
                        panic(x)
                    }
                }()
                panic(E{$y})
            }()
            return res + 1
        }()
        """),
    ("recover not called directly", """
        $r := func() (res int) {
            defer func() { say("direct", recover()) }()
            defer func() { say("helper", helper()) }()
            defer func() { func() { say("nested", recover()) }() }()
            if $c {
                panic($x)
            }
            return 4
        }()
        """),
    ("recover without panic", """
        $r := func() (res int) {
            defer func() {
                say("one", recover())
                say("two", recover())
            }()
            say("none", recover())
            if $c {
                panic("text")
            }
            return $x
        }()
        """),
    ("run-time error as error", """
        $r := func() (res int) {
            defer func() {
                x := recover()
                if err, ok := x.(error); ok {
                    _, run := x.(runtime.Error)
                    println(err.Error(), run)
                    res = len(err.Error())
                }
            }()
            var m map[string]int
            if $c {
                m["x"] = 1
            }
            return []int{1, 2, 3}[$x&7]
        }()
        """),
    ("panic through calls", """
        var $down func(n int) int
        $down = func(n int) (res int) {
            defer func() {
                res += n
                if n == $n/2 {
                    say("caught", recover())
                }
            }()
            if n == 0 {
                panic($x)
            }
            return $down(n-1) * 3
        }
        $r := $down($n)
        """),
    ("panic and recover in a loop", """
        $r := 0
        for i := range $n {
            func() {
                defer func() {
                    if x, ok := recover().(int); ok {
                        $r += x
                    }
                }()
                if i&1 == 0 {
                    panic(i + $x)
                }
                $r *= 3
            }()
        }
        """),
    ("defer in a loop", """
        $r := func() (res int) {
            for i := range $n {
                defer func(v int) {
                    if res = res*3 + v + i; recover() != nil {
                        res++
                    }
                }($x)
                if i == 7 {
                    panic("seven")
                }
            }
            return 1
        }()
        """),
]

# What ends a program that nobody saves. Status and text are compared, up to the first traceback.
ENDINGS = {
    "string": 'panic("last words")',
    "error": "panic(sentinel)",
    "int": "panic($x)",
    "named int": "panic(N0($y))",
    "named string": 'panic(N2("named\\nstring"))',
    "float": "panic($f)",
    "bool": "panic($c)",
    "stringer": 'panic(G("stringer"))',
    "nil value": "panic(nil)",
    "index": "println([]int{1, 2, 3}[3+uint8($y)])",
    "slice": 'println("hello"[6+uint8($y):])',
    "nil map": "var m map[string]int; m[$s] = 1",
    "nil pointer": "var p *K; println(p.a)",
    "division": "zero := c_int(0); println($x / zero)",
    "assertion": "println(any($s).(int))",
    "missing method": "println(any($x).(I).M())",
    "closed channel": "c := make(chan int); close(c); c <- $x",
    "negative length": "n := c_int(-1); println(len(make([]int, n)))",
    "unhashable": "m := map[any]int{}; m[[]int{$x}] = 1",
    "again": 'defer func() { panic(recover()) }(); panic("again")',
    "twice": "defer func() { panic(E{$x}) }(); panic($s)",
    "in a goroutine": 'go func() { panic($s) }(); select {}',
    "in a deferred call": 'defer println("deferred"); defer func() { defer println("inner"); panic("late") }(); return',
    "all asleep": "c := make(chan int); c <- $x",
    "select without cases": "select {}",
    "nil channel": "var c chan int; println(<-c)",
    "Exit": 'defer println("never"); os.Exit(int(uint8($x)))',
    "Goexit": 'defer println("deferred"); runtime.Goexit()',
    "return": "go func() { select {} }(); println($x); return",
    "shift": "n := c_int(-1); println($x << n)",
    "uncomparable": "x := any([]int{$x}); println(x == x)",
    "value method": "var p *T0; is := []I{N0(1), p}; println(is[1+len(is[:0])].M())",
}
