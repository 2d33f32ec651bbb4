"""Classes that inherit from those of packages: instances, super(), isinstance."""

from __future__ import annotations

import ast
from collections.abc import Callable

from cnncalc.read.python.bases import InterpreterBase, PackagesBase
from cnncalc.read.python.builtin import classes, methods, operators
from cnncalc.read.python.layers import kinds, modules
from cnncalc.read.python.layers.leaf import leaf
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.packages.module_methods import METHODS
from cnncalc.read.python.packages.names import AUTOGRAD, PLAIN_PACKAGES, canonical
from cnncalc.read.python.packages.written import is_mixture, options
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import (
    MISSING,
    PLAIN_BASES,
    Args,
    Bound,
    Class,
    External,
    Function,
    Kwargs,
    Native,
    Object,
    Refused,
    Super,
    Unknown,
    Wrapped,
)


class Classes(PackagesBase):
    """Classes of a file that inherit from those of packages."""

    def instance(self, kind: Class, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """An instance of a class of the file that is a network; MISSING for other classes."""
        base = kinds.module_class(kind)
        if base is None:
            return MISSING
        run = self.interpreter
        for other in kind.externals():
            path = canonical(other.path)
            if path.startswith("unknown.") or not (
                kinds.is_module_base(path)
                or path in PLAIN_BASES
                or path.split(".")[0] in PLAIN_PACKAGES
                or path.endswith(("Mixin", "Mixin2"))
            ):
                raise Refused(
                    "python-unknown-value", f"{kind.name} inherits from {other.path}, which is not known", kind.node
                )
        if kind.find("__new__") is not MISSING:
            raise Refused("python-unknown-call", f"{kind.name}.__new__ is not followed", kind.node)
        made = Module(kind, base, *run.spot(node))
        maker = kind.find("__init__")
        if isinstance(maker, Function) and is_mixture(kind):
            made.layer, made.ready = leaf(kind.name, [], options(maker, args, kwargs, node), node), True
            made.attrs["forward"] = Native("forward", lambda _, xs, named, at: self.native_forward(made, xs, named, at))
            return made
        self.building += 1
        active, self.active = self.active, False
        try:
            if isinstance(maker, Function):
                scope_args = (maker, args, kwargs)
                made.attrs["__arguments__"] = scope_args
                run.call(Bound(made, maker), args, kwargs, node)
            elif isinstance(maker, External):
                modules.initialise(made, base, args, kwargs, run, node)
        finally:
            self.building -= 1
            self.active = active
        made.attrs.pop("__arguments__", None)
        return made

    def super_attribute(self, value: Super, name: str, node: ast.AST) -> object:
        """What super().name gives where the bases are of another package."""
        this = value.self
        if isinstance(this, Module) and this.cls is not None:
            if name == "__init__":
                base = kinds.module_class(this.cls)
                order = this.cls.order
                behind = order[order.index(value.after) + 1 :] if value.after in order else order
                paths = [kind.path for kind in behind if isinstance(kind, External)]
                base = next((kinds.kind_of_base(path) for path in paths if kinds.is_module_base(path)), base or "")

                def initialise(run: InterpreterBase, args: Args, kwargs: Kwargs, at: ast.AST) -> None:
                    modules.initialise(this, base or "", args, kwargs, run, at)

                return Native("__init__", initialise)
            if name == "forward":
                return Native("forward", lambda run, args, kwargs, at: self.native_forward(this, args, kwargs, at))
            if name == "__setattr__":
                return Native(name, lambda run, args, kwargs, at: modules.set_attribute(this, args[0], args[1], at))
            if name == "__getattr__":
                return Native(name, lambda run, args, kwargs, at: run.attribute(this, args[0], at))
            found = METHODS.get(name)
            if found is not None:
                return Bound(this, found)
        if name in ("__init__", "__init_subclass__", "__post_init__", "__setattr__"):
            if isinstance(this, Object):
                order = this.kind.order
                behind = order[order.index(value.after) + 1 :] if value.after in order else []
                fields = next((k.fields for k in behind if isinstance(k, Class) and k.fields is not None), None)
                if name == "__init__" and fields is not None:
                    return Native(
                        name, lambda run, args, kwargs, at: classes.fill_fields(this, args, kwargs, run, at, fields)
                    )
                if name == "__setattr__":
                    return Native(name, lambda run, args, kwargs, at: run.set_plain(this, *args[:2], at))
                if this.held is not None:
                    return Native(name, lambda run, args, kwargs, at: classes.fill_held(this, args, kwargs, run, at))
                return Native(name, lambda run, args, kwargs, at: this.attrs.update(kwargs))
            return Native(name, lambda run, args, kwargs, at: None)
        if isinstance(this, Object) and this.held is not None:
            if name == "__getitem__":
                return Native(name, lambda run, args, kwargs, at: operators.item(this.held, args[0], run, at))
            if name == "__setitem__":
                return Native(name, lambda run, args, kwargs, at: run.set_item(this.held, args[0], args[1], at))
            return methods.method(this.held, name)
        if name == "__new__":
            return Native(name, lambda run, args, kwargs, at: classes.bare(run, args, {}, at))
        return MISSING

    def is_instance(self, value: object, path: str, node: ast.AST) -> object:
        """isinstance(value, path) for tensors, modules and names of packages."""
        path = canonical(path)
        if path in ("torch.Tensor", "Tensor"):
            return isinstance(value, (Tensor, Param))
        if path == "torch.nn.Parameter":
            return isinstance(value, Param)
        if isinstance(value, Module):
            if path in kinds.MODULE_BASES:
                return True
            if path in kinds.PARENTS:
                return any(value.kind.startswith(stem) for stem in kinds.PARENTS[path].split()) and (
                    path != "torch.nn.RNNBase" or not value.kind.endswith("Cell")
                )
            if path == f"torch.nn.{value.kind.removeprefix('Lazy')}" or path == f"torch.nn.{value.kind}":
                return True
            return value.cls is not None and any(base.path == path for base in value.cls.externals())
        if isinstance(value, External):
            return Unknown("isinstance of a name of another package is not followed", node)
        return False

    def class_attribute(self, kind: Class, name: str, node: ast.AST) -> object:
        """What a class has from a base of another package."""
        if name == "apply":
            return self.applied(kind, node)
        if name == "verify" and any(base.path.endswith("WeightsEnum") for base in kind.externals()):
            return Native(name, lambda run, args, kwargs, at: args[0])  # of weights in torchvision
        return MISSING

    def applied(self, kind: Class, node: ast.AST) -> object:
        """The `apply` of a torch.autograd.Function: its forward, with a context."""
        forward = kind.find("forward")
        function = forward.function if isinstance(forward, Wrapped) else forward
        if not isinstance(function, Function) or all(base.path not in AUTOGRAD for base in kind.externals()):
            return MISSING
        context = Object(Class("context", [External("object")], node, kind.file))
        for name in ("save_for_backward", "mark_non_differentiable", "mark_dirty", "set_materialize_grads"):
            context.attrs[name] = Native(name, lambda run, args, kwargs, at: None)
        return Native("apply", lambda run, args, kwargs, at: run.call(function, [context, *args], kwargs, at))

    def either(self, first: Callable[[], object], second: Callable[[], object]) -> object:
        """A tensor that has the same sizes whichever of two ways it is made, by no layer; MISSING where it has not."""
        if not self.active:
            return MISSING
        start = len(self.tracer.graph.nodes)
        one, other = first(), second()
        if not isinstance(one, Tensor) or not isinstance(other, Tensor) or one.dims != other.dims:
            return MISSING
        parts = self.tracer.graph.nodes[start:]
        if any(part.layer is not None and part.layer.has_weights() for part in parts):
            return MISSING
        return one if one.ref is not None else other

    def known_base(self, path: str) -> bool:
        """Whether all that a base of another package has is known."""
        return path in PLAIN_BASES or kinds.is_module_base(canonical(path))

    def is_subclass(self, path: str, other: str) -> bool:
        path, other = canonical(path), canonical(other)
        return path == other or (other == "torch.nn.Module" and kinds.is_module_base(path))

    def type_of(self, value: object, node: ast.AST) -> object:
        if isinstance(value, Module):
            return value.cls if value.cls is not None else External(f"torch.nn.{value.kind}", node)
        if isinstance(value, (Tensor, Param)):
            return External("torch.Tensor", node)
        return Unknown("the class of this value is not known", node)
