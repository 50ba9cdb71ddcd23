"""The media child: the one program that imports PyAV and the library for content credentials.

Started by `media.sandbox`, spoken to in JSON lines.
"""
