"""Pictures of flagged listings: fetched within bounds, decoded out of harm's way, kept as evidence, and compared.

``fetching`` says which are fetched and keeps them; ``decoding`` makes inert copies in a process of its own, whose side
of it is ``decoder``; ``alike`` compares what pictures look like. Records are in ``records``.
"""
