"""What is declared of a layer type beside its rules; "unknown" is no answer, and a test names who left it so."""

from __future__ import annotations

from typing import ClassVar


class Declarations:
    """The declarations of a layer type; a class inherits what the class that it builds on says."""

    # A layer that only passes numbers on (a ReLU) leaves the meaning of the axes as it was.
    elementwise: ClassVar[bool] = False
    # The axes of the (first) input keep their places and their meaning: an image stays one.
    keeps_axes: bool = False
    # A small network with such a layer, for the reference and the tests; `layers/examples` reads it.
    example: ClassVar[str] = ""
    # PyTorch's name after "torch."; a module that has the same options in the same order is "nn.{type}".
    torch: ClassVar[str] = ""
    # Of PyTorch's layers: what Keras has instead under `convention: keras`, {n} for the number of axes; empty where it
    # has nothing, None where the layer may stay. One with channels first never may: see `in_keras`.
    keras: ClassVar[str | None] = None
    # Where its definition is from, if not from PyTorch under that name, or from Keras; {type} is its name.
    origin: ClassVar[str] = ""
    # How an output depends on positions of the inputs: a rule of `receptive/rules`, which has their list.
    # "pointwise" reads its own position alone; "unknown" is said where it is asked for, and never a number.
    receptive: str = "unknown"
    # What training saves of it for the backward pass, in words: "input" and "output"; "weights" is the input where its
    # weights are trained; "invertible" may write over its input; "nothing"; the others stand in `cost/saved_steps`:
    # "positions" of largest numbers, a "mask" for each number, "scores" of attention, ...
    saves: str = "unknown"
    # The output is the input's memory, read in another way; or a copy of its numbers, elsewhere or again and again.
    view: ClassVar[bool] = False
    carries: ClassVar[bool] = False
    # Its first input holds whole numbers, positions in a table.
    integers: ClassVar[bool] = False
    # Each of its input's numbers may come out again and again.
    repeats: ClassVar[bool] = False
    # Its weights are a table, of which a position reads one row.
    table: ClassVar[bool] = False
    # What devices that share each matrix (tensor parallel) make of it: "matrix" is one that they cut; "inside" is cut
    # between its first and its last matrix, and "open" from the first on; "passes" takes and gives what is cut;
    # "whole" is on every device. Asked of who multiplies.
    parallel: str = "unknown"
    # Its kernel says itself which of the whole numbers fit that it gets.
    says_what_fits: ClassVar[bool] = False
    # What its kernel needs beside inputs and outputs: the "padded" input and transformed filters, "columns" of a
    # transposed convolution, "scores" of each pair of positions, or as much as its "output". Who multiplies says it.
    scratch: ClassVar[str] = "unknown"
    # What one step of a sequence costs its kernel besides the products, as multiply-accumulates in the same time.
    step_work: ClassVar[int] = 0
    # Between which numbers weights that nobody gave are drawn; None is by how many of them one output adds up.
    drawn: ClassVar[tuple[float, float] | None] = None
    # A norm: what it trains begins so that it changes nothing.
    neutral: ClassVar[bool] = False
    # Whether it is executed as in training: norms of a batch by the batch's own statistics.
    training: bool = False
    # Whether buffers count as parameters that are not trainable, as Keras has it.
    counts_buffers: ClassVar[bool] = False
    # Whose words its options are: PyTorch's or Keras', which has channels last.
    convention: ClassVar[str] = "pytorch"
    # What drawings colour it as: "convolution", "linear", "attention", "recurrent", "norm", "pool", "embedding",
    # "merge", "activation", "dropout" or "other".
    category: ClassVar[str] = "unknown"
    # How `explain` words it: one of `explain/families`, or "nothing" where its sentence says enough.
    explained: ClassVar[str] = "unknown"
    of_one: tuple[str, ...] = ()  # of one number: what it becomes, and the derivative, as text; losses add both as TeX
    # How `draw --at` works out one of its outputs by numbers: "windows", "embedding" or "norm"; empty: it does not.
    worked: ClassVar[str] = ""
    # What is inside of it to draw: "attention", "slots", "equations" or "gates"; empty: nothing.
    interior: ClassVar[str] = ""
    # What each of several inputs is, by how many there are; None where they are only numbered, () where their
    # order does not count.
    roles: ClassVar[dict[int, tuple[str, ...]] | tuple[()] | None] = None
