"""Arithmetic on small constants: what a graph computes of shapes, so that sizes are known before anything runs."""

from __future__ import annotations

from typing import Any

from cnncalc.read.onnx.values import FOLDED

LIMIT = FOLDED


def fold(op: str, attrs: dict[str, Any], ins: list[Any]) -> Any:
    """The numbers that an operator gives for these numbers, a list of arrays; None where it is not folded."""
    rule = _RULES.get(op)
    if rule is None:
        return None
    import numpy as np

    try:
        with np.errstate(all="ignore"):
            made = rule(np, attrs, ins)
    except (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError, KeyError, AttributeError):
        return None
    if made is None:
        return None
    found = [np.asarray(one) for one in (made if isinstance(made, list) else [made])]
    return found if all(one.size <= LIMIT for one in found) else None


def _axes(np: Any, attrs: dict[str, Any], ins: list[Any], at: int = 1) -> tuple[int, ...] | None:
    if len(ins) > at and ins[at] is not None:
        return tuple(int(a) for a in np.asarray(ins[at]).ravel())
    axes = attrs.get("axes")
    return None if axes is None else tuple(axes)


def _reshape(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    shape = [int(s) for s in ins[1].ravel()]
    if not attrs.get("allowzero"):
        shape = [ins[0].shape[i] if s == 0 else s for i, s in enumerate(shape)]
    return ins[0].reshape(shape)


def _squeeze(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    return np.squeeze(ins[0], _axes(np, attrs, ins))


def _unsqueeze(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    axes = _axes(np, attrs, ins) or ()
    rank = ins[0].ndim + len(axes)
    result = ins[0]
    for axis in sorted(a % rank for a in axes):
        result = np.expand_dims(result, axis)
    return result


def _slice(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    x = ins[0]
    if len(ins) > 1:
        starts, ends = ins[1].ravel(), ins[2].ravel()
        axes = ins[3].ravel() if len(ins) > 3 and ins[3] is not None else range(len(starts))
        steps = ins[4].ravel() if len(ins) > 4 and ins[4] is not None else [1] * len(starts)
    else:
        starts, ends = attrs["starts"], attrs["ends"]
        axes, steps = attrs.get("axes", range(len(starts))), [1] * len(starts)
    cut = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        first, last, by = int(start), int(end), int(step)
        cut[int(axis)] = slice(first, None if by < 0 and last < -x.shape[int(axis)] else last, by)
    return x[tuple(cut)]


def _cast(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    kinds = {
        1: np.float32,
        10: np.float16,
        11: np.float64,
        6: np.int32,
        7: np.int64,
        9: np.bool_,
        2: np.uint8,
        3: np.int8,
    }
    kind = kinds.get(attrs.get("to", 1))
    return None if kind is None else ins[0].astype(kind)


def _range(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    start, stop, step = (one.item() for one in ins[:3])
    if step == 0 or (stop - start) / step > LIMIT:
        return None
    return np.arange(start, stop, step, dtype=ins[0].dtype)


def _filled(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    shape = [int(s) for s in ins[0].ravel()]
    count = 1
    for size in shape:
        count *= size
    if count > LIMIT:
        return None
    value = attrs.get("value")
    return np.full(
        shape, 0.0 if value is None else value.ravel()[0], dtype=np.float32 if value is None else value.dtype
    )


def _expand(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    shape = np.broadcast_shapes(ins[0].shape, tuple(int(s) for s in ins[1].ravel()))
    count = 1
    for size in shape:
        count *= size
    return None if count > LIMIT else np.broadcast_to(ins[0], shape)


def _split(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    axis = attrs.get("axis", 0)
    sizes = ins[1].ravel() if len(ins) > 1 and ins[1] is not None else attrs.get("split")
    if sizes is None:
        count = attrs.get("num_outputs")
        if count is None:
            return None
        each = -(-ins[0].shape[axis] // count)
        return np.split(ins[0], list(range(each, ins[0].shape[axis], each)), axis)
    return np.split(ins[0], [int(s) for s in np.cumsum(sizes)[:-1]], axis)


def _reduce(name: str) -> Any:
    def rule(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
        axes = _axes(np, attrs, ins)
        if axes == () or (axes is None and attrs.get("noop_with_empty_axes")):
            axes = None if not attrs.get("noop_with_empty_axes") else ()
        return getattr(np, name)(ins[0], axis=axes, keepdims=bool(attrs.get("keepdims", 1)))

    return rule


def _div(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    if ins[0].dtype.kind in "iu":
        if (ins[1] == 0).any():
            return None
        return np.trunc(ins[0] / ins[1]).astype(ins[0].dtype)
    return ins[0] / ins[1]


def _constant(np: Any, attrs: dict[str, Any], ins: list[Any]) -> Any:
    for name, kind in (
        ("value", None), ("value_float", np.float32), ("value_floats", np.float32), ("value_int", np.int64),
        ("value_ints", np.int64),
    ):  # fmt: skip
        if name in attrs:
            return attrs[name] if kind is None else np.asarray(attrs[name], dtype=kind)
    return None


def _two(name: str) -> Any:
    return lambda np, attrs, ins: getattr(np, name)(ins[0], ins[1])


def _one(name: str) -> Any:
    return lambda np, attrs, ins: getattr(np, name)(ins[0])


_RULES: dict[str, Any] = {
    "Constant": _constant,
    "Identity": lambda np, attrs, ins: ins[0],
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Slice": _slice,
    "Cast": _cast,
    "CastLike": lambda np, attrs, ins: ins[0].astype(ins[1].dtype),
    "Range": _range,
    "ConstantOfShape": _filled,
    "Expand": _expand,
    "Split": _split,
    "Concat": lambda np, attrs, ins: np.concatenate(ins, axis=attrs["axis"]),
    "Gather": lambda np, attrs, ins: np.take(ins[0], ins[1].astype(int), axis=attrs.get("axis", 0)),
    "Transpose": lambda np, attrs, ins: np.transpose(ins[0], attrs.get("perm")),
    "Where": lambda np, attrs, ins: np.where(ins[0], ins[1], ins[2]),
    "Tile": lambda np, attrs, ins: (
        None if ins[0].size * int(np.prod(ins[1], dtype=float)) > LIMIT else np.tile(ins[0], ins[1].ravel().astype(int))
    ),
    "Add": _two("add"),
    "Sub": _two("subtract"),
    "Mul": _two("multiply"),
    "Div": _div,
    "Mod": lambda np, attrs, ins: np.fmod(ins[0], ins[1]) if attrs.get("fmod") else np.mod(ins[0], ins[1]),
    "Pow": lambda np, attrs, ins: np.power(ins[0].astype(float), ins[1]).astype(ins[0].dtype),
    "Equal": _two("equal"),
    "Less": _two("less"),
    "LessOrEqual": _two("less_equal"),
    "Greater": _two("greater"),
    "GreaterOrEqual": _two("greater_equal"),
    "And": _two("logical_and"),
    "Or": _two("logical_or"),
    "Not": _one("logical_not"),
    "Neg": _one("negative"),
    "Abs": _one("abs"),
    "Floor": _one("floor"),
    "Ceil": _one("ceil"),
    "Round": _one("round"),
    "Sqrt": _one("sqrt"),
    "Reciprocal": _one("reciprocal"),
    "Exp": _one("exp"),
    "Log": _one("log"),
    "Min": lambda np, attrs, ins: np.minimum.reduce(np.broadcast_arrays(*ins)),
    "Max": lambda np, attrs, ins: np.maximum.reduce(np.broadcast_arrays(*ins)),
    "ReduceProd": _reduce("prod"),
    "ReduceSum": _reduce("sum"),
    "ReduceMax": _reduce("max"),
    "ReduceMin": _reduce("min"),
    "ReduceMean": _reduce("mean"),
    "CumSum": lambda np, attrs, ins: np.cumsum(ins[0], axis=int(ins[1].item())),
    "Size": lambda np, attrs, ins: np.asarray(ins[0].size, dtype=np.int64),
}
