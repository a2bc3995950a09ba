"""Promises of docs/security.md that no single module keeps: each is tried on the whole check, from outside."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.checks import check_paths

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "sample_lessons" / "kk-8-algebra-quadratic"
CANARY = "canary-4f1d"

_TEST = re.compile(r"`(test_\w+)`")


def test_every_test_that_the_security_page_names_exists() -> None:
    named = set(_TEST.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert {name for name in named if f"def {name}(" not in sources} == set()


def test_an_animation_of_a_script_is_not_run(tmp_path: Path) -> None:
    lesson = tmp_path / "lesson"
    shutil.copytree(SAMPLE, lesson)
    (lesson / "media" / "draw.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    script = (lesson / "lesson.yaml").read_text(encoding="utf-8")
    animation = "explanation:\n  - {animation: media/draw.py, seconds: 5, source: own}\n"
    (lesson / "lesson.yaml").write_text(script.replace("explanation:\n", animation, 1), encoding="utf-8")
    check_paths([lesson])
    assert not (tmp_path / "ran").exists()


BAIT = {
    "playlist.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{canary}\n#EXT-X-ENDLIST\n",
    "concat.mp4": "ffconcat version 1.0\nfile {canary}\n",
    "entity.svg": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{canary}">]>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><text>&x;</text></svg>\n',
    "image.svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="900" '
    'height="900"><image xlink:href="file://{canary}" width="900" height="900"/></svg>\n',
    "page/index.html": '<!doctype html><meta charset=utf-8><title>a</title><img src="file://{canary}">'
    '<script src="../../canary.txt"></script><link rel=stylesheet href="{canary}">\n',
    "lesson.yaml": "format: 1\nlanguage: kk\nexplanation:\n  - {{clip: {canary}, source: own}}\n"
    "  - {{picture: ../canary.txt, source: own, seconds: 5}}\n",
    "cue.srt": "1\n00:00:01,000 --> 00:00:02,000\n{canary}\n",
}


JUDGE_WITHOUT_WALLS = """
import sys
from pathlib import Path

from pipeline.checks.discover import discover
from pipeline.checks.judge import judge
from pipeline.checks.subject import Task
from pipeline.rulebook import load_check_profile

submission, scratch = Path(sys.argv[1]), Path(sys.argv[2])
opened = []
sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == "open" else None)
for unit in discover([submission]):
    for number, file in enumerate((*unit.files, *filter(None, [unit.submission]))):
        own = scratch / str(number)
        own.mkdir()
        judged = judge(Task(file, own, files=unit.files), load_check_profile())
        print(file.shown, judged.report.kind)
print(any("canary" in each for each in opened))
"""


def test_no_file_outside_the_submission_is_read_because_a_file_inside_says_so(tmp_path: Path) -> None:
    """The bait is a pipe that nobody feeds: ffmpeg would wait at it for ever, and Python's own opening is heard."""
    canary = tmp_path / "canary.txt"
    os.mkfifo(canary)
    submission = tmp_path / "submission"
    for name, text in BAIT.items():
        path = submission / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(canary=canary))
    (submission / "link.png").symlink_to(canary)
    (tmp_path / "scratch").mkdir()
    command = [sys.executable, "-c", JUDGE_WITHOUT_WALLS, submission, tmp_path / "scratch"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    *judged, opened = done.stdout.split("\n")[:-1]
    assert len(judged) == len(BAIT) + 2
    assert opened == "False"


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_leaves_nothing_behind(tmp_path: Path, name: signal.Signals) -> None:
    temporary, files = tmp_path / "temporary", tmp_path / "files"
    temporary.mkdir()
    files.mkdir()
    for number in range(400):
        shutil.copyfile(SAMPLE / "media" / "title.mp3", files / f"{number}.mp3")
    command = [sys.executable, "-m", "pipeline.cli.main", "check", files, "--jobs", "2"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(temporary.glob("telesabaq-check-*/*")) and time.monotonic() < deadline:
        os.sched_yield()
    running.send_signal(name)
    assert running.wait(30) == 130
    assert [path.name for path in temporary.iterdir() if path.name.startswith("telesabaq")] == []


def test_workers_put_their_temporary_files_into_the_private_folder(tmp_path: Path) -> None:
    code = (
        "import tempfile; from pathlib import Path; from pipeline.checks.pool import _prepare;"
        "from pipeline.checks.confine import Bounds; from pipeline.rulebook import load_check_profile;"
        f"_prepare(print, load_check_profile(), Bounds(), [], Path({str(tmp_path)!r}));"
        "print(tempfile.mkdtemp())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith(str(tmp_path))
    assert tempfile.gettempdir() != str(tmp_path)
