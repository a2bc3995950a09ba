"""docs/scale.md says what its figures come to."""

from __future__ import annotations

from benchmarks.scale import DOCUMENT, LESSONS, figures, filled
from benchmarks.season import SHORT
from tests.unit.docs.documents import ROOT, read


def test_the_tables_are_what_the_figures_come_to() -> None:
    assert filled(read(DOCUMENT), figures()) == read(DOCUMENT), "docs/scale.md is stale: run python -m benchmarks.scale"


def test_the_figures_are_of_whole_measurements() -> None:
    known = figures()
    assert {known[name]["lessons"] for name in ("overhead-media", "overhead-lessons", "unchanged")} == {2000}
    for workers in (1, 2):
        counts = {known[f"{side}-{SHORT.name}-{workers}"]["lessons"] for side in ("plain", "batch")}
        assert counts == {SHORT.lessons}
    assert known["unchanged"]["counts"] == {"unchanged": 2000}


def test_the_term_is_the_one_of_the_sources() -> None:
    assert f"About {LESSONS} lessons in one term" in read(ROOT / "docs" / "sources.md")
