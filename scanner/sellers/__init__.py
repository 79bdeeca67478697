"""What is on file of sellers, and what follows from it: licences, exceptions, counters, the ladder, the relist watch.

``files`` shows all of it; ``ladder`` proposes and ``penalties`` takes a step, always by a person; ``marks`` and
``relist`` know a removed listing again when it comes back.
"""
