"""vitcourse: learn Vision Transformers by building one.

The few names that a learner types are loaded when first used, so that `import vitcourse`
costs next to nothing.
"""

from importlib import import_module

from vitcourse.machine import respect_cpu_limit

__version__ = "0.1.0"

_HOME_OF = {
    "bundled": "vitcourse.model.weights",
    "bundled_layout": "vitcourse.model.weights",
    "check": "vitcourse.exercises",
    "explain": "vitcourse.explanation",
    "faster": "vitcourse.inference",
    "lines": "vitcourse.exercises.lines",
    "load_photo": "vitcourse.data",
    "my_progress": "vitcourse.view.overview",
    "outcome": "vitcourse.questions.predictions",
    "predict": "vitcourse.questions.predictions",
    "predicted": "vitcourse.questions.predictions",
    "progress_bar": "vitcourse.bar",
    "pretrained": "vitcourse.weights.pretrained",
    "quiz": "vitcourse.questions.quizzes",
    "reset": "vitcourse.exercises",
    "solution": "vitcourse.exercises",
    "show": "vitcourse.view",
    "doctor": "vitcourse.installation",
    "use_fastest_threads": "vitcourse.threads",
    "versions": "vitcourse.installation",
}
__all__ = ["__version__", *_HOME_OF]


def __getattr__(name: str):
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'vitcourse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


respect_cpu_limit()
