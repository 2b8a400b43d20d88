# doctored.sh ROOT SCRATCH LIBTOYRT: what happens when one side of the contract changes and the other does not.
root=$1 scratch=$2 lib=$3
rm -rf "$scratch.d" && mkdir -p "$scratch.d" && cd "$scratch.d" || exit 1
echo "== link"
symbol=$(llvm-nm "$lib" 2>/dev/null | sed -n 's/.* R \(toy_abi_.*\)/\1/p')
objcopy --redefine-sym "$symbol=toy_abi_other" "$lib" libtoyrt.a || exit 1
gcc -static -no-pie -Wl,--eh-frame-hdr "$scratch.o" libtoyrt.a -o program
echo "status $?"
echo "== hash"
doctor() { # FILE SED: the contract's name changes with it
  rm -rf abi && cp -r "$root/runtime/abi" abi && sed -i "$2" "abi/$1"
  [ "$(sh "$root/runtime/abi/hash.sh" abi)" = "$(sh "$root/runtime/abi/hash.sh" "$root/runtime/abi")" ] || echo "$1 differs"
}
doctor runtime.def 's/^TOYRT(makechan, *G0, *REF, *PTR, I64)/TOYRT(makechan, G0, REF, I64, PTR)/'
cp abi/runtime.def makechan.def
doctor limits.h 's/TOY_STACK_GUARD 880/TOY_STACK_GUARD 888/'
doctor module.h 's/uint32_t line, flags;/uint32_t line; uint64_t flags;/'
cp abi/module.h module.h
doctor type.h 's/TOY_TYPE_DIRECT = 4/TOY_TYPE_DIRECT = 8/'
doctor toy.h 's/TOY_ABI_VERSION 1/TOY_ABI_VERSION 2/'
echo "== signature"
cp -r "$root/runtime" . && cp makechan.def runtime/abi/runtime.def
gcc -fsyntax-only -std=gnu17 -Iruntime runtime/chan.c && echo "it compiles"
echo "== offsets"
cp -r "$root/compiler" . && cp "$root/runtime/abi/runtime.def" runtime/abi/ && cp module.h runtime/abi/
gcc -fsyntax-only -std=gnu17 -I/usr/lib/llvm-19/include -Icompiler compiler/lower_tables.c && echo "it compiles"
echo "== end"
