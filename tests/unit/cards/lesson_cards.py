"""Cards to test with: one builder a kind, with invented lessons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.errors import Place
from pipeline.specs import load_yaml, specs_folder
from pipeline.timeline.model import Card

PLACE = Place("lesson.yaml", 12, 5)
PARTS = {"explanation": 1, "questions": 2, "exercises": 3, "resources": 4, "links": 5}
NAMES = {
    "kk": ("Түсіндіру", "Сұрақтар", "Тапсырмалар", "Цифрлық ресурстар", "Қосымша материалдар"),
    "ru": ("Объяснение", "Вопросы", "Задания", "Цифровые ресурсы", "Дополнительные материалы"),
}
ONE = {"questions": {"kk": "Сұрақ", "ru": "Вопрос"}, "exercises": {"kk": "Тапсырма", "ru": "Задание"}}

Data = dict[str, Any]


def said(*lines: str | list[Data]) -> list[list[Data]]:
    """Text data from plain lines, or from runs."""
    return [[words(line)] if isinstance(line, str) else line for line in lines]


def words(text: str, strong: bool = False) -> Data:
    return {"t": text, "s": strong}


def math(*nodes: Data) -> Data:
    return {"m": row(*nodes)}


def row(*nodes: Data) -> Data:
    return {"k": "row", "a": list(nodes)}


def var(name: str) -> Data:
    return {"k": "var", "t": name}


def num(digits: str) -> Data:
    return {"k": "num", "t": digits}


def op(sign: str, kind: str = "bin") -> Data:
    return {"k": "op", "t": sign, "c": kind}


def rel(sign: str) -> Data:
    return op(sign, "rel")


def frac(above: Data, below: Data) -> Data:
    return {"k": "frac", "n": above, "d": below}


def root(under: Data, index: Data | None = None) -> Data:
    return {"k": "root", "i": index, "r": under}


def script(base: Data, *, sub: Data | None = None, sup: Data | None = None) -> Data:
    return {"k": "script", "b": base, "sub": sub, "sup": sup}


def paren(inside: Data, opening: str = "(", closing: str = ")") -> Data:
    return {"k": "paren", "o": opening, "c": closing, "a": inside}


def chem(symbols: str) -> Data:
    return {"k": "chem", "t": symbols}


def accent(kind: str, base: Data) -> Data:
    return {"k": "accent", "t": kind, "b": base}


def square(name: str) -> Data:
    return script(var(name), sup=num("2"))


def quadratic() -> Data:
    """x^2 - 5x + 6 = 0"""
    return math(square("x"), op("−"), num("5"), var("x"), op("+"), num("6"), rel("="), num("0"))


def discriminant() -> Data:
    """D = b^2 - 4ac"""
    return math(var("D"), rel("="), square("b"), op("−"), num("4"), var("a"), var("c"))


def roots_formula() -> Data:
    """x_(1,2) = (-b +- sqrt(b^2 - 4ac)) / (2a)"""
    under = row(square("b"), op("−"), num("4"), var("a"), var("c"))
    above = row(op("−", "ord"), var("b"), op("±"), root(under))
    return math(script(var("x"), sub=num("1,2")), rel("="), frac(above, row(num("2"), var("a"))))


def card(
    kind: str,
    part: str,
    content: Data,
    *,
    language: str = "kk",
    grade: int = 8,
    subject: str = "Алгебра",
    family: str = "mathematics",
    item: tuple[int, int] | None = None,
    topic: list[list[Data]] | None = None,
    pictures: dict[str, Path] | None = None,
) -> Card:
    data: Data = {
        "language": language,
        "grade": grade,
        "grade_text": f"{grade}-сынып" if language == "kk" else f"{grade} класс",
        "subject": {"id": "algebra", "name": subject, "family": family},
        "topic": topic or said("Квадрат теңдеудің түбірлері"),
        "part": {"id": part, "name": NAMES[language][PARTS[part] - 1], "index": PARTS[part], "count": 5},
        "item": None,
    }
    if item:
        data["item"] = {"index": item[0], "count": item[1], "name": ONE.get(part, {}).get(language, "")}
    return Card(kind, data | content, pictures or {}, PLACE)  # type: ignore[arg-type]  # tests also try wrong kinds


def title(
    topic: list[list[Data]] | None = None, teacher: str | None = "Айгүл Серікқызы Нұрланова", **more: Any
) -> Card:
    return card("title", "explanation", {"teacher": teacher}, topic=topic, **more)


def slide(
    heading: list[list[Data]] | None = None,
    text: list[list[Data]] | None = None,
    formula: list[list[Data]] | None = None,
    picture: Path | None = None,
    credit: str | None = None,
    **more: Any,
) -> Card:
    content = {
        "title": heading,
        "text": text,
        "formula": formula,
        "picture": "picture" if picture else None,
        "credit": credit,
    }
    return card("slide", "explanation", content, pictures={"picture": picture} if picture else {}, **more)


def picture_card(picture: Path, credit: str | None = None, **more: Any) -> Card:
    content = {"picture": "picture", "credit": credit}
    return card("picture", "explanation", content, pictures={"picture": picture}, **more)


def question(text: list[list[Data]], item: tuple[int, int] = (2, 3), **more: Any) -> Card:
    return card("question", "questions", {"text": text}, item=item, **more)


def exercise(text: list[list[Data]], item: tuple[int, int] = (1, 2), **more: Any) -> Card:
    return card("exercise", "exercises", {"text": text}, item=item, **more)


def reference(name: list[list[Data]] | str, url: str, note: str | None = None) -> Data:
    return {"title": said(name) if isinstance(name, str) else name, "url": url, "note": said(note) if note else None}


def resource(*items: Data, **more: Any) -> Card:
    return card("resource", "resources", {"items": list(items)}, item=(1, 1), **more)


def link(*items: Data, **more: Any) -> Card:
    return card("link", "links", {"items": list(items)}, item=(1, 1), **more)


def closing(language: str = "kk", **more: Any) -> Card:
    text = load_yaml(specs_folder() / "texts.yaml")["closing"][language]
    content = {"text": said(text["text"]), "official": text["official"]}
    return card("closing", "links", content, language=language, **more)
