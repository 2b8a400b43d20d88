"""What the generators of random programs have in common: lines of text, fresh names, and what is in scope."""

import random
import re
import textwrap


class Writer:
    def __init__(self, seed, indent=0):
        self.r = random.Random(seed)
        self.lines, self.indent, self.count = [], indent, 0
        self.scopes = []  # lists of (name, type), innermost last

    def put(self, text):
        self.lines.append("\t" * self.indent + text)

    def code(self, text, **names):
        """Lines of a template: $x stands for names["x"], and for a fresh name where there is none. All names as used.

        What follows a comma at the end of a line belongs to that line."""
        def name(match):
            key = match.group(1)
            if key not in names:
                names[key] = self.fresh()
            return str(names[key])

        text = re.sub(r",\n +", ", ", textwrap.dedent(text).strip("\n"))
        for line in text.split("\n"):
            self.put(re.sub(r"\$([a-zA-Z]\w*)", name, line).replace("    ", "\t"))
        return names

    def fresh(self):
        self.count += 1
        return "v%d" % self.count

    def vars(self, t):
        return [n for scope in self.scopes for n, u in scope if u == t]
