"""The media child: the one program that imports PyAV; started by `media.sandbox`, spoken to in JSON lines."""
