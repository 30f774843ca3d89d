"""What this machine grants us: CPU limit, memory limit, best device. Imports no torch."""

import os
import sys
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def respect_cpu_limit() -> None:
    pass
