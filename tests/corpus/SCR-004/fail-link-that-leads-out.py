"""A picture of the lesson is a symbolic link to a file outside of its folder."""

from __future__ import annotations

from pathlib import Path

from tests.unit.checks.lesson_with_clip import LESSON


def make(folder: Path) -> Path:
    (folder / "secret.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    lesson = folder / "lesson"
    lesson.mkdir()
    (lesson / "ice.svg").symlink_to(folder / "secret.svg")
    script = lesson / "lesson.yaml"
    picture = "    seconds: 115\n    picture: ice.svg\n    source: own\n"
    script.write_text(LESSON.replace("    seconds: 115\n", picture), encoding="utf-8")
    return script
