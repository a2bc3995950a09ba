"""Filter graphs: built with typed-ffmpeg, so that a misspelt filter or option is a type error; run by ffmpeg.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ffmpeg import VideoStream


@dataclass(frozen=True, slots=True)
class Graph:
    """A filter graph for -filter_complex, and the label of its picture for -map."""

    text: str
    label: str

    def arguments(self) -> list[str]:
        return ["-filter_complex", self.text, "-map", self.label]


def picture_input(number: int) -> VideoStream:
    """The picture of the command's input `number`; which file that is, `ffmpeg.source` says."""
    import ffmpeg

    return ffmpeg.input(str(number)).video


def compile_graph(stream: VideoStream) -> Graph:
    """The text of the graph that ends in `stream`, on inputs as `picture_input` numbered them.

    A stream that two filters read has a split of its own: looking for such costs more than all the rest.
    """
    words = stream.output(filename="-").compile(auto_fix=False)
    text, label = words[words.index("-filter_complex") + 1], words[words.index("-map") + 1]
    inputs = [words[index + 1] for index, word in enumerate(words) if word == "-i"]
    for order, number in enumerate(inputs):
        # V: never a cover picture, which some files carry as a picture track of its own.
        text = text.replace(f"[{order}:v]", f"[in{number}:V:0]")
    return Graph(text.replace("[in", "["), label)
