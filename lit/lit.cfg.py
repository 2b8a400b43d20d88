"""Configuration of all lit tests; loaded by tests/lit.cfg.py.

The tree under test is the build directory named by --param build=DIR, else by $TOY_BUILD, else build/ at the top.
Tests see a PATH of that build's programs, LLVM's and the system's own, and nothing else of the caller's environment
that could change a result.
"""
import os
import sys

LIT = os.path.dirname(os.path.abspath(__file__))
if LIT not in sys.path:
    sys.path.insert(0, LIT)
import toyformat

LLVM = '/usr/lib/llvm-19/bin'

config.name = 'toy'
config.tree = os.path.dirname(LIT)
config.build = os.path.abspath(
    lit_config.params.get('build') or os.environ.get('TOY_BUILD') or os.path.join(config.tree, 'build'))
config.toy = os.path.join(config.build, 'bin', 'toy')
if not os.access(config.toy, os.X_OK):
    lit_config.fatal(f'{config.toy}: not built; run ./bootstrap build')

config.test_source_root = os.path.join(config.tree, 'tests')
config.test_exec_root = os.path.join(config.build, 'tests', 'out')
config.suffixes = ['.toy', '.ll', '.c', '.test']
config.excludes = ['lit.cfg.py', 'Inputs', 'CMakeLists.txt', 'mutants']
config.test_format = toyformat.ToyFormat()

# Shell tests: none may hang. (Run tests have limits of their own, see toyformat.py.)
if not lit_config.maxIndividualTestTime and lit_config.maxIndividualTestTimeIsSupported[0]:
    lit_config.maxIndividualTestTime = 300

config.environment = {
    'PATH': os.pathsep.join([os.path.join(config.build, 'bin'), LLVM, '/usr/sbin', '/usr/bin', '/sbin', '/bin']),
    'HOME': config.test_exec_root,
    'XDG_CACHE_HOME': os.path.join(config.test_exec_root, 'cache'),
    'LC_ALL': 'C.UTF-8',
    'TOY_BUILD': config.build,
    'TOYVERIFY': '1',  # every program that a test builds is proved sound (compiler/verify.c)
}
config.substitutions += [
    ('%run-toy', f'timeout 60 {config.toy} run'),
    ('%toy', f'timeout 60 {config.toy}'),
    ('%not', os.path.join(LIT, 'not')),
    ('%cpulimit', os.path.join(LIT, 'cpulimit')),
    ('%build', config.build),
    ('%root', config.tree),
    ('%examples', os.path.join(config.tree, 'examples')),
    ('%libtoyrt', os.path.join(config.build, 'lib', 'libtoyrt.a')),
]
config.available_features = set()
config.available_features |= {'avx2', 'fma'} & set(open('/proc/cpuinfo').read().split())
# Go's own tests and their runner, neither of them in the tree (tests/conformance/gosuite)
if os.path.exists(os.path.join(config.tree, os.pardir, 'shared', 'conformance', 'run.py')) and \
        os.path.isdir(os.environ.get('GOTEST', '/usr/share/go-1.19/test')):
    config.available_features.add('gosuite')
