"""Components, masks and the lens as figures: what is drawn is what was given."""

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from matplotlib import pyplot as plt

from vitcourse.maps import component_colours
from vitcourse.view import draw_components, draw_kept_patches, draw_lens, tell_components


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def pictures(count=1):
    return torch.randint(256, (count, 3, 12, 20), dtype=torch.uint8)


def images_of(ax):
    return [np.asarray(image.get_array()) for image in ax.images]


def test_components_as_colours_and_the_first_alone_for_several_images():
    values = torch.randn(2, 3, 5, 3)
    values[0, 0, 0] = torch.nan  # background
    colours = component_colours(values)
    figure = draw_components(pictures(2), colours, values[..., 0])
    axes = figure.axes
    assert [ax.get_ylabel().split("\n")[0] for ax in axes[:6:2]] == [
        "the image",
        "three components",
        "the first alone",
    ]
    shown = images_of(axes[3])[0]
    np.testing.assert_allclose(shown, colours[1].numpy())
    background = images_of(axes[2])[0][0, 0]
    assert len(set(background)) == 1, "grey"
    drawn = axes[4].images[0]
    assert drawn.get_cmap().name == colormaps["viridis"].name
    assert drawn.get_clim() == axes[5].images[0].get_clim(), "one scale for all images"
    assert np.ma.getmaskarray(drawn.get_array())[0, 0]
    assert axes[6].get_ylabel() == "first component"


def test_the_text_of_components_has_their_shares():
    said = tell_components(torch.tensor([0.4, 0.21, 0.089]), images=3)
    assert "40 %, 21 %, 9 %" in said
    assert "3 images side by side" in said
    assert "an image:" in tell_components(torch.ones(3), images=1)


def test_each_head_s_kept_patches_are_outlined_and_counted():
    maps = torch.rand(5, 3, 5)
    masks = maps > 0.5
    figure = draw_kept_patches(pictures()[0], maps, masks, 0.6)
    for head, ax in enumerate(figure.axes[:5]):
        assert ax.get_title() == f"head {head}: 60 % in {int(masks[head].sum())} of 15"
        assert ax.collections, "the outline"
    draw_kept_patches(pictures()[0], maps, torch.zeros_like(masks), 0.6)


def test_the_lens_is_drawn_on_one_scale_with_what_the_class_token_says():
    shares = torch.zeros(3, 3, 5)
    shares[2] = 1
    figure = draw_lens(pictures()[0], shares, [0.1, 0.25, 0.999], "class token")
    assert [ax.get_title() for ax in figure.axes[:3]] == [
        "before layer 0\nclass token: 10.0 %",
        "after layer 0\nclass token: 25.0 %",
        "after layer 1\nclass token: 99.9 %",
    ]
    low, high = (images_of(figure.axes[i])[0].mean((0, 1)) for i in (0, 2))
    assert high[1] - low[1] > 0.4, "yellow, not purple: 1 is the top of the scale"
