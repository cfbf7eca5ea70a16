"""Every public module, class, function and method says what it is for."""

import ast

from tests.house.tree import sources


def undocumented(source):
    if not ast.get_docstring(source.tree):
        yield f"{source.path}:1"
    yield from _undocumented(source, source.tree.body)


def _undocumented(source, body):
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node) and not _is_overload(node):
                yield f"{source.path}:{node.lineno} {node.name}"
            if isinstance(node, ast.ClassDef):
                yield from _undocumented(source, node.body)


def _is_overload(node):
    names = {decorator.id for decorator in node.decorator_list if isinstance(decorator, ast.Name)}
    return bool(names & {"overload", "override"})


def test_every_public_name_is_documented():
    wrong = [line for source in sources() for line in undocumented(source)]
    assert not wrong, "\n".join(wrong)
