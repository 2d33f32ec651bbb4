"""A Python file as a network: the model is chosen, made and its forward followed with the sizes of the input."""

from __future__ import annotations

import ast
import contextlib

from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Problem, Source, Span, SpecError, fail
from cnncalc.network.graph import Graph, Input
from cnncalc.read.python.files.choose import choose
from cnncalc.read.python.files.follow import follow_guard
from cnncalc.read.python.files.followed import Followed, placed, too_deep
from cnncalc.read.python.files.parse import deep
from cnncalc.read.python.files.written import Written
from cnncalc.read.python.given_sizes import add, gathered, sizes_of, takes
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.apply import Stop
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.layers.uncalled import reset, uncalled
from cnncalc.read.python.outcome import about_batches, samples_of, tensors_in
from cnncalc.read.python.packages.packages import Packages
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Tensor, Tracer
from cnncalc.read.python.values import MISSING, Args, Bound, File, Function, Kwargs, Refused, Unknown


class PythonModel:
    """A model of a Python file; `graph` follows its forward, `counts` only lists its weights."""

    format = "python"

    def __init__(self, source: Source, path: str = "", wanted: str = "", followed: Followed | None = None) -> None:
        self.source = source
        self.path = path
        self.wanted = wanted
        self.notes: list[Problem] = []
        self.found: list[Problem] = []  # notes of the last trace
        self.whole_batches = True  # whether each sample of the input is one of the output
        self.written: Written | None = None  # what the statements gave, where somebody asks
        self.entered: set[ast.AST] = set()  # the functions that were called to make it
        self._followed = followed
        self._model: Module | None = None
        self._packages: Packages | None = None
        self._file: File | None = None
        self._names: dict[str, object] | None = None  # of the file's top level: several networks may be made of one

    # --- the model -------------------------------------------------------------------------------------------------

    def model(self) -> Module:
        """The model, made once. Raises `SpecError`."""
        if self._model is None:
            with deep(), gc_paused():
                self._model = self._made()
        return self._model

    def _made(self) -> Module:
        followed = self._followed or Followed(self.source, self.path)
        self._packages, self._file = followed.packages, followed.file
        followed.begin()
        if self.written is not None:
            self.written = Written(followed.file)
        followed.run.written = self.written
        try:
            model = choose(followed.run, followed.file, self.wanted, self.path or self.source.name)
            modules.number(model)
            _refuse_hidden(model)
        except Refused as refused:
            raise SpecError([self.problem(refused)]) from None
        except RecursionError:
            raise SpecError([too_deep(self.source)]) from None
        finally:
            followed.run.written = None
        self.entered, self._names = set(followed.run.entered), dict(followed.file.scope.names)
        return model

    def problem(self, refused: Refused) -> Problem:
        """A refusal at its place."""
        return placed(refused, self.source)

    @property
    def name(self) -> str:
        """The name of the network: that of the model's class, or of the file."""
        model = self.model()
        if model.cls is not None:
            return model.cls.name
        return self._file.name if self._file is not None else "model"

    # --- what forward takes ----------------------------------------------------------------------------------------

    def forward_inputs(self) -> tuple[list[str], list[str]]:
        """The names that forward needs, and those that have a default."""
        model = self.model()
        forward: object = MISSING if model.cls is None else model.cls.find("forward")
        forward = model.attrs.get("forward", forward)
        if isinstance(forward, Bound):
            forward = forward.function
        if isinstance(forward, Function):
            names = forward.node.args
            every = [argument.arg for argument in (*names.posonlyargs, *names.args)][1:]
            needed = every[: len(every) - len(forward.defaults)]
            optional = [*every[len(needed) :], *(argument.arg for argument in names.kwonlyargs)]
            if not needed and names.vararg is not None:
                needed = [names.vararg.arg]
            return needed, optional
        from cnncalc.read.python.layers.calls import SIGNATURES

        known = SIGNATURES.get(model.kind)
        if known:
            first = {"MultiheadAttention": 3, "Bilinear": 2, "CosineSimilarity": 2}.get(model.kind, 1)
            return known.split()[:first], known.split()[first:]
        return ["input"], []

    def example(self) -> list[tuple[int, ...]] | None:
        """The sizes that the file itself gives its model, without the batch."""
        model = self.model()
        held = modules.find(model, "example_input_array")
        value = held[0] if held is not None else MISSING
        shown = samples_of(value if isinstance(value, (tuple, list)) else [value])
        if shown is not None:
            return shown
        packages, file = self._packages, self._file
        assert packages is not None and file is not None
        if not packages.examples:
            with deep(), contextlib.suppress(Refused, RecursionError):
                follow_guard(packages.interpreter, file)
            self._names = dict(file.scope.names)
        for made, tensors in packages.examples:
            same = made is model or (made.cls is not None and made.cls is model.cls)
            shown = samples_of(tensors) if same else None
            if shown is not None:
                return shown
        return None

    # --- the graph -------------------------------------------------------------------------------------------------

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """The network for inputs of these shapes, as they are written; raises `SpecError` where it cannot be."""
        self.notes = []
        shapes = self._shapes(texts)
        with deep(), gc_paused():
            graph, problem = self.trace(shapes)
        if problem is not None:
            from cnncalc.network.propagate import propagate
            from cnncalc.network.report import Report

            raised: SpecError | None = None
            partial: object = None
            try:
                partial = propagate(graph)
            except SpecError as error:
                raised, partial = error, error.partial
            problems = [*(raised.problems if raised is not None else []), problem]
            raise SpecError(problems, partial if isinstance(partial, Report) and partial.rows else None)
        self.notes += self.found
        return graph, []

    def _shapes(self, texts: list[str]) -> dict[str, tuple[int, ...]]:
        needed, optional = self.forward_inputs()
        found: dict[str, tuple[int, ...]] = {}
        for word in texts:
            name, equals, written = word.partition("=")
            if not equals:
                free = [known for known in needed if known not in found] or [k for k in optional if k not in found]
                if not free:
                    helps = [takes(needed, optional)]
                    if len(needed) == 1:
                        helps.append(f"for a list, the name each time: -i {needed[0]}=... -i {needed[0]}=...")
                    fail("unknown-name", f'there is no input for "{word}"', help=helps)
                name, written = free[0], word
            elif name not in needed and name not in optional:
                fail("unknown-name", f'forward has no input "{name}"', help=takes(needed, optional))
            add(found, name, sizes_of(written, name))
        missing = [name for name in needed if name not in found and f"{name}.0" not in found]
        if missing and not found:
            given = self.example()
            if given is not None and len(given) >= len(needed):
                found = dict(zip(needed, given, strict=False))
                said = ", ".join(f"{n} {'x'.join(map(str, s)) or '1'}" for n, s in found.items())
                self._note("python-size", f"the input is taken from the file: {said}")
                return found
        if missing:
            if not found and len(needed) == 1:
                from cnncalc.read.python.sizing import sized

                with deep():
                    return sized(self, needed[0])
            shown = " ".join(f"-i {name}=..." for name in missing)
            message = f"the size of {' and '.join(missing)} is not known: forward takes {', '.join(needed)}"
            help = f"give it without the batch axis: {shown}"
            span = self._forward_span()
            raise SpecError([Problem("python-input", message, source=self.source, span=span, help=help)])
        return found

    def _forward_span(self) -> Span | None:
        forward = self._own_forward()
        if forward is not None and forward.file.source is self.source:
            node = forward.node
            length = len("lambda" if isinstance(node, ast.Lambda) else f"def {node.name}")
            return Span(node.lineno, node.col_offset + 1, length)
        return None

    def _note(self, code: str, message: str) -> None:
        self.notes.append(Problem(code, message, source=self.source, severity="note"))

    def trace(self, shapes: dict[str, tuple[int, ...]]) -> tuple[Graph, Problem | None]:
        """Follow forward; the graph as far as it came, and what stopped it."""
        model = self.model()
        packages = self._packages
        assert packages is not None
        run = packages.interpreter
        reset(model)
        inputs = [Input(name, tuple(shape)) for name, shape in shapes.items()]
        graph = Graph(self.name, inputs)
        graph.source = self.source
        graph.format = self.format
        packages.tracer = Tracer(graph)
        packages.broken, packages.remarks = False, []
        self.found = []
        run.steps, run.depth = 0, 0
        run.frames.clear()
        needed, _ = self.forward_inputs()
        tensors = {name: Tensor((Size(1), *shape), index) for index, (name, shape) in enumerate(shapes.items())}
        for tensor in tensors.values():
            tensor.strides = packed(tensor.dims)
        problem: Problem | None = None
        packages.active = True
        run.file = self._file
        if self._names is not None and self._file is not None:
            self._file.scope.names.clear()
            self._file.scope.names.update(self._names)
        if self.written is not None:
            self.written.shapes.clear()
            run.written = self.written
        try:
            star = self._star(needed)
            named = star or model.cls is None
            args: Args = [*tensors.values()] if star else [tensors[n] for n in needed if n in tensors and named]
            kwargs: Kwargs = {} if named else {**gathered(tensors)}
            node = ast.copy_location(ast.Call(ast.Name("model", ast.Load()), [], []), _anchor(self._file))
            result = packages.call_module(model, args, kwargs, node)
            self._finish(graph, result)
        except Stop:
            pass
        except Refused as refused:
            problem = self.problem(refused)
        except RecursionError:
            problem = too_deep(self.source)
        finally:
            packages.active = False
            run.written = None
            run.frames.clear()
            run.depth = 0
            packages.tracer.path = ""
        if problem is None and not packages.broken:
            uncalled(model, graph)
            for code, message, origin in packages.remarks:
                self.found.append(Problem(code, message, source=origin.source, span=origin.span, severity="warning"))
        taken = {
            ref for part in graph.nodes if part.layer is not None and _reads_tokens(part.layer) for ref in part.inputs
        }
        graph.inputs[:] = [
            given._replace(dtype="int") if index in taken else given for index, given in enumerate(graph.inputs)
        ]
        return graph, problem

    def _star(self, needed: list[str]) -> bool:
        forward = self._own_forward()
        star = forward.node.args.vararg if forward is not None else None
        return star is not None and needed == [star.arg]

    def _own_forward(self) -> Function | None:
        """The forward of the model's class."""
        model = self.model()
        found = model.cls.find("forward") if model.cls is not None else None
        return found if isinstance(found, Function) else None

    def _finish(self, graph: Graph, result: object) -> None:
        found = tensors_in(result)
        if not found:
            if isinstance(result, Unknown):
                result.refuse("what forward returns", result.node)
            raise Refused("python-no-output", "forward returns no tensor", None)
        packages = self._packages
        assert packages is not None
        graph.outputs = [packages.tracer.ref(tensor) for tensor in found]
        graph.output = graph.outputs[0]
        self.whole_batches, remarks = about_batches(found)
        for message in remarks:
            self.found.append(Problem("python-axes", message, source=self.source, severity="warning"))

    # --- counts alone ----------------------------------------------------------------------------------------------

    def counts(self) -> Graph:
        """The weights of all modules, without shapes: what PyTorch counts."""
        model = self.model()
        reset(model)
        graph = Graph(self.name, [])
        graph.source = self.source
        graph.format = self.format
        for path, part in modules.modules(model):
            if modules.is_lazy(part):
                message, help = f"{path} gets its sizes from its first input", "give the size of the input: -i 3x32x32"
                raise SpecError([self.problem(Refused("python-lazy", message, part.node, help))])
        uncalled(model, graph)
        for row in graph.nodes:
            row.layer.__dict__["unused"] = False
        graph.weights_only = True
        return graph


def _anchor(file: File | None) -> ast.stmt:
    for statement in file.tree.body if file is not None else []:
        if isinstance(statement, ast.ClassDef):
            return statement
    return ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=1)


def _reads_tokens(layer: Layer) -> bool:
    return bool(getattr(getattr(layer, "inner", layer), "integers", False))


def _refuse_hidden(model: Module) -> None:
    """Refuse a model that holds what may have parameters nobody sees."""
    for path, part in modules.modules(model):
        for value in part.hidden:
            where = f"in {path or part.type_name}"
            raise Refused("python-unknown-value", f"a part of the model is not known {where}: {value.why}", value.node)
