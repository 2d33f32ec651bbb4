"""The words and signs of expressions: what stands for which operator, and what is refused with which advice."""

from __future__ import annotations

from keyword import kwlist

# Python's words that mean something in an expression; the others are ordinary names here (`global`, `class`).
MEANT = {"and", "or", "not", "if", "else", "in", "is", "None", "True", "False"}
REFUSED = {
    "lambda": "functions cannot be defined in an expression",
    "for": "an expression has no loops",
    "await": "an expression cannot wait",
    "async": "an expression cannot wait",
    "yield": "an expression cannot yield",
}
KEYWORDS = set(kwlist)
VALUE_WORDS = {"None", "True", "False"}

SAME_AS = {"^": "**", "×": "*", "·": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!="}
CLOSES = {")": "(", "]": "["}
# Units behind a number, `24GB` or `1.5 GiB`: how many bytes each is.
BYTES = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
BYTES |= {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
STRANGE = {
    "{": ("braces have no meaning in an expression", "a list is written [1, 2]"),
    "}": ("braces have no meaning in an expression", "a list is written [1, 2]"),
    "$": ('"$" has no meaning in an expression', "write the name alone, without $"),
    "|": ('"|" has no meaning in an expression', "write abs(x) for the size of x, or for either of two"),
    "&": ('"&" has no meaning in an expression', "write and"),
    "~": ('"~" has no meaning in an expression', "write not"),
    "!": ('"!" has no meaning in an expression', "write not, or != for unequal"),
    ";": ('";" has no meaning in an expression', "rows of a matrix are lists: [[1, 0], [0, 1]]"),
    "#": ('"#" has no meaning in an expression', "a comment has a space before its #"),
    "√": ('"√" has no meaning in an expression', "write sqrt(x)"),
    "⊙": ('"⊙" has no meaning in an expression', "write *"),
    "σ": ('"σ" has no meaning in an expression', "write sigmoid(x)"),
    "\\": ("a backslash has no meaning in an expression", "write the function's name alone: tanh(x)"),
}
