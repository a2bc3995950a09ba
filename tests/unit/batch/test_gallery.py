"""The season's page: everything in one file, nothing from elsewhere, readable whatever lessons are called."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html as lxml_html

from pipeline.batch.gallery import FEW, MOST_SHOWN, gallery
from pipeline.batch.model import LessonResult
from pipeline.batch.summary import batch_bytes, read_batch, summarise, write_summary
from pipeline.checks import check_paths
from pipeline.render.cache import Cache
from pipeline.specs import LANGUAGES
from tests.unit.batch.season import HOSTILE, LONG_WORD, RUN, ZALGO, Disk, film, result, season, told

FACTS = dict(result().facts)


SHOWN = HOSTILE.replace("\u202e", r"\u202e").replace("\x1b", r"\x1b")


def source(results: list[LessonResult], language: str = "en", run: Any = RUN, pictures: Any = None) -> str:
    return gallery(summarise(results, run), language, pictures or {})


def page(results: list[LessonResult], language: str = "en", **more: Any) -> Any:
    return lxml_html.document_fromstring(source(results, language, **more).encode("utf-8"))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def heads(root: Any) -> list[str]:
    return [words(each) for each in root.xpath("//main//h2")]


def article(root: Any, title: str) -> Any:
    [found] = [each for each in root.xpath("//article") if words(each.find(".//h3")) == title]
    return found


def everything() -> list[LessonResult]:
    strange = {**FACTS, "topic": HOSTILE, "teacher": ZALGO, "subject": {"id": 'x"><script>', "name": LONG_WORD}}
    return [
        result("good"),
        result("same", "unchanged", warnings=(told("loud", "warning"), told("card", "note"))),
        result("bad", "refused", facts=strange, errors=(told("CAP-001", text=HOSTILE),)),
        result("broken", "failed", facts={}),
        result("later", "not-run"),
        result("left", "left-alone"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language_and_letters_first(language: str) -> None:
    written = source(everything(), language)
    assert written.startswith("<!doctype html>")
    assert written.index('<meta charset="utf-8">') < 200
    assert page(everything(), language).get("lang") == language
    assert "gallery." not in written, "a text that nobody wrote"


def test_lessons_keep_their_own_language() -> None:
    root = page([result("a", facts={**FACTS, "language": "ru", "topic": "Дроби"})], "kk")
    [title] = root.xpath("//article//h3")
    assert (title.get("lang"), words(title)) == ("ru", "Дроби")
    assert root.xpath("//article//p[@lang='ru']")


def test_the_page_asks_nothing_of_anywhere() -> None:
    root = page(everything(), pictures={"good": "UklGRg=="})
    assert not root.xpath("//link | //iframe | //object | //embed | //form | //base | //video | //script[@src]")
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    assert {each.get("src")[:23] for each in root.xpath("//img")} == {"data:image/webp;base64,"}
    style = "".join(root.xpath("//style/text()"))
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in source(everything()).replace("http-equiv", "")
    assert all(not urlsplit(each).scheme and not each.startswith("/") for each in root.xpath("//a/@href"))


def test_only_the_page_s_own_script_may_run() -> None:
    root = page(everything())
    [script] = root.xpath("//script/text()")
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_texts_of_strangers_are_only_text_and_take_little_room() -> None:
    written = source(everything())
    root = lxml_html.document_fromstring(written.encode())
    [strange] = [each for each in root.xpath("//article") if each.get("data-outcome") == "refused"]
    assert words(strange.find(".//h3")) == SHOWN
    assert words(strange.find(".//h3")).replace("`", "") in words(strange.xpath(".//li")[0])
    assert len(root.xpath("//script")) == 1
    assert not root.xpath("//img")
    assert "\u202e" not in written
    assert not re.search("[\u0300-\u036f]{3}", written)
    assert max(map(len, re.findall(r"(?:ұзын)+", written))) <= 60
    assert strange.get("data-subject") == 'x"><script>'


def test_text_without_end_is_cut_off() -> None:
    wordy = told("x", text="\n".join(["ә" * 5000] * 500), remedy="ж" * 50_000)
    facts = {**FACTS, "topic": "т" * 10_000, "teacher": "у" * 10_000}
    assert len(source([result("a", "failed", facts=facts, errors=(wordy,) * 150)])) < 700_000


def test_what_needs_work_stands_first() -> None:
    assert heads(page(everything())) == [
        "No film could be made 1",
        "Refused by the check 1",
        "Not begun 1",
        "Films 3",
    ]


def test_a_failure_says_where_what_and_what_to_do() -> None:
    wrong = (told("a", line=14), told("b", text="first line\n\n  second line", line=0))
    root = page([result("broken", "failed", facts={}, errors=wrong, script="term/broken/lesson.yaml")], "ru")
    shown = article(root, "broken")
    assert "fail" in shown.get("class")
    one, other = shown.xpath(".//li")
    assert words(
        one
    ) == "ошибка: Видео длиннее 10 минут: 612,4 с. lesson.yaml, строка 14, знак 8 Что сделать: Уберите лишнее.".replace(
        "с. l", "с.l"
    )
    assert other.xpath(".//br")
    assert words(other.xpath(".//*[@class='where']")[0]) == "lesson.yaml"
    assert "term/broken/lesson.yaml" in words(shown)
    assert not shown.xpath(".//a | .//img")


def test_more_problems_than_anybody_reads_are_counted() -> None:
    many = (told("x"),) * (MOST_SHOWN + 5)
    shown = article(page([result("a", "failed", facts={}, errors=many, warnings=many)]), "a")
    assert len(shown.xpath(".//li")) == 2 * (MOST_SHOWN + 1)
    assert words(shown).count("… and 5 more") == 2
    assert "Warnings: 25" in words(shown)


def test_a_refused_film_can_be_watched() -> None:
    shown = article(page([result("a", "refused")]), FACTS["topic"])
    [watch] = [each for each in shown.xpath(".//a") if words(each) == "Open the refused film"]
    assert watch.get("href") == ".telesabaq/refused/a/a.mp4"
    assert "error: The video is longer" in words(shown)


def test_a_film_of_an_earlier_version_is_called_so() -> None:
    before = read_batch(batch_bytes(summarise([result("a")], {**RUN, "run": 1})))["lessons"]
    batch = summarise([result("a", "failed")], RUN, before, frozenset)
    shown = article(lxml_html.document_fromstring(gallery(batch, "en", {})), FACTS["topic"])
    assert [words(each) for each in shown.xpath(".//a")] == ["A film of an earlier version is still in the folder"]
    assert not shown.xpath(".//*[contains(@class, 'measures')]")


def test_a_film_shows_its_measures_and_leads_to_its_files() -> None:
    shown = article(page([result("a", film=film("a", loudness=-23.04, frames=375))], "kk"), FACTS["topic"])
    told = words(shown)
    assert "8-сынып · Алгебра · қазақша" in told
    assert "148 МБ · −23,0 LUFS · −1,4 dBTP" in told
    assert "0:15" in told
    links = {words(each): each.get("href") for each in shown.xpath(".//a")}
    assert links == {
        "сурет жоқ 0:15": "a/a.mp4",
        FACTS["topic"]: "a/a.mp4",
        "Кадрлар": "a/storyboard.jpg",
        "Субтитр": "a/a.vtt",
        "Құжаты": "a/manifest.json",
    }


def test_a_silent_film_without_captions_says_so_and_leads_nowhere_else() -> None:
    bare = film("a", loudness=None, peak=None, outputs=["a.mp4"])
    shown = article(page([result("a", film=bare)]), FACTS["topic"])
    assert "148 MB · silent" in words(shown)
    assert {each.get("href") for each in shown.xpath(".//a")} == {"a/a.mp4", "a/manifest.json"}


@pytest.mark.parametrize("name", ["a b", "a#b?c=d%20", "сабақ-8", "javascript:alert(1)", "a&b\"<c>'", "-", "%2e%2e"])
def test_an_address_leads_to_the_file_whatever_the_lesson_is_called(name: str) -> None:
    for address in page([result(name)]).xpath("//article//a/@href"):
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
        assert unquote(parts.path).startswith(f"{name}/")


def test_a_film_is_one_stop_for_the_keyboard() -> None:
    root = page(everything(), pictures={"good": "UklGRg=="})
    for link in root.xpath("//a[@class='poster']"):
        assert (link.get("tabindex"), link.get("aria-hidden")) == ("-1", "true")
    assert all(each.get("alt") == "" for each in root.xpath("//img"))
    for field in root.xpath("//select | //input"):
        assert field.getparent().tag == "label"


def test_filters_offer_what_there_is_and_wait_for_the_script() -> None:
    subjects = ["physics", "algebra", "kazakh_language", "world_history", "geography"]
    results = [result(each, facts={**FACTS, "subject": {"id": each, "name": each}}) for each in subjects]
    results += [result("ten", facts={**FACTS, "grade": 10}), result("two", "failed", facts={**FACTS, "grade": 2})]
    root = page([*results, result("w", warnings=(told("x", "warning"),))], "kk")
    [bar] = root.xpath("//*[@id='filters']")
    assert bar.get("hidden") is not None
    offered = {each.get("name"): [words(option) for option in each][1:] for each in bar.xpath(".//select")}
    assert offered == {
        "grade": ["2-сынып (1)", "8-сынып (6)", "10-сынып (1)"],
        # ә, ғ, қ ... stand where the Kazakh alphabet has them.
        "subject": ["Алгебра (4)", "География (1)", "Дүниежүзі тарихы (1)", "Қазақ тілі (1)", "Физика (1)"],
        "language": ["қазақша (8)"],
        "outcome": ["жасалды (7)", "жасалмады (1)", "Ескертуі бар (1)"],
    }
    assert not root.xpath("//article[@hidden] | //section[@hidden]")


@pytest.mark.parametrize(
    ("outcome", "results", "tone", "begins"),
    [
        ("complete", [result("a")], "good", "All lessons are ready."),
        ("complete", [], "good", "All lessons are ready."),
        ("incomplete", [result("a", "failed")], "fail", "Lessons that need attention: 1."),
        ("stopped", [result("a", "failed"), result("b", "not-run")], "fail", "The run was stopped at an error."),
        ("interrupted", [result("a"), result("b", "not-run")], "not-run", "The run was interrupted"),
        ("??", [result("a", "refused")], "fail", "Lessons that need attention: 1."),
    ],
)
def test_the_verdict_is_that_of_the_run(outcome: str, results: list[Any], tone: str, begins: str) -> None:
    root = page(results, run={**RUN, "outcome": outcome})
    [verdict] = root.xpath("//div[contains(@class, 'verdict')]")
    assert verdict.get("class") == f"verdict {tone}"
    assert words(verdict).startswith(begins)


def test_a_complete_run_does_not_hide_what_an_earlier_one_left() -> None:
    before = summarise([result("old", "failed")], {**RUN, "run": 3})["lessons"]
    batch = summarise([result("new")], {**RUN, "outcome": "complete"}, before)
    root = lxml_html.document_fromstring(gallery(batch, "en", {}))
    [verdict] = root.xpath("//div[contains(@class, 'verdict')]")
    assert verdict.get("class") == "verdict fail"
    assert "earlier runs still need attention: 1" in words(verdict)
    [old] = [each for each in root.xpath("//article") if each.get("data-outcome") == "failed"]
    assert "Run 3" in words(old)


def test_the_head_counts_the_season_and_the_run() -> None:
    many = {"run": 12, "outcome": "incomplete", "seconds": 4983.2, "workers": 8}
    head = words(page(season(300, drawn=False)[0], "ru", run=many).find(".//header"))
    assert "Сборка 12 · собрано: 58 · без изменений: 237 · не прошло проверку: 2 · не собрано: 3" in head
    assert "1 ч 23 мин · рабочих процессов: 8" in head
    assert "Фильмы295 из 300" in head
    assert "49 ч 10 мин" in head


@pytest.mark.parametrize(
    ("frames", "told"),
    [(375, "15 s"), (1_875, "1 min 15 s"), (15_000, "10 min"), (89_999, "1 h 0 min"), (3_600_000, "40 h 0 min")],
)
def test_running_time_is_told_as_people_do(frames: int, told: str) -> None:
    assert f"Running time{told}" in words(page([result("a", film=film("a", frames=frames))]).find(".//header"))


def test_many_films_stand_under_their_grades() -> None:
    fine = [result(f"a{number:03}", facts={**FACTS, "grade": 1 + number % 3}) for number in range(FEW + 1)]
    assert heads(page(fine)) == ["Grade 1 21", "Grade 2 20", "Grade 3 20"]
    assert heads(page(fine[:-1])) == ["Films 60"]


def test_a_folder_without_lessons_says_so() -> None:
    root = page([])
    assert "There are no lessons here yet." in words(root)
    assert not root.xpath("//article | //button[@id != 'reset']")


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_stands_out_from_every_ground_it_is_on() -> None:
    style = "".join(page([]).xpath("//style/text()"))
    palettes = [
        dict(re.findall(r"--(\w+): (#\w+)", each)) for each in re.findall(r":root \{([^}]*--ink[^}]*)\}", style)
    ]
    assert [len(each) for each in palettes] == [11, 11, 11]
    for colours in palettes:
        grounds = [colours[name] for name in ("ground", "card", "todo")]
        inks = [colours[name] for name in ("ink", "soft", "bad", "lost", "warn", "note", "good")]
        for ink, ground in product(inks, grounds):
            lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def laid(folder: Path, cache: Cache, language: str = "kk", extra: int = 0) -> Path:
    """A page with its films' files (empty but there) beside it."""
    results, files = season(20)
    results += everything()[:extra]
    for made in results:
        if made.film:
            files |= {f"{made.film['folder']}/{name}": b"." for name in (*made.film["outputs"], "manifest.json")}
    disk = Disk(folder)
    for name, data in files.items():
        disk.write(name, data)
    write_summary(disk, results, RUN, cache, language)
    return folder / "index.html"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_passes_our_own_rules_for_applications(tmp_path: Path, cache: Cache, language: str) -> None:
    built = laid(tmp_path / "out", cache, language, extra=6)
    application = tmp_path / "application"
    application.mkdir()
    # The page by itself, as it is handed on; what it leads to is judged beside the films.
    written = re.sub(r'href="[^"#]+"', 'href="#lessons"', built.read_text(encoding="utf-8"))
    (application / "index.html").write_text(written, encoding="utf-8")
    judged = check_paths([application])
    assert judged.subjects[0].kind == "package"
    assert [finding for _, finding in judged.findings() if finding.outcome in {"fail", "warn", "not-run"}] == []


def test_every_link_of_the_page_leads_to_a_file(tmp_path: Path, cache: Cache) -> None:
    built = laid(tmp_path, cache)
    links = lxml_html.parse(str(built)).xpath("//article//a/@href")
    assert len(links) > 60
    assert [each for each in links if not (tmp_path / unquote(each)).is_file()] == []


CHROMIUM = shutil.which("chromium")


def opened(built: Path, hash_: str, profile: Path) -> Any:
    """The page as a browser has it after its script ran."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={profile}", "--virtual-time-budget=2000", "--dump-dom", f"{built.as_uri()}{hash_}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return lxml_html.document_fromstring(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs a real browser")
def test_a_browser_shows_what_the_address_asks_for(tmp_path: Path, cache: Cache) -> None:
    built = laid(tmp_path / "out", cache, "en", extra=6)
    lessons = json.loads((tmp_path / "out" / "batch.json").read_text(encoding="utf-8"))["lessons"]

    def seen(hash_: str) -> tuple[Any, list[Any]]:
        root = opened(built, hash_, tmp_path / "profile")
        assert root.xpath("//*[@id='filters'][not(@hidden)]")
        return root, root.xpath("//section[not(@hidden)]//article[not(@hidden)]")

    root, cards = seen("")
    assert len(cards) == len(lessons) == 26
    assert words(root.xpath("//*[@id='shown']")[0]) == "Shown: 26 of 26"

    root, cards = seen("#outcome=failed&language=kk")
    wanted = [each for each in lessons if each["outcome"] == "failed" and each["facts"].get("language") == "kk"]
    assert len(cards) == len(wanted) > 0
    assert {each.get("data-outcome") for each in cards} == {"failed"}
    assert len(root.xpath("//section[not(@hidden)]")) == 1

    root, cards = seen("#find=" + "%D0%9A%D0%92%D0%90%D0%94%D0%A0%D0%90%D0%A2%20%D0%B0%D0%BB%D0%B3")
    assert cards == []
    root, cards = seen("#find=" + "%D0%9A%D0%92%D0%90%D0%94%D0%A0%D0%90%D0%A2%20algebra")
    assert len(cards) == 4
    assert {words(each.find(".//h3")) for each in cards} == {FACTS["topic"]}

    root, cards = seen("#outcome=warned&grade=99&subject=%22%3E%3Cscript%3E")
    assert len(cards) == sum(bool(each["warnings"]) for each in lessons)

    root, cards = seen("#find=zzz%3Cimg%20src%3Dx%3E")
    assert cards == []
    assert root.xpath("//*[@id='none'][not(@hidden)]")
    assert "No lessons match." in words(root)
    assert not root.xpath("//img[@src='x']")
