"""The words of the formula language: names, signs, and a tokenizer that knows at which column each stands."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

MAX_LENGTH = 500

OpClass = Literal["bin", "rel", "punct", "ord"]

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

STUCK_FUNCTIONS = ("arcsin", "arccos", "arctan", "arcctg", "arctg", "sin", "cos", "tan", "ctg", "log", "tg", "lg", "ln")
"""Functions that pupils write without a space before the argument: sinx, tgx. Longest first."""

FUNCTIONS = frozenset({*STUCK_FUNCTIONS, "cot", "lim", "max", "min"})

COMMANDS = frozenset({"sqrt", "root", "vec", "bar", "hat", "abs", "cases", "chem", "frac"})

_COMMAND_HABITS = {
    "dfrac": "frac", "tfrac": "frac", "overline": "bar", "overrightarrow": "vec", "widehat": "hat",
}  # fmt: skip

WORD_SIGNS: dict[str, tuple[str, OpClass]] = {"oo": ("∞", "ord"), "xx": ("×", "bin"), "deg": ("°", "ord")}

_LATEX_SIGNS: dict[str, tuple[str, OpClass]] = {
    "cdot": ("·", "bin"), "times": ("×", "bin"), "div": ("÷", "bin"), "pm": ("±", "bin"), "mp": ("∓", "bin"),
    "leq": ("≤", "rel"), "le": ("≤", "rel"), "leqslant": ("≤", "rel"), "geq": ("≥", "rel"), "ge": ("≥", "rel"),
    "geqslant": ("≥", "rel"), "neq": ("≠", "rel"), "ne": ("≠", "rel"), "approx": ("≈", "rel"), "equiv": ("≡", "rel"),
    "sim": ("∼", "rel"), "to": ("→", "rel"), "rightarrow": ("→", "rel"), "leftarrow": ("←", "rel"),
    "Rightarrow": ("⇒", "rel"), "Leftrightarrow": ("⇔", "rel"), "rightleftharpoons": ("⇌", "rel"),
    "in": ("∈", "rel"), "notin": ("∉", "rel"), "subset": ("⊂", "rel"), "perp": ("⊥", "rel"), "parallel": ("∥", "rel"),
    "cup": ("∪", "bin"), "cap": ("∩", "bin"), "infty": ("∞", "ord"), "emptyset": ("∅", "ord"), "angle": ("∠", "ord"),
    "triangle": ("△", "ord"), "circ": ("°", "ord"), "degree": ("°", "ord"), "ldots": ("…", "ord"), "dots": ("…", "ord"),
    "cdots": ("…", "ord"), "prime": ("′", "ord"), "forall": ("∀", "ord"), "exists": ("∃", "ord"),
}  # fmt: skip

_SILENT = frozenset({"left", "right", "quad", "qquad", "displaystyle", "limits"})

_TEXT_COMMANDS = frozenset({"text", "mathrm", "mbox", "textrm"})

SIGNS: dict[str, tuple[str, OpClass]] = {
    "<=>": ("⇔", "rel"), "<->": ("↔", "rel"), "...": ("…", "ord"), "<=": ("≤", "rel"), ">=": ("≥", "rel"),
    "!=": ("≠", "rel"), "~=": ("≈", "rel"), "+-": ("±", "bin"), "-+": ("∓", "bin"), "->": ("→", "rel"),
    "<-": ("←", "rel"), "=>": ("⇒", "rel"), "+": ("+", "bin"), "-": ("−", "bin"), "=": ("=", "rel"), "<": ("<", "rel"),
    ">": (">", "rel"), "*": ("·", "bin"), ":": (":", "bin"), ",": (",", "punct"), ";": (";", "punct"),
    ".": (".", "punct"), "!": ("!", "ord"), "'": ("′", "ord"), "%": ("%", "ord"), "~": ("∼", "rel"), "?": ("?", "ord"),
    "№": ("№", "ord"),
}  # fmt: skip
_BY_CLASS: dict[OpClass, str] = {
    "bin": "−±∓·×÷∪∩∘⋅∧∨∖",
    "rel": "≤≥≠≈≡∼→←↔⇒⇐⇔⇌⇄∈∉⊂⊃⊆⊇⊥∥∦≅↑↓∣",
    "ord": "∞°′″…∠△□∅∀∃∂∑∏∫‰",
}
SIGNS.update({sign: (sign, kind) for kind, signs in _BY_CLASS.items() for sign in signs})
SIGNS.update({"⩽": ("≤", "rel"), "⩾": ("≥", "rel"), "–": ("−", "bin"), "∙": ("·", "bin"), "•": ("·", "bin")})

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₙ", "0123456789+-n", strict=True))

Kind = Literal["num", "word", "cyrillic", "text", "greek", "command", "op", "open", "close", "bar", "sup", "sub",
               "raised", "lowered", "over", "root", "end"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula. `text` is what it means, `start` and `end` its offsets in the formula."""

    kind: Kind
    text: str
    start: int
    end: int
    op: OpClass = "ord"
    spaced: bool = False
    """True where a space stands before it."""


class FormulaError(Exception):
    """What is wrong at which offset of a formula: a message code and its fields."""

    def __init__(self, code: str, offset: int, /, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.offset = offset
        self.fields = fields


_TOKEN = re.compile(
    # x<-5 is an inequality: an arrow to the left has a space or nothing behind it
    r"""(?P<space>\s+)
      | (?P<num>[0-9]{1,3}(?:[ \u00a0][0-9]{3})+(?![0-9])(?:[.,][0-9]+)? | [0-9]+(?:[.,][0-9]+)?)
      | \\(?P<latex>[A-Za-z]+)
      | \\(?P<escaped>[{}$*|%,;:!\ ])
      | (?P<word>[A-Za-z]+)
      | (?P<cyrillic>[\u0400-\u052f][\u0300-\u036f\u0400-\u052f]*(?:-[\u0400-\u052f]+)*)
      | (?P<greek>[\u0370-\u03ff])
      | "(?P<text>[^"]*)"
      | (?P<sign><=>|<->|\.\.\.|<=|>=|!=|~=|\+-|-\+|->|<-(?![\w(\\√])|=>)
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<bar>\|) | (?P<sup>\^) | (?P<sub>_) | (?P<over>/)
      | (?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+) | (?P<lowered>[₀₁₂₃₄₅₆₇₈₉₊₋ₙ]+) | (?P<root>[√∛])
      | (?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
_BRACED = re.compile(r"\s*\{([^{}]*)\}")


def tokenize(source: str) -> list[Token]:
    """The tokens of a formula, an "end" token last. Raises FormulaError."""
    if len(source) > MAX_LENGTH:
        raise FormulaError("formula.too-long", MAX_LENGTH, found=len(source), limit=MAX_LENGTH)
    tokens: list[Token] = []
    at, spaced = 0, False
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise FormulaError("formula.unknown-sign", at, sign=source[at])
        at = match.end()
        kind = match.lastgroup
        if kind == "space":
            spaced = True
            continue
        if kind == "latex":
            found, at = _latex(match, source, spaced)
        else:
            found = list(_plain(match, str(kind), spaced))
        tokens += found
        spaced = False
    tokens.append(Token("end", "", len(source), len(source)))
    return tokens


def _plain(match: re.Match[str], kind: str, spaced: bool) -> list[Token]:
    text, start, end = match[kind], match.start(), match.end()
    if kind == "word":
        return _word(text, start, spaced)
    if kind == "escaped":
        return _escaped(text, start, end, spaced)
    if kind in {"sign", "any"}:
        return [_sign(text, start, end, spaced)]
    if kind in {"raised", "lowered"}:
        table = _RAISED if kind == "raised" else _LOWERED
        text = "".join(table[character] for character in text)
    if kind == "num":
        text = text.replace(" ", "\u00a0")
    if kind == "cyrillic":
        text = unicodedata.normalize("NFC", text)
    return [Token(_KINDS[kind], text, start, end, spaced=spaced)]


_KINDS: dict[str, Kind] = {
    "num": "num", "cyrillic": "cyrillic", "greek": "greek", "text": "text", "open": "open", "close": "close",
    "bar": "bar", "sup": "sup", "sub": "sub", "over": "over", "raised": "raised", "lowered": "lowered", "root": "root",
}  # fmt: skip


def _word(text: str, start: int, spaced: bool) -> list[Token]:
    """A run of Latin letters: a name we know as a whole, a function stuck to its argument, else letter by letter."""
    end = start + len(text)
    if text in GREEK:
        return [Token("greek", GREEK[text], start, end, spaced=spaced)]
    if text in FUNCTIONS or text in COMMANDS:
        return [Token("command", text, start, end, spaced=spaced)]
    if text in WORD_SIGNS:
        return [Token("op", WORD_SIGNS[text][0], start, end, WORD_SIGNS[text][1], spaced)]
    for name in STUCK_FUNCTIONS:
        if text.startswith(name):
            rest = _word(text[len(name) :], start + len(name), False)
            return [Token("command", name, start, start + len(name), spaced=spaced), *rest]
    return [Token("word", text, start, end, spaced=spaced)]


def _escaped(text: str, start: int, end: int, spaced: bool) -> list[Token]:
    if text in "{}":
        return [Token("open" if text == "{" else "close", "\\" + text, start, end, spaced=spaced)]
    if text in "$*%|":
        return [Token("op", "·" if text == "*" else text, start, end, "bin" if text == "*" else "ord", spaced)]
    return []


def _sign(text: str, start: int, end: int, spaced: bool) -> Token:
    if text == '"':
        raise FormulaError("formula.unclosed-quote", start)
    sign = SIGNS.get(text)
    if sign is None:
        raise FormulaError("formula.unknown-sign", start, sign=text)
    return Token("op", sign[0], start, end, sign[1], spaced)


def _latex(match: re.Match[str], source: str, spaced: bool) -> tuple[list[Token], int]:
    r"""A \name of LaTeX as the token that it means, and where to read on."""
    name, start, end = match["latex"], match.start(), match.end()
    name = _COMMAND_HABITS.get(name, name)
    if name in _TEXT_COMMANDS:
        braced = _BRACED.match(source, end)
        if braced is None:
            raise FormulaError("formula.expected-group", end, name="\\" + name)
        return [Token("text", braced[1], start, braced.end(), spaced=spaced)], braced.end()
    if name in _SILENT:
        return [], end
    if name in GREEK:
        return [Token("greek", GREEK[name], start, end, spaced=spaced)], end
    if name in FUNCTIONS or name in COMMANDS:
        return [Token("command", name, start, end, spaced=spaced)], end
    if name in _LATEX_SIGNS:
        return [Token("op", _LATEX_SIGNS[name][0], start, end, _LATEX_SIGNS[name][1], spaced)], end
    raise FormulaError("formula.unknown-name", start, name="\\" + name)


def known_names() -> list[str]:
    """Every name of more than two letters: what a misspelt one may have meant."""
    return [name for name in (*COMMANDS, *GREEK, *FUNCTIONS) if len(name) > 2]
