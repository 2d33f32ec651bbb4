"""What names of other packages mean, for the interpreter: imports and calls."""

from __future__ import annotations

import ast
import re

from cnncalc.read.python import functions
from cnncalc.read.python.bases import Op
from cnncalc.read.python.builtin import numbers, registry
from cnncalc.read.python.builtin.call import call
from cnncalc.read.python.builtin.stdlib import constant_of
from cnncalc.read.python.files.imports import Importer
from cnncalc.read.python.layers import kinds, modules
from cnncalc.read.python.layers.kinds import CONTAINERS, LEAVES, LOSSES
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.packages.classes import Classes
from cnncalc.read.python.packages.composed import PATHS
from cnncalc.read.python.packages.forward import Forward
from cnncalc.read.python.packages.known import CONSTANTS, SPECIAL, made_parameter
from cnncalc.read.python.packages.names import PLAIN_PACKAGES, canonical
from cnncalc.read.python.packages.objects import Objects
from cnncalc.read.python.tensor.tensors import Origin, Param, Tensor, Tracer
from cnncalc.read.python.values import MISSING, Args, External, File, Kwargs, Object, Raised, Refused, Scope, Unknown


def _find(path: str) -> Op | None:
    """The function of PyTorch's, NumPy's or einops' that a canonical path names; None where it is not known."""
    head, _, name = path.rpartition(".")
    if head == "einops" or head.startswith("einops.layers"):
        from cnncalc.read.python import einops

        return einops.OPS.get(name)
    return functions.find(path)


class Packages(Objects, Classes, Forward):
    """The meaning of everything that is not Python itself."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.active = False  # whether a forward is followed: nodes are made
        self.importer: Importer | None = None
        self.building = 0  # how many __init__ of modules are under way
        self.broken = False  # whether a layer did not fit what it got
        self.remarks: list[tuple[str, str, Origin]] = []  # code, message, place
        self.examples: list[tuple[Module, list[object]]] = []  # inputs that the file itself gives a model
        self.composed: File | None = None
        self.cpu: Object | None = None  # the device, one for all
        self.torchvision: File | None = None

    def import_module(self, name: str, file: File, level: int, node: ast.AST) -> object:
        """What `import name` gives."""
        if self.importer is not None:
            found = self.importer.module(name, file, level, node)
            if found is not None:
                return found
        return External(name, node)

    def import_from(self, module: str, name: str, file: File, level: int, node: ast.AST) -> object:
        """What `from module import name` gives."""
        path = f"{module}.{name}"
        if self.importer is not None and (level or canonical(path) not in PATHS):
            found = self.importer.member(module, name, file, level, node)
            if found is not MISSING:
                return found
        if level:
            known = re.search(r"(?:^|\.)(ops|transforms|utils)(\.\w+)?$", module)
            if known:
                return self.named(canonical(f"torchvision.{known[1]}.{name}"), node)
            return Unknown(
                f"{name} is imported from {'.' * level}{module}, which is not beside the file", node, file, True
            )
        return self.named(path, node)

    def named(self, path: str, node: ast.AST) -> object:
        """What a path of another package is: a class that is made of others, or the name."""
        if path.startswith("torchvision.models."):
            return self._ready_made(path, node)
        known = PATHS.get(canonical(path))
        if known is None:
            return External(path, node)
        if self.composed is None:
            from cnncalc.read.python.packages.composed import load

            self.composed = load(self.interpreter)
        return self.composed.scope.names[known]

    def _ready_made(self, path: str, node: ast.AST) -> object:
        """A model of torchvision.models, where it is one that is written here."""
        from cnncalc.read.python.packages.torchvision.models import NAMES, load

        name = path.rpartition(".")[2]
        if name not in NAMES:
            return External(path, node)
        if self.torchvision is None:
            self.torchvision = load(self.interpreter)
        return self.torchvision.scope.names[name]

    def import_all(self, module: str, scope: Scope, level: int, node: ast.AST) -> None:
        """Follow `from module import *`: names of PyTorch and math, of others none are known."""
        if self.importer is not None and self.importer.everything(module, scope, level, node):
            return
        if module in ("torch.nn", "torch.nn.functional", "torch"):
            names = (
                LEAVES | CONTAINERS | LOSSES | {"Module", "Parameter", "init", "functional"}
                if module == "torch.nn"
                else ()
            )
            for name in names:
                scope.names[name] = External(f"{module}.{name}", node)
            if module == "torch.nn.functional":
                for name in functions.OPS:
                    scope.names.setdefault(name, External(f"{module}.{name}", node))
        elif module == "math":
            for name in numbers.MATH:
                scope.names[name] = External(f"math.{name}", node)
            scope.names["pi"] = 3.141592653589793
        scope.file.open |= module != "math"

    def external(self, value: External, name: str, node: ast.AST) -> object:
        """An attribute of a name of another package."""
        path = f"{value.path}.{name}"
        constant = CONSTANTS.get(path, MISSING)
        if constant is MISSING:
            constant = constant_of(path)
        if constant is not MISSING:
            return constant
        if name == "__name__":
            return value.name
        if name == "__version__":
            return "2.13.0" if value.path == "torch" else "1.0.0"
        return self.named(path, node)

    def call_external(self, function: External, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """A call of a name of another package; raises `Refused` for an operation on tensors that is not followed."""
        run = self.interpreter
        path = canonical(function.path)
        found = call(path, run, args, kwargs, node)
        if found is not MISSING:
            return found
        head, _, name = path.rpartition(".")
        if name == "__init__" and args and isinstance(args[0], Module) and kinds.is_module_base(head):
            modules.initialise(args[0], kinds.kind_of_base(head), args[1:], kwargs, run, node)
            return None
        if head == "torch.nn" or path in kinds.MODULE_BASES:
            if name in LEAVES or name in CONTAINERS:
                made = Module(None, name, *run.spot(node))
                modules.initialise(made, name, args, kwargs, run, node)
                return made
            if name in LOSSES or path in kinds.MODULE_BASES:
                made = Module(None, name if name in LOSSES else "", *run.spot(node))
                made.ready = True
                made.attrs["reduction"] = kwargs.get("reduction", "mean")
                return made
            if name == "Parameter":
                return made_parameter(args, kwargs, node)
            if name in ("UninitializedParameter", "Buffer"):
                return args[0] if args else Tensor((1,))
        if path.startswith("torch.nn.init.") and path not in SPECIAL:
            return args[0] if args else None
        special = SPECIAL.get(path)
        if special is not None:
            try:
                return special(run, args, kwargs, node)
            except IndexError:
                raise Raised("TypeError", f"{path}() lacks an argument", node) from None
        op = _find(path)
        if op is not None:
            if head == "numpy" and args and isinstance(args[0], list) and name not in functions.constants.CREATES:
                args = [functions.OPS["array"](self, args[:1], {}, node), *args[1:]]
            return functions.called(path, self, args, kwargs, node, op)
        if functions.absent(path):
            where = "torch.nn.functional" if head == "F" else head
            raise Raised("AttributeError", f"module '{where}' has no attribute '{name}'", node)
        return self._foreign(function, path, args, kwargs, node)

    def known(self, path: str) -> bool:
        """Whether a name of PyTorch is known here, for hasattr."""
        path = canonical(path)
        head, _, name = path.rpartition(".")
        return _find(path) is not None or (head == "torch.nn" and name in LEAVES | CONTAINERS | LOSSES)

    def _foreign(self, function: External, path: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        if self.active and any(isinstance(value, (Tensor, Param)) for value in (*args, *kwargs.values())):
            raise Refused("python-unknown-call", f"{function.path} is not followed: what it gives is not known", node)
        top = path.split(".")
        plain = top[0] in PLAIN_PACKAGES or ".".join(top[:2]) in PLAIN_PACKAGES or path in registry.BUILTINS
        dangerous = path in ("exec", "eval", "compile", "__import__", "importlib.import_module")
        return Unknown(f"{function.path}(...) is not run", node, module=not plain or dangerous)

    def call_unknown(self, function: Unknown, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """A call of what is not known: refused where tensors are given to it in a forward."""
        if self.active and any(isinstance(value, (Tensor, Param)) for value in (*args, *kwargs.values())):
            function.refuse("what is called here", node)
        return Unknown(function.why, function.node or node, function.file, module=function.module)

    def call(self, function: object, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """A call of a module; of nothing else that is no function."""
        if isinstance(function, Module):
            return self.call_module(function, args, kwargs, node)
        if function is None or isinstance(function, (int, float, str, list, dict, tuple)):
            raise Raised("TypeError", f"'{registry.kind_of(function)}' object is not callable", node)
        if isinstance(function, (Tensor, Param)):
            raise Raised("TypeError", "'Tensor' object is not callable", node)
        raise Refused("python-unknown-call", f"a {registry.kind_of(function)} cannot be called here", node)

    def function(self, path: str, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """A call of a function of PyTorch by its path."""
        found = _find(canonical(path))
        return found(self, args, kwargs, node) if found is not None else Unknown(f"{path}(...) is not run", node)
