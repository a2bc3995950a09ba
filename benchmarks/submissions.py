"""What a check is measured on: a film near the size limit, a package of 5,000 files, 1,000 small pictures."""

from __future__ import annotations

import random
import zipfile
from fractions import Fraction
from pathlib import Path

from benchmarks.material import EASY
from pipeline.media import ffmpeg

PIECE_SECONDS = 30
FILM_SECONDS = 600
FILM_BITS = 2_510_000
"""A second, sound aside: a film of ten minutes comes to just under 200 MB."""

PICTURES = 1_000
PAGES, STYLES, SCRIPTS, PACKAGE_PICTURES, DATA = 500, 500, 1_000, 2_500, 500


def film(path: Path) -> Path:
    """A 1080p25 H.264 film of ten minutes and about 195 MB, index in front, as a broadcaster receives it."""
    if path.is_file():
        return path
    piece = path.with_name("film-piece.mp4")
    graph = EASY.replace("r=30", "r=25") + ",noise=alls=12:allf=t"
    ffmpeg.run(
        [
            *("-f", "lavfi", "-i", graph, "-f", "lavfi", "-i", "sine=f=220:r=48000", "-t", str(PIECE_SECONDS)),
            *("-c:v", "libx264", "-preset", "veryfast", "-b:v", str(FILM_BITS), "-minrate", str(FILM_BITS)),
            *("-maxrate", str(FILM_BITS), "-bufsize", str(2 * FILM_BITS), "-x264-params", "nal-hrd=cbr"),
            *("-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k", "-y", str(piece)),
        ],
        timeout=3600,
    )
    repeats = Fraction(FILM_SECONDS, PIECE_SECONDS)
    whole = path.with_suffix(".part")
    ffmpeg.run(
        [
            *("-stream_loop", str(int(repeats) - 1), "-i", str(piece), "-c", "copy"),
            *("-t", str(FILM_SECONDS - 0.1), "-movflags", "+faststart", "-f", "mp4", "-y", str(whole)),
        ],
        timeout=600,
    )
    return whole.rename(path)


def pictures(folder: Path) -> Path:
    """A thousand photographs of 1280 x 720, about 60 kB each, no two alike."""
    import numpy as np
    from PIL import Image

    if folder.is_dir():
        return folder
    part = folder.with_name(f"{folder.name}-part")
    part.mkdir(exist_ok=True)
    rng = np.random.default_rng(2020)
    for number in range(PICTURES):
        coarse = rng.integers(0, 255, (18, 32, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((1280, 720), Image.Resampling.BICUBIC).save(
            part / f"photo-{number:04}.jpg", quality=80
        )
    return part.rename(folder)


def package(path: Path) -> Path:
    """A clean application of 5,000 files: pages, styles, scripts of some 6 kB, small pictures, data."""
    if path.is_file():
        return path
    chance = random.Random(2020)  # noqa: S311  # the same files each time, nothing secret
    whole = path.with_suffix(".part")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _page(0))
        for number in range(1, PAGES):
            archive.writestr(f"pages/p{number}.html", _page(number))
        for number in range(STYLES):
            rules = "".join(
                f".c{rule} {{ background: url(../img/i{number}.png); margin: {rule}px }}\n" for rule in range(20)
            )
            archive.writestr(f"css/s{number}.css", rules)
        for number in range(SCRIPTS):
            archive.writestr(f"js/m{number}.js", _script(number, chance))
        for number in range(PACKAGE_PICTURES):
            archive.writestr(f"img/i{number}.png", _picture(number))
        for number in range(DATA):
            archive.writestr(f"data/d{number}.json", f'{{"id": {number}, "words": ["бір", "екі", "үш"]}}')
    return whole.rename(path)


def _page(number: int) -> str:
    up = "" if number == 0 else "../"
    following = f"{'pages/' if number == 0 else ''}p{number + 1}.html" if number + 1 < PAGES else f"{up}index.html"
    items = "".join(f"<li><img src='{up}img/i{number + item}.png' alt=''>Сөз {item}</li>" for item in range(20))
    return (
        f"<!doctype html><html lang=kk><meta charset=utf-8><title>Бет {number}</title>"
        f"<link rel=stylesheet href='{up}css/s{number}.css'><body><h1>Бет {number}</h1><ul>{items}</ul>"
        f"<a href='{following}'>Келесі</a><script src='{up}js/m{number}.js'></script></body></html>"
    )


def _script(number: int, chance: random.Random) -> str:
    functions = "".join(
        f"function step{each}(state) {{\n  const next = state.value * {chance.randint(2, 9)} + {each};\n"
        f"  return Object.assign({{}}, state, {{ value: next % 97, label: 'қадам ' + next }});\n}}\n"
        for each in range(35)
    )
    return f"'use strict';\n{functions}document.title = step0({{ value: {number} }}).label;\n"


def _picture(number: int) -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (32, 32), (number % 256, number // 256, 90)).save(out, "PNG")
    return out.getvalue()
