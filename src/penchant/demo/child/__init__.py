"""The child program that makes clips: the only part of the demo that touches the GPL codec (PyAV carries x264)."""
