"""The house format's arithmetic: groups of pictures, and a bit budget that cannot be broken (C3)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pipeline.render import house as house_format
from pipeline.specs import load_house_format, load_profile, load_structure
from tests.conftest import SHORT


@pytest.mark.parametrize("frames", [*range(1, 203), 250, 1500, 15000])
def test_groups_add_up_and_none_is_a_single_frame_behind_another(frames: int) -> None:
    repeats, tails = house_format.groups(frames, 50)
    assert repeats * 50 + sum(tails) == frames
    assert all(1 < tail <= 50 for tail in tails) or frames == 1


def test_a_minute_of_card_is_one_group_thirty_times() -> None:
    assert house_format.groups(1500, 50) == (30, ())


def test_the_clip_gets_nearly_4_megabits_of_a_full_film() -> None:
    rate = house_format.clip_rate(load_house_format(), load_profile().max_bytes, load_structure())
    assert 3_700_000 <= rate <= 4_000_000


def test_the_budget_of_all_parts_stays_under_200_megabytes() -> None:
    house, structure = load_house_format(), load_structure()
    rate = house_format.clip_rate(house, 200_000_000, structure)
    bits = rate * 360 + house.still_budget_bits * 240 + house.audio_bit_rate * 600
    assert bits / 8 < 199_000_000


def test_a_short_film_does_not_spend_the_whole_limit() -> None:
    house = load_house_format()
    assert house_format.clip_rate(house, 200_000_000, load_structure(str(SHORT))) == house.most_bits


@pytest.mark.parametrize("frames", [25, 150, 500])
def test_a_segment_keeps_to_the_rate_with_its_buffer_full(frames: int) -> None:
    limit = house_format.segment_rate(3_800_000, frames, Fraction(25))
    seconds = Fraction(frames, 25)
    assert limit * (seconds + Fraction(9, 10)) <= 3_800_000 * seconds
