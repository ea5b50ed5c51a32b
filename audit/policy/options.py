"""The value of a rule's option, checked against the annotation in the rule's own signature."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

from audit.policy import nodes
from audit.policy.nodes import Node, Problems
from audit.rules.model import Rule

#: What an option that could not be read counts as; the problem is noted already.
BAD = object()


def read_options(node: Node, rule: Rule, problems: Problems) -> dict[str, Any]:
    """Options of one clause by name; unknown names and values of a wrong type are problems."""
    if rule.options:
        given = nodes.mapping(node, problems, f"options of {rule.code}", rule.options)
    else:
        nodes.mapping(node, problems, f"options of {rule.code}")
        for key, _ in node.value if node.kind == "mapping" else ():
            problems.add(key, f"{rule.code} {rule.name} has no options, so {key.value!r} means nothing")
        return {}
    read = {
        name: typed(value, rule.options[name].type, problems, f"option {name} of {rule.code}")
        for name, value in given.items()
    }
    return {name: value for name, value in read.items() if value is not BAD}


def typed(node: Node, kind: Any, problems: Problems, what: str) -> Any:
    """A node as a value of an annotation: int, float, str, bool, Literal, tuple[str, ...], X | None; else BAD."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        members = [m for m in get_args(kind) if m is not type(None)]
        if len(members) != 1:
            raise AssertionError(f"{what}: a policy cannot set a value of type {kind}")
        return None if node.is_null else typed(node, members[0], problems, what)
    if node.is_null and kind is not str:
        problems.add(node, f"{what} is empty")
        return BAD
    if origin is Literal:
        words = get_args(kind)
        for word in words:
            if node.kind == "scalar" and node.value == str(word):
                return word
        nodes.one_of(node, problems, what, [str(word) for word in words])
        return BAD
    if origin is tuple and get_args(kind) == (str, Ellipsis):
        before = len(problems.found)
        words = nodes.texts(node, problems, what)
        return words if len(problems.found) == before else BAD
    readers: dict[Any, nodes.Typed] = {int: nodes.integer, float: nodes.number, str: nodes.text, bool: nodes.boolean}
    if kind not in readers:
        raise AssertionError(f"{what}: a policy cannot set a value of type {kind}")
    before = len(problems.found)
    value = readers[kind](node, problems, what)
    return value if len(problems.found) == before else BAD


def type_name(kind: Any) -> str:
    """An annotation as `audit policy show` and docs print it."""
    if get_origin(kind) in (Union, types.UnionType, Literal):
        return " | ".join("null" if a is type(None) else type_name(a) if isinstance(a, type) else str(a)
                          for a in get_args(kind))  # fmt: skip
    return getattr(kind, "__name__", str(kind)) if get_origin(kind) is None else str(kind)
