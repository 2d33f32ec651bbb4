"""Another spec as a block: `backbone: {net: resnet50, until: layer4}`."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Fault, suggestion
from cnncalc.expression.environment import Environment, constants, evaluate
from cnncalc.network.graph import Ref
from cnncalc.network.scope import text_of
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Spec


class Net:
    """A spec inside of another: its entries up to the one that is named, and its constants. Raises `Fault`."""

    def __init__(self, entry: Entry, outer: Spec, inputs: tuple[Ref, ...], env: Environment) -> None:
        inner = entry.net
        assert isinstance(inner, Spec)
        self.spec = inner
        for problem in inner.problems:
            raise Fault(problem.code, f"{inner.name}: {problem.message}", help=problem.help)
        if inner.foreign is not None or inner.config is not None:
            raise Fault("not-a-spec", f"{inner.name} is no spec, and cannot stand in one as a block")
        if inner.convention != outer.convention:
            words = f"{inner.name} is in the words of {inner.convention}, this spec in those of {outer.convention}"
            raise Fault("option-value", words, help=f"convention: {inner.convention}")
        if len(inputs) != len(inner.inputs):
            names = ", ".join(given.name for given in inner.inputs)
            text = f"{inner.name} takes {len(inner.inputs)} inputs ({names}), but gets {len(inputs)}"
            raise Fault("input-count", text)
        env.budget.spend(len(inner.let) + len(inner.layers))
        self.body = until(inner, entry)
        self.constants = self._constants(entry.keys.get("set"), env)

    def _constants(self, written: Any, env: Environment) -> Environment:
        """What `let` of the spec says, with what `set` says in its place."""
        spec = self.spec
        given = {}
        for key, item in written.data if written is not None and written.kind == "map" else ():
            if key.data not in spec.let and key.data not in spec.symbols:
                help = suggestion(key.data, spec.let, f"let defines {', '.join(spec.let) or 'nothing'}")
                raise Fault("unknown-setting", f'{spec.name} has no constant "{key.data}"', help=help)
            given[key.data] = evaluate(item, env, None)
        own, faults = constants(spec.let, given, spec.symbols, env.budget)
        for fault, _ in faults:
            raise fault
        return own


def until(spec: Spec, entry: Entry) -> list[Entry]:
    """The entries of a spec up to the one that is named where it stands as a block. Raises `Fault`."""
    layers, written = spec.layers, entry.keys.get("until")
    if written is None:
        return layers
    names = [text_of(one.keys["name"]) if "name" in one.keys else "" for one in layers]
    last = text_of(written)
    if last not in names:
        known = f"its entries are {', '.join(dict.fromkeys(name for name in names if name))}"
        help = suggestion(last, names, known)
        raise Fault("unknown-name", f'{spec.name} has no entry "{last}"', help=help)
    return layers[: len(names) - names[::-1].index(last)]
