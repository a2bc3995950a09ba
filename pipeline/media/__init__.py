"""Files of pictures and sound: what they are, what is in them, and the one place that runs ffmpeg."""
