"""Types of the random programs, by name."""

INTS = ["int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64", "uint", "uintptr"]
FLOATS = ["float64", "float32"]
SCALARS = INTS + FLOATS + ["string", "bool"]
BITS = {"int": 64, "uint": 64, "uintptr": 64}
BITS.update({t: int(t.strip("uint")) for t in INTS if t not in BITS})
NAMED = {"N0": "int16", "N1": "uint32", "N2": "string", "N3": "float64"}
KEYS = INTS + FLOATS + ["string", "bool", "N0", "N1", "N2", "N3", "[2]int8", "[2]string", "any", "I", "K"]


def bounds(t):
    """The least and the greatest value of a kind of integer."""
    bits = BITS[t]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if t[0] == "i" else (0, (1 << bits) - 1)
