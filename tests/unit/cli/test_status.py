"""telesabaq status: what people read of a batch, in three languages, on narrow terminals and in files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from pipeline.batch import model
from pipeline.batch.status import Standing, look
from pipeline.cli.status import _tell_waiting, page
from pipeline.errors import Place, Problem
from pipeline.messages import catalogue
from pipeline.specs import LANGUAGES
from tests.unit.batch.recorded import HOLDER, Script, Shelf, lay, names, season
from tests.unit.cli.test_commands import telesabaq

each_language = pytest.mark.parametrize("language", LANGUAGES)


def ended(outcome: str, script: Script, **counts: int) -> Script:
    script("run-ended", outcome=outcome, counts=counts, seconds=1)
    return script


def reading() -> Script:
    script = Script()
    script.begin(171)
    for name in names(50):
        script("lesson-planned", lesson=name, script=name, segments=3, missing=3, frames=99)
    return script


def standing(folder: Path, script: Script, holder: object = None) -> Standing:
    lay(folder, script.records, 12)
    return look(Shelf(folder, holder))


def every_state(folder: Path) -> dict[str, Standing]:
    return {
        "running": standing(folder, season(171, 60), HOLDER),
        "cut-off": standing(folder, season(171, 60)),
        "complete": standing(folder, ended("complete", season(40, 40, trouble=False))),
        "incomplete": standing(folder, ended("incomplete", season(40, 40))),
        "stopped": standing(folder, ended("stopped", season(40, 12), **{"not-run": 25})),
        "interrupted": standing(folder, ended("interrupted", season(40, 12))),
        "reading": standing(folder, reading(), HOLDER),
        "starting": look(Shelf(folder / "new", HOLDER)),
    }


@each_language
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_none_has_colours_unasked(
    tmp_path: Path, language: str, width: int
) -> None:
    for told in every_state(tmp_path).values():
        text = page(told, language, width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "\x1b" not in text
        assert not any(line.endswith(" ") for line in text.splitlines())


@each_language
def test_every_state_is_told_in_words_of_the_language(tmp_path: Path, language: str) -> None:
    for name, told in every_state(tmp_path).items():
        text = page(told, language, 100)
        known = {"reading": "status.state-running", "starting": None}.get(name, f"status.state-{name}")
        if known:
            assert catalogue()[known][language]["what"] in text.splitlines()[0]
        advice = {"cut-off": "go-on", "interrupted": "go-on", "stopped": "go-on", "incomplete": "mend"}.get(name)
        for each in ("go-on", "mend"):
            assert (catalogue()[f"status.{each}"][language]["what"] in text) == (each == advice), name
        for codes in ("status.", "stage."):
            assert codes not in text, "a code without a sentence"
        assert "{" not in text, "a field without a value"


def test_a_running_season_tells_what_a_person_asks(tmp_path: Path) -> None:
    text = page(every_state(tmp_path)["running"], "en", 80)
    for words in (
        "Batch run 12: running",
        "builder-3, process 41231",
        "2026-05-04 18:20 UTC",
        "60 of 171",
        "made 46 · unchanged 8 · refused by the check 3 · failed 3",
        "under way 3 · waiting 108",
        "931,000 of 2,852,500",
        "487 frames a second, 19.5× real time",
        "about 1 h 06 min",
        "steps tried again 1 · workers lost 1",
        "the worker died",
        "10.0.4.17:40123",
        "lost",
        "… and 1 more",
    ):
        assert words in text
    under_way = text[text.index("Under way") : text.index("Workers")]
    assert [line.split()[0] for line in under_way.splitlines()[1:4]] == [
        "kk-8-history-0062",
        "ru-7-biology-0061",
        "kk-6-algebra-0060",
    ]
    assert "encoding" in under_way
    assert "65 %" in under_way


def test_without_a_driver_nothing_is_under_way_and_no_time_is_left(tmp_path: Path) -> None:
    text = page(every_state(tmp_path)["cut-off"], "en", 80)
    assert "unfinished 111" in text
    for words in ("Under way", "under way", "Time left", "41231"):
        assert words not in text


@each_language
def test_failures_come_with_their_remedy_the_last_first(tmp_path: Path, language: str) -> None:
    text = page(every_state(tmp_path)["incomplete"], language, 100)
    failed = [line.split()[1] for line in text.splitlines() if line.startswith("✗")]
    assert failed == ["kk-2-biology-0034", "kk-5-history-0026", "ru-1-history-0011", "ru-10-algebra-0009"]
    assert {"kk": "12-сынып жоқ.", "ru": "Класса 12 нет.", "en": "There is no grade 12."}[language] in text
    assert {"kk": "→ Сыныптар", "ru": "→ Классы", "en": "→ Grades"}[language] in text
    assert "season/kk-3/lesson.yaml:3:8: " in text


def test_a_failure_that_nobody_put_into_words_is_its_code(tmp_path: Path) -> None:
    script = ended("incomplete", season(20, 20, trouble=False))
    script.end("kk-1", "failed")
    script.records[-1]["result"]["errors"] = [
        {"code": "from.later", "message": {"kk": "Қате"}},
        {"code": "from.elsewhere"},
    ]
    text = page(standing(tmp_path, script), "en", 80)
    assert "  Қате" in text
    assert "  from.elsewhere" in text


def test_what_strangers_wrote_cannot_break_the_terminal(tmp_path: Path) -> None:
    script = season(20, 20, trouble=False)
    script.records[0]["out"] = "/out\x1b[2J[bold]x[/bold] :smile:"
    script.end("\u202eevil\nname", "failed")
    text = page(standing(tmp_path, script), "en", 120, "truecolor")
    assert r"/out\x1b[2J[bold]x[/bold] :smile:" in text
    assert r"\u202eevil\nname" in text
    assert "\x1b[2J" not in text
    assert "\x1b[1;32m" in page(standing(tmp_path, ended("complete", season(20, 20))), "en", 80, "truecolor")


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    script = season(171, 60)
    for number in range(40):
        script("lesson-started", lesson=f"more-{number}")
        script.segment(f"more-{number}", f"more/{number}", f"tcp://10.1.0.{number}:9000")
    text = page(standing(tmp_path, script, HOLDER), "en", 80)
    assert "Under way 43" in text
    assert "… and 31 more" in text
    assert "Workers 43" in text
    assert "10.0.4.18:35211" in text, "the lost one is among those that are shown"
    assert len(text.splitlines()) < 80


def test_trouble_with_the_journal_itself_is_told(tmp_path: Path) -> None:
    script = season(40, 20)
    lay(tmp_path, [*script.records[:30], b"half a li\n", *script.records[33:]])
    text = page(look(Shelf(tmp_path)), "en", 80)
    assert "lines of the journal that could not be read 1" in text
    assert "records that could not be written 3" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (59.9, "1 min"), (90, "2 min"), (3599, "1 h 00 min"), (90_000, "25 h 00 min")],
)
def test_spans_are_told_as_people_tell_them(tmp_path: Path, seconds: float, words: str) -> None:
    script = Script()
    script.begin(1)
    script("run-ended", outcome="complete", counts={}, seconds=1, after=seconds)
    assert f"took {words}\n" in page(standing(tmp_path, script), "en", 80)


def test_paths_are_shown_as_seen_from_here_or_as_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = Script()
    script.begin(1, out=str(tmp_path / "films"))
    error = Problem("lesson.grade", Place(str(tmp_path / "in" / "lesson.yaml"), 3, 8), {"found": 12})
    result = model.LessonResult("a", "in/lesson.yaml", "failed", errors=model.told([error]))
    script("lesson-ended", result=result.to_json())
    stands = standing(tmp_path, script)
    assert str(tmp_path) not in page(stands, "en", 100)
    assert "  in/lesson.yaml:3:8: There is no grade 12." in page(stands, "en", 100).splitlines()
    into = re.compile(r"^Into +(\S+)$", re.MULTILINE)
    assert into.findall(page(stands, "en", 100)) == ["films"]
    assert into.findall(page(stands, "en", 100, out="../x/films/")) == ["../x/films/"]


def test_no_secret_of_an_address_is_shown(tmp_path: Path) -> None:
    script = Script()
    script.begin(1, out="s3://key:wo/rd@bucket/films?X-Amz-Signature=word")
    stands = standing(tmp_path, script)
    assert "s3://key:***@bucket/films?…" in page(stands, "en", 100)
    assert "word" not in json.dumps(stands.to_json())
    assert "rd@" not in json.dumps(stands.to_json())


@each_language
@pytest.mark.parametrize("terminal", [True, False])
def test_looking_for_a_driver_in_a_store_is_told_to_whoever_sits_there(
    language: str, terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    _tell_waiting(language, {"host": "studio\x1b[2J"}, 14.2)
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == terminal
    assert "\x1b" not in err
    assert ("15" in err) == terminal


# The command -----------------------------------------------------------------------------------


def test_the_command_prints_to_standard_output_and_its_exit_code_tells(tmp_path: Path) -> None:
    lay(tmp_path, ended("complete", season(20, 20, trouble=False)).records, 1)
    done = telesabaq("status", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Batch run 12: complete\n")
    lay(tmp_path, season(20, 10, trouble=False).records, 2)
    cut = telesabaq("--lang", "ru", "status", tmp_path)
    assert (cut.returncode, cut.stderr) == (1, "")
    assert "оборвалась" in cut.stdout
    assert "\x1b" not in cut.stdout
    earlier = telesabaq("status", tmp_path, "--run", "1", "--lang", "kk")
    assert earlier.returncode == 0
    assert "аяқталды" in earlier.stdout


def test_json_is_one_document_and_the_same_exit_code(tmp_path: Path) -> None:
    lay(tmp_path, season(20, 20).records)
    done = telesabaq("status", tmp_path, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], told["state"], told["cut_off"]) == (1, 1, "interrupted", True)


@pytest.mark.parametrize(
    ("words", "told"),
    [(["nowhere"], "no journal"), (["."], "no journal"), ([".", "--run", "0"], "0"), ([], "OUT")],
)
def test_wrong_use_is_exit_code_2_and_leaves_no_trace(tmp_path: Path, words: list[str], told: str) -> None:
    done = telesabaq("status", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert told in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    lay(tmp_path, season(20, 20).records, 7)
    done = telesabaq("status", tmp_path, "--run", "8")
    assert done.returncode == 2
    assert "no run 8" in done.stderr
