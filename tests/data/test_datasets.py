"""Data sets: downloaded from a server on this machine, which can be made to fail in many ways."""

import gzip
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock, Timeout
from PIL import Image
from torchvision import datasets as published

from tests.small_cifar import md5_of, serve_small_cifar
from vitcourse import download
from vitcourse.data import cifar10, datasets, fashion_mnist, image_folder, load_photo

RANDOM = np.random.default_rng(0)
REAL = os.environ.get("VITCOURSE_DATA", "")


@pytest.fixture(autouse=True)
def no_proxy_and_no_patience(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0)


def idx(array: np.ndarray) -> bytes:
    """The format of MNIST: type, dimensions, sizes (big-endian), values."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@pytest.fixture
def small_fashion(server, monkeypatch):
    """A small Fashion-MNIST on the server; its images and labels, by part."""
    arrays, resources = {}, []
    for part, n in (("train", 30), ("t10k", 20)):
        arrays[part] = (
            RANDOM.integers(0, 256, (n, 28, 28), dtype=np.uint8),
            RANDOM.permutation(np.arange(n, dtype=np.uint8) % 10),
        )
        for kind, array in zip(("images-idx3", "labels-idx1"), arrays[part], strict=True):
            name = f"{part}-{kind}-ubyte.gz"
            server.files[name] = gzip.compress(idx(array))
            resources.append((name, md5_of(server.files[name])))
    monkeypatch.setattr(published.FashionMNIST, "mirrors", [server.url])
    monkeypatch.setattr(published.FashionMNIST, "resources", resources)
    return arrays


@pytest.fixture
def small_cifar(server, monkeypatch):
    return serve_small_cifar(server, monkeypatch)


def all_files(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file() and file.name[0] != "."}


# Both data sets, when all goes well


def test_fashion_mnist(tmp_path, server, small_fashion):
    for part, train in (("train", True), ("t10k", False)):
        images, labels, classes = fashion_mnist(tmp_path, train=train)
        assert images.dtype == torch.uint8
        assert labels.dtype == torch.int64
        assert np.array_equal(images[:, 0].numpy(), small_fashion[part][0])
        assert np.array_equal(labels.numpy(), small_fashion[part][1])
        assert (len(classes), classes[0], classes[9]) == (10, "T-shirt/top", "Ankle boot")
    assert len(server.asked) == 4  # each file once, and nothing for the second part


def test_cifar10(tmp_path, server, small_cifar):
    for part, train in (("train", True), ("test", False)):
        images, labels, classes = cifar10(tmp_path, train=train)
        assert (images.dtype, labels.dtype) == (torch.uint8, torch.int64)
        assert images.is_contiguous()
        assert np.array_equal(images.numpy(), small_cifar[part][0])
        assert labels.tolist() == small_cifar[part][1]
        assert classes == tuple(f"class {i}" for i in range(10))
    assert len(server.asked) == 2  # the redirection and the file, once


@pytest.mark.parametrize("load", [fashion_mnist, cifar10])
def test_what_is_there_needs_no_network(tmp_path, server, small_fashion, small_cifar, load):
    first = load(tmp_path)
    server.files.clear()
    for may_download in (True, False):
        assert torch.equal(load(str(tmp_path), download=may_download).images, first.images)


def test_a_file_put_there_by_hand_is_enough(tmp_path, server, small_fashion, small_cifar):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in server.files.items():
        (tmp_path if "cifar" in name else raw).joinpath(name).write_bytes(content)
    assert len(fashion_mnist(tmp_path, download=False).images) == 30
    assert len(cifar10(tmp_path, download=False).images) == 20
    assert server.asked == []


@pytest.mark.parametrize("load", [fashion_mnist, cifar10])
def test_without_download_nothing_is_fetched_or_made(tmp_path, server, small_fashion, load):
    with pytest.raises(ValueError, match=r"missing. Download it, or put it there by hand: .*MD5"):
        load(tmp_path / "new", download=False)
    assert not (tmp_path / "new").exists()
    assert server.asked == []


# Downloads that go wrong: test_published.py has more of them. CIFAR-10 is one file, so these are
# tried on it.


def test_a_cut_connection_is_made_again_where_it_broke(tmp_path, server, small_cifar):
    size = len(server.files["cifar-10-python.tar.gz"])
    server.cuts = [1000, 2000]
    assert len(cifar10(tmp_path).images) == 20
    # Each is asked for twice, because of the redirection.
    assert server.asked[::2] == [None, "bytes=1000-", "bytes=3000-"]
    assert size > 3000
    assert ".part" not in "".join(all_files(tmp_path))


def test_the_next_call_goes_on_too(tmp_path, server, small_cifar):
    server.cuts = [1000, 0]
    with pytest.raises(RuntimeError, match=r"(?s)connection was cut\n.* 1,000 bytes are kept"):
        cifar10(tmp_path)
    assert all_files(tmp_path) == {"cifar-10-python.tar.gz.part"}
    server.asked.clear()
    assert len(cifar10(tmp_path).images) == 20
    assert server.asked[-1] == "bytes=1000-"


def test_a_finished_part_is_not_asked_for_again(tmp_path, server, small_cifar):
    content = server.files["cifar-10-python.tar.gz"]
    (tmp_path / "cifar-10-python.tar.gz.part").write_bytes(content)
    assert len(cifar10(tmp_path).images) == 20


def test_a_wrong_hash_leaves_nothing(tmp_path, server, small_cifar):
    server.files["cifar-10-python.tar.gz"] = b"another"
    with pytest.raises(RuntimeError, match="sent a different file from the published one"):
        cifar10(tmp_path)
    assert all_files(tmp_path) == set()


def test_a_wrong_file_put_there_by_hand_is_named(tmp_path, server, small_cifar, capsys):
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"another")
    content = server.files.pop("cifar-10-python.tar.gz")
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        cifar10(tmp_path)
    assert "cifar-10-python.tar.gz was damaged; downloading it again." in capsys.readouterr().out
    server.files["cifar-10-python.tar.gz"] = content
    assert len(cifar10(tmp_path).images) == 20


def test_the_message_says_what_was_tried_and_what_to_do(tmp_path, server, small_fashion):
    mirrors = [server.url + "old/", "http://127.0.0.1:9/"]  # port 9: nobody answers
    published.FashionMNIST.mirrors[:] = mirrors
    server.files.clear()
    with pytest.raises(RuntimeError) as caught:
        fashion_mnist(tmp_path)
    message = str(caught.value)
    name, md5 = published.FashionMNIST.resources[0]
    for part in (
        f"  {mirrors[0]}{name}: 127.0.0.1 has no such file (HTTP 404)\n",
        f"  {mirrors[1]}{name}: no connection to 127.0.0.1 (Connection refused)\n",
        "- Its address may have changed",
        "- This computer may be offline",
        "- Try again later",
        f"by hand: {tmp_path / 'FashionMNIST' / 'raw' / name}, MD5 {md5}",
        "scenes needs no network",
    ):
        assert part in message
    assert all_files(tmp_path) == set()


def test_the_second_mirror_helps(tmp_path, server, small_fashion):
    published.FashionMNIST.mirrors[:] = ["http://127.0.0.1:9/", server.url]
    assert len(fashion_mnist(tmp_path).images) == 30


def test_four_at_once_download_once(tmp_path, server, small_cifar):
    threads = [threading.Thread(target=cifar10, args=(tmp_path,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cifar10(tmp_path).images) == 20
    assert len(server.asked) == 2


def test_nobody_else_unpacks_meanwhile(tmp_path, server, small_fashion, monkeypatch):
    unpack, tried = datasets._unpack, []

    def try_the_lock(archive):
        with pytest.raises(Timeout):
            FileLock(archive.with_name(f".{archive.name}.lock"), timeout=0).acquire()
        tried.append(archive.name)
        unpack(archive)

    monkeypatch.setattr(datasets, "_unpack", try_the_lock)
    fashion_mnist(tmp_path)
    assert len(tried) == 4


# Files and folders that cannot be used


def test_a_broken_batch_of_cifar_is_never_read(tmp_path, server, small_cifar):
    """A pickle that is not the published one must not be opened: it could run anything."""
    cifar10(tmp_path)

    class Trap:
        def __reduce__(self):
            return (Path(tmp_path / "it ran").touch, ())

    batch = tmp_path / "cifar-10-batches-py" / "data_batch_1"
    batch.write_bytes(pickle.dumps(Trap()))
    (tmp_path / "cifar-10-python.tar.gz").unlink()
    with pytest.raises(ValueError, match="missing"):
        cifar10(tmp_path, download=False)
    assert len(cifar10(tmp_path).images) == 20  # fetched and unpacked again
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "other labels", "fewer labels"])
def test_broken_idx_files(tmp_path, server, small_fashion, damage):
    fashion_mnist(tmp_path)
    raw = tmp_path / "FashionMNIST" / "raw"
    images, labels = raw / "train-images-idx3-ubyte", raw / "train-labels-idx1-ubyte"
    if damage == "cut":
        images.write_bytes(images.read_bytes()[:-1])
    elif damage == "empty":
        images.write_bytes(b"")
    else:
        values = {"other labels": np.full(30, 10), "fewer labels": np.zeros(29)}[damage]
        labels.write_bytes(idx(values.astype(np.uint8)))
    with pytest.raises(ValueError, match=r"broken files .*; delete this folder and try again"):
        fashion_mnist(tmp_path)


@pytest.mark.parametrize("load", [fashion_mnist, cifar10])
def test_a_folder_that_cannot_be_written(tmp_path, server, small_fashion, small_cifar, load):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ValueError, match="cannot be written"):
        load(tmp_path / "file" / "data")


def test_a_full_disk(tmp_path, server, small_cifar, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "_write", full)
    with pytest.raises(ValueError, match=r"cannot be written: the disk is full"):
        cifar10(tmp_path)


# A folder of one's own


@pytest.fixture
def pets(tmp_path):
    for name, colour, sizes in (("dog", "blue", [(30, 20), (5, 5)]), ("cat", "red", [(16, 40)])):
        for number, size in enumerate(sizes):
            file = tmp_path / name / "more" / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, colour).save(file)
    return tmp_path


@pytest.mark.filterwarnings("error::UserWarning")  # nothing is said about hidden files
def test_image_folder(pets):
    (pets / ".ipynb_checkpoints").mkdir()
    (pets / "cat" / ".DS_Store").write_text("hidden")
    images, labels, classes = image_folder(pets, size=8)
    assert images.shape == (3, 3, 8, 8)
    assert images.dtype == torch.uint8
    assert classes == ("cat", "dog")
    assert labels.tolist() == [0, 1, 1]
    assert images[:, :, 4, 4].tolist() == [[255, 0, 0], [0, 0, 255], [0, 0, 255]]
    photo = load_photo(pets / "cat" / "more" / "0.png", size=8)
    assert torch.equal(images[0] / 255, photo)


def test_image_folder_agrees_with_torchvision(pets):
    ours, theirs = image_folder(str(pets)), published.ImageFolder(pets)
    assert list(ours.classes) == theirs.classes
    assert ours.labels.tolist() == theirs.targets
    assert ours.images.shape[2:] == (64, 64)


def test_broken_pictures_are_all_named(pets):
    for number in range(7):
        (pets / "cat" / f"broken{number}.jpg").write_text("no picture")
    with pytest.raises(ValueError, match=r"^7 of 10 pictures: .*broken0\.jpg.*broken4.*and 2 more"):
        image_folder(pets)


def test_other_files_are_left_out_and_named(pets):
    (pets / "dog" / "notes.txt").write_text("woof")
    with pytest.warns(UserWarning, match=r"left out, not pictures: dog.notes\.txt"):
        assert len(image_folder(pets).images) == 3


def test_folders_that_hold_no_classes(tmp_path, pets):
    cases = {
        "missing": "cannot be read: No such file",
        "dog/more/0.png": "cannot be read: Not a directory",
        "dog/more": "at least two; found: none",
        "dog": "at least two; found: more",
    }
    for folder, message in cases.items():
        with pytest.raises(ValueError, match=message):
            image_folder(tmp_path / folder)
    (pets / "bird").mkdir()
    with pytest.raises(ValueError, match="no pictures in bird; add some or delete it"):
        image_folder(pets)
    with pytest.raises(ValueError, match="size must be a positive int, got 0"):
        image_folder(pets, size=0)


def test_train_and_test_are_no_classes(tmp_path):
    for name in ("train", "test"):
        (tmp_path / "set" / name).mkdir(parents=True)
    with pytest.raises(ValueError, match="test, train: parts, not classes; give one of them"):
        image_folder(tmp_path / "set")


def test_an_unreadable_folder(pets, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        image_folder(pets)


# The package, and the real thing


def test_importing_does_not_import_torchvision():
    code = "import sys, vitcourse.data; sys.exit('torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.skipif(
    not (Path(REAL) / "FashionMNIST" / "raw").is_dir() or not REAL,
    reason="VITCOURSE_DATA names no folder with FashionMNIST/raw",
)
def test_the_real_fashion_mnist():
    for train, n in ((True, 60_000), (False, 10_000)):
        images, labels, _ = fashion_mnist(REAL, train=train, download=False)
        assert images.shape == (n, 1, 28, 28)
        assert labels.bincount().tolist() == [n // 10] * 10
        if train:
            assert labels[:5].tolist() == [9, 0, 0, 3, 0]
            assert images.float().mean().item() / 255 == pytest.approx(0.2860, abs=1e-4)
