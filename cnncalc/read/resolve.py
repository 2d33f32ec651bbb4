"""What NET names: a chain, standard input, a file with what it builds on, or a bundled spec. Text becomes a `Spec`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from cnncalc.bundled import SUFFIXES, bundled, bundled_path, nearest, specs_folder
from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.problem import Problem, Source, Span, SpecError, fail, reset_suggestions, suggestion
from cnncalc.read.formats import FILES
from cnncalc.spec.entries.chain_text import is_chain
from cnncalc.spec.entries.entry import again
from cnncalc.spec.model import Block, Spec
from cnncalc.spec.read import Reader
from cnncalc.spec.reads import entries_of
from cnncalc.spec.words.convention import adopt
from cnncalc.spec.words.said import UNSAID, Said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.read.yaml.value import Value

# Specs that build on each other, or stand as blocks in each other.
MOST_FILES = 60


def resolve(net: str, said: Said = UNSAID) -> Spec:
    """The spec that NET names. Raises `SpecError`."""
    reset_suggestions()
    if net == "-":
        return read_any(_standard_input(), "stdin", said)
    if ".py" in (small := net[:4096].lower()) or small.endswith(tuple(FILES)):
        from cnncalc.read.detect import read_named

        found = read_named(net)
        if found is not None:
            return found
    exists = len(net) < 4096 and "\n" not in net and os.path.exists(net)
    if is_chain(net) and net.strip(" \n->→=|") and not exists:
        from cnncalc.read.chain import read_chain

        return read_chain(net, said)
    if exists and not (os.path.isdir(net) and bundled_path(net)):
        return read_file(net, said)
    path = bundled_path(net)
    if path is not None:
        return read_file(path, said)
    _no_such(net)


def read_any(source: Source, name: str, said: Said = UNSAID) -> Spec:
    """A text of which only the content says what it is: a spec, PyTorch source, a printed model, a table."""
    return _other_format(source) or read_loose(source, name, said)


def _other_format(source: Source, path: str = "") -> Spec | None:
    """A text that is no spec by what it says; the words that make a closer look worth while are rare in specs."""
    text = source.text
    config = _config(source)
    if config is not None:
        return config
    if "torch" in text or "nn." in text or "): " in text or '"class_name"' in text or "Layer (type" in text:
        from cnncalc.read.detect import read_text

        found = read_text(source, path)
        if found is not None:
            return found
    if ("Error" in text or "mat1 and mat2" in text) and "layers:" not in text:
        _no_message(text, path)
    return None


def _no_message(text: str, path: str) -> None:
    """Refuse what is an error message, with the command that reads it."""
    from cnncalc.read.errors import meanings

    if next(meanings(text), None) is not None:
        fail("not-a-spec", "this is an error message, and no network", help=f"cnncalc why - < {path or 'FILE'}")


def _config(source: Source) -> Spec | None:
    """A text that is a model's `config.json`."""
    if not source.text[:64].lstrip().startswith("{"):
        return None
    from cnncalc.read.huggingface.written import is_config

    if not is_config(source.text):
        return None
    from cnncalc.read.huggingface.config import read_config

    return read_config(source, read_file)


def _standard_input() -> Source:
    from cnncalc.read.yaml.text_file import decode

    if sys.stdin is None:
        fail("file-unreadable", "standard input is closed", help="cat net.yaml | cnncalc shapes -")
    return decode(sys.stdin.buffer.read(64 * 1024 * 1024 + 1), "<stdin>")


class Load:
    """The specs that one NET builds on, by their paths: each is read once, also one that cannot be read."""

    def __init__(self, path: str) -> None:
        self.open = [os.path.abspath(path)]  # each names the next
        self.specs: dict[str, Spec | SpecError] = {}

    def full(self) -> bool:
        """Whether no further file may be read."""
        return len(self.open) + len(self.specs) >= MOST_FILES

    def get(self, path: str, said: Said) -> Spec:
        """The spec of a file. Raises `SpecError`."""
        if path not in self.specs:
            self.open.append(path)
            try:
                self.specs[path] = read_file(path, said, self)
            except SpecError as error:
                self.specs[path] = error
            finally:
                self.open.pop()
        found = self.specs[path]
        if isinstance(found, SpecError):
            raise found
        return found


def read_file(path: str, said: Said = UNSAID, load: Load | None = None) -> Spec:
    """The spec of a YAML file, with what it takes over from its `base`."""
    from cnncalc.read.yaml.text_file import read_text

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in (*SUFFIXES, ".json", ".txt", "") and not os.path.isdir(path):
        fail(
            "unknown-format",
            f'"{path}" is of no format that is read here',
            help="what is read: specs (.yaml, .yml), PyTorch source (.py), .onnx, .keras, a .json of Keras or "
            "Hugging Face, printed models (.txt)",
        )
    source = read_text(path)
    if suffix not in SUFFIXES:
        other = _other_format(source, path)
        if other is not None:
            return other
    return read_as(source, path, said, load)


def read_as(source: Source, path: str, said: Said = UNSAID, load: Load | None = None) -> Spec:
    """The spec of a text that stands for a file, saved or not, with what it takes over from its `base`."""
    load = load or Load(path)
    spec = read(source, os.path.splitext(os.path.basename(path))[0], said, load)
    spec.folder = os.path.dirname(os.path.abspath(path))
    if said.layout and not spec.written_layout and _ships(spec.folder):
        spec.written_layout = "channels_last" if spec.convention == "keras" else "channels_first"
    return _built(spec, load)


def _built(spec: Spec, load: Load) -> Spec:
    """The spec with what it takes over from its base, and the specs that stand as blocks in it."""
    if spec.base is not None:
        _take_over(spec, _named(spec, *spec.base, load))
    for entry in spec.nets:
        entry.net = _named(spec, str(entry.keys["net"].data), entry.span, load)
    return spec


def _ships(folder: str) -> bool:
    """Whether a folder is that of the bundled specs, or in it."""
    home = os.path.abspath(specs_folder())
    return os.path.commonpath([home, folder]) == home


def _named(spec: Spec, name: str, span: Span, load: Load) -> Spec:
    """A spec that another one builds on: a bundled one, or one in the same folder."""
    here = load.open[-1]
    beside = os.path.join(os.path.dirname(here), name if name.endswith(SUFFIXES) else name + ".yaml")
    found = beside if os.path.isfile(beside) and os.path.abspath(beside) != here else bundled_path(name)
    if found == beside:
        from cnncalc.read.yaml.text_file import outside, within

        if within(os.path.dirname(here), os.path.basename(beside)) is None:
            raise SpecError([*spec.problems, outside(name, spec.source, span)])
    if found is None or os.path.abspath(found) in load.open or os.sep in name:
        problem = Problem(
            "unknown-base",
            f'there is no spec "{name}" to build on',
            source=spec.source,
            span=span,
            help=suggestion(name, bundled(), "base names a bundled spec, or a file in the same folder"),
        )
        raise SpecError([*spec.problems, problem])
    path = os.path.abspath(found)
    if path not in load.specs and load.full():
        text = f"more than {MOST_FILES} specs build on each other, the last one {name}"
        raise SpecError([*spec.problems, Problem("too-many-files", text, source=spec.source, span=span)])
    try:
        return load.get(path, spec.said)
    except SpecError as error:
        raise SpecError([*spec.problems, *error.problems]) from None


def _take_over(spec: Spec, base: Spec) -> None:
    """Fill in what a spec does not say itself from the spec it names as its base.

    A thin one only sets constants of the base; one with layers or blocks of its own may have constants of its own.
    """
    assert spec.base is not None
    thin = not (spec.layers or spec.blocks)
    if not thin:
        for part in (spec, base):
            for entry in entries_of(part):
                entry.source = entry.source or part.source
    unknown = [key for key in spec.let if thin and key not in base.let and key not in base.symbols]
    for key in unknown:
        spec.problems.append(
            Problem(
                "unknown-setting",
                f'{spec.base[0]} has no constant "{key}"',
                source=spec.source,
                span=spec.let[key].span(),
                help=suggestion(key, base.let, f"let defines {', '.join(base.let)}"),
            )
        )
    if thin:
        own = [*spec.let.values(), *([spec.values] if spec.values is not None else [])]
        spec.thin = (spec.source, frozenset(id(value) for value in own))
    spec.problems[:0] = base.problems
    spec.choices = {**{name: some for name, some in base.choices.items() if name not in spec.let}, **spec.choices}
    spec.let = {**base.let, **spec.let}
    free = [name for name in base.symbols if name not in spec.let]
    spec.symbols = [*free, *(name for name in spec.symbols if name not in free)]
    if not spec.inputs:
        spec.inputs, spec.written_layout = base.inputs, spec.written_layout or base.written_layout
    layers, blocks = base.layers, base.blocks
    if spec.convention_said not in (None, base.convention):  # in other words than where the base stands by itself
        layers = again(layers)
        blocks = {name: block._replace(body=again(block.body)) for name, block in blocks.items()}
    spec.layers = spec.layers or layers
    spec.blocks = {**blocks, **spec.blocks}
    spec.values = spec.values or base.values
    spec.freeze = [*base.freeze, *spec.freeze]
    spec.lora = spec.lora or base.lora
    spec.defaults = {**base.defaults, **spec.defaults}
    spec.layout = base.layout if spec.layout == "channels_first" else spec.layout
    spec.layout_said = spec.layout_said or base.layout_said
    if thin:
        spec.source = base.source
    adopt(spec, base)


def read_loose(source: Source, name: str, said: Said = UNSAID, tree: Value | None = None) -> Spec:
    """The spec of a text that is in no file (or of its tree), with what it takes over from its `base`."""
    reset_suggestions()
    load = Load(name)
    return _built(read(source, name, said, load, tree), load)


@gc_paused()
def read(source: Source, name: str, said: Said, load: Load, tree: Value | None = None) -> Spec:
    problems: list[Problem] = []
    if tree is None:
        from cnncalc.read.yaml.source import read_yaml

        tree, problems = read_yaml(source)

    def blocks_of(base: str, span: Span) -> Mapping[str, Block]:
        """The blocks of a base; none where it cannot be read, which is said once the text is read."""
        try:
            return _named(Spec(source, said), base, span, load).blocks
        except SpecError:
            return {}

    reader = Reader(source, said, blocks_of)
    spec = reader.spec
    for problem in problems:
        (spec.problems if problem.severity == "error" else spec.notes).append(problem)
    reader.read(tree)
    spec.notes.extend(problem for problem in spec.problems if problem.severity != "error")
    spec.problems[:] = [problem for problem in spec.problems if problem.severity == "error"]
    spec.name = spec.name or name
    return spec


def set_file(path: str, spec: Spec) -> dict[str, Any]:
    """The values that a YAML or JSON mapping has for names in `let`; what else it says is noted in the spec."""
    from cnncalc.read.yaml.source import read_yaml
    from cnncalc.read.yaml.text_file import read_text
    from cnncalc.spec.config import taken

    source = read_text(path)
    tree, problems = read_yaml(source)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise SpecError(errors)
    if tree.kind != "map":
        fail("set-file-form", f'"{path}" holds no names with values', help="write one NAME: VALUE per line")
    found, notes = taken(tree, source, spec)
    if not found and not any(note.code == "set-file" for note in notes):
        message = f'"{path}" sets nothing that {spec.name} has'
        fail("set-file-form", message, help=f"let defines {', '.join(spec.let)}" if spec.let else "the spec has no let")
    spec.notes.extend([*problems, *notes])
    return found


def _no_such(net: str) -> NoReturn:
    near = nearest(net)
    suffix = os.path.splitext(net)[1].lower()
    if suffix in SUFFIXES or os.sep in net:
        from cnncalc.read.yaml.text_file import read_text

        read_text(net)
    fail("unknown-net", f'there is no file "{net}" and no bundled network of that name', help=_meant(net, near))


def _meant(net: str, near: str | None) -> str:
    """What to write for a NET that is none."""
    import re

    sizes = re.findall(r"\d+", net) if re.fullmatch(r"[\[(\s]*\d+([\s,xX×*@-]+\d+)*[\])\s]*", net) else []
    if len(sizes) > 1 and re.search(r"\d\s*[,-]\s*\d", net):
        layers = " -> ".join(f"Linear(out_features={size})" for size in sizes[1:4])
        return f'layers stand behind an arrow, in quotes: "{sizes[0]} -> {layers}"'
    if sizes or " " in net.strip():
        first = net.strip() if sizes else "3x64x64"
        return f'layers stand behind an arrow, in quotes: "{first} -> Conv2d(out_channels=16, kernel_size=3)"'
    return f"did you mean {near}?" if near else "cnncalc specs lists the bundled networks"
