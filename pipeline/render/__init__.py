"""Timeline -> house-format segments (cached) -> stitched film -> deliverable, sidecars, manifest."""
