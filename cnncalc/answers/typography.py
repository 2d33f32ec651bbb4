"""What people and their programs write, as plain text: LaTeX, Markdown and Unicode become the signs that are read."""

from __future__ import annotations

import re
from html import unescape

RAISED = {sign: digit for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
PARTS = {"½": "(1/2)", "⅓": "(1/3)", "⅔": "(2/3)", "¼": "(1/4)", "¾": "(3/4)", "⅕": "(1/5)", "⅛": "(1/8)"}
SIGNS = {
    "−": "-", "–": "-", "—": "-", "∗": "*", "⋅": "·", "•": "·", "∙": "·", "⨯": "×", "✕": "×", "÷": "/", "⁄": "/",
    "∕": "/", "≃": "≈", "≅": "≈", "∼": "~", "“": '"', "”": '"', "„": '"', "％": "%", "，": ",", "．": ".",
    "（": "(", "）": ")", "＝": "=", "∴": "", "∈": "", "≡": "=", "≙": "=", "\ufeff": "", "\u200b": "", "\u2060": "",
    **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
}  # fmt: skip
# Marks of thousands in print; inside a number they become one sign, elsewhere a space.
THIN = "\u00a0\u2007\u2009\u202f"
APOSTROPHES = "'’ʼ`´"
GROUP = "_"
# LaTeX's commands with what they mean; those that are no more than layout disappear.
COMMANDS = {
    "times": "×", "cdot": "·", "ast": "*", "div": "/", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "approx": "≈", "sim": "~", "simeq": "≈", "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "",
    "displaystyle": "", "quad": " ", "qquad": " ", "ldots": "...", "dots": "...", "lbrack": "[", "rbrack": "]",
    "langle": "(", "rangle": ")", "cr": "\\\\", "bmod": "%", "in": "", "mod": "%",
}  # fmt: skip
SHOWN = (
    "text", "textbf", "textit", "texttt", "textrm", "mathrm", "mathbf", "mathit", "mathtt", "mathsf", "operatorname",
    "emph", "underline", "boxed", "num", "bm", "boldsymbol", "ensuremath", "qty", "mathbb",
)  # fmt: skip
MATRIX = re.compile(r"\\begin\{(?:[pbvB]?matrix|array|smallmatrix)\*?\}(?:\{[lcr| ]*\})?(.*?)\\end\{[a-zA-Z*]+\}", re.S)
BRACED = re.compile(r"\{([^{}]*)\}")
TAGS = re.compile(r"</?(?:b|i|u|em|strong|code|p|span|br|sub|div|td|pre|tt)\s*/?>", re.IGNORECASE)
LABELLED = re.compile(r"^(?:\*\*|__)([^*_]{1,60}:)(?:\*\*|__)\s*")
MODULE = re.compile(r"\b(?:math|np|numpy|torch|tf)\.(?=(?:floor|ceil|sqrt|log|log2|exp|tanh|max|min|abs)\b)")
# What prints a single number: `tensor(448)`, `np.int64(448)`.
PRINTED = re.compile(
    r"(?:(?:np|numpy|torch)\.)?(?:tensor|array|asarray|u?int\d*|float\d*)\(\s*([-+]?[\d._]+(?:e[-+]?\d+)?)\s*(?:,[^()]*)?\)"
)
DEEPEST = 30


def plain(text: str) -> str:
    """The text in the signs that are read; what is not known stays, and is refused where it is read."""
    text = unwrapped(re.sub(r"~~[^~]+~~|\s+[.,;]$", "", text).strip() or text)
    if "<" in text or "&" in text:
        text = unwrapped(html(text))
    text = entries(text)
    if "\\" in text or "{" in text:
        text = latex(text)
    text = MODULE.sub("", text.replace("$", " "))
    for sign, other in (*SIGNS.items(), *PARTS.items()):
        if sign in text:
            text = text.replace(sign, other)
    text = re.sub("[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^(" + lowered(found[0]) + ")", text)
    text = re.sub(rf"(?<=[0-9])[{THIN}{APOSTROPHES}](?=[0-9]{{3}})", GROUP, text)
    return re.sub(rf"[{THIN}\s]+", " ", text).strip()


def lowered(text: str) -> str:
    """Raised digits as plain ones."""
    return "".join("-" if sign == "⁻" else str(RAISED[sign]) for sign in text)


def unwrapped(text: str) -> str:
    """The text without what stands around it as a whole: quotes, bold, the dollars of LaTeX, a full stop."""
    text = text.strip().rstrip("✓✔☑ ")
    if text[:2] == '="' and text[-1:] == '"':  # a spreadsheet's formula for a text
        text = text[2:-1]
    if text[:1] in ("'", '"') and text[0] not in text[1:]:  # and its mark of one; a quote that is never closed
        text = text[1:]
    for _ in range(DEEPEST):
        before = text
        for start, end in (
            ("```", "```"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("__", "__"),
            ("`", "`"),
            ('"', '"'), ("'", "'"), ("“", "”"), ("<b>", "</b>"), ("*", "*"), ("_", "_"),
        ):  # fmt: skip
            inner = text[len(start) : len(text) - len(end)]
            if len(text) > len(start) + len(end) and text.startswith(start) and text.endswith(end):
                if start in inner and start not in ("\\(", "\\["):
                    continue
                text = inner.strip()
        text = re.sub(r"(?<=[\w)\]%$⌋⌉])(?:[.;,]+|(?<=\d)\s?\?+)$", "", text)
        if text == before:
            return text
    return text


def html(text: str) -> str:
    """The text without HTML's tags and with its signs."""
    text = re.sub(r"<sup>\s*([-\w]+)\s*</sup>", r"^(\1)", text, flags=re.IGNORECASE)
    text = TAGS.sub(" ", text)
    return unescape(text) if "&" in text and ";" in text else text


def entries(text: str) -> str:
    """A dictionary of Python as its entries, `{'C': 6, 'H': 8}` as "C: 6, H: 8"; a label in bold as a label."""
    if text[:1] == "{" and text[-1:] == "}" and all(part.count(":") == 1 for part in text[1:-1].split(",")):
        return re.sub("[\"']", "", text[1:-1])
    printed = PRINTED.fullmatch(text)
    return printed[1] if printed else LABELLED.sub(r"\1 ", text)


def latex(text: str) -> str:
    """LaTeX's commands as signs: `\\frac{a}{b}` as `((a)/(b))`, `1{,}344` as `1,344`."""
    text = MATRIX.sub(lambda found: matrix(found[1]), text)
    text = text.replace("$", " ").replace("{,}", ",")
    text = re.sub(r"(?<=[0-9])\\,(?=[0-9]{3})", GROUP, text)
    text = re.sub(r"\\[,;:! ]|~(?=\\)", " ", text)
    text = re.sub(r"\\([%&#_])", r"\1", text).replace("&=", "=")
    text = re.sub(r"\\SI\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1 \2", text)
    for _ in range(DEEPEST):
        before = text
        text = re.sub(r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\\[dtc]?frac\s*([0-9])\s*([0-9])", r"(\1/\2)", text)
        text = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", text)
        text = re.sub(rf"\\(?:{'|'.join(SHOWN)})\s*\{{([^{{}}]*)\}}", r" \1 ", text)
        text = re.sub(r"\^\s*\{([^{}]*)\}", r"^(\1)", text)
        text = re.sub(r"_\s*\{\s*([A-Za-z0-9]*)\s*\}", r"_\1", text)
        if text == before:
            break
    text = BRACED.sub(r"(\1)", text)
    return re.sub(r"\\([a-zA-Z]+)", lambda found: COMMANDS.get(found[1], found[1]), text)


def matrix(text: str) -> str:
    """The rows of a LaTeX matrix in brackets."""
    rows = [row for row in re.split(r"\\\\", text) if row.strip()]
    return "[" + ", ".join("[" + ", ".join(part.strip() for part in row.split("&")) + "]" for row in rows) + "]"
