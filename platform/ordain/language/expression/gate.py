"""The gate: only small texts made of allowed parts get past it, whatever is asked of them later."""

import ast
import warnings
from typing import Final

from ordain.language.expression.problems import refuse

SIZE_LIMIT: Final = 2_048
NODE_LIMIT: Final = 200
DEPTH_LIMIT: Final = 20

_ALLOWED: Final = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq, ast.NotEq, ast.Lt,
    ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.IfExp, ast.Name,
    ast.Attribute, ast.Load, ast.Constant, ast.Call, ast.Tuple, ast.List,
)  # fmt: skip
_FREE: Final = (ast.Load, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def parse(source: str, path: str) -> ast.expr:
    """Return the syntax tree; Refused for what is too large, no expression, or made of parts not allowed."""
    if not isinstance(source, str) or len(source.encode("utf-8", "replace")) > SIZE_LIMIT:
        raise refuse(path, 0, "too_large", "表达式超过 2 KB", "the expression is larger than 2 KB")
    if not source.strip():
        raise refuse(path, 0, "empty", "请填写表达式，例如 total > 200", "write an expression, e.g. total > 200")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.strip(), mode="eval")
    except SyntaxError as error:
        raise _syntax(path, error, source) from None
    except (ValueError, RecursionError, MemoryError):
        raise refuse(path, 0, "syntax", "无法理解这个表达式", "this is no expression") from None
    _measure(tree, path)
    return tree.body


def _syntax(path: str, error: SyntaxError, source: str) -> Exception:
    column = max(0, (error.offset or 1) - 1)
    if "=" in source and not any(mark in source for mark in ("==", "<=", ">=", "!=")):
        return refuse(
            path, column, "syntax", "比较请用 ==，例如 state == 'paid'", "compare with ==, e.g. state == 'paid'"
        )
    return refuse(
        path,
        column,
        "syntax",
        "语法不对，例如 total > 200 and state == 'paid'",
        "this is no expression; e.g. total > 200 and state == 'paid'",
    )


def _measure(tree: ast.Expression, path: str) -> None:
    count = 0
    level: list[ast.AST] = [tree]
    for _ in range(DEPTH_LIMIT + 2):  # the expression's wrapper and the leaves' contexts stand beside the depth
        children: list[ast.AST] = []
        for node in level:
            _admit(node, path)
            count += not isinstance(node, _FREE)
            children.extend(ast.iter_child_nodes(node))
        if count > NODE_LIMIT:
            raise refuse(path, 0, "too_large", f"超过 {NODE_LIMIT} 个部分", f"more than {NODE_LIMIT} parts")
        if not children:
            return
        level = children
    raise refuse(path, 0, "too_deep", f"嵌套超过 {DEPTH_LIMIT} 层", f"nested deeper than {DEPTH_LIMIT}")


def _admit(node: ast.AST, path: str) -> None:
    if not isinstance(node, _ALLOWED):
        what = type(node).__name__
        raise refuse(
            path,
            getattr(node, "col_offset", 0),
            "not_allowed",
            f"此处不允许这种写法 ({what})",
            f"this is not allowed here ({what})",
        )
