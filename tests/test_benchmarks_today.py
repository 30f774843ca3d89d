"""The experiments of chapter 12: one change at a time, resumable, and as the notebook says."""

import json

import jupytext
import pytest
import torch

from benchmarks import today
from benchmarks.today import CANVAS, VARIANTS, Size, Variant, edge_to_edge, on_canvas, run
from vitcourse.data import scenes
from vitcourse.model import patch_angles, resize_positions
from vitcourse.results import stored
from vitcourse.training import small_vit, to_input
from vitcourse.workshop.build import NOTEBOOKS

TINY = Size(steps=2, asked_at=(1, 2), tested=8, seeds=1)


def test_it_goes_on_where_it_stopped(monkeypatch, tmp_path):
    few = {name: VARIANTS[name] for name in ("base", "RoPE")}
    monkeypatch.setattr(today, "VARIANTS", few)
    file = tmp_path / "some.json"
    whole = run(TINY, file).content["runs"]
    assert [r["variant"] for r in whole] == list(few)
    assert list(whole[0]["at"]) == ["1", "2"]
    half = json.loads(file.read_text(encoding="utf-8"))
    half["runs"] = [{**half["runs"][0], "mark": 1}]
    file.write_text(json.dumps(half), encoding="utf-8")
    again = run(TINY, file).content["runs"]
    assert again[0]["mark"] == 1
    assert [r["at"] for r in again] == [r["at"] for r in whole]


def test_the_base_is_chapter_7s_model():
    torch.manual_seed(0)
    base = Variant()
    torch.manual_seed(0)
    original = small_vit()
    images = to_input(scenes(2).images)
    torch.testing.assert_close(base(images), original(images), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", [n for n in VARIANTS if n not in ("base", "base, rate x 3")])
def test_each_variant_is_another_model_or_recipe(name):
    build, recipe = VARIANTS[name]
    model, (_, usual) = build(), VARIANTS["base"]
    kinds = {type(module) for module in model.modules()}
    others = {type(module) for module in Variant().modules()}
    assert recipe != usual or kinds != others or model.coordinates is not None


def test_rms_norms_take_the_place_of_all_layer_norms():
    torch.manual_seed(0)
    base = Variant()
    torch.manual_seed(0)
    model = VARIANTS["RMSNorm"][0]()
    kinds = [type(module) for module in model.modules()]
    assert kinds.count(torch.nn.RMSNorm) == 2 * len(model.blocks) + 1
    assert torch.nn.LayerNorm not in kinds
    usual = base.state_dict()
    for name, weights in model.state_dict().items():  # of the same weights
        assert torch.equal(weights, usual[name]), name


def test_coordinates_of_the_usual_grid_are_the_same_both_ways():
    torch.testing.assert_close(today.same_pixels((6, 6)), patch_angles((6, 6), 16))
    large, usual = today.same_pixels((10, 10)), today.same_pixels((6, 6))
    middle = large.view(10, 10, -1)[2:8, 2:8].flatten(0, 1)
    torch.testing.assert_close(middle, usual)
    assert not torch.allclose(
        edge_to_edge((10, 10)).view(10, 10, -1)[2:8, 2:8].flatten(0, 1), usual
    )


def test_a_shift_of_all_places_changes_nothing_without_a_class_token():
    torch.manual_seed(0)
    images = to_input(scenes(2).images)
    for pool, least, most in (("mean", 0, 1e-4), ("cls", 1e-3, 100)):
        model = Variant(coordinates=edge_to_edge, pool=pool)
        before = model(images)
        model.shift = 2.0
        change = (model(images) - before).abs().max().item()
        assert least <= change <= most


def test_canvases_keep_every_cell_in_step_with_the_patches():
    given = scenes(2).images
    middle, apart = on_canvas(given, False), on_canvas(given, True)
    assert middle.shape == apart.shape == (2, 3, CANVAS, CANVAS)
    assert torch.equal(middle[:, :, 16:64, 16:64], given)
    for row in range(3):
        for column in range(3):
            y, x = 8 + 24 * row, 8 + 24 * column
            cell = given[:, :, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            assert torch.equal(apart[:, :, y : y + 16, x : x + 16], cell)


def test_the_notebook_draws_the_same_canvases():
    source = jupytext.read(NOTEBOOKS / "source" / "12_vit_of_today.py")
    (cell,) = (c.source for c in source.cells if c.source.startswith("def on_canvas"))
    names = {"torch": torch}
    exec(cell.split("\n\n\npair =")[0], names)
    given = scenes(1).images
    for apart in (False, True):
        ours, theirs = on_canvas(given, apart), names["on_canvas"](given, apart)
        assert torch.equal(ours[theirs != today.GREY], theirs[theirs != today.GREY])


def test_a_table_is_stretched_on_larger_images():
    model = Variant()
    images = to_input(on_canvas(scenes(1).images, False))
    table = resize_positions(model.pos_embed, (6, 6), (10, 10))
    expected = model.encoder(model.embed(images) + table)
    torch.testing.assert_close(model.forward_features(images), expected)


def test_stored_numbers_are_whole():
    found = stored("today")
    assert found["settings"]["parameters"] == {
        name: sum(p.numel() for p in build().parameters()) for name, (build, _) in VARIANTS.items()
    }
    about = [(r["variant"], r["seed"]) for r in found["runs"]]
    assert sorted(about) == sorted((name, seed) for name in VARIANTS for seed in range(3))


def test_the_notebook_says_what_was_measured():
    """The sentences of notebook 12 about the stored numbers; write new ones if this fails."""
    runs = stored("today")["runs"]

    def of(variant):
        return [r for r in runs if r["variant"] == variant]

    def at(variant, step, question):
        return [r["at"][str(step)][question] for r in of(variant)]

    def larger(variant, kind):
        return [r["larger"][kind]["where"] for r in of(variant)]

    # RoPE knows early where things are; what comes later; in the end all is level
    assert min(at("RoPE", 400, "where")) > 0.9
    assert max(at("base", 400, "where")) < 0.3
    assert max(at("RoPE", 400, "what")) < min(at("base", 400, "what"))
    for variant in ("base", "RoPE"):
        for question in ("what", "where"):
            assert min(at(variant, 1200, question)) > 0.97
    # a shift of all coordinates
    for r in of("RoPE"):
        assert r["shifted"]["0.0"]["where"] > 0.98
        assert r["shifted"]["2.0"]["where"] < 0.16  # no better than a guess
    for r in of("RoPE, mean"):
        assert r["shifted"]["2.0"]["where"] == r["shifted"]["0.0"]["where"] > 0.95
        assert r["shifted"]["2.0"]["change"] < 1e-3
    # coordinates decide
    assert min(larger("RoPE", "larger canvas, same pixels")) > 0.95
    assert max(larger("RoPE", "larger canvas")) < 0.8
    for variant in ("RoPE", "base"):
        assert min(larger(variant, "spread out")) > 0.95
    assert max(larger("RoPE", "spread out, same pixels")) < 0.8
    assert max(larger("base", "larger canvas")) < 0.85
    # QK-norm at three times the learning rate
    assert max(at("base, rate x 3", 1200, "where")) < 0.2
    assert max(at("base, rate x 3", 1200, "what")) < 0.92
    assert min(at("QK-norm, rate x 3", 1200, "what")) > 0.97
    low, *others = sorted(at("QK-norm, rate x 3", 1200, "where"))
    assert low < 0.2  # one of the three does not arrive
    assert min(others) > 0.95
    # LayerScale lags behind, and does not quite catch up
    assert sum(at("LayerScale", 400, "what")) < sum(at("base", 400, "what"))
    assert max(at("LayerScale", 1200, "what")) < min(at("base", 1200, "what"))
    # no long tokens; and what does not matter
    assert max(r["longest"] for r in of("base") + of("4 registers")) < 3
    for variant in ("4 registers", "SwiGLU", "QK-norm", "RMSNorm"):
        for question in ("what", "where"):
            assert min(at(variant, 1200, question)) > 0.98
    # QK-norm and RMSNorm look like the plain model on the way, too
    for variant in ("QK-norm", "RMSNorm"):
        for question in ("what", "where"):
            apart = sum(at(variant, 400, question)) - sum(at("base", 400, question))
            assert abs(apart) < 3 * 0.03
            assert min(at(variant, 400, question)) < sorted(at("base", 400, question))[1]
            assert max(at(variant, 400, question)) > sorted(at("base", 400, question))[1]
    # on the way: one run with registers and two with SwiGLU are early, the others are not
    for variant, early in (("4 registers", 1), ("SwiGLU", 2)):
        assert sum(share > 0.5 for share in at(variant, 400, "where")) == early
        assert sum(share < 0.3 for share in at(variant, 400, "where")) == 3 - early
