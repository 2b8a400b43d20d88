"""What the generators of random programs have in common: lines of text, fresh names, and what is in scope."""

import random


class Writer:
    def __init__(self, seed, indent=0):
        self.r = random.Random(seed)
        self.lines, self.indent, self.count = [], indent, 0
        self.scopes = []  # lists of (name, type), innermost last

    def put(self, text):
        self.lines.append("\t" * self.indent + text)

    def fresh(self):
        self.count += 1
        return "v%d" % self.count

    def vars(self, t):
        return [n for scope in self.scopes for n, u in scope if u == t]
