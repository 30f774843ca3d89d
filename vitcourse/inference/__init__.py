"""The same answers in less time, as far as this machine and this model allow: measured, then kept.

options.py   what can be tried, and how it is undone
measure.py   which is the fastest, and whether that is more than noise
report.py    the table of it
choice.py    all together
"""

from vitcourse.inference.choice import Faster, faster

__all__ = ["Faster", "faster"]
