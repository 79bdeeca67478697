"""What reaches Delist from outside, and what it answers: notices, appeals, letters.

A notice comes in and is brought to a case; an appeal is filed against a decision and heard by somebody else; a letter
goes out once, under a key. ``scanner.outside`` holds the records, ``templates`` the words.
"""
