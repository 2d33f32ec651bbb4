"""A value tree -> Spec: the top-level keys, each checked and put into its one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.problem import Source, Span, SpecError, did_you_mean, suggestion
from cnncalc.expression.syntax import parse_call
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.spec.entries.forms import EntryReader
from cnncalc.spec.model import Block, Expectation, InputSpec, Spec
from cnncalc.spec.terms import PLAIN, Terms, is_long, read_terms
from cnncalc.spec.words.convention import settle
from cnncalc.spec.words.said import CONVENTIONS, LAYOUTS, SPOKEN, UNSAID, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cnncalc.read.yaml.value import Value

KEYS = (
    "name", "input", "inputs", "let", "symbols", "define", "layers", "values", "expect", "layout", "base", "convention",
    "mode", "freeze", "lora", "defaults",
)  # fmt: skip
MEANT = {
    **dict.fromkeys(("input_shape", "input_size", "in", "image"), "input"),
    **dict.fromkeys(("model", "net", "layer", "architecture", "modules", "body"), "layers"),
    **dict.fromkeys(("answers", "solution", "checks", "tests"), "expect"),
    **dict.fromkeys(("parameters", "params", "settings", "config"), "let"),
}
SYNONYMS = {"vars": "let", "variables": "let", "constants": "let", "expected": "expect", "network": "layers"}
MODES = {"eval": False, "inference": False, "train": True, "training": True}


class Reader:
    """Reads the top level of one file."""

    def __init__(
        self, source: Source, said: Said = UNSAID, blocks_of: Callable[[str, Span], Mapping[str, Block]] | None = None
    ) -> None:
        self.source = source
        self.blocks_of = blocks_of  # the blocks of a base, by its name and where that stands
        self.spec = Spec(source, said)
        self.defined: dict[str, object] = {}
        self.entries = EntryReader(source, self.spec.problems, self.defined)
        self.entries.nets = self.spec.nets

    def read(self, tree: Value) -> Spec:
        """The spec of a whole file; mistakes are noted in `spec.problems`."""
        spec = self.spec
        if tree.kind == "list":
            spec.layers = self.entries.entries(tree)
            settle(spec)
            return spec
        if tree.kind != "map":
            self.entries.problem(
                "not-a-spec",
                "this is no spec",
                tree,
                "a spec has the keys input and layers: input: [3, 64, 64]",
            )
            raise SpecError(spec.problems)
        found: dict[str, tuple[Value, Value]] = {}
        for key, value in tree.data:
            name = key.data if key.data in KEYS else SYNONYMS.get(key.data, key.data)
            if name not in KEYS:
                self._unknown(key)
            found[name] = (key, value)
        self._look_ahead(found)
        if "base" in found and self.blocks_of is not None and {"define", "layers"} & set(found):
            base = found["base"][1]
            blocks = self.blocks_of(str(base.data), base.span())
            self.defined.update({name: block.params for name, block in blocks.items()})
            spec.inherited = frozenset(blocks)
        if "define" in found:
            self._define(found["define"][1])
        for name, (key, value) in found.items():
            method = getattr(self, f"_read_{name}", None) or getattr(self, f"read_{name}", None)
            if method is not None:
                method(key, value)
        meant = any("did you mean layers?" in problem.help for problem in spec.problems)
        if "layers" not in found and "base" not in found and not meant:
            self.entries.problem(
                "missing-key", "the spec has no layers", Span(1, 1), "add layers: and a list, - Conv2d(3, 16, 3)"
            )
        settle(spec)
        return spec

    def _look_ahead(self, found: dict[str, tuple[Value, Value]]) -> None:
        """The axes of the only input, before the layers are read: suggestions know them."""
        from cnncalc.spec.entries.suggestions import rank_of

        given = [found[name][1] for name in ("input", "inputs") if name in found]
        if len(given) == 1 and given[0].kind == "map":
            inner = [item for part, item in given[0].data if part.data == "shape" or len(given[0].data) == 1]
            given = inner[:1]
        if len(given) == 1 and given[0].kind != "map":
            self.entries.rank = rank_of(given[0])

    def _unknown(self, key: Value) -> None:
        near = MEANT.get(key.data) or did_you_mean(key.data, KEYS)
        hint = f"did you mean {near}?" if near else f"the keys are {', '.join(KEYS)}"
        if self.entries.knows(key.data):
            hint = "layers stand in a list under layers: - " + key.data
        self.entries.problem("unknown-key", f'a spec has no key "{key.data}"', key, hint)

    def _read_name(self, key: Value, value: Value) -> None:
        self.spec.name = str(value.data if value.data is not None else "") if value.kind == "scalar" else ""

    def _read_base(self, key: Value, value: Value) -> None:
        self.spec.base = (str(value.data), value.span())

    def _read_layout(self, key: Value, value: Value) -> None:
        word = str(value.data).lower()
        if word not in LAYOUTS:
            near = SPOKEN.get(word) or did_you_mean(word, LAYOUTS)
            self.entries.problem(
                "option-value",
                f"layout must be channels_first or channels_last, not {value.text}",
                value,
                f"did you mean {near}?" if near else (),
            )
            return
        if self.spec.said.layout is not None:
            self.spec.written_layout = word
            return
        self.spec.layout = word
        self.spec.layout_said = True

    def _read_convention(self, key: Value, value: Value) -> None:
        word = str(value.data).lower()
        if word not in CONVENTIONS:
            near = SPOKEN.get(word) or did_you_mean(word, CONVENTIONS)
            self.entries.problem(
                "option-value",
                f"convention must be pytorch, keras or textbook, not {value.text}",
                value,
                f"did you mean {near}?" if near else (),
            )
            return
        if self.spec.said.convention is None:
            self.spec.convention_said = word

    def _read_mode(self, key: Value, value: Value) -> None:
        word = str(value.data).lower()
        if word not in MODES:
            self.entries.problem(
                "option-value", f"mode must be train or eval, not {value.text}", value, suggestion(word, MODES)
            )
            return
        self.spec.training = MODES[word]

    def _read_freeze(self, key: Value, value: Value) -> None:
        items = value.data if value.kind == "list" else [value]
        for item in items:
            if item.kind != "scalar" or not isinstance(item.data, str):
                self.entries.problem("option-value", "freeze takes names of layers, or patterns of them", item)
                continue
            self.spec.freeze.append((item.data, item.span(), self.source))

    def _read_defaults(self, key: Value, value: Value) -> None:
        from cnncalc.spec.defaults import read_defaults

        self.spec.defaults = read_defaults(self.entries, value)

    def _read_lora(self, key: Value, value: Value) -> None:
        found = {part.data: item for part, item in value.data} if value.kind == "map" else {}
        rank, on = found.get("r"), found.get("on")
        names = [] if on is None else on.data if on.kind == "list" else [on]
        size = rank.data if rank is not None and rank.kind == "scalar" and type(rank.data) is int else 0
        good = set(found) == {"r", "on"} and size > 0
        if not good or not names or any(type(name.data) is not str for name in names):
            text = "lora takes a rank and the layers whose matrices get one"
            self.entries.problem("option-value", text, value, "lora: {r: 16, on: [q_proj, v_proj]}")
            return
        self.spec.lora = (size, tuple(name.data for name in names), key.span(), self.source)

    def _read_input(self, key: Value, value: Value) -> None:
        if value.kind == "map" and not any(part.data == "shape" for part, _ in value.data):
            self._read_inputs(key, value)
            return
        self._one_input("input", value)

    def _read_inputs(self, key: Value, value: Value) -> None:
        if value.kind == "map":
            for name, shape in value.data:
                self._one_input(name.data, shape)
        elif value.kind == "list" and value.data and all(part.kind == "map" for part in value.data):
            for part in value.data:
                for name, shape in part.data:
                    self._one_input(name.data, shape)
        else:
            self._one_input("input", value)

    def _one_input(self, name: str, value: Value) -> None:
        shape, dtype = value, "float"
        if value.kind == "map":
            parts = {key.data: item for key, item in value.data}
            for key, _ in value.data:
                if key.data not in ("shape", "dtype"):
                    self.entries.problem(
                        "unknown-key",
                        f'an input has no key "{key.data}"',
                        key,
                        suggestion(key.data, ("shape", "dtype"), "its keys are shape and dtype"),
                    )
            if "shape" not in parts:
                self.entries.problem("missing-key", f"{name} has no shape", value, "write {shape: [3, 64, 64]}")
                return
            shape = parts["shape"]
            if "dtype" in parts:
                dtype = "int" if str(parts["dtype"].data).lower().startswith(("int", "long", "uint")) else "float"
        if any(given.name == name for given in self.spec.inputs):
            self.entries.problem("duplicate-name", f'there are two inputs called "{name}"', value)
            return
        self.spec.inputs.append(InputSpec(name, shape, dtype, shape.span()))

    def _read_let(self, key: Value, value: Value) -> None:
        if value.kind == "scalar" and value.data is None:
            return
        if value.kind != "map":
            self.entries.problem("let-form", "let holds names with values", value, "write let: {width: 64}")
            return
        for name, item in value.data:
            if not name.data.isidentifier():
                self.entries.problem("bad-name", f'"{name.data}" cannot be a name in expressions', name)
            self.spec.let[name.data] = self._chosen(name.data, item)

    def _chosen(self, name: str, item: Value) -> Value:
        """A constant; of `{from: [3, 5, 7]}` the first, and the others are what variants of an exercise draw from."""
        if item.kind != "map" or [key.text for key, _ in item.data] != ["from"]:
            return item
        given: Value = item.data[0][1]
        if given.kind != "list" or not given.data or any(one.kind == "map" for one in given.data):
            self.entries.problem("let-form", f'"{name}" is drawn from a list of values', given, "write from: [3, 5, 7]")
            return given
        self.spec.choices[name] = list(given.data)
        first: Value = given.data[0]
        return first

    def _read_symbols(self, key: Value, value: Value) -> None:
        items = value.data if value.kind == "list" else [value]
        for item in items:
            for name in str(item.data if item.kind == "scalar" else item.text).replace(",", " ").split():
                if not name.isidentifier():
                    self.entries.problem("bad-name", f'"{name}" cannot be a name in expressions', item)
                elif name not in self.spec.symbols:
                    self.spec.symbols.append(name)

    def _read_values(self, key: Value, value: Value) -> None:
        self.spec.values = value

    def _read_layers(self, key: Value, value: Value) -> None:
        self.spec.layers = self.entries.entries(value)

    def _define(self, value: Value) -> None:
        if value.kind == "scalar" and value.data is None:
            return
        if value.kind != "map":
            self.entries.problem("define-form", "define holds blocks", value, "write define: {block(width): [...]}")
            return
        headers: list[tuple[str, list[tuple[str, object]], Value, Value]] = []
        for key, body in value.data:
            try:
                call = parse_call(key.data)
            except ExpressionFault as fault:
                self.entries.problem(fault.code, fault.message, key, fault.help)
                continue
            if call is None or "." in call.name:
                self.entries.problem("define-form", f'"{key.data}" is no block', key, "write block(width, stride=1):")
                continue
            params: list[tuple[str, object]] = []
            for argument in call.args:
                if not argument.text.isidentifier():
                    self.entries.problem("define-form", f'"{argument.text}" is no parameter name', key)
                params.append((argument.text, None))
            params.extend(call.kwargs)
            self.defined[call.name] = params
            headers.append((call.name, params, key, body))
        for name, params, key, body in headers:
            self.spec.blocks[name] = Block(name, params, self.entries.body(body), key.span())

    # --- expect ----------------------------------------------------------------------------------------------------

    def read_expect(self, key: Value, value: Value) -> None:
        """The expectations of `expect`, or of an answer sheet."""
        if value.kind == "map":
            for name, item in value.data:
                self._expectation(name, item)
        elif value.kind == "list":
            for item in value.data:
                if item.kind == "map":
                    for name, inner in item.data:
                        self._expectation(name, inner)
                else:
                    self._equation(item)
        elif value.data is not None:
            self._equation(value)

    def _expectation(self, name: Value, item: Value) -> None:
        text = name.data
        if item.kind == "map" and is_long(text, item):
            value, terms = read_terms(item, self._complain)
            self._add(text, value, name, terms)
            return
        if item.kind == "map":
            for key, inner in item.data:
                self._add(f"{text}.{key.data}", inner, key)
            return
        self._add(text, item, name)

    def _equation(self, item: Value) -> None:
        """`conv1.params = 448` as one text."""
        text = str(item.data)
        for sign in ("==", "="):
            left, found, right = text.partition(sign)
            if found and left.strip() and not left.rstrip().endswith(("<", ">", "!")):
                from cnncalc.read.yaml.value import Value as Made

                offset = text.index(right) if right else 0
                value = Made("scalar", right.strip(), item.line, item.column + offset, len(right), right.strip())
                self._add(left.strip(), value, item)
                return
        self.entries.problem("expect-form", f'"{text}" expects nothing', item, "write conv1.params: 448")

    def expect_output(self, shape: str, span: Span) -> None:
        """Expect a shape of the output, written at the end of a chain."""
        from cnncalc.read.yaml.value import Value as Made

        text = f"[{shape}]" if shape.isdigit() else shape
        value = Made("scalar", text, span.line, span.column, span.length, shape)
        self._add("output.shape", value, value)

    def _complain(self, message: str, at: Value, help: str | tuple[str, ...]) -> None:
        self.entries.problem("expect-form", f"expect: {message}", at, help)

    def _add(self, text: str, value: Value, at: Value, terms: Terms = PLAIN) -> None:
        self.spec.expect.append(Expectation(text, value, at.span(), self.source, terms))
