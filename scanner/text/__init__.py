"""Listing text -> views, each with a map back to the original characters. ``views`` reads, ``tables`` knows."""
