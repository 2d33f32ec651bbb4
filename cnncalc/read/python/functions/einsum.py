"""`torch.einsum`: sums over products by the letters of the axes."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import layer, make, op
from cnncalc.read.python.functions.binary import _price
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Size, product
from cnncalc.read.python.tensor.strides import contracted
from cnncalc.read.python.tensor.tensors import Param, Tensor, batch_at, text
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused, Unknown

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _lettered(places: object, packages: PackagesBase, node: ast.AST) -> str:
    """Axes of einsum that are given as numbers, as letters."""
    found = ""
    for part in packages.interpreter.listed(places, node):
        if part is not Ellipsis and not (isinstance(part, int) and 0 <= part < 52):
            raise Refused("python-unknown-value", "the axes of einsum are not known", node)
        found += LETTERS[part] if isinstance(part, int) else "..."
    return found


@op("einsum")
def _einsum(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    equation = args[0]
    if isinstance(equation, (Tensor, Param)):  # einsum(x, [0, 1], y, [1, 2], [0, 2])
        lists = [_lettered(part, packages, node) for part in (*args[1::2], *(args[-1:] if len(args) % 2 else ()))]
        many = len(args) // 2
        equation = ",".join(lists[:many]) + (f"->{lists[-1]}" if len(args) % 2 else "")
        args = [equation, *args[0 : 2 * many : 2]]
    if isinstance(equation, Unknown) or not isinstance(equation, str):
        raise Refused("python-unknown-value", "the equation of einsum is not known", node)
    given = args[1:]
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        given = list(given[0])
    tensors = [as_tensor(value, "an operand of einsum", node) for value in given]
    plain = equation.replace(" ", "")
    left, arrow, right = plain.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise Raised("RuntimeError", f"einsum has {len(terms)} terms and {len(tensors)} operands", node)
    known: dict[str, Dim] = {}
    dots = 0
    for term, tensor in zip(terms, tensors, strict=True):
        letters = _letters(term, len(tensor.dims))
        if len(letters) != len(tensor.dims):
            raise Refused("wrong-axes", f"{term} of einsum does not fit {text(tensor.dims)}", node)
        dots = max(dots, sum(letter.startswith(".") for letter in letters))
        for letter, size in zip(letters, tensor.dims, strict=True):
            if known.get(letter, 1) == 1:
                known[letter] = size
            elif size != known[letter] and size != 1:
                raise Refused("shapes-differ", f"{letter} of einsum is {known[letter]} and {size}", node)
    if not arrow:
        flat = left.replace(",", "").replace(".", "")
        right = ("..." if "..." in left else "") + "".join(sorted(c for c in set(flat) if flat.count(c) == 1))
    out = _letters(right, len(right.replace("...", "")) + (dots if "..." in right else 0))
    dims = tuple(known[letter] for letter in out)
    summed = [known[letter] for letter in known if letter not in out]
    if any(isinstance(size, Size) for size in summed):
        raise Refused("python-batch-axis", "this sums over the samples of a batch", node)
    cost, _ = product(known.values()) if len(tensors) > 1 and summed else (0, 0)
    at = batch_at(dims)
    made: Layer | None = None
    if len(tensors) <= 2 and arrow and at == 0 and all(batch_at(t.dims) in (0, None) for t in tensors):
        letter = out[0]
        equation = ",".join(term.replace(letter, "", 1) for term in terms) + "->" + right.replace(letter, "", 1)
        try:
            made = layer("Einsum", node, equation=equation)
        except Refused:
            made = None
    result = make(packages, made, tensors, dims, node, "Einsum")
    each = [(_letters(term, len(one.dims)), one.dims, one.strides) for term, one in zip(terms, tensors, strict=True)]
    result.strides = contracted(each, out, known)
    _price(packages, result, "Einsum", cost)
    return result


def _letters(term: str, rank: int) -> list[str]:
    before, dots, after = term.partition("...")
    hidden = max(rank - len(before) - len(after), 0) if dots else 0
    return [*before, *(f".{place}" for place in range(-hidden, 0)), *after]
