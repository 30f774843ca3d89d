"""Published weights: downloaded from a server on this machine, which can fail in many ways."""

import errno
import hashlib
import io
import ssl
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from socket import gaierror
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import OpenerDirector

import pytest
import torch
from torchvision import models
from torchvision.models import get_model_weights
from tqdm import tqdm

from tests.server import Handler, Server
from vitcourse import download
from vitcourse.model import count_parameters
from vitcourse.model.weights import from_torchvision
from vitcourse.weights import pretrained as pretrained_module
from vitcourse.weights.pretrained import META, TORCHVISION, pretrained, sha256

PAGE = b"<!DOCTYPE html><title>Log in to the school's network</title>"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """A cache of its own, no proxy, no waiting."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "TORCH_HOME", "VITCOURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    monkeypatch.setattr(download, "PAUSE", 0)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "hub" / "checkpoints"


def old_names(state: dict) -> dict:
    """The names in the published files, which are older than torchvision's code."""
    return {
        name.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."): tensor
        for name, tensor in state.items()
    }


def small_torchvision() -> models.VisionTransformer:
    """torchvision's class in a small size, with random values everywhere."""
    model = models.VisionTransformer(32, 8, 1, 3, 192, 64, num_classes=10).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return model


def as_file(state: dict, **how) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer, **how)
    return buffer.getvalue()


def publish(server: Server, monkeypatch, content: bytes, name: str = "vit_b_16") -> str:
    """Serve `content` as torchvision's file for `name`, with its hash in the address."""
    file = f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    server.files[file] = content
    weights = get_model_weights(name).DEFAULT.value
    monkeypatch.setattr(weights, "url", f"{server.url}models/{file}")
    return file


@pytest.fixture
def theirs():
    return small_torchvision()


@pytest.fixture
def content(theirs):
    return as_file(old_names(theirs.state_dict()))


@pytest.fixture
def file(server, monkeypatch, content, cache):
    """Where the small file will lie, once it is downloaded."""
    return cache / publish(server, monkeypatch, content)


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*") if file.name[0] != "."}


def refused() -> str:
    with pytest.raises(RuntimeError) as caught:
        pretrained()
    return str(caught.value)


# When all goes well


def test_the_same_answers_as_torchvision(file, theirs):
    model = pretrained("vit_b_16")
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(model(images), theirs(images), rtol=1e-5, atol=1e-5)
    assert not model.training


def test_it_is_downloaded_once(server, file, cache):
    first = pretrained().state_dict()
    server.files.clear()
    again = pretrained().state_dict()
    assert server.asked == [None]
    assert files(cache) == {file.name}
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_torchvision_finds_the_file_and_we_find_torchvisions(server, file):
    weights = models.ViT_B_16_Weights.DEFAULT
    pretrained()
    weights.get_state_dict(progress=False, check_hash=True)
    assert len(server.asked) == 1
    file.unlink()
    weights.get_state_dict(progress=False, check_hash=True)
    pretrained()
    assert len(server.asked) == 2


def test_training_it_leaves_the_file_alone(file):
    model = pretrained()
    before = sha256(file)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    assert sha256(file) == before
    assert not torch.equal(pretrained().head.bias, model.head.bias)


def test_a_read_only_cache_that_holds_the_file_is_enough(server, file, monkeypatch):
    pretrained()

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(download, "FileLock", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    pretrained()


def test_a_file_from_before_torch_1_6(server, monkeypatch, theirs):
    old = as_file(old_names(theirs.state_dict()), _use_new_zipfile_serialization=False)
    publish(server, monkeypatch, old)
    assert torch.equal(pretrained().head.weight, theirs.heads.head.weight)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match=r"one of vit_b_16, .*, got 'vit_b_8'"):
        pretrained("vit_b_8")


def test_offline_by_choice_ignores_even_the_cache(server, file, monkeypatch):
    pretrained()
    monkeypatch.setenv("VITCOURSE_OFFLINE", "1")
    assert refused() == "There are no weights for vit_b_16: VITCOURSE_OFFLINE=1 is set."
    assert len(server.asked) == 1


def test_progress_is_shown_and_goes_on(server, file, content, monkeypatch, capsys):
    monkeypatch.setattr(download, "tqdm", partial(tqdm, mininterval=0, miniters=1))
    server.cuts = [len(content) // 2]
    pretrained()
    shown = capsys.readouterr().err
    assert f"{file.name}:  50%" in shown
    assert f"{file.name}: 100%" in shown
    assert shown.count("  0%") == 1  # the second connection does not begin at 0


# Cut, slow and stubborn servers


def test_a_cut_connection_goes_on_where_it_broke(server, file):
    server.cuts = [100_000, 200_000]
    pretrained()
    assert server.asked == [None, "bytes=100000-", "bytes=300000-"]
    assert files(file.parent) == {file.name}


def test_the_next_call_goes_on_too(server, file, cache):
    server.cuts = [100_000, 0]
    message = refused()
    assert message.startswith("There are no weights for vit_b_16: the connection was cut.\n")
    assert "Try again: 0 MB are kept, it continues after them." in message
    assert files(cache) == {f"{file.name}.part"}
    server.asked.clear()
    pretrained()
    assert server.asked == ["bytes=100000-"]
    assert files(cache) == {file.name}


def test_an_interrupted_download_is_kept(server, file, cache, monkeypatch):
    chunks = [bytes(1000)]

    def interrupt(_):
        if chunks:
            return chunks.pop()
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "_read", interrupt)
    with pytest.raises(KeyboardInterrupt):
        pretrained()
    assert (cache / f"{file.name}.part").stat().st_size == 1000
    assert not file.exists()


def test_a_server_that_ignores_range_sends_all_of_it_again(server, file, content):
    server.ranges = False
    server.cuts = [100_000]
    pretrained()
    assert server.asked == [None, "bytes=100000-"]
    assert file.read_bytes() == content


def test_no_endless_loop_when_it_never_gets_further(server, file):
    server.ranges = False
    server.cuts = [100_000] * 9
    assert "the connection was cut" in refused()
    assert len(server.cuts) == 7


@pytest.mark.parametrize("junk", [b"not its beginning", bytes(10**6)], ids=["short", "too long"])
def test_a_part_of_something_else_is_replaced(server, file, cache, junk):
    cache.mkdir(parents=True)
    (cache / f"{file.name}.part").write_bytes(junk)
    pretrained()
    assert files(cache) == {file.name}


def test_a_server_that_falls_silent_before_it_answers(server, file, cache, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.1)
    waiting = threading.Event()
    server.before_answer = partial(waiting.wait, 5)
    assert "no connection to 127.0.0.1 (timed out)" in refused()
    waiting.set()
    assert files(cache) == set()


def test_a_server_that_falls_silent_in_the_middle(server, file, content, monkeypatch):
    """What came before the silence is kept, to the last byte."""
    monkeypatch.setattr(download, "PATIENCE", 0.1)
    waiting = threading.Event()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:1234])
        waiting.wait(5)

    monkeypatch.setattr(Handler, "do_GET", answer)
    assert "nothing more came for 0.1 seconds" in refused()
    waiting.set()
    assert file.with_name(f"{file.name}.part").stat().st_size == 1234


# Wrong content


WAYS = [  # one that says what it is, and one that does not
    ("text/html; charset=utf-8", b"\r\n" + PAGE),
    ("application/octet-stream", PAGE),
]


@pytest.mark.parametrize(("type", "page"), WAYS)
def test_a_web_page_is_recognised_and_not_kept(server, file, cache, type, page):
    server.files[file.name], server.type = page, type
    message = refused()
    assert "127.0.0.1 seems to have sent a web page instead of the file" in message
    assert "log-in page" in message
    assert files(cache) == set()


@pytest.mark.parametrize(("type", "page"), WAYS)
def test_a_web_page_does_not_destroy_what_came_before(server, file, content, type, page):
    server.cuts = [100_000, 0]
    refused()
    server.files[file.name], server.ranges, server.type = page, False, type
    assert "sent a web page" in refused()
    assert file.with_name(f"{file.name}.part").read_bytes() == content[:100_000]


def test_a_wrong_hash_leaves_nothing(server, file, content, cache):
    server.files[file.name] = content[:-1] + b"?"
    message = refused()
    assert "127.0.0.1 sent a different file from the published one" in message
    assert f"SHA-256 begins with {file.stem.rpartition('-')[2]}" in message
    assert files(cache) == set()


@pytest.mark.parametrize("damage", ["one byte", "cut short", "empty"])
def test_a_damaged_file_in_the_cache_is_fetched_anew(server, file, content, capsys, damage):
    pretrained()
    broken = {"one byte": content[:-9] + b"?" + content[-8:], "cut short": content[:5000]}
    file.write_bytes(broken.get(damage, b""))
    pretrained()
    assert capsys.readouterr().out == f"{file.name} was damaged; downloading it again.\n"
    assert file.read_bytes() == content
    assert files(file.parent) == {file.name}


def test_a_damaged_file_is_not_left_for_torchvision_to_read(server, file):
    pretrained()
    file.write_bytes(b"PK damaged")
    server.status = 503
    refused()
    assert not file.exists()


def test_what_is_no_state_dict_of_tensors_is_not_run(server, monkeypatch, tmp_path):
    """A pickle can run anything; even one with the right hash must not."""

    class Trap:
        def __reduce__(self):
            return (Path(tmp_path / "it ran").touch, ())

    for how in ({}, {"_use_new_zipfile_serialization": False}):
        publish(server, monkeypatch, as_file({"head.weight": Trap()}, **how))
        with pytest.raises(Exception, match=r"[Ww]eights.only"):
            pretrained()
    assert not (tmp_path / "it ran").exists()


# No connection


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (404, "127.0.0.1 has no such file (HTTP 404)", "update torchvision"),
        (403, "127.0.0.1 answered HTTP 403 (Forbidden)", "A firewall may forbid it"),
        (503, "127.0.0.1 answered HTTP 503 (Service Unavailable)", "try again later"),
    ],
)
def test_a_server_that_refuses(server, file, cache, status, said, advice):
    server.status = status
    message = refused()
    assert message.splitlines()[0] == f"There are no weights for vit_b_16: {said}."
    assert advice in message
    assert files(cache) == set()


def test_nobody_answers(server, file, monkeypatch):
    url = f"http://127.0.0.1:9/models/{file.name}"
    monkeypatch.setattr(models.ViT_B_16_Weights.DEFAULT.value, "url", url)
    message = refused()
    assert "no connection to 127.0.0.1 (Connection refused)" in message
    for part in ("try another network", f"download {url} elsewhere", str(file), "bundled()"):
        assert part in message


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (gaierror(-2, "Name or service not known"), "127.0.0.1 cannot be found"),
        (TimeoutError("timed out"), "no connection to 127.0.0.1 (timed out)"),
        (
            ssl.SSLCertVerificationError(1, "certificate verify failed"),
            "the certificate of 127.0.0.1 cannot be trusted",
        ),
    ],
)
def test_no_way_to_the_server(file, monkeypatch, reason, said):
    def fail(*_, **__):
        raise URLError(reason)

    monkeypatch.setattr(OpenerDirector, "open", fail)
    assert said in refused()


def test_a_proxy_that_does_not_answer(server, file, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", "http://ada:secret@127.0.0.1:9")
    message = refused()
    assert "the proxy 127.0.0.1:9 could not connect to 127.0.0.1 (Connection refused)" in message
    assert "https_proxy" in message
    assert "secret" not in message


def test_a_proxy_that_wants_a_password(server, file, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", server.url)
    server.status = 407
    assert "could not connect to 127.0.0.1 (Proxy Authentication Required)" in refused()


def test_a_proxy_that_opens_no_tunnel(server, file, monkeypatch):
    """As for https; the server here does not know CONNECT and answers 501."""
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("https_proxy", server.url.rstrip("/"))
    url = f"https://example.invalid/{file.name}"
    monkeypatch.setattr(models.ViT_B_16_Weights.DEFAULT.value, "url", url)
    message = refused()
    assert f"the proxy 127.0.0.1:{server.server_port} could not connect to example" in message
    assert "Tunnel connection failed: 501" in message


# The disk


def test_no_room_is_said_before_anything_is_written(server, file, cache, monkeypatch):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    message = refused()
    assert f"1 MB are needed, but only 0 MB are free in {cache}" in message
    assert "TORCH_HOME" in message
    assert files(cache) == set()


def test_a_disk_that_fills_up_gets_its_room_back(server, file, cache, monkeypatch):
    def fill(response, chunk, part, start, total):
        part.write_bytes(chunk)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_write", fill)
    assert f"the disk is full ({cache})" in refused()
    assert files(cache) == set()


def test_a_cache_that_cannot_be_written(server, file, cache):
    cache.parent.write_text("a file where a folder should be")
    message = refused()
    assert f"{cache} cannot be used (" in message
    assert "TORCH_HOME to a folder that you may write into" in message
    assert server.asked == []


# At once


def test_two_processes_download_once(server, file, tmp_path):
    code = f"""if True:
        import sys, torch
        from pathlib import Path
        from torchvision.models import ViT_B_16_Weights
        from vitcourse.weights.pretrained import pretrained
        ViT_B_16_Weights.DEFAULT.value.url = {server.url + file.name!r}
        torch.hub.set_dir({str(tmp_path / "hub")!r})
        Path(sys.argv[1]).touch()
        print(pretrained().head.weight.abs().sum().item())
    """
    ready = [tmp_path / "first", tmp_path / "second"]

    def wait_for_both():
        deadline = time.monotonic() + 60
        while not all(file.exists() for file in ready) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)  # for the second to find the lock taken

    server.before_answer = wait_for_both
    processes = [
        subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE, text=True)
        for file in ready
    ]
    outputs = [process.communicate(timeout=90)[0].splitlines() for process in processes]
    assert server.asked == [None]
    assert outputs[0][-1] == outputs[1][-1]
    waited = f"Another notebook or process is busy with {file.name}; this one waits for it."
    assert sorted(map(len, outputs)) == [1, 2]
    assert waited in outputs[0] + outputs[1]


def test_a_process_that_was_killed_leaves_no_lock(server, file, cache, tmp_path):
    """Only what the system itself holds locks: the file that says so may lie there for ever."""
    cache.mkdir(parents=True)
    (cache / f".{file.name}.lock").touch()
    pretrained()


# Real sizes


@pytest.mark.parametrize("name", TORCHVISION)
def test_names_shapes_and_counts_of_all_that_are_published(name):
    """The whole architecture, without memory behind it."""
    meta = get_model_weights(name).DEFAULT.meta
    with torch.device("meta"):
        theirs = models.get_model(name, image_size=meta["min_size"][0])
    model = from_torchvision(old_names(theirs.state_dict()))
    size = model.config["image_size"]
    assert (size, size) == meta["min_size"]
    assert count_parameters(**model.config) == meta["num_params"]
    assert model.config["num_heads"] == theirs.encoder.layers[0].self_attention.num_heads


def one_block(name: str) -> models.VisionTransformer:
    """torchvision's `name` as wide and with as many tokens as published, but with one block."""
    size = get_model_weights(name).DEFAULT.meta["min_size"][0]
    with torch.device("meta"):
        whole = models.get_model(name, image_size=size)
        heads = whole.encoder.layers[0].self_attention.num_heads
        model = models.VisionTransformer(
            size, whole.patch_size, 1, heads, whole.hidden_dim, whole.mlp_dim
        )
    model = model.to_empty(device="cpu").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.02)
    return model


@pytest.mark.parametrize("name", TORCHVISION)
def test_each_architecture_through_a_file(server, monkeypatch, name):
    theirs = one_block(name)
    publish(server, monkeypatch, as_file(old_names(theirs.state_dict())), name)
    images = torch.randn(1, 3, theirs.image_size, theirs.image_size)
    with torch.inference_mode():
        ours = pretrained(name)(images)
        torch.testing.assert_close(ours, theirs(images), rtol=1e-4, atol=1e-4)


MEASURE = """if True:
    import re, sys, torch
    from torchvision.models import ViT_B_16_Weights
    from vitcourse.weights.pretrained import pretrained
    ViT_B_16_Weights.DEFAULT.value.url = sys.argv[1]
    torch.hub.set_dir(sys.argv[2])
    def peak():
        status = open("/proc/self/status").read()
        return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
    before = peak()
    model = pretrained()
    after = peak()
    with torch.inference_mode():
        logits = model(torch.ones(1, 3, 224, 224))
    print(after - before, logits.double().sum().item())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory: Linux only")
def test_the_whole_vit_b_16_and_its_memory(server, monkeypatch, cache):
    """All 346 MB of it: the file is read in place, not into memory and then copied."""
    theirs = models.vit_b_16().eval()
    torch.nn.init.normal_(theirs.heads.head.weight, std=0.02)
    content = as_file(old_names(theirs.state_dict()))
    file = publish(server, monkeypatch, content)
    command = [sys.executable, "-c", MEASURE, server.url + file, str(cache.parent)]
    for _ in ("downloads", "reads the cache"):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peak, total = map(float, done.stdout.split())
        with torch.inference_mode():
            expected = theirs(torch.ones(1, 3, 224, 224)).double().sum().item()
        assert total == pytest.approx(expected, abs=1e-3)
        assert peak < 1.3 * len(content)
    assert server.asked == [None]


def test_importing_does_not_import_torchvision():
    code = "import sys, vitcourse.weights.pretrained; sys.exit('torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# Meta's


def meta(monkeypatch, server: Server, name: str, content: bytes, right: str = "") -> str:
    """Serve `content` as Meta's file for `name`."""
    there = pretrained_module.META[name]
    file = there.url.rpartition("/")[2]
    server.files[file] = content
    ours = there._replace(
        url=f"{server.url}models/{file}", sha256=right or hashlib.sha256(content).hexdigest()
    )
    monkeypatch.setitem(pretrained_module.META, name, ours)
    return file


def small_dino(name: str) -> torch.nn.Module:
    timm = pytest.importorskip("timm")
    model = timm.create_model(name, depth=1, dynamic_img_size=True).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("dinov2_vits14", "vit_small_patch14_dinov2"),
        ("dinov2_vits14_reg", "vit_small_patch14_reg4_dinov2"),
    ],
)
def test_dinov2_is_downloaded_once_and_verified(server, monkeypatch, cache, name, twin):
    theirs = small_dino(twin)
    file = meta(monkeypatch, server, name, as_file(dict(theirs.state_dict())))
    images = torch.randn(1, 3, 42, 70)
    for _ in range(2):
        model = pretrained(name)
        with torch.inference_mode():
            torch.testing.assert_close(
                model.forward_features(images), theirs.forward_features(images), rtol=0, atol=1e-5
            )
    assert server.asked == [None]
    assert files(cache) == {file}


def test_another_dinov2_than_the_published_one_is_not_read(server, monkeypatch, cache):
    meta(monkeypatch, server, "dinov2_vits14", as_file({}), right="b938bf1b" * 8)
    with pytest.raises(RuntimeError, match="sent a different file from the published one"):
        pretrained("dinov2_vits14")
    assert files(cache) == set()


def test_dinov3_is_not_downloaded_but_read_where_it_was_put(server, monkeypatch, cache):
    theirs = small_dino("vit_small_patch16_dinov3")
    content = as_file(dict(theirs.state_dict()))
    file = meta(monkeypatch, server, "dinov3_vits16", content)
    with pytest.raises(RuntimeError) as caught:
        pretrained("dinov3_vits16")
    first, *rest = str(caught.value).splitlines()
    assert first == (
        "There are no weights for dinov3_vits16: Meta gives them only to those who have accepted "
        "their licence."
    )
    assert "https://ai.meta.com/resources/models-and-libraries/dinov3-downloads/" in rest[0]
    assert f"and put it here: {cache / file}" in rest[2]
    cache.mkdir(parents=True)
    (cache / file).write_bytes(content[:-1] + b"?")
    with pytest.raises(RuntimeError, match="is not the published file"):
        pretrained("dinov3_vits16")
    (cache / file).write_bytes(content)
    images = torch.randn(1, 3, 48, 80)
    with torch.inference_mode():
        features = pretrained("dinov3_vits16").forward_features(images)
        torch.testing.assert_close(features, theirs.forward_features(images), rtol=0, atol=1e-5)
    assert server.asked == []


def test_metas_addresses_and_hashes_are_what_they_were_when_this_was_written():
    assert {name: (p.url.rpartition("/")[2], p.sha256[:8]) for name, p in META.items()} == {
        "dinov2_vits14": ("dinov2_vits14_pretrain.pth", "b938bf1b"),
        "dinov2_vits14_reg": ("dinov2_vits14_reg4_pretrain.pth", "f4331770"),
        "dinov3_vits16": ("dinov3_vits16_pretrain_lvd1689m-08c60483.pth", "08c60483"),
    }
    assert all(p.url.startswith("https://dl.fbaipublicfiles.com/dinov") for p in META.values())
