"""What the statements of a file gave while it was followed: tensors in forward, modules and parameters where made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from math import prod

from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import Dims
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import File

PARTS = 64  # tensors of one value that are listed
COPIES = 20_000  # times that one statement is noted


class Written:
    """Notes of one network: of each statement what it gave, each time that it was followed."""

    def __init__(self, file: File) -> None:
        self.file = file
        # Of a statement the tensors that it gave, how often, and in which module first.
        self.shapes: dict[ast.stmt, dict[tuple[Dims, ...], tuple[int, str]]] = {}
        self.made: dict[ast.stmt, list[Module | Param]] = {}
        self.weights: dict[int, list[tuple[str, int]]] = {}  # of the layers that were asked for, by their identity

    def tensors(self, statement: ast.stmt, value: object, path: str) -> None:
        """A statement of a forward gave a value."""
        dims = tuple(tensor.dims for tensor in _tensors(value, 0))
        if dims:
            found = self.shapes.setdefault(statement, {})
            count, first = found.get(dims, (0, path))
            found[dims] = count + 1, first

    def parts(self, statement: ast.stmt, value: object) -> None:
        """A statement made, or took, a part of the network."""
        if isinstance(value, (Module, Param)):
            known = self.made.setdefault(statement, [])
            if len(known) < COPIES:
                known.append(value)

    def params(self, part: Module | Param) -> int | None:
        """The parameters in it, each once, as PyTorch counts them; None where a size is known only with an input."""
        if isinstance(part, Param):
            return prod(part.dims)
        seen: set[int] = set()
        total = 0
        for _, module in modules.modules(part):
            for param in module.params.values():
                if param is not None and id(param) not in seen:
                    seen.add(id(param))
                    total += prod(param.dims)
            layer = module.layer
            if layer is None:
                continue
            weights = self.weights.get(id(layer))
            if weights is None:
                if modules.is_lazy(module):
                    return None
                weights = [(weight.name, int(prod(weight.shape))) for weight in modules.weights_of(module)]
                self.weights[id(layer)] = weights
            total += sum(count for name, count in weights if name not in module.params)
        return total


def _tensors(value: object, depth: int) -> Iterator[Tensor | Param]:
    if isinstance(value, (Tensor, Param)):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 4:
        for part in value[:PARTS]:
            yield from _tensors(part, depth + 1)
