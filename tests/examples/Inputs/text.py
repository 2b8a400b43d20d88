"""12 MB of text with Zipf-like word frequencies, the same each time; begins with no letter, ends with one."""
import random

random.seed(7)
letters = 'etaoinshrdlucmfwypvbgkjqxzETAOI'
words = [''.join(random.choice(letters) for _ in range(random.randint(1, 10))) for _ in range(30000)]
ends = ['', '', '', ',', '.', "'s", '-', ' 12', ';']
print('"', end='')
size = 0
while size < 12_000_000:
    line = ' '.join(words[int(30000 * random.random() ** 4)] + random.choice(ends) for _ in range(11))
    print(line)
    size += len(line) + 1
print('end', end='')
