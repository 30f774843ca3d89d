"""Chapter 12, the ViT of today: turned queries and keys, norms, registers, gates, your own DINOv3."""

from vitcourse.exercises.engine import Exercise

EXERCISES: tuple[Exercise, ...] = ()
