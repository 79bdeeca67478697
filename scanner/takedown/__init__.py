"""From a decision to a proven removal: the outbox, the sender, the looks, the way back.

``outbox`` writes orders and their fate; ``sending`` tells the platform what is due (``ordering``), as ``patience`` says
when and ``breakers`` whether; ``verify`` looks again and ``sighting`` judges what was seen; ``undoing`` goes back.
``accounts`` is about what is done to a seller rather than to a listing, and about what a person must do by hand.
"""
