# hash.sh ABI_FOLDER: the name of the contract: its version, and a hash of all that compiler and runtime must agree on.
cd "$1" || exit 1
version=$(sed -n 's/^#define TOY_ABI_VERSION //p' toy.h)
hash=$(cat runtime.def limits.h module.h type.h ccall.h | sha256sum | cut -c1-12)
[ -n "$version" ] && [ ${#hash} = 12 ] || exit 1
echo "#define TOY_ABI_SYMBOL toy_abi_${version}_$hash"
echo "#define TOY_ABI_SYMBOL_NAME \"toy_abi_${version}_$hash\""
