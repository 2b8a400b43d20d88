"""Jumps, switches and loops of the random programs beyond the plain ones."""


class ControlForms:
    def s_jump(self):
        names = dict(c=self.expr("bool", 1), x=self.expr("int", 1), n=self.r.randrange(1, 9), l=self.fresh())
        if self.chance(0.5):
            self.count_of("goto forwards")
            self.code("""
                $r := $x
                {
                    if $c {
                        goto G$l
                    }
                    $r += 7
                    if $r&3 == 1 {
                        goto H$l
                    }
                    println("between", $r)
                H$l:
                    $r++
                G$l:
                    $r *= 3
                }
                println($r)
                """, **names)
            return
        self.count_of("goto out of loops")
        self.code("""
            $r := 0
            {
                for i := range 5 {
                    for k := 0; ; k++ {
                        switch {
                        case i*k > $n:
                            goto G$l
                        case k > i:
                            goto H$l
                        }
                        $r += i ^ k
                    }
                H$l:
                    $r *= 3
                }
                println("all")
            G$l:
                println($r)
            }
            """, **names)

    def s_labels(self):
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(1, 9), l=self.fresh())
        if self.chance(0.5):
            self.count_of("break out of a labelled switch")
            self.count_of("empty statement")
            self.code("""
                $r := 1
            L$l:
                switch $x & 3 {
                case 0, 2:
                    for {
                        if $r *= 3; $r > $n {
                            break L$l
                        }
                    }
                case 1:
                    switch {
                    case $r > $y:
                        break L$l
                    default:
                        ;
                    }
                    $r += 50
                default:
                    break
                }
                println($r)
                """, **names)
            return
        self.count_of("continue from a switch")
        self.code("""
            $r := 0
        L$l:
            for i := range 6 {
                switch v := i ^ $n; v {
                case 1, 5:
                    continue
                case 3:
                    for range 3 {
                        $r++
                        continue L$l
                    }
                case 6:
                    break L$l
                case 7:
                    break
                default:
                    $r += v
                }
                $r = $r*3 + $x
            }
            println($r)
            """, **names)

    def s_switches(self):
        k = self.r.randrange(5)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), s=self.expr("string", 1), a=self.expr("any", 1))
        if k == 0:
            self.count_of("switch with init")
            self.count_of("default in the middle")
            self.code("""
                switch $v := $x; {
                case $v > 100:
                    println("large", $v)
                default:
                    println("default")
                case $v&1 == 0, $v < -5:
                    println("even or small", $v)
                }
                """, **names)
        elif k == 1:
            self.count_of("switch over an interface")
            self.code("""
                switch $v := $a; $v {
                case nil:
                    println("nil")
                case 1, "a", true:
                    println("constant")
                case $x, $s, N0($n), uint8(3), K{1, "s"}:
                    println("alike")
                default:
                    println("other")
                }
                """, n=self.r.randrange(9), **names)
        elif k == 2:
            self.count_of("type switch with init")
            self.code("""
                switch $x := $a; $v := $x.(type) {
                case int, uint8:
                    println("number", $v == $x)
                case string, N2:
                    println("string", $v != nil)
                case interface{ M() int }:
                    println("method", $v.M())
                case nil:
                    println($v == nil)
                case error, func(int) int, []int, map[string]int, *int, chan int, [2]int8, struct{ n int }:
                    println("rare")
                }
                """, a=names["a"])
        elif k == 3:
            self.count_of("fallthrough to default")
            self.count_of("fallthrough")
            self.code("""
                switch $r := 1; $x & 7 {
                case 1:
                    $r += 3
                    fallthrough
                default:
                    $r *= 5
                    fallthrough
                case 2, 3:
                    println($r)
                case 4:
                }
                """, **names)
        else:
            self.count_of("type switch of many kinds")
            self.count_of("comparison of interface and value")
            self.code("""
                for _, x := range []any{$x, $s, []int{$y}, map[string]int{"a": 1}, func() {}, &K{2, "p"}, K{3, "k"},
                    [2]int8{1}, N0(4), sentinel, 2.5, nil, E{6}, struct{}{}, make(chan int), G("g")} {
                    switch v := x.(type) {
                    case []int:
                        println(len(v), v[0])
                    case map[string]int:
                        println(v["a"])
                    case func():
                        println(v != nil)
                    case *K:
                        println(v.s, x == any(v))
                    case K:
                        println(v.a, x == v)
                    case [2]int8:
                        println(v[0], v == x)
                    case error:
                        println(v.Error(), v == sentinel)
                    case chan int:
                        println(cap(v))
                    case struct{}:
                        println(v == (struct{}{}))
                    case interface{ String() string }:
                        println(v.String())
                    default:
                        println(h_any(v), x == $x, x == $s)
                    }
                }
                """, **names)

    def s_loops(self):
        k = self.r.randrange(5)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), s=self.expr("string", 1), n=self.r.randrange(1, 7))
        if k == 0:
            self.count_of("loop variables of each iteration")
            self.code("""
                var $fs []func() int
                for i, k := 0, $x&3; i < $n; i, k = i+1, k*3 {
                    $fs = append($fs, func() int { i += k; return i })
                    if i&1 == 0 {
                        k++
                    }
                    i++
                }
                for _, s := range []string{"a", $s} {
                    $fs = append($fs, func() int { s += "x"; return len(s) })
                }
                for _, f := range $fs {
                    println(f(), f())
                }
                """, **names)
        elif k == 1:
            self.count_of("range with assignment")
            self.code("""
                var $i int
                var $a [4]rune
                for $i, $a[$i&3] = range $s + "loop" {
                    if $i > $n {
                        break
                    }
                }
                println($i, $a[0], $a[1], $a[2], $a[3])
                """, **names)
        elif k == 2:
            self.count_of("range without variables")
            self.code("""
                $r := $x
                for range $n {
                    $r += 3
                }
                for range $s {
                    $r *= 3
                }
                for range [5]int{} {
                    $r++
                }
                for $i := range uint8($n) {
                    $r ^= int($i)
                }
                println($r)
                """, **names)
        elif k == 3:
            self.count_of("range evaluated once")
            self.count_of("array copied")
            self.code("""
                $s, $a, $r := []int{1, 2, $x}, [3]int{4, $y, 6}, 0
                for i, v := range $s {
                    $s = append($s[:i+1], 9, 8, 7)
                    $r = $r*5 + v
                }
                for i, v := range $a {
                    $a[2] = 100
                    $r = $r*5 + v + i
                }
                for i, v := range &$a {
                    $a[2] = 200
                    $r = $r*5 + v + i
                }
                for i := range tr("once", $n) {
                    $r += i
                }
                for i := range ($a) {
                    $r += i
                }
                println($r, len($s))
                """, x=names["x"], y=names["y"], n=names["n"])
        else:
            self.count_of("range over a map")
            self.count_of("range over an array")
            self.code("""
                $r := uint64(0)
                for k, v := range map[string][]int{"a": {1, $x}, "b": nil, $s + "c": {$n}} {
                    for i := range v {
                        $r += h_string(k) * uint64(v[i])
                    }
                }
                for i, v := range (*[3]string)([]string{"x", $s, "y", "z"}) {
                    $r = $r*3 + h_string(v) + uint64(i)
                }
                println($r)
                """, **names)
