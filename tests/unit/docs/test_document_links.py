"""Every link of the documents leads somewhere, and every document can be reached from the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.docs.documents import DOCUMENTS, README, ROOT, anchors, links, named, read

LARGEST_PICTURE = 500_000


def broken(document: Path, text: str) -> list[str]:
    """Links of `text` that lead nowhere when they stand in `document`."""
    wrong = []
    for link in links(text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or not target.is_relative_to(ROOT) or (anchor and anchor not in anchors(read(target))):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    assert broken(document, read(document)) == []


def test_a_wrong_file_and_a_wrong_anchor_are_noticed() -> None:
    text = "[a](docs/none.md) [b](ARCHITECTURE.md#none) [c](ARCHITECTURE.md#how-to-add) [d](../outside.md)"
    assert broken(README, text) == ["docs/none.md", "ARCHITECTURE.md#none", "../outside.md"]


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [README]
    while waiting:
        document = waiting.pop()
        if document in reached:
            continue
        reached.add(document)
        targets = ((document.parent / link.partition("#")[0]).resolve() for link in links(read(document)))
        waiting += [target for target in targets if target.suffix == ".md" and target.is_file()]
    outside = {ROOT / "CHANGELOG.md"}
    assert set(DOCUMENTS) - reached <= outside


def test_pictures_are_small_shown_and_drawn_by_a_script_beside_them() -> None:
    folder = ROOT / "docs" / "images"
    shown = {(each.parent / link).resolve() for each in DOCUMENTS for link in links(read(each)) if "images/" in link}
    pictures = {path for path in folder.iterdir() if path.suffix in {".jpg", ".png"}}
    assert pictures
    assert pictures == shown
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_PICTURE
        assert picture.with_suffix(".py").is_file()
