"""`vitcourse explain`: answers in the terminal and a page, or one line about what is wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from tests.full_disk import files_of_at_most
from vitcourse import bundled_layout
from vitcourse.__main__ import app
from vitcourse.data import SHAPES, cell_names, scenes
from vitcourse.explanation import page as module
from vitcourse.model import VisionTransformer
from vitcourse.model.modern import ModernVisionTransformer
from vitcourse.model.weights import save

HOSTILE = "<img src=x onerror=alert(1)>"
TINY = {"embed_dim": 16, "depth": 1, "num_heads": 2, "mlp_dim": 16}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to be in."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def run(*arguments: object, code: int = 0):
    done = CliRunner().invoke(app, ["explain", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def make_photo(path, size=(60, 40)):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def make_model(path, metadata=None, **sizes):
    torch.manual_seed(0)
    sizes = {"image_size": 16, "patch_size": 8, "num_classes": 3} | TINY | sizes
    save(VisionTransformer(**sizes), path, metadata)
    return path


# When all goes well


def test_a_scene_its_answers_and_a_page(here):
    done = run("--seed", 3)
    assert os.listdir(here) == ["scene-3.html"]
    page = (here / "scene-3.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    scene = scenes(1, 3, **bundled_layout())
    what, where = SHAPES[scene.what[0]], cell_names(6)[scene.where[0]]
    lines = done.stdout.splitlines()
    assert lines[0] == "Scene 3, the bundled model:"
    assert re.fullmatch(rf"  what   {what} +\d\d\.\d\d%", lines[1])
    assert re.fullmatch(rf"  where  {where} +\d\d\.\d\d%", lines[6])
    assert all(re.fullmatch(r" {9}\S.* +\d?\d\.\d\d%", line) for line in lines[2:6] + lines[7:11])
    assert len({len(line) for line in lines[1:11]}) == 1, "a table"
    assert lines[11] == f"Truth: {what}, {where} (the shape in the dot's colour)."
    assert re.fullmatch(r"Written: scene-3\.html, \d\.\d MB\.", lines[12])
    assert lines[13] == f"Open it in a browser: {(here / 'scene-3.html').as_uri()}"
    assert len(lines) == 14


def test_a_large_page_is_called_large(here, monkeypatch):
    assert "That is much" not in run().stdout
    monkeypatch.setattr(module, "LARGE_PAGE", 100_000)
    done = run("--overwrite")
    assert "That is much for a browser or a mail. Fewer patches make" in done.stdout


def test_a_page_is_replaced_only_if_asked_to(here):
    run("--classes", 1)
    page = (here / "scene-0.html").read_bytes()
    done = run(code=2)
    assert done.stderr == (
        "vitcourse: --out scene-0.html: it exists; give another name, or --overwrite to replace "
        "it\n"
    )
    assert (here / "scene-0.html").read_bytes() == page
    run("--classes", 2, "--overwrite")
    assert (here / "scene-0.html").read_bytes() != page
    assert os.listdir(here) == ["scene-0.html"]


def test_a_photograph_with_a_hostile_name(here):
    make_photo(f"{HOSTILE}.png")
    done = run(f"{HOSTILE}.png")
    page = (here / f"{HOSTILE}.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "onerror=alert(1)" in page, "the name is shown; escaped"
    assert "which knows scenes only" in page
    assert done.stdout.startswith(f"{HOSTILE}.png, the bundled model, which knows scenes only:\n")
    assert (
        "fitted to 96 x 96 pixels; the bundled model has never seen anything but scenes, so "
        in (done.stdout)
    )
    assert "what it says here means nothing.\n" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(
        "/%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E.html"
    )


def test_what_a_terminal_would_obey_is_not_printed(here):
    make_photo("a\x1b]0;b\x07\n.png")
    done = run("a\x1b]0;b\x07\n.png", "--out", "p.html")
    assert "\x1b" not in done.stdout
    assert done.stdout.startswith("a�]0;b��.png, the bundled model, which knows")
    names = ["x\x1b[2J", "y", "z"]
    make_model("m.safetensors", {"classes": {"class": names}})
    done = run("a\x1b]0;b\x07\n.png", "--out", "q.html", "--weights", "m.safetensors")
    assert "x�[2J" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_model_of_ones_own_on_scenes_and_on_a_photograph(here):
    layout = {"grid": 3, "shapes": 4}
    classes = {"what": SHAPES, "where": cell_names()}
    make_model(
        "m.safetensors", {"layout": layout, "classes": classes}, image_size=48, num_classes=16
    )
    done = run("--weights", "m.safetensors", "--seed", 2, "--classes", 1)
    assert done.stdout.startswith("Scene 2, m.safetensors:\n  what   ")
    scene = scenes(1, 2, **layout)
    what, where = SHAPES[scene.what[0]], cell_names()[scene.where[0]]
    assert f"Truth: {what}, {where} (the shape in the dot's colour)." in done.stdout
    make_photo("cat.png")
    done = run("cat.png", "--weights", "m.safetensors")
    assert "m.safetensors has never seen anything but scenes" in done.stdout
    assert sorted(os.listdir(here)) == [
        "cat.png",
        "m-cat.html",
        "m-scene-2.html",
        "m.safetensors",
    ]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_model_of_pictures(channels, here, monkeypatch):
    seen = []
    compute = module.explain_and_answer

    def look(model, inputs, picture, *others):
        seen.append((inputs, picture))
        return compute(model, inputs, picture, *others)

    monkeypatch.setattr(module, "explain_and_answer", look)
    make_model("m.safetensors", {"classes": {"class": ["cat", "dog", "cow"]}}, in_channels=channels)
    done = run(make_photo("a.png"), "--weights", "m.safetensors", "--out", "p.html")
    table = done.stdout.splitlines()[1:4]
    assert {line.split()[-2] for line in table} == {"cat", "dog", "cow"}
    grey = " and made grey" if channels == 1 else ""
    note = f"Note: the photograph was fitted to 16 x 16 pixels{grey}; m.safetensors takes"
    assert f"{note} everything for one of its own answers.\n" in done.stdout
    (inputs, picture), *_ = seen
    assert inputs.shape == (1, channels, 16, 16)
    # bytes 0 .. 255 are -5 .. 5, as in training
    back = (inputs[0] + 5) * 25.5
    expected = picture.float()
    if channels == 1:
        red, green, blue = expected
        expected = (0.299 * red + 0.587 * green + 0.114 * blue)[None]
    torch.testing.assert_close(back, expected, rtol=0, atol=1e-3)


def test_without_names_and_without_an_image(here):
    make_model("m.safetensors")
    done = run("--weights", "m.safetensors")
    assert done.stdout.startswith("Grace Hopper (comes with matplotlib), m.safetensors:\n")
    assert {"class 0", "class 1", "class 2"} <= set(re.findall(r"class \d", done.stdout))
    assert (here / "m.html").is_file()


@pytest.fixture
def published(monkeypatch):
    """A tiny model in place of torchvision's: 224 pixels, 1000 answers."""
    asked = []

    def pretrained(name):
        asked.append(name)
        torch.manual_seed(0)
        return VisionTransformer(224, 32, num_classes=1000, **TINY).eval()

    monkeypatch.setattr(module, "pretrained", pretrained)
    return asked


def test_torchvisions_weights_names_and_preprocessing(published, here, monkeypatch):
    from torchvision.models import ViT_B_16_Weights

    seen = []
    compute = module.explain_and_answer

    def look(*arguments):
        seen.append(arguments)
        return compute(*arguments)

    monkeypatch.setattr(module, "explain_and_answer", look)
    make_photo("cat.png", (600, 400))
    done = run("cat.png", "--weights", "vit_b_16", "--classes", 3)
    assert published == ["vit_b_16"]
    assert done.stdout.startswith("cat.png, vit_b_16:\n")
    names = ViT_B_16_Weights.DEFAULT.meta["categories"]
    shown = [re.sub(r" +\d+\.\d\d%$", "", line).strip() for line in done.stdout.splitlines()[1:4]]
    assert set(shown) <= set(names)
    assert (here / "vit_b_16-cat.html").is_file()
    _, inputs, picture, *_ = seen[0]
    assert inputs.shape == (1, 3, 224, 224)
    assert picture.shape == (3, 224, 224)
    means, spreads = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = (picture / 255 - means[:, None, None]) / spreads[:, None, None]
    torch.testing.assert_close(inputs[0], expected, rtol=0, atol=1e-5)
    # The middle 224 of 256: of a picture with a marked edge, 1/16 of each side is cut away.
    pixels = np.full((256, 256, 3), 200, np.uint8)
    pixels[16:-16, 16:-16] = 50
    Image.fromarray(pixels).save("edge.png")
    run("edge.png", "--weights", "vit_b_16", "--classes", 1)
    assert (seen[1][2] == 50).all()


def test_torchvisions_weights_without_an_image(published):
    done = run("--weights", "vit_b_32", "--classes", 1)
    assert published == ["vit_b_32"]
    assert done.stdout.startswith("Grace Hopper (comes with matplotlib), vit_b_32:\n")


@pytest.fixture
def dino(monkeypatch):
    """Small stand-ins for Meta's, which give features."""

    def pretrained(name):
        torch.manual_seed(0)
        patch, table = (16, None) if name == "dinov3_vits16" else (14, (37, 37))
        return ModernVisionTransformer(patch, **TINY, table_grid=table).eval()

    monkeypatch.setattr(module, "pretrained", pretrained)


@pytest.mark.parametrize(
    ("name", "arguments", "size"),
    [
        ("dinov2_vits14_reg", (), 224),
        ("dinov2_vits14", ("--image-size", 112), 112),
        ("dinov3_vits16", ("--image-size", 96), 96),
    ],
)
def test_dino_has_no_answers_and_takes_any_size(dino, here, monkeypatch, name, arguments, size):
    seen = []
    compute = module.explain_and_answer

    def look(*given):
        seen.append(given)
        return compute(*given)

    monkeypatch.setattr(module, "explain_and_answer", look)
    done = run(make_photo("cat.png", (300, 200)), "--weights", name, *arguments)
    first, second, third, _ = done.stdout.splitlines()
    assert first == f"cat.png, {name}:"
    assert second == f"{name} was trained without labels: it gives features, not answers."
    assert third.startswith(f"Written: {name}-cat.html")
    _, inputs, picture, *_ = seen[0]
    assert (inputs.shape, picture.shape) == ((1, 3, size, size), (3, size, size))
    means, spreads = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = (picture / 255 - means[:, None, None]) / spreads[:, None, None]
    torch.testing.assert_close(inputs[0], expected, rtol=0, atol=1e-5)


def test_torchvisions_positions_are_resized(published, here):
    make_photo("cat.png", (300, 300))
    run("cat.png", "--weights", "vit_b_16", "--image-size", 96, "--classes", 1)
    page = (here / "vit_b_16-cat.html").read_text(encoding="utf-8")
    assert '"rows": 3' in page
    published.clear()
    done = run("cat.png", "--weights", "vit_b_16", "--image-size", 100, "--out", "b.html", code=2)
    assert published == [], "known before anything is downloaded"
    assert "--image-size 100: vit_b_16 has patches of 16 pixels; 96 fits" in done.stderr


def test_sizes_that_do_not_fit(dino, here):
    make_photo("cat.png")
    done = run("cat.png", "--weights", "dinov2_vits14", "--image-size", 225, code=2)
    assert "--image-size 225: dinov2_vits14 has patches of 14 pixels; 224 fits" in done.stderr
    done = run("cat.png", "--weights", "dinov2_vits14", "--image-size", 98000, code=2)
    assert "--image-size 98000: too large to hold its maps; at most 672" in done.stderr
    done = run("--image-size", 96, code=2)
    assert "--image-size is for photographs; a scene has its own" in done.stderr
    assert os.listdir(here) == ["cat.png"]


def test_dinov3_without_its_file_says_what_to_do(monkeypatch, here, tmp_path):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    monkeypatch.delenv("VITCOURSE_OFFLINE", raising=False)
    done = run(make_photo("cat.png"), "--weights", "dinov3_vits16", code=2)
    assert "only to those who have accepted their licence" in done.stderr
    assert str(tmp_path / "hub" / "checkpoints" / "dinov3_vits16_pretrain") in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8(here):
    name = os.fsdecode(b"caf\xe9.png")
    make_photo(name)
    done = run(name, "--classes", 1, "--out", "page.html")
    assert done.stdout.startswith("caf\ufffd.png, the bundled model")
    assert "caf?.png" in (here / "page.html").read_text(encoding="utf-8")
    run(name, "--classes", 1)  # the page's name is as odd
    assert os.fsdecode(b"caf\xe9.html") in os.listdir(here)


def test_a_nearly_black_picture_is_said(here):
    Image.fromarray(np.full((30, 30), 4000, np.uint16)).save("deep.png")
    done = run("deep.png", "--classes", 1)
    assert "Note: path='deep.png': its brightest value is 4000 of 65535" in done.stdout


# When something is wrong


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """A folder full of files that will not do."""
    tmp_path = tmp_path_factory.mktemp("bad")
    make_photo(tmp_path / "good.png")
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "empty.png").write_text("")
    (tmp_path / "cut.png").write_bytes((tmp_path / "good.png").read_bytes()[:500])
    Image.new("1", (12_000, 12_000)).save(tmp_path / "huge.png")
    (tmp_path / "text.safetensors").write_text("hello")
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "there.html").write_text("mine")
    make_model(tmp_path / "wide.safetensors", image_size=(16, 24))
    make_model(tmp_path / "two.safetensors", in_channels=2)
    make_model(tmp_path / "odd.safetensors", {"layout": {"sides": 3}})
    make_model(tmp_path / "large.safetensors", {"layout": {"grid": 5}})
    make_model(tmp_path / "few.safetensors", {"classes": {"class": ["a", "b"]}})
    make_model(tmp_path / "number.safetensors", {"classes": {"class": 3}})
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("TMP/gone.png", "there is no such file in"),
        ("TMP", "this is a folder; give the path of a picture in it"),
        (".", "this is a folder"),
        ("TMP/text.jpg", "not a picture that can be read; JPEG, PNG"),
        ("TMP/empty.png", "not a picture that can be read: the file is empty"),
        ("TMP/cut.png", "not a picture that can be read"),
        ("TMP/huge.png", "12000 x 12000 pixels: more than 100 megapixels"),
        ("TMP/text.jpg --weights vit_b_16", "not a picture that can be read"),
        ("--out TMP/gone/page.html", "there is no folder .*gone; make it first"),
        ("--out TMP/folder.html", "this is a folder; give the name of a file"),
        ("--out TMP/there.html", "it exists; give another name, or --overwrite to replace it"),
        ("--out page.pdf", "--out page.pdf: the name must end with .html"),
        ("--weights vit_b_17", "there is no such file; give one that .* or one of vit_b_16, vit_b"),
        ("--weights TMP/good.png", "this is not a .safetensors file; give one"),
        ("--weights TMP/folder.safetensors", "this is not a .safetensors file; give one"),
        ("--weights TMP/text.safetensors", "cannot load .*text.safetensors: "),
        (
            "--weights TMP/wide.safetensors",
            r"images of \(16, 24\) pixels with 3 channels; for photo",
        ),
        ("--weights TMP/two.safetensors", "images of 16 pixels with 2 channels; for photographs"),
        (
            "--weights TMP/odd.safetensors",
            "odd.safetensors: its header has an invalid layout of scenes",
        ),
        ("--weights TMP/large.safetensors", "80 x 80"),
        ("--weights TMP/few.safetensors", "labels name 2 answers, but the model has 3"),
        ("--weights TMP/number.safetensors", "labels: 'class' must have a list of names, got 3"),
        ("TMP/good.png --seed 3", "--seed chooses a scene; an IMAGE has none"),
        ("--weights vit_b_16 --seed 3", "--seed chooses a scene; vit_b_16 is for photographs"),
        (
            "--weights TMP/few.safetensors --seed 3",
            "few.safetensors was not trained on scenes: give",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_left(here, bad, arguments, message):
    before = {*bad.rglob("*")}
    done = run(*(word.replace("TMP", str(bad)) for word in arguments.split()), code=2)
    assert done.stderr.startswith("vitcourse: ")
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1, "one line"
    assert {*bad.rglob("*")} == before
    assert os.listdir(here) == []
    assert (bad / "there.html").read_text() == "mine"


def test_without_a_network_it_is_one_line(monkeypatch, here):
    def offline(name):
        raise RuntimeError(
            f"There are no weights for {name}: it is offline.\n- Do this.\n- Or that."
        )

    monkeypatch.setattr(module, "pretrained", offline)
    done = run("--weights", "vit_b_16", code=2)
    assert done.stderr == "vitcourse: There are no weights for vit_b_16: it is offline.\n"
    assert os.listdir(here) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written(here):
    here.chmod(0o500)
    done = run(code=2)
    here.chmod(0o700)
    assert done.stderr == "vitcourse: --out scene-0.html: cannot be written: Permission denied\n"


def test_a_folder_where_no_file_can_be_made(monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vitcourse.files.TemporaryFile", refuse)
    done = run(code=2)
    assert done.stderr == "vitcourse: --out scene-0.html: cannot be written: Permission denied\n"


def test_a_full_disk_leaves_nothing_and_keeps_what_was_there(here):
    Path("a.html").write_text("mine")
    with files_of_at_most(5000):
        for arguments in (["--out", "a.html", "--overwrite"], ["--out", "b.html"]):
            done = run("--classes", 1, *arguments, code=2)
            said = f"vitcourse: --out {arguments[1]}: cannot be written (File too large); "
            assert done.stderr.endswith(said + "nothing was left behind\n")
    assert os.listdir(here) == ["a.html"]
    assert Path("a.html").read_text() == "mine"


def test_a_page_is_replaced_whole_or_not_at_all(here, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    Path("a.html").write_text("mine")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        done = run("--out", "a.html", "--overwrite", "--classes", 1, code=2)
    assert "--out a.html: cannot be written (Permission denied); nothing was left" in done.stderr
    assert os.listdir(here) == ["a.html"]
    assert Path("a.html").read_text() == "mine"


def test_the_help_names_all_weights_and_costs_no_torch():
    text = " ".join(run("--help").output.replace("│", " ").split())
    for name in module.NAMES:
        assert name in text
    code = "import sys, vitcourse.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
