"""Terms as people write them: what vanishes, what is joined, where parentheses stand; as text and as TeX."""

from __future__ import annotations

import pytest

from cnncalc.core.formula import Part, const, ordered, simplify, times, total
from cnncalc.core.notation import numbers, symbols, tex
from cnncalc.core.number import apart, ceil_div, grouped, largest, prod, smallest
from cnncalc.core.printer import tex_symbol, tex_text
from cnncalc.core.term import Term, leaf

H, W, C, E = leaf("H", 64), leaf("W", 48), leaf("C_in", 3), leaf("E", 8)
K, S, P = leaf("K_h", 3, "K"), leaf("S_h", 2, "S"), leaf("P_h", 1, "P")
K_W = leaf("K_w", 3, "K")
D, G, NONE = leaf("D", 1, quiet=True), leaf("G", 1, quiet=True), leaf("P", 0, quiet=True)
HEADS = leaf("h", 4)


def written(number: object, full: bool = False) -> str:
    part = simplify(number, full)
    return f"{symbols(part)} = {numbers(part)} = {part.value}"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ((H + P + P - D * (K - 1) - 1) // S + 1, "⌊(H + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/2⌋ + 1 = 32"),
        ((H + NONE + NONE - K) // S + 1, "⌊(H − K)/S⌋ + 1 = ⌊(64 − 3)/2⌋ + 1 = 31"),
        (ceil_div(H, S), "⌈H/S⌉ = ⌈64/2⌉ = 32"),
        (ceil_div(H + P, S), "⌈(H + P)/S⌉ = ⌈(64 + 1)/2⌉ = 33"),
        (smallest(H, ceil_div(W, S)), "min(H, ⌈W/S⌉) = min(64, ⌈48/2⌉) = 24"),
        (largest(H - W, 0), "max(H − W, 0) = max(64 − 48, 0) = 16"),
        (C // G * K, "C_in·K = 3·3 = 9"),
        (H // 4 * 5, "5·(H/4) = 5·(64/4) = 80"),
        (H % S + 1, "(H mod S) + 1 = (64 mod 2) + 1 = 1"),
        (prod([E, C, E]), "E²·C_in = 8²·3 = 192"),
        (3 * E * E + E * E, "4·E² = 4·8² = 256"),
        (H * W - W * H, "0 = 0 = 0"),
        (H - W - W, "H − 2·W = 64 − 2·48 = -32"),
        (HEADS * (E // HEADS), "E = 8 = 8"),
        (HEADS * E // HEADS, "E = 8 = 8"),
        ((K - 1) // 2, "⌊(K − 1)/2⌋ = ⌊(3 − 1)/2⌋ = 1"),
        ((K - 1) * S, "(K−1)·S = (3−1)·2 = 4"),
        (K * K_W, "K_h·K_w = 3·3 = 9"),
        (K * leaf("P", -2), "K·P = 3·(−2) = -6"),
        (E**2 + 0, "E² = 8² = 64"),
        ((H + 1) * (H + 1), "(H+1)² = (64+1)² = 4225"),
        (2 + H - 2, "H = 64 = 64"),
        (0 - (0 - H), "H = 64 = 64"),
        (H._scaled(0.75), "⌊H·0.75⌋ = ⌊64·0.75⌋ = 48"),
        (H._scaled(leaf("R", 2)), "H·R = 64·2 = 128"),
    ],
)
def test_a_formula_as_people_write_it(number: object, text: str) -> None:
    assert written(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (
            (H + NONE + NONE - D * (K - 1) - 1) // S + 1,
            "⌊(H + 2·P − D·(K−1) − 1)/S⌋ + 1 = ⌊(64 + 2·0 − 1·(3−1) − 1)/2⌋ + 1 = 31",
        ),
        (K * (C // G), "K·(C_in/G) = 3·(3/1) = 9"),
        (HEADS * (E // HEADS), "h·(E/h) = 4·(8/4) = 8"),
    ],
)
def test_all_that_vanishes_can_be_kept(number: object, text: str) -> None:
    assert written(number, full=True) == text


def test_a_term_behaves_as_its_number() -> None:
    assert (H, int(H), str(H), hash(H), float(H), bool(H)) == (64, 64, "64", hash(64), 64.0, True)
    assert H > W and H >= 64 and W < 64 and W <= 48 and H != W and leaf("other", 64) == H
    assert list(range(K)) == [0, 1, 2] and (1,) * K == (1, 1, 1) and [0] * K == [0, 0, 0]
    assert abs(leaf("a", -3)) == 3 and H / 4 == 16.0 and 128 / H == 2.0 and 100 % W == 4 and 100 // W == 2
    assert isinstance(1 + H, Term) and isinstance(1 - H, Term) and isinstance(2 * H, Term)
    assert repr(H) == "H" and repr(H + 1) == "65"


def test_factors_stand_in_the_order_of_a_weight() -> None:
    out = leaf("C_out", 16)
    part = ordered(simplify(out * C * K * K_W))
    assert symbols(part) == "K_h·K_w·C_in·C_out"


def test_like_formulas_are_added_and_multiplied() -> None:
    square = simplify(E * E)
    assert symbols(total([square, square, simplify(E)])) == "2·E² + E"
    assert symbols(times(4, simplify(3 * E))) == "4·3·E"
    assert times(1, square) is square
    assert total([]) == const(0)


@pytest.mark.parametrize(
    ("number", "shown", "filled"),
    [
        (
            (H + P + P - K) // S + 1,
            r"\left\lfloor \frac{H + 2 \cdot P - K}{S} \right\rfloor + 1",
            r"\left\lfloor \frac{64 + 2 \cdot 1 - 3}{2} \right\rfloor + 1",
        ),
        (ceil_div(H, S), r"\left\lceil \frac{H}{S} \right\rceil", r"\left\lceil \frac{64}{2} \right\rceil"),
        (C * (K - 1) * E * E, r"C_{\text{in}} \cdot (K - 1) \cdot E^{2}", r"3 \cdot (3 - 1) \cdot 8^{2}"),
        (smallest(H, W), r"\min(H, W)", r"\min(64, 48)"),
        (H % S, r"(H \bmod S)", r"(64 \bmod 2)"),
        (H._scaled(0.5), r"\left\lfloor H \cdot 0.5 \right\rfloor", r"\left\lfloor 64 \cdot 0.5 \right\rfloor"),
        ((H + 1) * (H + 1), r"(H + 1)^{2}", r"(64 + 1)^{2}"),
        (H * leaf("P", -2), r"H \cdot P", r"64 \cdot (-2)"),
    ],
)
def test_a_formula_in_tex(number: object, shown: str, filled: str) -> None:
    part = simplify(number)
    assert (tex(part), tex(part, with_numbers=True)) == (shown, filled)


def test_symbols_in_tex() -> None:
    assert [tex_symbol(name) for name in ("H", "C_in", "K_h", "P_h_before", "layers", "F_in1")] == [
        "H",
        r"C_{\text{in}}",
        "K_h",
        r"P_{\text{h, before}}",
        r"\text{layers}",
        r"F_{\text{in1}}",
    ]
    assert tex_text("in_proj_weight & 100% #1") == r"\text{in\_proj\_weight \& 100\% \#1}"
    assert tex_text("\\input{x}^~") == r"\text{input\{x\}}"


def test_a_long_sum_may_be_broken_before_a_sign() -> None:
    summands = [Part("leaf", number, (), f"layer_number_{number}", f"layer_number_{number}") for number in range(1, 9)]
    broken = tex(total(summands)).split("\n")
    assert len(broken) > 1 and all(line.startswith("+ ") for line in broken[1:])
    assert "\n" not in tex(simplify(H + W + C))


# --- digits in groups of three -------------------------------------------------------------------------------------

WIDE = leaf("F", 25_088)


@pytest.mark.parametrize(
    ("number", "text", "in_tex"),
    [
        (WIDE * 4096 + 4096, "4,096·25,088 + 4,096", r"4{,}096 \cdot 25{,}088 + 4{,}096"),
        # The comma between arguments stays the only one.
        (largest(WIDE, 1000) * 1000, "1,000·max(25088, 1000)", r"1{,}000 \cdot \max(25088, 1000)"),
        ((WIDE - 1) // S, "⌊(25,088 − 1)/2⌋", r"\left\lfloor \frac{25{,}088 - 1}{2} \right\rfloor"),
    ],
)
def test_digits_are_grouped_for_readers_alone(number: object, text: str, in_tex: str) -> None:
    part = simplify(number)
    with grouped():
        assert (numbers(part), tex(part, with_numbers=True)) == (text, in_tex)
    assert numbers(part) == "".join(c for at, c in enumerate(text) if c != "," or text[at + 1] == " ")
    assert "{,}" not in tex(part, with_numbers=True)


@pytest.mark.parametrize(
    ("text", "made"),
    [("999", "999"), ("1000", "1,000"), ("-1234567.12345", "-1,234,567.12345"), ("1e+06", "1e+06"), ("nan", "nan")],
)
def test_only_whole_digits_are_apart(text: str, made: str) -> None:
    assert apart(text) == made
