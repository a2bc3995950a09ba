"""What each card says, as plain data: the only bridge from a lesson's words to the typesetter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pipeline.errors import Place
from pipeline.lesson.model import OWN, Asset, Lesson, Reference, Slide, Task, Text
from pipeline.lesson.subjects import subject_by_id
from pipeline.specs import PartSpec, Structure, load_yaml, specs_folder
from pipeline.timeline.model import Card

_KINDS = {"questions": "question", "exercises": "exercise", "resources": "resource", "links": "link"}


@cache
def texts() -> Mapping[str, Any]:
    """The fixed texts of the film (specs/texts.yaml); every card asks for them."""
    loaded: Mapping[str, Any] = load_yaml(specs_folder() / "texts.yaml")
    return loaded


def family(lesson: Lesson) -> str:
    """The subject family that picks the palette; any will do for a lesson whose subject is an error."""
    return subject_by_id(lesson.subject_id).family if lesson.subject_id else "language"


def credit(source: str | None, language: str) -> str | None:
    """The line that names where borrowed material comes from (C4); None for own work."""
    if source is None or source == OWN:
        return None
    line: str = texts()["credit"][language].format(source=source)
    return line


def fixed_card(kind: str, lesson: Lesson, structure: Structure, spec: PartSpec) -> Card:
    """The title card (A2) or the closing card (A8)."""
    if kind == "title":
        data = _common(lesson, structure, spec) | {"teacher": lesson.teacher.name}
        return Card("title", data, {}, lesson.topic.place)
    closing = texts()["closing"][lesson.language]
    said = [[{"t": closing["text"], "s": False}]]
    place = lesson.places.get(spec.id, Place(lesson.topic.place.file))
    data = _common(lesson, structure, spec) | {"text": said, "official": closing["official"]}
    return Card("closing", data, {}, place)


def part_cards(lesson: Lesson, structure: Structure, spec: PartSpec) -> list[tuple[Card, Asset | None]]:
    """The cards of a part after the explanation, each with its narration."""
    items: tuple[Task, ...] | tuple[Reference, ...] = getattr(lesson, spec.id)
    if spec.id in {"questions", "exercises"}:
        return [
            (_task_card(item, number, len(items), lesson, structure, spec), item.narration)
            for number, item in enumerate(items, 1)
            if isinstance(item, Task)
        ]
    references = [item for item in items if isinstance(item, Reference)]
    groups = _groups(references, spec.per_card)
    return [
        (_reference_card(group, number, len(groups), lesson, structure, spec), group[0].narration)
        for number, group in enumerate(groups, 1)
    ]


def slide_card(slide: Slide, lesson: Lesson, structure: Structure, spec: PartSpec) -> Card:
    """A slide or a whole-screen picture of the explanation."""
    pictures = {"picture": slide.picture.path} if slide.picture else {}
    data = _common(lesson, structure, spec) | {
        "picture": "picture" if slide.picture else None,
        "credit": credit(slide.source, lesson.language),
    }
    if slide.full_screen:
        return Card("picture", data, pictures, slide.place)
    data |= {key: _data(getattr(slide, key)) for key in ("title", "text", "formula")}
    data["spoken"] = " ".join(text.plain for text in (slide.title, slide.text, slide.formula) if text)
    return Card("slide", data, pictures, slide.place)


def all_cards(lesson: Lesson, structure: Structure) -> list[Card]:
    """Every card of the film, whether or not its parts add up yet: so that all errors come in one run."""
    cards = []
    for spec in structure.parts:
        cards += [
            fixed_card(fixed.card, lesson, structure, spec) for fixed in (spec.opens_with, spec.ends_with) if fixed
        ]
        if spec.id == "explanation":
            slides = [item for item in lesson.explanation if isinstance(item, Slide)]
            cards += [slide_card(slide, lesson, structure, spec) for slide in slides]
        else:
            cards += [card for card, _ in part_cards(lesson, structure, spec)]
    return cards


def spoken(card: Card) -> str:
    """What a draft voice reads aloud over a card."""
    data = card.data
    if card.kind == "title":
        return f"{data['grade_text']}. {data['subject']['name']}. {_words(data['topic'])}."
    if card.kind in {"resource", "link"}:
        return ". ".join(_words(item["title"]) for item in data["items"])
    if card.kind == "slide":
        return str(data["spoken"])
    return str(data.get("spoken") or _words(data.get("text") or []))


def _common(lesson: Lesson, structure: Structure, spec: PartSpec) -> dict[str, Any]:
    index = next(number for number, part in enumerate(structure.parts, 1) if part.id == spec.id)
    return {
        "language": lesson.language,
        "grade": lesson.grade,
        "grade_text": texts()["grade"][lesson.language].format(grade=lesson.grade),
        "subject": {
            "id": lesson.subject_id,
            "name": lesson.subject,
            "family": family(lesson),
        },
        "topic": lesson.topic.data(),
        "part": {
            "id": spec.id,
            "name": spec.name[lesson.language],
            "index": index,
            "count": len(structure.parts),
        },
        "item": None,
    }


def _item(number: int, count: int, lesson: Lesson, spec: PartSpec) -> dict[str, Any]:
    return {"index": number, "count": count, "name": spec.one[lesson.language]}


def _task_card(item: Task, number: int, count: int, lesson: Lesson, structure: Structure, spec: PartSpec) -> Card:
    data = _common(lesson, structure, spec) | {
        "item": _item(number, count, lesson, spec),
        "text": item.text.data(),
        "spoken": item.text.plain,
    }
    return Card("question" if spec.id == "questions" else "exercise", data, {}, item.place)


def _reference_card(
    group: list[Reference], number: int, count: int, lesson: Lesson, structure: Structure, spec: PartSpec
) -> Card:
    items = [{"title": each.title.data(), "url": each.url, "note": _data(each.note)} for each in group]
    data = _common(lesson, structure, spec) | {"item": _item(number, count, lesson, spec), "items": items}
    return Card("resource" if spec.id == "resources" else "link", data, {}, group[0].place)


def _data(text: Text | None) -> list[list[dict[str, Any]]] | None:
    return text.data() if text is not None else None


def _groups(items: list[Reference], per_card: int) -> list[list[Reference]]:
    """As few cards as possible, filled as evenly as possible; one with a narration has a card to itself."""
    groups: list[list[Reference]] = []
    silent: list[Reference] = []
    for item in [*items, None]:
        if item is not None and item.narration is None:
            silent.append(item)
            continue
        count = -(-len(silent) // per_card)
        edges = [number * len(silent) // count for number in range(count + 1)] if count else [0]
        groups += [silent[first:last] for first, last in pairwise(edges)]
        groups += [[item]] if item is not None else []
        silent = []
    return groups


def _words(lines: list[list[dict[str, Any]]]) -> str:
    return " ".join(run["t"] for line in lines for run in line if run.get("t"))
