"""Attributes, items and truth of modules and tensors."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cnncalc.read.python import functions
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.builtin import registry
from cnncalc.read.python.files.imports import namespace
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.kinds import CONTAINERS
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.packages.containers import CONTAINER_METHODS, extend_container, held_by
from cnncalc.read.python.packages.module_methods import METHODS
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.tensors import Param, Tensor, text
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    External,
    Function,
    Native,
    Object,
    Raised,
    Refused,
    Set,
    Unknown,
    Wrapped,
)


class Objects(PackagesBase):
    """Attributes, items and truth of modules and tensors."""

    def attribute(self, value: object, name: str, node: ast.AST) -> object:
        run = self.interpreter
        if isinstance(value, Module):
            found = modules.find(value, name)
            if found is not None:
                return found[0]
            if name == "training":
                return False
            if value.cls is not None:
                in_class = value.cls.find(name)
                if in_class is not MISSING and not (isinstance(in_class, External) and name == "__init__"):
                    return run.of_class(value, in_class, node)
            if name == "__class__":
                return value.cls if value.cls is not None else External(f"torch.nn.{value.kind or 'Module'}", node)
            if name == "__module__" and value.cls is not None:
                return value.cls.module
            if name == "__dict__":
                return value.attrs
            if name == "_modules":
                return value.children
            if name == "_parameters":
                return value.params
            if name == "forward":
                return Native("forward", lambda r, args, kwargs, at: self.call_module(value, args, kwargs, at))
            if name in ("device", "dtype"):
                return Unknown(f"the {name} of a module", node)
            method = METHODS.get(name)
            if method is not None:
                return Bound(value, method)
            if value.kind in CONTAINERS and name in CONTAINER_METHODS:
                return Bound(value, CONTAINER_METHODS[name])
            if value.cls is not None:
                getter = value.cls.find("__getattr__")
                if isinstance(getter, Function):
                    return run.call(Bound(value, getter), [name], {}, node)
            return MISSING
        if isinstance(value, (Tensor, Param)):
            return functions.attribute(self, value, name, node)
        if isinstance(value, functions.Pair) and name in ("values", "indices", "min", "max"):
            return value[0 if name in ("values", "min") else 1]
        return MISSING

    def set_attribute(self, value: object, name: str, new: object, node: ast.AST) -> None:
        if isinstance(value, Module):
            found = MISSING if value.cls is None else value.cls.find(name)
            if isinstance(found, Wrapped) and found.kind == "property" and found.setter is not None:
                self.interpreter.call(Bound(value, found.setter), [new], {}, node)
            else:
                modules.set_attribute(value, name, new, node)
        elif isinstance(value, Param):
            if name == "requires_grad" and isinstance(new, bool):
                value.trainable = new
        elif isinstance(value, dict):
            value[name] = new

    def delete(self, value: object, name: str, node: ast.AST) -> None:
        if isinstance(value, Module):
            for table in (value.attrs, value.children, value.params, value.buffers):
                if name in table:
                    del table[name]
                    return
        elif isinstance(value, Object):
            value.attrs.pop(name, None)

    def delete_item(self, value: object, key: object, node: ast.AST) -> None:
        if isinstance(value, Module) and isinstance(key, (int, slice)):
            names = list(value.children)
            gone = names[key] if isinstance(key, slice) else [names[key]]
            kept = [child for name, child in value.children.items() if name not in gone]
            value.children = {str(at): child for at, child in enumerate(kept)}

    def item(self, holder: object, key: object, node: ast.AST) -> object:
        if isinstance(holder, Module):
            return self._child(holder, key, node)
        if isinstance(holder, (Tensor, Param)):
            return functions.index(self, holder, key, node)
        if isinstance(holder, External):
            file = self.interpreter.file
            if holder.path == "sys.modules" and file is not None and key == file.name:
                return namespace(file)
            return Unknown(f"{holder.path}[...]", node)
        if isinstance(holder, (Function, Bound, Native)):
            return holder
        if isinstance(holder, Size):
            raise Raised("TypeError", "'int' object is not subscriptable", node)
        raise Raised("TypeError", f"'{registry.kind_of(holder)}' object is not subscriptable", node)

    def _child(self, module: Module, key: object, node: ast.AST) -> object:
        held = held_by(module)
        if isinstance(key, Unknown):
            key.refuse("which module is taken", node)
        if isinstance(key, str):
            if key in held:
                return held[key]
            raise Raised("KeyError", repr(key), node)
        parts = list(held.values())
        if isinstance(key, slice):
            made = Module(None, module.kind, *self.interpreter.spot(node))
            made.ready = True
            names = list(held)[key]
            for place, name in enumerate(names):
                modules.add_child(made, name if module.kind == "Sequential" else str(place), held[name], node)
            if module.path:
                made.path = module.path
            return made
        if not isinstance(key, int) or not -len(parts) <= key < len(parts):
            raise Raised("IndexError", f"there is no module {key} among {len(parts)}", node)
        return parts[key]

    def set_item(self, holder: object, key: object, value: object, node: ast.AST) -> None:
        if isinstance(holder, Module):
            if isinstance(key, int):
                names = list(holder.children)
                if not -len(names) <= key < len(names):
                    raise Raised("IndexError", f"there is no module {key}", node)
                key = names[key]
            modules.add_child(holder, str(key), value, node)
        elif isinstance(holder, Tensor):
            functions.set_item(self, holder, key, value, node)

    def contains(self, holder: object, item: object, node: ast.AST) -> object:
        if isinstance(holder, Module):
            return item in held_by(holder)
        return MISSING

    def iterate(self, value: object, node: ast.AST) -> Iterable[object]:
        if isinstance(value, Module):
            if value.kind in ("ModuleDict", "ParameterDict"):
                return list(held_by(value))
            if value.kind in CONTAINERS:
                return list(held_by(value).values())
            if value.cls is not None:
                method = value.cls.find("__iter__")
                if isinstance(method, Function):
                    run = self.interpreter
                    return run.iterate(run.call(Bound(value, method), [], {}, node), node)
        if isinstance(value, (Tensor, Param)):
            return functions.iterate(self, value, node)
        if isinstance(value, External):
            Unknown(value.path, node).refuse("what is looped over", node)
        raise Raised("TypeError", f"'{registry.kind_of(value)}' object is not iterable", node)

    def pairs(self, value: object, node: ast.AST) -> list[tuple[object, object]]:
        """The items of something like a dict."""
        if isinstance(value, dict):
            return list(value.items())
        if isinstance(value, Module):
            return list(held_by(value).items())
        if isinstance(value, Object):
            return list((value.held if isinstance(value.held, dict) else value.attrs).items())
        run = self.interpreter
        found = [run.listed(part, node) for part in run.listed(value, node)]
        if any(len(pair) != 2 for pair in found):
            raise Raised("ValueError", "each element must be a pair of a key and a value", node)
        return [(pair[0], pair[1]) for pair in found]

    def length(self, value: object, node: ast.AST) -> object:
        if isinstance(value, Module):
            if value.cls is not None and isinstance(value.cls.find("__len__"), Function):
                return self.interpreter.call(Bound(value, value.cls.find("__len__")), [], {}, node)
            return len(held_by(value))
        if isinstance(value, (Tensor, Param)):
            if not value.dims:
                raise Raised("TypeError", "len() of a 0-d tensor", node)
            return value.dims[0]
        if isinstance(value, External):
            return Unknown(value.path, node)
        raise Raised("TypeError", f"object of type '{registry.kind_of(value)}' has no len()", node)

    def truth(self, value: object, node: ast.AST) -> bool:
        if isinstance(value, Tensor):
            if value.data is not None and len(value.data) == 1:
                return bool(value.data[0])
            raise Refused("python-unknown-value", "which way it goes depends on the numbers in a tensor", node)
        if isinstance(value, Module):
            return bool(held_by(value)) if value.kind in CONTAINERS else True
        if isinstance(value, Set):
            return bool(value.of)
        return True

    def number(self, value: object, node: ast.AST) -> object:
        if isinstance(value, Tensor):
            if value.data is not None and len(value.data) == 1:
                return value.data[0]
            return Unknown("it depends on the numbers in a tensor", node)
        raise Raised("TypeError", f"{registry.kind_of(value)} is no number", node)

    def is_tensor(self, value: object) -> bool:
        return isinstance(value, (Tensor, Param))

    def tensor_binary(self, sign: str, left: object, right: object, node: ast.AST) -> object:
        return functions.binary(self, sign, left, right, node)

    def unary(self, sign: str, value: object, node: ast.AST) -> object:
        if isinstance(value, (Tensor, Param)):
            return functions.unary(self, sign, value, node)
        if isinstance(value, Size):
            return Unknown("the batch size is not known", node)
        raise Raised("TypeError", f"bad operand type for unary {sign}: '{registry.kind_of(value)}'", node)

    def is_list(self, value: object) -> bool:
        """Whether it is a list of modules."""
        return isinstance(value, Module) and value.kind in ("ModuleList", "ParameterList", "Sequential")

    def replaced(self, tensor: object, new: object, node: ast.AST) -> object:
        """`x += y`: the tensor itself becomes the result, which has its sizes."""
        if not isinstance(tensor, Tensor) or not isinstance(new, Tensor) or tensor.param is not None:
            return new
        if new.dims != tensor.dims:
            message = f"output with shape {text(tensor.dims)} doesn't match the broadcast shape {text(new.dims)}"
            raise Raised("RuntimeError", message, node)
        tensor.data, tensor.what = new.data, new.what
        tensor.ref = new.ref if new.ref is not None else tensor.ref
        return tensor

    def extend(self, module: Module, more: object, node: ast.AST) -> None:
        """`modules += more`."""
        extend_container(self.interpreter, module, [more], {}, node)
