"""`explain`: what the explorer is given is what the maps' own functions give."""

import gc
import math
import weakref
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.maps.conftest import exactly
from tests.maps.test_maps_capture import FUSED, as_timm, as_torchvision, hooks_of
from vitcourse import bundled, bundled_layout
from vitcourse.data import SHAPES, cell_names, scenes, to_input
from vitcourse.explanation import explain, explain_and_answer
from vitcourse.maps import (
    attention_gradients,
    attention_maps,
    gradient_rollout,
    gradient_times_input,
    relevance,
    rollout,
)
from vitcourse.maps.ablation import ablated
from vitcourse.model import VisionTransformer

NAMES = list("abcdefg")
TWO = {"what": ["a", "b", "c"], "where": ["up", "down", "left", "right"]}


@pytest.fixture
def given(monkeypatch):
    """`explain` gives what the explorer would be given."""

    def keep(picture, attention, grid, num_prefix_tokens=1, **others):
        first = {"picture": picture, "attention": attention, "grid": grid}
        return SimpleNamespace(**first, prefix=num_prefix_tokens, **others)

    monkeypatch.setattr("vitcourse.view.explorer.explorer", keep)


def small(image_size=(12, 20), in_channels=3):
    """Our model with weights that matter: 3 blocks, 2 heads, 7 answers, float64."""
    sizes = {"image_size": image_size, "patch_size": 4, "in_channels": in_channels}
    vit = VisionTransformer(
        **sizes, num_classes=7, embed_dim=16, depth=3, num_heads=2, mlp_dim=24
    ).double()
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return vit.eval()


@pytest.fixture
def model():
    return small()


@pytest.fixture
def image():
    return torch.randn(3, 12, 20, dtype=torch.float64)


def probabilities(answers):
    return torch.tensor([share for *_, share in answers], dtype=torch.float64)


# What it gives

MODELS = {
    "ours": (small, 1),
    "timm": (lambda: as_timm(small()), 1),
    "with registers": (lambda: as_timm(small(), reg_tokens=4), 5),
    "no class token": (lambda: as_timm(small(), class_token=False, global_pool="avg"), 0),
    "torchvision": (lambda: as_torchvision(small(12)), 1),
}


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(("build", "prefix"), MODELS.values(), ids=MODELS)
def test_all_of_it_is_what_the_maps_functions_give(build, prefix, image):
    model = build()
    if hasattr(model, "conv_proj"):  # torchvision knows squares only
        image = image[..., :12]
    images, grid = image[None], (3, image.shape[2] // 4)
    seen = explain(model, image, labels=NAMES, classes=3, title="x")
    assert (seen.grid, seen.prefix, seen.title) == (grid, prefix, "x")
    maps = attention_maps(model, images)
    exactly(seen.attention, maps[0])
    assert list(seen.flows) == ["rollout"]
    exactly(seen.flows["rollout"], rollout(maps)[0])

    shares, order = model(images)[0].detach().softmax(0).sort(descending=True)
    order = order[:3].tolist()
    assert [name for _, name, _ in seen.classes] == [NAMES[i] for i in order]
    assert {question for question, _, _ in seen.classes} == {""}
    exactly(probabilities(seen.classes), shares[:3])
    assert list(seen.class_flows) == ["relevance", "gradient rollout", "gradient x input"]
    for k, index in enumerate(order):
        both = attention_gradients(model, images, index)
        exactly(seen.class_flows["relevance"][k], relevance(*both)[0])
        exactly(seen.class_flows["gradient rollout"][k], gradient_rollout(*both)[0])
        products = gradient_times_input(model, images, grid, index)[0]
        exactly(seen.class_flows["gradient x input"][k], products)

    queries, keys = seen.queries_keys
    assert queries.shape == keys.shape == (*maps.shape[1:4], 8)
    exactly((queries @ keys.transpose(-2, -1) / math.sqrt(8)).softmax(-1), maps[0])
    tensors = [seen.attention, *seen.flows.values(), *seen.class_flows.values(), queries, keys]
    assert not any(tensor.requires_grad for tensor in tensors)


@pytest.mark.usefixtures("given")
def test_questions_that_share_the_logits_have_probabilities_of_their_own(model, image):
    seen = explain(model, image, labels=TWO, classes=4)
    logits = model(image[None])[0].detach()
    what, where = logits[:3].softmax(0), logits[3:].softmax(0)
    expected = sorted(zip(["what"] * 3, "abc", what.tolist(), strict=True), key=lambda a: -a[2])
    places = zip(["where"] * 4, TWO["where"], where.tolist(), strict=True)
    expected += sorted(places, key=lambda a: -a[2])
    assert [answer[:2] for answer in seen.classes] == [answer[:2] for answer in expected]
    for answer, right in zip(seen.classes, expected, strict=True):
        assert answer[2] == pytest.approx(right[2], abs=1e-12)
    down = [name for _, name, _ in seen.classes].index("down")  # logit 4: after those of "what"
    both = attention_gradients(model, image[None], 4)
    exactly(seen.class_flows["relevance"][down], relevance(*both)[0])


@pytest.mark.usefixtures("given")
def test_names_where_there_are_none_and_no_more_answers_than_there_are(model, image):
    seen = explain(model, image, classes=50)
    assert {name for _, name, _ in seen.classes} == {f"class {i}" for i in range(7)}
    assert sum(share for *_, share in seen.classes) == pytest.approx(1)
    assert seen.class_flows["relevance"].shape == (7, 16, 16)
    assert len(explain(model, image).classes) == 5


@pytest.mark.usefixtures("given")
def test_the_bundled_model_on_a_scene():
    seen, again = explain(), explain()
    scene = scenes(1, 0, **bundled_layout())
    assert torch.equal(seen.picture, scene.images[0])
    assert (seen.grid, seen.prefix) == ((12, 12), 1)
    best = {question: name for question, name, _ in reversed(seen.classes)}
    where = cell_names(bundled_layout()["grid"])[scene.where[0]]
    assert best == {"what": SHAPES[scene.what[0]], "where": where}
    assert where.startswith("row ")
    assert [question for question, _, _ in seen.classes] == ["what"] * 5 + ["where"] * 5
    assert seen.classes == again.classes
    assert torch.equal(seen.class_flows["relevance"], again.class_flows["relevance"])
    exactly(seen.attention.double(), attention_maps(bundled(), to_input(scene.images))[0].double())


@pytest.mark.usefixtures("given")
def test_the_bundled_model_on_something_else():
    scene = scenes(1, 5, **bundled_layout())
    seen = explain(None, to_input(scene.images), labels={"a": SHAPES, "b": range(32)})
    assert seen.classes[0][:2] == ("a", SHAPES[scene.what[0]])
    assert seen.classes[5][:2] == ("b", str(scene.where[0].item()))


@pytest.mark.usefixtures("given")
def test_explain_and_answer_gives_the_same_answers_beside(model, image):
    seen, answers = explain_and_answer(model, image, labels=NAMES)
    assert answers == seen.classes


@pytest.mark.usefixtures("given")
def test_a_batch_of_one_another_dtype_and_a_compiled_model(model, image):
    seen = explain(model, image)
    exactly(explain(model, image[None]).attention, seen.attention)
    assert explain(model, image.float()).attention.dtype == torch.float64
    compiled = torch.compile(model, backend="eager")
    exactly(explain(compiled, image).class_flows["relevance"], seen.class_flows["relevance"])


@pytest.mark.usefixtures("given")
def test_on_every_device(model, image, device):
    seen = explain(model, image)
    expected = probabilities(seen.ablate([(0, 0)], [3])[:5])
    there = explain(model.float().to(device), image.float())
    assert there.attention.device.type == there.class_flows["relevance"].device.type == "cpu"
    torch.testing.assert_close(there.attention, seen.attention.float(), rtol=0, atol=1e-4)
    found = probabilities(there.ablate([(0, 0)], [3])[:5])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


# The picture


@pytest.mark.usefixtures("given")
def test_the_picture_is_the_input_stretched_unless_given(model, image):
    shown = explain(model, image).picture
    assert (shown.dtype, shown.shape) == (torch.uint8, (3, 12, 20))
    assert (shown.min(), shown.max()) == (0, 255)
    exactly(
        shown / 255, ((image - image.min()) / (image.max() - image.min())).mul(255).round() / 255
    )
    given = torch.randint(256, (3, 31, 47), dtype=torch.uint8)
    assert torch.equal(explain(model, image, picture=given).picture, given)
    assert not explain(model, torch.ones_like(image)).picture.any(), "one colour is no fault"


@pytest.mark.usefixtures("given")
def test_grey_inputs_make_a_grey_picture_and_two_channels_need_one(image):
    shown = explain(small(in_channels=1), image[:1]).picture
    assert shown.shape == (3, 12, 20)
    assert torch.equal(shown[0], shown[2])
    two = small(in_channels=2)
    with pytest.raises(ValueError, match="inputs with 2 channels need a picture to show"):
        explain(two, image[:2])
    assert explain(two, image[:2], picture=shown).grid == (3, 5)


# Taking something away


@pytest.mark.usefixtures("given")
def test_ablate_asks_the_model_again(model, image):
    seen = explain(model, image, labels=TWO, classes=2)
    before = [answer[:2] for answer in seen.classes]
    whole = seen.ablate([], [])
    assert [answer[:2] for answer in whole] == before
    exactly(probabilities(whole), probabilities(seen.classes))
    risen = 0
    for heads, patches in (([(0, 1)], []), ([[2, 0], [2, 1]], [0, 7]), ([], list(range(15)))):
        answers = seen.ablate(heads, patches)
        logits = ablated(model, image[None], [tuple(pair) for pair in heads], patches)[0]
        parts = (logits[:3].softmax(0), logits[3:].softmax(0))
        share = dict(zip(zip(["what"] * 3, "abc", strict=True), parts[0].tolist(), strict=True))
        share |= {("where", n): p for n, p in zip(TWO["where"], parts[1].tolist(), strict=True)}
        assert [answer[:2] for answer in answers[:4]] == before
        for question, name, found in answers:
            assert found == pytest.approx(share[question, name], abs=1e-12)
        for question in TWO:  # whoever is among the best two now is in the list
            now = sorted((p, key) for key, p in share.items() if key[0] == question)[-2:]
            assert {key for _, key in now} <= {answer[:2] for answer in answers}
        assert len({answer[:2] for answer in answers}) == len(answers)
        risen += len(answers) - 4
    assert risen > 0, "no answer rose: this test looked at nothing"


@pytest.mark.usefixtures("given")
def test_ablate_names_what_does_not_exist(model, image):
    seen = explain(model, image)
    with pytest.raises(ValueError, match="heads: there are layers 0 to 2"):
        seen.ablate([(5, 0)], [])
    with pytest.raises(ValueError, match="patches must be ints from 0 to 14, got 15"):
        seen.ablate([], [15])


# What it leaves, and what it holds


@pytest.mark.usefixtures("given")
def test_nothing_is_left_behind(model, image):
    theirs = as_timm(model)
    theirs.blocks[1].attn.fused_attn = False
    before = image.clone()
    batch = image.reshape(1, *image.shape[-3:])
    explain(theirs, batch)
    with pytest.raises(ValueError, match="labels name 2 answers"):
        explain(theirs, image, labels=["a", "b"])
    assert not batch.requires_grad
    assert F.scaled_dot_product_attention is FUSED
    assert hooks_of(theirs) == []
    assert [block.attn.fused_attn for block in theirs.blocks] == [True, False, True]
    assert all(parameter.grad is None for parameter in theirs.parameters())
    assert not image.requires_grad
    assert torch.equal(image, before)


@pytest.mark.usefixtures("given")
def test_frozen_weights_and_switched_off_gradients(model, image):
    expected = explain(model, image).class_flows["relevance"]
    model.requires_grad_(False)
    with torch.no_grad():
        exactly(explain(model, image).class_flows["relevance"], expected)
    with torch.inference_mode():
        exactly(explain(model, image).class_flows["relevance"], expected)
        prepared = 1 * image  # as by a transformation: a tensor of inference mode, for good
    exactly(explain(model, prepared[None]).class_flows["relevance"], expected)


@pytest.mark.usefixtures("given")
def test_gradients_of_one_class_at_a_time(model, image, monkeypatch):
    """For ViT-B/16 those of five classes would be 110 MB, and the graph is not wanted after."""
    alive = []

    def count():
        gc.collect()
        like = ((1, 2, 16, 16), (1, 3, 2, 16, 16))
        found = (o for o in gc.get_objects() if type(o) is torch.Tensor)
        return sum(tuple(tensor.shape) in like for tensor in found)

    def watch(attention, gradients):
        alive.append((count(), weakref.ref(attention), weakref.ref(gradients)))
        return relevance(attention, gradients)

    before = count()
    monkeypatch.setattr("vitcourse.explanation.look.relevance", watch)
    seen = explain(model, image)
    assert len({number for number, *_ in alive}) == 1, "as many for the fifth as for the first"
    assert alive[0][0] > before, "something was counted"
    assert count() == before
    assert all(ref() is None for _, *refs in alive for ref in refs)
    assert seen.class_flows["relevance"].grad_fn is None


@pytest.mark.usefixtures("given")
def test_progress_while_maps_are_made(model, image, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "vitcourse.explanation.look.progress_bar", lambda *what: asked.append(what) or what[0]
    )
    explain(model, image)
    assert [(len(best), what) for best, what in asked] == [(5, "maps of answers")]


# What is wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": None}, "inputs=None: only the bundled model"),
        ({"inputs": "cat.jpg"}, "inputs must be a tensor of floats .*, got str; vitcourse.data"),
        ({"inputs": torch.zeros(3, 12, 20).byte()}, "tensor of floats .*, got torch.uint8"),
        ({"inputs": torch.zeros(12, 20)}, r"one image, \(C, H, W\) or .*, got \(12, 20\)"),
        ({"inputs": torch.zeros(2, 3, 12, 20)}, r"one image, .*, got \(2, 3, 12, 20\)"),
        ({"inputs": torch.full((3, 12, 20), math.nan)}, "inputs hold NaN or infinity"),
        ({"inputs": torch.zeros(3, 12, 16)}, "12 x 16"),
        ({"inputs": torch.zeros(1, 12, 20)}, "channels"),
        ({"picture": torch.zeros(3, 4, 4)}, "picture must be uint8 .*, got torch.float32 of shape"),
        ({"picture": torch.zeros(4, 4, 3).byte()}, r"picture must .* of shape \(4, 4, 3\)"),
        ({"picture": "a.png"}, r"picture must be uint8 of shape \(3, H, W\), got str"),
        ({"labels": NAMES[:6]}, "labels name 6 answers, but the model has 7"),
        ({"labels": TWO | {"how": ["x"]}}, "labels name 8 answers, but the model has 7"),
        ({"labels": "abcdefg"}, "labels must be a list of names or a dict of lists, got 'abcdefg'"),
        ({"labels": 7}, "labels must be a list of names or a dict of lists, got 7"),
        ({"labels": {"what": "abcdefg"}}, "labels: 'what' must have a list of names, got 'abcdefg"),
        ({"labels": TWO | {"why": []}}, r"labels: 'why' must have a list of names, got \[\]"),
        ({"classes": 0}, "classes must be a positive int, got 0"),
        ({"classes": 2.0}, "classes must be a positive int, got 2.0"),
        ({"model": nn.Linear(2, 2).eval()}, r"must be a ViT of vitcourse, .*\.linear\.Linear\."),
    ],
)
@pytest.mark.usefixtures("given")
def test_errors(arguments, message, model, image):
    with pytest.raises(ValueError, match=message):
        explain(**{"model": model, "inputs": image} | arguments)


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("build", [as_timm, as_torchvision])
def test_sizes_that_others_assert(build, image):
    with pytest.raises(ValueError, match=r"inputs of shape \(1, 3, 12, 24\): the model fails .*12"):
        explain(build(small(12)), torch.zeros(3, 12, 24).double())


@pytest.mark.usefixtures("given")
def test_training_mode_and_broken_models(model, image):
    with pytest.raises(ValueError, match=r"in training mode, .*: call model.eval\(\)"):
        explain(model.train(), image)
    with torch.no_grad():
        model.eval().head.bias[3] = math.inf
    with pytest.raises(ValueError, match="model answers with NaN or infinity"):
        explain(model, image)
    theirs = as_timm(small())
    theirs.head = nn.Unflatten(1, (4, 4))
    with pytest.raises(ValueError, match=r"logits of shape \(1, num_classes\), got \(1, 4, 4\)"):
        explain(theirs, image)


@pytest.mark.usefixtures("given")
def test_a_size_that_it_was_not_built_for(image):
    """timm can; then the grid is the images', not the model's."""
    theirs = as_timm(small(), dynamic_img_size=True)
    larger = torch.randn(3, 24, 40, dtype=torch.float64)
    shown = explain(theirs, larger)
    assert shown.grid == (6, 10)
    exactly(shown.attention, attention_maps(theirs, larger[None])[0])


@pytest.mark.usefixtures("given")
def test_attention_that_cannot_be_reached(model, image):
    attn = model.encoder.blocks[1].attn
    written_out = type(attn).forward
    attn.forward = lambda x: written_out(attn, x, return_weights=True)[0]
    with pytest.raises(RuntimeError, match=r"no attention weights from blocks \[1\]"):
        explain(model, image)
    assert F.scaled_dot_product_attention is FUSED


# With the explorer itself


def test_the_explorer_makes_a_page_and_names_are_escaped(model, image):
    hostile = "<img src=x onerror=alert(1)>"
    explorer = explain(model, image, labels=[hostile, *NAMES[1:]], classes=7, title=hostile)
    assert repr(explorer) == "Explorer(3 layers, 2 heads, 3 x 5 patches)"
    page = explorer.to_html()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert hostile not in page
    assert "</html>" in page
