"""`match`: patterns of values, sequences, mappings and classes."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.values import MISSING, Class, External, Object, Refused, Scope, Unknown


class Patterns(InterpreterBase):
    """The `match` statement."""

    def do_Match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.value(node.subject, scope)
        for case in node.cases:
            if self._matches(case.pattern, subject, scope) and (
                case.guard is None or self.truth(self.value(case.guard, scope), case.guard)
            ):
                self.body(case.body, scope)
                return

    def _matches(self, pattern: ast.pattern, subject: object, scope: Scope) -> bool:
        if isinstance(pattern, ast.MatchValue):
            return self.truth(self.compare("==", subject, self.value(pattern.value, scope), pattern), pattern)
        if isinstance(pattern, ast.MatchSingleton):
            return subject is pattern.value
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None and not self._matches(pattern.pattern, subject, scope):
                return False
            if pattern.name:
                scope.names[pattern.name] = subject
            return True
        if isinstance(pattern, ast.MatchOr):
            return any(self._matches(part, subject, scope) for part in pattern.patterns)
        if isinstance(subject, Unknown):
            subject.refuse("what is matched", pattern)
        if isinstance(pattern, ast.MatchSequence):
            return self._matches_sequence(pattern.patterns, subject, scope)
        if isinstance(pattern, ast.MatchMapping):
            return self._matches_mapping(pattern, subject, scope)
        if isinstance(pattern, ast.MatchClass):
            return self._matches_class(pattern, subject, scope)
        raise Refused("python-construct", "this pattern of match is not followed", pattern)

    def _matches_sequence(self, patterns: list[ast.pattern], subject: object, scope: Scope) -> bool:
        held = subject.held if isinstance(subject, Object) else subject
        if not isinstance(held, (list, tuple)):
            return False
        self.spend(len(held) // 16)
        stars = [(at, part.name) for at, part in enumerate(patterns) if isinstance(part, ast.MatchStar)]
        if not stars:
            return len(held) == len(patterns) and all(
                self._matches(part, value, scope) for part, value in zip(patterns, held, strict=True)
            )
        at, name = stars[0]
        after = len(patterns) - at - 1
        if len(held) < len(patterns) - 1:
            return False
        if name:
            scope.names[name] = list(held[at : len(held) - after])
        ends = [
            *zip(patterns[:at], held, strict=False),
            *zip(patterns[at + 1 :], held[len(held) - after :], strict=True),
        ]
        return all(self._matches(part, value, scope) for part, value in ends)

    def _matches_mapping(self, pattern: ast.MatchMapping, subject: object, scope: Scope) -> bool:
        held = subject.held if isinstance(subject, Object) else subject
        if not isinstance(held, dict):
            return False
        keys = [self.value(key, scope) for key in pattern.keys]
        if not all(key in held for key in keys):
            return False
        if pattern.rest:
            scope.names[pattern.rest] = {key: value for key, value in held.items() if key not in keys}
        return all(self._matches(part, held[key], scope) for key, part in zip(keys, pattern.patterns, strict=True))

    def _matches_class(self, pattern: ast.MatchClass, subject: object, scope: Scope) -> bool:
        kind = self.value(pattern.cls, scope)
        if not self.truth(self.call(External("isinstance"), [subject, kind], {}, pattern), pattern):
            return False
        places: list[tuple[str, ast.pattern]] = []
        if pattern.patterns and isinstance(kind, Class) and kind.fields is not None:
            places = [(name, part) for (name, _, _), part in zip(kind.fields, pattern.patterns, strict=False)]
        elif pattern.patterns:
            return len(pattern.patterns) == 1 and self._matches(pattern.patterns[0], subject, scope)
        places += zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)
        for name, part in places:
            value = self.attribute(subject, name, pattern, MISSING)
            if value is MISSING or not self._matches(part, value, scope):
                return False
        return True
