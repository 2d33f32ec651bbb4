"""One kernel followed: its gradients, for tests that know no network."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.execute import kernel
from cnncalc.execute.gradient import autodiff
from cnncalc.execute.gradient.custom_gradient import Followed


class Made:
    """What a followed kernel gave; `back(g)` are the gradients of weights by name and of inputs by number."""

    def __init__(
        self, layer: Any, weights: dict[str, Any], inputs: list[Any], at_once: bool = False, **extra: Any
    ) -> None:
        def followed(array: Any) -> Any:
            return autodiff.new_leaf(array) if array.dtype.kind == "f" else array

        self.leaves: dict[Any, Any] = {name: followed(array) for name, array in weights.items()}
        self.leaves |= {at: followed(np.asarray(array)) for at, array in enumerate(inputs)}
        self.notes: list[str] = []
        own = Followed(
            {name: self.leaves[name] for name in weights},
            lambda name, step, value: value,
            self.notes.append,
            lambda: at_once,
        )
        with np.errstate(all="ignore"):
            made = kernel.find(layer.kernel_name())(
                layer, own, *[self.leaves[at] for at in range(len(inputs))], **extra
            )
        self.parts = made if isinstance(made, dict) else {"output": made}

    def back(self, g: Any, part: str = "output") -> dict[Any, Any]:
        """The gradients that come of g at a part."""
        end = self.parts[part]
        leaves = {name: leaf for name, leaf in self.leaves.items() if isinstance(leaf, autodiff.TracedArray)}
        found: dict[Any, Any] = {}
        if isinstance(end, autodiff.TracedArray):
            way = autodiff.find_path([end._node], {leaf._node for leaf in leaves.values()})
            with np.errstate(all="ignore"):
                found = autodiff.backprop(way, {end._node: g})
        return {
            name: np.broadcast_to(found[leaf._node], leaf.shape) if leaf._node in found else np.zeros(leaf.shape)
            for name, leaf in leaves.items()
        }
