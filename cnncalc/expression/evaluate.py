"""The value of an expression in a scope: one small function for each kind of node, and nothing else can be reached.

A scope is a mapping of names to values, or an object with `lookup(name)` that raises KeyError. What it hands out takes
part through four optional methods, and through its own operators:

- `cnncalc_attribute(name)`: `value.name`; raises KeyError for a name it has not
- `cnncalc_attributes()`: those names, for suggestions
- `cnncalc_index(key)`: `value[key]`, where the key is an int, a slice, another value, or a tuple of these
- `cnncalc_function(name, *args)`: the built-in functions, `sqrt(value)`
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.core.protocols import Named, attributed, indexed
from cnncalc.expression.arithmetic import binary, bound_size, compare, kind, refuse, truth, unary
from cnncalc.expression.evaluation import Evaluation, Function, Lookup, Scope, Word, listed
from cnncalc.expression.functions import FUNCTIONS, call_function
from cnncalc.expression.syntax import Expression, Literal, Parsed, dotted
from cnncalc.expression.tokenize import ExpressionFault

__all__ = ["Function", "Lookup", "Scope", "Word", "evaluate", "value_of"]


def evaluate(expression: Expression, scope: Scope) -> Any:
    """The value; raises ExpressionFault "unknown-name" or "expression-value"."""
    return run(expression.tree, Evaluation(expression, scope, words=False))


def value_of(expression: Expression, scope: Scope, *, words: bool = False) -> Any:
    """The value of one argument of a call; with `words` an unknown bare name is a Word, in lists too."""
    return run(expression.tree, Evaluation(expression, scope, words=words))


def run(node: Any, frame: Evaluation) -> Any:
    """The value of one node."""
    try:
        return RULES[type(node)](node, frame)
    except ExpressionFault:
        raise
    except Fault as fault:
        raise frame.fault(node, fault) from None
    except ZeroDivisionError:
        raise frame.fault(node, Fault("expression-value", "division by zero")) from None
    except OverflowError:
        raise frame.fault(node, Fault("number-too-large", "the result is too large a number")) from None
    except (RecursionError, MemoryError):
        raise frame.fault(node, Fault("number-too-large", "the result is too large")) from None


# -- values ----------------------------------------------------------------------------------------------------------


def constant(node: ast.Constant, frame: Evaluation) -> Any:
    """A number, a text, True, False or None."""
    value: Any = node.value
    if isinstance(value, (bool, int, float, str)) or value is None:
        if isinstance(value, float) and value in (float("inf"),):
            raise Fault("number-too-large", "the number is too large")
        return value
    refuse("only real numbers, texts, True, False and None are values here")


def name(node: ast.Name, frame: Evaluation) -> Any:
    """What the scope says it is."""
    try:
        value = frame.lookup(node.id)
    except KeyError:
        if frame.words:
            return Word(node.id)
        raise frame.unknown(node.id, node) from None
    if isinstance(value, tuple):
        return list(value)
    return value


def sequence(node: Any, frame: Evaluation) -> Any:
    """A list; a tuple is one too."""
    return frame.spend(bound_size([run(item, frame) for item in node.elts]))


def attribute(node: ast.Attribute, frame: Evaluation) -> Any:
    """`value.name`, for values that offer it."""
    if frame.words and (word := unknown_word(node, frame)):
        return word
    value = strictly(node.value, frame)
    if node.attr == "numel" and isinstance(value, list):  # of a shape
        return call_function("prod", value)
    if not attributed(value):
        refuse(f'{kind(value)} has no ".{node.attr}"')
    try:
        found = value.cnncalc_attribute(node.attr)
    except KeyError:
        raise no_attribute(node, value, frame) from None
    return list(found) if isinstance(found, tuple) else found


# What people call an attribute, and the names that it has.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("output_shape", "out_shape", "size", "dims", "dimension", "dimensions"), ("shape",)),
    **dict.fromkeys(("parameters", "parameter", "num_params", "n_params", "count"), ("params",)),
    **dict.fromkeys(("rf", "field", "receptive"), ("receptive_field",)),
}


def no_attribute(node: ast.Attribute, value: object, frame: Evaluation) -> ExpressionFault:
    """The fault for `.name` that the value has not, with the nearest one; the name alone is underlined."""
    known = list(value.cnncalc_attributes()) if isinstance(value, Named) else []
    near = next((name for name in ATTRIBUTES.get(node.attr, ()) if name in known), did_you_mean(node.attr, known))
    owner = dotted(node.value) or frame.source(node.value)
    offset, length = frame.expression.place(node)
    return ExpressionFault(
        "unknown-name",
        f'{owner} has no "{node.attr}"' + (f"; did you mean {near}?" if near else ""),
        text=frame.expression.whole,
        offset=offset + length - len(node.attr),
        length=len(node.attr),
        help=() if near or not known else (f"it has {listed(known)}",),
    )


def unknown_word(node: ast.Attribute, frame: Evaluation) -> Word | None:
    """`torch.float32` as a word, where the scope has no `torch`."""
    full = dotted(node)
    if full is None:
        return None
    try:
        frame.lookup(full.partition(".")[0])
    except KeyError:
        return Word(full)
    return None


def strictly(node: object, frame: Evaluation) -> Any:
    """The value of an operand: there an unknown name is a mistake, never a word."""
    words, frame.words = frame.words, False
    try:
        return run(node, frame)
    finally:
        frame.words = words


# -- positions -------------------------------------------------------------------------------------------------------


def subscript(node: ast.Subscript, frame: Evaluation) -> Any:
    """`value[key]`."""
    value = strictly(node.value, frame)
    key = position(node.slice, frame)
    if indexed(value):
        try:
            found = value.cnncalc_index(key)
        except (IndexError, KeyError):
            refuse(f"there is no [{frame.source(node.slice)}]")
        return list(found) if isinstance(found, tuple) else found
    if not isinstance(value, (list, tuple)):
        refuse(f"{kind(value)} has no positions")
    return frame.spend(pick(value, key if isinstance(key, tuple) else (key,)))


def position(node: object, frame: Evaluation) -> Any:
    """What stands between the brackets: a value, a slice, or a tuple of these."""
    if isinstance(node, ast.Tuple):
        return tuple(position(item, frame) for item in node.elts)
    if isinstance(node, ast.Slice):
        parts = [None if part is None else strictly(part, frame) for part in (node.lower, node.upper, node.step)]
        for part in parts:
            if part is not None and type(part) is not int:
                refuse("the ends of a slice are whole numbers")
        if parts[2] == 0:
            refuse("a slice cannot go in steps of 0")
        return slice(*parts)
    return strictly(node, frame)


def pick(value: object, keys: tuple[Any, ...]) -> Any:
    """The entry of a list, or of lists in a list, one key for each."""
    if not keys:
        return value
    key, *rest = keys
    if not isinstance(value, (list, tuple)):
        refuse(f"{kind(value)} has no positions")
    if isinstance(key, slice):
        return [pick(item, tuple(rest)) for item in value[key]]
    if type(key) is not int:
        refuse(f"a position is a whole number, not {kind(key) if type(key) is not float else key}")
    if not -len(value) <= key < len(value):
        count = f"{len(value)} entries, 0 to {len(value) - 1}" if value else "no entries"
        refuse(f"there is no position {key}: the list has {count}")
    return pick(value[key], tuple(rest))


# -- operations ------------------------------------------------------------------------------------------------------

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def operation(node: ast.BinOp, frame: Evaluation) -> Any:
    """a SIGN b; a long sum is a loop, so that it does not recurse once for each term."""
    spine = [node]
    while isinstance(spine[-1].left, ast.BinOp):
        spine.append(spine[-1].left)
    result = strictly(spine[-1].left, frame)
    for step in reversed(spine):
        right = strictly(step.right, frame)
        try:
            result = frame.spend(binary(SIGNS[type(step.op)], result, right))
        except ExpressionFault:
            raise
        except Fault as fault:
            raise frame.fault(step, fault) from None
    return result


def sign(node: ast.UnaryOp, frame: Evaluation) -> Any:
    """-a, +a, not a."""
    value = strictly(node.operand, frame)
    return not truth(value) if isinstance(node.op, ast.Not) else unary(SIGNS[type(node.op)], value)


def either(node: ast.BoolOp, frame: Evaluation) -> Any:
    """`a and b`, `a or b`: the operand that decides, as in Python."""
    stops = isinstance(node.op, ast.Or)
    value: Any = None
    for item in node.values:
        value = strictly(item, frame)
        if truth(value) is stops:
            break
    return value


def comparison(node: ast.Compare, frame: Evaluation) -> Any:
    """`a < b`, `a < b <= c`."""
    left = strictly(node.left, frame)
    result: Any = True
    for index, (op, item) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = strictly(item, frame)
        frame.spend(left)
        frame.spend(right)
        result = compare(SIGNS[type(op)], left, right)
        if index + 1 < len(node.ops) and not truth(result):
            return result
        left = right
    return result


def choice(node: ast.IfExp, frame: Evaluation) -> Any:
    """`a if condition else b`: only the one that is chosen is computed."""
    return run(node.body if truth(strictly(node.test, frame)) else node.orelse, frame)


def call(node: ast.Call, frame: Evaluation) -> Any:
    """A function of the scope, or a built-in one."""
    if not isinstance(node.func, ast.Name):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "numel" and not (node.args or node.keywords):
            return attribute(node.func, frame)
        refuse(f"only functions can be called; there is no {dotted(node.func) or 'such function'}()")
    word = node.func.id
    try:
        found: object = frame.lookup(word)
    except KeyError:
        found = None
    if isinstance(found, Function):
        return called(word, found, node, frame)
    if word not in FUNCTIONS:
        if found is not None:
            refuse(f"{word} is no function", f"write {word} * (...) to multiply")
        raise frame.unknown_function(word, node.func)
    if node.keywords:
        refuse(f"{word}() takes no keywords")
    return frame.spend(call_function(word, frame.spend([strictly(item, frame) for item in node.args])))


def called(word: str, function: Function, node: ast.Call, frame: Evaluation) -> Any:
    """The result of a function of the scope; a wrong number of arguments is the writer's mistake."""
    args: list[Any]
    if function.raw:
        expression = frame.expression
        args = [[Parsed(expression.whole, item, expression.scanned) for item in node.args], frame.scope]
        options: dict[str, Any] = {}
        if node.keywords:
            refuse(f"{word}() takes no keywords")
    else:
        args = [strictly(item, frame) for item in node.args]
        options = {str(keyword.arg): strictly(keyword.value, frame) for keyword in node.keywords}
    try:
        result = function.call(*args, **options)
    except TypeError:
        if fits(function.call, args, options):
            raise  # not the writer's mistake
        refuse(f"{word}() does not take {len(node.args)} {'value' if len(node.args) == 1 else 'values'}")
    except ValueError as error:
        refuse(f"{word}(): {error}")
    return list(result) if isinstance(result, tuple) else result


def fits(function: Callable[..., Any], args: list[Any], options: dict[str, Any]) -> bool:
    """Whether a function takes these arguments."""
    from inspect import signature  # only a mistake needs it

    try:
        signature(function).bind(*args, **options)
    except TypeError:
        return False
    return True


RULES: dict[type[ast.AST], Callable[[Any, Evaluation], Any]] = {
    ast.Constant: constant,
    Literal: constant,
    ast.Name: name,
    ast.List: sequence,
    ast.Tuple: sequence,
    ast.Attribute: attribute,
    ast.Subscript: subscript,
    ast.BinOp: operation,
    ast.UnaryOp: sign,
    ast.BoolOp: either,
    ast.Compare: comparison,
    ast.IfExp: choice,
    ast.Call: call,
}
