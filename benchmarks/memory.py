"""How much memory ViT-B/16 takes in a notebook beside JupyterLab. Binder's limit is 2 GB.

    python -m benchmarks.memory

Starts JupyterLab and, through it, a kernel, which does step by step what chapter 9 does, with
random weights in a cache of their own; nothing is downloaded. For each step: the kernel's peak; its
"own" memory afterwards, without pages of files, which the system can drop when memory is short; the
server's peak; both together. Linux only, where a peak can be reset.
"""

import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from urllib.request import Request, urlopen

import torch
from jupyter_client import BlockingKernelClient

LIMIT = 2 * 2**30  # bytes; Binder's
STEPS = {
    "a kernel, nothing imported": "pass",
    "import as in chapter 9": """
        import ipywidgets, torch
        from torchvision.models import ViT_B_16_Weights
        from vitcourse import show, view
        from vitcourse.data import load_picture
        from vitcourse.model import VisionTransformer
        from vitcourse.weights.pretrained import pretrained
        weights = ViT_B_16_Weights.DEFAULT
        weights.value.url = {url!r}
        torch.hub.set_dir({cache!r})""",
    "weights": "model = pretrained('vit_b_16')",
    "predict": """
        picture = load_picture()
        image = weights.transforms()(picture)
        with torch.inference_mode():
            model(image[None])""",
    "explore": """
        from vitcourse import explain
        explain(model, image, labels=weights.meta["categories"])""",
    "the same weights twice": """
        own = VisionTransformer(**model.config)
        own.load_state_dict(model.state_dict())
        with torch.inference_mode():
            own(image[None])
        del own""",
    "features of 32 pictures": """
        with torch.inference_mode():
            model.forward_features(image.expand(32, -1, -1, -1))""",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        url = write_weights(Path(home))
        server, address, token = start_lab(Path(home))
        try:
            kernel = start_kernel(f"{address}/api/kernels?token={token}")
            measure(server.pid, Path(home) / "runtime" / f"kernel-{kernel}.json", home, url)
        finally:
            server.terminate()
            server.wait(30)


def write_weights(home: Path) -> str:
    """A file of ViT-B/16 as torchvision publishes it, but random; an address with its hash."""
    from torchvision.models import vit_b_16

    folder = home / "checkpoints"
    folder.mkdir()
    model = vit_b_16()
    torch.nn.init.normal_(model.heads.head.weight, std=0.02)  # torchvision's is 0: nothing to see
    torch.save(model.state_dict(), folder / "file")
    digest = hashlib.sha256((folder / "file").read_bytes()).hexdigest()
    (folder / "file").rename(folder / f"vit_b_16-{digest[:8]}.pth")
    return f"http://127.0.0.1:9/vit_b_16-{digest[:8]}.pth"


def start_lab(home: Path) -> tuple[subprocess.Popen, str, str]:
    token = secrets.token_hex(16)
    environment = os.environ | {
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_TOKEN": token,
    }
    log = home / "log"
    with log.open("w") as stream:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=stream, stderr=stream)
    for _ in range(240):
        found = re.search(r"http://(127\.0\.0\.1|localhost):(\d+)/", log.read_text())
        if found:
            address = f"http://127.0.0.1:{found[2]}"
            urlopen(f"{address}/lab?token={token}", timeout=60).read()  # as a browser would
            return process, address, token
        time.sleep(0.25)
    raise SystemExit(f"JupyterLab did not start:\n{log.read_text()}")


def start_kernel(url: str) -> str:
    with urlopen(Request(url, data=b"{}"), timeout=60) as response:
        return json.load(response)["id"]


def measure(server: int, connection: Path, cache: str, url: str) -> None:
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    for attempt in range(20):
        try:
            client.wait_for_ready(timeout=60)
            break
        except RuntimeError:  # on a busy machine a kernel that starts is easily taken for dead
            if attempt == 19:
                raise
            time.sleep(1)
    kernel = int(run(client, "import os; print(os.getpid())"))
    print(f"{'MB':<28}{'kernel: peak':>14}{'own':>8}{'server':>8}{'both':>8}")
    highest = 0
    for what, code in STEPS.items():
        forget_peak(kernel)
        run(client, code.format(url=url, cache=cache))
        status = memory(kernel)
        beside = memory(server)["VmHWM"]
        both = status["VmHWM"] + beside
        highest = max(highest, both)
        row = (status["VmHWM"], status["RssAnon"], beside, both)
        print("{:<28}{:>14.0f}{:>8.0f}{:>8.0f}{:>8.0f}".format(what, *(n / 1e6 for n in row)))
    print(f"highest: {highest / 1e6:.0f} MB of {LIMIT / 1e6:.0f} MB")
    client.stop_channels()


def run(client, code: str) -> str:
    """What `code` prints in the kernel; SystemExit with its last line if it raises."""
    said = []

    def hear(message) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            said.append(content["text"])
        if message["msg_type"] == "error":
            raise SystemExit(f"{content['ename']}: {content['evalue']}")

    client.execute_interactive(textwrap.dedent(code), timeout=600, output_hook=hear)
    return "".join(said)


def memory(pid: int) -> dict[str, int]:
    """Bytes of memory, by the names of /proc."""
    status = Path(f"/proc/{pid}/status").read_text()
    return {name: 1024 * int(kb) for name, kb in re.findall(r"^(\w+):\s+(\d+) kB", status, re.M)}


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
