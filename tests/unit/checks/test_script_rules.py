"""Lesson scripts as subjects: what is told once, what is never opened, what is measured."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.checks.contrast import contrast, strongest_contrast_on
from pipeline.checks.judge import judge
from pipeline.checks.script import ScriptSubject, rule_of
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.errors import Problem
from pipeline.lesson.load import load_lesson
from pipeline.lesson.scaffold import new_lesson
from pipeline.lesson.subjects import load_subjects
from pipeline.reports.model import Finding, SubjectReport
from pipeline.reports.wording import tell
from pipeline.rulebook import load_check_profile, rulebook
from pipeline.specs import load_structure, load_yaml, specs_folder
from pipeline.timeline.content import texts
from tests.unit.checks.corpus import CORPUS
from tests.unit.checks.judging import judged as judged_path
from tests.unit.checks.lesson_with_clip import LESSON

OPENED: list[str] = []
sys.addaudithook(lambda event, facts: OPENED.append(str(facts[0])) if event == "open" else None)


def task_of(script: Path) -> Task:
    scratch = script.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return Task(Submitted(script, "in/lesson.yaml", "lesson.yaml", Kind.SCRIPT), scratch)


def subject_of(folder: Path, text: str) -> ScriptSubject:
    script = folder / "lesson.yaml"
    script.write_text(text, encoding="utf-8")
    return ScriptSubject(task_of(script))


def judged(folder: Path, text: str, *rules: str) -> SubjectReport:
    script = subject_of(folder, text).path
    return judge(task_of(script), load_check_profile(select=rules or ["SCR-*"])).report


def serious(report: SubjectReport) -> list[Finding]:
    return [each for each in report.findings if each.outcome in {"fail", "warn", "not-run"}]


MESSY = (
    LESSON.replace("grade: 8", "grade: 12")
    .replace("keywords: [плавление, кристаллизация, температура плавления]\n", "keywords: []\n")
    .replace("https://okulyk.kz", "okulyk.kz")
    .replace("    seconds: 115", "    seconds: 115\n    picture: ../ice.png")
    .replace("  - Что называют плавлением?\n", "")
)


def test_everything_reading_tells_is_told_by_one_rule(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, MESSY)
    read = load_lesson(subject.path, load_structure())[1]
    told = [each.code for rule in rulebook() if rule.startswith("SCR") for each in subject.problems(rule)]
    assert Counter(told) == Counter(each.code for each in read)
    assert len(told) >= 6


def test_no_place_and_no_field_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "ice.png").write_bytes(b"")
    lesson = tmp_path / "lesson"
    lesson.mkdir()
    (lesson / "ice.png").symlink_to(secret / "ice.png")
    report = judged(lesson, LESSON.replace("    seconds: 115", "    seconds: 115\n    picture: ice.png"))
    assert serious(report)
    for each in report.findings:
        assert str(tmp_path) not in repr((each.place, each.fields, each.problem))
        assert each.place is not None
        assert each.place.file == "in/lesson.yaml"


@pytest.mark.parametrize("named", ["ice.png", "media/ice.png", "../elsewhere/ice.png", "/etc/hostname"])
def test_a_file_outside_of_the_folder_is_never_opened(tmp_path: Path, named: str) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "ice.png").write_bytes(b"private")
    lesson = tmp_path / "lesson"
    lesson.mkdir()
    (lesson / "ice.png").symlink_to(secret / "ice.png")
    (lesson / "media").symlink_to(secret)
    OPENED.clear()
    report = judged(
        lesson, LESSON.replace("    seconds: 115", f"    picture: {named}\n    source: own\n    seconds: 115")
    )
    assert [each.rule for each in serious(report)] == ["SCR-004"]
    assert not [each for each in OPENED if each.startswith(str(secret)) or each == "/etc/hostname"]


def test_a_broken_clip_is_left_to_its_own_report(tmp_path: Path) -> None:
    (tmp_path / "teacher.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500))
    clip = "  - clip: teacher.mp4\n    source: own\n    to: 5\n"
    report = judged(tmp_path, LESSON.replace("\nquestions:", f"{clip}\nquestions:"))
    assert serious(report) == []
    assert report.blocked["SCR-003"] == "VID-005"


@pytest.mark.parametrize("line", ["grade: 8", "subject: Физика", "  name: Ольга Викторовна Мельник", "language: ru"])
def test_what_is_lost_with_a_broken_line_is_told_once(tmp_path: Path, line: str) -> None:
    report = judged(tmp_path, LESSON.replace("format: 1\n", "format: 1: 2\n").replace(f"{line}\n", ""))
    assert {each.rule for each in serious(report)} == {"SCR-001"}


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_new_lesson_is_clean_once_its_names_are_filled_in(tmp_path: Path, language: str) -> None:
    script = new_lesson(tmp_path / "lesson", language)[0]
    text = script.read_text(encoding="utf-8")
    assert {each.rule for each in serious(judged(script.parent, text))} == {"SCR-006"}
    for placeholder in ("Тегі Аты Әкесінің аты", "Фамилия Имя Отчество"):
        text = text.replace(placeholder, "Ермек Асанұлы Досов")
    for placeholder in ("Мектептің аты", "Название школы"):
        text = text.replace(placeholder, "«Самұрық» гимназиясы")
    assert serious(judged(script.parent, text)) == []


def test_each_name_left_from_the_template_is_told_at_its_own_line(tmp_path: Path) -> None:
    teacher = "teacher:\n  post: мұғалім\n  name: Фамилия Имя Отчество\n  school: Название школы\n"
    text = LESSON.replace("teacher:\n  name: Ольга Викторовна Мельник\n  post: учитель физики\n", teacher)
    found = serious(judged(tmp_path, text, "SCR-006"))
    assert [(each.measured, each.place and each.place.line) for each in found] == [
        ("Фамилия Имя Отчество", 8),
        ("Название школы", 9),
    ]


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("Iшкi энергия", "В слове «Iшкi» есть латинские буквы: I, i."),
        ("Работа с РhET", "В слове «РhET» есть буквы кириллицы: Р."),
        ("Cплавление и тeплота", "В словах (2) есть латинские буквы: Cплавление (C), тeплота (e)."),
    ],
)
def test_a_look_alike_letter_is_named_with_its_alphabet(tmp_path: Path, topic: str, message: str) -> None:
    text = LESSON.replace("Плавление и кристаллизация", topic)
    found = serious(judged(tmp_path, text, "SCR-008"))
    assert [tell(each, rulebook()["SCR-008"], "ru").message for each in found] == [message]


def test_words_with_letters_of_either_alphabet_are_told_apart(tmp_path: Path) -> None:
    text = LESSON.replace("Плавление и кристаллизация", "Cплавление в РhET")
    assert {each.variant for each in serious(judged(tmp_path, text, "SCR-008"))} == {"", "cyrillic"}


def test_reading_speed_is_the_one_that_films_are_made_with() -> None:
    assert rulebook()["SCR-011"].limits["characters_a_second"] == texts()["reading_speed"]


def test_a_closing_message_that_is_shown_too_shortly_is_told_as_such(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, LESSON)
    links = subject.structure.part("links")
    assert links.ends_with is not None
    short = replace(links, ends_with=replace(links.ends_with, frames=250))
    parts = tuple(short if part.id == "links" else part for part in subject.structure.parts)
    subject.__dict__["structure"] = replace(subject.structure, parts=parts)
    from pipeline.checks.rules.script_cards import cards_stand_as_long_as_reading_takes

    found = list(cards_stand_as_long_as_reading_takes(subject, rulebook()["SCR-011"].limits))
    # The Russian closing message has 232 characters: 17.8 s at 13 a second.
    assert [(each.variant, each.measured, each.expected) for each in found] == [("closing", 10.0, 17.8)]


@pytest.mark.parametrize(("ink", "severity"), [("#959595", None), ("#B5B5B5", "warning")])
def test_pale_letters_fail_and_weak_ones_are_warned_of(tmp_path: Path, ink: str, severity: str | None) -> None:
    # On the panel of the palette, #382778, they have 4.05:1 and 5.92:1.
    from pipeline.checks.rules.script_cards import letters_stand_out_from_their_ground

    subject = subject_of(tmp_path, LESSON)
    palettes = {name: {**palette, "ink": ink} for name, palette in subject.typesetter.theme.palettes.items()}
    subject.typesetter.theme = replace(subject.typesetter.theme, palettes=palettes)
    found = list(letters_stand_out_from_their_ground(subject, rulebook()["SCR-013"].limits))
    assert [each.severity for each in found] == [severity]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#00AFCA") == pytest.approx(2.63, abs=0.01)
    assert contrast("#0B2A6B", "#FFFFFF") == pytest.approx(13.5, abs=0.1)


def test_the_palette_is_what_stands_on_a_drawn_card(tmp_path: Path) -> None:
    from PIL import Image

    subject = subject_of(tmp_path, LESSON)
    palette = subject.typesetter.theme.palette("physics")
    question = next(card for card, _ in subject.cards if card.kind == "question")
    with Image.open(io.BytesIO(subject.typesetter.png(question))) as drawn:
        raw = drawn.convert("RGB").tobytes().hex().upper()
    counted = Counter(raw[at : at + 6] for at in range(0, len(raw), 6))
    common = [f"#{colour}" for colour, _ in counted.most_common(6)]
    assert common[0] == palette["ground"].upper()
    assert palette["ink"].upper() in common


@pytest.mark.parametrize(("stroke", "ratio"), [((16, 22, 29), 15.5), ((255, 255, 255), 1.17)])
def test_strokes_of_a_see_through_picture_are_measured_on_the_paper(stroke: tuple[int, int, int], ratio: float) -> None:
    from PIL import Image, ImageDraw

    frame = Image.new("RGB", (960, 540), (43, 27, 102))
    draw = ImageDraw.Draw(frame)
    draw.rectangle((200, 40, 760, 500), fill=(239, 237, 230))
    draw.line((220, 60, 740, 480), fill=stroke, width=3)
    written = io.BytesIO()
    frame.save(written, "PNG")
    assert strongest_contrast_on(written.getvalue(), "#EFEDE6") == pytest.approx(ratio, abs=0.1)
    assert strongest_contrast_on(written.getvalue(), "#123456") is None


def test_what_media_say_about_themselves_is_not_told_by_the_script() -> None:
    structure = load_structure()
    for code in ("media.broken", "captions.encoding", "cards.picture-unreadable", "timeline.clip-cut-off"):
        assert rule_of(Problem(code), structure) is None


def grades() -> Iterator[tuple[str, int, dict[str, list[str]]]]:
    lists = load_yaml(specs_folder() / "timetable.yaml")
    for language in ("kk", "ru"):
        assert list(lists[language]) == list(range(1, 12))
        for grade, entry in lists[language].items():
            yield language, grade, entry


def test_the_timetable_agrees_with_the_subjects_on_the_air() -> None:
    for language, grade, entry in grades():
        listed = {*entry["annex-1"], *entry["annex-2"]}
        known = {each.id for each in load_subjects() if grade in each.broadcast.get(language, ())}
        assert listed == known, (language, grade)


def test_the_timetable_names_known_subjects_once_a_list() -> None:
    known = {each.id for each in load_subjects()}
    for _, _, entry in grades():
        assert list(entry) == ["annex-1", "annex-2", "annex-3", "order-121"]
        for subjects in entry.values():
            assert set(subjects) <= known
            assert len(subjects) == len(set(subjects))


def test_shorteners_are_hosts_in_order() -> None:
    hosts = load_yaml(specs_folder() / "shorteners.yaml")
    assert hosts == sorted(set(hosts))
    assert all(host == host.lower() and "." in host and "/" not in host for host in hosts)


def test_redirectors_are_hosts_with_paths_and_keys() -> None:
    for each in load_yaml(specs_folder() / "redirectors.yaml"):
        assert list(each) == ["hosts", "path", "keys"]
        assert each["path"].startswith("/")
        assert all(host == host.lower() and "/" not in host for host in each["hosts"])
        assert each["keys"]


@pytest.mark.parametrize(
    ("url", "rules"),
    [
        ("https://www.google.com/url?q=https://evil.kz/a.exe", {"SCR-017", "SCR-018"}),
        ("https://yandex.kz/clck/jsredir?url=https%3A%2F%2Fevil.kz%2Fa.bat", {"SCR-017", "SCR-018"}),
        ("https://away.vk.com/away.php?to=https%3A%2F%2Fevil.kz", {"SCR-017"}),
        ("https://qr.ae/abc", {"SCR-017"}),
        ("https://yandex.kz/search?text=a.kz", set()),
        ("https://example.kz/save.php?id=1", set()),
    ],
)
def test_links_that_lead_on_are_told_and_their_targets_judged(url: str, rules: set[str], tmp_path: Path) -> None:
    script = (CORPUS / "SCR-017" / "fail-bitly" / "lesson.yaml").read_text(encoding="utf-8")
    (tmp_path / "lesson.yaml").write_text(script.replace("https://bit.ly/3abcdef", url), encoding="utf-8")
    report = judged_path(tmp_path / "lesson.yaml", tmp_path, "SCR-017", "SCR-018")
    assert {finding.rule for _, finding in report.findings() if finding.outcome != "pass"} == rules
