"""The drawing and recording studio behind the sample lessons' media (run ../make_media.py)."""
