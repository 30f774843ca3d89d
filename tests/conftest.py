"""What every test may ask for: a device of each kind there is, and seeds that never change."""

import os
import threading

import pytest
import torch

from tests.server import Server

if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores: one thread is right for each
    torch.set_num_threads(1)

DEVICES = ["cpu"]
if torch.cuda.is_available():
    DEVICES.append("cuda")
if torch.backends.mps.is_available():
    DEVICES.append("mps")


@pytest.fixture(params=DEVICES)
def device(request) -> torch.device:
    """Each device of this machine in turn. A test that needs float64 skips "mps" itself."""
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
