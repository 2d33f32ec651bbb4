"""Each trick of the engine against the plain way, on whole networks: python -m benchmarks.tricks [RUNS]

Both forwards run in turn, A B A B, in one process with BLAS in one thread, in processor time without drawing weights.
What wins less than 1.2 times on every network that it is for is not worth its lines.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import cnncalc
from cnncalc.execute import random_weights, run
from cnncalc.execute.engine import buffers, im2col, winograd
from cnncalc.execute.kernels import activation


def product(layer: Any, weight: Any, bias: Any, x: Any, out: Any) -> None:
    """A convolution as all its windows side by side and one product."""
    size = tuple((k - 1) * d + 1 for k, d in zip(weight.shape[2:], layer.dilation, strict=True))
    views = np.lib.stride_tricks.sliding_window_view(x, size, axis=tuple(range(2, x.ndim)))
    space, inner = x.ndim - 2, x.ndim
    steps = [slice(None)] * 2 + [slice(None, None, s) for s in layer.stride]
    views = views[(*steps, *(slice(None, None, d) for d in layer.dilation))]
    n, g, filters = x.shape[0], layer.groups, weight.shape[0]
    order = (0, 1, *range(inner, inner + space), *range(2, inner))
    columns = views.transpose(order).reshape(n, g, -1, math.prod(out.shape[2:]))
    made = weight.reshape(g, filters // g, -1) @ columns
    if bias is not None:
        made += bias.reshape(g, filters // g, 1)
    out[...] = made.reshape(out.shape)


erf = np.frompyfunc(math.erf, 1, 1)


def plain_gelu(x: Any, approximate: str) -> Any:
    """GELU with the error function of the standard library."""
    return x * 0.5 * (1 + erf(x / math.sqrt(2)).astype(x.dtype))


TRICKS: dict[str, tuple[list[tuple[Any, str, Any]], tuple[str, ...]]] = {
    "winograd": ([(winograd, "pays", lambda *_: False)], ("vgg16", "resnet18", "unet")),
    "windows in blocks": ([(im2col, "convolve", product)], ("resnet50", "alexnet", "inception_v3")),
    "buffers": (
        [(buffers, "reuse_input", np.empty_like)],
        ("resnet50", "vgg16", "mobilenet_v2", "vit_b_16"),
    ),
    "normal distribution": ([(activation, "gelu", plain_gelu)], ("vit_b_16",)),
}


@contextmanager
def without(changes: list[tuple[Any, str, Any]]) -> Iterator[None]:
    """The plain way in place of a trick."""
    with ExitStack() as stack:
        for module, name, plain in changes:
            stack.enter_context(patch.object(module, name, plain))
        yield


def seconds(forward: Callable[[], Any]) -> float:
    """Processor time of a call."""
    start = process_time()
    forward()
    return process_time() - start


def main(runs: int) -> None:
    """Print the ratios: how many times as long the plain way takes."""
    drawn: dict[Any, Any] = {}
    draw = random_weights.weight

    def weight(layer: Any, owner: str, name: str, shape: Any, *more: Any) -> Any:
        key = (id(layer), owner, name, shape)
        if key not in drawn:
            drawn[key] = draw(layer, owner, name, shape, *more)
        return drawn[key]

    with patch.object(random_weights, "weight", weight):
        for trick, (changes, networks) in TRICKS.items():
            for name in networks:
                drawn.clear()
                report = cnncalc.load(name).report()

                def forward(report: Any = report) -> Any:
                    return run.execute(report, dtype="float32")["output"]

                first = forward()
                with without(changes):
                    near = np.abs(forward() - first).max() / np.abs(first).max()
                ratios = []
                for _ in range(runs):
                    ours = seconds(forward)
                    with without(changes):
                        ratios.append(seconds(forward) / ours)
                print(
                    f"{trick}; {name}: {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}), {near:.1e}",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
