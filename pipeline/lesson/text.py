r"""Text of a card: `*strong*` words, `$...$` formulas, line breaks, `\*` and `\$` for the signs themselves."""

from __future__ import annotations

import re

from pipeline.errors import Place
from pipeline.lesson.formula import parse_formula
from pipeline.lesson.formula_plain import formula_plain
from pipeline.lesson.formula_tokens import FormulaError
from pipeline.lesson.model import MathNode, Run, Text
from pipeline.lesson.problems import Problems
from pipeline.lesson.source import WrittenText

_WORDS = re.compile(r"[^\\*$]+")
_SPACES = re.compile(r"[ \t]+")
_FORMULA_END = re.compile(r"(?:[^\\$]|\\.)*\$")


def read_text(written: WrittenText, place: Place, problems: Problems, *, chemistry: bool = False) -> Text | None:
    """The runs of a text. None when there was an error, which is reported where it stands."""
    return _Reader(written, place, problems, chemistry).read()


def read_formula(written: WrittenText, place: Place, problems: Problems, *, chemistry: bool = False) -> Text | None:
    """A `formula:` value: text with `$...$` in it, or bare formulas, one a line."""
    if "$" in written.value.replace("\\$", ""):
        return read_text(written, place, problems, chemistry=chemistry)
    reader = _Reader(written, place, problems, chemistry)
    at = 0
    for line in written.value.split("\n"):
        if line.strip():
            reader.add_formula(at, line)
            reader.end_line()
        at += len(line) + 1
    return reader.result()


class _Reader:
    def __init__(self, written: WrittenText, place: Place, problems: Problems, chemistry: bool) -> None:
        self.written = written
        self.place = place
        self.problems = problems
        self.chemistry = chemistry
        self.errors_before = problems.errors
        self.lines: list[tuple[Run, ...]] = []
        self.runs: list[Run] = []
        self.words = ""
        self.strong_from: int | None = None

    def report(self, code: str, index: int, /, **fields: object) -> None:
        self.problems.report(code, self.written.place(index), **fields)

    def read(self) -> Text | None:
        at = 0
        for line in self.written.value.split("\n"):
            self.read_line(line, at)
            at += len(line) + 1
        return self.result()

    def result(self) -> Text | None:
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        while self.lines and not self.lines[0]:
            self.lines.pop(0)
        if self.problems.errors > self.errors_before:
            return None
        plain = "\n".join("".join(_said(run) for run in line).strip() for line in self.lines)
        return Text(tuple(self.lines), plain, self.place)

    def read_line(self, line: str, offset: int) -> None:
        at = 0
        while at < len(line):
            if line[at] == "$":
                at = self.take_formula(line, at, offset)
            elif line[at] == "*":
                at = self.take_star(line, at, offset)
            else:
                at = self.take_words(line, at)
        if self.strong_from is not None:
            self.report("text.open-star", self.strong_from)
        self.end_line()

    def take_words(self, line: str, at: int) -> int:
        if line.startswith(("\\*", "\\$"), at):
            self.words += line[at + 1]
            return at + 2
        match = _WORDS.match(line, at)
        end = match.end() if match else at + 1
        self.words += line[at:end]
        return end

    def take_formula(self, line: str, at: int, offset: int) -> int:
        match = _FORMULA_END.match(line, at + 1)
        if match is None:
            self.report("text.open-dollar", offset + at)
            self.words += line[at:]
            return len(line)
        self.end_words()
        self.add_formula(offset + at + 1, line[at + 1 : match.end() - 1])
        return match.end()

    def add_formula(self, index: int, source: str) -> None:
        try:
            formula = parse_formula(source, chemistry=self.chemistry)
        except FormulaError as error:
            self.report(error.code, index + error.offset, **error.fields)
        else:
            self.runs.append(Run(formula=formula))

    def take_star(self, line: str, at: int, offset: int) -> int:
        before, after = (line[at - 1] if at else "") or " ", line[at + 1 : at + 2] or " "
        opens = self.strong_from is None
        if opens and after == "*":
            self.report("text.double-star", offset + at)
            end = line.find("**", at + 2)
            return end + 2 if end >= 0 else at + 2
        self.end_words()
        if (after if opens else before).isspace():
            self.report("text.stray-star", offset + at)
            opens = False
        self.strong_from = offset + at if opens else None
        return at + 1

    def end_words(self) -> None:
        if self.words:
            self.runs.append(Run(text=_SPACES.sub(" ", self.words), strong=self.strong_from is not None))
        self.words = ""

    def end_line(self) -> None:
        self.end_words()
        self.lines.append(_trimmed(self.runs))
        self.runs = []
        self.strong_from = None


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """A line without the spaces at its ends."""
    if runs and runs[0].formula is None:
        runs[0] = Run(runs[0].text.lstrip(), runs[0].strong)
    if runs and runs[-1].formula is None:
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].strong)
    return tuple(run for run in runs if run.formula is not None or run.text)


def _said(run: Run) -> str:
    formula: MathNode | None = run.formula
    return run.text if formula is None else formula_plain(formula)
