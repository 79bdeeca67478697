"""From a decision to a proven removal: the outbox, the sender, the looks, the way back.

``outbox`` writes orders and their fate; ``sending`` tells the platform what is due, as ``patience`` says when and
``breakers`` whether; ``verify`` looks again and ``sighting`` judges what was seen; ``undoing`` goes back.
"""
