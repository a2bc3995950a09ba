"""Whatever stands in a script, reading it ends in problems with places, never in an exception."""

from __future__ import annotations

import random
import time
from pathlib import Path

from pipeline.lesson.problems import Problems
from pipeline.lesson.tree import ListNode, ScalarNode, _Builder, _read_flawless
from pipeline.messages import catalogue

SAMPLES = Path(__file__).parents[3] / "sample_lessons"

PIECES = [
    *"*&!|>%@`'\"#:-?[]{},$^_/\\\n\t ~<=()",
    "  ", "\n\n", "- ", ": ", "---\n", "...\n", "<<: ",
    "\u202e", "\x00", "\r", "é", "\ufeff", "\U0001f600", "$x^", "**",
    "sqrt(", "null", "true", "1e999", "../", "clip: ", "slide:\n", "&a ", "*a ", "!!python/object ", "\\u202e", "0:99",
]  # fmt: skip
SECONDS = 2.0


def mutated(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 30) :]
            case 2:
                end = chance.randrange(len(text) + 1)
                text = text[:at] + text[min(at, end) : max(at, end)][:200] + text[at:]
            case _:
                lines = text.split("\n")
                moved = lines.pop(chance.randrange(len(lines)))
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(["", " ", "  "]) + moved)
                text = "\n".join(lines)
    return text


def test_mutated_scripts_give_problems_and_never_an_exception(lesson):
    chance = random.Random(20200406)  # noqa: S311 - the same scripts in every run
    known = catalogue()
    until = time.monotonic() + SECONDS
    for number in range(3000):
        text = mutated(chance, lesson.text)
        read, problems = lesson.load_text(text.encode("utf-8", "surrogatepass"))
        assert read is not None or problems, text
        lines = text.count("\n") + text.count("\r") + 2
        for problem in problems:
            assert problem.code in known, problem.code
            assert problem.place is not None
            assert problem.place.line <= lines, (text, problem)
        if time.monotonic() > until and number >= 20:
            break


def test_mutated_bytes_give_problems_and_never_an_exception(lesson):
    chance = random.Random(171)  # noqa: S311 - the same bytes in every run
    until = time.monotonic() + SECONDS / 4
    for number in range(1000):
        data = bytearray(lesson.text.encode(chance.choice(["utf-8", "cp1251", "utf-16"]), "replace"))
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        read, problems = lesson.load_text(bytes(data))
        assert read is not None or problems
        if time.monotonic() > until and number >= 20:
            break


def test_what_libyaml_reads_without_a_slip_the_careful_reader_reads_alike(lesson):
    """libyaml is only there to be fast: no script may mean something else because of it."""
    chance = random.Random(45)  # noqa: S311 - the same scripts in every run
    samples = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*/lesson.yaml"))]
    alike = 0
    for number in range(600):
        text = [lesson.text, *samples][number % (len(samples) + 1)]
        text = mutated(chance, text) if number > len(samples) else text
        quick = _read_flawless(text, "lesson.yaml")
        if quick is None:
            continue
        alike += 1
        careful = _Builder(text, Problems("lesson.yaml"))
        assert _plain(quick.root) == _plain(careful.build()), text
        assert not careful.problems.by_line(), text
    assert alike > 30


def _plain(node):
    """A tree as nested tuples, places and offsets included."""
    if isinstance(node, ScalarNode):
        return (node.value, node.place, node.style, node.start, node.end)
    if isinstance(node, ListNode):
        return (node.place, [_plain(each) for each in node.items])
    return (node.place, [(_plain(each.key), _plain(each.value)) for each in node.entries.values()])
