"""A kernel as JupyterLab starts one, with or without somebody at the keyboard."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import start_new_kernel


@contextlib.contextmanager
def kernel(folder: Path) -> Iterator:
    """Yields `run(code, keyboard=True)`, which returns the text that the cell shows.

    `run.payload` is what the last cell asked of the page.
    """
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def run(code: str, keyboard: bool = True) -> str:
        said = []

        def hear(message):
            content = message["content"]
            said.append(content.get("text", "") + "\n".join(content.get("traceback", [])))
            if message["msg_type"] == "display_data":
                said.append(content["data"].get("text/plain", "") + "\n")

        reply = client.execute_interactive(
            code, allow_stdin=keyboard, output_hook=hear, timeout=60, store_history=True
        )
        run.payload = reply["content"].get("payload", [])
        return "".join(said)

    try:
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
