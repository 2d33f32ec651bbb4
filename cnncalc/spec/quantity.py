"""What an author expects: a number at the precision it is written with, a share, a bound, a list, true or false.

How each spelling compares:

- `448`, `11,642`, `25_557_032`: exactly where the answer is a whole number, within 1e-9 where it was computed
- `22.9`, `2.50`, `1.74%`, `25.6M` (K M G B T): what rounds to the written digits; at an exact tie both ways hold
- `3*3*3*8 + 8`: as the number it makes; `conv1.params + 448` too, once `resolve` has given the names values
- `<= 26M`, `> 1.5`, `!= 0`: the bound is the number written, exactly
- `~25.6M`: within 5 percent of the number written
- lists: element by element, axes of length 1 in front being free
- `3x64x64`, `(3, 64, 64)` and the like: as a list, where the answer is one
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from cnncalc.core.problem import Fault
from cnncalc.expression.evaluate import evaluate
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.syntax import parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.spec.expected import RELATIONS, Quantity, of_value, shape_of

__all__ = ["Quantity", "parse_quantity"]

MAX_DIGITS = 4_000

SUFFIXES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
SPACES = " \u2009\u202f\u00a0"  # plain, thin, narrow no-break and no-break: what separates thousands in print
SPELLED = {"≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "=<": "<=", "=>": ">=", "~=": "~"}


def parse_quantity(raw: object, text: str | None = None) -> Quantity:
    """Read an expected value: `raw` as YAML typed it, `text` as it was written, so that `2.50` keeps its zero.

    Elements of a list may be quantities already. Raises Fault "quantity".
    """
    if isinstance(raw, Quantity):
        return raw
    if raw is None:
        return Quantity("none", text or "null")
    if isinstance(raw, bool):
        return Quantity("truth", text or str(raw).lower(), number=raw)
    if isinstance(raw, (int, float)):
        found = literal(text.strip()) if text else None
        return found if found is not None else of_number(raw, text)
    if isinstance(raw, (list, tuple)):
        parts = matching_texts(list(raw), text)
        items = [parse_quantity(item, part) for item, part in zip(raw, parts, strict=True)]
        return Quantity("list", text or "[" + ", ".join(item.text for item in items) + "]", items=items)
    if isinstance(raw, str):
        return of_text(raw.strip())
    raise Fault("quantity", f"a {type(raw).__name__} cannot be expected", help="write a number, a list or a text")


def of_number(raw: int | float, text: str | None) -> Quantity:
    """The quantity of a number whose text is not known, or not plain."""
    if isinstance(raw, int):
        return Quantity("whole", text or str(raw), number=raw)
    return literal(repr(raw)) or Quantity("computed", text or repr(raw), number=raw)


def matching_texts(raw: list[object], text: str | None) -> list[str | None]:
    """The text of each element, where `[2.50, 3]` was written in brackets and has as many."""
    if text and text.strip()[:1] in ("[", "("):
        parts = elements(text.strip())
        if parts is not None and len(parts) == len(raw):
            return list(parts)
    return [None] * len(raw)


def elements(text: str) -> list[str] | None:
    """The texts between the brackets that enclose a text; None where none do."""
    if len(text) < 2 or (text[0], text[-1]) not in (("[", "]"), ("(", ")")):
        return None
    parts, depth, start = [], 0, 1
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and index < len(text) - 1:
            return None
        if depth == 1 and letter == ",":
            parts.append(text[start:index].strip())
            start = index + 1
    last = text[start:-1].strip()
    return parts if not last else [*parts, last]


@lru_cache(maxsize=1)
def pattern() -> re.Pattern[str]:
    """A written number: sign, digits with or without separators of thousands, decimals, exponent, suffix."""
    return re.compile(
        rf"""(?P<sign>[-+−]?)
        (?P<whole>[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+|[0-9][0-9_]*|)
        (?:\.(?P<decimals>[0-9_]*))?
        (?:[eE](?P<exponent>[-+]?[0-9]{{1,3}}))?
        [{SPACES}]?(?P<suffix>[KkMGBT%]?)""",
        re.VERBOSE,
    )


def literal(text: str) -> Quantity | None:
    """The quantity of a number as it is written; None where the text is not one."""
    from fractions import Fraction  # a hundredth of a second that only expectations need

    found = pattern().fullmatch(text)
    if found is None or len(text) > MAX_DIGITS:
        return None
    whole = re.sub(rf"[,_{SPACES}]", "", found["whole"])
    decimals = (found["decimals"] or "").replace("_", "")
    if not whole + decimals:
        return None
    if "," in found["whole"] and whole[0] == "0":
        raise comma(text)
    exponent = int(found["exponent"] or 0)
    suffix = found["suffix"]
    scale = Fraction(1, 100) if suffix == "%" else Fraction(SUFFIXES.get(suffix, 1))
    unit = scale * Fraction(10) ** (exponent - len(decimals))
    number = unit * int(whole + decimals) * (-1 if found["sign"] in ("-", "−") and found["sign"] else 1)
    if found["decimals"] is None and found["exponent"] is None and not suffix:
        return Quantity("whole", text, number=int(number))
    return Quantity("rounded", text, number=number, unit=unit)


def comma(text: str) -> Fault:
    """The fault for a comma that separates decimals."""
    return Fault("quantity", f'"{text}" has a decimal comma', help=f"write {text.replace(',', '.')}")


def of_text(text: str) -> Quantity:
    """The quantity of what YAML took for a text."""
    for spelled, sign in (*SPELLED.items(), *((sign, sign) for sign in ("==", *RELATIONS))):
        if text.startswith(spelled):
            return bound(text, sign, text[len(spelled) :].strip())
    if text.startswith("=") and not text.startswith("=="):
        return of_text(text[1:].strip())
    found = literal(text)
    if found is not None:
        return found
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+\s*%?", text):
        raise Fault(
            "quantity",
            f'"{text}" has a decimal comma',
            help=f"write {text.replace(',', '.')}"
            + ("" if "%" in text else f", or [{text.replace(',', ', ')}] for a list"),
        )
    if text.lower() in ("true", "false"):
        return Quantity("truth", text, number=text.lower() == "true")
    parts = elements(text) if text[:1] in ("[", "(") else None
    if parts is not None and (text[0] == "[" or len(parts) != 1):
        return Quantity("list", text, items=[of_text(part) for part in parts])
    return of_expression(text)


def bound(text: str, sign: str, rest: str) -> Quantity:
    """The quantity of `<= 26M`."""
    if not rest:
        raise Fault("quantity", f'a number is missing after "{text}"', help=f'write "{text} 26M"')
    inner = of_text(rest)
    if sign == "==":
        return inner
    if inner.kind not in ("whole", "rounded", "computed", "formula"):
        raise Fault("quantity", f'"{sign}" goes with a number, not with "{rest}"', help=f'write "{sign} 26M"')
    items = [inner] if inner.kind == "formula" else []
    return Quantity("bound", text, number=inner.number, relation=sign, items=items)


def of_expression(text: str) -> Quantity:
    """The quantity of `3*3*3*8 + 8`, of `3*3*3*8 + 8 = 224`, of `conv1.params + 8`, or of a mere text."""
    sides = re.split(r"(?<![<>=!])=(?!=)", text)
    if len(sides) > 1 and all(side.strip() for side in sides):
        return agreed([of_text(side.strip()) for side in sides])
    try:
        expression = parse(text)
    except ExpressionFault as fault:
        shape = shape_of(text, {})
        if shape is not None:
            return of_value(shape, text)
        if re.match(r"[-+.]?[0-9]", text):
            raise Fault("quantity", f'"{text}" cannot be read as a value', help=hint(text) or fault.help) from None
        return Quantity("text", text)
    if isinstance(expression.tree, ast.BoolOp):  # "448 or so" would be 448
        raise Fault("quantity", f'"{text}" is no single value', help="write the number alone; ~448 is about 448")
    if expression.names() or expression.functions() - set(FUNCTIONS):
        return Quantity("formula", text, expression=expression)
    try:
        return of_value(evaluate(expression, {}), text)
    except ExpressionFault as fault:
        raise Fault("quantity", f'"{text}" has no value: {fault.message}', help=fault.help) from None


def hint(text: str) -> str:
    """How a number with a unit is written."""
    found = re.match(r"([-+]?[0-9][0-9.,_]*)\s*([kmgbtKMGBT])", text)
    if not found:
        return "write a number, a percentage such as 12.5%, a list, or an expression"
    return f"write {found[1]}{found[2].upper()}; the suffixes are K, M, G, B and T"


def agreed(sides: list[Quantity]) -> Quantity:
    """The last side of `3*3*3*8 + 8 = 224`, which all the others must equal."""
    last = sides[-1]
    for side in sides[:-1]:
        if side.kind in ("formula", "text") or last.kind in ("formula", "text"):
            raise Fault("quantity", f'"{side.text} = {last.text}" is an equation', help=f"write {last.text} alone")
        if not last.holds(side.plain() if side.kind == "list" else side.number):
            value = side.text if side.kind != "whole" else side.number
            raise Fault("quantity", f"{side.text} is {value}, not {last.text}")
    return last
