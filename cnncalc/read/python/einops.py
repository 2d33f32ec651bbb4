"""einops' patterns: rearrange, reduce and repeat, as functions and as layers.

A pattern is read into axes; the sizes of its names follow from the tensor and from what is given.
"""

from __future__ import annotations

import ast
import re
from functools import partial

from cnncalc.read.python import functions
from cnncalc.read.python.bases import InterpreterBase, Op, PackagesBase
from cnncalc.read.python.functions.base import integer, whole
from cnncalc.read.python.functions.pieces import split
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Size, product
from cnncalc.read.python.tensor.tensors import Tensor, text
from cnncalc.read.python.values import Args, Kwargs, Native, Raised, Refused

OPS: dict[str, Op] = {}
BARE = ["...", "bare"]  # `...` by itself; `(...)` is a group of it


def axes(side: str, node: ast.AST) -> list[list[str]]:
    """`b (h w) c` as groups of names; `...` is one, `1` is an empty group."""
    found: list[list[str]] = []
    group: list[str] | None = None
    for token in re.findall(r"\.\.\.|[A-Za-z_]\w*|\d+|\(|\)|\S", side):
        if token == "(":
            group = []
        elif token == ")":
            found.append(group or [])
            group = None
        elif token == "1" or token == "...":
            if group is None:
                found.append([] if token == "1" else list(BARE))
            elif token == "...":
                group.append("...")
        elif re.fullmatch(r"[A-Za-z_]\w*|\d+", token):
            if group is None:
                found.append([token])
            else:
                group.append(token)
        else:
            raise Refused("python-raises", f"{token} in an einops pattern is not understood", node)
    return found


def _sides(pattern: object, node: ast.AST) -> tuple[str, list[list[str]], list[list[str]]]:
    if not isinstance(pattern, str) or "->" not in pattern:
        raise Refused("python-unknown-value", "the pattern of einops is not known", node)
    left, _, right = pattern.partition("->")
    return pattern, axes(left, node), axes(right, node)


def _sizes(x: Tensor, left: list[list[str]], given: dict[str, object], pattern: str, node: ast.AST) -> dict[str, Dim]:
    """The size of every name; names that stand for the axes of `...` are `.0`, `.1`, ..."""
    known = {name: whole(value, f"{name} of an einops pattern", node) for name, value in given.items()}
    if len(left) != len(x.dims):
        raise Refused("wrong-axes", f'"{pattern}" takes {len(left)} axes, but gets {text(x.dims)}', node)
    for group, size in zip(left, x.dims, strict=True):
        opens = [name for name in group if name not in known and not name.isdigit()]
        if len(opens) > 1:
            raise Refused("python-raises", f'"{pattern}" needs a size for {" or ".join(opens)}', node)
        number, batches = product(
            known[name] if not name.isdigit() else int(name) for name in group if name not in opens
        )
        total, mine = product([size])
        if opens:
            if mine - batches not in (0, 1) or number == 0 or total % number:
                raise Refused(
                    "reshape-count", f'"{pattern}" cannot cut an axis of {size} by {number} in {text(x.dims)}', node
                )
            rest = total // number
            known[opens[0]] = Size(rest) if mine - batches else rest
        elif (number, batches) != (total, mine):
            raise Refused("reshape-count", f'"{pattern}" needs {number} where {text(x.dims)} has {size}', node)
    return known


def _spread(groups: list[list[str]], dots: int) -> list[list[str]]:
    """`...` replaced by the axes it stands for."""
    result: list[list[str]] = []
    for group in groups:
        if group == BARE:
            result.extend([f".{at}"] for at in range(dots))
        else:
            result.append(
                [n for name in group for n in ([f".{at}" for at in range(dots)] if name == "..." else [name])]
            )
    return result


def transform(
    packages: PackagesBase,
    x: Tensor,
    pattern: object,
    given: dict[str, object],
    node: ast.AST,
    reduction: object = None,
) -> Tensor:
    """The tensor that a pattern makes; `reduction` for reduce."""
    said, left, right = _sides(pattern, node)
    dots = len(x.dims) - sum(group != BARE for group in left)
    if any(group == BARE for group in left):
        left = _spread(left, max(dots, 0))
    right = _spread(right, max(dots, 0))
    sizes = _sizes(x, left, given, said, node)
    for group in right:
        for name in group:
            if name.isdigit():
                sizes[name] = int(name)
            elif name not in sizes:
                raise Refused("python-raises", f'{name} stands on the right of "{pattern}" alone, without a size', node)
    atoms = [name for group in left for name in group]
    kept = [name for group in right for name in group]
    gone = [name for name in atoms if name not in kept]
    fresh = [name for name in kept if name not in atoms]
    if gone and reduction is None and any(sizes[name] != 1 for name in gone if name in sizes):
        raise Refused("python-raises", f'{", ".join(gone)} of "{pattern}" stands on the left alone', node)
    result = (
        functions.reshaped(packages, x, [sizes[name] for name in atoms], node, "rearrange")
        if any(len(group) != 1 for group in left)
        else x
    )
    if gone:
        places = [at for at, name in enumerate(atoms) if name in gone]
        kind = {"mean": "mean", "sum": "sum", "max": "amax", "min": "amin"}.get(str(reduction), "mean")
        result = as_tensor(functions.OPS[kind](packages, [result, tuple(places)], {}, node), "", node)
        atoms = [name for name in atoms if name not in gone]
    order = [atoms.index(name) for name in kept if name in atoms]
    result = functions.moved(packages, result, order, node, "Permute")
    if fresh:
        dims = list(result.dims)
        for at, name in enumerate(kept):
            if name in fresh:
                dims.insert(at, sizes[name])
        result = functions.make(packages, None, [result], tuple(dims), node, "Repeat")
    wanted = []
    for group in right:
        number, batches = product(sizes[name] for name in group)
        if batches > 1:
            raise Refused("python-batch-axis", "the batch stands twice in one axis", node)
        wanted.append(Size(number) if batches else number)
    return functions.reshaped(packages, result, wanted, node, "rearrange")


def _function(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    given = args[0] if args else kwargs.pop("tensor", None)
    pattern = args[1] if len(args) > 1 else kwargs.get("pattern")
    reduction = (args[2] if len(args) > 2 else kwargs.get("reduction")) if name == "reduce" else None
    lengths = {key: value for key, value in kwargs.items() if key not in ("pattern", "reduction", "tensor")}
    if isinstance(given, (list, tuple)):
        given = functions.OPS["stack"](packages, [list(given), 0], {}, node)
    return transform(packages, as_tensor(given, "the tensor", node), pattern, lengths, node, reduction)


def _layer(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    from cnncalc.read.python.layers.module import Module

    made = Module(None, "", node, packages.interpreter.file)
    made.ready = True
    pattern = args[0] if args else kwargs.get("pattern")
    reduction = (args[1] if len(args) > 1 else kwargs.get("reduction")) if name == "Reduce" else None
    lengths = {key: value for key, value in kwargs.items() if key not in ("pattern", "reduction")}

    def forward(interpreter: InterpreterBase, given: Args, named: Kwargs, at: ast.AST) -> object:
        x = as_tensor(given[0] if given else next(iter(named.values()), None), "the input", at)
        return transform(packages, x, pattern, lengths, at, reduction)

    made.attrs["forward"] = Native("forward", forward)
    return made


for _name in ("rearrange", "reduce", "repeat"):
    OPS[_name] = partial(_function, name=_name)
    OPS[_name.title()] = partial(_layer, name=_name.title())


def _einsum(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """einops.einsum(x, y, "b i, b j -> b i j"): names are words."""
    if not args or not isinstance(args[-1], str):
        raise Raised("TypeError", "einops.einsum takes its pattern last", node)
    letters: dict[str, str] = {}

    def letter(found: re.Match[str]) -> str:
        return letters.setdefault(found[0], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(letters) % 52])

    plain = re.sub(r"[A-Za-z_]\w*", letter, args[-1]).replace(" ", "")
    return functions.OPS["einsum"](packages, [plain, *args[:-1]], {}, node)


def _star(pattern: object, node: ast.AST) -> tuple[int, int]:
    """How many axes a pattern of pack has before its star, and after it."""
    words = pattern.split() if isinstance(pattern, str) else []
    if words.count("*") != 1:
        raise Refused("python-raises", "a pattern of einops.pack has one *", node)
    at = words.index("*")
    return at, len(words) - at - 1


def _pack(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """einops.pack([x, y], "b * d"): the axes of the star made one, and joined along it."""
    given = args[0] if args else kwargs.get("tensors")
    before, after = _star(args[1] if len(args) > 1 else kwargs.get("pattern"), node)
    parts, shapes = [], []
    for value in packages.interpreter.listed(given, node):
        x = as_tensor(value, "a tensor to pack", node)
        if len(x.dims) < before + after:
            raise Refused("wrong-axes", f"pack needs {before + after} axes or more, but gets {text(x.dims)}", node)
        middle = x.dims[before : len(x.dims) - after]
        number, batches = product(middle)
        if batches > 1:
            raise Refused("python-batch-axis", "the batch stands twice in one axis", node)
        one = Size(number) if batches else number
        shapes.append(tuple(middle))
        wanted = [*x.dims[:before], one, *x.dims[len(x.dims) - after :]]
        parts.append(functions.reshaped(packages, x, wanted, node, "pack"))
    packed = parts[0] if len(parts) == 1 else functions.OPS["cat"](packages, [parts, before], {}, node)
    return (packed, shapes)


def _unpack(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """einops.unpack(x, shapes, "b * d"): what pack joined, apart again."""
    x = as_tensor(args[0] if args else kwargs.get("tensor"), "the tensor to unpack", node)
    shapes = args[1] if len(args) > 1 else kwargs.get("packed_shapes")
    before, after = _star(args[2] if len(args) > 2 else kwargs.get("pattern"), node)
    if len(x.dims) != before + after + 1:
        raise Refused("wrong-axes", f"unpack takes {before + after + 1} axes, but gets {text(x.dims)}", node)
    run = packages.interpreter
    middles = [[whole(size, "a size", node) for size in run.listed(shape, node)] for shape in run.listed(shapes, node)]
    counts: list[Dim] = []
    for middle in middles:
        if any(isinstance(size, int) and size == -1 for size in middle):
            counts.append(-1)
            continue
        number, batches = product(middle)
        counts.append(Size(number) if batches else number)
    length = x.dims[before]
    if counts.count(-1) == 1 and isinstance(length, int):
        counts[counts.index(-1)] = length - sum(integer(count, "a size", node) for count in counts if count != -1)
    parts = [x] if len(counts) == 1 else split(packages, [x, counts, before], {}, node)
    return [
        functions.reshaped(packages, part, [*x.dims[:before], *middle, *x.dims[before + 1 :]], node, "unpack")
        for part, middle in zip(parts, middles, strict=True)
    ]


OPS["einsum"] = _einsum
OPS["pack"] = _pack
OPS["unpack"] = _unpack
