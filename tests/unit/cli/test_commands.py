"""The command line as a shell sees it: exit codes, languages, what is printed where."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SHORT


def telesabaq(*words: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli.main", *map(str, words)]
    root = str(Path(__file__).parents[3])
    variables = os.environ | {"PYTHONPATH": root, "LC_ALL": "C.UTF-8", "LANG": "", "TELESABAQ_LANG": ""} | environment
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=cwd, env=variables, check=False)


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    return {"TELESABAQ_CACHE": str(tmp_path / "cache")}


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from pipeline.cli.main import telesabaq; telesabaq.main(['--help'], standalone_mode=False);"
        "print(sorted({'av', 'typst', 'numpy', 'PIL', 'jsonschema', 'ruamel', 'rich', 'ffmpeg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_any_module_runs_nothing_heavy() -> None:
    code = (
        "import pkgutil, sys, pipeline, importlib\n"
        "for each in pkgutil.walk_packages(pipeline.__path__, 'pipeline.'):\n"
        # A plugin has to be a class of distributed's; it is imported where a fleet is at work.
        "    each.name == 'pipeline.batch.plugin' or importlib.import_module(each.name)\n"
        "print(sorted({'av', 'typst', 'numpy', 'PIL', 'jsonschema', 'ruamel', 'ffmpeg', 'pydub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_a_built_lesson_is_exit_code_0_and_names_its_files(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    done = telesabaq("build", make_lesson(), "-o", tmp_path / "out", "--structure", SHORT, **cache)
    assert done.returncode == 0, done.stderr
    for name in ("lesson.mp4", "storyboard.jpg", "manifest.json"):
        assert str(tmp_path / "out" / "lesson" / name) in done.stderr


def test_one_bad_lesson_does_not_stop_the_others_and_is_exit_code_1(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    make_lesson("a-bad", **{"grade: 8": "grade: 12"})
    make_lesson("b-good")
    done = telesabaq("--lang", "ru", "build", tmp_path, "-o", tmp_path / "out", "--structure", SHORT, **cache)
    assert done.returncode == 1
    assert "Класса 12 нет" in done.stderr
    assert "  ✗ не собрано  1" in done.stderr.splitlines()
    assert (tmp_path / "out" / "b-good" / "manifest.json").is_file()
    assert not (tmp_path / "out" / "a-bad").exists()


@pytest.mark.parametrize(("language", "words"), [("kk", "сынып жоқ"), ("ru", "Класса 12 нет"), ("en", "grade 12")])
def test_messages_come_in_three_languages(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str], language: str, words: str
) -> None:
    folder = make_lesson(**{"grade: 8": "grade: 12"})
    done = telesabaq("build", folder, "--structure", SHORT, cwd=tmp_path, TELESABAQ_LANG=language, **cache)
    assert words in done.stderr
    assert "lesson.yaml:3:8" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["build"],
        ["build", "nowhere"],
        ["build", "lesson", "--profile", "cinema"],
        ["build", "lesson", "--structure", "nowhere.yaml"],
        ["build", "lesson", "--jobs", "0"],
        ["frobnicate"],
        ["new", "lesson"],
    ],
)
def test_wrong_use_is_exit_code_2_without_a_traceback(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str], words: list[str]
) -> None:
    make_lesson()
    done = telesabaq(*words, cwd=tmp_path, **cache)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_spec_is_our_own_failure_and_exit_code_3(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\nfps: 25\n")
    done = telesabaq("build", make_lesson(), "--structure", broken, **cache)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_explain_says_what_was_made_and_why(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    words = ["build", make_lesson(), "-o", tmp_path / "out", "--structure", SHORT, "--explain"]
    assert "made for the first time" in telesabaq(*words, **cache).stderr
    make_lesson(**{"Дискриминант неге тең?": "Түбір деген не?"})
    done = telesabaq(*words, **cache)
    assert "the text changed: “Дискриминант неге тең?” → “Түбір деген не?”" in done.stderr
    assert "nothing was encoded again" not in done.stderr
    assert "nothing was encoded again" in telesabaq(*words, **cache).stderr


def test_explain_names_the_pieces_in_the_language(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    words = ["--lang", "kk", "build", make_lesson(), "-o", tmp_path / "out", "--structure", SHORT, "--explain"]
    told = telesabaq(*words, **cache).stderr
    assert "  сұрақ, " in told
    assert "question" not in told
    assert " s, " not in told


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_new_lesson_previews_at_once(tmp_path: Path, cache: dict[str, str], language: str) -> None:
    assert telesabaq("new", "sabaq", "--language", language, cwd=tmp_path).returncode == 0
    done = telesabaq("preview", "sabaq", cwd=tmp_path, **cache)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sabaq.preview.html").stat().st_size > 100_000


def test_the_preview_is_one_page_that_loads_nothing_from_elsewhere(
    make_lesson: Callable[..., Path], tmp_path: Path, cache: dict[str, str]
) -> None:
    folder = make_lesson(**{"topic: Квадрат": "topic: <script>alert(1)</script> Квадрат"})
    done = telesabaq("preview", folder, "--structure", SHORT, "-o", tmp_path / "page.html", **cache)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("<figure>") == 10
    assert "<script" not in page
    assert "src='data:image/jpeg;base64," in page
    assert "http" not in page.replace("http-equiv", "")


def test_doctor_lists_what_is_there(cache: dict[str, str]) -> None:
    done = telesabaq("doctor", **cache)
    assert done.returncode == 0
    assert "ffmpeg" in done.stdout
    assert "espeak-ng" in done.stdout


def test_doctor_fails_when_ffmpeg_cannot_be_used(cache: dict[str, str], tmp_path: Path) -> None:
    assert telesabaq("doctor", TELESABAQ_FFMPEG=str(tmp_path / "none"), **cache).returncode == 1
