"""Tables of vectors that whole numbers point into. Source: PyTorch, torch.nn.Embedding and torch.nn.EmbeddingBag."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import choice, flag, ignored, integer, natural, real, sizes
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text, show


class Embedding(Layer):
    """Replace every whole number below num_embeddings by its row of a table. A lookup multiplies nothing."""

    takes, gives = "N *", "N * E"
    receptive = "append"
    example = "int 10 -> {type}(1000, 16)"
    integers = True
    torch = "nn.{type}"
    saves = "weights"
    table = True
    drawn = (-1.7320508075688772, 1.7320508075688772)  # variance 1, as PyTorch's tables have
    category = "embedding"
    explained = "nothing"
    worked = "embedding"

    num_embeddings = natural("rows of the table (vocabulary size)", symbol="V")
    embedding_dim = natural("length of each row", symbol="E")
    padding_idx = integer("row that is not trained", default=None)
    max_norm = real("rows longer than this are shortened to it", default=None)
    norm_type = real("the p of that norm", default=2.0)
    scale_grad_by_freq = flag("divide a row's gradient by how often it occurs", default=False)
    sparse = flag("sparse gradients; no effect here", default=False)
    _weight = ignored()
    _freeze = ignored()
    device, dtype = ignored(), ignored()

    def prepare(self) -> None:
        check_padding_row(self)

    def shape(self, x: Shape) -> Shape:
        return (*x, self.embedding_dim)

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return self.num_embeddings

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.num_embeddings, self.embedding_dim))


class EmbeddingBag(Layer):
    """Look up a bag of whole numbers [B] and reduce their rows to one [embedding_dim].

    With `offsets` the numbers are cut into several bags, which begin at these places. A second input of the same shape
    holds weights for the rows (mode "sum" only).
    """

    takes, gives, inputs = ("N B", "N B"), "N E | N bags E", (1, 2)
    receptive = "bag"
    example = "int 10 -> {type}(1000, 16)"
    integers = True
    torch = "nn.{type}"
    saves = "weights"
    table = True
    drawn = (-1.7320508075688772, 1.7320508075688772)
    category = "embedding"
    explained = "nothing"

    num_embeddings = natural("rows of the table (vocabulary size)", symbol="V")
    embedding_dim = natural("length of each row", symbol="E")
    max_norm = real("rows longer than this are shortened to it", default=None)
    norm_type = real("the p of that norm", default=2.0)
    scale_grad_by_freq = flag("divide a row's gradient by how often it occurs", default=False)
    mode = choice("how the rows of a bag are reduced", ("mean", "sum", "max"), default="mean")
    sparse = flag("sparse gradients; no effect here", default=False)
    _weight = ignored()
    include_last_offset = flag("the last offset is the end, not the beginning of a bag", default=False)
    padding_idx = integer("row that takes no part", default=None)
    device, dtype = ignored(), ignored()
    offsets = sizes("where each bag begins, from 0", default=None, least=0, keyword_only=True)

    def prepare(self) -> None:
        check_padding_row(self)
        if self.offsets is not None and (not self.offsets or self.offsets[0] != 0):
            raise Fault("option-value", f"offsets must begin with 0, not {show(self.offsets)}", option="offsets")

    def shape(self, x: Shape, *weights: Shape) -> Shape:
        for given in weights:
            if self.mode != "sum":
                raise Fault(
                    "bag-weights",
                    f'{self.type()} takes weights for the rows only with mode="sum", not mode="{self.mode}"',
                    option="mode",
                )
            if given[1] != x[1]:
                raise Fault(
                    "shapes-differ",
                    f"{self.type()} needs one weight for each row: {shape_text(x)} rows, {shape_text(given)} weights",
                )
        if self.offsets is None:
            return (x[0], self.embedding_dim)
        return (x[0], len(self.offsets) - int(self.include_last_offset), self.embedding_dim)

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return self.num_embeddings if slot == 0 else None

    def weights(self, x: Shape, *weights: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.num_embeddings, self.embedding_dim))


def check_padding_row(layer: Embedding | EmbeddingBag) -> None:
    """Refuse a padding row outside the table; negative rows count from the end."""
    row, rows = layer.padding_idx, layer.num_embeddings
    if row is not None and (rows < row + 1 or row < -rows):
        raise Fault(
            "option-value",
            f"padding_idx must be a row of the table of {rows}, not {row}",
            option="padding_idx",
        )
