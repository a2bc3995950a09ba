"""The only place that runs ffmpeg: argument lists, never a shell; time limits; no protocol but file and pipe."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import IO

from pipeline.errors import MediaError, UsageError

ENV_FFMPEG = "TELESABAQ_FFMPEG"
"""Names a system ffmpeg to use instead of the embedded one."""

PROTOCOLS = "file,pipe"
"""What an input may make a demuxer open: never a host."""

LOG_LIMIT = 64_000
"""Characters of ffmpeg's log that are kept; the rest of a flood is dropped."""


class Cancelled(BaseException):
    """The work was called off (Ctrl-C, or a sibling failed); not an error of its own."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run: what ffmpeg logged (warnings and worse), and its standard output if it was asked for."""

    log: str
    output: bytes


@cache
def executable() -> Path:
    """The ffmpeg in use: TELESABAQ_FFMPEG if set, else the embedded build. Raises UsageError."""
    asked = os.environ.get(ENV_FFMPEG)
    if asked:
        import shutil

        found = shutil.which(asked)
        if found is None:
            raise UsageError.of("media.no-such-ffmpeg", path=asked)
        return Path(found)
    # imageio_ffmpeg.get_ffmpeg_exe() runs the binary to try it. Where Ctrl-C ends that trial it takes the next ffmpeg
    # that it finds, of whatever version.
    binaries = Path(str(files("imageio_ffmpeg.binaries")))
    embedded = sorted(each for each in binaries.glob("ffmpeg-*") if os.access(each, os.X_OK))
    if not embedded:
        raise UsageError.of("media.no-ffmpeg", variable=ENV_FFMPEG)
    return embedded[-1]


@cache
def build_id() -> str:
    """Which ffmpeg this is, for cache keys: changes whenever the binary does."""
    binary = executable().resolve()
    facts = binary.stat()
    return sha256(f"{binary.name}|{facts.st_size}|{_version(binary, facts.st_mtime_ns)}".encode()).hexdigest()[:16]


def _version(binary: Path, _changed: int) -> str:
    # The embedded build carries its version in its name; asking a system ffmpeg costs a process.
    if not os.environ.get(ENV_FFMPEG):
        return binary.name
    return _told(binary)


def version() -> str:
    """The first line of `ffmpeg -version`."""
    return _told(executable()).splitlines()[0]


def _told(binary: Path) -> str:
    # In a session of its own: Ctrl-C must not make a good ffmpeg look broken.
    return subprocess.run(
        [binary, "-version"], capture_output=True, text=True, timeout=30, check=True, start_new_session=True
    ).stdout


def source(path: Path, demuxer: str, *before: str) -> list[str]:
    """Arguments that open a file as input: demuxer forced, no other protocols, no option from its name."""
    return [*before, "-protocol_whitelist", PROTOCOLS, "-f", demuxer, "-i", f"file:{path}"]


def run(
    arguments: Sequence[str],
    *,
    timeout: float,
    name: str = "",
    stdin: Iterable[bytes] | None = None,
    on_frame: Callable[[int], None] | None = None,
    cancel: threading.Event | None = None,
    capture: bool = False,
    level: str = "warning",
) -> Finished:
    """Run ffmpeg to its end.

    `timeout` in seconds; `name` is the file to name in errors; `stdin` blocks are fed to pipe:0;
    `on_frame` hears the number of frames written so far; `capture` returns pipe:1 as bytes.
    Raises MediaError when ffmpeg fails or takes too long, Cancelled when `cancel` is set.
    """
    command = [str(executable()), "-hide_banner", "-nostdin", "-loglevel", level]
    if not capture:
        # Also our leash: when we die, ffmpeg dies on its next word to a closed pipe.
        command += ["-progress", "pipe:1", "-stats_period", "0.2"]
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Ctrl-C in a terminal reaches us alone; we then end the children in order.
        start_new_session=True,
    )
    log = _Collector(process.stderr, LOG_LIMIT)
    out = _Collector(process.stdout, None) if capture else _Progress(process.stdout, on_frame)
    feeder = _Feeder(process.stdin, stdin) if stdin is not None else None
    try:
        _wait(process, out, timeout, cancel, name)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        for thread in (feeder, out, log):
            if thread is not None:
                thread.join()
    if feeder is not None and feeder.failure is not None and process.returncode == 0:
        raise feeder.failure
    if process.returncode != 0:
        raise MediaError.of("media.ffmpeg-failed", name=name, code=process.returncode, log=_last_lines(log.text()))
    return Finished(log.text(), out.data() if isinstance(out, _Collector) else b"")


def _wait(
    process: subprocess.Popen[bytes],
    output: threading.Thread,
    timeout: float,
    cancel: threading.Event | None,
    name: str,
) -> None:
    started = time.monotonic()
    while True:
        # Its output ends when ffmpeg does. Waiting for the process with a time limit would ask again and again, and
        # hear of the end of a short run late.
        output.join(0.1)
        if not output.is_alive():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                return
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if time.monotonic() - started >= timeout:
            raise MediaError.of("media.ffmpeg-too-slow", name=name, seconds=round(timeout))


def _last_lines(log: str) -> str:
    return "\n".join(log.strip().splitlines()[-4:])


class _Collector(threading.Thread):
    """Reads a pipe to its end and keeps at most `limit` bytes."""

    def __init__(self, pipe: IO[bytes] | None, limit: int | None) -> None:
        super().__init__(daemon=True)
        assert pipe is not None
        self._pipe, self._limit, self._blocks, self._size = pipe, limit, list[bytes](), 0
        self.start()

    def run(self) -> None:
        with self._pipe:
            while block := self._pipe.read1(1 << 16):  # type: ignore[attr-defined]  # BufferedReader, typed as IO
                if self._limit is None or self._size < self._limit:
                    self._blocks.append(block)
                    self._size += len(block)

    def data(self) -> bytes:
        return b"".join(self._blocks)

    def text(self) -> str:
        return self.data().decode("utf-8", "replace")


class _Progress(threading.Thread):
    """Reads ffmpeg's key=value progress and tells the frame count."""

    def __init__(self, pipe: IO[bytes] | None, on_frame: Callable[[int], None] | None) -> None:
        super().__init__(daemon=True)
        assert pipe is not None
        self._pipe, self._on_frame = pipe, on_frame
        self.start()

    def run(self) -> None:
        with self._pipe:
            for line in self._pipe:
                key, _, value = line.strip().partition(b"=")
                if key == b"frame" and self._on_frame is not None and value.isdigit():
                    self._on_frame(int(value))


class _Feeder(threading.Thread):
    """Writes blocks into ffmpeg's standard input; a block source that fails is remembered."""

    def __init__(self, pipe: IO[bytes] | None, blocks: Iterable[bytes]) -> None:
        super().__init__(daemon=True)
        assert pipe is not None
        self._pipe, self._blocks = pipe, blocks
        self.failure: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with self._pipe:
                for block in self._blocks:
                    self._pipe.write(block)
        except BrokenPipeError:
            # ffmpeg stopped reading; its exit code and log say why.
            return
        except Exception as error:
            self.failure = error
