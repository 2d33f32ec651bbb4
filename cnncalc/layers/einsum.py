"""Sums of products by an equation. Source: PyTorch, torch.einsum."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, is_one, prod
from cnncalc.core.option import anything
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text


class Einsum(Layer):
    """The sum of products that an equation names, `"bhld,bhmd->bhlm"`, with or without the batch's letter."""

    scratch = "output"
    parallel = "whole"
    inputs = (1, 2)
    receptive = "einsum"
    example = "4x10x16, 4x12x16 -> {type}('bhid,bhjd->bhij')"
    torch = "einsum"
    saves = "input"
    category = "other"
    explained = "nothing"

    equation = anything("the equation: letters of the inputs, an arrow, letters of the output")

    def prepare(self) -> None:
        text = self.equation.replace(" ", "") if isinstance(self.equation, str) else ""
        sides = text.split("->")
        terms = [term for side in sides for term in side.split(",")]
        # One term may have dots once; with them away only letters are left.
        if len(sides) != 2 or "," in sides[1] or not all((t.replace("...", "", 1) or "a").isalpha() for t in terms):
            raise Fault(
                "option-value",
                f'equation must be letters, an arrow and letters, such as "ij,jk->ik", not {self.equation!r}',
                option="equation",
            )
        self.operands, self.result = sides[0].split(","), sides[1]

    def shape(self, *xs: Shape) -> Shape:
        sizes, batched, result = self._read(xs)
        for letter in result:
            if letter not in sizes:
                raise Fault("option-value", f"{letter} stands in no input of {self.equation}", option="equation")
        out = tuple(sizes[letter] for letter in result)
        if not batched:
            return (xs[0][0], *out)
        if not result or result[0] != batched:
            raise Fault(
                "batch-axis", f"the output of {self.equation} must keep the batch axis first", option="equation"
            )
        return out

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        sizes, _, result = self._read(xs)
        # Without a sum nothing accumulates: an outer product, a transpose.
        return {"product": prod(sizes.values())} if len(xs) > 1 and set(sizes) - set(result) else {}

    def letters(self, xs: Sequence[Shape]) -> tuple[list[list[str]], list[str]]:
        """The letters of each input's axes and of the output's, without the batch."""
        _, batched, result = self._read(tuple(xs))
        terms = [_letters(term, len(x)) for term, x in zip(self.operands, xs, strict=True)]
        named = [
            term[1:] if batched and term[:1] == [batched] else _letters(text, len(x) - 1)
            for term, text, x in zip(terms, self.operands, xs, strict=True)
        ]
        return named, result[1:] if batched else result

    def batched(self, ranks: Sequence[int]) -> str:
        """The equation for inputs with so many axes, the batch's among them, which has a letter in every term."""
        terms = self.operands
        alone = ["..." not in term and len(term) == rank - 1 for term, rank in zip(terms, ranks, strict=True)]
        written = next((term[0] for term, one in zip(terms, alone, strict=True) if not one and term[0] != "."), None)
        batch = written or next(letter for letter in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if letter not in self.equation)
        terms = [batch + term if one else term for term, one in zip(terms, alone, strict=True)]
        return ",".join(terms) + "->" + (batch + self.result if all(alone) else self.result)

    def _read(self, xs: tuple[Shape, ...]) -> tuple[dict[str, Number], str, list[str]]:
        """Sizes of the letters, the batch's letter ("" where it is not written), the letters of the result."""
        if len(xs) != len(self.operands):
            raise Fault("input-count", f"{self.equation} takes {len(self.operands)} inputs, {len(xs)} given")
        sizes: dict[str, Number] = {}
        batched, dots = "", 0
        for term, x in zip(self.operands, xs, strict=True):
            letters = term.replace("...", "")
            if term == letters and len(letters) == len(x) - 1:
                x = x[1:]  # the equation is about one sample
            else:
                named = _letters(term, len(x))
                batched = batched or (named[0] if named else "")
                dots = max(dots, len(x) - len(letters)) if "..." in term else dots
            names = _letters(term, len(x))
            if len(names) != len(x) or ("..." not in term and len(letters) != len(x)):
                raise Fault("wrong-axes", f"{term} in {self.equation} does not fit {shape_text((1, *x))}")
            for letter, size in zip(names, x, strict=True):
                known = sizes.setdefault(letter, size)
                if is_one(known):
                    sizes[letter] = size
                elif size != known and not is_one(size):
                    raise Fault(
                        "shapes-differ", f"{letter} in {self.equation} is {known} in one input, {size} in another"
                    )
        return sizes, batched, _letters(self.result, len(self.result.replace("...", "")) + dots)


def _letters(term: str, rank: int) -> list[str]:
    """The term's letters, one per axis; the dots stand for `.-2`, `.-1`, counted from their end."""
    before, dots, after = term.partition("...")
    hidden = max(rank - len(before) - len(after), 0) if dots else 0
    return [*before, *(f".{place}" for place in range(-hidden, 0)), *after]
