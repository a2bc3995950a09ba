"""References and programs of SVG drawings and XHTML pages: XML, read without entities, network or outside files."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from pipeline.package.html import MarkupFacts, PageReader, bounded, without_surrogates
from pipeline.package.model import Reference

if TYPE_CHECKING:
    from lxml import etree

_STYLE_SHEET = re.compile(r"<\?xml-stylesheet\s[^>]{0,2000}?href\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def read_xml(text: str) -> MarkupFacts:
    """What a drawing or an XHTML page loads, links to and runs. `fault` tells where it stops being XML; what stands
    before is read all the same.
    """
    if len(bounded(text)) < len(text):
        return MarkupFacts(truncated=True)
    root, fault = _parse(text)
    reader = PageReader(text, 1, None, 0)
    for found in _STYLE_SHEET.finditer(text[:20_000]):
        where = text.count("\n", 0, found.start()) + 1
        reader.references.append(Reference(found[1] or found[2] or "", "style", "<?xml-stylesheet?>", where, 1))
    if root is not None:
        reader.read(root)
    return MarkupFacts(
        tuple(reader.references), tuple(reader.scripts), tuple(reader.fields), reader.truncated, fault, reader.base
    )


def inflated(data: bytes, limit: int) -> bytes:
    """The bytes of a .svgz, at most `limit`; what is not compressed stays as it is."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        return reader.decompress(data, limit)
    except zlib.error:
        return b""


def _parse(text: str) -> tuple[etree._Element | None, tuple[int, int, str] | None]:
    from lxml import etree

    # The text is decoded already: what its declaration says of an encoding no longer holds.
    bare = re.sub(r"\A\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text)

    def parser(*, recover: bool) -> etree.XMLParser:
        return etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            recover=recover,
        )

    try:
        return etree.fromstring(bare.encode("utf-8", "replace"), parser(recover=False)), None
    except etree.XMLSyntaxError as error:
        fault = (error.lineno or 1, error.offset or 1, str(error.msg or ""))
    try:
        return etree.fromstring(without_surrogates(bare).encode("utf-8", "replace"), parser(recover=True)), fault
    except etree.XMLSyntaxError:
        return None, fault
