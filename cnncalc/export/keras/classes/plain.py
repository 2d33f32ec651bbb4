"""Functions, norms and shapes that Keras has no layer for."""

from __future__ import annotations

from re import sub

# Layers that are one expression over their input: what they do, and the expression, in which words with a point in
# front are options.
EXPRESSIONS: dict[str, tuple[str, str]] = {
    "ArgMax": ("The place of the largest number along an axis.", "ops.argmax(x, axis=.dim, keepdims=.keepdim)"),
    "CELU": ("x above 0, alpha (e^(x / alpha) - 1) below.", "ops.celu(x, .alpha)"),
    "Expand": (
        "Axes of size 1 stretched; new ones come first.",
        "ops.broadcast_to(widened(x, .sizes), (ops.shape(x)[0], *.sizes))",
    ),
    "Flip": ("Axes in the other direction.", "ops.flip(x, axis=.dims)"),
    "GLU": ("The first half of an axis times the sigmoid of the second.", "ops.glu(x, axis=.dim)"),
    "Hardshrink": ("0 near 0.", "ops.hard_shrink(x, .lambd)"),
    "LogSoftmax": ("The logarithm of a softmax.", "ops.log_softmax(x, axis=.dim)"),
    "OneHot": ("A 1 at the place of each number.", "ops.one_hot(ops.cast(x, int), .num_classes)"),
    "Roll": ("Axes shifted, what leaves at one end comes back at the other.", "ops.roll(x, .shifts, axis=.dims)"),
    "Softmin": ("The softmax of -x.", "ops.softmax(-x, axis=.dim)"),
    "Softplus": (
        "log(1 + e^(beta x)) / beta, x where that is large.",
        "ops.where(.beta * x > .threshold, x, ops.softplus(.beta * x) / .beta)",
    ),
    "Softshrink": ("0 near 0, and nearer to 0 elsewhere.", "ops.soft_shrink(x, .lambd)"),
    "Tanhshrink": ("x - tanh(x).", "ops.tanh_shrink(x)"),
    "Threshold": ("x above a threshold, a value elsewhere.", "ops.where(x > .threshold, x, .value)"),
    "Tile": ("A sample repeated along its axes.", "ops.tile(widened(x, .dims), (1, *.dims))"),
}  # fmt: skip


def _class(kind: str, about: str, expression: str) -> str:
    """The class of a layer that is one expression."""
    code = sub(r"(?<![\w)])\.(\w+)", r'self.options["\1"]', expression)
    return f'''
@registered
class {kind}(Configured):
    """{about}"""

    def call(self, x):
        return {code}
'''


CLASSES: dict[str, str] = {
    "widened": '''
def widened(x, sizes):
    """Axes of 1 behind the batch, for samples of as many axes as there are sizes."""
    return ops.reshape(x, (-1, *[1] * (len(sizes) + 1 - len(x.shape)), *x.shape[1:]))
''',
    **{kind: _class(kind, *parts) for kind, parts in EXPRESSIONS.items()},
    "IndexSelect": '''
@registered
class IndexSelect(Configured):
    """The positions of an axis that the second input names."""

    def call(self, x, index):
        axis = self.options["dim"] % len(x.shape)
        index = ops.cast(index, "int32")
        places = [index.shape[1] if at == axis else 1 for at in range(1, len(x.shape))]
        index = ops.reshape(index, (-1, *places))
        sizes = [index.shape[1] if at == axis else x.shape[at] for at in range(1, len(x.shape))]
        sizes[axis - 1] = places[axis - 1]
        return ops.take_along_axis(x, ops.broadcast_to(index, (ops.shape(x)[0], *sizes)), axis=axis)
''',
    "Pad": '''
@registered
class Pad(Configured):
    """Positions in front of and behind axes, the last axis first; negative ones are cut off."""

    def call(self, x):
        sides, mode = self.options["padding"], self.options["mode"]
        modes = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
        for at in range(0, len(sides), 2):
            axis = len(x.shape) - 1 - at // 2
            size = x.shape[axis]
            before, after = sides[at : at + 2]
            places = numpy.arange(size)[max(-before, 0) : size - max(-after, 0)]
            around = (max(before, 0), max(after, 0))
            if mode != "constant":
                places = numpy.pad(places, around, mode=modes[mode])
            if len(places) != size or mode != "constant":
                x = ops.take(x, places, axis=axis)
            if mode == "constant" and any(around):
                pairs = [around if one == axis else (0, 0) for one in range(len(x.shape))]
                x = ops.pad(x, pairs, constant_values=self.options["value"])
        return x
''',
    "Upsample": '''
@registered
class Upsample(Configured):
    """Spatial axes of other sizes, by lines between their points."""

    def call(self, x):
        corners = self.options["align_corners"]
        for axis, (wanted, factor) in enumerate(zip(self.options["size"], self.options["factors"]), 2):
            size = x.shape[axis]
            if wanted == size:
                continue
            step = (size - 1) / max(wanted - 1, 1) if corners else 1 / factor
            source = numpy.arange(wanted) * step if corners else (numpy.arange(wanted) + 0.5) * step - 0.5
            source = numpy.maximum(source, 0)
            first = numpy.minimum(source.astype(int), size - 1)
            part = numpy.minimum(source - first, 1)
            last = numpy.minimum(first + 1, size - 1)
            part = constant(part.reshape([-1 if one == axis else 1 for one in range(len(x.shape))]))
            x = ops.take(x, first, axis=axis) * (1 - part) + ops.take(x, last, axis=axis) * part
        return x
''',
}
NEEDS = {"Expand": ("widened",), "Tile": ("widened",)}
