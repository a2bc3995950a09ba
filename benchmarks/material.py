"""What is measured: a phone clip, a lesson around it, and the lesson structure, all at one scale."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pipeline.media import ffmpeg
from pipeline.specs import load_yaml, specs_folder

CLIP_SECONDS = 355
"""A six-minute explanation less its title card."""

PIECE_SECONDS = 40
"""What is drawn anew; a fractal takes longer to draw than a lesson to build."""

HARD = (
    # Motion everywhere (a zooming fractal behind a moving test picture) under film grain.
    "mandelbrot=s=1920x1080:r=30:maxiter=300:end_scale=0.02,format=yuv420p[deep];"
    "testsrc2=s=960x540:r=30,format=yuv420p[chart];"
    "[deep][chart]overlay=x='480+400*sin(t*1.3)':y='270+200*cos(t*1.7)',noise=alls=9:allf=t+u"
)
EASY = (
    # A still ground with one slowly moving figure: a teacher at a board, as a codec sees it.
    "color=0x274060:s=1920x1080:r=30,format=yuv420p,"
    "drawgrid=w=240:h=180:t=2:c=0x31507a[board];color=0xd8c8a8:s=300x620:r=30,format=yuv420p[figure];"
    "[board][figure]overlay=x='1300+30*sin(t/2)':y=380,noise=alls=2:allf=t"
)
SPEECH = "sine=f=180:r=44100,tremolo=f=4:d=0.9,volume=-9dB"


@dataclass(frozen=True)
class Material:
    """The files of one run. `scale` 1 is the real ten minutes, 10 a tenth of it."""

    folder: Path
    scale: int
    clip: Path
    lesson: Path
    structure: Path

    @property
    def clip_seconds(self) -> Fraction:
        return Fraction(CLIP_SECONDS, self.scale)

    def script(self, question: str = "Не нәрсені өлшедік?", teacher: str = "Айгүл Серікқызы Нұрланова") -> None:
        """Write the lesson with this question and this teacher."""
        (self.lesson / "lesson.yaml").write_text(
            _SCRIPT.format(
                question=question, teacher=teacher, clip=self.clip.resolve().name, end=float(self.clip_seconds)
            ),
            encoding="utf-8",
        )


def prepare(folder: Path, scale: int, own_clip: Path | None) -> Material:
    """Make (or find) the clip, the structure at this scale, and the lesson."""
    folder.mkdir(parents=True, exist_ok=True)
    lesson = folder / f"lesson-{scale}"
    lesson.mkdir(exist_ok=True)
    seconds = Fraction(CLIP_SECONDS, scale) + 1
    clip = lesson / "clip.mp4"
    stamp = folder / f"clip-{scale}.txt"
    made_from = str(own_clip.resolve() if own_clip else HARD)
    if not clip.is_file() or not stamp.is_file() or stamp.read_text() != made_from:
        make_clip(clip, seconds, HARD, own_clip)
        stamp.write_text(made_from)
    structure = folder / f"structure-{scale}.yaml"
    structure.write_text(_scaled_structure(scale), encoding="utf-8")
    material = Material(folder, scale, clip, lesson, structure)
    material.script()
    return material


def make_clip(target: Path, seconds: Fraction, graph: str, own: Path | None = None) -> None:
    """A 1080p30 H.264 clip of about 12 Mbit/s with 44.1 kHz sound, as phones record; longer ones repeat a piece."""
    piece = target.with_name(f"{target.stem}-piece.mp4")
    if own is not None:
        loop = ["-stream_loop", "-1", "-i", str(own), "-f", "lavfi", "-i", SPEECH]
        source = [*loop, "-vf", "scale=1920:1080,fps=30,noise=alls=6:allf=t", "-map", "0:v:0", "-map", "1:a"]
    else:
        source = ["-f", "lavfi", "-i", graph, "-f", "lavfi", "-i", SPEECH]
    ffmpeg.run(
        [
            *source,
            *("-t", f"{float(min(PIECE_SECONDS, seconds))}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30"),
            *("-pix_fmt", "yuv420p", "-b:v", "12M", "-maxrate", "14M", "-bufsize", "24M"),
            *("-c:a", "aac", "-b:a", "128k", "-y", str(piece)),
        ],
        timeout=3600,
    )
    ffmpeg.run(
        ["-stream_loop", "-1", "-i", str(piece), "-c", "copy", "-t", f"{float(seconds)}", "-y", str(target)],
        timeout=600,
    )


def _scaled_structure(scale: int) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    raw = load_yaml(specs_folder() / "structures" / "tv-lesson.yaml")
    for part in raw["parts"]:
        part["seconds"] = part["seconds"] / scale
        for fixed in ("opens_with", "ends_with"):
            if fixed in part:
                part[fixed]["seconds"] = part[fixed]["seconds"] / scale
    caption = raw["name_caption"]
    for key in caption:
        caption[key] = caption[key] / scale
    out = StringIO()
    YAML(typ="safe", pure=True).dump(raw, out)
    return out.getvalue()


_SCRIPT = """\
format: 1
id: bench
language: kk
grade: 8
subject: Алгебра
topic: Өлшеу
teacher: {{name: {teacher}, post: математика пәнінің мұғалімі}}
description: Жылдамдықты өлшеуге арналған сабақ.
keywords: [өлшеу]
explanation:
  - clip: {clip}
    from: 0
    to: {end}
    source: own
    fit: hold
questions:
  - {question}
  - $x^2 - 5x + 6 = 0$ теңдеуінің неше түбірі бар?
  - Дискриминант неге тең?
exercises:
  - $x^2 - 7x + 12 = 0$ теңдеуін шешіңіз.
  - $2x^2 + 3x - 5 = 0$ теңдеуін шешіңіз.
resources:
  - {{title: Бірінші ресурс, url: "https://example.kz/1"}}
links:
  - {{title: Қосымша материал, url: "https://example.kz/2"}}
"""
