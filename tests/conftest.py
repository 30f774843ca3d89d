"""What every test may ask for: a device of each kind there is, and seeds that never change."""

import os
import threading
from pathlib import Path

import pytest
import torch

from tests.server import Server

if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores: one thread is right for each
    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"  # and for the kernels and commands that tests start

DEVICES = ["cpu"]
if torch.cuda.is_available():
    DEVICES.append("cuda")
if torch.backends.mps.is_available():
    DEVICES.append("mps")


TESTS = Path(__file__).parent
BANK = ("answers/", "exercises/test_bank")
SLOW = (*BANK, "browser/", "workshop/test_notebook_states", "workshop/test_exercises")
SLOW += ("workshop/test_exams", "workshop/test_book.py")
SLOW += ("grading/test_hostile", "grading/test_judging", "grading/test_run")
SLOW += ("grading/test_restored",)
SLOW += ("setup/test_everywhere", "workshop/test_nbgrader")
SLOW += ("setup/test_lab_command", "setup/test_check_command", "training/test_training_run")
SLOW += (
    "setup/test_colab_notebooks",
    "training/test_training_cifar",
    "training/test_training_processes",
    "training/test_training_scenes",
    "test_first_cells",
)


def pytest_configure(config) -> None:
    """Files go to the workers in our order (below), not by how many tests are in them."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items) -> None:
    """Tiers: `-m "not slow"` between two edits, everything before a push.

    Several workers begin with what takes long, so that none ends long after the others.
    """
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        marks = [("bank", place.startswith(BANK)), ("browser", place.startswith("browser/"))]
        marks += [("slow", place.startswith(SLOW)), ("gpu", "cuda" in item.nodeid)]
        for mark, wanted in marks:
            if wanted:
                item.add_marker(mark)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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
