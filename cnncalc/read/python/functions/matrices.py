"""Matrices: products of torch.linalg, decompositions, diagonals; their sizes, and the multiplications of products."""

from __future__ import annotations

import ast
from collections.abc import Callable
from math import comb

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import get, integer, listed, make, named, op, size_at, the, the_axis, whole
from cnncalc.read.python.functions.binary import _matmul, _price, broadcast
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dims, Size, product
from cnncalc.read.python.tensor.tensors import Tensor, sample, text
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused


def _fixed(x: Tensor, count: int, what: str, node: ast.AST) -> list[int]:
    """The last sizes, none of them the batch."""
    if len(x.dims) < count:
        raise Refused("wrong-axes", f"{what} needs {count} axes or more, not {text(x.dims)}", node)
    rank = len(x.dims)
    return [size_at(x, at, f"{what} mixes the samples of a batch", node) for at in range(rank - count, rank)]


# The sizes of what comes out, of the leading sizes b and the matrix's m and n.
_MATRIX: dict[str, Callable[[Dims, int, int], list[Dims]]] = {
    **dict.fromkeys(
        ["linalg_inv", "inverse", "linalg_cholesky", "cholesky", "matrix_exp", "linalg_matrix_exp", "matrix_power",
         "linalg_matrix_power", "cholesky_inverse"],
        lambda b, m, n: [(*b, m, n)],
    ),
    **dict.fromkeys(["linalg_pinv", "pinverse"], lambda b, m, n: [(*b, n, m)]),
    **dict.fromkeys(["linalg_det", "det", "logdet", "linalg_matrix_rank", "linalg_cond"], lambda b, m, n: [b]),
    **dict.fromkeys(["linalg_slogdet", "slogdet"], lambda b, m, n: [b, b]),
    **dict.fromkeys(["linalg_qr", "qr"], lambda b, m, n: [(*b, m, min(m, n)), (*b, min(m, n), n)]),
    **dict.fromkeys(["linalg_eigh", "linalg_eig"], lambda b, m, n: [(*b, n), (*b, n, n)]),
    **dict.fromkeys(["linalg_eigvalsh", "linalg_eigvals"], lambda b, m, n: [(*b, n)]),
    "svd": lambda b, m, n: [(*b, m, min(m, n)), (*b, min(m, n)), (*b, n, min(m, n))],
    "linalg_svd": lambda b, m, n: [(*b, m, m), (*b, min(m, n)), (*b, n, n)],
    "linalg_svdvals": lambda b, m, n: [(*b, min(m, n))],
    "trace": lambda b, m, n: [b],
}  # fmt: skip
MOST = 100_000  # rows and columns of a triangle of indices
_SQUARE = ("inv", "chol", "exp", "power", "det", "eig")


@named(*_MATRIX)
def _decomposed(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    x = the([args[0] if args else kwargs.get("A", kwargs.get("input"))], {}, node)
    m, n = _fixed(x, 2, name, node)
    if m != n and "pinv" not in name and any(part in name for part in _SQUARE):
        raise Refused("wrong-axes", f"{name} needs a square matrix, not {text(x.dims)}", node)
    every = _MATRIX[name](x.dims[:-2], m, n)
    full = get(args, kwargs, 1, "full_matrices", True)
    if name == "linalg_svd" and full is False:
        every = [(*x.dims[:-2], m, min(m, n)), every[1], (*x.dims[:-2], min(m, n), n)]
    elif name in ("linalg_qr", "qr") and (len(args) > 1 or kwargs):
        raise Refused("python-unknown-call", f"{name} in another mode is not followed", node)
    made = tuple(make(packages, None, [x], dims, node, name) for dims in every)
    return made if len(made) > 1 else made[0]


@op("linalg_solve", "linalg_lstsq", "cholesky_solve", "linalg_solve_triangular")
def _solve(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "B"), "the right side", node)
    m, n = _fixed(a, 2, "solve", node)
    _fixed(b, 2, "solve", node)
    if m != n or b.dims[-2] != n:
        raise Refused("inner-sizes-differ", f"solve cannot combine {text(a.dims)} and {text(b.dims)}", node)
    lead = broadcast([a.dims[:-2], b.dims[:-2]], node, "solve")
    return make(packages, None, [a, b], (*lead, *b.dims[-2:]), node, "Solve")


@op("linalg_multi_dot", "chain_matmul")
def _multi_dot(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    given = args[0] if len(args) == 1 else args
    parts = packages.interpreter.listed(given, node) if isinstance(given, (list, tuple)) else [given]
    result = as_tensor(parts[0], "a factor", node)
    for part in parts[1:]:
        result = _matmul(packages, [result, part], {}, node)
    return result


def _contracted(
    packages: PackagesBase, a: Tensor, b: Tensor, left: list[int], right: list[int], node: ast.AST
) -> Tensor:
    """The sum over axes of both, as tensordot has it: what is left of the first, then of the second."""
    for one, other in zip(left, right, strict=True):
        size_at(a, one, "this sums over the samples of a batch", node)
        if a.dims[one] != b.dims[other]:
            message = f"axis {one} of {text(a.dims)} and axis {other} of {text(b.dims)} are summed over and differ"
            raise Refused("inner-sizes-differ", message, node)
    dims = (
        *(size for at, size in enumerate(a.dims) if at not in left),
        *(size for at, size in enumerate(b.dims) if at not in right),
    )
    result = make(packages, None, [a, b], dims, node, "Tensordot")
    cost, _ = product((*sample(dims), *(a.dims[at] for at in left)))
    _price(packages, result, "MatMul", cost)
    return result


@op("tensordot")
def _tensordot(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a, b = the([args[0] if args else kwargs.get("a")], {}, node), as_tensor(get(args, kwargs, 1, "b"), "b", node)
    given = get(args, kwargs, 2, "dims", 2)
    if isinstance(given, (list, tuple)):
        pair = [listed(part) for part in given]
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            raise Raised("RuntimeError", "both dimension lists should have same length", node)
        left = [the_axis(a, at, "dims", node) for at in pair[0]]
        right = [the_axis(b, at, "dims", node) for at in pair[1]]
    else:
        count = integer(given, "dims", node)
        if not 0 <= count <= min(len(a.dims), len(b.dims)):
            raise Raised("RuntimeError", f"tensordot expects dims of at most the rank, got {count}", node)
        left, right = list(range(len(a.dims) - count, len(a.dims))), list(range(count))
    return _contracted(packages, a, b, left, right, node)


@op("inner", "vdot")
def _inner(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "other"), "the other tensor", node)
    return _contracted(packages, a, b, [len(a.dims) - 1], [len(b.dims) - 1], node)


@op("kron")
def _kron(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "other"), "the other tensor", node)
    rank = max(len(a.dims), len(b.dims))
    every = [(1,) * (rank - len(one.dims)) + one.dims for one in (a, b)]
    dims = tuple(product([one, other]) for one, other in zip(*every, strict=True))
    if any(batches > 1 for _, batches in dims):
        raise Refused("python-batch-axis", "kron of two batches is not followed", node)
    return make(packages, None, [a, b], tuple(Size(n) if batches else n for n, batches in dims), node, "Kron")


@op("block_diag")
def _block_diag(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    tensors = [as_tensor(value, "a block", node) for value in args]
    sizes = [[1] * (2 - len(one.dims)) + (_fixed(one, len(one.dims), "block_diag", node)) for one in tensors]
    return make(packages, None, tensors, (sum(s[0] for s in sizes), sum(s[1] for s in sizes)), node, "BlockDiag")


@op("diag_embed")
def _diag_embed(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    (size,) = _fixed(x, 1, "diag_embed", node)
    side = size + abs(integer(get(args, kwargs, 1, "offset", 0), "offset", node))
    if len(args) > 2 or "dim1" in kwargs or "dim2" in kwargs:
        raise Refused("python-unknown-call", "diag_embed on other axes is not followed", node)
    return make(packages, None, [x], (*x.dims[:-1], side, side), node, "DiagEmbed")


@op("cross", "linalg_cross")
def _cross(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    a, b = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "other"), "the other tensor", node)
    return make(packages, None, [a, b], broadcast([a.dims, b.dims], node, "cross"), node, "Cross")


@op("cov", "corrcoef")
def _cov(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    sizes = _fixed(x, len(x.dims), "a covariance", node)
    return make(packages, None, [x], (sizes[0], sizes[0]) if len(sizes) == 2 else (), node, "Cov")


@op("vander")
def _vander(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    return make(packages, None, [x], (*x.dims, whole(get(args, kwargs, 1, "N", x.dims[0]), "N", node)), node, "Vander")


@op("cartesian_prod")
def _cartesian(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    tensors = [as_tensor(value, "a vector", node) for value in args]
    number, batches = product(size for one in tensors for size in one.dims)
    if batches or len(tensors) < 2:
        raise Refused("python-unknown-call", "this cartesian_prod is not followed", node)
    return make(packages, None, tensors, (number, len(tensors)), node, "CartesianProd")


@op("combinations")
def _combinations(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    (size,), r = _fixed(x, 1, "combinations", node), integer(get(args, kwargs, 1, "r", 2), "r", node)
    again = get(args, kwargs, 2, "with_replacement", False) is True
    return make(packages, None, [x], (comb(size + r - 1 if again else size, r), r), node, "Combinations")


@op("pdist")
def _pdist(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    rows, _ = _fixed(x, 2, "pdist", node)
    return make(packages, None, [x], (rows * (rows - 1) // 2,), node, "Pdist")


@named("tril_indices", "triu_indices")
def _triangle(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    rows, columns = (whole(get(args, kwargs, at, n), n, node) for at, n in enumerate(("row", "col")))
    offset = integer(get(args, kwargs, 2, "offset", 0), "offset", node)
    if not (isinstance(rows, int) and isinstance(columns, int) and 0 <= rows <= MOST and 0 <= columns <= MOST):
        raise Refused("python-unknown-value", f"the sizes of {name} are not known", node)
    packages.interpreter.spend(rows, node)
    below = sum(min(max(at + offset + (name == "tril_indices"), 0), columns) for at in range(rows))
    return Tensor((2, below if name == "tril_indices" else rows * columns - below), what="indices")
