"""Words in a hand-in that no answer needs: a person should look at it.

Whoever writes them may be curious or may be helping the check to a verdict. This says which words
there are and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS = {
    # reaching the check, or the course's own answers
    r"vitcourse\.(?:exercises|grading|commands|learner)": None,
    r"\bcourse_answers\b": None,
    r"vitcourse\.(?:model|maps|training|convolution)\b": None,
    r"sys\.modules": None,
    r"importlib": None,
    r"__import__": None,
    r"\bmonkeypatch\b|\bmock\b": None,
    # reaching below Python
    r"\bctypes\b": None,
    r"gc\.get_": "gc.get_...",
    r"_getframe|tb_frame|f_back|f_globals|f_locals": None,
    r"__(?:globals|closure|code|subclasses|builtins|mro|bases)__": None,
    r"\binspect\.(?:stack|currentframe|getouterframes)": None,
    r"\baddaudithook\b|\bsettrace\b|\bsetprofile\b": None,
    r"/proc/": None,
    # other programs, the network, what stays behind
    r"\bsubprocess\b|\bos\.(?:system|exec\w*|spawn\w*|posix_spawn\w*|fork|kill\w*|_exit)\b": None,
    r"\bos\.(?:write|remove|unlink|rename|rmdir|removedirs|dup2?)\b|\bshutil\.rmtree\b": None,
    r"\bsocket\b|\burllib\b|\brequests\b": None,
    r"\batexit\b|\bmultiprocessing\b|\bsignal\b": None,
    # results that pretend
    r"__torch_(?:function|dispatch)__|__class__\s*=|def __eq__": None,
    r"\bset(?:attr)\(\s*(?:torch|builtins|F|nn)\b": None,
    r"^[ \t]*(?:torch|builtins|F|nn)(?:\.\w+)+\s*=[^=]": "assigning to torch's functions",
}
PATTERNS = [(re.compile(pattern, re.MULTILINE), shown) for pattern, shown in WORDS.items()]


def suspicious(sources: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """What of it the sources mention. Cells that are the course's own (`known`) are not read."""
    known = {source.strip() for source in known}
    found: dict[str, None] = {}
    for source in sources:
        if source.strip() in known:
            continue
        for pattern, shown in PATTERNS:
            for match in pattern.finditer(source):
                found.setdefault(shown or match[0].strip())
    return list(found)
