"""A learner's own model: what docs/own_model.md says works, and what is missing is said."""

import contextlib
import math
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from vitcourse.explanation import explain
from vitcourse.maps import TokenLayout, ablated, attention_maps, hidden_states, logit_lens

PAGE = (Path(__file__).parents[1] / "docs/own_model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What the page's code has made, run as a reader would, from top to bottom."""
    torch.manual_seed(0)
    made, folder = {}, tmp_path_factory.mktemp("page")
    with contextlib.chdir(folder):
        for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(code, "own_model.md", "exec"), made)
    assert {file.name for file in folder.iterdir()} == {"my_model.html", "my_weights.html"}
    return made


@pytest.fixture
def model(page):
    return page["MyModel"]().eval()


@pytest.fixture
def image(page):
    return page["image"]


def by_hand(model, image):
    """The weights of every block, by the formula."""
    patches = model.patches(image[None]).flatten(2).transpose(1, 2) + model.positions
    x, maps = torch.cat([model.prefix, patches], dim=1), []
    for block in model.blocks:
        q, k, _ = block.qkv(block.norm1(x)).chunk(3, dim=-1)
        q, k = (t.unflatten(-1, (4, 8)).transpose(1, 2) for t in (q, k))
        maps.append((q @ k.mT / math.sqrt(8)).softmax(-1))
        x = block(x)
    return torch.stack(maps, dim=1).detach()


def test_the_page_s_model_is_explored_with_all_there_is(model, image):
    shown = explain(model, image, labels=list("abcde"))
    given = shown._given
    torch.testing.assert_close(given["attention"], by_hand(model, image)[0])
    assert list(given["prefix_names"]) == ["class token", "register 1"]
    assert given["answer_token"] == 0
    assert set(given["class_flows"]) == {"relevance", "gradient rollout", "gradient x input"}
    answers = model(image[None])[0].softmax(0).sort(descending=True).values.tolist()
    assert [p for _, _, p in given["classes"]] == pytest.approx(answers, abs=1e-6)
    shares, names = given["lens"]
    assert names == [("", name) for name in "abcde"]
    torch.testing.assert_close(shares[-1, 0].sort(descending=True).values.tolist(), answers)
    assert given["components"][0].shape == (4, 3, 4, 3)
    assert len(shown._ablate([(0, 1)], [3], "mean")) == 5
    assert "class token" in shown.to_html()


def test_the_maps_functions_take_it(model, image):
    torch.testing.assert_close(attention_maps(model, image[None]), by_hand(model, image))
    states = hidden_states(model, image[None])
    torch.testing.assert_close(logit_lens(model, states)[:, -1, 0], model(image[None]).detach())
    assert ablated(model, image[None], heads=[(0, 0)]).shape == (1, 5)


def test_weights_that_somebody_collected(page):
    assert "explorer" in page  # the second way of the page ran as well


def test_without_a_head_and_without_a_norm(page, image):
    features = page["MyModel"]().eval()
    features.head = nn.Identity()
    given = explain(features, image)._given
    assert (given["classes"], given["lens"], given["class_flows"]) == ([], None, {})
    other = page["MyModel"]().eval()
    other.last, other.norm = other.norm, None
    other.forward = lambda images: other.head(hidden(other, images)[:, 0])
    given = explain(other, image)._given
    assert given["lens"] is None
    assert len(given["classes"]) == 5


def hidden(model, images):
    patches = model.patches(images).flatten(2).transpose(1, 2) + model.positions
    x = torch.cat([model.prefix.expand(len(images), -1, -1), patches], dim=1)
    for block in model.blocks:
        x = block(x)
    return x


class WrittenOut(nn.Module):
    """Attention as in chapter 4: right, but nobody can look in."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        q, k, v = self.block.qkv(x).unflatten(-1, (3, 4, 8)).permute(2, 0, 3, 1, 4)
        return x + ((q @ k.mT / math.sqrt(8)).softmax(-1) @ v).transpose(1, 2).flatten(2)


def replace_blocks(model, made):
    model.blocks = nn.ModuleList([made(block) for block in model.blocks])


def no_blocks(model):
    model.stages = model.blocks
    del model.blocks


def no_layout(model):
    model.token_layout = None


def one_token_less(model):
    model.token_layout = TokenLayout((3, 4), (8, 8), ("class token",), 0)


def with_a_mask(model):
    class Masked(nn.Module):
        def forward(self, x):
            return F.scaled_dot_product_attention(x, x, x, torch.ones(14, 14).bool())

    replace_blocks(model, lambda _: Masked())


def twice(model):
    replace_blocks(model, lambda block: nn.Sequential(block, block))


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (
            no_blocks,
            "model must be a ViT of vitcourse, torchvision or timm, got .*MyModel",
        ),
        (no_layout, "model must be a ViT of .*`token_layout`: see docs/own_model.md"),
        (lambda model: replace_blocks(model, WrittenOut), r"no attention weights from blocks \[0"),
        (with_a_mask, "block 0 attends with a mask, dropout or a scale of its own"),
        (twice, "block 0 attends more than once in a pass"),
        (one_token_less, r"num_prefix_tokens=1 make 13 tokens, but there are 14"),
        (lambda model: model.train(), "model is in training mode"),
    ],
)
def test_what_is_missing_is_said_and_the_page_explains_it(model, image, break_it, message):
    break_it(model)
    with pytest.raises((ValueError, RuntimeError), match=message) as raised:
        explain(model, image)
    beginning = " ".join(str(raised.value).split()[:6])
    known = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]
    assert any(" ".join(row.split()[:4]) in beginning for row in known), beginning


def test_a_layout_that_is_not_the_images(model, image):
    model.token_layout = TokenLayout((3, 4), (16, 16), ("class token", "register 1"), 0)
    with pytest.raises(ValueError, match=r"3 x 4 patches of \(16, 16\) pixels, .* 24 x 32"):
        explain(model, image)
