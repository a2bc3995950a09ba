"""The page a teacher opens: one file, nothing from elsewhere, nothing run, readable by eye, keyboard and printer."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from pipeline.checks import check_paths
from pipeline.reports.html import html
from pipeline.reports.model import Report
from pipeline.specs import LANGUAGES
from tests.unit.reports.by_hand import (
    AGE,
    CLEAN,
    HOST,
    LESSON,
    MARKUP,
    NAMED_TO_HARM,
    PACKAGE,
    PHOTO,
    SHOWN,
    everything,
    report,
    thumbnail,
)


def page(about: Report, language: str = "en") -> Any:
    return lxml_html.document_fromstring(html(about, language).encode("utf-8"))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language_and_letters_first(language: str) -> None:
    written = html(everything(), language)
    assert written.startswith("<!doctype html>")
    assert page(everything(), language).get("lang") == language
    assert written.index('<meta charset="utf-8">') < 200


def test_the_page_loads_and_runs_nothing() -> None:
    root = page(everything())
    assert not root.xpath("//script | //link | //iframe | //object | //embed | //form | //base | //a")
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    assert {each.get("src")[:23] for each in root.xpath("//img")} == {"data:image/jpeg;base64,"}
    style = "".join(root.xpath("//style/text()"))
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in html(everything(), "en").replace("http-equiv", "")
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")


def test_names_and_texts_of_strangers_are_only_text() -> None:
    root = page(everything())
    assert MARKUP.replace("`", "") in words(root)
    assert SHOWN in [words(each) for each in root.xpath("//h2")]


def test_files_with_errors_stand_first_with_what_to_do() -> None:
    root = page(everything(), "kk")
    heads = [words(each) for each in root.xpath("//section//h2")]
    assert heads == ["app.zip", "lesson.yaml", "work/photo.jpg", "z.mp4", SHOWN, "Тек адам жауап бере алатын сұрақтар"]
    app = root.xpath("//section")[0]
    assert [each.get("class") for each in app.xpath(".//li")] == ["fail", "pass"]
    told = words(app)
    assert "қате: Скрипт a.kz сайтынан жүктеледі. js/app.js, 3-жол, 5-таңба; 9-жол, 5-таңба; 27-жол, 5-таңба" in told
    assert "Не істеу керек: Түзетіңіз." in told
    assert told.count("Түзетіңіз.") == 2


COMMAND = "ffmpeg -i in.mp4 -c copy -movflags +faststart out.mp4"


def test_what_stands_in_backticks_is_code_and_still_only_text() -> None:
    host = f"`questions`, `{COMMAND}`, `<img src=x onerror=alert(1)>`, `&lt;`, ` and <b>"
    told = page(report(replace(PACKAGE, findings=(replace(PACKAGE.findings[0], fields={"host": host}),))))
    [message] = told.xpath("//ul[@class='lines']//p[b]")
    codes = [(each.get("class"), each.text_content()) for each in message.xpath("./code")]
    assert codes == [
        ("", "questions"),
        ("long", COMMAND),
        ("long", "<img src=x onerror=alert(1)>"),
        ("", "&lt;"),
    ]
    assert not told.xpath("//main//img")
    assert "` and <b>." in words(message)


def test_short_code_stays_on_one_line_and_commands_may_wrap() -> None:
    style = "".join(page(everything()).xpath("//style/text()"))
    assert re.search(r"\bcode \{[^}]*white-space: nowrap", style)
    assert "code.long { white-space: normal; }" in style


def test_what_the_documents_ask_looks_different_from_project_policy() -> None:
    root = page(report(PACKAGE))
    bases = [(each.get("class"), words(each)) for each in root.xpath("//*[contains(@class, 'basis')]")]
    assert bases == [
        ("basis order", "Required by the documents: Order No 121, paragraph 45, 4)"),
        ("basis policy", "Project policy"),
    ]


def test_a_number_of_the_order_stays_on_the_line_of_its_word() -> None:
    basis = page(report(PACKAGE), "ru").xpath("//*[contains(@class, 'basis order')]")[0].text_content()
    assert basis == "Требование документов: приказ №\u00a0121, п.\u00a045, подп.\u00a04)"


def test_every_kind_of_finding_can_be_hidden_without_a_script() -> None:
    root = page(everything())
    boxes = [each.get("id") for each in root.xpath("//input[@class='switch']")]
    assert boxes == ["show-fail", "show-not-run", "show-warn", "show-pass", "show-waived"]
    assert [each.get("for") for each in root.xpath("//div[@class='filters']/label")] == boxes
    style = "".join(root.xpath("//style/text()"))
    for box in boxes:
        assert f"#{box}:not(:checked) ~ main li.{box.removeprefix('show-')} {{ display: none; }}" in style
        assert f"#{box}:focus-visible" in style


def test_a_clean_check_has_nothing_to_hide_and_lists_its_files() -> None:
    root = page(report(CLEAN))
    assert not root.xpath("//input | //ul[@class='lines']")
    assert words(root.xpath("//summary")[0]) == "Files without findings: 1"
    assert "verdict good" in root.xpath("//div/@class")
    assert root.xpath("//li/img")


@pytest.mark.parametrize(("subjects", "tone"), [([PHOTO], "fail"), ([PHOTO, LESSON], "fail"), ([], "good")])
def test_the_verdict_has_the_colour_of_the_worst(subjects: list[Any], tone: str) -> None:
    assert f"verdict {tone}" in page(report(*subjects)).xpath("//div/@class")


def test_each_question_is_a_box_to_tick() -> None:
    root = page(everything())
    [item] = root.xpath("//ul[@class='ask']/li")
    assert words(item.xpath(".//label")[0]) == "Does it fit the age?"
    assert AGE.id in words(item)
    assert "work/photo.jpg" in words(root.xpath("//p[contains(@class, 'about')]")[0])


def test_what_is_no_jpeg_is_no_thumbnail() -> None:
    hostile = replace(NAMED_TO_HARM, thumbnail=b"<svg onload=alert(1)>")
    assert not page(report(hostile)).xpath("//img")
    assert page(report(replace(hostile, thumbnail=thumbnail()))).xpath("//img[@alt='']")


def test_all_findings_are_there_however_many() -> None:
    many = replace(
        PACKAGE, findings=tuple(replace(PACKAGE.findings[0], fields={"host": f"h{n}.kz"}) for n in range(150))
    )
    assert words(page(report(many))).count("A script comes from") == 150
    assert HOST.id in html(report(many), "en")


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_stands_out_from_every_ground_it_is_on() -> None:
    style = "".join(page(everything()).xpath("//style/text()"))
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w+)", each)) for each in re.findall(r":root \{([^}]*--ink[^}]*)\}", style)
    )
    assert len(light) == len(dark) == 11
    for colours in (light, dark):
        grounds = [colours[name] for name in ("ground", "card", "todo")]
        inks = [colours[name] for name in ("ink", "soft", "bad", "lost", "warn", "note", "good")]
        for ink, ground in product(inks, grounds):
            lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_the_page_passes_our_own_rules_for_applications(tmp_path: Path, zipped: bool) -> None:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "index.html").write_text(html(everything(), "kk"), encoding="utf-8")
    path = Path(shutil.make_archive(str(folder), "zip", folder)) if zipped else folder
    judged = check_paths([path])
    assert judged.subjects[0].kind == "package"
    assert judged.subjects[0].passed
    assert [finding for _, finding in judged.findings() if finding.outcome in {"fail", "warn", "not-run"}] == []
