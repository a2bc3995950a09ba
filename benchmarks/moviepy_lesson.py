"""A lesson composed with MoviePy, as its documentation would have it. Run by benchmarks.peers."""

from __future__ import annotations

import sys

from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, concatenate_videoclips


def main() -> None:
    clip_path, seconds, caption_path, target, scale, *words = sys.argv[1:]
    cards = [(path, float(length)) for path, _, length in (word.rpartition("=") for word in words)]
    clip = VideoFileClip(clip_path).subclipped(0, float(seconds)).resized((1920, 1080))
    shown = 6 / int(scale)
    captions = [
        ImageClip(caption_path).with_start(start).with_duration(shown).with_position((96, 820))
        for start in (1 / int(scale), float(seconds) / 2)
    ]
    explanation = CompositeVideoClip([clip, *captions], size=(1920, 1080)).with_duration(float(seconds))
    stills = [ImageClip(path).with_duration(length) for path, length in cards]
    film = concatenate_videoclips([stills[0], explanation, *stills[1:]])
    film.write_videofile(
        target, fps=25, codec="libx264", preset="veryfast", audio_codec="aac", bitrate="2200k", logger=None
    )


if __name__ == "__main__":
    main()
