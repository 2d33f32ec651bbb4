"""Arrays in expressions: a value that knows its shape now and its numbers once the network was executed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Shape, prod
from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array


class ArrayValue:
    """An array of the analysed network, one sample without the batch axis. `fetch` executes the network.

    `place` is where the array stands in the graph, for derivatives; None for what was computed from others.
    """

    __slots__ = ("_array", "fetch", "place", "shape")

    def __init__(self, shape: Shape, fetch: Callable[[], Array], place: Any = None) -> None:
        self.shape = tuple(shape)
        self.fetch = fetch
        self.place = place
        self._array: Array | None = None

    @property
    def array(self) -> Array:
        """The numbers."""
        if self._array is None:
            self._array = self.fetch()
        return self._array

    def tolist(self) -> object:
        """The numbers as nested lists."""
        return self.array.tolist()

    def __neg__(self) -> object:
        return wrap(-self.array)

    def __eq__(self, other: object) -> bool:
        """Whether shape and all numbers are the same, as for two lists; `<` and its kin go element by element."""
        import numpy as np

        return isinstance(other, (ArrayValue, list, tuple)) and np.array_equal(self.array, np.asarray(plain(other)))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("an array is neither true nor false")

    # --- what the expression language asks -------------------------------------------------------------------------

    def cnncalc_attribute(self, name: str) -> object:
        """`.shape` and `.numel`, which need no execution, and `.T`."""
        if name == "shape":
            return list(self.shape)
        if name == "numel":
            return prod(self.shape)
        if name == "T":
            return ArrayValue(tuple(reversed(self.shape)), lambda: self.array.T)
        raise KeyError(name)

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        return ["shape", "numel", "T"]

    def cnncalc_index(self, key: Any) -> object:
        """An element, a row, a slice."""
        keys = key if isinstance(key, tuple) else (key,)
        if len(keys) > len(self.shape) and len(keys) > self.array.ndim:  # a batch that was given is an axis more
            raise Fault("expression-value", f"an array of {len(self.shape)} axes cannot have {len(keys)} indices")
        return wrap(self.array[key])

    def cnncalc_function(self, name: str, *args: object) -> object:
        """The built-in functions: element by element, or over all elements."""
        import numpy as np

        arrays = [plain(value) for value in args]
        try:
            if name == "len":
                if len(args) != 1 or not self.shape:
                    raise Fault("expression-value", "len() takes one list or array")
                return self.shape[0]
            if name in ("sum", "prod", "min", "max"):
                over: Any = {"sum": np.sum, "prod": np.prod, "min": np.min, "max": np.max}[name]
                if len(arrays) > 1:
                    return wrap(over(np.stack(np.broadcast_arrays(*arrays)), axis=0))
                return wrap(over(arrays[0]))
            if len(arrays) > (2 if name in ("log", "round") else 1):  # NumPy would write into the second
                raise Fault("expression-value", f"{name}() of an array takes one value")
            with np.errstate(all="ignore"):
                if name == "log" and len(arrays) == 2:
                    return wrap(np.log(arrays[0]) / np.log(arrays[1]))
                function: Any = getattr(np, {"ln": "log"}.get(name, name))
                return wrap(function(*arrays))
        except TypeError:  # something of a layer beside an array
            raise Fault("expression-value", f"{name}() takes numbers and arrays") from None


def wrap(value: Any) -> object:
    """An array as an `ArrayValue`, a single number as a plain one."""
    axes = getattr(value, "ndim", None)
    if axes:
        return ArrayValue(value.shape, lambda: value)
    return value if axes is None else value.item()


def plain(value: object) -> Any:
    """The operand as NumPy takes it."""
    import numpy as np

    if isinstance(value, ArrayValue):
        return value.array
    return np.asarray(value, dtype=float) if isinstance(value, (list, tuple)) else value


def _operator(name: str) -> Callable[[object, object], object]:
    def apply(self: object, other: object) -> object:
        import numpy as np

        left, right = plain(self), plain(other)
        try:
            with np.errstate(all="ignore"):
                return wrap(getattr(np, name)(left, right))
        except ValueError:
            raise Fault(
                "expression-value", f"arrays of {list(np.shape(left))} and {list(np.shape(right))} do not fit together"
            ) from None

    return apply


def _reversed(apply: Callable[[object, object], object]) -> Callable[[object, object], object]:
    return lambda self, other: apply(other, self)


for _name, _function in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}.items():
    setattr(ArrayValue, f"__{_name}__", _operator(_function))
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(ArrayValue, f"__r{_name}__", _reversed(_operator(_function)))


def rank(value: object) -> int:
    """The numeric rank of a matrix."""
    import numpy as np

    matrix = np.asarray(plain(value), dtype=float)
    if matrix.ndim != 2:
        raise Fault("expression-value", f"rank needs a matrix, this has {matrix.ndim} axes")
    return int(np.linalg.matrix_rank(matrix))


def equal(a: object, b: object) -> bool:
    """Whether two values are equal to 1e-9; axes of length 1 in front are free."""
    import numpy as np

    left, right = np.asarray(plain(a), dtype=float), np.asarray(plain(b), dtype=float)
    while left.ndim > right.ndim and left.shape[0] == 1:
        left = left[0]
    while right.ndim > left.ndim and right.shape[0] == 1:
        right = right[0]
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-9, atol=1e-9))
