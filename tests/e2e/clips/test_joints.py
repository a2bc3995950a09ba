"""A clip cut into segments gives the same film as in one piece: nobody sees where it was cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from . import eye
from .conforming import Bench
from .footage import LONG_GROUPS, clock_clip, jittered, times

Shown = Callable[[int, Fraction | int], Sequence[Fraction]]
FOOTAGE: dict[str, tuple[str, Shown, Fraction | int]] = {
    "24 in MP4": ("mp4", times, 24),
    "29.97 in MP4": ("mp4", times, Fraction(30_000, 1001)),
    "29.97 in a transport stream": ("ts", times, Fraction(30_000, 1001)),
    "30 in MP4": ("mp4", times, 30),
    "50 in MP4": ("mp4", times, 50),
    "variable in Matroska": ("mkv", jittered, 30),
    "variable in MP4": ("mp4", jittered, 30),
}
FRAMES = 100


@pytest.mark.parametrize(("container", "shown", "rate"), FOOTAGE.values(), ids=FOOTAGE)
def test_joints_are_seamless(container: str, shown: Shown, rate: Fraction | int, bench: Bench, tmp_path: Path) -> None:
    clip = clock_clip(tmp_path / f"clip.{container}", shown(int(5 * rate), rate), *LONG_GROUPS)
    whole = bench.film(clip, FRAMES, start=0.333, segment=10_000)
    pieces = bench.film(clip, FRAMES, start=0.333, segment=25)
    assert eye.clocks(pieces) == eye.clocks(whole)
    if rate >= 25:
        assert len(set(eye.clocks(whole))) == FRAMES, "a frame was repeated or skipped"
    difference = np.abs(eye.grey(pieces).astype(int) - eye.grey(whole))
    worst = [25, 50, 75][int(np.argmax([difference[at].mean() for at in (25, 50, 75)]))]
    assert difference[worst].mean() < 1, f"the picture jumps at the joint before frame {worst}"


def test_joints_of_interlaced_footage_are_seamless(bench: Bench, tmp_path: Path) -> None:
    """Deinterlacing looks at the frames around: they must be there at a joint too, also on a DV tape of keyframes."""
    size, graph = (720, 576), "interlace=scan=bff:lowpass=0"
    codec = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p")
    clip = clock_clip(tmp_path / "tape.avi", times(100, 50), *codec, size=size, graph=graph)
    whole = bench.film(clip, 50, segment=10_000)
    pieces = bench.film(clip, 50, segment=25)
    difference = np.abs(eye.grey(pieces).astype(int) - eye.grey(whole)).reshape(50, -1).max(axis=1)
    assert difference.max() < 30, f"frame {int(difference.argmax())} differs"
