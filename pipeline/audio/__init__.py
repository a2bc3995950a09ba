"""The film's sound: voices at one loudness, the music bed under them, one AAC track for the whole film."""
