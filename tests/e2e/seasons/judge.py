"""Judges an output folder from outside: what anybody may see there at any moment."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from pipeline.checks.inside import judge_own
from pipeline.rulebook import load_check_profile

OF_THE_BATCH = {"batch.json", "index.html"}


def published(out: Path) -> dict[str, str]:
    """Every file of a lesson that a visitor sees: name -> SHA-256."""
    if not out.is_dir():
        return {}
    files = (path for path in out.rglob("*") if path.is_file())
    seen = {path.relative_to(out) for path in files}
    visible = (name for name in seen if not any(part.startswith(".") for part in name.parts))
    return {
        name.as_posix(): sha256((out / name).read_bytes()).hexdigest()
        for name in sorted(visible)
        if name.as_posix() not in OF_THE_BATCH
    }


def left_over(out: Path) -> list[str]:
    """Files of exchanges that were never finished."""
    return [str(path) for path in out.rglob("*") if "partial" in path.name]


def whole_lessons(out: Path) -> set[str]:
    """Lessons whose manifest lies there; what it names must lie there too, with the digests it tells."""
    found = set()
    for path in out.glob("*/manifest.json"):
        manifest = json.loads(path.read_bytes())
        for each in manifest["outputs"]:
            data = (path.parent / each["path"]).read_bytes()
            assert sha256(data).hexdigest() == each["sha256"], path.parent / each["path"]
        found.add(path.parent.name)
    return found


class Checker:
    """The product's own checker, asked once for each state of a film folder."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._profile = load_check_profile("platform")

    def assert_good(self, folder: Path) -> None:
        state = str([(each.name, each.stat().st_ino, each.stat().st_size) for each in sorted(folder.iterdir())])
        if state in self._known:
            return
        findings = judge_own(folder, self._profile, quick=True).findings()
        bad = [(each.rule, each.outcome) for _, each in findings if each.outcome in {"fail", "not-run"}]
        assert not bad, (folder, bad)
        self._known.add(state)


def assert_all_whole(out: Path, reference: dict[str, str], checker: Checker | None = None) -> set[str]:
    """Nothing half-written is to be seen: every file is one of the finished ones. The lessons that are whole."""
    wrong = {name: digest for name, digest in published(out).items() if reference.get(name) != digest}
    assert not wrong
    lessons = whole_lessons(out)
    for name in lessons if checker is not None else ():
        checker.assert_good(out / name)
    batch = out / "batch.json"
    if batch.exists():
        json.loads(batch.read_bytes())
        assert (out / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    return lessons
