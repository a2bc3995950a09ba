from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks.decoded_video import DecodedVideo
from pipeline.checks.judge import judge
from pipeline.checks.subject import Kind, Submitted, Task
from pipeline.checks.video import VideoSubject
from pipeline.reports.model import SubjectReport
from pipeline.rulebook import load_check_profile

CORPUS = Path(__file__).parents[2] / "corpus"
FILM = (CORPUS / "VID-001/pass-mp4.mp4").read_bytes()
PROFILE = load_check_profile(select=["VID-*"])


def task(path: Path, **options: Any) -> Task:
    return Task(Submitted(path, path.name, path.name, Kind.VIDEO), path.parent, **options)


def judged(path: Path, **options: Any) -> SubjectReport:
    return judge(task(path, **options), PROFILE).report


def rules(report: SubjectReport) -> set[str]:
    return {each.rule for each in report.findings if each.outcome != "pass"}


def test_facts_tell_length_size_rate_and_codecs() -> None:
    facts = judged(CORPUS / "VID-001/pass-mp4.mp4").facts
    assert facts == {"seconds": 0.8, "fps": 25.0, "tracks": 2, "codecs": ["h264", "aac"], "width": 64, "height": 36}


def test_rotation_turns_the_displayed_size() -> None:
    assert VideoSubject(task(CORPUS / "VID-011/pass-portrait-by-rotation.mp4")).displayed == (36, 64)


def test_wide_pixels_widen_the_displayed_size() -> None:
    assert VideoSubject(task(CORPUS / "VID-011/pass-wide-pixels.mp4")).displayed == (85, 36)


def test_an_edit_list_shortens_the_film() -> None:
    video = VideoSubject(task(CORPUS / "VID-004/fail-trimmed-by-edit-list.mp4"))
    assert video.shown(video.picture) == 540
    assert video.picture.stored == 660


def test_a_hidden_rest_is_a_warning_and_no_error() -> None:
    report = judged(CORPUS / "VID-004/fail-trimmed-by-edit-list.mp4", quick=True)
    noted = next(each for each in report.findings if each.rule == "VID-004")
    assert (noted.outcome, noted.variant, noted.measured) == ("warn", "trimmed", 540.0)
    assert int(str(noted.fields["stored"]).partition(".")[0]) == 660


def film_of(frames: int, folder: Path) -> Path:
    """A whole film of frames at 25 a second whose bytes are none of H.264: only its length is in order."""
    from tests.unit.media.test_boxes import film, full

    table = full(b"stts", 1, frames, 1) + full(b"stsz", 1, frames) + full(b"stsc", 1, 1, frames, 1)
    data = film(table + full(b"stco", 1, 0))
    path = folder / "film.mp4"
    path.write_bytes(data + struct.pack(">I4s", 8 + frames, b"mdat") + bytes(frames))
    return path


@pytest.mark.parametrize(("frames", "too_long"), [(14_999, False), (15_000, False), (15_001, True), (15_025, True)])
def test_ten_minutes_are_kept_to_the_frame(tmp_path: Path, frames: int, too_long: bool) -> None:
    assert ("VID-004" in rules(judged(film_of(frames, tmp_path), quick=True))) == too_long


def test_the_largest_film_is_judged_quickly_without_decoding(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.write(FILM + struct.pack(">I4s", 200_000_000 - len(FILM), b"mdat"))
        file.truncate(200_000_000)
    judged(CORPUS / "VID-001/pass-mov.mov", quick=True)  # libraries are loaded once
    began = time.process_time()
    report = judged(path, quick=True)
    assert time.process_time() - began < 1
    assert set(report.left_out) == {"VID-006", "VID-016", "VID-018"}
    assert rules(report) == set()


@pytest.mark.parametrize("case", ["fail-playlist.mp4", "fail-ffconcat-list.mov", "fail-dash-manifest.mp4"])
def test_a_playlist_blocks_everything_that_would_open_it(case: str) -> None:
    report = judged(CORPUS / "VID-001" / case)
    assert rules(report) == {"VID-001"}
    assert report.passed == ("VID-003",)


def test_a_film_that_points_to_another_file_is_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pipeline.media.container.open_media", opened)
    monkeypatch.setattr("pipeline.media.ffmpeg.run", opened)
    for case in ("fail-points-to-a-file.mp4", "fail-points-to-a-host.mp4", "fail-reference-movie.mov"):
        assert rules(judged(CORPUS / "VID-013" / case)) == {"VID-013"}


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9, 0.99])
def test_a_film_cut_off_anywhere_is_one_finding_of_a_quick_check(tmp_path: Path, share: float) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM[: int(len(FILM) * share)])
    assert rules(judged(path, quick=True)) == {"VID-005"}


@pytest.mark.parametrize("case", ["fail-damaged-frames.mp4", "fail-zeros-instead-of-frames.mp4"])
def test_damage_is_told_in_the_same_words_each_time(case: str) -> None:
    first, *others = (judged(CORPUS / "VID-006" / case).findings for _ in range(3))
    assert [each.rule for each in first] == ["VID-006"]
    assert others == [first, first]


def test_as_many_frames_come_out_as_the_index_speaks_of() -> None:
    video = VideoSubject(task(CORPUS / "VID-006/pass-undamaged.mp4"))
    assert (video.decoded.frames, video.decoded.damaged) == (video.picture.samples.count, False)


def test_frames_that_silently_stay_away_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = DecodedVideo(frames=5, damaged=False)
    monkeypatch.setattr("pipeline.checks.video.decode", lambda *_: quiet)
    found = judged(CORPUS / "VID-001/pass-mp4.mp4").findings
    assert [(each.rule, each.variant, each.measured, each.expected) for each in found] == [("VID-006", "fewer", 5, 20)]


def test_a_thumbnail_is_a_small_jpeg_the_right_way_up() -> None:
    from io import BytesIO

    from PIL import Image

    thumbnail = judged(CORPUS / "VID-011/pass-portrait-by-rotation.mp4", thumbnails=True).thumbnail
    picture = Image.open(BytesIO(thumbnail))
    assert picture.format == "JPEG"
    assert picture.width < picture.height <= 160
