"""FEEL text to tokens. The one place that knows which names exist.

FEEL names may hold spaces and operators (`Loan amount`, `a+b`), so a text can only be cut with the names in scope at
hand (DMN 1.5 section 10.3.1.4: the longest known name wins). Names that a text introduces itself, such as context
keys, loop variables and parameters, are learnt on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import regex
from lark import Token

from bpmn.decisions.errors import DecisionError, Place

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F\u2040"
_SPACE = r"[\s\u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF]"

_BLANK = regex.compile(rf"(?:{_SPACE}+|//[^\n]*|/\*.*?\*/)+", regex.DOTALL)
_WORD = regex.compile(f"[{_START}][{_PART}]*")
_NUMBER = regex.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_STRING = regex.compile(r'"(?:[^"\\]|\\.)*"', regex.DOTALL)
_INNER = rf"[{_PART}./\-'+*]|{_SPACE}"
_KEY = regex.compile(rf"([{_START}](?:{_INNER})*?){_SPACE}*(?=:)")
_ITERATOR = regex.compile(rf"([{_START}](?:{_INNER})*?)(?={_SPACE}+in\b)")
_PARAMETER = regex.compile(rf"([{_START}](?:{_INNER})*?){_SPACE}*(?=[:,)])")
_OPERATORS = (
    ("..", "DOTS"), ("**", "POW"), ("!=", "NE"), ("<=", "LE"), (">=", "GE"), ("->", "ARROW"), ("=", "EQ"),
    ("<", "LT"), (">", "GT"), ("+", "PLUS"), ("-", "MINUS"), ("*", "STAR"), ("/", "SLASH"), (".", "DOT"),
    (",", "COMMA"), (":", "COLON"), ("(", "LPAR"), (")", "RPAR"), ("[", "LSQB"), ("]", "RSQB"), ("{", "LBRACE"),
    ("}", "RBRACE"),
)  # fmt: skip
KEYWORDS = {
    word: word.upper()
    for word in (  # noqa: SIM905 - read as one line
        "or and between in instance of for return if then else some every satisfies function external null true false"
    ).split()
}
_OPERAND_ENDS = {"NUMBER", "STRING", "AT", "NULL", "TRUE", "FALSE", "NAME", "RPAR", "RSQB", "RBRACE", "RANGE_END"}
_AFTER_RANGE = {
    "COMMA", "RPAR", "RBRACE", "AND", "OR", "THEN", "ELSE", "RETURN", "SATISFIES", "EQ", "NE", "END", "RSQB",
    "DOT", "LT", "LE", "GT", "GE", "IN", "INSTANCE",
}  # fmt: skip


@lru_cache(maxsize=512)
def _pattern(names: frozenset[str]) -> regex.Pattern[str] | None:
    """One pattern for all names that are more than one plain word, longest first."""
    special = [name for name in names if name and _WORD.fullmatch(name) is None and name[0] not in '"0123456789']
    if not special:
        return None
    special.sort(key=len, reverse=True)
    return regex.compile("|".join(_name_pattern(name) for name in special))


def _name_pattern(name: str) -> str:
    """`name` with any blanks where it has blanks and around its operators, ending at the end of a word."""
    pieces = regex.findall(rf"[{_PART}]+|[^\s{_PART}]|{_SPACE}+", name)
    text = ""
    for piece in pieces:
        if regex.fullmatch(f"{_SPACE}+", piece):
            text += rf"{_SPACE}+"
        elif regex.fullmatch(f"[{_PART}]+", piece):
            text += regex.escape(piece)
        else:
            text += rf"{_SPACE}*{regex.escape(piece)}{_SPACE}*"
    return text + (f"(?![{_PART}])" if regex.search(f"[{_PART}]$", name) else "")


def normal_name(text: str) -> str:
    """A name as it is looked up: single blanks, none around operators."""
    text = regex.sub(rf"{_SPACE}+", " ", text.strip())
    return str(regex.sub(r" ?([./\-'+*]) ?", r"\1", text))


class Lexer:
    """Tokens of one text. `names` are the names in scope; texts introduce more."""

    def __init__(self, text: str, names: Iterable[str], *, unary: bool = False) -> None:
        self.text = text
        self.unary = unary
        self.position = 0
        self.tokens: list[Token] = []
        self.known = frozenset(names)
        self.learnt: set[str] = set()
        self.brackets: list[str] = []
        self.loops: list[int] = []

    def tokenize(self) -> list[Token]:
        """All tokens; :raises DecisionError: naming the character that fits nothing."""
        self._learn_names()
        while self._skip_blank():
            self._next()
        return list(_with_range_brackets(self.tokens))

    def _learn_names(self) -> None:
        """Names that the text introduces are known in all of it: keys, loop variables, parameters."""
        for match in regex.finditer(r"[{,]", self.text):
            self._learn(_KEY.match(self.text, self._after_blank(match.end())))
        for match in regex.finditer(r"\b(?:for|some|every)\b|,", self.text):
            self._learn(_ITERATOR.match(self.text, self._after_blank(match.end())))
        for match in regex.finditer(rf"\bfunction{_SPACE}*\(", self.text):
            self._learn(_PARAMETER.match(self.text, self._after_blank(match.end())))

    def _learn(self, match: regex.Match[str] | None) -> None:
        if match is not None and _WORD.fullmatch(match[1]) is None:
            self.learnt.add(match[1].strip())

    def _after_blank(self, position: int) -> int:
        match = _BLANK.match(self.text, position)
        return match.end() if match else position

    def _skip_blank(self) -> bool:
        self.position = self._after_blank(self.position)
        return self.position < len(self.text)

    def _next(self) -> None:
        text, position = self.text, self.position
        character = text[position]
        if character.isdigit() or (character == "." and text[position + 1 : position + 2].isdigit()):
            return self._take("NUMBER", _NUMBER.match(text, position))
        if character == '"':
            return self._take("STRING", _STRING.match(text, position))
        if character == "@":
            return self._take("AT", regex.compile(r'@\s*"[^"]*"').match(text, position))
        introduced = self._introduced()
        if introduced is not None:
            return self._take("NAME", introduced)
        match = self._known_name()
        if match is not None:
            return self._take("NAME", match)
        word = _WORD.match(text, position)
        if word is not None:
            return self._take(self._word_type(word[0]), word)
        for symbol, name in _OPERATORS:
            if text.startswith(symbol, position):
                return self._operator(symbol, name)
        return self._fail()

    def _introduced(self) -> regex.Match[str] | None:
        """A context key, loop variable or parameter name at this place."""
        last = self.tokens[-1].type if self.tokens else ""
        if last in ("FOR", "SOME", "EVERY") or (
            last == "COMMA" and self.loops and self.loops[-1] == len(self.brackets)
        ):
            return _ITERATOR.match(self.text, self.position)
        if last in ("LBRACE", "COMMA", "LPAR") and self.brackets and self.brackets[-1] in ("{", "f"):
            pattern = _PARAMETER if self.brackets[-1] == "f" else _KEY
            match = pattern.match(self.text, self.position)
            return match if match is not None and match[1].strip() else None
        return None

    def _known_name(self) -> regex.Match[str] | None:
        pattern = _pattern(self.known | self.learnt)
        match = pattern.match(self.text, self.position) if pattern is not None else None
        word = _WORD.match(self.text, self.position)
        return match if match is not None and (word is None or match.end() > word.end()) else None

    def _word_type(self, word: str) -> str:
        after_dot = bool(self.tokens) and self.tokens[-1].type == "DOT"
        if word == "not" and self.unary and not self.tokens:
            return "NOT"
        is_function = word in ("and", "or") and (not self.tokens or self.tokens[-1].type not in _OPERAND_ENDS)
        if word not in KEYWORDS or after_dot or is_function:
            return "NAME"
        if word in ("for", "some", "every"):
            self.loops.append(len(self.brackets))
        elif word in ("return", "satisfies") and self.loops:
            self.loops.pop()
        elif word == "in" and self._is_loop_in():
            return "ITER_IN"
        return KEYWORDS[word]

    def _is_loop_in(self) -> bool:
        if not self.loops or self.loops[-1] != len(self.brackets) or len(self.tokens) < 2:
            return False
        return self.tokens[-1].type == "NAME" and self.tokens[-2].type in ("FOR", "SOME", "EVERY", "COMMA")

    def _operator(self, symbol: str, name: str) -> None:
        last = self.tokens[-1].type if self.tokens else ""
        if symbol == "(":
            self.brackets.append("f" if last == "FUNCTION" else "(")
            name = "LPAR_IN" if last == "IN" else "LPAR"
        elif symbol in "[{":
            self.brackets.append(symbol)
        elif symbol in ")]}" and self.brackets:
            self.brackets.pop()
        self._push(name, symbol)

    def _take(self, name: str, match: regex.Match[str] | None) -> None:
        if match is None:
            return self._fail()
        text = match[1] if name == "NAME" and match.re.groups else match[0]
        self._push(name, normal_name(text) if name == "NAME" else match[0], match.end())
        return None

    def _push(self, name: str, value: str, end: int | None = None) -> None:
        self.tokens.append(Token(name, value, start_pos=self.position))
        self.position = end if end is not None else self.position + len(value)

    def _fail(self) -> None:
        raise DecisionError(
            "feel_syntax",
            zh=f"无法识别的字符“{self.text[self.position]}”",
            en=f"unexpected character {self.text[self.position]!r}",
            place=Place(position=self.position + 1),
        )


def _with_range_brackets(tokens: list[Token]) -> Iterator[Token]:
    """Tell the outward brackets of open ranges, `]1..5[`, from those of lists and filters."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1].type if index else "START"
        after = tokens[index + 1].type if index + 1 < len(tokens) else "END"
        if token.type == "RSQB" and before not in _OPERAND_ENDS and before != "LSQB":
            yield Token("RANGE_START", token.value, start_pos=token.start_pos)
        elif (
            token.type == "LSQB" and before in _OPERAND_ENDS and after in _AFTER_RANGE and not _is_filter(tokens, index)
        ):
            yield Token("RANGE_END", token.value, start_pos=token.start_pos)
        else:
            yield token


def _is_filter(tokens: list[Token], index: int) -> bool:
    """A `[` is a filter when no `..` opened a range before it on its own level."""
    depth = 0
    for token in reversed(tokens[:index]):
        if token.type in ("RPAR", "RBRACE"):
            depth += 1
        elif token.type in ("LPAR", "LPAR_IN", "LBRACE"):
            depth -= 1
            if depth < 0:
                return True
        elif token.type == "DOTS" and depth == 0:
            return False
    return True
