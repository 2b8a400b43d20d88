"""Prints a random program of many units (generate.py SEED [UNITS]), and with --counts what it is made of.

A unit is a function of its own, with helpers, that prints what it computes and shares nothing with other units but
types and pure functions; main calls them one by one and goes on after a panic, so that one compilation tests many programs.
With an argument the program does nothing but end as that says: in a panic that nobody recovers, a deadlock, and so on.

Every program is valid Go with one result: an expression has no side effects, what has stands in a statement of its own;
goroutines meet only over channels, in patterns with one outcome; literals are made opaque to the rules for constants by
functions that return their argument. The text of a run-time panic is printed, and only one thing of a statement can
panic.
"""

import collections
import sys

from channelforms import ChannelForms
from controlforms import ControlForms
from expressions import Expressions
from functions import Functions
from gotypes import FLOATS, INTS, NAMED, SCALARS, bounds
from mapforms import MapForms
from orderforms import OrderForms
from packages import Packages
from panicforms import ENDINGS, PanicForms
from prelude import PRELUDE
from statements import Statements
from textforms import TextForms
from typeforms import TypeForms
from vocabulary import vocabulary
from writer import Writer


DEEP = """func tr(what string, x int) int { println(what, x); return x }

func two(x int) (int, string) { return x + 1, "two" }
"""


class Program(Writer, Expressions, Statements, Functions, MapForms, ChannelForms, PanicForms, ControlForms, TypeForms,
              TextForms, OrderForms, Packages):
    def __init__(self, seed, units=50):
        super().__init__(seed)
        self.units = units
        self.n = collections.Counter(dict.fromkeys(vocabulary(), 0))  # how often each of them occurs
        self.structs, self.funcs = {}, []
        self.hashed, self.hashes = set(), []
        self.loops, self.depth, self.favourites, self.weights = 0, 0, INTS, []

    def count_of(self, what):
        if what not in self.n:
            raise KeyError("not in vocabulary.py: " + what)
        self.n[what] += 1

    def an_int(self):
        """A kind of integer: mostly one of the unit's favourites, so that variables meet."""
        return self.r.choice(self.favourites if self.chance(0.85) else INTS)

    def a_scalar(self):
        ints = [self.an_int() for _ in range(3)]
        return self.r.choice(ints + [self.pick("float64", "float64", "float32"), "string", "bool"])

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *choices):
        return self.r.choice(choices)

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
        for t in SCALARS:
            self.put("func c_%s(x %s) %s { return x }" % (t, t, t))
        for t in INTS:
            low, high = bounds(t)
            self.put("func h_%s(x %s) uint64 { return uint64(x) }" % (t, t))
            inside = "x >= %d && x < %d" % (low, high + 1)
            self.put("func in_%s(x float64) float64 { if %s { return x }; return 7 }" % (t, inside))

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
        self.hashes.append("\n".join(out + ["\treturn h", "}\n"]))

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

    def stmt(self):
        self.budget -= 1
        if self.budget <= 0 and self.depth > 1:
            self.r.choice([self.s_assign, self.s_op, self.s_show])()
            return
        weights = self.weights
        self.r.choices([s for s, _ in weights], [w for _, w in weights])[0]()

    def choose_statements(self):
        """Each unit has its favourites, so that combinations get deep."""
        always = [(self.s_decl, 6), (self.s_assign, 5), (self.s_op, 4), (self.s_show, 2), (self.s_if, 2),
                  (self.s_for, 2), (self.s_compare, 1), (self.s_convert, 1), (self.s_operate, 2), (self.s_recover, 2), (self.s_map, 1),
                  (self.s_keys, 1)]
        others = [getattr(self, s) for s in sorted(dir(self)) if s.startswith("s_")]
        others = [s for s in others if s not in [a for a, _ in always]]
        chosen = self.r.sample(others, min(len(others), 16))
        self.weights = always + [(s, self.r.randrange(1, 5)) for s in chosen]

    def unit(self, i):
        self.favourites = ["int"] + self.r.sample(INTS, 2)
        self.choose_statements()
        self.funcs = []
        types = [self.a_scalar() for _ in range(8)] + ["N0", "T0", "T1", "K", "[4]int", "[]int", "any", "I", "*T0"]
        for k in range(self.pick(1, 1, 2)):
            params = [self.r.choice(types) for _ in range(self.r.randrange(0, 7))]
            count = self.pick(1, 1, 1, 2, 3)
            results = [self.r.choice([self.a_scalar() for _ in range(3)] + ["T0", "[4]int"]) for _ in range(count)]
            self.func("u%df%d" % (i, k), params, results)
        self.recursive("u%dr" % i)
        self.open("func u%d()" % i)
        self.indent = 1
        self.scopes, self.frozen, self.depth, self.loops = [[]], set(), 1, 0
        self.result, self.budget = [], self.r.randrange(6, 17)
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

    def endings(self):
        """func end, which ends the program as its argument says."""
        self.scopes, self.funcs, self.count = [[]], [], 0
        self.ends = sorted(ENDINGS)
        self.open("func end(which string)")
        self.open("\tswitch which")
        for what in self.ends:
            self.count_of("end: " + what)
            self.put("\tcase \"%s\":" % what)
            names = {name: self.expr(t, 1) for name, t in zip("xysfc", ["int", "int16", "string", "float64", "bool"])}
            self.code(ENDINGS[what].replace("; ", "\n"), **names)
        self.put("\t}\n\tprintln(\"end of\", which)\n}\n")

    def package(self, name, imports, types, body):
        """A package's main file."""
        text = PRELUDE.replace("package main", "package " + name)
        text = text.replace("import (", "import (" + "".join('\n\t"%s"' % i for i in imports))
        text += types + "\n" + "\n".join(self.hashes) + "\n" + body
        self.hashed, self.hashes = set(), []
        return text

    def make(self):
        """The files of the program: names, the main package's in the top folder, and texts."""
        self.declare_types()
        types, self.lines = "\n".join(self.lines), []
        files = {"lib/lib": self.package("lib", [], types, self.library())}
        self.declare_embedding()
        for i in range(self.units):
            self.count = 0
            self.unit(i)
        self.endings()
        self.open("func main()")
        self.put("\tif len(os.Args) > 1 {\n\t\tfuel = 100\n\t\tend(os.Args[1])\n\t\treturn\n\t}")
        for i in range(self.units):
            self.put('\tprintln("unit", %d)' % i)
            self.put('\ttry("end", u%d)' % i)
        self.close()
        body = "\n".join(self.lines) + "\n"
        files["main"] = self.package("main", ["m/lib"] * ("lib." in body) + ["os"], types, body)
        self.initialised(files)
        return files

    def initialised(self, files):
        """The package-level variables, in files of their own."""
        for what in ("packages", "several files"):
            self.count_of(what)
        main, lib, deep = self.variables("main", 9), self.variables("lib", 5), self.variables("deep", 3)
        use = "var fromLib = tr(\"main.lib\", lib.Size+lib.Sum())\n"
        files["avars"] = "package main\n\nimport \"m/lib\"\n\n" + main[0] + "\n" + use
        files["zvars"] = "package main\n\n" + main[1]
        files["lib/avars"] = "package lib\n\n" + lib[0] + "\nfunc Sum() int { return fromDeep + g4 }\n"
        use = "var fromDeep = tr(\"lib.deep\", deep.Seven())\n"
        files["lib/zvars"] = "package lib\n\nimport \"m/lib/deep\"\n\n" + lib[1] + "\n" + use
        files["lib/deep/deep"] = "package deep\n\n" + DEEP + "\n" + deep[0] + "\nfunc Seven() int { return g2 + 7 }\n"
        files["lib/deep/more"] = "package deep\n\n" + deep[1]


def main():
    args = [a for a in sys.argv[1:] if a != "--counts"]
    program = Program(int(args[0]), int(args[1]) if len(args) > 1 else 50)
    files = program.make()
    if "--counts" in sys.argv:
        for what, n in sorted(program.n.items()):
            print(n, what)
    else:
        for name, text in sorted(files.items()):
            sys.stdout.write("// %s\n%s" % (name, text))


if __name__ == "__main__":
    main()
