from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.timecode import (
    clock,
    decimal,
    exact,
    parse_seconds,
    smpte,
    to_frames,
    to_samples,
    to_seconds,
)

FPS = Fraction(25)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("12.5", Fraction(25, 2)),
        ("12,5", Fraction(25, 2)),
        ("0.1", Fraction(1, 10)),
        ("0.000001", Fraction(1, 1_000_000)),
        ("1:30", 90),
        ("01:05", 65),
        ("1:30.25", Fraction(361, 4)),
        ("0:01:30.25", Fraction(361, 4)),
        ("2:00:00", 7200),
        ("90:00", 5400),
        (" 7 ", 7),
    ],
)
def test_times_people_write_are_exact(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-1",
        "+1",
        "1e3",
        "1:60",
        "1:75",
        "1:60:00",
        "1:2:3:4",
        "1:",
        ":1",
        "1.",
        ".5",
        "1.2.3",
        "бір",
        "1s",
        "inf",
        "nan",
        "1_000",
        "9999999",
        "1:30;12",
        "1 30",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("seconds", "frames"),
    [(0, 0), (1, 25), (Fraction(1, 50), 1), (Fraction(1, 51), 0), (Fraction(3, 50), 2), (600, 15000)],
)
def test_a_time_is_its_nearest_frame_and_halves_go_up(seconds, frames):
    assert to_frames(seconds, FPS) == frames


def test_frames_and_seconds_are_each_others_inverse():
    for fps in (FPS, Fraction(30000, 1001), Fraction(24)):
        for frames in (0, 1, 24, 12345, 15000):
            assert to_frames(to_seconds(frames, fps), fps) == frames


def test_ten_minutes_are_fifteen_thousand_frames_and_a_whole_number_of_samples():
    assert to_seconds(15000, FPS) == 600
    assert to_samples(1, FPS) == 1920
    assert to_samples(15000, FPS) == 28_800_000


def test_a_number_is_what_was_written_not_its_binary_neighbour():
    assert exact(0.1) == Fraction(1, 10)
    assert exact("12.34") == Fraction(617, 50)
    assert exact(25) == 25


def test_seconds_for_a_command_line():
    assert decimal(Fraction(8976, 25)) == "359.040"
    assert decimal(Fraction(1, 3), 2) == "0.33"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (360, "6:00"), (5.5, "0:05.5"), (Fraction(599, 10), "0:59.9"), (59.96, "1:00"), (3600, "60:00")],
)
def test_a_clock_for_people(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("frames", "text"),
    [(0, "00:00:00:00"), (24, "00:00:00:24"), (25, "00:00:01:00"), (14999, "00:09:59:24"), (90000, "01:00:00:00")],
)
def test_smpte_counts_frames(frames, text):
    assert smpte(frames, FPS) == text
