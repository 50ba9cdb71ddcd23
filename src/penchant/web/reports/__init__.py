"""Pages of figures, drawn by the server: no script, so they can be read, printed and archived anywhere.

`public` is everyone's, `learning` the moderators'. `layout` is what both share, `plots` draws, `words` speaks.
"""
