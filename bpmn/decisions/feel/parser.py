"""FEEL tokens to lark trees, with errors that name the character. Trees are cached by text and known names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer as LarkLexer

from bpmn.decisions.errors import DecisionError, Place
from bpmn.decisions.feel.lexer import Lexer

MAX_LENGTH = 100_000
MAX_DEPTH = 200
_OPENERS = {"LPAR", "LPAR_IN", "LSQB", "LBRACE", "RANGE_START"}


class _TokenSource(LarkLexer):
    """Hands ready tokens to lark."""

    def __init__(self, conf: Any) -> None:
        self.conf = conf

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        yield from lexer_state


_LARK = Lark(
    (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer=_TokenSource,
    start=["start_expression", "start_unary_tests"],
    maybe_placeholders=True,
)


@lru_cache(maxsize=20_000)
def parse_expression(text: str, names: frozenset[str] = frozenset()) -> Tree[Token]:
    """The tree of an expression. :raises DecisionError: `feel_syntax` with the position."""
    return _parse(text, names, "start_expression", unary=False)


@lru_cache(maxsize=20_000)
def parse_unary_tests(text: str, names: frozenset[str] = frozenset()) -> Tree[Token]:
    """The tree of a decision table cell (`-` alone is the caller's)."""
    return _parse(text, names, "start_unary_tests", unary=True)


def _parse(text: str, names: frozenset[str], start: str, *, unary: bool) -> Tree[Token]:
    if len(text) > MAX_LENGTH:
        raise _syntax_error(MAX_LENGTH, "表达式过长", "the expression is too long")
    tokens = Lexer(text, names, unary=unary).tokenize()
    _guard_depth(tokens)
    try:
        return _LARK.parse(tokens, start=start).children[0]  # type: ignore[return-value]
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedInput:
        raise _syntax_error(1, "表达式无法解析", "the expression cannot be read") from None


def _guard_depth(tokens: list[Token]) -> None:
    depth = 0
    nested = 0
    for token in tokens:
        depth += token.type in _OPENERS
        depth -= token.type in ("RPAR", "RBRACE")
        nested += token.type in ("IF", "FOR", "FUNCTION", "SOME", "EVERY")
        if depth > MAX_DEPTH or nested > MAX_DEPTH:
            raise _syntax_error((token.start_pos or 0) + 1, "表达式嵌套过深", "the expression is nested too deeply")


def _unexpected(text: str, error: UnexpectedToken) -> DecisionError:
    token = error.token
    if token.type == "$END":
        return _syntax_error(len(text) + 1, "表达式不完整", "the expression ends too early")
    position = (token.start_pos or 0) + 1
    return _syntax_error(position, f"此处不应出现“{token}”", f"unexpected “{token}”")


def _syntax_error(position: int, zh: str, en: str) -> DecisionError:
    return DecisionError("feel_syntax", zh=zh, en=en, place=Place(position=position))
