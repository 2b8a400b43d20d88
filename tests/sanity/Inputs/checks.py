"""checks.py ROOT [FILE]: every file, test function and fault that docs/checks.md names exists; each row id stands once."""
import glob
import os
import re
import sys

root = sys.argv[1]
text = open(sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, 'docs/checks.md')).read()
faults = glob.glob(os.path.join(root, 'tests/mutants/faults/*.txt'))
known = set(re.findall(r'^name: (\S+)$', ''.join(open(path).read() for path in faults), re.M))
wrong, files, faults, ids = [], set(), set(), []

for line in text.split('\n'):
    cells = [c.strip() for c in line.strip().strip('|').split('|')]
    if not re.match(r'[A-Z]{2}-\d+$', cells[0]) or len(cells) != 3:
        continue
    ids.append(cells[0])
    current = None
    for path, function in re.findall(r'`([^`:]+)(?:: ?([^`]+))?`', cells[1]):
        if '/' not in path:
            continue
        files.add(path)
        full = os.path.join(root, path)
        if not os.path.exists(full):
            wrong.append(f'no file {path}')
        elif function:
            source = open(full).read()
            wrong += [f'no function {f} in {path}' for f in re.split(r'[, ]+', function) if not re.search(rf'\b{f}\(', source)]
    for fault in re.findall(r'`([^`]+)`', cells[2]):
        faults.add(fault)
        if fault not in known:
            wrong.append(f'no fault {fault}')

wrong += [f'row {i} stands twice' for i in sorted(set(ids)) if ids.count(i) > 1]
if not ids:
    wrong.append('no rows')
for w in wrong:
    print('wrong:', w)
print(f'{len(ids)} rows, {len(files)} tests, {len(faults)} faults')
sys.exit(bool(wrong))
