"""Synthetic footage with the true answer in the picture: every frame carries the time it belongs to.

The embedded ffmpeg writes the files; nothing of pipeline/ is used here.
"""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw

CELLS = 20
"""Bits of the clock: milliseconds up to 17 minutes."""

SOUND_RATE = 48_000

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p")
LONG_GROUPS = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "250", "-bf", "3", "-pix_fmt", "yuv420p")
OPEN_GROUPS = (*LONG_GROUPS, "-g", "50", "-x264-params", "open-gop=1")
AAC = ("-c:a", "aac", "-b:a", "128k")

UNTAGGED = "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown:range=unknown"
"""Filter that takes away all colour tags: footage that says nothing about itself."""

GREY = 110
"""Level of the ground of clock pictures."""


def ffmpeg(*arguments: str | Path, stdin: Iterable[bytes] | None = None) -> None:
    """Run the embedded ffmpeg; what it complains about fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for block in stdin or ():
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass
        complaint = process.stderr.read().decode("utf-8", "replace")
    assert process.returncode == 0, complaint


def clock_picture(seconds: float | Fraction, width: int = 320, height: int = 180) -> np.ndarray:
    """A grey picture (height x width, uint8) that says `seconds` in 20 black and white cells along its top.

    The row below holds the complement, so that a torn or blended frame is told apart. A white bar
    goes across the rest once a second, so that no two frames of a clip are the same.
    """
    picture = np.full((height, width), GREY, np.uint8)
    cell, row = width // CELLS, height // 6
    milliseconds = round(seconds * 1000)
    for bit in range(CELLS):
        lit = milliseconds >> (CELLS - 1 - bit) & 1
        picture[:row, bit * cell : (bit + 1) * cell] = 235 if lit else 16
        picture[row : 2 * row, bit * cell : (bit + 1) * cell] = 16 if lit else 235
    at = round(seconds % 1 * (width - cell))
    picture[2 * row + 8 :, at : at + cell] = 235
    return picture


def scene(width: int, height: int) -> Image.Image:
    """A white disc on slate, with red, green, blue and yellow corners (clockwise: red, green, yellow, blue)."""
    picture = Image.new("RGB", (width, height), (90, 110, 130))
    draw = ImageDraw.Draw(picture)
    side = min(width, height) // 8
    right, low = width - side, height - side
    draw.rectangle([0, 0, side, side], fill=CORNERS[0])
    draw.rectangle([right, 0, width, side], fill=CORNERS[1])
    draw.rectangle([right, low, width, height], fill=CORNERS[2])
    draw.rectangle([0, low, side, height], fill=CORNERS[3])
    radius = min(width, height) * 0.35
    x, y = width / 2, height / 2
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(250, 250, 250))
    return picture


CORNERS = ((220, 30, 30), (30, 200, 30), (220, 220, 30), (30, 30, 220))
"""Colours of a scene's corners, clockwise from the upper left."""


def times(count: int, rate: Fraction | int) -> list[Fraction]:
    """When each of `count` frames is shown, at a constant rate."""
    return [Fraction(number) / rate for number in range(count)]


def jittered(count: int, rate: Fraction | int) -> list[Fraction]:
    """The same as a phone does it: each frame late by up to a third of a frame, to 1/90000 s."""
    late = [Fraction(number) + Fraction(number * 7 % 11, 33) for number in range(count)]
    return [Fraction(int(each / rate * 90_000), 90_000) for each in late]


def jitter(rate: Fraction | int) -> str:
    """The same as an expression for setpts in 1/90000 s: for clips too long to list."""
    return f"floor((N+mod(N*7,11)/33)*{Fraction(90_000) / rate})"


def clock_clip(
    path: Path,
    shown: Sequence[Fraction],
    *output: str,
    size: tuple[int, int] = (320, 180),
    picture_of: Sequence[Fraction] | None = None,
    wav: Path | None = None,
    graph: str = UNTAGGED,
    timing: str = "",
) -> Path:
    """Write a clip whose frame number n is shown at `shown[n]` seconds and says so.

    `picture_of` makes the frames say something else; `graph` is a filter behind the timing.
    """
    pictures = (clock_picture(each, *size).tobytes() for each in picture_of or shown)
    return raw_clip(path, pictures, shown, *output, size=size, wav=wav, graph=graph, timing=timing)


def scene_clip(path: Path, size: tuple[int, int], *output: str, shape: tuple[int, int], graph: str = UNTAGGED) -> Path:
    """Four frames of a scene of `shape` square pixels, squeezed into `size`."""
    picture = scene(*shape).resize(size, Image.Resampling.LANCZOS)
    return raw_clip(path, [picture.tobytes()] * 4, times(4, 25), *output, size=size, pixels="rgb24", graph=graph)


def raw_clip(
    path: Path,
    pictures: Iterable[bytes],
    shown: Sequence[Fraction],
    *output: str,
    size: tuple[int, int],
    pixels: str = "gray",
    wav: Path | None = None,
    graph: str = UNTAGGED,
    timing: str = "",
) -> Path:
    """Encode raw pictures, each shown at its own time (to 1/90000 s), with sound or without."""
    stamps = [round(each * 90_000) for each in shown]
    rate, expression = _timing(stamps, timing)
    filters = [f"settb=1/90000,setpts='{expression}'"] if expression else []
    ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{size[0]}x{size[1]}", "-r", rate, "-i", "pipe:0"),
        *(("-i", wav) if wav else ()),
        *("-vf", ",".join([*filters, graph]), "-fps_mode", "passthrough"),
        *(("-enc_time_base", "1:90000") if expression else ()),
        *(AAC if wav else ()),
        *(output or X264),
        path,
        stdin=pictures,
    )
    return path


def _timing(stamps: Sequence[int], expression: str) -> tuple[str, str]:
    """(a constant frame rate, or an expression for times that no rate gives)."""
    if expression:
        return "25", expression
    steps = {second - first for first, second in pairwise(stamps)}
    if len(steps) <= 1:
        return str(Fraction(90_000, steps.pop())) if steps else "25", ""
    return "25", _lookup(stamps, 0, len(stamps))


def _lookup(stamps: Sequence[int], first: int, last: int) -> str:
    """An expression that gives stamps[N]: nested halves, so that hundreds of frames stay quick."""
    if last - first == 1:
        return str(stamps[first])
    middle = (first + last) // 2
    return f"if(lt(N,{middle}),{_lookup(stamps, first, middle)},{_lookup(stamps, middle, last)})"


def beeps(path: Path, seconds: float, at: Sequence[float], *, rate: int = SOUND_RATE, channels: int = 1) -> Path:
    """A WAV with 80 ms of 1 kHz at each of the times; of several channels only the first sounds."""
    sound = np.zeros((round(seconds * rate), channels))
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(round(0.08 * rate)) / rate)
    for each in at:
        room = sound[round(each * rate) :, 0][: len(tone)]
        room += tone[: len(room)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path
