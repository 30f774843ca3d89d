"""The start of a process that could not be forked: it reads what to judge, and tells what it finds.

What it reads comes from the process that started it, before any student's code is there.
"""

import os
import pickle
import sys


def main() -> None:
    """Judge the hand-in that stands in the input."""
    hand_in, chapter, folder, *rest = pickle.load(sys.stdin.buffer)
    pipe = os.dup(sys.stdout.fileno())

    from vitcourse.grading.course import prepare
    from vitcourse.grading.judge import judge_and_exit
    from vitcourse.grading.processes import write_all

    course = prepare(chapter, folder, ask_all=False)
    judge_and_exit(lambda line: write_all(pipe, line), pipe, hand_in, course, *rest)
