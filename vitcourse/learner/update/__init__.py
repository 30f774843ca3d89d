"""`vitcourse update`: a learner's notebooks get the course's new text and keep all that is theirs.

`cells.py` says when two cells are the same, `match.py` finds the pairs, `merge.py` merges one
notebook, and `notebooks.py` reads and writes the files.
"""
