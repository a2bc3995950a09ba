from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from pipeline.errors import MediaError, UsageError
from pipeline.media import ffmpeg

PATTERN = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=1")


def test_frames_are_counted_while_they_are_written(tmp_path: Path) -> None:
    heard: list[int] = []
    ffmpeg.run([*PATTERN, "-y", str(tmp_path / "a.mkv")], timeout=60, on_frame=heard.append)
    assert heard[-1] == 25


def test_standard_output_is_returned_when_asked_for() -> None:
    done = ffmpeg.run([*PATTERN, "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"], timeout=60, capture=True)
    assert len(done.output) == 25 * 64 * 36


def test_blocks_are_fed_to_standard_input(tmp_path: Path) -> None:
    arguments = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "s16le", "pipe:1"]
    done = ffmpeg.run(arguments, timeout=60, stdin=iter([b"\1\0" * 100, b"\2\0" * 50]), capture=True)
    assert done.output == b"\1\0" * 100 + b"\2\0" * 50


def test_a_failing_source_of_blocks_fails_the_run() -> None:
    def blocks():  # type: ignore[no-untyped-def]
        yield b"\0" * 100
        raise RuntimeError("the mixer fell over")

    arguments = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "null", "-"]
    with pytest.raises(RuntimeError, match="mixer"):
        ffmpeg.run(arguments, timeout=60, stdin=blocks())


def test_a_refusal_is_an_error_that_names_the_file_and_quotes_the_log() -> None:
    with pytest.raises(MediaError) as caught:
        ffmpeg.run(["-i", "/nowhere/at/all.mp4", "-f", "null", "-"], timeout=60, name="all.mp4")
    problem = caught.value.problems[0]
    assert problem.fields["name"] == "all.mp4"
    assert "No such file" in str(problem.fields["log"])


def test_a_run_that_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    with pytest.raises(MediaError) as caught:
        ffmpeg.run(["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"], timeout=0.5)
    assert caught.value.problems[0].code == "media.ffmpeg-too-slow"
    assert time.monotonic() - started < 20


def test_a_run_is_called_off_when_the_event_is_set() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(ffmpeg.Cancelled):
        ffmpeg.run(["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"], timeout=60, cancel=cancel)


def test_an_input_file_never_makes_ffmpeg_call_a_host(tmp_path: Path) -> None:
    playlist = tmp_path / "list.txt"
    with socket.create_server(("127.0.0.1", 0)) as host:
        playlist.write_text(f"ffconcat version 1.0\nfile 'http://127.0.0.1:{host.getsockname()[1]}/x.mp4'\n")
        with pytest.raises(MediaError):
            ffmpeg.run([*ffmpeg.source(playlist, "concat", "-safe", "0"), "-f", "null", "-"], timeout=60)
        host.setblocking(False)
        with pytest.raises(BlockingIOError):
            host.accept()


def test_which_ffmpeg_is_ours_does_not_depend_on_whether_it_can_be_run_just_now(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked while Ctrl-C ends every process of the job, the answer was the system's ffmpeg."""
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\n")
    (tmp_path / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    def interrupted(*_: object, **__: object) -> object:
        raise subprocess.CalledProcessError(-signal.SIGINT, "ffmpeg")

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    ffmpeg.executable.cache_clear()
    ffmpeg.build_id.cache_clear()
    try:
        assert ffmpeg.executable().is_absolute()
        assert "imageio_ffmpeg" in ffmpeg.executable().parts
        assert ffmpeg.build_id()
    finally:
        ffmpeg.executable.cache_clear()
        ffmpeg.build_id.cache_clear()


def test_a_missing_ffmpeg_of_the_callers_own_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELESABAQ_FFMPEG", "/nowhere/ffmpeg")
    ffmpeg.executable.cache_clear()
    try:
        with pytest.raises(UsageError) as caught:
            ffmpeg.executable()
    finally:
        monkeypatch.undo()
        ffmpeg.executable.cache_clear()
    assert caught.value.problems[0].code == "media.no-such-ffmpeg"
