"""Attributes and items: of instances, classes, what super() gives."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import classes, methods, operators, registry
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Class,
    External,
    Function,
    Native,
    Object,
    Partial,
    Raised,
    Range,
    Super,
    Unknown,
    Wrapped,
)


class Attributes(InterpreterBase):
    """Attributes and items of everything."""

    def attribute(self, value: object, name: str, node: ast.AST, default: object = MISSING) -> object:
        """`value.name`."""
        found = self._attribute(value, name, node)
        if found is not MISSING:
            return found
        if default is not MISSING:
            return default
        kind = registry.kind_of(value)
        raise Raised("AttributeError", f"'{kind}' has no attribute '{name}'", node)

    def _attribute(self, value: object, name: str, node: ast.AST) -> object:
        if isinstance(value, Unknown):
            return Unknown(value.why, value.node or node, value.file, module=value.module)
        if isinstance(value, External):
            return self.packages.external(value, name, node)
        if isinstance(value, Object):
            if name in value.attrs:
                return value.attrs[name]
            if name == "__class__":
                return value.kind
            if name == "__module__":
                return value.kind.module
            if name == "__dict__":
                return value.attrs
            found = self.of_class(value, value.kind.find(name), node)
            if found is MISSING and name == "_fields":
                found = self._attribute(value.kind, name, node)
            if found is MISSING:
                found = classes.object_attribute(value, name, self, node)
            if found is MISSING:
                getter = value.kind.find("__getattr__")
                if isinstance(getter, Function):
                    return self.call(Bound(value, getter), [name], {}, node)
            return found
        if isinstance(value, Class):
            if name in ("__name__", "__qualname__"):
                return value.name
            if name == "__module__":
                return value.module
            if name in ("_fields", "__dataclass_fields__", "__match_args__") and value.fields is not None:
                names = tuple(field for field, _, _ in value.fields)
                return dict.fromkeys(names) if name == "__dataclass_fields__" else names
            if name == "__mro__":
                return tuple(value.order)
            found = value.find(name)
            if isinstance(found, Wrapped):
                return Bound(value, found.function) if found.kind == "classmethod" else found.function
            if name == "__init__" and isinstance(found, External):
                return External(f"{found.path}.__init__", node)
            if found is MISSING:
                found = self.packages.class_attribute(value, name, node)
            if found is MISSING and any(not self.packages.known_base(base.path) for base in value.externals()):
                return Unknown(f"{name} of {value.name}, which inherits from another package", node, self.file)
            return found
        if isinstance(value, Super):
            found = self.of_class(value.self, self._class_of(value.self, node).find(name, value.after), node)
            if found is MISSING or isinstance(found, External):
                return self.packages.super_attribute(value, name, node)
            return found
        if isinstance(value, Function):
            own = {"__name__": value.name, "__qualname__": value.name, "__doc__": None, "__wrapped__": value,
                   "__module__": value.file.name, "__class__": External("types.FunctionType")}  # fmt: skip
            return value.attrs.get(name, own.get(name, MISSING))
        if isinstance(value, Partial):
            return {"func": value.function, "args": tuple(value.args), "keywords": value.kwargs}.get(name, MISSING)
        if isinstance(value, Bound):
            return {"__name__": getattr(value.function, "name", ""), "__self__": value.self}.get(name, MISSING)
        found = self.packages.attribute(value, name, node)
        if found is not MISSING:
            return found
        return methods.method(value, name)

    def _class_of(self, value: object, node: ast.AST) -> Class:
        if isinstance(value, Module) and value.cls is not None:
            return value.cls
        if isinstance(value, Object):
            return value.kind
        if not isinstance(value, Class):
            raise Raised("TypeError", "super(type, obj): obj must be an instance or subtype of type", node)
        return value

    def of_class(self, value: object, found: object, node: ast.AST) -> object:
        """What was found in the class, as an attribute of the instance."""
        if isinstance(found, Function):
            return Bound(value, found)
        if isinstance(found, Wrapped):
            if found.kind == "property":
                return self.call(Bound(value, found.function), [], {}, node)
            if found.kind == "classmethod":
                return Bound(self._class_of(value, node), found.function)
            return found.function
        return found

    def set_plain(self, value: Object, name: str, new: object, node: ast.AST) -> None:
        """What object.__setattr__ does: a property is asked, else the instance has it."""
        found = value.kind.find(name)
        if isinstance(found, Wrapped) and found.kind == "property" and found.setter is not None:
            self.call(Bound(value, found.setter), [new], {}, node)
        else:
            value.attrs[name] = new

    def set_attribute(self, value: object, name: str, new: object, node: ast.AST) -> None:
        if isinstance(value, Object):
            setter = value.kind.find("__setattr__")
            if isinstance(setter, Function):
                self.call(Bound(value, setter), [name, new], {}, node)
            elif name == "__dict__":
                held = new.held if isinstance(new, Object) else new
                if not isinstance(held, dict):
                    raise Raised("TypeError", "__dict__ must be set to a dictionary", node)
                value.attrs = held
            else:
                self.set_plain(value, name, new, node)
        elif isinstance(value, Class):
            value.names[name] = new
        elif isinstance(value, Function):
            value.attrs[name] = new
        elif isinstance(value, (Unknown, External, Bound, Native)):
            return
        else:
            self.packages.set_attribute(value, name, new, node)

    def _held_item(self, holder: Object, held: object, key: object, node: ast.AST) -> object:
        missing = holder.kind.find("__missing__")
        if isinstance(held, dict) and isinstance(missing, Function) and operators.key(key, self, node) not in held:
            return self.call(Bound(holder, missing), [key], {}, node)
        return operators.item(held, key, self, node)

    def item(self, holder: object, key: object, node: ast.AST) -> object:
        """`holder[key]`."""
        if isinstance(holder, Unknown):
            return holder
        if isinstance(holder, (list, tuple, str, dict, Range)):
            if isinstance(key, Unknown):
                return Unknown(key.why, key.node)
            return operators.item(holder, key, self, node)
        if isinstance(holder, Object):
            method = holder.kind.find("__getitem__")
            if isinstance(method, Function):
                return self.call(Bound(holder, method), [key], {}, node)
            if holder.held is not None:
                return self._held_item(holder, holder.held, key, node)
        if isinstance(holder, Class):
            if "__members__" in holder.names:
                return operators.item(holder.names["__members__"], key, self, node)
            return holder
        return self.packages.item(holder, key, node)
