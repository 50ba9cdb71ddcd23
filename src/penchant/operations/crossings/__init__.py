"""What crosses between markets: what an answer is made from (`public`), giving it (`giving`), taking it (`mirroring`,
with `look`: what is taken is looked at as an upload is), and how both are put together (`room`).
"""
