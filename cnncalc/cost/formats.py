"""How weights are stored: plain types, groups with a scale each, GGUF's blocks, and types by patterns of layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault, suggestion

if TYPE_CHECKING:
    from fractions import Fraction

# GGUF: numbers in a block, and its bytes with scales (gguf-py's GGML_QUANT_SIZES).
BLOCKS = {
    "q4_0": (32, 18), "q4_1": (32, 20), "q5_0": (32, 22), "q5_1": (32, 24), "q8_0": (32, 34), "q8_1": (32, 40),
    "q2_k": (256, 84), "q3_k": (256, 110), "q4_k": (256, 144), "q5_k": (256, 176), "q6_k": (256, 210),
    "q8_k": (256, 292), "iq1_s": (256, 50), "iq1_m": (256, 56), "iq2_xxs": (256, 66), "iq2_xs": (256, 74),
    "iq2_s": (256, 82), "iq3_xxs": (256, 98), "iq3_s": (256, 110), "iq4_nl": (32, 18), "iq4_xs": (256, 136),
    "tq1_0": (256, 54), "tq2_0": (256, 66), "mxfp4": (32, 17), "nvfp4": (64, 36),
}  # fmt: skip
GGUF_VECTORS = 32  # bits: GGUF keeps norms and biases in float32
VECTORS = 16  # bits of norms and biases beside groups with a scale
GROUPED = re.compile(r"(int2|int3|int4|int8|nf4|fp4)/(?:g(\d+)|(dq))")
WIDTH = {"int2": 2, "int3": 3, "int4": 4, "int8": 8, "nf4": 4, "fp4": 4}


# Names of tools, and the format of weights that they usually write.
TOOLS = {"gptq": "int4/g128", "awq": "int4/g128", "bnb": "nf4/g64", "bitsandbytes": "nf4/g64", "qlora": "nf4/dq"}
MIXED = re.compile(r"(q[2-6]_k)_(s|m|l|xl)")


def meant(word: str) -> str:
    """What to write for the name of a tool, or of a GGUF file that mixes blocks; empty for others."""
    word = word.strip().lower()
    if word in TOOLS:
        return f"{word} usually stores {TOOLS[word]}"
    match = MIXED.fullmatch(word)
    if match is None:
        return ""
    return f"a file of {word} mixes blocks: write {match[1]}, or types of layers too: weights={match[1]},lm_head=q6_k"


class Stored(NamedTuple):
    """Bits of a number of a matrix, scales with it; of a vector; and those that are computed with."""

    name: str
    matrix: Fraction
    vector: int
    bits: int

    def bytes(self, shape: Shape) -> Number:
        """Bytes of an array."""
        count = prod(shape)
        if len(shape) < 2:
            return (count * self.vector + 7) // 8
        return (count * self.matrix.numerator + 8 * self.matrix.denominator - 1) // (8 * self.matrix.denominator)


def stored(word: str, plain: dict[str, int]) -> Stored | None:
    """How a word says that weights are stored; None where it is a plain type. Raises `Fault` for no type."""
    word = word.lower()
    if word in plain:
        return None
    from fractions import Fraction  # a hundredth of a second that only these formats need

    if word in BLOCKS:
        numbers, size = BLOCKS[word]
        bits = int(re.sub(r"\D.*", "", re.sub(r"^\D+", "", word)) or 4)
        return Stored(word, Fraction(8 * size, numbers), GGUF_VECTORS, bits)
    match = GROUPED.fullmatch(word)
    if match is None:
        if "/" in word:
            raise Fault(
                "option-value",
                f'--dtype: "{word}" is no format of weights',
                help="groups with a scale are int4/g128, int8/g128 or nf4/g64; nf4/dq has its scales quantised too",
            )
        usual = "types are float32, bfloat16, int8, ...; int4/g128, nf4/g64, q4_k, ..."
        help = meant(word) or suggestion(word, [*plain, *BLOCKS], usual)
        raise Fault("option-value", f'--dtype: "{word}" is no type', help=help)
    kind, group, double = match[1], match[2], match[3]
    bits = WIDTH[kind]
    if double:
        # QLoRA (Dettmers et al. 2023): 8 bits for each 64 numbers, and 32 for each 256 of these.
        return Stored(word, bits + Fraction(8, 64) + Fraction(32, 64 * 256), VECTORS, bits)
    size = int(group)
    if not 1 <= size <= 65536:
        raise Fault("option-value", f"--dtype: a group has 1 to 65,536 numbers, not {size}")
    # GPTQ and AWQ: a float16 scale and a zero of the numbers' own bits; bitsandbytes: a float32 scale.
    scale = 32 if kind in ("nf4", "fp4") else 16 + bits
    return Stored(word, bits + Fraction(scale, size), VECTORS, bits)
