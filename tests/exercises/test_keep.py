"""`my_vit.py`: whatever a learner does, nothing is lost, and what is kept can be imported."""

import ast
import importlib.util
import linecache
import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
import torch
from nbclient import NotebookClient

from tests.answers import load
from tests.kernels import kernel
from vitcourse.exercises import engine, find_exercise
from vitcourse.exercises.gather import CannotKeep, gather, import_line, names_used_at_once, rename
from vitcourse.exercises.keep import FILE, OLDER, keep, read, take_out
from vitcourse.exercises.parts import kept_parts, whose_parts
from vitcourse.learner.kept import kept_exercises
from vitcourse.model import VisionTransformer
from vitcourse.workshop.build import NOTEBOOKS, solution_notebook

BANK = load()
NUMBER = count()
COUNT = (
    "def count_patches(height, width, patch_size):\n"
    "    if height % patch_size or width % patch_size:\n"
    "        raise ValueError\n"
    "    return (height // patch_size) * (width // patch_size)\n"
)
OTHER_COUNT = (
    "def count_patches(h, w, p):\n"
    "    (rows, left), (columns, over) = divmod(h, p), divmod(w, p)\n"
    "    if left or over:\n"
    "        raise ValueError\n"
    "    return rows * columns\n"
)
PATCHIFY = (
    "def patchify(images, P):\n"
    "    count_patches(*images.shape[2:], P)\n"
    '    return rearrange(images, "b c (h p) (w q) -> b (h w) (c p q)", p=P, q=P)\n'
)
EMBED = (
    "class PatchEmbedding(nn.Module):\n"
    "    def __init__(self, image_size, patch_size, in_channels, embed_dim):\n"
    "        super().__init__()\n"
    "        self.patch_size = patch_size\n"
    "        self.proj = nn.Linear(in_channels * patch_size**2, embed_dim)\n"
    "\n"
    "    def forward(self, images):\n"
    "        return self.proj(patchify(images, self.patch_size))\n"
)
IMPORTS = (
    "import torch\nimport torch.nn.functional as F\n"
    "from einops import rearrange\nfrom torch import nn\n"
)


class Notebook:
    """A kernel in this process: cells are run, and known to linecache as IPython's are."""

    def __init__(self, folder: Path, *cells: str) -> None:
        self.folder, self.cells = folder, []
        self.namespace: dict = {"__name__": "__main__"}
        self.run(IMPORTS, *cells)

    def run(self, *cells: str) -> "Notebook":
        for cell in cells:
            name = f"<cell {next(NUMBER)}>"
            linecache.cache[name] = (len(cell), None, cell.splitlines(True), name)
            self.cells.append(cell)
            exec(compile(cell, name, "exec", dont_inherit=True), self.namespace)
        return self

    def check(self, number: str) -> str | None:
        """Keep a right answer as a green check does; raise for a wrong one."""
        exercise = find_exercise(number)
        engine.judge(exercise, self.namespace)
        return keep(exercise, self.namespace, self.folder, self.cells)

    @property
    def text(self) -> str:
        return (self.folder / FILE).read_text()


def imported(folder: Path):
    """The file as a learner imports it, in a module of its own."""
    spec = importlib.util.spec_from_file_location("my_vit", folder / FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sections(folder: Path) -> list[str]:
    return list(read((folder / FILE).read_text()).sections)


# What is kept -------------------------------------------------------------------------------------


def test_a_solved_exercise_is_kept_with_its_imports(tmp_path):
    assert Notebook(tmp_path, COUNT, PATCHIFY).check("1.2") is None
    text = (tmp_path / FILE).read_text()
    assert "from einops import rearrange\n" in text
    assert "import torch" not in text  # not needed
    assert PATCHIFY in text
    images = torch.randn(2, 3, 4, 6)
    expected = find_exercise("1.2").reference(images, 2)
    assert torch.equal(imported(tmp_path).patchify(images, 2), expected)


def test_sections_stand_in_the_order_of_the_course(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY, EMBED)
    for number in ("1.4", "1.1", "1.2"):
        notebook.check(number)
    assert sections(tmp_path) == ["1.1", "1.2", "1.4"]
    imported(tmp_path)


def test_what_is_right_and_needed_comes_along_unchecked(tmp_path):
    Notebook(tmp_path, COUNT, PATCHIFY, EMBED).check("1.4")
    assert sections(tmp_path) == ["1.1", "1.2", "1.4"]


def test_the_course_stands_in_until_it_is_solved(tmp_path):
    notebook = Notebook(tmp_path, "from vitcourse.model import count_patches, patchify", EMBED)
    assert notebook.check("1.4") is None
    assert "from vitcourse.model import patchify  # the course's, for now" in notebook.text
    assert imported(tmp_path).patchify is find_exercise("1.2").reference
    notebook.run(COUNT, PATCHIFY).check("1.2")
    assert "vitcourse.model" not in notebook.text
    assert imported(tmp_path).patchify.__module__ == "my_vit"


def test_the_reference_after_a_red_check_is_imported_not_copied(tmp_path):
    notebook = Notebook(tmp_path, EMBED)
    notebook.namespace["patchify"] = find_exercise("1.2").reference  # as a red check leaves it
    notebook.check("1.4")
    assert "from vitcourse.model import patchify" in notebook.text
    assert sections(tmp_path) == ["1.4"]


def test_the_course_s_own_class_is_never_kept_as_the_learner_s(tmp_path):
    notebook = Notebook(tmp_path, "from vitcourse.model import PatchEmbedding")
    assert "the course's own" in notebook.check("1.4")
    assert not (tmp_path / FILE).exists()


def test_helpers_constants_and_comments_come_along(tmp_path):
    helpers = "LIMIT = 7\n\n\ndef too_odd(n, p):\n    return n % p > 0 * LIMIT\n"
    answer = "# rows times columns\n" + COUNT.replace(
        "height % patch_size or", "too_odd(height, patch_size) or"
    )
    notebook = Notebook(tmp_path, helpers, answer)
    assert notebook.check("1.1") is None
    assert "LIMIT = 7" in notebook.text
    assert "# rows times columns\ndef count_patches" in notebook.text
    assert imported(tmp_path).count_patches(6, 10, 2) == 15


def test_a_name_that_only_the_notebook_has_is_named(tmp_path):
    notebook = Notebook(tmp_path, "photo = torch.zeros(3)")
    notebook.run(COUNT.replace("    return", "    assert len(photo)\n    return"))
    assert "`photo`, which only this notebook has" in notebook.check("1.1")
    assert imported(tmp_path).count_patches  # the file itself can be imported


def test_a_name_needed_at_import_keeps_the_file_as_it_is(tmp_path):
    notebook = Notebook(tmp_path, COUNT)
    notebook.check("1.1")
    before = notebook.text
    notebook.run("photo = torch.zeros(3)", PATCHIFY.replace("P):", "P, photo=photo):", 1))
    assert "1.2 needs `photo` on import" in notebook.check("1.2")
    assert notebook.text == before


@pytest.mark.parametrize(
    "answer",
    [
        "count_patches = lambda h, w, p: count(h, w, p)",
        "count_patches = count",
        "from functools import partial\ncount_patches = partial(count)",
        "class Count:\n    def __call__(self, h, w, p):\n        return count(h, w, p)\n"
        "count_patches = Count()",
        "def maker():\n    def inner(h, w, p):\n        return count(h, w, p)\n    return inner\n"
        "count_patches = maker()",
        "from functools import lru_cache\n@lru_cache\ndef count_patches(h, w, p):\n"
        "    return count(h, w, p)",
        "count_patches: object = count",
    ],
    ids=["lambda", "alias", "partial", "instance", "closure", "decorated", "annotated"],
)
def test_answers_that_are_no_plain_def(tmp_path, answer):
    notebook = Notebook(tmp_path, COUNT.replace("count_patches", "count"), answer)
    assert notebook.check("1.1") is None
    assert imported(tmp_path).count_patches(6, 10, 2) == 15


def test_a_method_put_in_from_outside_is_refused(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY, EMBED.replace("def forward", "def old"))
    notebook.run("def new(self, images):\n    return self.old(images)\n")
    notebook.run("PatchEmbedding.forward = new")
    assert "put into the class from outside" in notebook.check("1.4")
    assert not (tmp_path / FILE).exists()


def test_two_helpers_of_one_name_do_not_meet(tmp_path):
    first = "P = 2\ndef half(n, p):\n    return n // p\n" + COUNT.replace(
        "(height // patch_size)", "half(height, patch_size)"
    )
    Notebook(tmp_path, first).check("1.1")
    second = "def half(images):\n    return images / 2\n" + PATCHIFY.replace(
        "rearrange(images", "rearrange(2 * half(images)"
    )
    assert Notebook(tmp_path, COUNT, second).check("1.2") is None
    module = imported(tmp_path)
    assert module.count_patches(6, 10, 2) == 15
    images = torch.randn(1, 1, 4, 6)
    assert torch.equal(module.patchify(images, 2), find_exercise("1.2").reference(images, 2))
    assert "def half_1_2(images)" in (tmp_path / FILE).read_text()


# Right, wrong, and again --------------------------------------------------------------------------


def test_a_wrong_answer_never_replaces_a_right_one(tmp_path):
    notebook = Notebook(tmp_path, COUNT)
    notebook.check("1.1")
    before = notebook.text
    for wrong in ("return height * width", "raise NotImplementedError"):
        notebook.run(f"def count_patches(height, width, patch_size):\n    {wrong}\n")
        with pytest.raises(engine.Verdict):
            notebook.check("1.1")
        assert notebook.text == before


def test_another_right_answer_replaces_it_and_the_older_one_is_kept(tmp_path):
    notebook = Notebook(tmp_path, COUNT)
    notebook.check("1.1")
    notebook.run(OTHER_COUNT).check("1.1")
    assert OTHER_COUNT in notebook.text
    assert COUNT not in notebook.text
    assert COUNT in (tmp_path / OLDER).read_text()
    notebook.run(COUNT).check("1.1")
    notebook.run(OTHER_COUNT).check("1.1")
    assert (tmp_path / OLDER).read_text().count(COUNT) == 1


def test_the_same_answer_again_does_not_touch_the_file(tmp_path):
    notebook = Notebook(tmp_path, COUNT)
    notebook.check("1.1")
    os.utime(tmp_path / FILE, (1, 1))
    Notebook(tmp_path, COUNT).check("1.1")  # as after a restart
    assert (tmp_path / FILE).stat().st_mtime == 1
    assert not (tmp_path / OLDER).exists()


def test_a_restarted_notebook_adds_to_the_file(tmp_path):
    Notebook(tmp_path, COUNT).check("1.1")
    Notebook(tmp_path, "from vitcourse.model import count_patches", PATCHIFY).check("1.2")
    assert sections(tmp_path) == ["1.1", "1.2"]
    assert imported(tmp_path).patchify.__globals__["count_patches"].__module__ == "my_vit"


# The learner's hand in the file -------------------------------------------------------------------


def test_edits_outside_the_marks_stay(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    mine = '\n\nif __name__ == "__main__":\n    print("# my own words: größer")\n'
    path = tmp_path / FILE
    path.write_text(notebook.text.replace("My Vision", "Ada's Vision") + mine, encoding="utf-8")
    notebook.check("1.2")
    notebook.run(OTHER_COUNT).check("1.1")
    text = path.read_text(encoding="utf-8")
    assert "Ada's Vision" in text
    assert mine.strip() in text
    assert sections(tmp_path) == ["1.1", "1.2"]


def test_edits_inside_a_section_are_not_lost(tmp_path):
    notebook = Notebook(tmp_path, COUNT)
    notebook.check("1.1")
    path = tmp_path / FILE
    path.write_text(notebook.text.replace("raise ValueError", 'raise ValueError("hand-made")'))
    notebook.check("1.1")
    assert "hand-made" not in notebook.text
    assert "hand-made" in (tmp_path / OLDER).read_text()


def test_a_file_that_is_no_python_is_put_aside(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    notebook.check("1.2")
    broken = notebook.text.replace("rearrange(images", "rearrange((images") + "mine = 1\n"
    (tmp_path / FILE).write_text(broken)
    said = Notebook(tmp_path, OTHER_COUNT).check("1.1")
    assert "my_vit_broken_1.py" in said
    assert "Check again: 1.2" in said
    assert len(said.splitlines()) == 1
    assert (tmp_path / "my_vit_broken_1.py").read_text() == broken
    assert sections(tmp_path) == ["1.1"]
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00 not text")
    assert "my_vit_broken_2.py" in notebook.check("1.2")
    assert (tmp_path / "my_vit_broken_2.py").read_bytes() == b"\xff\xfe\x00 not text"
    imported(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "import os", '"""Mine."""\nx = 1', "\ufeff# only this"]
)
def test_any_python_file_may_be_there_already(tmp_path, text):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    assert notebook.check("1.2") is None
    assert all(line in notebook.text for line in text.strip("\ufeff\n").splitlines())
    imported(tmp_path)


def test_a_file_with_the_line_ends_of_windows(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    (tmp_path / FILE).write_bytes(notebook.text.replace("\n", "\r\n").encode())
    notebook.check("1.2")
    notebook.run(OTHER_COUNT).check("1.1")
    assert sections(tmp_path) == ["1.1", "1.2"]
    assert "\r" not in (tmp_path / FILE).read_bytes().decode()
    imported(tmp_path)


def test_a_section_whose_end_was_deleted(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    text = notebook.text.replace("# ---- end of 1.1 ----\n", "mine = 1\n")
    (tmp_path / FILE).write_text(text)
    notebook.check("1.2")
    assert imported(tmp_path).mine == 1
    notebook.run(OTHER_COUNT).check("1.1")
    assert "mine = 1" in (tmp_path / OLDER).read_text()
    assert sections(tmp_path) == ["1.1", "1.2"]


def test_a_section_from_when_the_exercise_had_another_number(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    old = notebook.text.replace("# ---- 1.1 count", "# ---- 1.2 count").replace("of 1.1", "of 1.2")
    (tmp_path / FILE).write_text(old)
    assert kept_exercises(tmp_path) == sections(tmp_path) == ["1.1"]
    notebook.check("1.2")
    assert kept_exercises(tmp_path) == sections(tmp_path) == ["1.1", "1.2"]
    assert not (tmp_path / OLDER).exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    notebook = Notebook(tmp_path / "missing", COUNT)
    notebook.folder = Path("/sys") if os.geteuid() == 0 else tmp_path / "locked"
    if os.geteuid() != 0:
        notebook.folder.mkdir(mode=0o500)
    said = notebook.check("1.1")
    assert said.startswith("(Not kept in my_vit.py: ")
    assert len(said.splitlines()) == 1


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    before = notebook.text

    def no_space(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    assert "No space left on device" in notebook.check("1.2")
    assert notebook.text == before
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".{FILE}.lock", FILE]


# Several at once ----------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.exercises.test_keep import COUNT, EMBED, OTHER_COUNT, PATCHIFY, Notebook
folder, number = Path(sys.argv[1]), sys.argv[2]
start = "from vitcourse.model import count_patches, patchify"
notebook = Notebook(folder, start, {{"1.1": COUNT, "1.2": PATCHIFY, "1.4": EMBED}}[number])
(folder / number).touch()
while len([p for p in folder.iterdir() if p.name[0] == "1"]) < 3:
    pass
for i in range(8):
    if number == "1.1":
        notebook.run([COUNT, OTHER_COUNT][i % 2])
    assert notebook.check(number) is None
"""


def test_notebooks_that_write_at_once_lose_nothing(tmp_path):
    script = tmp_path / "writer.py"
    script.write_text(WRITER.format(root=str(Path(__file__).parents[2])))
    folder = tmp_path / "shared"
    folder.mkdir()
    writers = [
        subprocess.Popen([sys.executable, script, folder, number])
        for number in ("1.1", "1.2", "1.4")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    assert sections(folder) == ["1.1", "1.2", "1.4"]
    assert "vitcourse.model" not in (folder / FILE).read_text()
    imported(folder)


# Taken out again: `reset` -------------------------------------------------------------------------


def test_what_is_taken_out_is_an_older_answer(tmp_path):
    Notebook(tmp_path, COUNT).check("1.1")
    cell = "# my first idea\n" + COUNT
    assert take_out(find_exercise("1.1"), tmp_path, [cell]) is None
    assert sections(tmp_path) == []
    older = (tmp_path / OLDER).read_text()
    assert "# 1.1, until it was reset\n" in older
    assert cell in older
    assert not hasattr(imported(tmp_path), "count_patches")


def test_the_course_stands_in_for_what_is_taken_out(tmp_path):
    notebook = Notebook(tmp_path, COUNT, PATCHIFY)
    notebook.check("1.1")
    notebook.check("1.2")
    assert take_out(find_exercise("1.1"), tmp_path, []) is None
    line = "from vitcourse.model import count_patches  # the course's, for now\n"
    assert line in (tmp_path / FILE).read_text()
    images = torch.randn(2, 3, 4, 6)
    assert torch.equal(
        imported(tmp_path).patchify(images, 2), find_exercise("1.2").reference(images, 2)
    )
    notebook.check("1.1")  # solved again, the stand-in goes
    assert "vitcourse.model" not in (tmp_path / FILE).read_text()


def test_what_others_need_is_not_taken_out(tmp_path):
    helper = "def half(x):\n    return x // 2\n"
    Notebook(
        tmp_path, helper, COUNT.replace("height // patch_size)", "half(2 * height) // patch_size)")
    ).check("1.1")
    path = tmp_path / FILE
    path.write_text(path.read_text() + "\n\nquarter = lambda x: half(half(x))\n")
    before = path.read_text()
    said = take_out(find_exercise("1.1"), tmp_path, [])
    assert said == "(Not taken out of my_vit.py: a line of yours uses `half`, which goes with it.)"
    assert path.read_text() == before


def test_nothing_to_take_out_makes_no_files(tmp_path):
    assert take_out(find_exercise("1.1"), tmp_path, []) is None
    assert not (tmp_path / FILE).exists()
    assert not (tmp_path / OLDER).exists()


# In real kernels ----------------------------------------------------------------------------------


def test_kept_where_somebody_works_and_nowhere_else(tmp_path):
    solutions = tmp_path / "solutions"
    solutions.mkdir()
    for folder, keyboard, is_kept in (
        (tmp_path, False, False),  # pytest --nbval, nbconvert, nbgrader, the build
        (tmp_path, True, True),  # JupyterLab, VS Code
        (solutions, True, False),
    ):
        with kernel(folder) as run:
            run("from vitcourse import check", keyboard)
            run(COUNT, keyboard)
            said = run('check("1.1")', keyboard)
        assert said == "1.1 count_patches: solved\n"
        assert (folder / FILE).exists() is is_kept
    assert not list(solutions.iterdir())


# Every right answer of the bank -------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [a for a in BANK if a.kind == "right"], ids=lambda a: f"{a.place}-{a.name}"
)
def test_kept_right_answers_pass_their_check_after_import(answer, tmp_path):
    prelude = "import math\nfrom vitcourse.model import count_patches, patchify, unpatchify\n"
    notebook = Notebook(tmp_path, prelude)
    notebook.namespace.pop(find_exercise(answer.exercise).name, None)
    said = notebook.run(answer.code).check(answer.exercise)
    if said and "the course's own" in said:
        return
    assert said is None
    module = vars(imported(tmp_path))
    if answer.exercise == "6.4":  # it is about a model, which 6.2 keeps
        mine = notebook.namespace.get("VisionTransformer", VisionTransformer)
        module.setdefault("VisionTransformer", mine)
    engine.judge(find_exercise(answer.exercise), module)


# Chapter 6 ----------------------------------------------------------------------------------------


def code_cells(chapter: str) -> list:
    (source,) = (NOTEBOOKS / "source").glob(f"{chapter}_*.py")
    return [c for c in solution_notebook(source).cells if c.cell_type == "code"]


def solve(chapter: str, folder: Path) -> None:
    """The solutions of a chapter, kept as a learner's: imports, answers, and what they need."""
    notebook = Notebook(folder)
    for cell in code_cells(chapter):
        if "exercise" in cell.metadata:
            notebook.run(cell.source)
            assert notebook.check(cell.metadata["exercise"]) is None
        elif "import " in cell.source and "check(" not in cell.source:
            tree = ast.parse(cell.source)
            lines = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
            notebook.run("\n".join(map(ast.unparse, lines)))


@pytest.fixture(scope="module")
def whole_course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    for chapter in ("01", "02", "03", "04", "05"):
        solve(chapter, folder)
    return folder


def test_the_parts_of_five_chapters_are_yours(whole_course):
    parts = kept_parts(whole_course)
    table = str(parts).splitlines()[1:]
    assert len(table) == 7
    assert all(line.endswith("  yours") for line in table), str(parts)
    assert "vitcourse" not in "".join(
        line for line in (whole_course / FILE).read_text().splitlines() if "import " in line
    )


def test_chapter_6_with_all_parts_of_ones_own(whole_course):
    """The proofs, with nothing borrowed; and the two answers of the chapter can be kept, too."""
    (path,) = (NOTEBOOKS / "source").glob("06_*.py")
    notebook = solution_notebook(path)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": whole_course}}
    ).execute()
    said = "".join(
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream"
    )
    assert "the course's" not in said
    assert "9 of 9 kinds of parts are yours." in said
    for proof in (
        "your model: 86,567,656",
        "the same logits, up to 0.00001: True",
        "with trained weights, more than 99 %: True",
        "with positions, the order matters: True",
    ):
        assert proof in said


def test_the_model_in_the_file_gives_the_reference_s_logits(whole_course):
    parts = kept_parts(whole_course)
    cells = [c.source for c in code_cells("06") if c.metadata.get("exercise") in ("6.1", "6.2")]
    notebook = Notebook(whole_course)
    notebook.namespace |= {name: getattr(parts, name) for name in ("PatchEmbedding", "ClassToken")}
    notebook.namespace |= {name: getattr(parts, name) for name in ("PositionEmbedding", "Encoder")}
    notebook.run(*cells)
    assert notebook.check("6.2") is None
    assert sections(whole_course)[-2:] == ["6.1", "6.2"]
    module = imported(whole_course)
    engine.judge(find_exercise("6.2"), vars(module))
    model = module.VisionTransformer((8, 12), 4, 3, 5, 12, 2, 3, 24)
    assert whose_parts(model).endswith("9 of 9 kinds of parts are yours.")


def test_why_a_part_is_borrowed(tmp_path):
    assert "There is no my_vit.py here yet" in str(kept_parts(tmp_path))
    no_bias = EMBED.replace("embed_dim)\n\n", "embed_dim, bias=False)\n\n")
    notebook = Notebook(tmp_path, COUNT, PATCHIFY, no_bias)
    assert notebook.check("1.4") is None
    assert "yours has fewer parameters" in str(kept_parts(tmp_path))
    notebook.run(EMBED).check("1.4")
    assert "PatchEmbedding          1.4       yours\n" in str(kept_parts(tmp_path))
    path, text = tmp_path / FILE, notebook.text
    path.write_text(text.replace("self.proj(", "self.proj(1 - "))
    assert kept_parts(tmp_path).PatchEmbedding.__module__ == "my_vit"  # still an affine layer
    path.write_text(text.replace("self.proj(patchify", "self.proj(-patchify.missing"))
    assert "the course's: yours is wrong" in str(kept_parts(tmp_path))
    path.write_text("this is no Python")
    parts = kept_parts(tmp_path)
    assert "my_vit.py cannot be imported (SyntaxError" in str(parts)
    assert parts.PatchEmbedding.__module__ == "vitcourse.model.patches"


# Pieces -------------------------------------------------------------------------------------------


def test_import_lines():
    nn, F = torch.nn, torch.nn.functional
    assert import_line("torch", torch) == "import torch"
    assert import_line("nn", nn) == "from torch import nn"
    assert import_line("F", F) == "import torch.nn.functional as F"
    assert import_line("Tensor", torch.Tensor) == "from torch import Tensor"
    assert import_line("count", count, ["from itertools import chain, count"]) == (
        "from itertools import count"
    )
    assert import_line("gelu", F.gelu, ["from torch.nn.functional import gelu"]) == (
        "from torch.nn.functional import gelu"
    )
    assert import_line("rearrange", Notebook(Path()).namespace["rearrange"]) == (
        "from einops import rearrange"
    )


def test_names_used_at_once():
    source = (
        "@decorated\ndef f(a: hint, b=default) -> result:\n    return later\n\n\n"
        "class C(Base):\n    size = width\n    def g(self):\n        return later\n"
    )
    expected = {"decorated", "hint", "default", "result", "Base", "width"}
    assert names_used_at_once(source) == expected


def test_rename_touches_the_global_name_only():
    source = "def half(x):\n    return x.half() + f(half=1)\n\n\nf = lambda half_: half(half_)\n"
    assert rename(source, "half", "half_1_2") == (
        "def half_1_2(x):\n    return x.half() + f(half=1)\n\n\nf = lambda half_: half_1_2(half_)\n"
    )
    with pytest.raises(CannotKeep, match="choose another name"):
        rename("def f(half):\n    return half\n\n\ndef half():\n    pass\n", "half", "other")


def test_gather_says_what_it_did_not_find(tmp_path):
    notebook = Notebook(tmp_path, COUNT.replace("return (", "return unknown + ("))
    gathered = gather("count_patches", notebook.namespace, notebook.cells, lambda name: False)
    assert gathered.missing == ["unknown"]


def test_names_of_exercises_are_unique():
    """One name is one thing in `my_vit.py`."""
    names = [exercise.name for exercise in engine.all_exercises()]
    assert len(names) == len(set(names))


def test_the_repository_holds_no_kept_answers():
    assert not list(NOTEBOOKS.rglob("my_vit*.py"))
