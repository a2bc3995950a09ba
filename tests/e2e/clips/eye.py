"""Looks at films and files with the system's own ffmpeg and ffprobe: the independent judge."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from .footage import CELLS

FFMPEG, FFPROBE = "/usr/bin/ffmpeg", "/usr/bin/ffprobe"


def _run(*arguments: str | Path) -> bytes:
    done = subprocess.run([str(each) for each in arguments], capture_output=True, timeout=300, check=False)
    # A film that decodes with a word of complaint is not fit for air.
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert not done.stderr, done.stderr.decode("utf-8", "replace")
    return done.stdout


def grey(film: Path, size: tuple[int, int] = (320, 180), *, before: tuple[str, ...] = ()) -> np.ndarray:
    """Every frame as luma codes (frames x height x width, uint8), averaged down to `size`."""
    width, height = size
    graph = f"extractplanes=y,scale={width}:{height}:flags=area"
    raw = _run(FFMPEG, "-v", "warning", *before, "-i", film, "-map", "0:v:0", "-vf", graph, *_raw("gray"))
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width)


def rgb(film: Path, frame: int = 0) -> np.ndarray:
    """One frame as a viewer sees it (height x width x 3, uint8), at its own size."""
    facts = picture_track(film)
    graph = f"select=eq(n\\,{frame}),scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int"
    raw = _run(FFMPEG, "-v", "warning", "-i", film, "-vf", graph, "-frames:v", "1", *_raw("rgb24"))
    return np.frombuffer(raw, np.uint8).reshape(facts["height"], facts["width"], 3)


def luma(film: Path, frame: int = 0) -> np.ndarray:
    """One frame's luma codes (height x width, uint8), at its own size."""
    facts = picture_track(film)
    graph = f"select=eq(n\\,{frame}),extractplanes=y"
    raw = _run(FFMPEG, "-v", "warning", "-i", film, "-vf", graph, "-frames:v", "1", *_raw("gray"))
    return np.frombuffer(raw, np.uint8).reshape(facts["height"], facts["width"])


def _raw(pixels: str) -> tuple[str, ...]:
    return ("-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", pixels, "-")


def clock(picture: np.ndarray) -> int | None:
    """The milliseconds that a picture's clock says (see footage.clock_picture); None when they cannot be read."""
    height, width = picture.shape
    row, cell = height // 6, width / CELLS
    value = 0
    for bit in range(CELLS):
        left, right = int((bit + 0.25) * cell), int((bit + 0.75) * cell)
        lit = float(picture[row // 4 : row * 3 // 4, left:right].mean())
        dark = float(picture[row * 5 // 4 : row * 7 // 4, left:right].mean())
        if abs(lit - dark) < 120:
            return None
        value = value << 1 | (lit > dark)
    return value


def clocks(film: Path) -> list[int | None]:
    """What the clock says in every frame of a film."""
    return [clock(picture) for picture in grey(film)]


def clocks_of_damaged(clip: Path) -> list[int | None]:
    """The same of a file that ends in the middle of something, whatever the decoder says about that."""
    graph = "extractplanes=y,scale=320:180:flags=area"
    command = [FFMPEG, "-v", "quiet", "-i", str(clip), "-map", "0:v:0", "-vf", graph, *_raw("gray")]
    raw = subprocess.run(command, capture_output=True, timeout=300, check=False).stdout
    return [clock(picture) for picture in np.frombuffer(raw, np.uint8).reshape(-1, 180, 320)]


def probe(film: Path, *show: str) -> dict[str, Any]:
    """ffprobe's answer; `show` adds sections, for example "-show_frames"."""
    sections = show or ("-show_streams", "-show_format")
    answer: dict[str, Any] = json.loads(_run(FFPROBE, "-v", "error", "-of", "json", *sections, film))
    return answer


def picture_track(film: Path) -> dict[str, Any]:
    streams: list[dict[str, Any]] = probe(film)["streams"]
    return next(each for each in streams if each["codec_type"] == "video")


def sound(film: Path, channels: int = 1) -> np.ndarray:
    """The film's sound at 48 kHz as floats (samples, or samples x channels); sample 0 belongs to the first frame."""
    layout = ("-ac", str(channels), "-ar", "48000", "-f", "f32le", "-")
    samples = np.frombuffer(_run(FFMPEG, "-v", "error", "-i", film, "-map", "0:a:0", *layout), "<f4")
    return samples if channels == 1 else samples.reshape(-1, channels)


def onsets(samples: np.ndarray, *, rate: int = 48_000, apart: float = 0.3) -> list[float]:
    """Seconds at which a beep begins: the level passes a quarter of its peak after `apart` seconds below it."""
    step = rate // 1000
    level = np.abs(samples[: len(samples) // step * step]).reshape(-1, step).max(axis=1)
    loud = np.flatnonzero(level > level.max() / 4)
    starts = [int(at) for number, at in enumerate(loud) if number == 0 or at - loud[number - 1] > apart * 1000]
    return [at / 1000 for at in starts]
