"""Whatever stands in a script, reading it ends in problems with places, never in an exception."""

from __future__ import annotations

import random
import time

from pipeline.messages import catalogue

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
