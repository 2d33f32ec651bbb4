"""A `config.json` -> the spec of its family with the config's values; what cannot be read is refused with the place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Problem, Source, SpecError, did_you_mean, suggestion
from cnncalc.read.huggingface.checks import LARGEST, as_list, wrong
from cnncalc.read.huggingface.family import Family, Head, family
from cnncalc.read.huggingface.spans import KEYS, spans
from cnncalc.read.huggingface.words import ACTIVATION_KEYS, ACTIVATIONS, MODULES, NUMBERS, OTHER_ACTIVATIONS, OWN
from cnncalc.read.huggingface.written import Written

if TYPE_CHECKING:
    from cnncalc.expression.environment import Environment
    from cnncalc.network.graph import Graph
    from cnncalc.spec.model import Spec

# Other names of keys that go before the key itself wherever they stand.
OLD_NAMES = ("n_embed",)
# Sizes of images that may be written as a height and a width; those that differ are refused.
SQUARES = ("image_size", "patch_size")
# Keys that a config inside of the config does not say for the whole.
OF_THE_WHOLE = ("model_type", "architectures", "tie_word_embeddings", "id2label", "label2id", "num_labels")


def read_config(source: Source, read_file: Callable[[str], Spec]) -> Spec:
    """The spec of a config; `read_file` reads that of its family, by its path."""
    return Config(source, read_file).spec()


class Config(Written):
    """The values of one config, and the spec that they make."""

    def __init__(self, source: Source, read_file: Callable[[str], Spec]) -> None:
        super().__init__(source)
        self.read_file = read_file
        self.written = dict(self.values)  # before other names of keys are heard
        self.outputs: tuple[str, ...] = ()
        self.sizes = ""  # of the inputs, when they are known

    # --- the way to a spec -----------------------------------------------------------------------------------------

    def spec(self) -> Spec:
        """The family's spec with the values of this config."""
        found = self._family()
        self._flatten(found)
        for alias, named in found.aliases.items():
            if alias in self.values and self._goes_before(alias, named):
                self.values[named] = self.values[alias]
        head = self._head(found)
        spec = self._template(found)
        self._take(spec, found)
        if not self.problems:
            self._labels(found.labels)
            constants = {"head": head.word, "num_labels": self.labels}
            for pair in found.divides:
                self._divides(spec, *pair)
            if not self.problems and found.derive is not None:
                self.spec_let = spec.let
                constants.update(found.derive(self))
            if not self.problems and found.spans is not None:
                self.spec_let = spec.let
                count = self.value("num_hidden_layers")
                constants["spans"] = spans(self, found.spans, count)
            spec.let.update({key: value for key, value in constants.items() if key in spec.let})
        if self.problems:
            raise SpecError(self.problems)
        remark = found.remark(self) if found.remark is not None else ""
        if remark:
            self.note("config-remark", remark)
        self.outputs = head.outputs
        spec.name = _name(self.source, str(self.values["model_type"]))
        spec.config = self
        spec.expect = []
        spec.inputs = [one for one in spec.inputs if one.name not in head.without]
        spec.notes.extend(self.notes)
        return spec

    def _goes_before(self, alias: str, key: str) -> bool:
        """Whether the other name of a key is heard: the later one of the two is, and an old name always."""
        if alias in OLD_NAMES:
            return self.values[alias] is not None
        order = list(self.values)
        return key not in self.values or order.index(alias) > order.index(key)

    def _family(self) -> Family:
        values = self.values
        if values.get("auto_map"):
            kind = values.get("model_type")
            own = [f"without auto_map it is read as transformers' own {kind}"] if kind in tuple(MODULES) else []
            self.refuse(
                "config-code",
                "auto_map",
                "auto_map: this network is Python code beside the config, which is not run",
                ("cnncalc shapes modeling_NAME.py:Class reads the code itself", *own),
            )
        if "model_type" not in values:
            message = "a config without model_type does not say which network it is"
            self.refuse("config-family", "", message, ("add model_type", *_families()))
        kind = values["model_type"]
        found = family(kind) if isinstance(kind, str) else None
        if found is None:
            near = did_you_mean(str(kind), MODULES)
            parts = [
                f"its {key} is a {part['model_type']}, and is read as a config.json of its own"
                for key, part in values.items()
                if isinstance(part, dict) and part.get("model_type") in tuple(MODULES)
            ]
            self.refuse(
                "config-family",
                "model_type",
                f"model_type {json.dumps(kind)[:80]} is none of the families that are read",
                (*([f"did you mean {near}?"] if near and not parts else []), *parts, *_families()),
            )
        return found

    def _head(self, found: Family) -> Head:
        names = self.values.get("architectures")
        name = names[0] if isinstance(names, list) and names else None
        if names is not None and not isinstance(names, list):
            self.refuse("config-value", "architectures", "architectures must be a list of class names")
        if name is None:
            return next(iter(found.classes.values()))
        head = found.classes.get(name) if isinstance(name, str) else None
        if head is None:
            near = did_you_mean(str(name), found.classes)
            self.refuse(
                "config-class",
                "architectures",
                f"{json.dumps(name)[:80]} is no class of {self.values['model_type']} that is read",
                (*([f"did you mean {near}?"] if near else []), f"the classes are {', '.join(found.classes)}"),
            )
        return head

    def _template(self, found: Family) -> Spec:
        here = os.path.dirname(os.path.abspath(__file__))
        return _read_template(self.read_file, os.path.join(here, "specs", f"{found.spec}.yaml")).copy()

    def _flatten(self, found: Family) -> None:
        """The values of configs inside of the config under names of their own."""
        self.names: dict[str, str] = {}
        for key, prefix in found.nested.items():
            inner = self.values.get(key)
            if inner is None:
                continue
            if not isinstance(inner, dict):
                self.refuse("config-value", key, f"{key} must be a mapping")
            for name, value in inner.items():
                if not prefix and name in OF_THE_WHOLE:
                    continue
                self.values[prefix + name] = value
                self.names[prefix + name] = f"{key}.{name}"

    def _take(self, spec: Spec, found: Family) -> None:
        from cnncalc.read.yaml.value import Value

        numbers: list[str] = []
        for key, value in list(self.values.items()):
            shown = self.names.get(key, key)
            last = shown.rpartition(".")[2]
            if last in SQUARES and isinstance(value, list) and len(value) == 2 and value[0] == value[1]:
                value = value[0]
            if last in ("rope_parameters", "rope_scaling") and isinstance(value, dict):
                self._rope(spec, key, value, numbers)
                continue
            if key in found.only and value not in found.only[key]:
                usual = json.dumps(found.only[key][0])
                message = f"{shown} is {json.dumps(value)[:60]}, which makes other weights: {usual} is what is read"
                self.problem("config-option", shown, message)
                continue
            if last in ACTIVATION_KEYS and value is not None:
                self._activation(shown, value, numbers)
            if key in found.ignores or (found.spans is not None and key in KEYS):
                continue
            if found.aliases.get(key) in found.reads:  # read under its other name
                continue
            if key not in spec.let or (key in OWN and key not in found.reads):
                same = NUMBERS.get(key)
                if same is not None and value is not None and value not in same:
                    numbers.append(shown)
                continue
            default = spec.let[key]
            written = default.data if isinstance(default, Value) and default.kind == "scalar" else None
            worked_out = isinstance(written, str) and not default.quoted
            if value is None or (value == "auto" and key in found.nulls):
                if key in found.nulls:
                    spec.let[key] = Value("scalar", found.nulls[key], 1, 1, 1, found.nulls[key])
                elif not worked_out and written is not None:
                    self.problem("config-value", shown, f"{shown} is null, and needs a value")
                continue
            amiss = wrong(key, value, default, worked_out)
            if amiss:
                self.problem("config-value", shown, f"{shown} must be {amiss}, not {json.dumps(value)[:60]}")
                continue
            spec.let[key] = value
        if numbers:
            listed = ", ".join(dict.fromkeys(numbers))
            message = f"not modelled: {listed}; what comes out has other numbers, the same shapes and counts"
            self.note("config-unmodelled", message)

    def _rope(self, spec: Spec, key: str, value: dict[str, object], numbers: list[str]) -> None:
        """Rotary positions: the base and the part of a head that turns are constants, other kinds are named."""
        for name in ("rope_theta", "partial_rotary_factor"):
            found = value.get(name)
            if name in spec.let and isinstance(found, (int, float)) and not isinstance(found, bool):
                spec.let[name] = found
        if value.get("rope_type", value.get("type", "default")) != "default":
            numbers.append(self.names.get(key, key))

    def _activation(self, key: str, value: object, numbers: list[str]) -> None:
        if value in ACTIVATIONS:
            return
        if value in OTHER_ACTIVATIONS:
            numbers.append(key)
            return
        self.problem(
            "config-value",
            key,
            f"{key} {json.dumps(value)[:60]} is no activation that is read",
            suggestion(str(value), ACTIVATIONS, f"it may be {', '.join(ACTIVATIONS)}"),
        )

    def _labels(self, usual: int) -> None:
        """The number of classes: the length of id2label."""
        labels, count = self.values.get("id2label"), self.values.get("num_labels")
        if labels is not None and not isinstance(labels, (dict, list)):
            self.problem("config-value", "id2label", "id2label must be a mapping from numbers to names")
            labels = None
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or not 0 < count < LARGEST):
            self.problem("config-value", "num_labels", f"num_labels must be a whole number, not {json.dumps(count)}")
            count = None
        if labels is not None and count is not None and len(labels) != count:
            message = f"num_labels is {count}, but id2label has {len(labels)} classes"
            self.problem("config-contradicts", "num_labels", message)
        self.labels = len(labels) if labels is not None else count if count is not None else usual

    def value(self, key: str) -> Any:
        """A constant of the spec with the values of the config."""
        from cnncalc.expression.environment import constants

        return constants(self.spec_let, {})[0].values[key]

    def _divides(self, spec: Spec, whole: str, part: str) -> None:
        """Refuse a number of heads that does not divide what they share."""
        self.spec_let = spec.let
        size, heads = self.value(whole), self.value(part)
        for one, other in zip(as_list(size), as_list(heads), strict=False):
            if not isinstance(one, int) or not isinstance(other, int) or other == 0 or one % other:
                first, second = self.names.get(whole, whole), self.names.get(part, part)
                key = second if self.place(second) else first
                self.problem("config-contradicts", key, f"{first} = {one} is no multiple of {second} = {other}")
                return

    def relocate(self, error: SpecError) -> None:
        """What does not fit in the family's spec is a matter of this config, or of the shapes given for it."""
        for problem in error.problems:
            if problem.source is not None and problem.source.name != self.source.name:
                problem.source, problem.span = self.source, None
                problem.help = (f"the sizes of the config and of the inputs do not go together: {self.sizes}",)

    # --- after expansion -------------------------------------------------------------------------------------------

    def finish(self, graph: Graph, given: list[str], env: Environment) -> None:
        """Say on the graph where it came from, which outputs it has, what is tied, and which lengths were taken."""
        graph.format = "huggingface"
        graph.tied = env.values.get("tied", 0)
        self.sizes = ", ".join(f"{one.name} [{', '.join(map(str, one.shape))}]" for one in graph.inputs)
        where: dict[str, int] = {}
        for number, node in enumerate(graph.nodes, len(graph.inputs)):
            where[node.name.partition(".")[0]] = where[node.name] = number
        refs = [where[name] for name in self.outputs if name in where]
        if refs:
            graph.output = refs[0]
            graph.outputs = list(refs)
        said = {text.partition("=")[0] if "=" in text else graph.inputs[0].name for text in given if graph.inputs}
        taken = [f"{one.name} is [{', '.join(map(str, one.shape))}]" for one in graph.inputs if one.name not in said]
        if taken:
            names = [one.name for one in graph.inputs if one.name not in said]
            first = next(one for one in graph.inputs if one.name == names[0])
            sizes = "N" if len(first.shape) == 1 else "x".join(map(str, first.shape))
            graph.notes.append(
                Problem(
                    "config-input",
                    f"without -i the usual sizes are taken: {', '.join(taken)}",
                    help=f"-i {names[0]}={sizes} takes others",
                    severity="note",
                )
            )


@lru_cache(maxsize=4)  # many configs of one family are read one after the other
def _read_template(read_file: Callable[[str], Spec], path: str) -> Spec:
    """The spec of a family, which is part of the package: each config takes a copy of it."""
    return read_file(path)


def _families() -> list[str]:
    """The families in lines that fit on a terminal."""
    import textwrap

    return textwrap.wrap(f"the families are {', '.join(sorted(MODULES))}", 200, break_on_hyphens=False)


def _name(source: Source, kind: str) -> str:
    stem = os.path.splitext(os.path.basename(source.name))[0]
    return kind if stem in ("config", "<stdin>", "<spec>") or stem.startswith("<") else stem
