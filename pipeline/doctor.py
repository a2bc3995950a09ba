"""What this machine has for the product's jobs."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from pipeline.checks.confine import Bounds, confine
from pipeline.errors import TelesabaqError
from pipeline.media import ffmpeg
from pipeline.render.cache import Cache
from pipeline.specs import fonts_folder

NEEDED_FONTS = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSansMath-Regular.ttf", "Andika-Regular.ttf")
_ENCODERS = ("libx264", "aac", "mov_text")
_FILTERS = ("ebur128", "zscale", "bwdif", "overlay")
_WALLS = {"files": "Landlock", "network": "network namespace"}
_LIBRARIES = ("av", "typst", "pillow", "pydub", "segno", "fonttools", "ruamel.yaml", "jsonschema", "rich")
_CHECK_LIBRARIES = (
    *("lxml", "tinycss2", "ada-url", "tree-sitter", "tree-sitter-javascript", "quickjs-ng", "simplejpeg"),
    *("olefile", "pikepdf", "pebble", "jinja2", "junitparser"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: its name, what was found ("" when missing), a message code for what it serves, how to get it."""

    name: str
    found: str
    purpose: str
    needed: bool
    how: str = ""


def examine() -> list[Finding]:
    """Look at everything the product uses."""
    return [
        Finding("Python", sys.version.split()[0], "doctor.for-all", needed=True),
        _ffmpeg(),
        *(_library(name, "doctor.for-all", needed=True) for name in _LIBRARIES),
        _fonts(),
        _cache(),
        _program("espeak-ng", "doctor.for-draft", "--version", "apt install espeak-ng"),
        _library("moviepy", "doctor.for-animation", needed=False),
        *(_library(name, "doctor.for-check", needed=True) for name in _CHECK_LIBRARIES),
        *_walls(),
    ]


def _ffmpeg() -> Finding:
    how = "pip install imageio-ffmpeg"
    try:
        encoders = _ask("-encoders")
        filters = _ask("-filters")
        missing = [name for name in _ENCODERS if f" {name} " not in encoders]
        missing += [name for name in _FILTERS if f" {name} " not in filters]
        first = ffmpeg.version().removeprefix("ffmpeg version ").split()[0]
    except (TelesabaqError, OSError, subprocess.SubprocessError):
        return Finding("ffmpeg", "", "doctor.for-encoding", needed=True, how=how)
    found = "" if missing else f"{first} ({ffmpeg.executable().name})"
    return Finding("ffmpeg", found, "doctor.for-encoding", needed=True, how=f"{how}; {', '.join(missing)}")


def _ask(what: str) -> str:
    return ffmpeg.run(["-loglevel", "error", what], timeout=30, capture=True).output.decode("utf-8", "replace")


def _library(name: str, purpose: str, *, needed: bool) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        found = ""
    extra = "telesabaq[moviepy]" if name == "moviepy" else name
    return Finding(name, found, purpose, needed, f"pip install '{extra}'")


def _walls() -> list[Finding]:
    """The kernel's walls round the workers of a check, tried in a process of its own: they cannot be taken down."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        standing = process.submit(confine, Bounds(), (), ()).result()
    return [
        Finding(name, name if wall in standing else "", "doctor.for-walls", needed=False, how="Linux")
        for wall, name in _WALLS.items()
    ]


def _fonts() -> Finding:
    missing = [name for name in NEEDED_FONTS if not (fonts_folder() / name).is_file()]
    found = "" if missing else "Noto Sans, Noto Sans Math, Andika"
    return Finding("fonts", found, "doctor.for-cards", needed=True, how=", ".join(missing))


def _cache() -> Finding:
    def look() -> str:
        cache = Cache()
        usage = cache.usage()
        return f"{cache.folder} ({usage.bytes / 1e9:.1f} / {usage.limit / 1e9:.0f} GB)"

    return Finding("cache", _try(look), "doctor.for-cache", needed=True, how="TELESABAQ_CACHE")


def _try(look: Callable[[], str]) -> str:
    try:
        return look()
    except TelesabaqError:
        return ""


def _program(name: str, purpose: str, flag: str, how: str) -> Finding:
    path = shutil.which(name)
    found = ""
    if path:
        done = subprocess.run([path, flag], capture_output=True, text=True, timeout=30, check=False)
        found = (done.stdout or done.stderr).strip().splitlines()[0][:60]
    return Finding(name, found, purpose, needed=False, how=how)
