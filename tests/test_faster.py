"""`faster`: never slower, never other logits, nothing left behind, and maps see what they saw."""

import copy
import math
from contextlib import contextmanager

import pytest
import torch
from torch import nn

import vitcourse
from vitcourse import threads
from vitcourse.inference import Faster, choice, faster, measure, options
from vitcourse.inference.measure import AGAIN, PLAIN, fastest, scatter
from vitcourse.inference.report import Row
from vitcourse.maps import attention_maps, capture, randomise_weights
from vitcourse.model import VisionTransformer

SIZES = {"embed_dim": 32, "depth": 2, "num_heads": 4, "mlp_dim": 64}
onednn = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="no oneDNN here")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Real times are noise in a test: rounds are few, and `wins` says who wins."""
    monkeypatch.setattr(measure, "ROUNDS", 2)
    monkeypatch.setattr(measure, "SAMPLE_SECONDS", 1e-4)
    monkeypatch.setattr(measure, "HOPELESS", 1000)
    monkeypatch.setattr(measure, "matrix_rate", lambda dtype, device: 1e11)
    monkeypatch.setattr(measure, "fastest", lambda times: PLAIN)


@pytest.fixture
def wins(monkeypatch):
    def winner(name):
        monkeypatch.setattr(measure, "fastest", lambda times: name if name in times else PLAIN)

    return winner


@pytest.fixture
def model():
    torch.manual_seed(0)
    return VisionTransformer(16, 4, num_classes=7, **SIZES).eval()


@pytest.fixture
def images():
    return torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def answers(model, images):
    output = model(images)
    return getattr(output, "logits", output)


def snapshot(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(state, others):
    return state.keys() == others.keys() and all(torch.equal(state[k], others[k]) for k in state)


def traces(model):
    """What an option might leave behind."""
    return [
        (sorted(vars(module)), len(module._forward_hooks), len(module._forward_pre_hooks))
        for module in model.modules()
    ]


# Never slower: the choice, given made-up times ----------------------------------------------------

CALM = {PLAIN: [10.0] * 8, AGAIN: [10.0, 10.1, 9.9, 10.0] * 2}
BUSY = {PLAIN: [10.0] * 8, AGAIN: [8.0, 12.0, 11.0, 9.0] * 2}


@pytest.mark.parametrize(
    ("times", "best"),
    [
        (CALM | {"a": [9.0] * 8}, "a"),
        (CALM | {"a": [9.0] * 8, "b": [8.0] * 8}, "b"),
        (CALM | {"a": [9.99] * 8}, PLAIN),  # within the noise
        (CALM | {"a": [12.0] * 8}, PLAIN),
        (BUSY | {"a": [9.0] * 8}, PLAIN),  # the same win, but the machine is busy
        (BUSY | {"a": [4.0] * 8}, "a"),
        (CALM | {"a": [5.0] * 5 + [30.0] * 3}, PLAIN),  # too often slower
        (CALM | {"a": [9.0] * 7 + [90.0]}, "a"),  # once somebody stood in its way
        (CALM, PLAIN),
    ],
)
def test_only_a_clear_winner_wins(times, best):
    assert fastest(times) == best


def test_the_same_twice_is_no_winner():
    assert scatter(CALM) < 0.02 < 0.1 < scatter(BUSY)
    assert fastest({PLAIN: [10.0] * 8, AGAIN: [1.0] * 8}) == PLAIN


def test_all_take_turns(monkeypatch):
    monkeypatch.setattr(measure, "ROUNDS", 3)
    taken = []

    def way(name):
        @contextmanager
        def on():
            taken.append(name)
            yield

        return on

    ways = {name: way(name) for name in (PLAIN, AGAIN, "a")}
    times = measure.take_turns(ways, lambda: None, measure.time.perf_counter)
    rounds = [taken[1 + 3 * i : 4 + 3 * i] for i in range(3)]
    assert [len(taken) for taken in times.values()] == [3, 3, 3]
    assert all(set(names) == set(ways) for names in rounds)
    assert {names[0] for names in rounds} == set(ways), "nobody is always first"


# What is kept, and what is not --------------------------------------------------------------------


def test_nothing_stays_on_where_nothing_wins(model, images):
    before, left = snapshot(model), traces(model)
    table = vitcourse.faster(model, images)
    assert (table.kept, table.time) == ([], 1.0)
    assert same(before, snapshot(model))
    table.restore()
    assert traces(model) == left


@onednn
def test_the_fastest_stays_on_until_restored(model, images, wins):
    wins(choice.PACKED)
    before, left, expected = snapshot(model), traces(model), answers(model, images)
    table = faster(model, images)
    assert table.kept == [choice.PACKED]
    assert isinstance(model.head.forward, options.PackedLinear)
    assert (answers(model, images) - expected).abs().max() <= 1e-5
    assert same(before, snapshot(model))
    table.restore()
    table.restore()  # twice does no harm
    assert traces(model) == left
    assert torch.equal(answers(model, images), expected)


@pytest.mark.parametrize("off", [1e-3, math.nan])
def test_other_logits_are_not_used(model, images, wins, monkeypatch, off):
    @contextmanager
    def wrong(model):
        hook = model.register_forward_hook(lambda model, inputs, logits: logits + off)
        yield
        hook.remove()

    monkeypatch.setattr(options, "channels_last", wrong)
    wins(choice.LAST)
    table = faster(model, images)
    assert table.kept == []
    assert row(table, choice.LAST).verdict == "not used: other logits"
    assert row(table, choice.LAST).ratio is None


def test_an_option_that_fails_is_told_and_the_others_tried(model, images, monkeypatch):
    @contextmanager
    def no_units(model):
        raise RuntimeError("bf16 path needs the cpu support avx512bw\nand more")
        yield

    monkeypatch.setattr(options, "bfloat16", no_units)
    table = faster(model, images, bf16=True)
    assert row(table, "bfloat16").verdict == "not here: bf16 path needs the cpu support avx512bw"
    assert row(table, choice.LAST).ratio > 0


def test_a_hopeless_option_is_not_measured(model, images, monkeypatch):
    monkeypatch.setattr(measure, "HOPELESS", 0)
    table = faster(model, images)
    assert row(table, choice.LAST).verdict == "much slower"
    assert row(table, choice.LAST).ratio is None


def test_what_is_not_asked_for_is_not_tried(model, images, monkeypatch):
    for name in ("bfloat16", "compiled"):
        monkeypatch.setattr(options, name, lambda model: pytest.fail("not asked for"))
    table = faster(model, images)
    assert row(table, "bfloat16").verdict == "not tried: needs bf16=True"
    assert row(table, "torch.compile").verdict == "not tried: needs compile=True"


def row(table: Faster, way: str) -> Row:
    return next(row for row in table.rows if row.way == way)


# bfloat16 -----------------------------------------------------------------------------------------


def test_bfloat16_and_back_to_the_last_bit(model, images, wins):
    wins("bfloat16")
    before, left, expected = snapshot(model), traces(model), answers(model, images)
    with faster(model, images, bf16=True) as table:
        logits = answers(model, images)
        assert table.kept == ["bfloat16"]
        assert model.head.weight.dtype == torch.bfloat16
        assert logits.dtype == torch.float32
        assert 0 < (logits - expected).abs().max() <= 0.03
    assert same(before, snapshot(model))
    assert traces(model) == left
    assert torch.equal(answers(model, images), expected)


def test_what_is_learned_in_bfloat16_is_not_lost(model, images, wins):
    wins("bfloat16")
    norm = model.encoder.norm.weight
    with faster(model, images, bf16=True), torch.no_grad():
        model.encoder.norm.weight.mul_(2)
    assert model.encoder.norm.weight is norm
    assert torch.equal(norm, torch.full((32,), 2.0))


# Weights that change, copies, gradients, maps -----------------------------------------------------


@onednn
def test_training_goes_on_as_if_nothing_had_happened(model, images, wins):
    wins(choice.PACKED)
    twin = copy.deepcopy(model)
    with faster(model, images):
        step(model, images)  # even without `restore`: gradients see the model as it is
        step(twin, images)
        assert torch.equal(answers(model, images), answers(twin, images)), "old weights are used"
    step(model, images)
    step(twin, images)
    assert same(snapshot(model), snapshot(twin))


def step(model, images):
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    model(images).square().mean().backward()
    optimiser.step()
    optimiser.zero_grad()


@onednn
@pytest.mark.parametrize("change", ["load", "replace", "data"])
def test_other_weights_are_noticed(model, images, wins, change):
    wins(choice.PACKED)
    other = VisionTransformer(16, 4, num_classes=7, **SIZES).eval()
    faster(model, images)
    if change == "load":
        model.load_state_dict(other.state_dict())
    for module, others in zip(model.modules(), other.modules(), strict=True):
        for name, parameter in list(module.named_parameters(recurse=False)):
            if change == "replace":
                setattr(module, name, getattr(others, name))
            elif change == "data":
                parameter.data = getattr(others, name).data
    assert torch.equal(answers(model, images), answers(other, images))


@onednn
def test_a_copy_is_a_plain_model(model, images, wins):
    wins(choice.PACKED)
    faster(model, images)
    forgot = randomise_weights(model)
    assert not isinstance(forgot.head.forward, options.PackedLinear)
    assert (answers(forgot, images) - answers(model, images)).abs().max() > 0.01


@onednn
def test_autocast_gets_what_it_would_without(model, images, wins):
    wins(choice.PACKED)
    with torch.autocast("cpu", torch.bfloat16):
        expected = answers(model, images)
        faster(model, images)
        assert torch.equal(answers(model, images), expected)


@pytest.mark.parametrize(
    ("name", "tolerance"), [(choice.PACKED, 1e-5), (choice.LAST, 1e-5), (choice.BF16, 0.01)]
)
def test_maps_are_the_plain_models(model, images, wins, name, tolerance):
    wins(name)
    expected = attention_maps(model, images)
    faster(model, images, bf16=True)
    assert (attention_maps(model, images) - expected).abs().max() <= tolerance


@onednn
def test_gradients_reach_the_maps(model, images, wins):
    wins(choice.PACKED)
    faster(model, images)
    with capture(model) as maps:
        score = model(images)[:, 0].sum()
    (gradient,) = torch.autograd.grad(score, maps[0])
    assert gradient.abs().max() > 0


def test_maps_of_a_compiled_model(model, images):
    expected = attention_maps(model, images)
    model._compiled_call_impl = lambda *_: pytest.fail("its hooks see nothing")
    with capture(model) as maps:
        model._call_impl(images)
        model(images)
    assert torch.allclose(torch.stack(list(maps.values()), 1), expected, atol=1e-6)
    assert model._compiled_call_impl is not None


# Other people's models, wrong arguments, threads, the table ---------------------------------------


def timm_vit():
    timm = pytest.importorskip("timm.models.vision_transformer")
    return timm.VisionTransformer(16, 4, embed_dim=32, depth=2, num_heads=4, num_classes=7)


def torchvision_vit():
    models = pytest.importorskip("torchvision.models")
    vit = models.VisionTransformer(16, 4, 2, 4, 32, 64, num_classes=7)
    nn.init.normal_(
        vit.heads.head.weight, std=0.05
    )  # torchvision begins with zeros, which hide all else
    return vit


def hugging_face_vit():
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        image_size=16, patch_size=4, num_labels=7,
    )  # fmt: skip
    return transformers.ViTForImageClassification(config)


@pytest.mark.parametrize("make", [timm_vit, torchvision_vit, hugging_face_vit])
@pytest.mark.parametrize("name", [choice.PACKED, choice.BF16])
def test_other_peoples_models(make, name, images, wins):
    wins(name)
    foreign = make().eval()
    before, left, expected = snapshot(foreign), traces(foreign), answers(foreign, images)
    with faster(foreign, images, bf16=True) as table:
        logits = answers(foreign, images)
        assert table.kept == [name]
        assert logits.dtype == torch.float32
        assert (logits - expected).abs().max() <= (0.03 if name == choice.BF16 else 1e-5)
    assert same(before, snapshot(foreign))
    assert traces(foreign) == left


def test_wrong_arguments_are_named(model, images):
    with pytest.raises(ValueError, match="model is in training mode"):
        faster(model.train(), images)
    with pytest.raises(ValueError, match=r"example must be .* got \(3, 16, 16\)"):
        faster(model.eval(), images[0])
    with pytest.raises(ValueError, match="20"):
        faster(model, torch.zeros(1, 3, 20, 20))
    assert "_faster" not in vars(model)


def test_an_interrupt_leaves_nothing_behind(model, images, monkeypatch):
    left = traces(model)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "fastest", interrupt)
    with pytest.raises(KeyboardInterrupt):
        faster(model, images, bf16=True)
    assert traces(model) == left


def test_a_second_call_begins_anew(model, images, wins):
    wins("bfloat16")
    before = snapshot(model)
    faster(model, images, bf16=True)
    table = faster(model, images, bf16=True)
    assert table.kept == ["bfloat16"]
    table.restore()
    assert same(before, snapshot(model))


def test_fewer_threads_where_nobody_chose(model, images, wins, monkeypatch):
    wins("1 thread")
    monkeypatch.setattr(threads, "somebody_chose", lambda: False)
    torchs = {"threads": 2}  # it only pretends to listen: two real ones may have to wait for a core
    monkeypatch.setattr(torch, "get_num_threads", lambda: torchs["threads"])
    monkeypatch.setattr(torch, "set_num_threads", lambda number: torchs.update(threads=number))
    with faster(model, images) as table:
        assert table.kept == ["1 thread"]
        assert torchs["threads"] == 1
    assert torchs["threads"] == 2
    monkeypatch.setattr(threads, "somebody_chose", lambda: True)
    assert faster(model, images).kept == []


def test_random_numbers_are_drawn_as_before(model, images):
    state = torch.get_rng_state()
    faster(model, images)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_table_in_words_and_in_html(model, images):
    table = faster(model, images)
    table.rows.append(Row("<b>", "not here: a & b"))
    assert str(table).splitlines()[0].split() == ["way", "ms", "time", "difference"]
    assert "GFLOP/s" in str(table)
    html = table._repr_html_()
    assert '<th scope="row">&lt;b&gt;</th>' in html
    assert "a &amp; b" in html


def test_a_matrix_product_has_a_rate(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(measure, "ROUNDS", 2)
    assert measure.matrix_rate(torch.float32, torch.device("cpu")) > 1e8
