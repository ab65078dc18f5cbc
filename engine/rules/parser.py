# SPDX-License-Identifier: Apache-2.0
"""From the text of an expression to its tree. The order of operations is Python's; nothing is handed to Python.

expression  = both {"or" both}          both = not {"and" not}        not = "not" not | comparison
comparison  = sum {("<" | "<=" | ">" | ">=" | "==" | "!=") sum}
sum         = product {("+" | "-") product}                           product = sign {("*" | "/") sign}
sign        = "-" sign | number | word | word "(" arguments ")" | "(" expression ")"
"""  # fmt: skip

from __future__ import annotations

import keyword

from engine.errors import nearest_name
from engine.rules.tokens import Token, number, tokens
from engine.rules.tree import Both, Call, Comparison, Mistake, Name, Node, Not, Number, Sign, Sum

DEEPEST = 24
"""Most parentheses, calls, signs and `not` within one another."""

MOST = 100
"""Most numbers and names in one expression."""

COMPARED = ("<", "<=", ">", ">=", "==", "!=")
WORDS = ("and", "or", "not")

_FOREIGN = {
    "True": "true",
    "False": "false",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "if": "two rules, or larger(a, b) and smaller(a, b)",
    "else": "two rules, or larger(a, b) and smaller(a, b)",
    "is": "==",
    "None": "nothing: a comparison with a missing value is not fulfilled",
}


def parse(text: str) -> Node:
    """The tree of an expression. Raises Mistake at the first place where it is none."""
    reading = _Reading(tokens(text))
    node = reading.either()
    if reading.now.kind != "end":
        raise reading.unexpected("`and`, `or`, a comparison, + - * / or the end")
    return node


class _Reading:
    def __init__(self, pieces: list[Token]) -> None:
        self.pieces = pieces
        self.place = 0
        self.depth = 0
        self.parts = 0

    @property
    def now(self) -> Token:
        return self.pieces[self.place]

    def take(self, *texts: str) -> Token | None:
        """The piece here, if it is one of these; the next one is then here."""
        token = self.now
        if token.kind == "end" or token.text not in texts:
            return None
        self.place += 1
        return token

    def unexpected(self, allowed: str) -> Mistake:
        token = self.now
        if token.kind == "end":
            return Mistake(token.at, "the expression stops here", allowed=allowed)
        if token.text == "=":
            return Mistake(token.at, "one `=` compares nothing", found="=", allowed="==")
        if token.kind == "word" and token.text in _FOREIGN:
            return Mistake(token.at, f"`{token.text}` is not part of the language", allowed=_FOREIGN[token.text])
        if token.text == ")":
            return Mistake(token.at, "no `(` stands before this `)`", found=")", allowed=allowed)
        nearest = nearest_name(token.text, WORDS) if token.kind == "word" and token.text not in WORDS else ""
        return Mistake(token.at, "not expected here", found=token.text[:40], allowed=allowed, nearest=nearest)

    def either(self) -> Node:
        return self._joined("or", self._all)

    def _all(self) -> Node:
        return self._joined("and", self._negated)

    def _joined(self, word: str, inner: object) -> Node:
        assert callable(inner)
        parts: list[Node] = [inner()]
        first = -1
        while token := self.take(word):
            first = token.at if first < 0 else first
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Both(first, word, tuple(parts))

    def _negated(self) -> Node:
        if token := self.take("not"):
            self._deeper(token)
            node = Not(token.at, self._negated())
            self.depth -= 1
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        operands, signs = [self._sum()], []
        while token := self.take(*COMPARED):
            signs.append(token)
            operands.append(self._sum())
        if not signs:
            return operands[0]
        written = tuple(sign.text for sign in signs)
        return Comparison(signs[0].at, tuple(operands), written, tuple(sign.at for sign in signs))

    def _sum(self) -> Node:
        node = self._product()
        while token := self.take("+", "-"):
            node = Sum(token.at, token.text, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while token := self.take("*", "/"):
            node = Sum(token.at, token.text, node, self._signed())
        return node

    def _signed(self) -> Node:
        token = self.now
        self.parts += 1
        if self.parts > MOST:
            raise Mistake(token.at, "too many parts", allowed=f"at most {MOST} numbers and names: name some of them")
        if token.kind == "number":
            self.place += 1
            return Number(token.at, number(token))
        if self.take("-"):
            self._deeper(token)
            node: Node = Sign(token.at, self._signed())
            self.depth -= 1
            return node
        if self.take("("):
            self._deeper(token)
            node = self.either()
            self._closed(token)
            return node
        if token.kind == "word" and token.text not in (*WORDS, *_FOREIGN):
            return self._word(token)
        raise self.unexpected("a number, a name or `(`")

    def _word(self, token: Token) -> Node:
        if keyword.iskeyword(token.text):
            raise Mistake(token.at, f"`{token.text}` is not part of the language", allowed="names, and, or, not")
        self.place += 1
        opened = self.take("(")
        if opened is None:
            return Name(token.at, token.text)
        self._deeper(opened)
        given: list[Node] = []
        named: list[tuple[str, Node]] = []
        while self.now.text != ")":
            key = self.now
            if key.kind == "word" and self.pieces[self.place + 1].text == "=":
                self.place += 2
                named.append((key.text, self.either()))
            elif named:
                raise Mistake(key.at, "what has no name stands before what has one", found=key.text[:40])
            else:
                given.append(self.either())
            if not self.take(","):
                break
        self._closed(opened)
        return Call(token.at, token.text, tuple(given), tuple(named))

    def _deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Mistake(
                token.at, "too many parts within one another", allowed=f"at most {DEEPEST}: name some of them"
            )

    def _closed(self, opened: Token) -> None:
        if not self.take(")"):
            if self.now.kind == "end":
                raise Mistake(opened.at, "this `(` is not closed", allowed=")")
            raise self.unexpected("`,` or `)`" if self.depth else "`)`")
        self.depth -= 1
