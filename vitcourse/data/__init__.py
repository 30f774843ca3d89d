"""What the course looks at: photographs."""

from vitcourse.data.photos import load_photo

__all__ = ["load_photo"]
