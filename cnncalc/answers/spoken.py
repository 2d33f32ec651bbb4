"""Sentences around an answer: words in front that say nothing, arithmetic in words, what follows "of".

A word that is not listed here is kept, and the answer is unreadable: "not 448" and "less than 448" are no 448.
"""

from __future__ import annotations

import re

_LEAD = """
a an the this that its it is are was were has have had we i you get gets got find found obtain obtained obtains result
results resulting of in to for therefore thus hence so then and finally which needs need uses takes use
output outputs layer layers network model shape size dims dimension dimensions tensor volume matrix vector image array
all sequence total number numbers count counts there amount sum
final answer value equals equal contains contain will be should
must would comes come out as
parameter parameters param params weights macs flops multiply-adds operations receptive field trainable learnable
es sind die der das hat ist gibt insgesamt also anzahl ausgabe le la les il y a est nombre de total
"""
LEAD = frozenset(_LEAD.split())
FIRST = re.compile(r"(?:#\s*)?([^\W\d_][\w-]*)\b[\s,:]*")
FOLLOWS = re.compile(
    r"\s*(?:[=≈~(\[<]\s*)?[-−+]?[\d.(\[]|\s*(?:approx|about|ca\.|roughly|circa|N\b|None\b|batch|R\^|ℝ)"
)
TAIL = re.compile(r"(?<=%)\s+(?:of|von|aller?|der|des)(?:\s+[^\W\d_]+){1,4}$")
MEANS = re.compile(
    r"(?<=[\d)])\s+(?:which )?(?:gives|yields|makes|equals|is|ergibt|macht|donne|results in)\s+(?=[\d(])"
)
SPOKEN = (
    (re.compile(r"(?<=[\d)])\s+(?:times|multiplied by|mal|fois)\s+(?=[\d(])"), " * "),
    (re.compile(r"(?<=[\d)])\s+plus\s+(?=[\d(])"), " + "),
    (re.compile(r"(?<=[\d)])\s+minus\s+(?=[\d(])"), " - "),
    (re.compile(r"(?<=[\d)])\s+(?:divided by|durch|over)\s+(?=[\d(])"), " / "),
)  # fmt: skip
SO = re.compile(
    r"(?<=[\d)])[,;.]?\s+(?:and )?(?:so|thus|therefore|hence|i\.e\.|also|donc)\s+(?=[\d(\[])"
)  # what follows is the answer
# The same after words: `gamma and beta, so 32`.
WORDS_FIRST = re.compile(
    r"^[^\d=<>()\[\]]*[,;]\s*(?:and )?(?:so|thus|therefore|hence|also|donc)\s+(?=[\d(\[])", re.IGNORECASE
)
# `74.79 * 100 %` of a share of 0.7479: the multiplication makes a percentage of it.
PERCENT = re.compile(r"(?<=\d)\s*[*×·]\s*100\s*%$")
MOST = 12  # words in front


def answer_in(text: str) -> str:
    """The answer in a sentence, with arithmetic in signs; the text itself where it is none."""
    so = list(SO.finditer(text))
    text = WORDS_FIRST.sub("", text[so[-1].end() :] if so else text)
    text = PERCENT.sub("", TAIL.sub("", MEANS.sub(" = ", text)))
    for words, sign in SPOKEN:
        text = words.sub(sign, text)
    at = 0
    for _ in range(MOST):
        found = FIRST.match(text, at)
        if found is None or found[1].lower() not in LEAD:
            break
        at = found.end()
    return text[at:] if at and FOLLOWS.match(text, at) else text
