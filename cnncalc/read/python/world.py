"""What names outside the file mean: packages, modules and tensors, for the interpreter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from cnncalc.read.python import functions, library, modules
from cnncalc.read.python.calls import call_leaf
from cnncalc.read.python.imports import namespace
from cnncalc.read.python.modules import CONTAINERS, LEAVES, LOSSES, Module
from cnncalc.read.python.pictures import PICTURES, picture
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Param, Tensor, Tracer
from cnncalc.read.python.values import (
    MISSING,
    PLAIN_BASES,
    Bound,
    Chance,
    Class,
    Exhausted,
    External,
    File,
    Function,
    Native,
    Object,
    Raised,
    Refused,
    Super,
    Unknown,
    Wrapped,
)

# Packages that hold no part of a network: what they give is unknown, and no parameter is missed with it.
PLAIN_PACKAGES = frozenset(
    [
        "os",
        "sys",
        "re",
        "json",
        "math",
        "random",
        "time",
        "datetime",
        "logging",
        "warnings",
        "typing",
        "typing_extensions",
        "types",
        "abc",
        "enum",
        "inspect",
        "pathlib",
        "argparse",
        "collections",
        "itertools",
        "functools",
        "operator",
        "copy",
        "dataclasses",
        "contextlib",
        "string",
        "struct",
        "hashlib",
        "urllib",
        "requests",
        "tqdm",
        "matplotlib",
        "pandas",
        "sklearn",
        "scipy",
        "PIL",
        "cv2",
        "yaml",
        "csv",
        "io",
        "glob",
        "shutil",
        "subprocess",
        "threading",
        "multiprocessing",
        "queue",
        "socket",
        "pickle",
        "gc",
        "platform",
        "traceback",
        "textwrap",
        "unittest",
        "pytest",
        "absl",
        "wandb",
        "tensorboard",
        "tensorboardX",
        "torchmetrics",
        "torchinfo",
        "torchsummary",
        "thop",
        "fvcore",
        "ptflops",
        "numpy",
        "__future__",
        "builtins",
        "numbers",
        "statistics",
        "decimal",
        "fractions",
        "uuid",
        "getpass",
        "tempfile",
        "zipfile",
        "gzip",
        "bisect",
        "heapq",
        "weakref",
        "importlib",
        "pkg_resources",
        "packaging",
        "omegaconf",
        "hydra",
        "loguru",
        "rich",
        "termcolor",
        "tabulate",
        "psutil",
        "fire",
        "click",
        "huggingface_hub",
        "safetensors",
        "sentencepiece",
        "tokenizers",
        "datasets",
        "evaluate",
        "nltk",
        "gym",
        "gymnasium",
        "imageio",
        "skimage",
        "seaborn",
        "plotly",
        "h5py",
        "pprint",
        "cProfile",
        "signal",
        "ctypes",
        "torch.utils",
        "torch.optim",
        "torch.distributed",
        "torch.cuda",
        "torch.backends",
        "torch.jit",
        "torch.profiler",
        "torch.onnx",
        "torch.autograd",
        "torch.version",
        "torch.random",
        "torchvision.transforms",
        "torchvision.datasets",
        "torchvision.utils",
        "torchaudio.transforms",
    ]
)
FUNCTIONS = ("torch.autograd.Function", "torch.autograd.function.Function")
ALIASES = (
    (r"timm\.models\.vision_transformer\.(Mlp|PatchEmbed|DropPath)", r"timm.layers.\1"),
    (r"torch\.nn\.modules\.\w+\.(\w+)", r"torch.nn.\1"),
    (r"torch\.nn\.parameter\.(\w+)", r"torch.nn.\1"),
    (r"torch\.nn\.functional\.(\w+)", r"F.\1"),
    (r"torch\.functional\.(\w+)", r"torch.\1"),
    (r"torch\.(special|linalg|fft|_C\._nn)\.(\w+)", r"torch.\1_\2"),
    (r"torch\.utils\.checkpoint\.checkpoint", r"checkpoint"),
    (r"torch\.nn\.utils\.parametrizations\.(\w+)", r"torch.nn.utils.parametrizations.\1"),
    (r"torch\.(Float|Long|Int|Half|Bool|Double)?Tensor", r"torch.Tensor"),
    (r"einops\.einops\.(\w+)", r"einops.\1"),
    (r"(numpy|jax\.numpy)\.(\w+)", r"numpy.\2"),
    (r"torchvision\.ops\.(\w+\.)?(\w+)", r"torchvision.ops.\2"),
    (r"timm\.(models\.layers|layers)(\.\w+)?\.(\w+)", r"timm.layers.\3"),
)


@lru_cache(maxsize=4096)
def canonical(path: str) -> str:
    """One path for each thing, wherever it was imported from."""
    for pattern, replacement in ALIASES:
        found = re.fullmatch(pattern, path)
        if found:
            return found.expand(replacement)
    return path


class World:
    """The meaning of everything that is not Python itself."""

    def __init__(self, tracer: Tracer, importer: Any = None) -> None:
        self.tracer = tracer
        self.active = False  # whether a forward is followed: nodes are made
        self.importer = importer
        self.interpreter: Any = None
        self.building = 0  # how many __init__ of modules are under way
        self.broken = False  # whether a layer did not fit what it got
        self.remarks: list[tuple[str, str, Any]] = []  # code, message, place
        self.examples: list[tuple[Module, list[Any]]] = []  # inputs that the file itself gives a model
        self.prelude: File | None = None
        self.zoo: File | None = None

    # --- imports ---------------------------------------------------------------------------------------------------

    def import_module(self, name: str, file: File, level: int, node: Any) -> Any:
        if self.importer is not None:
            found = self.importer.module(name, file, level, node)
            if found is not None:
                return found
        return External(name, node)

    def import_from(self, module: str, name: str, file: File, level: int, node: Any) -> Any:
        if self.importer is not None:
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
        return self.named(f"{module}.{name}", node)

    def named(self, path: str, node: Any) -> Any:
        """What a path of another package is: a class that stands in the prelude, or the name."""
        from cnncalc.read.python.prelude import PATHS

        if path.startswith("torchvision.models."):
            return self._ready_made(path, node)
        known = PATHS.get(canonical(path))
        if known is None:
            return External(path, node)
        if self.prelude is None:
            from cnncalc.read.python.prelude import load

            self.prelude = load(self.interpreter)
        return self.prelude.scope.names[known]

    def _ready_made(self, path: str, node: Any) -> Any:
        """A model of torchvision.models, where it is one that stands in `zoo`."""
        from cnncalc.read.python.zoo import NAMES, load

        name = path.rpartition(".")[2]
        if name not in NAMES:
            return External(path, node)
        if self.zoo is None:
            self.zoo = load(self.interpreter)
        return self.zoo.scope.names[name]

    def import_all(self, module: str, scope: Any, level: int, node: Any) -> None:
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
            for name in library._MATH:
                scope.names[name] = External(f"math.{name}", node)
            scope.names["pi"] = 3.141592653589793

    def external(self, value: External, name: str, node: Any) -> Any:
        path = f"{value.path}.{name}"
        constant = CONSTANTS.get(path, MISSING)
        if constant is not MISSING:
            return constant
        if name == "__name__":
            return value.name
        if name == "__version__":
            return "2.13.0" if value.path == "torch" else "1.0.0"
        return self.named(path, node)

    # --- calls -----------------------------------------------------------------------------------------------------

    def call_external(self, function: External, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        run = self.interpreter
        path = canonical(function.path)
        found = library.call(path, run, args, kwargs, node)
        if found is not MISSING:
            return found
        head, _, name = path.rpartition(".")
        if path == "torch.nn.Module.__init__" or (name == "__init__" and args and isinstance(args[0], Module)):
            base = head
            if modules.is_module_base(base):
                modules.initialise(args[0], modules.kind_of_base(base), args[1:], kwargs, run, node)
                return None
        if head == "torch.nn" or path in modules.MODULE_BASES:
            if name in LEAVES or name in CONTAINERS:
                made = Module(None, name, node, run.file_of(node))
                modules.initialise(made, name, args, kwargs, run, node)
                return made
            if name in LOSSES or path in modules.MODULE_BASES:
                made = Module(None, name if name in LOSSES else "", node, run.file_of(node))
                made.ready = True
                return made
            if name == "Parameter":
                return _parameter(args, kwargs, node)
            if name in ("UninitializedParameter", "Buffer"):
                return args[0] if args else Tensor((1,))
        if path.startswith("torch.nn.init."):
            return args[0] if args else None
        special = SPECIAL.get(path)
        if special is not None:
            try:
                return special(run, args, kwargs, node)
            except IndexError:
                raise Raised("TypeError", f"{path}() lacks an argument", node) from None
        op = _find(path)
        if op is not None:
            return op(self, args, kwargs, node)
        return self._foreign(function, path, args, kwargs, node)

    def known(self, path: str) -> bool:
        """Whether a name of PyTorch is known here, for hasattr."""
        path = canonical(path)
        head, _, name = path.rpartition(".")
        return _find(path) is not None or (head == "torch.nn" and name in LEAVES | CONTAINERS | LOSSES)

    def _foreign(self, function: External, path: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if self.active and any(isinstance(value, (Tensor, Param)) for value in (*args, *kwargs.values())):
            raise Refused("python-unknown-call", f"{function.path} is not followed: what it gives is not known", node)
        top = path.split(".")
        plain = top[0] in PLAIN_PACKAGES or ".".join(top[:2]) in PLAIN_PACKAGES or path in library.BUILTINS
        dangerous = path in ("exec", "eval", "compile", "__import__", "importlib.import_module")
        return Unknown(f"{function.path}(...) is not run", node, module=not plain or dangerous)

    def call_unknown(self, function: Unknown, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if self.active and any(isinstance(value, (Tensor, Param)) for value in (*args, *kwargs.values())):
            function.refuse("what is called here", node)
        return Unknown(function.why, function.node or node, function.file, module=function.module)

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if isinstance(function, Module):
            return self.call_module(function, args, kwargs, node)
        if function is None or isinstance(function, (int, float, str, list, dict, tuple)):
            raise Raised("TypeError", f"'{library.kind_of(function)}' object is not callable", node)
        if isinstance(function, (Tensor, Param)):
            raise Raised("TypeError", "'Tensor' object is not callable", node)
        raise Refused("python-unknown-call", f"a {library.kind_of(function)} cannot be called here", node)

    def call_module(self, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """`module(...)`: its forward."""
        run = self.interpreter
        if not self.active and not self.building and not run.frames:
            self.examples.append((module, args))
            return Unknown("what a model gives is not followed outside of it", node)
        if not self.active:
            return self._forward(module, args, kwargs, node)
        tracer = self.tracer
        outer, place = tracer.path, tracer.origin
        start = len(tracer.graph.nodes)
        tracer.path = module.path or tracer.path
        tracer.origin = self.origin(module, node)
        try:
            result = self._forward(module, args, kwargs, node)
        finally:
            tracer.path, tracer.origin = outer, place
        if module.layer is None and module.path:
            self._block(module, start, result)
        return result

    def _block(self, module: Module, start: int, result: Any) -> None:
        from cnncalc.network.graph import Block

        graph = self.tracer.graph
        if module.path in graph.blocks or len(graph.nodes) == start:
            return
        first = graph.nodes[start].inputs
        if isinstance(result, Tensor) and result.ref is not None:
            graph.blocks[module.path] = Block(start, len(graph.nodes), first, result.ref)

    def _forward(self, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
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

    def native_forward(self, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """The forward of torch.nn's own classes."""
        if module.layer is not None:
            return call_leaf(self, module, args, kwargs, node)
        if module.kind == "Sequential":
            value = args[0] if args else kwargs.get("input")
            for child in module.children.values():
                value = self.call_module(child, [value], {}, node)
            return value
        if module.kind in LOSSES:
            return functions.loss(self, args, node)
        what = module.kind or module.type_name
        raise Raised("NotImplementedError", f'Module [{what}] is missing the required "forward" function', node)

    def origin(self, module: Module | None, node: Any) -> Any:
        """Where a node stands: the call that is followed, and where the module was made."""
        from cnncalc.read.python.places import origin_of

        return origin_of(self, module, node)

    def remark(self, message: str, module: Module, node: Any, code: str = "python-axes") -> None:
        """Say what is no mistake but worth a note, once."""
        origin = self.origin(module, node)
        if all(known != message or (code != "python-axes" and at.span != origin.span) for _, known, at in self.remarks):
            self.remarks.append((code, message, origin))

    def instance(self, kind: Class, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        base = modules.module_class(kind)
        if base is None:
            return MISSING
        run = self.interpreter
        for other in kind.externals():
            path = canonical(other.path)
            if path.startswith("unknown.") or not (
                modules.is_module_base(path)
                or path in PLAIN_BASES
                or path.split(".")[0] in PLAIN_PACKAGES
                or path.endswith(("Mixin", "Mixin2"))
            ):
                raise Refused(
                    "python-unknown-value", f"{kind.name} inherits from {other.path}, which is not known", kind.node
                )
        made = Module(kind, base, node, run.file_of(node))
        maker = kind.find("__init__")
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

    def super_attribute(self, value: Super, name: str, node: Any) -> Any:
        this = value.self
        if isinstance(this, Module) and this.cls is not None:
            if name == "__init__":
                base = modules.module_class(this.cls)
                order = this.cls.order
                behind = order[order.index(value.after) + 1 :] if value.after in order else order
                paths = [kind.path for kind in behind if isinstance(kind, External)]
                base = next((modules.kind_of_base(path) for path in paths if modules.is_module_base(path)), base or "")

                def initialise(run: Any, args: list[Any], kwargs: dict[str, Any], at: Any) -> None:
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
                        name, lambda run, args, kwargs, at: library.fill_fields(this, args, kwargs, run, at, fields)
                    )
                return Native(name, lambda run, args, kwargs, at: this.attrs.update(kwargs))
            return Native(name, lambda run, args, kwargs, at: None)
        if name == "__new__":
            return Native(name, lambda run, args, kwargs, at: Unknown("__new__ is not followed", at, module=True))
        return MISSING

    # --- attributes and items --------------------------------------------------------------------------------------

    def attribute(self, value: Any, name: str, node: Any) -> Any:
        run = self.interpreter
        if isinstance(value, Module):
            found = modules.find(value, name)
            if found is not None:
                return found[0]
            if name == "training":
                return False
            if value.cls is not None:
                in_class = run.of_class(value, value.cls.find(name), node)
                if in_class is not MISSING and not isinstance(in_class, External):
                    return in_class
            if name == "__class__":
                return value.cls if value.cls is not None else External(f"torch.nn.{value.kind or 'Module'}", node)
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
            if value.kind in CONTAINERS and name in _CONTAINER:
                return Bound(value, _CONTAINER[name])
            if value.cls is not None:
                getter = value.cls.find("__getattr__")
                if isinstance(getter, Function):
                    return run.call(Bound(value, getter), [name], {}, node)
            return MISSING
        if isinstance(value, (Tensor, Param)):
            return functions.attribute(self, value, name, node)
        if isinstance(value, functions.Pair) and name in ("values", "indices"):
            return value[0 if name == "values" else 1]
        return MISSING

    def set_attribute(self, value: Any, name: str, new: Any, node: Any) -> None:
        if isinstance(value, Module):
            modules.set_attribute(value, name, new, node)
        elif isinstance(value, Param):
            if name == "requires_grad" and isinstance(new, bool):
                value.trainable = new
        elif isinstance(value, dict):
            value[name] = new

    def delete(self, value: Any, name: str, node: Any) -> None:
        if isinstance(value, Module):
            for table in (value.attrs, value.children, value.params, value.buffers):
                if name in table:
                    del table[name]
                    return
        elif isinstance(value, Object):
            value.attrs.pop(name, None)

    def delete_item(self, value: Any, key: Any, node: Any) -> None:
        if isinstance(value, Module) and isinstance(key, (int, slice)):
            names = list(value.children)
            gone = names[key] if isinstance(key, slice) else [names[key]]
            kept = [child for name, child in value.children.items() if name not in gone]
            value.children = {str(at): child for at, child in enumerate(kept)}

    def item(self, holder: Any, key: Any, node: Any) -> Any:
        if isinstance(holder, Module):
            return self._child(holder, key, node)
        if isinstance(holder, (Tensor, Param)):
            return functions.index(self, holder, key, node)
        if isinstance(holder, External):
            file = self.interpreter.file
            if holder.path == "sys.modules" and file is not None and key == file.name:
                return namespace(file)
            return Unknown(f"{holder.path}[...]", node)
        if type(holder).__name__ in ("Function", "Bound", "Native"):
            return holder
        if isinstance(holder, Size):
            raise Raised("TypeError", "'int' object is not subscriptable", node)
        raise Raised("TypeError", f"'{library.kind_of(holder)}' object is not subscriptable", node)

    def _child(self, module: Module, key: Any, node: Any) -> Any:
        held = held_by(module)
        if isinstance(key, Unknown):
            key.refuse("which module is taken", node)
        if isinstance(key, str):
            if key in held:
                return held[key]
            raise Raised("KeyError", repr(key), node)
        parts = list(held.values())
        if isinstance(key, slice):
            made = Module(None, module.kind, node, self.interpreter.file_of(node))
            made.ready = True
            names = list(held)[key]
            if module.kind == "Sequential":
                made.children = {name: held[name] for name in names}
            else:
                made.children = {str(at): held[name] for at, name in enumerate(names)}
            if module.path:
                made.path = module.path
            return made
        if not isinstance(key, int) or not -len(parts) <= key < len(parts):
            raise Raised("IndexError", f"there is no module {key} among {len(parts)}", node)
        return parts[key]

    def set_item(self, holder: Any, key: Any, value: Any, node: Any) -> None:
        if isinstance(holder, Module):
            if isinstance(key, int):
                names = list(holder.children)
                if not -len(names) <= key < len(names):
                    raise Raised("IndexError", f"there is no module {key}", node)
                key = names[key]
            modules.add_child(holder, key, value, node)
        elif isinstance(holder, Tensor):
            functions.set_item(self, holder, key, value, node)

    def contains(self, holder: Any, item: Any, node: Any) -> Any:
        if isinstance(holder, Module):
            return item in held_by(holder)
        return MISSING

    def iterate(self, value: Any, node: Any) -> Any:
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
            return Unknown(f"{value.path}", node).refuse("what is looped over", node)
        raise Raised("TypeError", f"'{library.kind_of(value)}' object is not iterable", node)

    def pairs(self, value: Any, node: Any) -> Any:
        """The items of something like a dict."""
        if isinstance(value, dict):
            return list(value.items())
        if isinstance(value, Module):
            return list(held_by(value).items())
        if isinstance(value, Object):
            return list(value.attrs.items())
        return [tuple(self.interpreter.listed(part, node)) for part in self.interpreter.listed(value, node)]

    def length(self, value: Any, node: Any) -> Any:
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
        raise Raised("TypeError", f"object of type '{library.kind_of(value)}' has no len()", node)

    def truth(self, value: Any, node: Any) -> bool:
        if isinstance(value, Tensor):
            if value.data is not None and len(value.data) == 1:
                return bool(value.data[0])
            raise Refused("python-unknown-value", "which way it goes depends on the numbers in a tensor", node)
        if isinstance(value, Module):
            return bool(held_by(value)) if value.kind in CONTAINERS else True
        if type(value).__name__ == "dict_keys":
            return bool(value)
        if isinstance(value, External) and value.path.split(".")[0] in PLAIN_PACKAGES:
            return True
        return True

    def number(self, value: Any, node: Any) -> Any:
        if isinstance(value, Tensor):
            if value.data is not None and len(value.data) == 1:
                return value.data[0]
            return Unknown("it depends on the numbers in a tensor", node)
        raise Raised("TypeError", f"{library.kind_of(value)} is no number", node)

    # --- tensors ---------------------------------------------------------------------------------------------------

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, (Tensor, Param))

    def tensor_binary(self, sign: str, left: Any, right: Any, node: Any) -> Any:
        return functions.binary(self, sign, left, right, node)

    def unary(self, sign: str, value: Any, node: Any) -> Any:
        if isinstance(value, (Tensor, Param)):
            return functions.unary(self, sign, value, node)
        if isinstance(value, Size):
            return Unknown("the batch size is not known", node)
        raise Raised("TypeError", f"bad operand type for unary {sign}: '{library.kind_of(value)}'", node)

    def function(self, path: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        found = _find(canonical(path))
        return found(self, args, kwargs, node) if found is not None else Unknown(f"{path}(...) is not run", node)

    # --- classes ---------------------------------------------------------------------------------------------------

    def is_instance(self, value: Any, path: str, node: Any) -> Any:
        path = canonical(path)
        if path in ("torch.Tensor", "Tensor"):
            return isinstance(value, (Tensor, Param))
        if path == "torch.nn.Parameter":
            return isinstance(value, Param)
        if isinstance(value, Module):
            if path in modules.MODULE_BASES:
                return True
            if path in modules.PARENTS:
                return any(value.kind.startswith(stem) for stem in modules.PARENTS[path].split())
            if path == f"torch.nn.{value.kind}":
                return True
            if path == "torch.nn.Sequential" and value.kind == "Sequential":
                return True
            return value.cls is not None and any(base.path == path for base in value.cls.externals())
        if isinstance(value, External):
            return Unknown("isinstance", node)
        return False

    def is_list(self, value: Any) -> bool:
        """Whether it is a list of modules."""
        return isinstance(value, Module) and value.kind in ("ModuleList", "ParameterList", "Sequential")

    def extend(self, module: Module, more: Any, node: Any) -> None:
        """`modules += more`."""
        _extend(self.interpreter, module, [more], {}, node)

    def class_attribute(self, kind: Class, name: str, node: Any) -> Any:
        """What a class has from a base of another package."""
        if name == "apply":
            return self.applied(kind, node)
        if name == "verify" and any(base.path.endswith("WeightsEnum") for base in kind.externals()):
            return Native(name, lambda run, args, kwargs, at: args[0])  # of weights in torchvision
        return MISSING

    def applied(self, kind: Class, node: Any) -> Any:
        """The `apply` of a torch.autograd.Function: its forward, with a context."""
        forward = kind.find("forward")
        function = forward.function if isinstance(forward, Wrapped) else forward
        if not isinstance(function, Function) or all(base.path not in FUNCTIONS for base in kind.externals()):
            return MISSING
        context = Object(Class("context", [External("object")], node, kind.file))
        for name in ("save_for_backward", "mark_non_differentiable", "mark_dirty", "set_materialize_grads"):
            context.attrs[name] = Native(name, lambda run, args, kwargs, at: None)
        return Native("apply", lambda run, args, kwargs, at: run.call(function, [context, *args], kwargs, at))

    def either(self, first: Any, second: Any) -> Any:
        """A tensor that has the same sizes whichever of two ways it is made, by no layer; MISSING where it has not."""
        if not self.active:
            return MISSING
        start = len(self.tracer.graph.nodes)
        one, other = first(), second()
        alike = isinstance(one, Tensor) and isinstance(other, Tensor) and one.dims == other.dims
        parts = self.tracer.graph.nodes[start:]
        if alike and not any(part.layer is not None and part.layer.has_weights() for part in parts):
            return one if one.ref is not None else other
        return MISSING

    def known_base(self, path: str) -> bool:
        """Whether all that a base of another package has is known."""
        return path in PLAIN_BASES or modules.is_module_base(canonical(path))

    def is_subclass(self, path: str, other: str) -> bool:
        path, other = canonical(path), canonical(other)
        return path == other or (other == "torch.nn.Module" and modules.is_module_base(path))

    def type_of(self, value: Any, node: Any) -> Any:
        if isinstance(value, Module):
            return value.cls if value.cls is not None else External(f"torch.nn.{value.kind}", node)
        if isinstance(value, (Tensor, Param)):
            return External("torch.Tensor", node)
        return Unknown("type(...)", node)


def _parameter(args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    data = args[0] if args else kwargs.get("data")
    if isinstance(data, Unknown):
        data.refuse("the shape of a parameter", node)
    if data is None:
        return Param(())
    if isinstance(data, Param):
        data = data.tensor
    if not isinstance(data, Tensor):
        raise Raised("TypeError", f"Parameter takes a tensor, not {library.kind_of(data)}", node)
    if any(isinstance(size, Size) for size in data.dims):
        raise Refused("python-unknown-value", "the shape of a parameter depends on the batch size", node)
    if len(data.dims) > 64:
        raise Exhausted("python-too-long", "a parameter has more than 64 axes", node)
    trainable = args[1] if len(args) > 1 else kwargs.get("requires_grad", True)
    return Param(data.dims, trainable is not False)


def _device(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    made = Object(Class("device", [External("object")], node, run.file))
    made.attrs.update(type="cpu", index=None)
    return made


def _same(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return args[0]


def _checkpoint(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    known = {name: value for name, value in kwargs.items() if name not in ("use_reentrant", "preserve_rng_state")}
    return run.call(args[0], args[1:], known, node)


def _copy(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], (list, dict)):
        return args[0].copy()
    return args[0]


def _deepcopy(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return modules.deep_copy(args[0], run, node)


def _summary(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """torchinfo's and torchsummary's summary(model, (3, 32, 32)): a size that the file gives its model."""
    model = args[0] if args else kwargs.get("model")
    size = args[1] if len(args) > 1 else kwargs.get("input_size")
    data = kwargs.get("input_data")
    if isinstance(model, Module):
        if isinstance(data, Tensor):
            run.world.examples.append((model, [data]))
        elif isinstance(size, (tuple, list)) and size:
            shapes = list(size) if isinstance(size[0], (tuple, list)) else [size]
            run.world.examples.append((model, [Tensor(tuple(shape), what="example") for shape in shapes]))
    return Unknown("a summary", node)


def _pretrained(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return Unknown("weights from a file or the network change nothing that counts", node)


def _weight_norm(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    module = args[0]
    if isinstance(module, Module) and module.layer is not None:
        from cnncalc import layers

        kind = layers.find("WeightNorm")
        if kind is None:  # pragma: no cover - the layer is there
            return Unknown("weight norm", node, module=True)
        name = args[1] if len(args) > 1 else kwargs.get("name", "weight")
        if name != "weight":
            raise Refused("python-unknown-call", "weight_norm of another weight than `weight` is not followed", node)
        dim = args[2] if len(args) > 2 else kwargs.get("dim", 0)
        module.layer = modules.leaf("WeightNorm", [], {"layer": module.layer, "dim": dim}, node)
        module.params.clear()
    return module


def _packed(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return args[0]


def _unpacked(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return (args[0], Unknown("the lengths of the sequences", node))


def _parametrised(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """parametrize.register_parametrization(module, name, parametrization): its parameters count."""
    module = args[0] if args else kwargs.get("module")
    what = args[2] if len(args) > 2 else kwargs.get("parametrization")
    if isinstance(what, Unknown):
        what.refuse("a parametrization", node)
    if isinstance(module, Module) and isinstance(what, Module) and any(True for _ in modules.parameters(what)):
        raise Refused("python-unknown-call", "a parametrization with parameters of its own is not followed", node)
    return module


def _chance(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """random.random(): unknown, but never below 0 nor 1."""
    return Chance("random.random(...) is not run", node)


def _no_grad(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return Unknown("a context", node)


def _parser(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    from cnncalc.read.python.arguments import parser

    return parser(run, args, kwargs, node)


SPECIAL: dict[str, Any] = {
    "argparse.ArgumentParser": _parser,
    "torch.device": _device,
    "torch.autograd.Variable": _same,
    "torch.compile": _same,
    "torch.jit.script": _same,
    "torch.jit.trace": _same,
    "torch.nn.DataParallel": _same,
    "torch.nn.parallel.DistributedDataParallel": _same,
    "torch.nn.utils.spectral_norm": _same,
    "torch.nn.utils.parametrizations.spectral_norm": _same,
    "torch.nn.utils.parametrizations.orthogonal": _same,
    "torch.nn.utils.weight_norm": _weight_norm,
    "torch.nn.utils.parametrizations.weight_norm": _weight_norm,
    "torch.nn.utils.parametrize.register_parametrization": _parametrised,
    "torch.nn.utils.rnn.pack_padded_sequence": _packed,
    "torch.nn.utils.rnn.pack_sequence": _packed,
    "torch.nn.utils.rnn.pad_packed_sequence": _unpacked,
    "torch.nn.utils.clip_grad_norm_": lambda run, args, kwargs, node: None,
    "checkpoint": _checkpoint,
    "torch.utils.checkpoint.checkpoint": _checkpoint,
    **dict.fromkeys(["random.random", "numpy.random.rand", "numpy.random.random"], _chance),
    **{f"torchvision.transforms.functional.{name}": call for name, call in PICTURES.items()},
    "torchvision.transforms.CenterCrop": picture("center_crop"),
    "torchvision.transforms.Resize": picture("resize"),
    "typing.cast": lambda run, args, kwargs, node: args[1],
    "typing_extensions.cast": lambda run, args, kwargs, node: args[1],
    "copy.deepcopy": _deepcopy,
    "copy.copy": _copy,
    "torchinfo.summary": _summary,
    "torchsummary.summary": _summary,
    "torch.load": _pretrained,
    "torch.hub.load_state_dict_from_url": _pretrained,
    "torch.utils.model_zoo.load_url": _pretrained,
    "torch.jit.is_scripting": lambda run, args, kwargs, node: False,
    "torch.jit.is_tracing": lambda run, args, kwargs, node: False,
    "torch.jit.annotate": lambda run, args, kwargs, node: args[1],
    "torch.jit.ignore": _same,
    "torch.onnx.is_in_onnx_export": lambda run, args, kwargs, node: False,
    "torch.compiler.is_compiling": lambda run, args, kwargs, node: False,
    "torch.fx.wrap": lambda run, args, kwargs, node: None,
    "torch.is_grad_enabled": lambda run, args, kwargs, node: False,
    "torch.manual_seed": lambda run, args, kwargs, node: None,
    **dict.fromkeys(
        [
            f"torch.{device}.is_available"
            for device in ("cuda", "xpu", "mps", "accelerator", "distributed", "backends.mps", "backends.cuda")
        ],
        lambda run, args, kwargs, node: False,
    ),
    "torch.no_grad": _no_grad,
    "torch.inference_mode": _no_grad,
    "torch._C._log_api_usage_once": lambda run, args, kwargs, node: None,
    "torchvision.utils._log_api_usage_once": lambda run, args, kwargs, node: None,
    "torch.overrides.has_torch_function": lambda run, args, kwargs, node: False,
    "torch.is_tensor": lambda run, args, kwargs, node: isinstance(args[0], (Tensor, Param)),
    "torch.is_floating_point": lambda run, args, kwargs, node: not args[0].token,
}
CONSTANTS: dict[str, Any] = {
    "math.pi": 3.141592653589793,
    "math.e": 2.718281828459045,
    "math.inf": float("inf"),
    "torch.pi": 3.141592653589793,
    "torch.inf": float("inf"),
    "numpy.pi": 3.141592653589793,
    "numpy.inf": float("inf"),
    "numpy.newaxis": None,
    "torch.newaxis": None,
    "sys.version_info": (3, 11, 7, "final", 0),
    "typing.TYPE_CHECKING": False,
    "sys.maxsize": 2**63 - 1,
    "torch.__version__": "2.13.0",
}


# --- methods of modules --------------------------------------------------------------------------------------------


def _this(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return module


def _nothing(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return None


def _apply(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    for _, part in reversed(list(modules.modules(module))):
        run.call(args[0], [part], {}, node)
    return module


def _requires_grad(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    wanted = args[0] if args else kwargs.get("requires_grad", True)
    for _, param in modules.parameters(module):
        param.trainable = wanted is not False
    return module


def _register_buffer(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    name = str(args[0] if args else kwargs.get("name"))
    module.buffers[name] = args[1] if len(args) > 1 else kwargs.get("tensor")


def _register_parameter(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    name = str(args[0] if args else kwargs.get("name"))
    param = args[1] if len(args) > 1 else kwargs.get("param")
    if isinstance(param, Unknown):
        param.refuse("a parameter", node)
    if param is None:
        module.params[name] = None
    else:
        modules.own(module, name, param)


def _add_module(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    name = args[0] if args else kwargs.get("name")
    child = args[1] if len(args) > 1 else kwargs.get("module")
    if isinstance(name, Unknown):
        name.refuse("the name of a module", node)
    modules.add_child(module, str(name), child, node)


def _get_submodule(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: Any = module
    for name in [part for part in str(args[0]).split(".") if part]:
        found = run.attribute(found, name, node)
    return found


def _list(what: str) -> Any:
    def call(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if what == "parameters":
            found: list[Any] = [param for _, param in modules.parameters(module)]
        elif what == "named_parameters":
            found = [(name, param) for name, param in modules.parameters(module)]
        elif what == "modules":
            found = [part for _, part in modules.modules(module)]
        elif what == "named_modules":
            found = list(modules.modules(module))
        elif what == "children":
            found = list({id(child): child for child in module.children.values()}.values())
        elif what == "named_children":
            found = list(module.children.items())
        else:
            found = [value for _, part in modules.modules(module) for value in part.buffers.values()]
            if what.startswith("named"):
                found = [(name, value) for _, part in modules.modules(module) for name, value in part.buffers.items()]
        run.spend(len(found), node)
        return found

    return call


def _save_hyperparameters(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    held = Object(Class("AttributeDict", [External("object")], node, run.file))
    for function, scope in reversed(run.frames):
        if function.name == "__init__":
            names = function.node.args
            for argument in (*names.args[1:], *names.kwonlyargs):
                held.attrs[argument.arg] = scope.names.get(argument.arg)
            break
    module.attrs["hparams"] = held


METHODS: dict[str, Any] = {
    **dict.fromkeys(
        [
            "to",
            "train",
            "eval",
            "cuda",
            "cpu",
            "half",
            "float",
            "double",
            "bfloat16",
            "type",
            "share_memory",
            "to_empty",
            "compile",
            "__call__super",
            "requires_grad",
        ],
        _this,
    ),
    **dict.fromkeys(
        [
            "zero_grad",
            "load_state_dict",
            "register_forward_hook",
            "register_forward_pre_hook",
            "register_full_backward_hook",
            "register_backward_hook",
            "log",
            "log_dict",
            "print",
            "post_init",
            "init_weights",
            "reset_parameters",
            "_reset_parameters",
            "extra_repr",
            "register_load_state_dict_pre_hook",
            "_register_load_state_dict_pre_hook",
            "register_state_dict_hook",
            "gradient_checkpointing_enable",
            "_init_weights_native",
            "set_extra_state",
            "freeze_native",
        ],
        _nothing,
    ),
    "apply": _apply,
    "requires_grad_": _requires_grad,
    "register_buffer": _register_buffer,
    "register_parameter": _register_parameter,
    "add_module": _add_module,
    "register_module": _add_module,
    "get_submodule": _get_submodule,
    "save_hyperparameters": _save_hyperparameters,
    "state_dict": lambda run, module, args, kwargs, node: Unknown("a state_dict", node),
    "parameters": _list("parameters"),
    "named_parameters": _list("named_parameters"),
    "modules": _list("modules"),
    "named_modules": _list("named_modules"),
    "children": _list("children"),
    "named_children": _list("named_children"),
    "buffers": _list("buffers"),
    "named_buffers": _list("named_buffers"),
    "_get_name": lambda run, module, args, kwargs, node: module.type_name,
    "__call__": lambda run, module, args, kwargs, node: run.world.call_module(module, args, kwargs, node),
    "named_apply": _this,
}
METHODS["__getattr__"] = lambda run, module, args, kwargs, node: run.attribute(module, args[0], node)
METHODS["__setattr__"] = lambda run, module, args, kwargs, node: modules.set_attribute(module, args[0], args[1], node)


def _append(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    modules.add_child(module, str(len(held_by(module))), args[0] if args else kwargs.get("module"), node)
    return module


def _extend(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    for child in run.listed(args[0], node):
        _append(run, module, [child], {}, node)
    return module


def _insert(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    held = list(module.children.values())
    held.insert(args[0], args[1])
    module.children = {str(at): child for at, child in enumerate(held)}
    return module


def _pop(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    key = args[0] if args else -1
    name = key if isinstance(key, str) else list(module.children)[key]
    child = module.children.pop(name)
    if not isinstance(key, str):
        module.children = {str(at): part for at, part in enumerate(module.children.values())}
    return child


def _update(run: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    for name, child in run.world.pairs(args[0], node):
        modules.add_child(module, name, child, node)


_CONTAINER: dict[str, Any] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "update": _update,
    "keys": lambda run, module, args, kwargs, node: list(held_by(module)),
    "values": lambda run, module, args, kwargs, node: list(held_by(module).values()),
    "items": lambda run, module, args, kwargs, node: list(held_by(module).items()),
}


def held_by(module: Module) -> dict[str, Any]:
    """What a container holds, by name and in order: modules, parameters, and what was put in as None."""
    held: dict[str, Any] = {**module.params, **module.children}
    held.update((name, None) for name in module.empty)
    if module.kind in ("ModuleList", "ParameterList", "Sequential") and all(map(str.isdigit, held)):
        return dict(sorted(held.items(), key=lambda pair: int(pair[0])))
    return held


def _find(path: str) -> Any:
    """The function of PyTorch's, NumPy's or einops' that a canonical path names; None where it is not known."""
    head, _, name = path.rpartition(".")
    if head == "einops" or head.startswith("einops.layers"):
        from cnncalc.read.python import einops

        return einops.OPS.get(name)
    return functions.find(path)
