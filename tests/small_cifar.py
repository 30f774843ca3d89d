"""A small CIFAR-10 in the format of the real one (pickles in a tar.gz), on a local server."""

import hashlib
import io
import pickle
import tarfile

import numpy as np
from torchvision.datasets import CIFAR10

RANDOM = np.random.default_rng(0)


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def serve_small_cifar(server, monkeypatch) -> dict:
    """Put it on the server, behind a redirection, as the real one; its images and labels."""
    whole, lists = {}, {"train": [], "test": []}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:

        def add(name: str, content: dict) -> list[str]:
            data = pickle.dumps(content, protocol=2)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
            return [name, md5_of(data)]

        for part, names in (("train", ["data_batch_1", "data_batch_2"]), ("test", ["test_batch"])):
            images = RANDOM.integers(0, 256, (20, 3072), dtype=np.uint8)
            labels = [int(label) for label in RANDOM.integers(0, 10, 20)]
            share = 20 // len(names)
            for i, name in enumerate(names):
                mine = slice(i * share, (i + 1) * share)
                lists[part].append(add(name, {"data": images[mine], "labels": labels[mine]}))
            whole[part] = images.reshape(20, 3, 32, 32), labels
        meta = add("batches.meta", {"label_names": [f"class {i}" for i in range(10)]})
    small = CIFAR10
    server.files[small.filename] = packed.getvalue()
    monkeypatch.setattr(small, "url", server.url + "moved/" + small.filename)
    monkeypatch.setattr(small, "tgz_md5", md5_of(packed.getvalue()))
    monkeypatch.setattr(small, "train_list", lists["train"])
    monkeypatch.setattr(small, "test_list", lists["test"])
    monkeypatch.setattr(small, "meta", small.meta | {"filename": meta[0], "md5": meta[1]})
    return whole
