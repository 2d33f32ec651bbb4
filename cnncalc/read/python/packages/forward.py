"""Calls of modules: their forward, and the blocks that they make."""

from __future__ import annotations

import ast

from cnncalc.read.python import functions
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.files.places import origin_of
from cnncalc.read.python.layers.calls import call_leaf
from cnncalc.read.python.layers.kinds import LOSSES
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.tensors import Origin, Tensor
from cnncalc.read.python.values import MISSING, Args, Bound, Function, Kwargs, Native, Raised, Unknown


class Forward(PackagesBase):
    """Calls of modules."""

    def call_module(self, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """`module(...)`: its own __call__, or its forward."""
        own = MISSING if module.cls is None else module.cls.find("__call__")
        if isinstance(own, Function):
            return self.interpreter.call(Bound(module, own), args, kwargs, node)
        return self.forwarded(module, args, kwargs, node)

    def forwarded(self, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """What nn.Module.__call__ does: follow its forward."""
        run = self.interpreter
        if not self.active and not self.building and not run.frames:
            self.examples.append((module, args))
            return Unknown("what a model gives is not followed outside of it", node)
        if not self.active:
            return self._hooked(module, args, kwargs, node)
        tracer = self.tracer
        outer, place = tracer.path, tracer.origin
        start = len(tracer.graph.nodes)
        tracer.path = module.path or tracer.path
        tracer.origin = self.origin(module, node)
        try:
            result = self._hooked(module, args, kwargs, node)
        finally:
            tracer.path, tracer.origin = outer, place
        if module.layer is None and module.path:
            self._block(module, start, result)
        return result

    def _hooked(self, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """Its forward, and what was registered to be called before and after it."""
        for before, hook in [*module.hooks.values()]:
            if before:
                given = self._told(hook, [module, tuple(args)], node)
                args = args if given is None else list(given) if isinstance(given, tuple) else [given]
        result = self._forward(module, args, kwargs, node)
        for before, hook in [*module.hooks.values()]:
            if not before:
                given = self._told(hook, [module, tuple(args), result], node)
                result = result if given is None else given
        return result

    def _told(self, hook: object, args: Args, node: ast.AST) -> object:
        given = self.interpreter.call(hook, args, {}, node)
        if isinstance(given, Unknown):
            given.refuse("what a hook gives", node)
        return given

    def _block(self, module: Module, start: int, result: object) -> None:
        from cnncalc.network.graph import Block

        graph = self.tracer.graph
        if module.path in graph.blocks or len(graph.nodes) == start:
            return
        first = graph.nodes[start].inputs
        if isinstance(result, Tensor) and result.ref is not None:
            graph.blocks[module.path] = Block(start, len(graph.nodes), first, result.ref)

    def _forward(self, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        run = self.interpreter
        if not module.ready:
            raise Raised("AttributeError", "cannot assign module before Module.__init__() call", node)
        forward = MISSING if module.cls is None else module.cls.find("forward")
        own = module.attrs.get("forward", forward)
        if isinstance(own, Function):
            return run.call(Bound(module, own) if own is forward else own, args, kwargs, node)
        if isinstance(own, (Bound, Native)):
            return run.call(own, args, kwargs, node)
        if isinstance(own, Unknown):
            own.refuse(f"the forward of {module.type_name}", node)
        return self.native_forward(module, args, kwargs, node)

    def native_forward(self, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """The forward of torch.nn's own classes."""
        if module.layer is not None:
            return call_leaf(self, module, args, kwargs, node)
        if module.kind == "Sequential":
            value = args[0] if args else kwargs.get("input")
            for child in module.children.values():
                value = self.call_module(child, [value], {}, node)
            return value
        if module.kind in LOSSES:
            tensors = [*args, *kwargs.values()]
            return functions.loss(self, module.kind, tensors, module.attrs.get("reduction", "mean"), node)
        what = module.kind or module.type_name
        raise Raised("NotImplementedError", f'Module [{what}] is missing the required "forward" function', node)

    def origin(self, module: Module | None, node: ast.AST) -> Origin:
        """Where a node stands: the call that is followed, and where the module was made."""
        return origin_of(self, module, node)

    def remark(self, message: str, module: Module, node: ast.AST, code: str = "python-axes") -> None:
        """Say what is no mistake but worth a note, once."""
        origin = self.origin(module, node)
        if all(known != message or (code != "python-axes" and at.span != origin.span) for _, known, at in self.remarks):
            self.remarks.append((code, message, origin))
