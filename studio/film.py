"""A teacher clip: frames of room, board and figure that follow the recording, and their encoding."""

from __future__ import annotations

import math
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import cycle
from pathlib import Path

import numpy as np

from studio import figure, room
from studio.recording import Recording
from studio.typeset import Pixels, draw, over

FIGURE_AT = (1110, room.HEIGHT - figure.HEIGHT)
WRITING_SECONDS = 0.9
ARM_SECONDS = 0.44
ARM_STEPS = 11
GLANCE_SECONDS = 1.3
BLINK_EVERY = (3.1, 4.3, 2.6, 5.2, 3.7)
MOUTH_LEVELS = (0.02, 0.075, 0.15)


@dataclass(frozen=True, slots=True)
class Shoot:
    """How a clip is shot: frame size, rate, sound rate, and what is in the picture."""

    height: int
    fps: Fraction
    sample_rate: int
    channels: int
    look: figure.Look
    surface: str
    font: str
    boards: tuple[str, ...]
    drawings: Mapping[str, str]

    @property
    def width(self) -> int:
        return self.height * 16 // 9

    @property
    def scale(self) -> float:
        return self.height / room.HEIGHT


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that decides how one frame looks."""

    before: tuple[int, int]
    after: tuple[int, int]
    written: float
    arm: int
    mouth: int
    lids: int
    aside: bool


def moments(recording: Recording, fps: Fraction) -> Iterator[Moment]:
    """One moment a frame, from the sentences' times and the voice's loudness."""
    step = float(1 / fps)
    count = math.ceil(recording.seconds * fps)
    lids = _blinks(count, fps)
    before = after = (0, 0)
    changed = -WRITING_SECONDS
    raised, mouth = 0.0, 0
    upcoming = list(recording.spoken)
    current = None
    for frame in range(count):
        now = frame * step
        if upcoming and now >= upcoming[0].start:
            current = upcoming.pop(0)
            wanted = _board_state(after, current.sentence.board, current.sentence.shown)
            if wanted != after:
                before, after, changed = after, wanted, now
        pointing = current is not None and current.sentence.point and now < current.end + 0.2
        raised = min(1.0, max(0.0, raised + (step if pointing else -step) / ARM_SECONDS))
        if frame % 2 == 0:
            mouth = sum(recording.loudness(now + step, 0.06) > level for level in MOUTH_LEVELS)
        yield Moment(
            before,
            after,
            min(1.0, (now - changed) / WRITING_SECONDS),
            round((ARM_STEPS - 1) * raised * raised * (3 - 2 * raised)),
            mouth,
            lids[frame],
            pointing and current is not None and now < current.start + GLANCE_SECONDS,
        )


def _board_state(state: tuple[int, int], board: int | None, shown: int | None) -> tuple[int, int]:
    if board is not None:
        return (board - 1, shown or 0)
    return state if shown is None else (state[0], shown)


def _blinks(count: int, fps: Fraction) -> list[int]:
    lids = [0] * count
    moment = 0.0
    for wait in cycle(BLINK_EVERY):
        moment += wait
        first = round(moment * fps)
        if first >= count:
            return lids
        for frame, state in enumerate((1, 2, 2, 1), start=first):
            if frame < count:
                lids[frame] = state
    return lids


class Painter:
    """Keeps one frame and repaints only what a moment changes."""

    def __init__(self, shoot: Shoot) -> None:
        self._shoot = shoot
        self.frame = room.empty_room(shoot.surface, shoot.scale)[: shoot.height, : shoot.width].copy()
        self._clean = self.frame.copy()
        self._last: Moment | None = None
        left, top, right, bottom = figure.HEAD_BOX
        self._head_area = self._area((FIGURE_AT[0] + left, FIGURE_AT[1] + top), (right - left, bottom - top))
        self._headless = self.frame[self._head_area].copy()
        self._board = lru_cache(maxsize=64)(self._draw_board)
        self._body = lru_cache(maxsize=ARM_STEPS)(self._draw_body)
        self._head = lru_cache(maxsize=64)(self._draw_head)

    def paint(self, moment: Moment) -> None:
        last = self._last
        board_moves = last is None or (last.after, last.written) != (moment.after, moment.written)
        if board_moves:
            left, top, right, bottom = self._pixels(room.BOARD)
            picture = _written(self._board(moment.before), self._board(moment.after), moment.written)
            self._clean[top:bottom, left:right] = picture
            self.frame[top:bottom, left:right] = picture
        if board_moves or last is None or last.arm != moment.arm:
            area = self._area(FIGURE_AT, (figure.WIDTH, figure.HEIGHT))
            self.frame[area] = over(self._body(moment.arm), self._clean[area])
            self._headless = self.frame[self._head_area].copy()
        head = self._head(moment.mouth, moment.lids, moment.aside)
        self.frame[self._head_area] = over(head, self._headless)
        self._last = moment

    def _area(self, corner: tuple[int, int], size: tuple[int, int]) -> tuple[slice, slice]:
        """Rows and columns of a sprite, from its corner and size at 1080 lines."""
        left, top, right, bottom = self._pixels((*corner, corner[0] + size[0], corner[1] + size[1]))
        return (slice(top, bottom), slice(left, right))

    def _draw_board(self, state: tuple[int, int]) -> Pixels:
        left, top, right, bottom = self._pixels(room.BOARD)
        shoot = self._shoot
        picture = room.board(shoot.boards[state[0]], state[1], shoot.surface, shoot.font, shoot.drawings, shoot.scale)
        return picture[: bottom - top, : right - left]

    def _draw_body(self, arm: int) -> Pixels:
        svg = figure.body(self._shoot.look, arm / (ARM_STEPS - 1))
        return draw(svg, figure.WIDTH, figure.HEIGHT, self._shoot.scale)

    def _draw_head(self, mouth: int, lids: int, aside: bool) -> Pixels:
        svg = figure.head(self._shoot.look, mouth, lids, aside)
        whole = draw(svg, figure.WIDTH, figure.HEIGHT, self._shoot.scale)
        left, top, right, bottom = self._pixels(figure.HEAD_BOX)
        return whole[top:bottom, left:right]

    def _pixels(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        left, top, right, bottom = (round(each * self._shoot.scale) for each in box)
        return left, top, right, bottom


def _written(before: Pixels, after: Pixels, part: float) -> Pixels:
    """`after` uncovered from left to right, only where the two differ."""
    if part >= 1:
        return after
    columns = np.flatnonzero((before != after).any(axis=(0, 2)))
    if not len(columns):
        return after
    edge = int(columns[0] + (columns[-1] + 1 - columns[0]) * part)
    return np.concatenate([after[:, :edge], before[:, edge:]], axis=1)


def shoot_clip(shoot: Shoot, recording: Recording, target: Path, ffmpeg: str) -> None:
    """Draw and encode the clip."""
    painter = Painter(shoot)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "voice.wav"
        sound.write_bytes(recording.wav())
        command = _encoder(shoot, sound, target, ffmpeg, recording.seconds)
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            if process.stdin is None:
                raise RuntimeError("ffmpeg has no input")
            for moment in moments(recording, shoot.fps):
                painter.paint(moment)
                process.stdin.write(painter.frame.data)
        if process.returncode:
            raise RuntimeError(f"ffmpeg refused {target.name}")


def _encoder(shoot: Shoot, sound: Path, target: Path, ffmpeg: str, seconds: float) -> list[str]:
    picture = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{shoot.width}x{shoot.height}", "-r", str(shoot.fps)]
    colour = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    x264 = ["-c:v", "libx264", "-profile:v", "high", "-preset", "slow", "-crf", "27", "-g", "250", "-threads", "2"]
    aac = ["-c:a", "aac", "-b:a", "64k", "-ar", str(shoot.sample_rate), "-ac", str(shoot.channels)]
    return [
        *(ffmpeg, "-y", "-v", "error", "-nostdin"),
        *(*picture, "-i", "pipe:0", "-i", str(sound), "-map", "0:v", "-map", "1:a"),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", *x264, "-tune", "animation", *colour),
        *(*aac, "-t", f"{seconds:.3f}", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        *("-movflags", "+faststart", str(target)),
    ]
