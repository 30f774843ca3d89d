"""Settings for the learner's JupyterLab; `vitcourse lab` makes Jupyter read them."""

import zmq

from vitcourse.places.lab_server import MAX_UPLOAD

c = get_config()  # type: ignore[name-defined]  # noqa: F821 (Jupyter defines it)

# A notebook that is closed leaves its kernel behind, with up to 1 GB. After an hour without use it
# is stopped. Whoever reads for an hour with the notebook open keeps their variables, and so does
# whoever closes it during a training: neither a connected kernel nor a busy one is stopped.
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_connected = False
c.MappingKernelManager.cull_busy = False

# Tornado accepts 10 MB in one message and drops the connection if there is more; a photograph
# that is uploaded in a notebook is one message (and some words about it). The button then waits for
# an answer for ever.
c.ServerApp.tornado_settings = {"websocket_max_message_size": (MAX_UPLOAD + 1) * 10**6}

# Between the server and its kernels: encrypted where both can, which is new. A kernel that could
# and is not asked to writes a warning about it into the learner's terminal.
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"
