"""Grades in the forms that learning platforms take: Canvas, Moodle, Gradescope."""

from vitcourse.grading.platforms.canvas import write_canvas
from vitcourse.grading.platforms.gradescope import write_gradescope
from vitcourse.grading.platforms.moodle import write_moodle

__all__ = ["write_canvas", "write_gradescope", "write_moodle"]
