"""The tools of rule authors: check a rulebook, prove its examples, try a text, compare two, write a rule, document all.

Matching does not need any of it: ``scanner.rulebook`` reads, compiles and matches.
"""
