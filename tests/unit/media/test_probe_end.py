"""How long a film is: by what decodes, or, where others decode it, by the times its index has of what is stored."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.media.probe import probe
from tests.unit.checks.corpus import CORPUS


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("VID-012/pass-camera-jitter.mp4", Fraction(40_008, 10_000)),
        ("VID-012/fail-25-then-24-frames.mp4", Fraction(1_329, 100)),
        ("VID-015/pass-cut-without-encoding.mp4", Fraction(48, 100)),
        ("VID-001/pass-quicktime-without-ftyp.mov", Fraction(8, 10)),
        ("VID-001/fail-matroska.mp4", Fraction(846, 1000)),
    ],
)
def test_a_sound_film_ends_where_its_last_picture_decodes(name: str, seconds: Fraction) -> None:
    file = CORPUS / name
    assert abs(probe(file).duration - seconds) < Fraction(1, 1000)
    assert probe(file, decode_end=False) == probe(file)


def test_pictures_that_do_not_decode_count_where_others_find_that_out() -> None:
    damaged = CORPUS / "VID-006" / "fail-damaged-frames.mp4"
    assert probe(damaged).duration == Fraction(4, 10)
    assert probe(damaged, decode_end=False).duration == 1


def test_pictures_that_are_cut_off_do_not_count() -> None:
    cut = probe(CORPUS / "VID-005" / "fail-cut-off-upload.mp4", decode_end=False)
    assert cut.cut_off
    assert cut.duration < Fraction(1, 2)
