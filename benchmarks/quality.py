"""Quality of the teacher's picture by VMAF, against a flat encode that fills the same size."""

from __future__ import annotations

import json
import threading
from fractions import Fraction
from pathlib import Path

from benchmarks.material import EASY, HARD, make_clip
from pipeline.errors import Place
from pipeline.media import ffmpeg
from pipeline.media.probe import probe
from pipeline.render.clips import clip_segments
from pipeline.render.house import clip_rate
from pipeline.render.stitch import Piece, stitch_picture
from pipeline.specs import load_house_format, load_profile, load_structure
from pipeline.timeline.model import ClipShot

SECONDS = 40
TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

FLAT_BITS = "2200k"
"""What a flat ten-minute encode may use: 200 MB over 600 s, less the sound."""


def compare(folder: Path) -> dict[str, dict[str, float]]:
    """VMAF (mean, and the mean of the worst tenth) of ours and of the flat encode, on a hard and an easy clip."""
    found = {}
    for name, graph in (("hard", HARD), ("easy", EASY)):
        clip = folder / f"quality-{name}.mp4"
        if not clip.is_file():
            make_clip(clip, Fraction(SECONDS), graph)
        flat = folder / f"quality-{name}-flat.mp4"
        ffmpeg.run(
            [
                *("-i", str(clip), "-vf", "fps=25", "-an", "-c:v", "libx264", "-preset", "veryfast"),
                *("-b:v", FLAT_BITS, "-pix_fmt", "yuv420p", "-y", str(flat)),
            ],
            timeout=1800,
        )
        ours = _ours(clip, folder / f"quality-{name}-ours.mp4", folder)
        found[name] = {
            "ours": _vmaf(ours, clip, folder),
            "flat": _vmaf(flat, clip, folder),
            "ours_bits": ours.stat().st_size * 8 / SECONDS,
            "flat_bits": flat.stat().st_size * 8 / SECONDS,
        }
    return found


def _ours(clip: Path, target: Path, folder: Path) -> Path:
    house, structure = load_house_format(), load_structure()
    frames = int(SECONDS * structure.fps)
    shot = ClipShot(0, frames, "explanation", clip, clip.name, Fraction(0), 0, None, (), Place(clip.name))
    rate = clip_rate(house, load_profile().max_bytes, structure)
    pieces = []
    for segment in clip_segments(shot, probe(clip), "", house, structure.fps, rate, None, None):
        made = folder / f"{target.stem}-{segment.start}.mp4"
        segment.encode(made, lambda _: None, threading.Event())
        pieces.append(Piece(made, segment.uses))
    stitch_picture(pieces, structure.fps, target)
    return target


def _vmaf(made: Path, clip: Path, folder: Path) -> float:
    log = folder / "vmaf.json"
    meter = f"libvmaf=log_fmt=json:log_path={log}:n_threads=2:n_subsample=2"
    ffmpeg.run(
        [
            *("-i", str(made), "-i", str(clip)),
            # Without the same tags on both, ffmpeg would first convert one into the other's colours.
            *("-lavfi", f"[1:v]fps=25,{TAGS}[reference];[0:v]{TAGS}[made];[made][reference]{meter}"),
            *("-f", "null", "-"),
        ],
        timeout=1800,
    )
    return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"])
