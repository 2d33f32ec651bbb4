"""What a plain YAML scalar means: numbers, truth values, nothing, or text; and where YAML 1.1 would surprise."""

from __future__ import annotations

WORDS: dict[str, object] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".inf": float("inf"),
    "+.inf": float("inf"),
    "-.inf": float("-inf"),
    ".nan": float("nan"),
}
# Truth values to YAML 1.1, words to everyone else.
ODD_WORDS = {
    word: truth
    for low, truth in (("yes", True), ("on", True), ("no", False), ("off", False))
    for word in (low, low.capitalize(), low.upper())
}
LONGEST_NUMBER = 400


class Surprise:
    """A scalar that reads otherwise than it looks: the likeliest value, and what to tell the author."""

    __slots__ = ("data", "help", "message")

    def __init__(self, data: object, message: str, help: str) -> None:
        self.data = data
        self.message = message
        self.help = help


def resolve(text: str) -> object:
    """The value of a plain scalar, or a `Surprise`."""
    if text in WORDS:
        return WORDS[text]
    if text[0] in "0123456789.+-":
        return number(text)
    if text in ODD_WORDS:
        truth = "true" if ODD_WORDS[text] else "false"
        return Surprise(
            ODD_WORDS[text],
            f"YAML reads {text} as {truth}, not as the word",
            f'write {truth} for the truth value, "{text}" in quotes for the word',
        )
    return text


def number(text: str) -> object:
    """The number that `text` writes, a `Surprise`, or the text itself where it is none."""
    digits = text[1:] if text[0] in "+-" else text
    if not digits or digits[0] not in "0123456789." or not digits.isascii():
        return text
    if len(text) > LONGEST_NUMBER and digits.replace("_", "").isdigit():
        return Surprise(
            text, f"a number of {len(digits)} digits is too long", f"a number has at most {LONGEST_NUMBER} digits"
        )
    if digits[0] == "0" and len(digits) > 1 and digits.replace("_", "").isdigit():
        return _octal(text, digits)
    if ":" in digits:
        return _base_60(text, digits)
    try:
        if digits[:2] in ("0x", "0X", "0b", "0B"):
            return int(text, 0)
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    if value in (float("inf"), float("-inf")):
        return Surprise(value, f"{text} is larger than a number can be", "write .inf for infinity")
    return value


def _octal(text: str, digits: str) -> object:
    """A whole number with a leading 0: octal, or text where a digit is 8 or 9."""
    try:
        wanted = int(text)
    except ValueError:  # an underscore out of place
        return text
    sign, bare = text[: len(text) - len(digits)], digits.replace("_", "")
    if set(bare) & {"8", "9"}:
        message = f"YAML reads {text} as text: a leading 0 means octal, which has no 8 and no 9"
    else:
        message = f"YAML reads {text} as {sign}{int(bare, 8)}: a leading 0 means octal"
    return Surprise(wanted, message, f'write {wanted} for the number, "{text}" in quotes for the text')


def _base_60(text: str, digits: str) -> object:
    """Whole numbers with colons between them: minutes and seconds to YAML 1.1."""
    first, *rest = digits.split(":")
    last, _, fraction = rest[-1].partition(".")
    parts = [first, *rest[:-1], last]
    sixty = all(part.replace("_", "").isdigit() for part in parts) and (not fraction or fraction.isdigit())
    if not sixty or any(len(part) > 2 or int(part) > 59 for part in parts[1:]):
        return text
    total: float = 0
    for part in parts:
        total = total * 60 + int(part)
    if fraction:
        total += float("0." + fraction)
    total = -total if text[0] == "-" else total
    return Surprise(
        total,
        f"YAML reads {text} as {total:.12g}: a number to the base 60",
        f'write {total:.12g} for the number, "{text}" in quotes for the text',
    )
