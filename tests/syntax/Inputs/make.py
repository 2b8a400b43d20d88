"""make.py KIND: sources too large or too strange to be kept as files, on standard output."""
import sys

N = 100_000


def package(text):
    return 'package p\n\n' + text + '\n'


def function(text):
    return package('func f() {\n' + text + '\n}')


KINDS = {
    'terms': lambda: package('var x = 1' + ' + 1' * N),
    'parens': lambda: package('var x = ' + '(' * N + '1' + ')' * N),
    'unary': lambda: package('var x = ' + '- ' * N + '1'),
    'pointers': lambda: package('var x ' + '*' * N + 'int'),
    'slices': lambda: package('var x ' + '[]' * N + 'int'),
    'channels': lambda: package('var x ' + 'chan ' * N + 'int'),
    'structs': lambda: package('type T ' + 'struct { a ' * N + 'int' + '}' * N),
    'results': lambda: package('var x ' + 'func() ' * N),
    'selectors': lambda: package('var x = a' + '.b' * N),
    'calls': lambda: package('var x = a' + '()' * N),
    'literals': lambda: package('var x = T' + '{' * N + '}' * N),
    'blocks': lambda: function('{\n' * N + '}\n' * N),
    'elses': lambda: function('if x {\n} else ' * N + '{\n}'),
    'closures': lambda: package('var x = ' + 'func() {\n f(' * N + ')\n}' * N),
    'labels': lambda: function('a: ' * N),
    'switches': lambda: function('switch {\ncase x:\n' * N + '}\n' * N),
    # What is just deep enough: 9,990 parentheses.
    'deep': lambda: package('var x = ' + '(' * 9_990 + '1' + ')' * 9_990),
    # What is long but not deep, 10 MB each.
    'line': lambda: function('x = f(a, b, "c", 12) + y*2; ' * 350_000),
    'lines': lambda: function('\tx = f(a, b, "c", 12) + y*2\n' * 350_000),
    'wrongline': lambda: function('x = f(a, b, "c", 12) + y*2; ' * 350_000 + 'é é; ' + 'x = f(a, b, "c", 12) + y*2; ' * 10),
    'string': lambda: package('var x = "' + '\\n' * 5_000_000 + '"'),
    'strings': lambda: package('var x = "' + 'a' * 9_000_000),
    'comment': lambda: package('/*' + ' *' * 5_000_000),
    'errors': lambda: function('\tx y )\n' * 500_000),
    'strangers': lambda: package('@#' * 5_000_000),
    'skipped': lambda: package('var x = f(a b, func() { ' + '(' * 9_000 + ';' * 3_000_000 + ']' * 3_000_000),
    'guards': lambda: function('switch x.(type) {\ncase int:\n' * 3_000 + 'x.(type);\n' * 100_000 + '}\n' * 3_000),
    'many': lambda: function('\tx y\n' * 30),
}

sys.stdout.write(KINDS[sys.argv[1]]())
