# strays.sh PROGRAM PROCS: SIGURGs at each thread of the program while its main is blocked in read; then a byte.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/in" "$dir/out"
TOYMAXPROCS=$2 "$1" <"$dir/in" >"$dir/out" 2>&1 &
pid=$!
exec 3>"$dir/in" 4<"$dir/out"
read -r ready <&4
python3 - "$pid" <<'END'
import ctypes, os, signal, sys
TGKILL = 234
pid = int(sys.argv[1])
for i in range(5000):
    for tid in os.listdir(f'/proc/{pid}/task'):
        ctypes.CDLL(None).syscall(TGKILL, pid, int(tid), int(signal.SIGURG))
END
echo >&3
cat <&4
wait "$pid"
echo "status $?"
