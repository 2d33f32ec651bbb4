"""What a Keras configuration says: layers, inputs, shapes and references, in the forms of Keras 2 and 3."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Fault

MODELS = ("Sequential", "Functional", "Model")
# In place of a layer, where Keras 2 has a number among the tensors.
CONSTANT = "_CONSTANT_VALUE"


def _layers(model: Any) -> list[Any]:
    inner = model["config"]
    found = inner if isinstance(inner, list) else inner.get("layers", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) and "class_name" in one for one in found):
        raise Fault("keras-broken", "the layers of a model must be a list of class_name and config")
    return found


def _config(layer: Any) -> dict[str, Any]:
    found = layer.get("config")
    return found if isinstance(found, dict) else {}


def _name(layer: Any) -> str:
    return str(_config(layer).get("name") or layer.get("name") or layer["class_name"].lower())


def _shape_of(layer: Any) -> list[Any] | None:
    config = _config(layer)
    found = config.get("batch_shape") or config.get("batch_input_shape")
    return found if isinstance(found, list) else None


def _inputs(model: Any) -> list[tuple[str, list[Any] | None]]:
    """The names and shapes (with batch) of a model's inputs; the shape is None where the file does not say it."""
    found = _layers(model)
    if model["class_name"] == "Sequential":
        inner = model["config"] if isinstance(model["config"], dict) else {}
        first = found[0] if found else None
        shape = _shape_of(first) if first is not None else None
        if shape is None and first is not None and first["class_name"] in MODELS:
            shape = _inputs(first)[0][1]
        built = inner.get("build_input_shape")
        name = _name(first) if first is not None and first["class_name"] == "InputLayer" else "input"
        return [(name, shape or (built if isinstance(built, list) else None))]
    order = [ref[0] for ref in _refs(model["config"].get("input_layers"))]
    by_name = {_name(layer): layer for layer in found}
    result = []
    for name in order:
        if name not in by_name:
            raise Fault("keras-broken", f'the model takes "{name}", which is none of its layers')
        result.append((name, _shape_of(by_name[name])))
    return result


def _is_ref(value: Any) -> bool:
    """Whether this is how Keras 2 names a tensor: layer, call, output, and what else the call is given."""
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and all(type(part) is int for part in value[1:3])
    )


def _refs(value: Any) -> list[list[Any]]:
    """References to tensors, [layer, call, output] each, however deep they stand."""
    if isinstance(value, list):
        if _is_ref(value):
            return [value[:3], *(_refs(value[3]) if len(value) > 3 else [])]
        return [ref for part in value for ref in _refs(part)]
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value["config"]["keras_history"][:3]]
        return [ref for part in value.values() for ref in _refs(part)]
    return []


class Ref:
    """A value among the arguments of a call."""

    __slots__ = ("ref",)

    def __init__(self, ref: Any) -> None:
        self.ref = ref


def _arguments(node: Any, values: Any) -> tuple[list[Any], dict[str, Any]]:
    """What a call takes, by position and by name: values as `Ref`, plain arguments as they are."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            return Ref(values[tuple(value["config"]["keras_history"][:3])])
        if _is_ref(value) and tuple(value[:3]) in values:
            return Ref(values[tuple(value[:3])])
        if isinstance(value, list):
            return [plain(part) for part in value]
        return value

    if isinstance(node, dict):
        args = [plain(value) for value in node.get("args", [])]
        kwargs = {name: plain(value) for name, value in (node.get("kwargs") or {}).items()}
    else:
        calls = _calls(node)
        args = [call[2] if call[0] == CONSTANT else Ref(values[tuple(call[:3])]) for call in calls]
        named = calls[0][3] if calls and len(calls[0]) > 3 and isinstance(calls[0][3], dict) else {}
        kwargs = {name: plain(value) for name, value in named.items()}
    flat: list[Any] = []
    for value in args:
        places = isinstance(value, list) and all(type(part) is int for part in value)  # a list of numbers is one thing
        flat.extend(value if isinstance(value, list) and not places else [value])
    return flat, kwargs


def _calls(node: Any) -> list[list[Any]]:
    """The tensors that a call of Keras 2 takes by position, each with what stands behind it; numbers as `CONSTANT`."""
    if isinstance(node, list) and len(node) >= 3 and (_is_ref(node) or node[0] == CONSTANT):
        return [node]
    return [call for part in node for call in _calls(part)] if isinstance(node, list) else []


def _late(model: Any) -> dict[str, int]:
    """The number of the first call, where it is not 0: Keras 2 counts a nested model's own construction as a call."""
    numbers: dict[str, list[int]] = {}
    nodes = [layer.get("inbound_nodes") or [] for layer in _layers(model)]
    for name, call, _ in _refs([*nodes, model["config"].get("output_layers")]):
        numbers.setdefault(name, []).append(call)
    return {
        _name(layer): 1
        for layer, calls in zip(_layers(model), nodes, strict=True)
        if layer["class_name"] in MODELS and min(numbers.get(_name(layer), [0])) == 1
        if max(numbers[_name(layer)]) == len(calls)
    }


def _tensors(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, (list, tuple)):
        return [ref for part in value for ref in _tensors(part)]
    if isinstance(value, dict):
        return [ref for part in value.values() for ref in _tensors(part)]
    return []


def _first(model: Any, word: str, depth: int = 0) -> bool:
    """Whether a layer of the model says this data_format."""
    if depth > 50:
        return False
    for layer in _layers(model):
        if _config(layer).get("data_format") == word:
            return True
        if layer["class_name"] in MODELS and _first(layer, word, depth + 1):
            return True
    return False
