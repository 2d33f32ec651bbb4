"""Methods that every torch.nn.Module has."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from cnncalc.read.python.bases import InterpreterBase, Method
from cnncalc.read.python.builtin.registry import kind_of, name_of, new_object
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.tensors import Param
from cnncalc.read.python.values import Args, Iterator, Kwargs, Native, Object, Raised, Unknown


def _this(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return module


def _nothing(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return None


def _apply(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    for _, part in reversed(list(modules.modules(module))):
        run.call(args[0], [part], {}, node)
    return module


def _requires_grad(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    wanted = args[0] if args else kwargs.get("requires_grad", True)
    for _, param in modules.parameters(module):
        param.trainable = wanted is not False
    return module


def _register_buffer(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    name = str(args[0] if args else kwargs.get("name"))
    module.buffers[name] = args[1] if len(args) > 1 else kwargs.get("tensor")


def _register_parameter(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    name = str(args[0] if args else kwargs.get("name"))
    param = args[1] if len(args) > 1 else kwargs.get("param")
    if isinstance(param, Unknown):
        param.refuse("a parameter", node)
    if param is None:
        modules.drop(module, name, node)
    elif isinstance(param, Param):
        modules.own(module, name, param)
    else:
        message = f"cannot assign '{kind_of(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
        raise Raised("TypeError", message, node)


def _add_module(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    name = args[0] if args else kwargs.get("name")
    child = args[1] if len(args) > 1 else kwargs.get("module")
    if isinstance(name, Unknown):
        name.refuse("the name of a module", node)
    modules.add_child(module, str(name), child, node)


def _get_submodule(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found: object = module
    for name in [part for part in str(args[0]).split(".") if part]:
        found = run.attribute(found, name, node)
    return found


# What lists the parts of a module, each once.
_LISTS: dict[str, Callable[[Module], Iterable[object]]] = {
    "parameters": lambda module: (param for _, param in modules.parameters(module)),
    "named_parameters": modules.parameters,
    "modules": lambda module: (part for _, part in modules.modules(module)),
    "named_modules": modules.modules,
    "children": lambda module: {id(child): child for child in module.children.values()}.values(),
    "named_children": lambda module: module.children.items(),
    "buffers": lambda module: (held for _, part in modules.modules(module) for held in part.buffers.values()),
    "named_buffers": lambda module: (pair for _, part in modules.modules(module) for pair in part.buffers.items()),
}


def _list(what: str) -> Method[Module]:
    def call(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        found = list(_LISTS[what](module))
        run.spend(len(found), node)
        return Iterator(found)

    return call


def _hook(before: bool) -> Method[Module]:
    def call(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        number = len(module.hooks) + 1 + max(module.hooks, default=0)
        module.hooks[number] = (before, args[0] if args else kwargs.get("hook"))
        handle = new_object(run, "RemovableHandle", node)
        handle.attrs["remove"] = Native("remove", lambda r, a, k, n: module.hooks.pop(number, None) and None)
        return handle

    return call


def _save_hyperparameters(run: InterpreterBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    given: dict[str, object] = {}
    for function, scope in reversed(run.frames):
        if function.name == "__init__":
            names = function.node.args
            given = {one.arg: scope.names.get(one.arg) for one in (*names.args[1:], *names.kwonlyargs)}
            more = scope.names.get(names.kwarg.arg) if names.kwarg is not None else None
            given.update(more if isinstance(more, dict) else {})
            break
    if len(args) == 1 and not isinstance(args[0], str):
        whole = args[0]
        given = (
            {str(name): value for name, value in run.packages.pairs(whole, node)}
            if isinstance(whole, (dict, Object))
            else given
        )
    elif args:
        given = {name: given.get(name) for name in args if isinstance(name, str)}
    ignored = kwargs.get("ignore") or ()
    for name in [ignored] if isinstance(ignored, str) else run.listed(ignored, node):
        given.pop(str(name), None)
    known = module.attrs.get("hparams")
    made = known if isinstance(known, Object) else new_object(run, "AttributeDict", node, "dict")
    made.attrs.update(given)
    made.hold(made.attrs)
    module.attrs["hparams"] = made


METHODS: dict[str, Method[Module]] = {
    **dict.fromkeys(
        """
            to train eval cuda cpu half float double bfloat16 type share_memory to_empty compile __call__super
            requires_grad
            """.split(),
        _this,
    ),
    **dict.fromkeys(
        """
            zero_grad load_state_dict register_full_backward_hook register_backward_hook log log_dict print post_init
            init_weights reset_parameters _reset_parameters extra_repr register_load_state_dict_pre_hook
            _register_load_state_dict_pre_hook register_state_dict_hook gradient_checkpointing_enable
            _init_weights_native set_extra_state freeze_native
            """.split(),
        _nothing,
    ),
    "apply": _apply,
    "register_forward_hook": _hook(False),
    "register_forward_pre_hook": _hook(True),
    "requires_grad_": _requires_grad,
    "register_buffer": _register_buffer,
    "register_parameter": _register_parameter,
    "add_module": _add_module,
    "register_module": _add_module,
    "get_submodule": _get_submodule,
    "save_hyperparameters": _save_hyperparameters,
    "state_dict": lambda run, module, args, kwargs, node: Unknown("a state_dict is not followed as a value", node),
    **{name: _list(name) for name in _LISTS},
    "_get_name": lambda run, module, args, kwargs, node: module.type_name,
    "__call__": lambda run, module, args, kwargs, node: run.packages.forwarded(module, args, kwargs, node),
    "named_apply": _this,
    "__getattr__": lambda run, module, args, kwargs, node: run.attribute(module, name_of(args[0], node), node),
    "__setattr__": lambda run, module, args, kwargs, node: modules.set_attribute(
        module, name_of(args[0], node), args[1], node
    ),
}
