"""An instance of torch.nn.Module."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.read.python.tensor.tensors import Param
from cnncalc.read.python.values import Class, File, Unknown


class Module:
    """An instance of torch.nn.Module or of a class that inherits from it.

    `kind` is torch.nn's class it is or inherits from ("Conv2d", "Sequential", "" for Module itself); `layer` is the
    layer of a leaf.
    """

    def __init__(self, cls: Class | None, kind: str, node: object = None, file: File | None = None) -> None:
        self.cls = cls
        self.kind = kind
        self.layer: Layer | None = None
        self.children: dict[str, Module] = {}
        self.params: dict[str, Param | None] = {}
        self.empty: dict[str, None] = {}  # places of a container that hold None
        self.buffers: dict[str, object] = {}
        self.attrs: dict[str, object] = {}
        self.node = node
        self.file = file
        self.path = ""
        self.registered = False  # whether the model knows of it, and counts its parameters
        self.first: int | None = None  # of the graph: the node of the first call
        self.ready = False
        self.inside = False  # whether a class of PyTorch's made it: its options stand in no call of the file
        self.hooks: dict[int, tuple[bool, object]] = {}  # whether it comes before forward, and what is called
        self.hidden: list[Unknown] = []  # what it was given that may have parameters nobody sees

    def __repr__(self) -> str:
        return f"a {self.type_name}"

    @property
    def type_name(self) -> str:
        """The name of its class."""
        return self.cls.name if self.cls is not None else self.kind or "Module"
