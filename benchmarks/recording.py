"""Records every ffmpeg command that the product runs, and runs just these again without the product.

The product is not touched: TELESABAQ_FFMPEG names a small program that keeps a command's arguments, its standard input
and the files it reads out of work folders, and then becomes ffmpeg.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.media import ffmpeg

COMMAND, STDIN = "command.json", "stdin"

_WRAPPER = """\
#!{python} -IS
import json, os, shutil, sys, time
FFMPEG, FOLDER, PASSING = {ffmpeg!r}, {folder!r}, {passing!r}
words = sys.argv[1:]
if "-i" in words:
    place = os.path.join(FOLDER, f"{{time.time_ns()}}-{{os.getpid()}}")
    os.mkdir(place)
    inputs = [number + 1 for number, word in enumerate(words) if word == "-i"]
    for number in inputs:
        path = words[number].removeprefix("file:")
        if path.startswith(PASSING) and os.path.exists(path):
            kept = f"input-{{number}}{{os.path.splitext(path)[1]}}"
            shutil.copyfile(path, os.path.join(place, kept))
            words[number] = "kept:" + kept
    if "pipe:0" in words:
        kept = os.path.join(place, "stdin")
        with open(kept, "wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        os.dup2(os.open(kept, os.O_RDONLY), 0)
    with open(os.path.join(place, "command.json"), "w") as file:
        json.dump(words, file)
os.execv(FFMPEG, [FFMPEG, *sys.argv[1:]])
"""


@dataclass(frozen=True)
class Command:
    """One recorded command: its arguments, and its place with the files that it read."""

    place: Path
    words: tuple[str, ...]

    @property
    def what(self) -> str:
        """ "clip", "card", "sound" (decoding, measuring and encoding it) or "captions"."""
        if "-copyts" in self.words:
            return "clip"
        if "png_pipe" in self.words:
            return "card"
        return "captions" if "mov_text" in self.words else "sound"

    def run(self, scratch: Path) -> float:
        """Run it, with its output in `scratch`; seconds that it took."""
        words = [f"file:{self.place / word[5:]}" if word.startswith("kept:") else word for word in self.words]
        if "-y" in words:
            at = words.index("-y") + 1
            words[at] = f"file:{scratch / self.place.name}{Path(words[at]).suffix.replace('.part', '.mp4')}"
        started = time.perf_counter()
        with (self.place / STDIN if "pipe:0" in words else Path("/dev/null")).open("rb") as stdin:
            done = subprocess.run(
                [ffmpeg.executable(), *words],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
        if done.returncode != 0:
            sys.exit(f"{self.place}: {done.stderr.decode(errors='replace')[-2000:]}")
        return time.perf_counter() - started


def wrapper(folder: Path, passing: Path) -> Path:
    """The recording ffmpeg; commands go to `folder`, files below `passing` are kept because they will not last."""
    folder.mkdir(parents=True)
    program = folder.with_name(f"{folder.name}-ffmpeg")
    said = {"python": sys.executable, "ffmpeg": str(ffmpeg.executable()), "folder": str(folder)}
    program.write_text(_WRAPPER.format(**said, passing=str(passing)), encoding="utf-8")
    program.chmod(0o755)
    return program


def recorded(folder: Path) -> list[Command]:
    """The commands in the order in which they were begun."""
    return list(_commands(folder))


def _commands(folder: Path) -> Iterator[Command]:
    for place in sorted(folder.iterdir()):
        yield Command(place, tuple(json.loads((place / COMMAND).read_text())))


def replay(commands: list[Command], side_by_side: int, scratch: Path) -> dict[str, float]:
    """Run the commands, so many at a time, in their order: `xargs -P`, and nothing else. `scratch` comes and goes.

    Seconds of each kind of command, summed.
    """
    scratch.mkdir(parents=True)
    kinds: defaultdict[str, float] = defaultdict(float)
    with ThreadPoolExecutor(side_by_side) as pool:
        for command, seconds in zip(commands, pool.map(lambda each: each.run(scratch), commands), strict=True):
            kinds[command.what] += seconds
    shutil.rmtree(scratch)
    return dict(kinds)


def start_replay(folder: Path, side_by_side: int, scratch: Path) -> psutil.Popen:
    """`replay` in a process of its own, which has read everything it needs and waits for a signal to go on."""
    process = psutil.Popen([sys.executable, "-m", __name__, str(folder), str(side_by_side), str(scratch)])
    while process.status() != psutil.STATUS_STOPPED:
        if process.poll() is not None:
            sys.exit(f"the commands in {folder} could not be run")
        time.sleep(0.05)
    return process


if __name__ == "__main__":
    commands = recorded(Path(sys.argv[1]))
    ffmpeg.executable()
    os.kill(os.getpid(), signal.SIGSTOP)
    replay(commands, int(sys.argv[2]), Path(sys.argv[3]))
