# levels.sh SCRATCH FILE…: each program is sound at each level, and says so of itself only if it is not.
scratch=$1
shift
for program; do
  for level in 0 1 2 3; do
    toy build -O$level -o "$scratch" "$program" || echo "$program -O$level: refused"
  done
done
echo done
