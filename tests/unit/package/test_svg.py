"""Drawings and XHTML pages."""

from __future__ import annotations

import gzip
from time import process_time

import pytest

from pipeline.package.svg import inflated, read_xml

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def test_a_drawing_tells_what_it_loads_and_runs() -> None:
    found = read_xml(
        f"""<?xml version="1.0" encoding="windows-1251"?>
<?xml-stylesheet type="text/css" href="s.css"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg {SVG} onload="go()"><script>run()</script><script xlink:href="x.js"/><!-- <image href="no.png"/> -->
<image xlink:href="a.png"/><a href="https://a.kz">x</a><style><![CDATA[@import "b.css";]]></style>
<rect style="fill:url(#q)" mask="url(m.svg#x)"/>
<foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="f.png"/></foreignObject></svg>"""
    )
    assert [(each.url, each.use) for each in found.references] == [
        ("s.css", "style"),
        ("x.js", "code"),
        ("a.png", "media"),
        ("https://a.kz", "link"),
        ("b.css", "style"),
        ("#q", "media"),
        ("m.svg#x", "media"),
        ("f.png", "media"),
    ]
    assert [each.text for each in found.scripts] == ["go()", "run()"]
    assert found.fault is None


@pytest.mark.parametrize("text", ["<svg><g></svg>", "", "text", "<svg>&nbsp;</svg>"])
def test_what_is_no_xml_is_told(text: str) -> None:
    assert read_xml(text).fault is not None


def test_what_stands_before_the_fault_is_read_all_the_same() -> None:
    assert [each.url for each in read_xml(f'<svg {SVG}><image href="a.png"/><g></svg>').references] == ["a.png"]


def test_entities_of_xhtml_are_allowed_as_browsers_allow_them() -> None:
    doctype = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
    )
    assert read_xml(f"{doctype}<html><body>a&nbsp;b</body></html>").fault is None


def test_entities_neither_explode_nor_read_files() -> None:
    powers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    start = process_time()
    read_xml(f'<!DOCTYPE svg [<!ENTITY e0 "aaaaaaaaaa">{powers}]><svg><image href="&e9;"/>&e9;</svg>')
    outside = read_xml('<!DOCTYPE svg [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg><image href="a"/>&f;</svg>')
    assert process_time() - start < 5
    assert "root:" not in repr(outside)


def test_hostile_drawings_end_soon() -> None:
    start = process_time()
    read_xml("<svg " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>")
    read_xml("<a>" * 200_000)
    assert process_time() - start < 10


def test_compressed_drawings_are_unpacked_within_a_limit() -> None:
    assert inflated(gzip.compress(b"<svg/>"), 100) == b"<svg/>"
    assert len(inflated(gzip.compress(bytes(10_000_000)), 1000)) == 1000
    assert inflated(b"\x1f\x8bbroken", 100) == b""
    assert inflated(b"<svg/>", 100) == b"<svg/>"
