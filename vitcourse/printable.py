"""Text that comes from anywhere, for a terminal, which obeys control characters in it."""


def printable(text: str) -> str:
    """The text with a mark in place of whatever cannot be shown, line breaks too."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
