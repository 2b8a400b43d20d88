"""The kinds of test, told by a file's first lines.

    // RUN: …            in any file: lit's own shell test, mostly with FileCheck
    // run               NAME.toy: compiled and run in each mode below; output and exit status are compared
    // build             NAME.toy: compiles without a diagnostic
    // errorcheck        NAME.toy: refused; each line's diagnostics match the regular expressions in its
                         // ERROR "regex" "another" comment, and there are no others; "@5 regex": in column 5
    NAME.c               (in tests/unit) the program build/tests/unit/NAME exits with 0

More directives of a run test, each on a comment line of its own before the first line of code:
    // output:           the comment lines that follow are what is printed (else: the file NAME.out; else: nothing)
    // exit: N           status, 0 if not given
    // stdin: FILE       relative to the test
    // args: A B
    // env: K=V
    // modes: plain p1   instead of all
    // timeout: SECONDS
    // match: REGEX      must be found in the output as well; for what differs from run to run
Standard output and standard error go to one pipe, so their order counts. A goroutine traceback is compared up to its
first header or the [signal …] line: those have addresses; `match` looks at all of it.

An assembly file NAME.S or a C file NAME.c beside NAME.toy belongs to the program.
A run test is a test of its own in each mode (NAME.toy:MODE); the modes share a binary. --param modes=a,b picks modes; a+b is
both at once (stackmove+p3).
"""
import hashlib
import os
import re
import signal
import subprocess
import tempfile

import lit.Test
from lit.formats import ShTest

# Mode: compiler flags, environment. What must hold under any schedule is tried under hostile ones.
MODES = {
    'plain': ([], {}),
    'O0': (['-O0'], {}),
    'stackmove': ([], {'TOYDEBUG': 'stackmove=1'}),
    'O1stackmove': (['-O1'], {'TOYDEBUG': 'stackmove=1'}),
    'O3stackmove': (['-O3'], {'TOYDEBUG': 'stackmove=1'}),
    'O0stackmove': (['-O0'], {'TOYDEBUG': 'stackmove=1'}),
    'preempt': ([], {'TOYDEBUG': 'preemptevery=100'}),
    'shrink': ([], {'TOYDEBUG': 'shrinkstress=1'}),
    'suspend': ([], {'TOYDEBUG': 'suspendstress=50,schedcheck=1'}),
    'stealstress': ([], {'TOYDEBUG': 'stealstress=1'}),
    'parkstress': ([], {'TOYDEBUG': 'parkstress=1'}),
    'p1': ([], {'TOYMAXPROCS': '1'}),
    'p2': ([], {'TOYMAXPROCS': '2'}),
    'p3': ([], {'TOYMAXPROCS': '3'}),
    'p16': ([], {'TOYMAXPROCS': '16'}),
}
# Rounds of the soak (tests/soak/run) only: asked for by --param modes, for tests that run in the mode named first.
SOAK_MODES = {
    'preempt50': ('preempt', [], {'TOYDEBUG': 'preemptevery=50'}),
}


def takes_part(part, modes):
    return (SOAK_MODES[part][0] if part in SOAK_MODES else part) in modes


def mode_of(name):
    """Compiler flags and environment of a mode, or of several joined by +."""
    flags, env = [], {}
    for part in name.split('+'):
        part_flags, part_env = SOAK_MODES[part][1:] if part in SOAK_MODES else MODES[part]
        flags += part_flags
        for key, value in part_env.items():
            env[key] = env[key] + ',' + value if key in env else value
    return flags, env


KINDS = ('run', 'build', 'errorcheck')
TIMEOUT = 60


def read(path):
    with open(path, 'rb') as f:
        return f.read().decode('utf-8', 'surrogateescape')


def kind_of(path):
    """RUN, one of KINDS, 'unit', or None for a file that is no test (a package or an input of one)."""
    text = read(path)
    if re.search(r'\bRUN:', text):
        return 'RUN'
    if path.endswith('.c'):
        return 'unit' if os.path.basename(os.path.dirname(path)) == 'unit' else None
    first = re.match(r'// (\w+)\s*(?:\n|$)', text)
    return first.group(1) if first and first.group(1) in KINDS else None


class Directives:
    """The comment lines at the head of a run test."""

    def __init__(self, path):
        self.exit, self.stdin, self.args, self.env = 0, None, [], {}
        self.modes, self.timeout, self.match, self.output = list(MODES), TIMEOUT, [], None
        for line in read(path).split('\n'):
            if not line.startswith('//'):
                break
            self.line(line, os.path.dirname(path))
        out = os.path.splitext(path)[0] + '.out'
        if self.output is None:
            self.output = read(out) if os.path.exists(out) else ''

    def line(self, line, where):
        key, colon, value = line[2:].strip().partition(':')
        value = value.strip()
        if self.output is not None:
            self.output += line[3:] + '\n'
        elif not colon:
            return
        elif key == 'output':
            self.output = ''
        elif key == 'exit':
            self.exit = int(value)
        elif key == 'stdin':
            self.stdin = os.path.join(where, value)
        elif key == 'args':
            self.args = value.split()
        elif key == 'env':
            name, _, text = value.partition('=')
            self.env[name] = text
        elif key == 'modes':
            self.modes = value.split()
        elif key == 'timeout':
            self.timeout = int(value)
        elif key == 'match':
            self.match.append(value)


def execute(command, env, timeout, stdin=None):
    """Status (negative: signal; None: out of time) and the two outputs as one text. Children die with it."""
    source = open(stdin, 'rb') if stdin else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                               start_new_session=True)
    try:
        out, _ = process.communicate(timeout=timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        status = None
    return status, out.decode('utf-8', 'surrogateescape')


def before_frames(text):
    match = re.search(r'^(goroutine \d+|\[signal )', text, re.M)
    return text[:match.start()].rstrip('\n') + '\n' if match else text


def diff(want, got):
    import difflib
    lines = difflib.unified_diff(want.splitlines(True), got.splitlines(True), 'expected', 'printed')
    return ''.join(lines)[:4000]


class ToyFormat(ShTest):
    def __init__(self):
        super().__init__(execute_external=False)

    # A mode is a suffix of the test's name, run/fib.toy:p1; --param modes=p1,plain picks some.
    def getTestsForPath(self, suite, path, litConfig, localConfig):
        name = path[-1]
        if name in localConfig.excludes or os.path.splitext(name)[1] not in localConfig.suffixes:
            return
        source = suite.getSourcePath(path)
        kind = kind_of(source)
        picked = litConfig.params.get('modes', ','.join(MODES)).split(',')
        if kind == 'run':
            modes = Directives(source).modes
            for mode in picked:
                if all(takes_part(part, modes) for part in mode.split('+')):
                    yield lit.Test.Test(suite, path[:-1] + (f'{name}:{mode}',), localConfig)
        elif kind:
            yield lit.Test.Test(suite, path, localConfig)

    def execute(self, test, litConfig):
        source, _, mode = test.getSourcePath().partition(':')
        kind = kind_of(source)
        if kind == 'RUN':
            return super().execute(test, litConfig)
        return getattr(self, kind)(test.config, source, mode)

    # ---- run

    def binary(self, config, source, flags):
        """Compiled once for all modes: the name says what it was made from."""
        sources = [source] + [f for f in (source[:-4] + '.S', source[:-4] + '.c') if os.path.exists(f)]
        made_from = [*map(read, sources), ' '.join(flags)]
        for folder in ('bin', 'lib'):
            for where, _, names in sorted(os.walk(os.path.join(config.build, folder))):
                made_from += [str(os.stat(os.path.join(where, n)).st_mtime_ns) for n in sorted(names)]
        digest = hashlib.sha256('\0'.join(made_from).encode('utf-8', 'surrogateescape')).hexdigest()[:16]
        folder = os.path.join(config.test_exec_root, 'bin')
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f'{os.path.basename(source)[:-4]}-{digest}')
        if os.path.exists(path):
            return path, ''
        handle, scratch = tempfile.mkstemp(dir=folder)
        os.close(handle)
        status, out = execute([config.toy, 'build', *flags, '-o', scratch, *sources], config.environment, TIMEOUT)
        if status != 0 or out:
            if os.path.exists(scratch):  # what the verifier refuses, toy build removes
                os.unlink(scratch)
            return None, f'toy build {" ".join(flags)}: status {status}\n{out}'
        os.rename(scratch, path)
        return path, ''

    def run(self, config, source, mode):
        flags, mode_env = mode_of(mode)
        program, log = self.binary(config, source, flags)
        if not program:
            return lit.Test.FAIL, log
        want = Directives(source)
        env = {**config.environment, **mode_env, **want.env}
        status, out = execute([program, *want.args], env, want.timeout, want.stdin)
        problems = []
        if status != want.exit:
            problems.append('out of time' if status is None else f'exit status {status} instead of {want.exit}')
        expected = before_frames(want.output)
        printed = before_frames(out)
        if printed.rstrip('\n') != expected.rstrip('\n'):
            problems.append(diff(expected, printed))
        problems += [f'no match for: {m}' for m in want.match if not re.search(m, out, re.M)]
        if not problems:
            return lit.Test.PASS, ''
        how = ' '.join(f'{k}={v}' for k, v in {**mode_env, **want.env}.items())
        return lit.Test.FAIL, '\n'.join(problems) + f'\n$ {how} {program} {" ".join(want.args)}\n{out[:8000]}'

    # ---- build, errorcheck

    def compile(self, config, source):
        with tempfile.TemporaryDirectory() as folder:
            return execute([config.toy, 'build', '-c', '--max-errors=0', '-o', os.path.join(folder, 'out.o'), source],
                           config.environment, TIMEOUT)

    def build(self, config, source, mode):
        status, out = self.compile(config, source)
        if status == 0 and not out:
            return lit.Test.PASS, ''
        return lit.Test.FAIL, f'status {status}\n{out}'

    def errorcheck(self, config, source, mode):
        status, out = self.compile(config, source)
        problems = [] if status == 1 else [f'exit status {status} instead of 1']
        wanted = expected_errors(source)
        if not wanted:
            problems.append('no ERROR comment: this test cannot fail')
        got = {}
        for match in re.finditer(r'^(.*?):(\d+):(\d+: )error: (.*)$', out, re.M):
            got.setdefault(int(match.group(2)), []).append('@' + match.group(3) + match.group(4))
        for line, patterns in wanted.items():
            messages = got.pop(line, [])
            for pattern in patterns:
                found = [m for m in messages if says(m, pattern)]
                if not found:
                    problems.append(f'line {line}: no error matches {pattern!r}; there are {messages}')
                messages = [m for m in messages if m not in found]
            problems += [f'line {line}: unexpected error: {m}' for m in messages]
        for line, messages in got.items():
            problems += [f'line {line}: unexpected error: {m}' for m in messages]
        if not problems:
            return lit.Test.PASS, ''
        return lit.Test.FAIL, '\n'.join(problems) + '\n' + out[:8000]

    # ---- unit

    def unit(self, config, source, mode):
        program = os.path.join(config.build, 'tests', 'unit', os.path.basename(source)[:-2])
        if not os.path.exists(program):
            return lit.Test.FAIL, f'{program}: not built'
        status, out = execute([program], config.environment, TIMEOUT)
        return (lit.Test.PASS, '') if status == 0 else (lit.Test.FAIL, f'status {status}\n{out}')


def says(message, pattern):
    """Does "@COLUMN: TEXT" match the regular expression, and its column if that begins with one?"""
    column, text = message.split(': ', 1)
    place = re.match(r'@\d+ ', pattern)
    if place and place.group() != column + ' ':
        return False
    return re.search(pattern[place.end():] if place else pattern, text) is not None


def expected_errors(source):
    """Line number → regular expressions of its ERROR comment, quoted by " or `."""
    wanted = {}
    for number, line in enumerate(read(source).split('\n'), 1):
        match = re.search(r'//\s*ERROR((?:\s+(?:"(?:[^"\\]|\\.)*"|`[^`]*`))+)', line)
        if match:
            quoted = re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`', match.group(1))
            wanted[number] = [a.replace('\\"', '"') or b for a, b in quoted]
    return wanted
