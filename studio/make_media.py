"""Makes the media of the sample lessons from studio/speech: clips, narrations, captions, pictures, music.

    python -m studio.make_media                                         everything
    python -m studio.make_media kk-8-algebra-quadratic                  one lesson
    python -m studio.make_media ru-7-chemistry-phenomena/teacher-1      one recording of a lesson

Needs espeak-ng on the system and the project's own dependencies. The same text gives the same files.
The results are committed; run this only after a change under studio/.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from ruamel.yaml import YAML

from studio.drawings import BOARD_DRAWINGS
from studio.figure import Look
from studio.film import Shoot, shoot_clip
from studio.music import bed
from studio.pictures import PICTURES
from studio.recording import Recording, Sentence, Voice, record

SPEECH = Path(__file__).resolve().parent / "speech"
LESSONS = SPEECH.parents[1] / "sample_lessons"


def make_lesson(folder: Path, only: str | None) -> None:
    """All media of one lesson, or the one recording called `only`."""
    plan = YAML(typ="safe", pure=True).load((SPEECH / f"{folder.name}.yaml").read_text(encoding="utf-8"))
    media = folder / "media"
    media.mkdir(exist_ok=True)
    voice = Voice.of(plan["voice"])
    for name, entry in plan["narrations"].items():
        if only in (None, name):
            recording = _record(entry, voice)
            _encode(recording.wav(), media / f"{name}.mp3", 24_000, 48)
            (media / f"{name}.vtt").write_text(recording.vtt(), encoding="utf-8")
            _tell(folder, name, recording)
    for name, entry in plan["clips"].items():
        if only in (None, name):
            recording = _record(entry, voice)
            shoot_clip(_shoot(plan, entry), recording, media / f"{name}.mp4", imageio_ffmpeg.get_ffmpeg_exe())
            (media / f"{name}.vtt").write_text(recording.vtt(), encoding="utf-8")
            _tell(folder, name, recording)
    if folder.name in PICTURES and only in (None, "pictures"):
        name, draw = PICTURES[folder.name]
        (media / name).write_bytes(draw())
    if plan.get("music") and only in (None, "music"):
        _encode(bed(), media / plan["music"], 44_100, 64)


def _record(entry: Mapping[str, Any], voice: Voice) -> Recording:
    sentences = [Sentence.of(raw) for raw in entry["speech"]]
    return record(sentences, voice, entry["seconds"], entry.get("lead", 1.0))


def _shoot(plan: Mapping[str, Any], entry: Mapping[str, Any]) -> Shoot:
    return Shoot(
        height=entry["height"],
        fps=Fraction(entry["fps"]),
        sample_rate=entry["sample_rate"],
        channels=entry["channels"],
        look=Look(**plan["look"]),
        surface=plan["surface"],
        font=plan["font"],
        boards=tuple(plan.get("markup", "") + markup for markup in entry["boards"]),
        drawings=BOARD_DRAWINGS,
    )


def _encode(wav: bytes, target: Path, rate: int, kilobits: int) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-i", "pipe:0", "-ar", str(rate), "-ac", "1"]
    mp3 = ["-c:a", "libmp3lame", "-b:a", f"{kilobits}k", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    subprocess.run([*command, *mp3, str(target)], input=wav, check=True, timeout=120)


def _tell(folder: Path, name: str, recording: Recording) -> None:
    print(f"{folder.name}/{name}: {recording.seconds} s, pauses of {recording.pause:.2f} s", flush=True)


def main(names: list[str]) -> None:
    for name in names or sorted(path.stem for path in SPEECH.glob("*.yaml")):
        lesson, _, only = name.strip("/").partition("/")
        make_lesson(LESSONS / lesson, only or None)


if __name__ == "__main__":
    main(sys.argv[1:])
