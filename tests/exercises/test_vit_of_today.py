"""Chapter 12's checks: one answer does not spoil the check of the next."""

import pytest
import torch

from vitcourse.exercises.engine import Wrong, find_exercise, judge


def test_an_answer_that_works_in_place_does_not_spoil_the_next_check():
    exercise = find_exercise("12.3")

    def in_place(q, k, q_norm, k_norm):
        with torch.no_grad():
            q.copy_(q_norm(q))
            k.copy_(k_norm(k))
        return q @ k.mT / q.shape[-1] ** 0.5

    def right(q, k, q_norm, k_norm):
        return q_norm(q) @ k_norm(k).mT / q.shape[-1] ** 0.5

    with pytest.raises(Wrong, match="it changes its input"):
        judge(exercise, {exercise.name: in_place})
    judge(exercise, {exercise.name: right})
