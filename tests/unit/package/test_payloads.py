"""What data: URLs carry."""

from __future__ import annotations

import pytest

from pipeline.package.model import Reference
from pipeline.package.payloads import content, is_data, payload


@pytest.mark.parametrize(
    ("url", "mime", "head"),
    [
        ("data:,Hi%21", "text/plain", b"Hi!"),
        ("data:text/html;charset=utf-8,<p>", "text/html", b"<p>"),
        ("data:application/x;base64,TVqQAA==", "application/x", b"MZ\x90\0"),
        (" DATA:Image/PNG;BASE64, iVBO\nRw0K", "image/png", b"\x89PNG\r\n"),
        ("data:x;base64,TVq", "x", b"MZ"),
        ("data:base64", "", b""),
        ("data:a/b;base64,%54%56%71%51", "a/b", b"MZ\x90"),
    ],
)
def test_content_is_unpacked(url: str, mime: str, head: bytes) -> None:
    assert is_data(url)
    reference = Reference(url, "media", "<img src>", 1, 1)
    found = payload(reference, reference)
    assert (found.mime, found.head) == (mime, head)


def test_no_more_is_unpacked_than_asked_for() -> None:
    assert len(content("data:;base64," + "A" * 100_000, 100)) <= 100
    assert len(content("data:," + "A" * 100_000, 100)) == 100
