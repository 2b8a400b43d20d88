"""In which order things happen: calls that tell, and what may come between them."""


class OrderForms:
    def traced(self, d):
        """An integer expression in which every operand is a call that tells."""
        k = self.r.randrange(9) if d > 0 else 0
        if k <= 2:
            return 'tr("t%d", %s)' % (self.r.randrange(100), self.leaf("int"))
        if k <= 5:
            return "(%s %s %s)" % (self.traced(d - 1), self.pick("+", "-", "*", "^"), self.traced(d - 1))
        if k == 6:
            return "total(%s, %s)" % (self.traced(d - 1), self.traced(d - 1))
        if k == 7:
            return 'len(trs("s%d", %s))' % (self.r.randrange(100), self.leaf("string"))
        return "[]int{%s, %s}[%s&1]" % (self.traced(d - 1), self.traced(d - 1), self.traced(0))

    def condition(self, d):
        if d <= 0:
            return 'trb("b%d", %s)' % (self.r.randrange(100), self.leaf("bool"))
        return self.pick("(%s && %s)", "(%s || %s)", "(%s == %s)") % (self.condition(d - 1), self.condition(d - 1))

    def s_order(self):
        k = self.r.randrange(9)
        names = {c: self.traced(self.pick(0, 1, 2)) for c in "xyzw"}
        if k == 0:
            self.count_of("order of calls")
            self.code("$r := $x + $y*$z\nprintln($r, $w)", **names)
        elif k == 1:
            self.count_of("order in an assignment")
            self.code("""
                $a, $b, $m := [4]int{}, []int{1, 2, 3, 4}, map[int]int{}
                $a[($x)&3], $b[($y)&3], $m[$z] = tr("one", 1), tr("two", 2), $w
                $i := 1
                $i, $a[$i] = 2, 5
                $a[0], $a[1], $a[2] = $a[1], $a[2], $a[0]
                println(total(0, $a[:]...), total(0, $b...), len($m), $i)
                """, **names)
        elif k == 2:
            self.count_of("order in a call")
            self.code("""
                println(trf("f")($x, $y, $z), trf("g")())
                func(a, b int) { println(a, b) }($w, tr("last", 1))
                """, **names)
        elif k == 3:
            self.count_of("order in a literal")
            self.code("""
                $a := [3]int{2: $x, 0: $y}
                $b := K{s: trs("s", "x"), a: int8($z)}
                $c := []any{$w, trb("b", true), &$b}
                println($a[0], $a[2], $b.a, len($c))
                """, **names)
        elif k == 4:
            self.count_of("order of conditions")
            self.code("""
                if $c {
                    println("true", $x)
                } else if $d {
                    println("second")
                }
                for $i := 0; $i < 2 && $e; $i++ {
                    println("loop", $i)
                }
                """, c=self.condition(2), d=self.condition(1), e=self.condition(1), x=names["x"])
        elif k == 5:
            self.count_of("index once in op=")
            self.code("""
                $a, $m, $v := []int{1, 2, 3, 4}, map[int]string{}, $w
                $a[($x)&3] += $y
                $a[($z)&3]++
                $m[tr("key", 1)] += trs("s", "text")
                *trp("p", &$v) *= 3
                println(total(0, $a...), $m[1], $v)
                """, **names)
        elif k == 6:
            self.count_of("call of several results as arguments")
            self.code("""
                println(alike(two($x)), $y)
                $a, $m := [2]int{}, map[string]string{}
                $a[($z)&1], $m[trs("k", "key")] = two(3)
                _, $s := two($w)
                println($a[0], $a[1], $m["key"], $s)
                """, **names)
        elif k == 7:
            self.count_of("results as arguments of a built-in")
            self.code("""
                $f := func(n int) ([]int, int, int) { return []int{$y}, n, $z }
                $g := func(n int) (int, int) { return n, $w }
                $h := func(s string) ([]byte, string) { return []byte("......"), s }
                $p := func(n *int) ([]*int, *int) { return nil, n }
                $m, $a, $v := map[int]string{3: "three", 4: "four"}, append($f($x)), $w
                $d := func(n int) (map[int]string, int) { return $m, n }
                defer copy($h("later"))
                delete($d(4))
                $n := append($p(&$v))
                *$n[0] += 2
                println(len($a), $a[0], $a[1], $a[2], len($m), copy($h("text")), $v)
                println(min($g($x)), max($g($y)), len(append($f(0))))
                println($g($z))
                """, **names)
        else:
            self.count_of("order of calls")
            self.code("""
                $c := make(chan int, 2)
                $c <- $x
                $c <- $y
                println(<-$c-<-$c*2)
                defer func(a, b int) { println("deferred", a, b) }($z, $w)
                switch $s := tr("tag", 2); $s {
                case tr("one", 1), tr("two", 2), tr("three", 3):
                    println("case")
                }
                """, **names)
