"""The formula language inside `$...$`, as a pupil types it -> a tree of plain data (MathNode).

Node kinds, in the field k, with N for a node:
row a:[N], var t, num t, text t, chem t (element symbols), op t c:bin|rel|punct|ord, fn t, frac n:N d:N,
root i:N|null r:N, script b:N sub:N|null sup:N|null, accent t:arrow|bar|hat b:N, paren o c a:N, cases a:[N].
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pipeline.lesson.formula_tokens import COMMANDS, FormulaError, Token, known_names, tokenize
from pipeline.lesson.model import MathNode
from pipeline.lesson.problems import did_you_mean

MAX_DEPTH = 20

_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        """
        H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr
        Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir
        Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh
        Fl Mc Lv Ts Og
        """,
    )
)
_ELEMENT_LIKE = re.compile(r"[A-Z][a-z]?")

_PARTNER = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
_LEAVES = {"num": "num", "cyrillic": "text", "text": "text", "greek": "var"}
_ACCENTS = {"vec": "arrow", "bar": "bar", "hat": "hat"}
_SIGNS = frozenset("+−±∓")
_POSTFIX = frozenset("!′°″")
_NOTHING: MathNode = {"k": "row", "a": []}
_OPENED = {"\\{": "{", "\\}": "}"}

__all__ = ["MAX_DEPTH", "FormulaError", "parse_formula"]


def parse_formula(source: str, *, chemistry: bool = False) -> MathNode:
    """The tree of one formula (without its `$` signs).

    `chemistry`: runs of element symbols are upright and a digit right behind one is its index.
    Raises FormulaError with the offset of the trouble and what was expected there.
    """
    tokens = tokenize(source)
    node = _Parser(tokens, chemistry).row(lambda token: token.kind == "end")
    if node == _NOTHING:
        raise FormulaError("formula.empty", 0)
    return node


def _row(nodes: list[MathNode]) -> MathNode:
    return nodes[0] if len(nodes) == 1 else {"k": "row", "a": nodes}


class _Parser:
    def __init__(self, tokens: list[Token], chemistry: bool) -> None:
        self.tokens = tokens
        self.at = 0
        self.chemistry = chemistry
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def row(self, ends: Callable[[Token], bool]) -> MathNode:
        """Everything up to the token that ends this row, which is left standing.

        A bar ends a row only behind a value: at the start or behind a sign it opens another pair, as in ||x| − 1|.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("formula.too-deep", self.token.start, limit=MAX_DEPTH)
        nodes: list[MathNode] = []
        while self.token.kind != "end":
            opens_pair = self.token.kind == "bar" and (not nodes or _is_sign(nodes[-1]))
            if ends(self.token) and not opens_pair:
                break
            nodes.extend(self.term())
        self.depth -= 1
        _settle_signs(nodes)
        return _row(nodes)

    def term(self) -> list[MathNode]:
        """One operand with its fractions, or one sign."""
        token = self.token
        if token.kind == "op":
            self.take()
            return [{"k": "op", "t": token.text, "c": token.op}]
        nodes = self.operand()
        chained = 0
        while self.token.kind == "over":
            over = self.take()
            chained += 1
            if chained > MAX_DEPTH:
                raise FormulaError("formula.too-deep", over.start, limit=MAX_DEPTH)
            if not self.starts_operand():
                raise FormulaError("formula.expected-denominator", self.token.start)
            below = self.operand()
            nodes = [*nodes[:-1], {"k": "frac", "n": _bare(nodes[-1]), "d": _bare(below[0])}, *below[1:]]
        return nodes

    def starts_operand(self) -> bool:
        return self.token.kind not in {"op", "close", "sup", "sub", "over", "end"}

    def operand(self) -> list[MathNode]:
        """A primary with its scripts and postfix signs. A run of letters is several operands: the last takes them."""
        nodes = self.primary()
        nodes[-1] = self.scripts(nodes[-1])
        postfix: list[MathNode] = []
        while self.token.kind == "op" and self.token.text in _POSTFIX and not self.token.spaced:
            postfix.append({"k": "op", "t": self.take().text, "c": "ord"})
        if postfix:
            nodes[-1] = {"k": "row", "a": [nodes[-1], *postfix]}
            nodes[-1] = self.scripts(nodes[-1])
        return nodes

    def scripts(self, base: MathNode) -> MathNode:
        sub: MathNode | None = None
        sup: MathNode | None = None
        while True:
            token = self.token
            if token.kind in {"sup", "raised"}:
                if sup is not None:
                    raise FormulaError("formula.double-script", token.start, sign="^")
                sup = self.script()
            elif token.kind in {"sub", "lowered"}:
                if sub is not None:
                    raise FormulaError("formula.double-script", token.start, sign="_")
                sub = self.script()
            elif self.is_index(base, sub):
                sub = {"k": "num", "t": self.take().text}
            else:
                break
        return base if sub is None and sup is None else {"k": "script", "b": base, "sub": sub, "sup": sup}

    def is_index(self, base: MathNode, sub: MathNode | None) -> bool:
        """In chemistry H2O means H_2O: the digit stands right behind a symbol or a bracket."""
        token = self.token
        fits = self.chemistry and sub is None and token.kind == "num" and not token.spaced
        return fits and token.text.isdigit() and base["k"] in {"chem", "paren"}

    def script(self) -> MathNode:
        """What stands behind ^ or _: one token, a signed token, or a group whose brackets vanish."""
        mark = self.take()
        if mark.kind in {"raised", "lowered"}:
            return _typed_script(mark.text)
        token = self.token
        if token.kind == "op" and not token.spaced:
            return self.signed_script(mark)
        if not self.starts_operand():
            raise FormulaError("formula.expected-script", token.start, sign=mark.text)
        if token.kind == "open":
            return _bare(self.group())
        if token.kind == "word":
            return self.first_letter()
        nodes = self.primary()
        if len(nodes) > 1:
            raise FormulaError("formula.expected-script", token.start, sign=mark.text)
        return nodes[0]

    def signed_script(self, mark: Token) -> MathNode:
        sign = self.take()
        if sign.op != "ord" and sign.text not in _SIGNS:
            raise FormulaError("formula.expected-script", sign.start, sign=mark.text)
        node: MathNode = {"k": "op", "t": sign.text, "c": "ord"}
        follows = self.token.kind == "num" or (self.token.kind in {"word", "greek", "open"} and not self.chemistry)
        if sign.text not in _SIGNS or not follows or self.token.spaced:
            return node
        value = self.first_letter() if self.token.kind == "word" else self.primary()[0]
        return {"k": "row", "a": [node, value]}

    def first_letter(self) -> MathNode:
        """`x^ab` raises only a: one token is one letter. Element symbols stay whole."""
        token = self.token
        if self.chemistry and (symbols := _symbols(token.text)):
            self.take()
            return {"k": "chem", "t": symbols}
        rest = Token("word", token.text[1:], token.start + 1, token.end)
        self.tokens[self.at : self.at + 1] = [rest] if rest.text else []
        return {"k": "var", "t": token.text[0]}

    def primary(self) -> list[MathNode]:
        token = self.token
        if token.kind in _LEAVES:
            return [{"k": _LEAVES[token.kind], "t": self.take().text}]
        if token.kind == "word":
            return self.word()
        groups = {"command": self.command, "open": self.group, "bar": self.bars_around, "root": self.typed_root}
        if token.kind in groups:
            return [groups[token.kind]()]
        if token.kind == "close":
            raise FormulaError("formula.unopened", token.start, sign=_OPENED.get(token.text, token.text))
        if token.kind == "over":
            raise FormulaError("formula.expected-numerator", token.start)
        raise FormulaError("formula.script-of-nothing", token.start, sign=token.text)

    def word(self) -> list[MathNode]:
        token = self.take()
        if self.chemistry and (symbols := _symbols(token.text)):
            return [{"k": "chem", "t": symbols}]
        if self.token.kind == "open" and not self.token.spaced and len(token.text) > 2:
            hint = did_you_mean(token.text, known_names())
            if hint:
                raise FormulaError("formula.misspelt-name", token.start, name=token.text, hint=hint)
        return [{"k": "var", "t": letter} for letter in token.text]

    def group(self) -> MathNode:
        """Brackets. { } only hold together; ( ) [ ] may be mixed, as in the interval [0; 1)."""
        opening = self.take()
        inside = self.row(lambda token: token.kind == "close")
        closing = self.token
        wanted = _PARTNER[opening.text]
        mixed = {opening.text, closing.text} <= {"(", "[", ")", "]"}
        if closing.kind != "close":
            raise FormulaError("formula.unclosed", opening.start, sign=_OPENED.get(opening.text, opening.text))
        if closing.text != wanted and not mixed:
            shown, found = _OPENED.get(wanted, wanted), _OPENED.get(closing.text, closing.text)
            raise FormulaError("formula.wrong-closing", closing.start, wanted=shown, found=found)
        self.take()
        if opening.text == "{":
            return {"k": "row", "a": [inside]} if inside["k"] == "paren" else inside
        if inside == _NOTHING:
            raise FormulaError("formula.empty-group", closing.start)
        sides = _OPENED.get(opening.text, opening.text), _OPENED.get(closing.text, closing.text)
        return {"k": "paren", "o": sides[0], "c": sides[1], "a": inside}

    def bars_around(self) -> MathNode:
        opening = self.take()
        inside = self.row(lambda token: token.kind in {"bar", "close"})
        if self.token.kind != "bar":
            raise FormulaError("formula.unclosed", opening.start, sign="|")
        self.take()
        return {"k": "paren", "o": "|", "c": "|", "a": inside}

    def typed_root(self) -> MathNode:
        sign = self.take()
        if not self.starts_operand():
            raise FormulaError("formula.expected-argument", self.token.start, name=sign.text)
        under = self.first_letter() if self.token.kind == "word" else _bare(self.primary()[0])
        return {"k": "root", "i": {"k": "num", "t": "3"} if sign.text == "∛" else None, "r": under}

    def command(self) -> MathNode:
        token = self.take()
        if token.text not in COMMANDS:
            return {"k": "fn", "t": token.text}
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("formula.too-deep", token.start, limit=MAX_DEPTH)
        node = self.built(token)
        self.depth -= 1
        return node

    def built(self, command: Token) -> MathNode:
        own_shape = {"sqrt": self.square_root, "root": self.root, "frac": self.fraction, "chem": self.chemical}
        if command.text in own_shape:
            return own_shape[command.text](command)
        if command.text == "cases":
            return {"k": "cases", "a": self.arguments(command, ";")}
        inside = self.arguments(command)[0]
        if command.text == "abs":
            return {"k": "paren", "o": "|", "c": "|", "a": inside}
        return {"k": "accent", "t": _ACCENTS[command.text], "b": inside}

    def arguments(self, command: Token, separators: str = "") -> list[MathNode]:
        """The arguments in brackets, split at the given signs; or the one token that stands behind the name."""
        opening = self.token
        if opening.kind != "open" or opening.text not in "({":
            if not self.starts_operand():
                raise FormulaError("formula.expected-argument", opening.start, name=command.text)
            if opening.kind == "word":
                return [self.first_letter()]
            return [self.primary()[0]]
        self.take()
        found: list[MathNode] = []
        while True:
            start = self.token.start
            found.append(
                self.row(lambda token: token.kind == "close" or (token.kind == "op" and token.text in separators))
            )
            if found[-1] == _NOTHING:
                raise FormulaError("formula.empty-group", start)
            if self.token.kind != "op":
                break
            self.take()
        if self.token.kind != "close":
            raise FormulaError("formula.unclosed", opening.start, sign=opening.text)
        if self.token.text != _PARTNER[opening.text]:
            raise FormulaError(
                "formula.wrong-closing", self.token.start, wanted=_PARTNER[opening.text], found=self.token.text
            )
        self.take()
        return found

    def square_root(self, command: Token) -> MathNode:
        index: MathNode | None = None
        if self.token.kind == "open" and self.token.text == "[":
            index = self.group()["a"]
        return {"k": "root", "i": index, "r": self.arguments(command)[0]}

    def root(self, command: Token) -> MathNode:
        start = self.token.start
        found = self.arguments(command, ",;")
        if len(found) == 1 and found[0]["k"] == "num" and found[0]["t"].count(",") == 1:
            index, under = found[0]["t"].split(",")
            found = [{"k": "num", "t": index}, {"k": "num", "t": under}]
        if len(found) != 2:
            raise FormulaError("formula.root-arguments", start, found=len(found))
        return {"k": "root", "i": found[0], "r": found[1]}

    def fraction(self, command: Token) -> MathNode:
        above = self.arguments(command, ",;")
        if len(above) == 1:
            above += self.arguments(command)
        if len(above) != 2:
            raise FormulaError("formula.frac-arguments", command.start, found=len(above))
        return {"k": "frac", "n": above[0], "d": above[1]}

    def chemical(self, command: Token) -> MathNode:
        outside, self.chemistry = self.chemistry, True
        found = self.arguments(command)[0]
        self.chemistry = outside
        return found


def _symbols(word: str) -> str | None:
    """The word if it is nothing but element symbols."""
    symbols = _ELEMENT_LIKE.findall(word)
    return word if "".join(symbols) == word and _ELEMENTS.issuperset(symbols) else None


def _bare(node: MathNode) -> MathNode:
    """A fraction, root or script needs no brackets around what it holds."""
    return node["a"] if node["k"] == "paren" and (node["o"], node["c"]) == ("(", ")") else node


def _typed_script(text: str) -> MathNode:
    """x² or H₂ typed as such: digits, signs and n."""
    nodes: list[MathNode] = []
    for run in re.findall(r"[0-9]+|[+\-n]", text):
        if run.isdigit():
            nodes.append({"k": "num", "t": run})
        else:
            nodes.append({"k": "var", "t": "n"} if run == "n" else {"k": "op", "t": run.replace("-", "−"), "c": "ord"})
    return _row(nodes)


def _is_sign(node: MathNode) -> bool:
    return bool(node["k"] == "op" and node["c"] != "ord")


def _settle_signs(nodes: list[MathNode]) -> None:
    """A sign without a left or a right neighbour (−5, Ca²⁺) is no operation between two values."""
    for position, node in enumerate(nodes):
        if node["k"] != "op" or node["c"] != "bin":
            continue
        before: Any = nodes[position - 1] if position else None
        after: Any = nodes[position + 1] if position + 1 < len(nodes) else None
        if before is None or after is None or before["k"] == "fn" or _is_sign(before):
            node["c"] = "ord"
