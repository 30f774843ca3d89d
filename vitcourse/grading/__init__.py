"""Grading a class: hand-ins are found, judged in processes of their own, and reported."""
