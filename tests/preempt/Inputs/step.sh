# step.sh PROGRAM.toy SCRATCH PERCENT: stops at every instruction of the program, optimised and not, and with stacks
# moved; what it prints must be what it prints undisturbed, and no stack may have grown because a request to yield was
# taken for a lack of room. PERCENT: how much a run reaches at least of those functions of package main that it calls.
set -eu
here=$(dirname "$0") out=$2
gcc -O1 -Wall -I"$here/../../../runtime" "$here/stepper.c" -o "$out.stepper"
grown() { sed -n 's/^toydebug: stackgrow: //p' "$out.$1"; }
for way in O2 O0 stackmove; do
  case $way in
    O2) flags= debug=stats=1 ;;
    O0) flags=-O0 debug=stats=1 ;;
    stackmove) flags= debug=stats=1,stackmove=1 ;;
  esac
  toy build $flags -o "$out.$way" "$1" "$here/scribble.S"
  python3 "$here/places.py" "$out.$way" >"$out.places"
  TOYMAXPROCS=1 TOYDEBUG=$debug timeout 10 "$out.$way" >"$out.calm" 2>&1
  TOYMAXPROCS=1 TOYDEBUG=$debug timeout 60 "$out.stepper" "$out.places" main. "$3" "$out.$way" >"$out.account" 2>"$out.out" || {
    cat "$out.out"
    echo "$way: failed"
    exit 1
  }
  for run in calm out; do
    grep -v '^toydebug: ' "$out.$run" >"$out.$run.printed"
  done
  cmp "$out.calm.printed" "$out.out.printed"
  more=$(($(grown out) - $(grown calm)))
  [ $more -le 3 ] || { echo "$way: stacks grew $more times more than undisturbed"; exit 1; } # sysmon may have made some smaller
  echo "$way:"
  grep -v '^not reached' "$out.account"
done
cat "$out.calm.printed"
