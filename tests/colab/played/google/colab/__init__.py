"""The part of Colab's own module that anywidget and the course use, played."""

from google.colab import output

__all__ = ["output"]
