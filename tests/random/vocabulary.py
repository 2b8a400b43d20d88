"""Everything a campaign must have tried: each of these is counted, and one that is rare makes the campaign fail."""

from gotypes import FLOATS, INTS, KEYS, NAMED

COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
INT_OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "&^", "<<", ">>"] + COMPARISONS
INT_ASSIGNMENTS = [op + "=" for op in INT_OPERATORS[:11]] + ["++", "--"]
FLOAT_OPERATORS = ["+", "-", "*", "/"] + COMPARISONS
STRING_OPERATORS = ["+"] + COMPARISONS

FORMS = """
statements
    var declaration | := declaration | several := declared | var without value | const declaration | =
    ++ and -- of a part | tuple assignment | tuple assignment with index | assignment to a part | if | if with init
    else if | else | switch | switch without tag | fallthrough | break in switch | type switch
    type assertion, two results | for with three clauses | for with condition | for without condition | break
    continue | break with label | continue with label | goto | goto forwards | goto out of loops
    range over a string | range over an array | range over a slice | range over an integer | range over a map
    range over a channel | range with assignment | range without variables | range evaluated once
    loop variables of each iteration | break out of a labelled switch | break out of a labelled select
    continue from a switch | switch with init | default in the middle | switch over an interface
    type switch with init | fallthrough to default | shadowing block | return | go | defer | send | receive | select
    select with default | panic | recover | println | print | call statement | local type | empty statement
expressions
    unary + | unary - | unary ^ | ! | constant shifted | len | cap | min | max | call | variadic call
    call of several results as arguments | results as arguments of a built-in | call with several results
    selector, index or call of a variable | function literal | method call | method value | method expression
    array literal | slice literal | struct literal | map literal | elided literals | anonymous struct
    &variable | &literal | new | conversion to interface | interface in an interface | conversion of structs
    comparison of structs | comparison of arrays | comparison of anys | comparison of Is | comparison of pointers
    comparison of channels | comparison with nil | comparison of interface and value | constant expression | constant iota
    typed constants | float constants
functions
    recursive function | closure | closures made in a loop | closure calling itself | function returning a function
    function values in a slice | defer in a loop | defer of a method | defer of a built-in | deferred arguments
    deferred calls change results | panic in a deferred call | panic again | recover not called directly
    recover without panic | run-time error as error | panic through calls | panic and recover in a loop
    panic in a goroutine | Goexit
slices and arrays
    make of a slice | append of values | append of a slice | append of a string | append to nil | copy
    copy of a string | slice expression | three-index slice | assignment to an element | clear | slice of an array
    slice to array | slice to array pointer | pointer to an array | array of arrays | array copied | slice of slices
    slices share | append of parts of itself
strings
    string conversion | string slice | bytes of a string | runes of a string | invalid runes | string of many parts
    string compared with bytes | named strings and bytes
numbers
    integer conversion | float conversion | float to integer | special floats | least and greatest integers
    division by powers of two | shifts by any count
maps
    make of a map | assignment to a map element | delete | map index, two results | map filled in a loop
    map with NaN keys | map with negative zero | deletion of others while ranging | deletion while ranging
    insertion while ranging | clear while ranging | map of maps | map of slices | map of functions
    map of large elements | nil map | map with pointer keys | map with channel keys | map of structs
types
    promoted field | promoted method | promoted method value | promoted method expression
    promotion through a pointer | promotion over two levels | embedded interface | shadowed name
    interface of promoted methods | methods of named types | list of structs | tree of structs
    pointer to a pointer | type switch of many kinds | struct copied | mutual recursion
channels
    worker goroutines | receive of a closed channel | directed channels | close | select of nil channels
    select with one ready | channel of channels | channel of functions | channel of empty structs
    channel as a semaphore | pipeline | go of a method | ping-pong | several senders | len and cap of a channel
    select with send and receive
order
    order of calls | order in an assignment | order in a call | order in a literal | order of conditions
    index once in op= | package variables | init functions | packages | call into a package | type of a package
    several files
"""

FAULTS = """
    index out of range | negative index | string index | slice bounds | string bounds | division | remainder | shift
    nil map | nil pointer | nil function | nil interface | type assertion | interface assertion | make
    conversion to array | closed channel | close twice | unhashable | uncomparable | array index | panic in defer
    nil array pointer | array slice bounds | three-index bounds | conversion to array pointer | close nil
    value method of nil | embedded nil pointer | make channel | capacity | struct uncomparable
    unhashable in a struct | assertion of a method | shift of a constant | shift assignment | division assignment
    nil slice | panic with nil | assertion to a pointer
    place behind a pointer | place in arrays | place operated on
"""

ENDS = """
    string | error | int | named int | named string | float | bool | stringer | nil value | index | slice | nil map
    nil pointer | division | assertion | missing method | closed channel | negative length | unhashable | again
    twice | in a goroutine | in a deferred call | all asleep | select without cases | nil channel | Exit | Goexit
    return | shift | uncomparable | value method
"""


def names(text):
    """The names of a table; lines without indentation are headings."""
    return [name.strip() for line in text.split("\n") if line.startswith(" ") for name in line.split("|")]


def vocabulary():
    known = names(FORMS) + ["fault: " + name for name in names(FAULTS)] + ["end: " + name for name in names(ENDS)]
    known += ["%s %s" % (op, t) for t in INTS for op in INT_OPERATORS + INT_ASSIGNMENTS]
    known += ["%s %s" % (op, t) for t in FLOATS for op in FLOAT_OPERATORS + ["+=", "-=", "*=", "/="]]
    known += [op + " string" for op in STRING_OPERATORS + ["+="]] + [op + " bool" for op in ["==", "!=", "&&", "||"]]
    known += ["%s %s" % (op, t) for t in NAMED for op in COMPARISONS]
    known += ["%s(%s)" % (t, u) for t in INTS + FLOATS for u in INTS + FLOATS]
    known += ["map[%s]" % key for key in KEYS]
    return known
