"""What the random programs do with channels and goroutines: patterns with one outcome."""


class ChannelForms:
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
            first, second = ["%s%d%s, ok%d%s" % ("s", i, c, i, c) for i in (1, 2)]
            self.put("%s := <-%s" % (first, c))
            self.put("%s := <-%s" % (second, c))
            self.put("println(%s, %s)" % (first, second))
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

    def s_select(self):
        k = self.r.randrange(4)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(1, 6))
        if k == 0:
            self.count_of("select of nil channels")
            names = self.code("""
                $a, $b := make(chan int, 3), make(chan string, 3)
                $a <- $x
                $a <- $y
                $b <- "s"
                close($a)
                close($b)
                $r := 0
                for $a != nil || $b != nil {
                    select {
                    case v, ok := <-$a:
                        if $r += v; !ok {
                            $a = nil
                        }
                    case s, ok := <-$b:
                        if $r += len(s); !ok {
                            $b = nil
                        }
                    }
                }
                """, **names)
        elif k == 1:
            self.count_of("select with one ready")
            names = self.code("""
                $a, $b, $r := make(chan int, 1), make(chan int), 0
                var $none chan int
                for $i := range $n {
                    select {
                    case $a <- $i + $x:
                        $r += 3
                    case v := <-$a:
                        $r = $r*5 + v
                    case <-$b:
                        println("never")
                    case $none <- $y:
                        println("never")
                    }
                }
                """, **names)
        elif k == 2:
            self.count_of("select with send and receive")
            names = self.code("""
                $a, $b, $done := make(chan int), make(chan int), make(chan int)
                go func() {
                    sum := 0
                    for i := 0; i < $n*2; i++ {
                        select {
                        case v := <-$a:
                            sum += v
                        case $b <- 1:
                            sum += 100
                        }
                    }
                    $done <- sum
                }()
                $r := $y
                for i := range $n {
                    $a <- i ^ $x
                    $r += <-$b
                }
                $r += <-$done
                """, **names)
        else:
            self.count_of("break out of a labelled select")
            names = self.code("""
                $c, $r := make(chan int, 9), 0
                for i := range $n {
                    $c <- i
                }
                close($c)
            L$l:
                for {
                    select {
                    case v, ok := <-$c:
                        if !ok {
                            break L$l
                        }
                        if v&1 == 1 {
                            continue L$l
                        }
                        if v > 8 {
                            break
                        }
                        $r += v + $x
                    }
                }
                """, l=self.fresh(), **names)
        self.put("println(%s)" % names["r"])
        self.scopes[-1].append((names["r"], "int"))

    def s_channel_values(self):
        k = self.r.randrange(6)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(1, 6))
        names["size"] = self.pick("", ", 1", ", 4")
        if k == 0:
            self.count_of("channel of channels")
            names = self.code("""
                $c := make(chan chan int$size)
                go func() {
                    for reply := range $c {
                        reply <- $x
                        close(reply)
                    }
                }()
                $r := 0
                for i := range $n {
                    reply := make(chan int)
                    $c <- reply
                    for v := range reply {
                        $r += v ^ i
                    }
                }
                close($c)
                """, **names)
        elif k == 1:
            self.count_of("channel of functions")
            names = self.code("""
                $c, $done := make(chan func(int) int$size), make(chan int)
                go func(x int) {
                    for f := range $c {
                        x = f(x)
                    }
                    $done <- x
                }($x)
                for i := range $n {
                    $c <- func(v int) int { return v*3 + i }
                }
                close($c)
                $r := <-$done
                """, **names)
        elif k == 2:
            self.count_of("channel of empty structs")
            names = self.code("""
                $c, $r := make(chan struct{}$size), $x
                go func() {
                    for range $n {
                        $c <- struct{}{}
                    }
                    close($c)
                }()
                for v := range $c {
                    if $r++; v != (struct{}{}) {
                        println("never")
                    }
                }
                """, **names)
        elif k == 3:
            self.count_of("len and cap of a channel")
            names = self.code("""
                $c := make(chan [3]string, 5)
                for i := range $few {
                    $c <- [3]string{string(rune('a' + i)), 2: "z"}
                }
                $r := len($c)*10 + cap($c) + len((<-$c)[0])
                println(len($c), cap($c), (<-chan [3]string)($c) == $c, $c == nil, $r)
                """, few=self.r.randrange(1, 6))
            self.count_of("comparison of channels")
        elif k == 4:
            self.count_of("select with one ready")
            names = self.code("""
                $a, $b := make(chan *int, 1), make(chan *int, 1)
                $v := $x
                $a <- &$v
                $r := 0
                select {
                case p := <-$a:
                    *p += 3
                    $b <- p
                case p := <-$b:
                    println("never", *p)
                }
                *<-$b *= 2
                $r = $v
                """, **names)
        else:
            self.count_of("comparison of channels")
            names = self.code("""
                $a, $b := make(chan int$size), make(chan int)
                var $none chan int
                $m := map[any]int{$a: $x, $b: $y}
                $r := $m[$a] + $m[any($b)]
                println($a == $b, any($a) == any($a), any($none) == nil, $none == nil, len($none), cap($none))
                """, **names)
        self.put("println(%s)" % names["r"])
        self.scopes[-1].append((names["r"], "int"))

    def s_goroutines(self):
        k = self.r.randrange(7)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(1, 6))
        names["size"] = self.pick("", ", 1", ", 4")
        self.count_of("go")
        if k == 0:
            self.count_of("channel as a semaphore")
            names = self.code("""
                $lock, $done, $r := make(chan bool, 1), make(chan bool$size), $x
                for i := range $n {
                    go func() {
                        for range 5 {
                            $lock <- true
                            $r += i
                            <-$lock
                        }
                        $done <- true
                    }()
                }
                for range $n {
                    <-$done
                }
                """, **names)
        elif k == 1:
            self.count_of("pipeline")
            names = self.code("""
                $stage := func(in <-chan int, f func(int) int) <-chan int {
                    out := make(chan int$size)
                    go func() {
                        defer close(out)
                        for v := range in {
                            out <- f(v)
                        }
                    }()
                    return out
                }
                $in, $r := make(chan int), 0
                var $out <-chan int = $in
                for i := range $n {
                    $out = $stage($out, func(v int) int { return v*3 ^ i })
                }
                go func() {
                    for i := range 6 {
                        $in <- i + $x
                    }
                    close($in)
                }()
                for v := range $out {
                    $r = $r*7 + v
                }
                """, **names)
        elif k == 2:
            self.count_of("go of a method")
            names = self.code("""
                $c := make(chan int)
                $s := S{1, $x}
                $send := func(f func() int) { $c <- f() }
                go $send($s.Sum)
                $r := <-$c
                $s.Push($y)
                go $send(func() int { return $s.Sum() })
                $r += <-$c
                """, **names)
        elif k == 3:
            self.count_of("ping-pong")
            names = self.code("""
                $a, $b := make(chan int), make(chan int)
                go func() {
                    for v := range $a {
                        $b <- v*2 + 1
                    }
                    close($b)
                }()
                $r := $x & 1023
                for range $n {
                    $a <- $r
                    $r = <-$b
                }
                close($a)
                $zero, $ok := <-$b
                println($zero, $ok)
                """, **names)
        elif k == 4:
            self.count_of("several senders")
            names = self.code("""
                $c, $r := make(chan K$size), 0
                for i := range $n {
                    go func(k K) {
                        for range 4 {
                            $c <- k
                        }
                        $c <- K{}
                    }(K{int8(i + 1), $x})
                }
                for left := $n; left > 0; {
                    if k := <-$c; k == (K{}) {
                        left--
                    } else {
                        $r += int(k.a) * len(k.s)
                    }
                }
                """, size=names["size"], n=names["n"], x=self.expr("string", 1))
        elif k == 5:
            self.count_of("panic in a goroutine")
            names = self.code("""
                $c := make(chan any)
                go func() {
                    defer func() { $c <- recover() }()
                    if $x != 3 {
                        panic($y)
                    }
                }()
                $r := 1
                if v, ok := (<-$c).(int); ok {
                    $r = v
                }
                """, **names)
        else:
            self.count_of("Goexit")
            names = self.code("""
                $c, $r := make(chan int, 2), 0
                go func() {
                    defer close($c)
                    defer func() { $c <- $x }()
                    func() {
                        defer func() { $c <- 1 }()
                        runtime.Goexit()
                    }()
                    println("never")
                }()
                for v := range $c {
                    $r = $r*5 + v
                }
                """, **names)
        self.put("println(%s)" % names["r"])
        self.scopes[-1].append((names["r"], "int"))
