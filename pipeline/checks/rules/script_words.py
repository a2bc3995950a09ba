"""Lesson scripts: the language they are written in, and the place of the lesson at school."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from pipeline.checks.registry import Limits, rule
from pipeline.checks.rules.script import told
from pipeline.checks.script import ScriptSubject
from pipeline.checks.script_text import Letters, Piece, is_latin, kazakh_words, letters_of, pieces, strangers
from pipeline.checks.subject import Blocked, NotApplicable
from pipeline.lesson.subjects import subject_by_id
from pipeline.reports.model import Finding
from pipeline.specs import load_yaml, specs_folder


@rule("SCR-007")
def words_are_in_the_lessons_language(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept A9: a lesson in Kazakh or in Russian is written in that language."""
    lesson = script.sound("language")
    if lesson.subject_id in limits["other_languages"][lesson.language]:
        # A lesson of Russian for Kazakh schools is full of Russian, and rightly so.
        raise NotApplicable
    said = list(pieces(lesson))
    words = [word for piece in said for word in piece.words]
    all_letters = letters_of(words)
    place = script.place_of("language")
    if all_letters.cyrillic + all_letters.latin < limits["letters"]:
        raise NotApplicable
    if all_letters.cyrillic_percent < limits["cyrillic_percent"]:
        measured, expected = round(all_letters.cyrillic_percent), limits["cyrillic_percent"]
        yield Finding(variant="latin", place=place, measured=measured, expected=expected)
        return
    if lesson.language == "kk":
        yield from _not_kazakh(script, said, all_letters, limits)
    else:
        yield from _not_russian(script, said, words, limits)
    for piece in filter(lambda each: _is_english(each, limits), said):
        yield Finding(variant="piece-latin", place=script.shown_place(piece.place), fields={"text": _beginning(piece)})


def _is_english(piece: Piece, limits: Limits) -> bool:
    """Whether a question or a task shows by its small words that it is English, and has not one letter of ours."""
    if piece.key not in {"questions", "exercises"} or letters_of(piece.words).cyrillic:
        return False
    said = {word.casefold() for word in piece.words}
    return len(said.intersection(limits["english"])) >= int(limits["english_words"])


def _not_kazakh(script: ScriptSubject, said: list[Piece], whole: Letters, limits: Limits) -> Iterator[Finding]:
    # A few lines full of terms may have next to no Kazakh letters; with none at all they were typed without.
    enough = whole.cyrillic >= limits["certain_letters"] or not whole.kazakh
    if whole.kazakh_percent < limits["kazakh_percent"] and enough:
        measured, expected = round(whole.kazakh_percent, 1), limits["kazakh_percent"]
        yield Finding(place=script.place_of("language"), measured=measured, expected=expected)
        return
    for piece in said:
        letters = letters_of(piece.words)
        long = letters.cyrillic >= limits["piece_letters"] and not _RUSSIAN.isdisjoint(piece.text.casefold())
        if not letters.kazakh and (long or _is_russian(piece, limits)):
            yield Finding(variant="piece-kk", place=script.shown_place(piece.place), fields={"text": _beginning(piece)})


_RUSSIAN = frozenset("вфцчщъьэё")
"""Letters that Kazakh has in borrowed words only: without them a line of names and terms is no proof of Russian."""


def _is_russian(piece: Piece, limits: Limits) -> bool:
    """Whether a text of any length shows by its small words that it is Russian; titles of pages may be."""
    if piece.key in {"resources", "links", "keywords"}:
        return False
    said = {word.casefold() for word in piece.words}
    return len(said.intersection(limits["russian"])) >= int(limits["russian_words"])


def _not_russian(script: ScriptSubject, said: list[Piece], words: list[str], limits: Limits) -> Iterator[Finding]:
    foreign = kazakh_words(words)
    if len(foreign) >= limits["words"] and 100 * len(foreign) > limits["words_percent"] * len(words):
        shown = {"text": ", ".join(dict.fromkeys(foreign[:3]))}
        yield Finding(variant="ru", place=script.place_of("language"), measured=len(foreign), fields=shown)
        return
    for piece in said:
        found = kazakh_words(piece.words)
        if len(found) >= limits["words"] and 100 * len(found) > limits["piece_percent"] * len(piece.words):
            yield Finding(variant="piece-ru", place=script.shown_place(piece.place), fields={"text": _beginning(piece)})


def _beginning(piece: Piece) -> str:
    line = " ".join(piece.text.split())
    return line if len(line) <= 50 else f"{line[:49]}…"


@rule("SCR-008")
def words_are_of_one_alphabet(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Project policy (H): no Latin letters that look like Kazakh or Russian ones inside words, nor the other way."""
    found: dict[str, dict[str, Piece]] = {"": {}, "cyrillic": {}}
    for piece in pieces(script.lesson):
        for word in piece.words:
            if letters := strangers(word):
                found["" if is_latin(letters[0]) else "cyrillic"].setdefault(word, piece)
    for alphabet, words in found.items():
        if not words:
            continue
        word, piece = next(iter(words.items()))
        fields = {
            "word": word[:40],
            "letters": ", ".join(strangers(word)[:5]),
            # The letters look alike: without them named nobody sees what is wrong with a word.
            "words": ", ".join(f"{each[:40]} ({', '.join(strangers(each)[:5])})" for each in list(words)[:5]),
        }
        variant = "-".join(filter(None, ("several" if len(words) > 1 else "", alphabet)))
        yield Finding(variant=variant, place=script.shown_place(piece.place), measured=len(words), fields=fields)


@rule("SCR-015")
def subject_is_taught_in_this_grade(script: ScriptSubject, limits: Limits) -> Iterator[Finding]:
    """Concept, annexes 1-3 and order-121 §6, F: the grade has this subject in this language of teaching."""
    lesson = script.sound("language", "grade", "subject")
    if not lesson.grade or not lesson.subject_id:
        raise Blocked("SCR-001")
    grades = _taught(lesson.language)
    fields = {"subject": lesson.subject, "grade": lesson.grade}
    if lesson.subject_id in grades[lesson.grade]:
        # A note where the subject is taught and only has no place on television.
        yield from told(script.problems("SCR-015"))
        return
    where = [grade for grade, subjects in grades.items() if lesson.subject_id in subjects]
    place = script.place_of("subject")
    if where:
        yield Finding(place=place, measured=lesson.grade, expected=_ranges(where), fields=fields)
        return
    other = "ru" if lesson.language == "kk" else "kk"
    where = [grade for grade, subjects in _taught(other).items() if lesson.subject_id in subjects]
    fields["name"] = subject_by_id(lesson.subject_id).name[lesson.language]
    yield Finding(variant=f"only-{other}", place=place, measured=lesson.grade, expected=_ranges(where), fields=fields)


@cache
def _taught(language: str) -> Mapping[int, frozenset[str]]:
    """Grade -> the subjects that any list of specs/timetable.yaml has for it: where they disagree, nobody is wrong."""
    lists = load_yaml(specs_folder() / "timetable.yaml")[language]
    return {grade: frozenset(each for one in entry.values() for each in one) for grade, entry in lists.items()}


def _ranges(grades: list[int]) -> str:
    """[1, 2, 3, 5] as "1-3, 5"."""
    runs: list[list[int]] = []
    for grade in grades:
        if runs and runs[-1][-1] == grade - 1:
            runs[-1].append(grade)
        else:
            runs.append([grade])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
