"""Max-pools undone. Source: PyTorch, torch.nn.MaxUnpool1d to MaxUnpool3d."""

from __future__ import annotations

from cnncalc.core.layer import Layer, by_axes
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import padding, pair
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import AXIS_NAMES
from cnncalc.layers.axes import other_axes


class MaxUnpool(Layer, abstract=True):
    """Undo MaxPool{axes}d on {image}."""

    # Every number goes back where the pool found it (its output indices is the second input); zeros are elsewhere.
    takes, gives = ("N C {space}", "N C {space}"), "N C {space_out}"
    inputs = (2, 2)
    receptive = "unpooled"
    torch = "nn.{type}"
    saves = "nothing"
    example = """\
input: {sizes}
layers:
  - pool: MaxPool{axes}d(2, return_indices=True)
  - unpool: {type}(2)
    from: [pool, pool.indices]
"""
    says_what_fits = True
    category = "pool"
    explained = "windows"

    kernel_size = pair("window size of the pool", symbol="K")
    stride = pair("step of the pool", symbol="S", like="kernel_size")
    padding = padding("padding of the pool")
    output_size = pair("the size before the pool, where it was rounded away", default=None, least=0, keyword_only=True)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def shape(self, x: Shape, indices: Shape) -> Shape:
        n, c, *space = x
        if len(indices) != len(x) or any(one != other for one, other in zip(x[1:], indices[1:], strict=False)):
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs an index for each number: {shape_text(x)} and {shape_text(indices)} differ",
                help=f"from: [x, pool.indices], with {self.type().replace('Unpool', 'Pool')}(return_indices=True)",
            )
        return (n, c, *self._space(tuple(space)))

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return 1 if slot == 1 else None  # drawn ones are all the first place

    def _space(self, space: Shape) -> list[Number]:
        sizes = []
        for axis, size in enumerate(space):
            before, after = self.padding[axis]
            stride = self.stride[axis]
            out = (size - 1) * stride - (before + after) + self.kernel_size[axis]
            if self.output_size is not None:
                wanted = self.output_size[axis]
                if wanted < out - stride + 1 or wanted > out + stride - 1:
                    raise Fault(
                        "output-size",
                        f"a {AXIS_NAMES[self.axes][axis]} of {size} cannot become {wanted}:"
                        f" output_size may be {out - stride + 1} to {out + stride - 1} here",
                        option="output_size",
                    )
                out = wanted
            elif out < 1:
                raise Fault(
                    "no-output",
                    f"{self.type()} would make {shape_text((1, *space))} a {AXIS_NAMES[self.axes][axis]} of {out}",
                    option="padding",
                )
            sizes.append(out)
        return sizes


MaxUnpool1d, MaxUnpool2d, MaxUnpool3d = by_axes(MaxUnpool, 1, 2, 3)
