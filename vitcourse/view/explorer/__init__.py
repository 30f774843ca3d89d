"""The attention explorer: point at a patch and see where it looks, in every layer and head.

    host.py        takes the maps, shows itself, writes itself to a page
    pack.py        the maps in few bytes, and what is wrong with the arguments
    explorer.js    all that happens in the browser: one module, for the notebook and for a page
    explorer.css   its look, light and dark
    widget.py      the connection to a kernel

In JupyterLab it is a widget (anywidget). `to_html()` gives the same as one file that needs neither
a kernel nor a network.
"""

from vitcourse.view.explorer.host import Explorer, explorer

__all__ = ["Explorer", "explorer"]
