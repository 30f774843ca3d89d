#!/usr/bin/env bash
# Gradescope runs this once, when it builds the container: the course, in an environment of its own.
set -euo pipefail

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv

# uv brings a Python that is new enough, and the small PyTorch without CUDA.
python3 -m venv /opt/uv
/opt/uv/bin/python -m pip install uv
/opt/uv/bin/uv venv --python 3.12 /opt/vitcourse
/opt/uv/bin/uv pip install --python /opt/vitcourse/bin/python --torch-backend=cpu \
    /autograder/source/vitcourse-*.whl
