# quiet.sh PROGRAM: counts the switches of all its threads until two counts a third of a second apart are equal.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/in" "$dir/out"
TOYMAXPROCS=8 "$1" <"$dir/in" >"$dir/out" 2>&1 &
pid=$!
exec 3>"$dir/in" 4<"$dir/out"
read -r ready <&4
switches() { cat /proc/"$pid"/task/*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'; }
for ((i = 0; i < 30; i++)); do
  before=$(switches)
  sleep 0.33
  [ "$(switches)" = "$before" ] && { echo quiet; break; }
done
echo >&3
wait "$pid"
echo "status $?"
