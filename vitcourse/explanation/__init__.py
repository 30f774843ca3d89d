"""`explain`: what a model looks at in an image, as an explorer and as a page of its own."""

from vitcourse.explanation.look import Answer, Labels, explain, explain_and_answer

__all__ = ["Answer", "Labels", "explain", "explain_and_answer"]
