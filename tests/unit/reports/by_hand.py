"""A report made by hand, with something of everything, some of it hostile."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from PIL import Image

from pipeline.errors import Place, Problem, Severity
from pipeline.reports.model import Finding, Report, SubjectReport, Waiver
from pipeline.rulebook import Basis, CheckProfile, Rule, Wording, rulebook

HOSTILE = "work/evil\u202egpj.exe\x1b[31m\n::error::x.jpg"
SHOWN = r"work/evil\u202egpj.exe\x1b[31m\n::error::x.jpg"
MARKUP = "<script>alert(1)</script> {measured} %s | `x`"
DIGEST = "ab" * 32


def texts(en: str, ru: str, kk: str) -> dict[str, str]:
    return {"en": en, "ru": ru, "kk": kk}


def rule(identity: str, basis: Basis, severity: Severity, message: dict[str, str], **more: Any) -> Rule:
    values: dict[str, Any] = {
        "name": identity.lower(),
        "clause": "order-121 §45 1), C1" if basis == "order" else "project policy",
        "kinds": ("picture",),
        "limits": {},
        "title": texts(f"{identity} asks", f"{identity} требует", f"{identity} талабы"),
        "why": texts("Because.", "Потому что.", "Себебі."),
        "wording": Wording(message, texts("Mend it.", "Исправьте.", "Түзетіңіз.")),
        "variants": {},
        "question": None,
    } | more
    return Rule(id=identity, basis=basis, severity=severity, **values)


SIZE = rule(
    "PIC-903",
    "order",
    "error",
    texts(
        "The picture takes {measured} MB; at most {megabytes} MB are allowed.",
        "Картинка занимает {measured} МБ, а можно не больше {megabytes} МБ.",
        "Сурет {measured} МБ орын алады, ал {megabytes} МБ-тан аспауы керек.",
    ),
    limits={"megabytes": 100},
)
PLACE = rule(
    "PIC-910",
    "policy",
    "warning",
    texts("The photo tells where: {where}.", "В снимке записано место: {where}.", "Суретте орны жазылған: {where}."),
    reason=texts("Privacy first.", "Личные данные важнее.", "Жеке дерек маңызды."),
)
HOST = rule(
    "REF-907",
    "order",
    "error",
    texts("A script comes from {host}.", "Скрипт загружается с {host}.", "Скрипт {host} сайтынан жүктеледі."),
    clause="order-121 §45 4), E9",
)
LINK = rule("REF-920", "policy", "note", texts("A link to {host}.", "Ссылка на {host}.", "{host} сілтемесі."))
AGE = rule(
    "HUM-901",
    "order",
    "note",
    {},
    question=texts("Does it fit the age?", "Подходит ли по возрасту?", "Жасына сай ма?"),
    clause="order-121 §41, C4",
)
SCRIPT = rule("SCR-901", "order", "error", {}, clause="concept, structure of a TV lesson, A1")

WAIVER = Waiver(PLACE.id, HOSTILE, DIGEST, "Школьный музей", "Анна Ким", date(2027, 5, 1))
QUESTION = Finding(rule=AGE.id, outcome="needs-human", severity="note")

PHOTO = SubjectReport(
    "work/photo.jpg",
    "picture",
    DIGEST,
    123_456_789,
    (
        QUESTION,
        Finding(rule=PLACE.id, severity="warning", outcome="warn", place=Place("work/photo.jpg"), fields={"where": 1}),
        Finding(rule=SIZE.id, severity="error", measured=123.456789, expected=100, place=Place("work/photo.jpg")),
    ),
    passed=("PIC-901", "PIC-902"),
    facts={"width": 8000, "codec": "jpeg"},
)
NAMED_TO_HARM = SubjectReport(
    HOSTILE,
    "picture",
    DIGEST,
    5,
    (
        Finding(
            rule=PLACE.id,
            severity="warning",
            outcome="warn",
            place=Place(HOSTILE),
            fields={"where": MARKUP},
            waived=WAIVER,
        ),
        QUESTION,
    ),
    passed=("PIC-901",),
)
PACKAGE = SubjectReport(
    "app.zip",
    "package",
    DIGEST,
    1_234_567,
    (
        *(
            Finding(rule=HOST.id, severity="error", place=Place("app.zip!js/app.js", line, 5), fields={"host": "a.kz"})
            for line in (3, 9, 27)
        ),
        Finding(rule=HOST.id, severity="error", place=Place("app.zip!index.html", 2), fields={"host": "b.kz"}),
        Finding(
            rule=LINK.id, severity="note", outcome="pass", place=Place("app.zip!index.html", 7), fields={"host": "c"}
        ),
    ),
    passed=("PKG-901",),
    not_applicable=("PKG-903",),
    blocked={"PKG-902": HOST.id},
    left_out=("PKG-904",),
)
LESSON = SubjectReport(
    "lesson.yaml",
    "script",
    DIGEST,
    999,
    (
        Finding(
            rule=SCRIPT.id,
            severity="error",
            place=Place("lesson.yaml", 4, 8),
            problem=Problem("lesson.grade", Place("lesson.yaml", 4, 8), {"found": 12}),
        ),
    ),
)
CRASHED = SubjectReport(
    "z.mp4",
    "video",
    "",
    0,
    (
        Finding(
            rule="RUN-001",
            outcome="not-run",
            severity="error",
            variant="crashed",
            place=Place("z.mp4"),
            fields={"rule": SIZE.id, "code": -11},
        ),
        QUESTION,
    ),
)


def thumbnail() -> bytes:
    written = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((64, 36)).save(written, "JPEG")
    return written.getvalue()


CLEAN = SubjectReport("ok.png", "picture", DIGEST, 9_999, (), passed=("PIC-901", SIZE.id), thumbnail=thumbnail())
EVERYTHING = (PHOTO, NAMED_TO_HARM, PACKAGE, LESSON, CRASHED, CLEAN)


def report(*subjects: SubjectReport, broken: bool = False) -> Report:
    """A report about these subjects, as a check would order them."""
    rules = {each.id: each for each in (SIZE, PLACE, HOST, LINK, AGE, SCRIPT, rulebook()["RUN-001"])}
    profile = CheckProfile("platform", texts("Learning platform", "Учебная платформа", "Оқу платформасы"), rules, ())
    return Report(profile, tuple(sorted(subjects, key=lambda each: each.path)), broken)


def everything() -> Report:
    return report(*EVERYTHING)
