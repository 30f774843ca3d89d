"""Arguments that must be whole numbers, checked in one way: name, value, what would be right."""

from typing import TypeGuard


def positive_ints(**values: object) -> None:
    """Raise ValueError for the first value that is not an int of at least 1.

    A bool is refused although Python counts it as an int: `depth=True` is a slip, not a depth.
    """
    for name, value in values.items():
        if not _is_int(value) or value < 1:
            raise ValueError(f"{name} must be a positive int, got {value!r}")


def ints(low: int, high: int | None = None, **values: object) -> None:
    """Raise ValueError for the first value that is not an int from `low` to `high`."""
    for name, value in values.items():
        if not _is_int(value) or value < low or (high is not None and value > high):
            right = f"of at least {low}" if high is None else f"from {low} to {high:,}"
            raise ValueError(f"{name} must be an int {right}, got {value!r}")


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
