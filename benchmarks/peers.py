"""The same lesson as others would make it: the clip's transcode alone, one filter graph, MoviePy."""

from __future__ import annotations

from pathlib import Path

from benchmarks.material import Material
from benchmarks.measure import Cost, measure
from pipeline.media import ffmpeg
from pipeline.render.house import clip_rate
from pipeline.specs import load_house_format, load_profile, load_structure

MOVIEPY = Path(__file__).parents[1] / ".venv-moviepy" / "bin" / "python"
"""The interpreter that `make bench` sets up for MoviePy."""


def clip_alone(material: Material, target: Path) -> Cost:
    """Only the clip, to the same picture and sound settings, by one ffmpeg with all its threads."""
    house = load_house_format()
    rate = clip_rate(house, load_profile().max_bytes // material.scale, load_structure(str(material.structure)))
    return measure(
        [
            ffmpeg.executable(),
            *("-v", "error", "-nostdin", "-i", material.clip, "-t", f"{float(material.clip_seconds)}"),
            *("-vf", "fps=25", "-c:v", "libx264", "-preset", house.preset, "-profile:v", "high", "-level", "4.0"),
            *("-crf", str(house.crf), "-maxrate", str(rate), "-bufsize", str(rate), "-g", str(house.gop)),
            *(
                "-x264-params",
                house.x264.replace("threads=1:", ""),
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-ar",
                "48000",
                "-ac",
                "2",
            ),
            *("-b:a", str(house.audio_bit_rate), "-movflags", "+faststart", "-y", target),
        ]
    )


def filter_graph(material: Material, cards: list[tuple[Path, float]], caption: Path, target: Path) -> Cost:
    """The whole lesson as one hand-written ffmpeg graph at x264 veryfast: a caption twice, cards, loudness."""
    seconds = float(material.clip_seconds)
    inputs: list[str | Path] = ["-t", f"{seconds}", "-i", material.clip, "-i", caption]
    for card, length in cards:
        inputs += ["-loop", "1", "-framerate", "25", "-t", f"{length}", "-i", card]
    first, again, shown = 1 / material.scale, seconds / 2, 6 / material.scale
    windows = f"between(t,{first},{first + shown})+between(t,{again},{again + shown})"
    graph = [f"[0:v]fps=25,scale=1920:1080,setsar=1[clip];[clip][1:v]overlay=96:820:enable='{windows}'[v0]"]
    order = []
    for number in range(len(cards)):
        graph.append(f"[{number + 2}:v]scale=1920:1080,setsar=1,format=yuv420p[c{number}]")
        order.append(f"[c{number}]")
    whole = 600 / material.scale
    graph.append(f"{order[0]}[v0]{''.join(order[1:])}concat=n={len(cards) + 1}:v=1[v]")
    delay = int(cards[0][1] * 1000)
    graph.append(f"[0:a]adelay={delay}:all=1,loudnorm=I=-23:TP=-1,aresample=48000,apad=whole_dur={whole}[a]")
    return measure(
        [
            ffmpeg.executable(),
            *("-v", "error", "-nostdin", *inputs, "-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[a]"),
            *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "2200k", "-pix_fmt", "yuv420p", "-r", "25"),
            *("-c:a", "aac", "-ac", "2", "-b:a", "160k", "-t", f"{whole}", "-movflags", "+faststart", "-y", target),
        ]
    )


def moviepy_composite(material: Material, cards: list[tuple[Path, float]], caption: Path, target: Path) -> Cost | None:
    """The same in MoviePy, which wants an older Pillow than ours and so an environment of its own; None without it."""
    if not MOVIEPY.is_file():
        return None
    words = [f"{path}={length}" for path, length in cards]
    script = Path(__file__).with_name("moviepy_lesson.py")
    seconds = f"{float(material.clip_seconds)}"
    return measure([MOVIEPY, script, material.clip, seconds, caption, target, str(material.scale), *words])
