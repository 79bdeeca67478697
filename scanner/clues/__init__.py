"""Clue packages: chosen cases of one seller, cluster or contact, signed by two people, for police and authorities.

``packages`` proposes, shows and hands over; ``contents`` says what a package holds; ``writing`` makes the file and
``checking`` checks one without a store; ``owed`` says who one is owed on. Records are in ``records``.
"""
