"""Words that a notebook shows, in a form for each place that may show them."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Words:
    """The same in HTML, in Markdown (of which a PDF is made) and as plain text."""

    html: str
    markdown: str
    plain: str

    def __repr__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html, "text/markdown": self.markdown, "text/plain": self.plain}
