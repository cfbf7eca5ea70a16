"""Small files, small functions, plain names: the maximum tells good code from bad, not the median."""

import ast

from tests.house.tree import functions, sources

FILE_LINES = 400
FUNCTION_LINES = 40
POSITIONAL = 3
# path or path:function → why it may be larger
LARGER: dict[str, str] = {}
NAMES = ("utils", "util", "helpers", "misc")


def body_lines(function):
    """Lines from the first statement after the docstring to the end."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_files_are_small():
    wrong = {s.path: n for s in sources() if (n := len(s.text.splitlines())) > FILE_LINES and s.path not in LARGER}
    assert not wrong


def test_functions_are_small():
    wrong = {
        f"{source.path}:{function.name}": body_lines(function)
        for source in sources()
        for function in functions(source)
        if body_lines(function) > FUNCTION_LINES and f"{source.path}:{function.name}" not in LARGER
    }
    assert not wrong


def public_functions(source):
    """Functions and methods that other files may call."""
    for node in source.tree.body:
        body = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (
            inner
            for inner in body
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_")
        )


def test_more_than_three_parameters_are_named_by_the_caller():
    wrong = []
    for source in sources():
        for function in public_functions(source):
            names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
            own = names[1:] if names[:1] in (["self"], ["cls"]) else names
            if len(own) > POSITIONAL:
                wrong.append(f"{source.path}:{function.lineno} {function.name}({', '.join(own)})")
    assert not wrong, "\n".join(wrong)


def test_no_file_is_named_after_nothing():
    assert not [source.path for source in sources() if source.module.rsplit(".")[-1] in NAMES]


def test_no_class_is_named_base_or_manager():
    wrong = [
        f"{source.path}:{node.lineno} {node.name}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and (node.name.startswith("Base") or node.name.endswith("Manager"))
    ]
    assert not wrong


def test_every_exception_is_still_one():
    largest = {source.path for source in sources() if len(source.text.splitlines()) > FILE_LINES}
    for source in sources():
        largest |= {f"{source.path}:{f.name}" for f in functions(source) if body_lines(f) > FUNCTION_LINES}
    assert LARGER.keys() <= largest
