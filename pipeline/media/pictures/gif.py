"""Walks a GIF from block to block (GIF89a specification), without decoding it."""

from __future__ import annotations

from pipeline.media.pictures.layout import Flaw, Layout, Raw

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _COMMENT, _PLAIN_TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
MOST_FRAMES = 100_000
_MOST_TEXT = 1 << 20


class _CutOff(Exception):  # noqa: N818  # a turn of events within this module, not an error of ours
    pass


class _Walk:
    def __init__(self, raw: Raw) -> None:
        self.raw, self.at = raw, 6
        self.layout = Layout(mode="palette", frames=0, durations=[])
        self._delay = 100
        self._block_at = 0

    def run(self) -> None:
        try:
            self._screen()
            while self.layout.flaw is None and not self.layout.end:
                self._block()
        except _CutOff:
            # Whole blocks up to the last byte: old programs forgot the trailer, and viewers do without.
            whole = self._block_at == len(self.raw) and self.layout.frames
            self.layout.flaw = Flaw("no-end" if whole else "cut-off", "trailer")
        if self.layout.flaw is None and not self.layout.frames:
            self.layout.flaw = Flaw("damaged", "no frame")
        if self.layout.frames < 2:
            self.layout.durations = None

    def _take(self, count: int) -> bytes:
        taken = self.raw[self.at : self.at + count]
        if len(taken) < count:
            raise _CutOff
        self.at += count
        return taken

    def _screen(self) -> None:
        screen = self._take(7)
        self.layout.width, self.layout.height = _pair(screen, 0), _pair(screen, 2)
        if screen[4] & 0x80:
            self._take(3 << (screen[4] & 7) + 1)

    def _block(self) -> None:
        self._block_at = self.at
        sort = self._take(1)[0]
        if sort == _TRAILER:
            self.layout.end = self.at
        elif sort == _IMAGE:
            self._image()
        elif sort == _EXTENSION:
            self._extension(self._take(1)[0])
        elif sort:
            # Some old programs leave a zero between blocks, and every viewer steps over it.
            self.layout.flaw = Flaw("damaged", f"0x{sort:02X}")

    def _image(self) -> None:
        layout, box = self.layout, self._take(9)
        # Old programs leave the screen without a size; viewers then take the first frame's.
        layout.width = max(layout.width, _pair(box, 0) + _pair(box, 4))
        layout.height = max(layout.height, _pair(box, 2) + _pair(box, 6))
        if box[8] & 0x80:
            self._take(3 << (box[8] & 7) + 1)
        bits = self._take(1)[0]
        if not 1 <= bits <= 11:
            layout.flaw = Flaw("damaged", f"LZW {bits}")
            return
        self._skip()
        layout.frames += 1
        layout.frame_pixels += layout.width * layout.height
        if layout.durations is not None and layout.frames <= MOST_FRAMES:
            layout.durations.append(self._delay)
        self._delay = 100

    def _extension(self, label: int) -> None:
        if label == _CONTROL:
            body = self._gather()
            delay = 10 * _pair(body, 1) if len(body) >= 4 else 0
            # Browsers show frames that ask for hardly any time for a tenth of a second.
            self._delay = delay if delay > 10 else 100
        elif label in {_COMMENT, _PLAIN_TEXT}:
            self.layout.note("text", "comment", self._gather())
        elif label == _APPLICATION:
            self._application()
        else:
            self._skip()

    def _application(self) -> None:
        start = self.at
        name = self._take(self._take(1)[0])
        if name in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}:
            body = self._gather()
            if body[:1] == b"\x01" and len(body) >= 3:
                self.layout.plays = 0 if not _pair(body, 1) else _pair(body, 1) + 1
        elif name == b"XMP DataXMP":
            # XMP is not cut into blocks: it stands as it is, and a tail of falling numbers leads every reader out.
            behind = self._skip()
            text = self.raw[start + 12 : min(behind, start + 12 + _MOST_TEXT)]
            self.layout.note("xmp", "XMP", text[: text.rfind(b">") + 1])
        else:
            self.layout.note("segment", name.decode("latin-1"), self._gather())

    def _skip(self) -> int:
        raw, at, size = self.raw, self.at, len(self.raw)
        while at < size and raw[at]:
            at += 1 + raw[at]
        if at >= size:
            raise _CutOff
        self.at = at + 1
        return self.at

    def _gather(self) -> bytes:
        parts: list[bytes] = []
        start = self.at
        while length := self._take(1)[0]:
            part = self._take(length)
            if self.at - start < _MOST_TEXT:
                parts.append(part)
        return b"".join(parts)


def walk_gif(raw: Raw) -> Layout:
    """The layout of a GIF, with every frame's time as browsers show it. Never raises for what the bytes are."""
    walk = _Walk(raw)
    walk.run()
    return walk.layout


def _pair(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")
