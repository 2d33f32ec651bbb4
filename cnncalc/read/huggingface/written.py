"""The text of a config: how one is recognised, its values, where they stand, and what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from cnncalc.core.problem import Problem, Source, Span, SpecError

# Keys of which one is enough to see that a mapping is a config, even without its model_type.
SIGNS = ("model_type", "architectures", "transformers_version", "hidden_size", "num_hidden_layers", "auto_map")
SPEC_KEYS = ("layers", "input", "inputs", "base")


def is_config(text: str) -> bool:
    """Whether a text is a config: a JSON mapping with `model_type`, or with words that only configs have."""
    if not text.lstrip().startswith("{") or not any(f'"{sign}"' in text for sign in SIGNS):
        return False
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return '"model_type"' in text and '"layers"' not in text
    if not isinstance(tree, dict) or any(key in tree for key in SPEC_KEYS):
        return False
    return any(sign in tree for sign in SIGNS) and "class_name" not in tree


class Written:
    """The values of one config, and where they stand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.values: dict[str, Any] = self._parsed()

    def _parsed(self) -> dict[str, Any]:
        try:
            values = json.loads(self.source.text)
        except json.JSONDecodeError as error:
            place = Span(error.lineno, error.colno)
            problem = Problem("config-json", f"this is no JSON: {error.msg}", source=self.source, span=place)
            raise SpecError([problem]) from None
        except (ValueError, RecursionError):
            message = "this is no JSON that can be read: a number is too long, or mappings stand too deep"
            raise SpecError([Problem("config-json", message, source=self.source)]) from None
        assert isinstance(values, dict)
        return values

    def place(self, key: str) -> Span | None:
        """Where a key stands, or None; `text_config.hidden_size` is a key inside of another config."""
        if not key:
            return None
        text, start = self.source.text, 0
        found = None
        for part in key.split("."):
            found = re.compile(rf'"{re.escape(part)}"\s*:').search(text, start)
            if found is None:
                return None
            start = found.start() + 1
        assert found is not None
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        return Span(line, column, len(key.rpartition(".")[2]) + 2)

    def problem(self, code: str, key: str, message: str, help: str | tuple[str, ...] = ()) -> None:
        """Note what is wrong with a key."""
        self.problems.append(Problem(code, message, source=self.source, span=self.place(key), help=help))

    def refuse(self, code: str, key: str, message: str, help: str | tuple[str, ...] = ()) -> NoReturn:
        """Stop with what is wrong with a key."""
        self.problem(code, key, message, help)
        raise SpecError(self.problems)

    def note(self, code: str, message: str, help: str | tuple[str, ...] = ()) -> None:
        """Something to be said that stops nothing."""
        self.notes.append(Problem(code, message, source=self.source, help=help, severity="note"))
