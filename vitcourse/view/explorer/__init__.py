"""The attention explorer: point at a patch and see where it looks, in every layer and head.

    host.py        takes the maps, shows itself, writes itself to a page
    arguments.py   what is wrong with them
    pack.py        what goes to the browser
    coding.py      maps in few bytes, and what that loses
    widget.py      the connection to a kernel
    digits.js      numbers as text
    coding.js      from bytes to typed arrays
    maps.js        places, values, colours
    elements.js    parts of a page
    inside.js      the tokens themselves: logit lens and components
    tour.js        the tour and its steps
    explorer.js    what is on the page; after the others, one module for notebook and page
    explorer.css   its look, light and dark
    loader.js      unpacks the module in a page

In JupyterLab it is a widget (anywidget). `to_html()` gives the same as one file that needs neither
a kernel nor a network.
"""

from vitcourse.view.explorer.host import Explorer, explorer

__all__ = ["Explorer", "explorer"]
