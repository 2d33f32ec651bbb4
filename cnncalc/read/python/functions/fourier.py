"""Fourier transforms: sizes of torch.fft's functions, and views of complex numbers."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import get, integer, make, named, op, size_at, the, the_axis, whole
from cnncalc.read.python.functions.binary import binary
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Tensor, is_batch
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused


@named(*(f"fft_{kind}{axes}" for kind in ("fft", "ifft", "rfft", "irfft") for axes in ("", "2", "n")))
def _transform(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    """One of torch.fft's transforms: `1`, `2` or `n` axes; `r` gives half of the last, `ir` takes half."""
    name = name.removeprefix("fft_")
    axes = 1 if name.endswith("fft") else 2 if name.endswith("2") else None
    half, whole_again = name.startswith("rfft"), name.startswith("irfft")
    message = f"{name} over an axis with the batch in it is not followed"
    x = the(args, kwargs, node)
    if axes == 1:
        length = get(args, kwargs, 1, "n")
        lengths = None if length is None else [length]
        places: list[object] = [get(args, kwargs, 2, "dim", -1)]
    else:
        given, dim = get(args, kwargs, 1, "s"), get(args, kwargs, 2, "dim")
        lengths = None if given is None else packages.interpreter.listed(given, node)
        count = len(lengths) if axes is None and lengths is not None else axes or len(x.dims)
        places = [*range(-count, 0)] if dim is None else packages.interpreter.listed(dim, node)
    at = [the_axis(x, place, "dim", node) for place in places]
    if any(is_batch(x.dims[one]) for one in at):
        raise Refused("python-batch-axis", f"{name} over the samples of a batch is not followed", node)
    dims = list(x.dims)
    if lengths is not None:
        if len(lengths) != len(at):
            raise Raised("RuntimeError", "when given, dim and s must have the same length", node)
        for one, length in zip(at, lengths, strict=True):
            size = whole(length, "a length", node)
            dims[one] = dims[one] if size == -1 else size
    sizes = [size_at(Tensor(tuple(dims)), one, message, node) for one in at]
    if half:
        dims[at[-1]] = sizes[-1] // 2 + 1
    elif whole_again and (lengths is None or lengths[-1] == -1):
        dims[at[-1]] = 2 * (sizes[-1] - 1)
    if any(size < 1 for size in dims if isinstance(size, int)):
        raise Raised("RuntimeError", f"{name}: Invalid number of data points (0) specified", node)
    return make(packages, None, [x], tuple(dims), node, name)


@op("fft_fftshift", "fft_ifftshift")
def _shift(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    return make(packages, None, [x], x.dims, node, "fftshift")


@op("stft")
def _stft(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    size = integer(get(args, kwargs, 1, "n_fft"), "n_fft", node)
    hop = integer(get(args, kwargs, 2, "hop_length") or size // 4, "hop_length", node)
    samples = size_at(x, -1, "stft over the samples of a batch is not followed", node)
    length = samples + (0 if get(args, kwargs, 5, "center", True) is False else 2 * (size // 2))
    if length < size:
        raise Raised("RuntimeError", f"stft: expected 0 < n_fft <= {length}, but got n_fft={size}", node)
    bins = size if kwargs.get("onesided", True) is False else size // 2 + 1
    parts = () if kwargs.get("return_complex") is True else (2,)
    dims = (*x.dims[:-1], bins, 1 + (length - size) // hop, *parts)
    result = make(packages, None, [x], dims, node, "stft")
    at = len(x.dims) - 1  # a row of frequencies for each step, which is transposed
    result.strides = packed(dims, (*range(at), at + 1, at, *range(at + 2, len(dims))))
    return result


@op("complex", "polar")
def _complex(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    """torch.complex(real, imag) and torch.polar(abs, angle): the two broadcast."""
    return binary(packages, "+", args[0], args[1], node)


@op("view_as_complex")
def _as_complex(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    if not x.dims or x.dims[-1] != 2:
        raise Raised("RuntimeError", "Tensor must have a last dimension of size 2", node)
    result = make(packages, None, [x], x.dims[:-1], node, "view_as_complex")
    if x.strides is not None and not any(step % 2 for step in x.strides[:-1]):
        result.strides = tuple(step // 2 for step in x.strides[:-1])
    return result


@op("view_as_real")
def _as_real(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    result = make(packages, None, [x], (*x.dims, 2), node, "view_as_real")
    result.strides = None if x.strides is None else (*(2 * step for step in x.strides), 1)
    return result
