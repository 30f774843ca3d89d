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
    state.js       what is shown, and what follows from it
    reading.js     the numbers of the map that is shown
    board.js       the picture and its tokens
    mosaic.js      each layer, each head
    flows.js       the maps of the whole model
    inside.js      the tokens themselves: logit lens and components
    numbers.js     the list of numbers, the colour bar
    controls.js    direction, scale, colours
    step.js        one weight, step by step
    ablation.js    switching off heads or patches
    asking.js      a question to the kernel
    tour.js        the tour and its steps
    explorer.js    connects them; after the others, one module for notebook and page
    explorer.css   its look, light and dark
    loader.js      unpacks the module in a page

In JupyterLab it is a widget (anywidget). `to_html()` gives the same as one file that needs neither
a kernel nor a network.
"""

from vitcourse.view.explorer.host import Explorer, explorer

__all__ = ["Explorer", "explorer"]
