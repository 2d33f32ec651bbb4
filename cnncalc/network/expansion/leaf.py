"""One layer of a spec as a node, or two: its activation may stand beside it."""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.expression.environment import Environment, evaluate
from cnncalc.network.build import GraphBuilder
from cnncalc.network.graph import Ref
from cnncalc.network.scope import Constant
from cnncalc.spec.entries.entry import Entry, with_option, without


def leaf(entry: Entry, wiring: GraphBuilder, full: str, inputs: tuple[Any, ...], env: Environment, frozen: bool) -> Ref:
    """Add the layer of an entry under its full name; the reference of what it gives."""
    activation = None
    kind = layers.find(entry.type, entry.convention)
    if kind is not None and "activation" in kind.options and "activation" in entry.keys:
        entry = with_option(entry, "activation", entry.keys["activation"])
    elif kind is not None and "activation" not in kind.options:
        activation = entry.keys.get("activation")
        entry, found = without(entry, "activation")
        activation = activation or found
    if kind is not None and kind.inputs == (0, 0) and "from" not in entry.keys:
        inputs = ()
    if kind is not None:
        entry, inputs = _with_number(entry, kind, wiring, full, inputs)
    inputs = tuple(ref for ref in inputs if not isinstance(ref, Constant))
    layer = wiring.make(entry, env, full) if None not in inputs else None
    if layer is not None and layer.__dict__.get("trainable") is False:  # Keras' way to freeze a layer
        frozen = True
    ref = wiring.add(full, layer, inputs, entry, frozen, None)
    if activation is None:
        return ref
    try:
        word = evaluate(activation, env, None)
    except Fault as fault:
        wiring.note(fault, entry.span, entry, full)
        return ref
    if word not in (None, "linear", "none"):
        extra = Entry("call", str(word), entry.span)
        if layers.find(extra.type) is None:
            wiring.note(Fault("unknown-layer", f'there is no activation "{word}"'), entry.span)
        name = f"{full}_{layers.fold(extra.type)}"
        ref = wiring.add(name, wiring.make(extra, env, full), (ref,), extra, frozen, None)
        wiring.values[full] = ref
    return ref


def _with_number(
    entry: Entry, kind: type[Layer], wiring: GraphBuilder, full: str, inputs: tuple[Any, ...]
) -> tuple[Entry, tuple[Any, ...]]:
    """The entry with a number among its inputs as its option `value`; only one, and of a layer that has it."""
    numbers = [index for index, ref in enumerate(inputs) if isinstance(ref, Constant)]
    if not numbers:
        return entry, inputs
    if len(numbers) > 1 or "value" not in kind.options:
        takes = "one number" if "value" in kind.options else "no number"
        text = f"{kind.type()} takes {takes} among its inputs"
        wiring.note(Fault("input-count", text), entry.keys["from"].span(), entry, full)
        return entry, (None,)
    entry = with_option(entry, "value", inputs[numbers[0]].value)
    if numbers[0] == 0 and "value_first" in kind.options:
        entry = with_option(entry, "value_first", True)
    return entry, inputs
