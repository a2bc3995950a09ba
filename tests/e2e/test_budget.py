"""200 MB at most (order-121 §45 1), C3): the budget holds for a clip that no encoder can compress."""

from __future__ import annotations

import subprocess
import threading
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import pytest

from pipeline.errors import Place
from pipeline.media.probe import probe
from pipeline.render.clips import clip_segments
from pipeline.render.house import clip_rate
from pipeline.specs import load_house_format, load_profile, load_structure
from pipeline.timeline.model import ClipShot, NameCaption

SECONDS = 12


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip in which every pixel of every frame is random."""
    path = tmp_path_factory.mktemp("noise") / "noise.mp4"
    graph = "color=gray:s=960x540:r=25,format=yuv420p,noise=alls=100:allf=t+u,scale=1920:1080:flags=neighbor"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", graph, "-t", str(SECONDS)]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", str(path)]
    subprocess.run(command, check=True, timeout=300)
    return path


@pytest.mark.slow
def test_segments_of_pure_noise_keep_to_the_clips_share_of_the_file(noise: Path, tmp_path: Path) -> None:
    house, structure = load_house_format(), load_structure()
    rate = clip_rate(house, load_profile().max_bytes, structure)
    frames = SECONDS * 25
    name = (NameCaption(25, 50),)
    shot = ClipShot(125, frames, "explanation", noise, "noise.mp4", Fraction(0), 0, None, name, Place("lesson.yaml"))
    segments = clip_segments(shot, probe(noise), "", house, structure.fps, rate, None, None)
    total = 0
    for segment in segments:
        target = tmp_path / f"{segment.start}.mp4"
        segment.encode(target, lambda _: None, threading.Event())
        total += target.stat().st_size
        assert target.stat().st_size * 8 <= rate * segment.frames / 25 * 1.02
    assert len(segments) == 3
    assert total * 8 <= rate * SECONDS * 1.01
