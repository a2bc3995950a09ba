"""Still cards: one closed group is encoded and its packets repeated, so a minute costs as much as two seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

from pipeline.errors import InternalError
from pipeline.media import ffmpeg
from pipeline.media.graph import compile_graph, picture_input
from pipeline.render import house as house_format
from pipeline.render.cache import key_of
from pipeline.render.segments import OnFrame, Segment, Use
from pipeline.specs import HouseFormat
from pipeline.timecode import decimal

VERSION = 1
"""Raise when this module would make other bytes from the same input."""

TIMEOUT = 120.0
CRF_STEP = 3
CRF_WORST = 34


def still_segment(
    label: str,
    start: int,
    frames: int,
    picture_key: str,
    picture: Callable[[], bytes],
    house: HouseFormat,
    fps: Fraction,
    budget: int,
) -> Segment:
    """A still of `frames` frames from frame `start`. `picture` makes its PNG, named by `picture_key`.

    `budget` is the most bits a second that the card may cost in the film.
    """
    repeats, tails = house_format.groups(frames, house.gop)
    lengths = ((house.gop,) if repeats else ()) + tails
    parts: dict[str, object] = {
        "step": "still",
        "version": VERSION,
        "picture": picture_key,
        "groups": lengths,
        "fps": fps,
        "encoder": house_format.encoder(house, house.still_crf),
        "budget": budget,
        "ffmpeg": ffmpeg.build_id(),
    }
    uses = []
    at = 0
    for number, length in enumerate(lengths):
        uses.append(Use(at, length, repeats if repeats and number == 0 else 1))
        at += length
    return Segment(
        key=key_of(parts),
        label=label,
        frames=at,
        start=start,
        uses=tuple(uses),
        parts=parts,
        encode=partial(_encode, lengths, picture, house, fps, budget),
    )


def _encode(
    lengths: tuple[int, ...],
    picture: Callable[[], bytes],
    house: HouseFormat,
    fps: Fraction,
    budget: int,
    target: Path,
    on_frame: OnFrame,
    cancel: threading.Event,
) -> str:
    png = target.with_suffix(".png")
    png.write_bytes(picture())
    allowed = budget * Fraction(max(lengths)) / fps / 8
    for crf in range(house.still_crf, CRF_WORST + 1, CRF_STEP):
        _encode_at(crf, lengths, png, house, fps, target, on_frame, cancel)
        # One group plus the file's own tables; a busy photograph is coarsened until it keeps to the budget.
        if target.stat().st_size <= allowed * sum(lengths) / max(lengths) + 4096:
            break
    else:
        raise InternalError.of("render.card-too-big", size=target.stat().st_size, allowed=int(allowed))
    png.unlink()
    return ""


def _encode_at(
    crf: int,
    lengths: tuple[int, ...],
    png: Path,
    house: HouseFormat,
    fps: Fraction,
    target: Path,
    on_frame: OnFrame,
    cancel: threading.Event,
) -> None:
    starts = [sum(lengths[:number]) for number in range(1, len(lengths))]
    still = picture_input(0).scale(
        w=str(house.width), h=str(house.height), flags="lanczos", out_color_matrix="bt709", out_range="tv"
    )
    repeated = still.format(pix_fmts="yuv420p").loop(loop=sum(lengths) - 1, size=1).setpts(expr=f"N/({fps}*TB)")
    ffmpeg.run(
        [
            *ffmpeg.source(png, "png_pipe", "-framerate", str(fps)),
            *compile_graph(house_format.tagged(repeated)).arguments(),
            *("-r", str(fps), "-frames:v", str(sum(lengths))),
            *house_format.forced_keys(starts),
            *house_format.encoder(house, crf),
            *("-y", str(target)),
        ],
        timeout=TIMEOUT,
        name=f"{png.name} ({decimal(Fraction(sum(lengths)) / fps)} s)",
        on_frame=on_frame,
        cancel=cancel,
    )
