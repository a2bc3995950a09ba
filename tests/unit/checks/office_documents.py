"""Small documents of Office with the parts that its programs write, and with one more where a case wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.unit.checks.exports import PIXEL
from tests.unit.checks.hostile_documents import ole
from tests.unit.checks.hostile_zip import DEFLATED, Item, zip_bytes

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OUTSIDE = ' TargetMode="External"'
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def relations(*each: tuple[str, str, bool]) -> bytes:
    """A part of relations, as (type, target, whether it is outside)."""
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"{_OUTSIDE if outside else ""}/>'
        for number, (kind, target, outside) in enumerate(each, 1)
    )
    where = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{_XML}<Relationships xmlns="{where}">{inner}</Relationships>'.encode()


def text(*runs: str) -> bytes:
    """The main part of a letter with a field whose instruction is cut into these runs."""
    pieces = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    return f'{_XML}<w:document xmlns:w="{_WORD}"><w:body><w:p>{begin}{pieces}</w:p></w:body></w:document>'.encode()


def docx(parts: Mapping[str, bytes] | None = None) -> bytes:
    """A letter with a picture, a link, a number of the page, a table of Excel and a formula pasted into it."""
    return _packed(
        {
            "word/document.xml": text(" PA", "GE "),
            "word/_rels/document.xml.rels": relations(
                ("image", "media/image1.gif", False),
                ("hyperlink", "https://adilet.zan.kz/kaz", True),
                ("package", "embeddings/Microsoft_Excel_Worksheet.xlsx", False),
                ("oleObject", "embeddings/oleObject1.bin", False),
            ),
            "word/_rels/settings.xml.rels": relations(
                ("attachedTemplate", r"file:///C:\Users\Aigul\Templates\Normal.dotm", True)
            ),
            "word/media/image1.gif": PIXEL,
            "word/embeddings/Microsoft_Excel_Worksheet.xlsx": xlsx(),
            "word/embeddings/Microsoft_Excel_97-2003_Worksheet.xls": ole(["Workbook"]),
            "word/embeddings/oleObject1.bin": ole(["Equation Native"]),
            **(parts or {}),
        }
    )


def xlsx(parts: Mapping[str, bytes] | None = None) -> bytes:
    """A table with a chart, and a cell that looks into another table."""
    return _packed(
        {
            "xl/workbook.xml": b"<workbook/>",
            "xl/worksheets/sheet1.xml": b"<worksheet><c><f>SUM(A1:A2)</f></c></worksheet>",
            "xl/charts/chart1.xml": b"<chartSpace/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": relations(("externalLinkPath", "marks.xlsx", True)),
            "xl/printerSettings/printerSettings1.bin": bytes(200),
            **(parts or {}),
        }
    )


def pptx(parts: Mapping[str, bytes] | None = None) -> bytes:
    """A slide with a picture and a chart, whose numbers are a table of Excel inside."""
    return _packed(
        {
            "ppt/presentation.xml": b"<presentation/>",
            "ppt/slides/slide1.xml": b"<sld/>",
            "ppt/media/image1.gif": PIXEL,
            "ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": xlsx(),
            "ppt/embeddings/oleObject1.bin": xlsx(),
            **(parts or {}),
        }
    )


def _packed(parts: Mapping[str, bytes]) -> bytes:
    types = f'{_XML}<Types><Default Extension="xml" ContentType="application/xml"/></Types>'.encode()
    items: Sequence[Item] = [Item(name, content, DEFLATED) for name, content in parts.items()]
    return zip_bytes([Item("[Content_Types].xml", types, DEFLATED), *items])
