"""`vitcourse train`: a file at the end that says what it is, or one line about what is wrong."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

import vitcourse
from tests.full_disk import files_of_at_most
from vitcourse.__main__ import app
from vitcourse.data import SHAPES, Pictures, cell_names, image_folder, scenes
from vitcourse.model import VisionTransformer, weights
from vitcourse.training import Recipe, evaluate, scene_labels, scene_questions
from vitcourse.training import run as module
from vitcourse.training.recipes import RECIPES, Plan, choose_patch_size, choose_recipe

TINY = {"patch_size": 8, "embed_dim": 16, "depth": 1, "num_heads": 2, "mlp_dim": 16}
SHORT = {"steps": 6, "batch_size": 8, "warmup_steps": 1, "precision": "float32"}


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch):
    """A recipe that takes no time, few scenes to test on, and an empty folder to be in."""
    monkeypatch.setitem(RECIPES, "tiny", Plan("a try", Recipe(**SHORT), TINY))
    monkeypatch.setattr(module, "TEST_SCENES", 100)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def run(*arguments: object):
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def tiny(*arguments: object, code: int = 0):
    done = run("--recipe", "tiny", "--device", "cpu", *arguments)
    assert done.exit_code == code, done.output
    return done


def same_weights(first, second) -> bool:
    first, second = (weights.load(path).state_dict() for path in (first, second))
    return all(torch.equal(value, second[name]) for name, value in first.items())


def make_folder(folder, counts, size=20):
    """Reddish pictures, bluish ones, and so on; no two alike."""
    random = np.random.default_rng(0)
    for label, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 60, (size, size, 3), dtype=np.uint8)
            pixels[:, :, label] += 180
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def make_fashion(folder):
    """A small Fashion-MNIST, in the files of the real one: the brighter the higher the class."""
    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 80), ("t10k", 30)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = np.repeat(25 * labels, 28 * 28).reshape(-1, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return folder


# When all goes well


def test_scenes_from_the_command_to_a_file_that_says_what_it_is(small):
    done = tiny("--seed", 3, "--steps", 5)
    file = small / "tiny-scenes.safetensors"
    assert os.listdir(small) == [file.name]
    model, about = weights.load(file).eval(), weights.read_metadata(file)
    made = scenes(100, module.TEST_SEED, grid=3, shapes=4)
    figures = evaluate(model, made.images, scene_labels(made), scene_questions())
    assert about["figures"] == {q: round(figures[q], 4) for q in ("what", "where")}
    used = replace(Recipe(**SHORT), steps=5, warmup_steps=0, seed=3)
    assert about["recipe"] == {"name": "tiny", **asdict(used)}
    assert about["layout"] == {"grid": 3, "shapes": 4}
    assert (about["data"], about["tested on"], about["device"]) == ("scenes", 100, "cpu")
    assert about["questions"] == {"what": 8, "where": 8}
    assert about["classes"] == {"what": list(SHAPES), "where": list(cell_names())}
    assert about["versions"] == {"vitcourse": vitcourse.__version__, "torch": torch.__version__}
    assert about["seconds"] > 0
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]+\+00:00", about["finished"])
    assert "commit" in about

    first, second, third, last = done.stdout.splitlines()
    assert first == "Recipe tiny: a try."
    count = sum(p.numel() for p in model.parameters())
    assert f"{count:,} parameters; new scenes" in second
    assert "48 x 48 x 3 in patches of 8; 5 steps of 8; to tiny-scenes.safetensors." in second
    assert third.startswith("Right answers for 100 unseen scenes: what ")
    assert f"where {about['figures']['where']:.1%}" in third
    assert last.startswith("Written: tiny-scenes.safetensors, 0.0")


def test_the_same_command_gives_the_same_weights_and_another_seed_others(small):
    tiny("--out", "a.safetensors")
    torch.manual_seed(5)  # whatever was drawn before
    torch.rand(3)
    tiny("--out", "b.safetensors")
    tiny("--out", "c.safetensors", "--seed", 1)
    assert same_weights("a.safetensors", "b.safetensors")
    assert not same_weights("a.safetensors", "c.safetensors")


def test_interrupted_the_same_command_goes_on_and_ends_the_same(small, monkeypatch):
    tiny("--out", "whole.safetensors")
    steps, task = [], module.scene_task

    def interrupted_once(*arguments, **layout):
        batch_at = task(*arguments, **layout)

        def batch_and_interrupt(step):
            steps.append(step)
            if step == 3 and steps.count(3) == 1:
                os.kill(os.getpid(), signal.SIGINT)
            return batch_at(step)

        return batch_and_interrupt

    monkeypatch.setattr(module, "scene_task", interrupted_once)
    arguments = ("--out", "cut.safetensors")
    done = tiny(*arguments, code=module.INTERRUPTED)
    assert "The same command continues from there." in done.stdout
    assert {*os.listdir()} == {"whole.safetensors", "cut.training.safetensors"}
    before = len(steps)
    done = tiny(*arguments)
    assert "Continuing from cut.training.safetensors." in done.stdout
    assert {*steps[before:]} == {0, 3, 4, 5}  # 0: to see that it is the same data
    assert {*os.listdir()} == {"whole.safetensors", "cut.safetensors"}
    assert same_weights("whole.safetensors", "cut.safetensors")


def test_another_training_does_not_go_on_from_it(small, monkeypatch):
    monkeypatch.setattr(module, "_save", lambda *_: 1 / 0)
    assert isinstance(
        run("--recipe", "tiny", "--out", "a.safetensors").exception, ZeroDivisionError
    )
    monkeypatch.undo()
    os.chdir(small)
    monkeypatch.setitem(RECIPES, "tiny", Plan("a try", Recipe(**SHORT), TINY))
    done = tiny("--out", "a.safetensors", "--seed", 1, code=2)
    assert "seed: 0 there, 1 here" in done.stderr
    assert os.listdir(small) == ["a.training.safetensors"]


def test_a_file_is_replaced_only_if_asked_to(small):
    tiny("--out", "a.safetensors")
    before = (small / "a.safetensors").read_bytes()
    done = tiny("--out", "a.safetensors", "--seed", 1, code=2)
    assert done.stderr == (
        "vitcourse: --out a.safetensors: it exists; give another name, or --overwrite to replace "
        "it\n"
    )
    assert (small / "a.safetensors").read_bytes() == before
    tiny("--out", "a.safetensors", "--seed", 1, "--overwrite")
    assert weights.read_metadata("a.safetensors")["recipe"]["seed"] == 1


def test_a_folder_of_ones_own(small, tmp_path):
    pets = make_folder(tmp_path / "pets", {"cats": 20, "dogs": 11})
    (pets / "dogs" / "notes.txt").write_text("woof")
    done = tiny("--data", pets, "--image-size", 16, "--steps", 40)
    assert "Note: " in done.stdout
    assert "left out, not pictures: dogs" in done.stdout
    assert "25 pictures of " in done.stdout
    assert "(shifted and mirrored at random)" in done.stdout
    assert "Right answers for 6 pictures that it was not trained on: class 100.0%." in done.stdout
    about = weights.read_metadata("tiny-pets.safetensors")
    assert about["classes"] == {"class": ["cats", "dogs"]}
    assert about["questions"] == {"class": 2}
    assert (about["data"], about["tested on"]) == ("pets", 6)
    assert (about["augment"], about["shift"]) == (True, True)
    assert "layout" not in about
    model = weights.load("tiny-pets.safetensors").eval()
    (pets / "dogs" / "notes.txt").unlink()
    pictures = image_folder(pets, 16)
    assert evaluate(model, pictures.images, pictures.labels)["class"] > 0.9


def test_what_a_high_share_is_worth_is_said(small, tmp_path):
    """400 to 2: who always says "cats" is right in 99 of 100."""
    pets = make_folder(tmp_path / "pets", {"cats": 400, "dogs": 2}, size=8)
    done = tiny("--data", pets, "--image-size", 8)
    about = weights.read_metadata(small / "tiny-pets.safetensors")
    assert about["by class"]["cats"][1] == 80
    assert about["by class"]["dogs"][1] == 1
    share = sum(right * count for right, count in about["by class"].values()) / 81
    assert share == pytest.approx(about["figures"]["class"], abs=1e-3)
    assert "Always answering cats, the commonest, would be right for 98.8%." in done.stdout
    cats, dogs = (about["by class"][name][0] for name in ("cats", "dogs"))
    assert f"The mean of the classes is {(cats + dogs) / 2:.1%}; by class: " in done.stdout
    assert f"dogs {dogs:.1%}" in done.stdout


def test_of_many_classes_the_hardest_are_named():
    by_class = {f"c{i}": [i / 10, 10] for i in range(9)}
    said = module._by_class_in_words({"by class": by_class, "tested on": 90})
    assert said == (
        "Always answering c0, the commonest, would be right for 11.1%. The mean of the classes is "
        "40.0%; the 5 hardest: c0 0.0%, c1 10.0%, c2 20.0%, c3 30.0%, c4 40.0%."
    )


def test_fewer_pictures_than_a_batch_make_smaller_batches(small, tmp_path):
    pets = make_folder(tmp_path / "pets", {"cats": 3, "dogs": 4})
    assert "6 steps of 5;" in tiny("--data", pets, "--image-size", 16).stdout
    assert weights.read_metadata("tiny-pets.safetensors")["recipe"]["batch_size"] == 5


def test_fashion_mnist_has_a_recipe_of_its_own(small, tmp_path):
    stored = make_fashion(tmp_path / "stored")
    done = run("--data", "fashion-mnist", "--folder", stored, "--steps", 2)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Recipe fashion-mnist: ")
    assert "80 pictures of fashion-mnist, 28 x 28 x 1 in patches of 7; 2 steps" in done.stdout
    about = weights.read_metadata("fashion-mnist-fashion-mnist.safetensors")
    assert about["tested on"] == 30
    assert about["classes"]["class"][9] == "Ankle boot"
    config = weights.load("fashion-mnist-fashion-mnist.safetensors").config
    assert (config["image_size"], config["in_channels"], config["num_classes"]) == (28, 1, 10)
    assert (about["augment"], about["shift"]) == (False, False)
    done = tiny("--data", "fashion-mnist", "--folder", stored)  # which wants patches of 8
    assert "in patches of 7 (shifted and mirrored at random)" in done.stdout
    longer = ("--recipe", "fashion-mnist-long", "--data", "fashion-mnist", "--folder", stored)
    done = run(*longer, "--steps", 2, "--out", "long.safetensors")
    assert "28 x 28 x 1 in patches of 4 (mirrored at random); 2 steps" in done.stdout
    about = weights.read_metadata("long.safetensors")
    assert (about["augment"], about["shift"]) == (True, False)
    assert sum(p.numel() for p in weights.load("long.safetensors").parameters()) <= 500_000


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's store needs more on Windows")
def test_two_processes_write_and_speak_once(small):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = ["-m", "vitcourse", "train", "--steps", "3", "--device", "cpu", "--seed", "2"]

    done = subprocess.run(
        [*launcher, *command],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Recipe laptop") == 1
    assert f"3 steps of {Recipe().batch_size} in 2 processes; " in done.stdout
    assert done.stdout.count("Right answers for 4,000 unseen scenes") == 1
    assert done.stdout.count("Written: ") == 1
    assert os.listdir(small) == ["laptop-scenes.safetensors"]
    about = weights.read_metadata("laptop-scenes.safetensors")
    assert (about["processes"], about["recipe"]["seed"], about["tested on"]) == (2, 2, 4000)


# When something is wrong


def bad_data(tmp_path):
    make_folder(tmp_path / "one", {"cats": 3})
    make_folder(tmp_path / "pets", {"cats": 3, "dogs": 3})
    make_folder(tmp_path / "few", {"cats": 3, "dogs": 1})
    make_folder(tmp_path / "none", {"cats": 0, "dogs": 0})
    (make_folder(tmp_path / "broken", {"cats": 3, "dogs": 2}) / "dogs" / "x.jpg").write_text("?")
    broken = make_fashion(tmp_path / "halved") / "FashionMNIST" / "raw" / "train-images-idx3-ubyte"
    broken.write_bytes(broken.read_bytes()[:1000])
    (tmp_path / "file").write_text("")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--recipe larger", "there is no such recipe; give laptop, adamw, .*gpu or tiny"),
        ("--data TMP/gone", "there is no such folder; give scenes, fashion-mnist, cifar10, or the"),
        ("--data mnist", "--data mnist: there is no such folder"),
        ("--data TMP/file", "cannot be read: Not a directory"),
        ("--data TMP/one", "its folders are the classes; there must be at least two; found: cats"),
        ("--data TMP/few", "class dogs has one picture; each needs at least two"),
        ("--data TMP/none", "no pictures in cats, dogs; add some or delete it"),
        ("--data TMP/broken", "1 of 6 pictures: .*x.jpg"),
        ("--data TMP/pets --image-size 53", "no patch size from 4 to 8 divides it; 48 or 56 would"),
        ("--data TMP/pets --image-size 3", "no patch size from 4 to 8 divides it; 8 would do"),
        ("--image-size 64", "--image-size is for pictures in a folder; scenes have"),
        ("--data TMP/pets --recipe bundled", "it is for scenes only; for pictures in a folder giv"),
        ("--recipe fashion-mnist", "for fashion-mnist only; for scenes give laptop, adamw, bundl"),
        ("--data fashion-mnist --folder TMP/halved", "broken files .*; delete this folder"),
        ("--data fashion-mnist --folder TMP/file", "cannot be written"),
        ("--out TMP/gone/a.safetensors", "there is no folder .*gone; make it first"),
        ("--out model.pt", "the name must end with .safetensors"),
        ("--out TMP/folder.safetensors", "this is a folder"),
        ("--seed 5000", "seed must be an int from 0 to 2,047, got 5000"),
        ("--device tpu", "is not known; give cpu, cuda or mps; available here: cpu"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_left(
    small, tmp_path, monkeypatch, arguments, message
):
    bad_data(tmp_path)
    (tmp_path / "folder.safetensors").mkdir()
    monkeypatch.setattr(VisionTransformer, "forward", lambda *_: pytest.fail("it trains"))
    before = {*tmp_path.rglob("*")}
    words = arguments.replace("TMP", str(tmp_path)).split()
    done = run(*([] if "--recipe" in words else ["--recipe", "tiny"]), *words)
    assert done.exit_code == 2, done.output
    assert done.stderr.rpartition("\r")[2].startswith("vitcourse: ")  # where a bar was, perhaps
    assert re.search(message, done.stderr)
    assert done.stderr.count("\n") == 1, "one line"
    assert {*tmp_path.rglob("*")} == before


def test_without_a_network(small, tmp_path, monkeypatch):
    def offline(*_, **__):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", offline)
    for name in ("fashion-mnist", "cifar10"):
        done = tiny("--data", name, code=2)
        assert "Network is unreachable" in done.stderr
        assert "vitcourse.data.scenes needs no network" in done.stderr
        assert not list(small.rglob("*.safetensors"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written(small):
    small.chmod(0o500)
    done = tiny(code=2)
    small.chmod(0o700)
    assert "cannot be written: Permission denied" in done.stderr


def test_a_folder_where_no_file_can_be_made(small, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vitcourse.files.TemporaryFile", refuse)
    done = tiny(code=2)
    text = "vitcourse: --out tiny-scenes.safetensors: cannot be written: Permission denied\n"
    assert done.stderr == text


def test_no_room_for_the_first_checkpoint(small):
    with files_of_at_most(5000):
        done = tiny(code=2)
    assert "cannot write the checkpoint of step 0 (File too large); nothing was left" in done.stderr
    assert done.stderr.count("\n") == 1
    assert os.listdir(small) == []


def test_no_room_for_the_model_and_then_there_is(small, monkeypatch):
    def save_on_a_full_disk(*arguments):
        with files_of_at_most(5000):
            weights.save(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, "save", save_on_a_full_disk)
        done = tiny("--out", "a.safetensors", code=2)
    said = "--out a.safetensors: cannot be written (File too large). Nothing is lost: "
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert os.listdir(small) == ["a.training.safetensors"]
    steps = []
    forward = VisionTransformer.forward

    def count(self, images):
        steps.append(self.training)
        return forward(self, images)

    monkeypatch.setattr(VisionTransformer, "forward", count)
    tiny("--out", "a.safetensors")
    assert True not in steps  # it only tests and writes
    assert os.listdir(small) == ["a.safetensors"]


def test_a_training_that_diverges_leaves_nothing(small, monkeypatch):
    wild = Recipe(**SHORT | {"steps": 100, "use_muon": False, "adamw_lr": 1e38, "warmup_steps": 0})
    monkeypatch.setitem(RECIPES, "tiny", Plan("wild", wild, TINY))
    done = tiny(code=2)
    assert re.match(r"vitcourse: step \d+: the loss is (nan|inf)", done.stderr)
    assert done.stderr.count("\n") == 1
    assert os.listdir(small) == []


def test_processes_say_who_they_are(small, monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("RANK", "2")
    done = run("--recipe", "gone")
    assert done.stderr.startswith("vitcourse: process 2: --recipe 'gone'")
    pets = Pictures(torch.zeros(2, 3, 8, 8).byte(), torch.tensor([0, 1]), ("a", "b"))
    data = module.Data("folder", "2 pictures", (3, 8, 8), {"class": 2}, {}, pets, None)
    with pytest.raises(ValueError, match="2 pictures to train on: fewer than 3 processes need"):
        module._fit_recipe(Recipe(), None, 0, data, 3)


# The parts


def test_what_is_held_out_follows_from_the_pictures_alone():
    torch.manual_seed(0)
    images = torch.randint(256, (30, 3, 8, 8), dtype=torch.uint8)
    labels = torch.tensor([0] * 14 + [1] * 11 + [2] * 3 + [3] * 2)
    classes = ("a", "b", "c", "d")
    train, test = module.hold_out(Pictures(images, labels, classes))
    assert test.labels.bincount().tolist() == [2, 2, 1, 1]
    assert train.labels.bincount().tolist() == [12, 9, 2, 1]

    def names(pictures):
        pairs = zip(pictures.images, pictures.labels.tolist(), strict=True)
        return {(image.numpy().tobytes(), label) for image, label in pairs}

    assert names(train) | names(test) == names(Pictures(images, labels, classes))
    assert not names(train) & names(test)
    order = torch.randperm(30)
    _, shuffled = module.hold_out(Pictures(images[order], labels[order], classes))
    assert names(shuffled) == names(test)


def test_every_recipe_fits_the_data_that_it_is_for():
    sizes = {"scenes": 48, "fashion-mnist": 28, "cifar10": 32, "folder": module.FOLDER_SIZE}
    for name in RECIPES:
        fitting = 0
        for kind, size in sizes.items():
            if RECIPES[name].only in (None, kind):
                _, plan = choose_recipe(name, kind)
                size = scenes(1, **plan.layout).images.shape[-1] if kind == "scenes" else size
                patch = choose_patch_size(size, plan.model["patch_size"])
                VisionTransformer(size, num_classes=9, **dict(plan.model) | {"patch_size": patch})
                json.dumps(dict(plan.layout))
                fitting += 1
        assert fitting >= 1, name
    assert choose_recipe(None, "scenes")[0] == choose_recipe(None, "cifar10")[0] == "laptop"
    assert choose_recipe(None, "fashion-mnist")[0] == "fashion-mnist"
    assert RECIPES["bundled"].recipe.precision == "float32"  # else it depends on the machine


@pytest.mark.parametrize(
    ("size", "wanted", "right"), [(48, 8, 8), (28, 8, 7), (28, 7, 7), (32, 7, 4), (30, 9, 6)]
)
def test_the_patch_size_that_fits(size, wanted, right):
    assert choose_patch_size(size, wanted) == right


def test_the_help_names_every_recipe_and_costs_no_torch():
    text = " ".join(run("--help").output.replace("│", " ").split())
    for name in RECIPES.keys() - {"tiny"}:
        assert name in text
    code = "import sys, vitcourse.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_that_of_the_package(tmp_path, monkeypatch):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    package = tmp_path / "vitcourse"
    (package / "weights").mkdir(parents=True)
    (package / "__init__.py").write_text("1")
    monkeypatch.setattr(vitcourse, "__file__", str(package / "__init__.py"))
    assert module._commit() is None  # no repository
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "of another project")
    assert module._commit() is None  # of somebody else, who does not keep it
    git("add", ".")
    git("commit", "-q", "-m", "first")
    assert module._commit() == git("rev-parse", "HEAD")
    (package / "weights" / "bundled.training.safetensors").write_text("3")  # that is what it makes
    (tmp_path / "note.txt").write_text("not of the package")
    assert module._commit() == git("rev-parse", "HEAD")
    (package / "__init__.py").write_text("2")
    assert module._commit() == git("rev-parse", "HEAD") + " + changes"
    monkeypatch.setenv("PATH", "")
    assert module._commit() is None  # no git
