"""What a Keras configuration says: layers, inputs, shapes and references, in the forms of Keras 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeGuard

from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from cnncalc.network.graph import Ref

MODELS = ("Sequential", "Functional", "Model")
Options: TypeAlias = dict[str, object]  # of a layer, as the file has them
Tensor: TypeAlias = tuple[str, int, int]  # a value in the file: its layer, which call of it, which output


class Described(TypedDict, total=False):
    """A layer or a model of the file; `config` is a list in an old Sequential."""

    class_name: str
    name: str
    module: str | None
    registered_name: str | None
    keras_version: str
    config: object
    inbound_nodes: list[object] | None


# In place of a layer, where Keras 2 has a number among the tensors.
CONSTANT = "_CONSTANT_VALUE"


def is_layer(value: object) -> TypeGuard[Described]:
    """Whether a value of the file is a layer or a model."""
    return isinstance(value, dict) and "class_name" in value


def inner_of(layer: Described) -> Described | None:
    """The layer that a layer is around."""
    inner = _config(layer).get("layer")
    return inner if is_layer(inner) else None


def _layers(model: Described) -> list[Described]:
    inner = model["config"]
    found = inner if isinstance(inner, list) else _config(model).get("layers", [])
    if not isinstance(found, list) or not all(map(is_layer, found)):
        raise Fault("keras-broken", "the layers of a model must be a list of class_name and config")
    return found


def _config(layer: Described) -> Options:
    found = layer.get("config")
    return found if isinstance(found, dict) else {}


def _name(layer: Described) -> str:
    return str(_config(layer).get("name") or layer.get("name") or layer["class_name"].lower())


def _shape_of(layer: Described) -> list[object] | None:
    config = _config(layer)
    found = config.get("batch_shape") or config.get("batch_input_shape")
    return found if isinstance(found, list) else None


def _inputs(model: Described) -> list[tuple[str, list[object] | None]]:
    """The names and shapes (with batch) of a model's inputs; the shape is None where the file does not say it."""
    found = _layers(model)
    if model["class_name"] == "Sequential":
        first = found[0] if found else None
        shape = _shape_of(first) if first is not None else None
        if shape is None and first is not None and first["class_name"] in MODELS:
            shape = _inputs(first)[0][1]
        built = _config(model).get("build_input_shape")
        name = _name(first) if first is not None and first["class_name"] == "InputLayer" else "input"
        return [(name, shape or (built if isinstance(built, list) else None))]
    order = [ref[0] for ref in _refs(_config(model).get("input_layers"))]
    by_name = {_name(layer): layer for layer in found}
    result = []
    for name in order:
        if name not in by_name:
            raise Fault("keras-broken", f'the model takes "{name}", which is none of its layers')
        result.append((name, _shape_of(by_name[name])))
    return result


def _is_ref(value: object) -> bool:
    """Whether this is how Keras 2 names a tensor: layer, call, output, and what else the call is given."""
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and all(type(part) is int for part in value[1:3])
    )


def _named(value: object) -> Tensor | None:
    """The tensor that a value of the file names, in the form of Keras 3 or of Keras 2; None where it names none."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        value = config.get("keras_history") if isinstance(config, dict) else None
        if not _is_ref(value):
            raise Fault("keras-broken", "a tensor among the arguments of a layer has no keras_history")
    return (value[0], value[1], value[2]) if isinstance(value, list) and _is_ref(value) else None


def _refs(value: object) -> list[Tensor]:
    """The tensors that are named, however deep they stand."""
    named = _named(value)
    if isinstance(value, list):
        if named is not None:
            return [named, *(_refs(value[3]) if len(value) > 3 else [])]
        return [ref for part in value for ref in _refs(part)]
    if isinstance(value, dict):
        return [named] if named is not None else [ref for part in value.values() for ref in _refs(part)]
    return []


class Given:
    """A value of the graph among the arguments of a call."""

    __slots__ = ("ref",)

    def __init__(self, ref: Ref) -> None:
        self.ref = ref


def _arguments(node: object, values: Mapping[Tensor, Ref]) -> tuple[list[object], Options]:
    """What a call takes, by position and by name: values as `Given`, plain arguments as they are."""

    def plain(value: object) -> object:
        named = _named(value)
        if named is not None and (named in values or not isinstance(value, list)):
            return Given(values[named])
        return [plain(part) for part in value] if isinstance(value, list) else value

    args: list[object]
    if isinstance(node, dict):
        args = [plain(value) for value in node.get("args", [])]
        kwargs = {name: plain(value) for name, value in (node.get("kwargs") or {}).items()}
    else:
        calls = _calls(node)
        args = [call[2] if call[0] == CONSTANT else Given(values[call[0], call[1], call[2]]) for call in calls]
        named = calls[0][3] if calls and len(calls[0]) > 3 and isinstance(calls[0][3], dict) else {}
        kwargs = {name: plain(value) for name, value in named.items()}
    flat: list[object] = []
    for value in args:
        places = isinstance(value, list) and all(type(part) is int for part in value)  # a list of numbers is one thing
        flat.extend(value if isinstance(value, list) and not places else [value])
    return flat, kwargs


def _calls(node: object) -> list[list[Any]]:
    """The tensors that a call of Keras 2 takes by position, each with what stands behind it; numbers as `CONSTANT`."""
    if isinstance(node, list) and len(node) >= 3 and (_is_ref(node) or node[0] == CONSTANT):
        return [node]
    return [call for part in node for call in _calls(part)] if isinstance(node, list) else []


def _late(model: Described) -> dict[str, int]:
    """The number of the first call, where it is not 0: Keras 2 counts a nested model's own construction as a call."""
    numbers: dict[str, list[int]] = {}
    nodes = [layer.get("inbound_nodes") or [] for layer in _layers(model)]
    for name, call, _ in _refs([*nodes, _config(model).get("output_layers")]):
        numbers.setdefault(name, []).append(call)
    return {
        _name(layer): 1
        for layer, calls in zip(_layers(model), nodes, strict=True)
        if layer["class_name"] in MODELS and min(numbers.get(_name(layer), [0])) == 1
        if max(numbers[_name(layer)]) == len(calls)
    }


def _tensors(value: object) -> list[Ref]:
    """The values of the graph that stand among arguments, however deep."""
    if isinstance(value, Given):
        return [value.ref]
    if isinstance(value, (list, tuple)):
        return [ref for part in value for ref in _tensors(part)]
    if isinstance(value, dict):
        return [ref for part in value.values() for ref in _tensors(part)]
    return []


def _first(model: Described, word: str, depth: int = 0) -> bool:
    """Whether a layer of the model says this data_format."""
    if depth > 50:
        return False
    for layer in _layers(model):
        if _config(layer).get("data_format") == word:
            return True
        if layer["class_name"] in MODELS and _first(layer, word, depth + 1):
            return True
    return False
