"""From uploaded bytes to a playable video: resumable upload, sandboxed transcode, poster, content vector.

Stands on `catalog` (video rows) and `core` (objects, jobs); beside `community`, which it never imports.
Foreign bytes are opened only in `media.child`, its own program; the rest talks to it by files and a pipe.
"""
