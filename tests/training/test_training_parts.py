"""Schedule, optimizers, loss, accuracy, recipe: the parts of the loop."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.training.test_training_task import make_model
from vitcourse.training import (
    History,
    Recipe,
    evaluate,
    loss_and_accuracy,
    make_optimizers,
    schedule,
    smooth,
    to_input,
)
from vitcourse.training.muon import BatchedMuon, orthogonalise


def test_the_schedule_climbs_in_a_line_and_falls_like_a_cosine():
    factors = [schedule(step, 100, 20) for step in range(100)]
    assert factors[:4] == pytest.approx([0.05, 0.10, 0.15, 0.20])
    assert factors[19] == factors[20] == 1.0
    assert factors[60] == pytest.approx(0.5)
    assert factors[40] == pytest.approx(0.5 + math.sqrt(0.5) / 2)
    assert factors[20:] == sorted(factors[20:], reverse=True)
    assert 0 < factors[99] < 0.001
    assert schedule(0, 10, 0) == 1.0


def test_the_plateau_is_a_share_of_the_steps_after_the_warm_up():
    factors = [schedule(step, 100, 20, plateau=0.5) for step in range(100)]
    assert factors[:20] == [schedule(step, 100, 20) for step in range(20)]
    assert factors[19:61] == [1.0] * 42
    assert factors[60:] == [schedule(step, 40, 0) for step in range(40)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": 0}, "steps must be a positive int, got 0"),
        ({"steps": True}, "steps must be a positive int, got True"),
        ({"batch_size": 1.5}, "batch_size must be a positive int"),
        ({"seed": -1}, "seed must be an int of at least 0"),
        ({"steps": 50}, "warmup_steps must be less than steps=50, got 50"),
        ({"muon_lr": 0}, "muon_lr must be a number, more than 0"),
        ({"adamw_lr": math.nan}, "adamw_lr must be a number"),
        ({"clip": "1"}, "clip must be a number"),
        ({"weight_decay": -0.1}, "weight_decay must be a number, at least 0"),
        ({"precision": "float16"}, r"precision must be one of .*'bfloat16'.*, got 'float16'"),
        ({"muon_momentum": 1.0}, "muon_momentum must be from 0 to below 1, got 1.0"),
        ({"muon_momentum": math.nan}, "muon_momentum must be .* got nan"),
        ({"muon_momentum": "0.9"}, "muon_momentum must be .* got '0.9'"),
        ({"plateau": 1}, "plateau must be from 0 to below 1, got 1"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**wrong)
    Recipe(weight_decay=0, clip=math.inf)


def test_each_parameter_has_one_optimizer_and_only_matrices_decay():
    model = make_model()
    adamw, muon = make_optimizers(model, Recipe())
    decayed, others = (group["params"] for group in adamw.param_groups)
    names = {id(p): name for name, p in model.named_parameters()}
    assert {names[id(p)] for p in decayed} == {"head.weight"}
    assert {"class_token.cls_token", "positions.pos_embed"} < {names[id(p)] for p in others}
    assert (adamw.param_groups[0]["weight_decay"], adamw.param_groups[1]["weight_decay"]) == (
        Recipe().weight_decay,
        0,
    )
    shares = muon.param_groups[0]["params"]
    assert len(shares) == 1 + 2 * 6  # the patch filters; q, k, v, proj, fc1, fc2 of two blocks
    counted = sum(p.numel() for p in [*decayed, *others, *shares])
    assert counted == sum(p.numel() for p in model.parameters())

    (alone,) = make_optimizers(model, Recipe(use_muon=False))
    assert len(alone.param_groups[0]["params"]) == 2 + 2 * 4
    with pytest.raises(ValueError, match='no 2-D weights under "blocks" or "layers"; use_muon=Fal'):
        make_optimizers(nn.Sequential(nn.Linear(3, 2)), Recipe())


def test_muon_makes_q_k_and_v_orthogonal_each_for_itself():
    model = make_model()
    _, muon = make_optimizers(model, Recipe(weight_decay=0, muon_lr=1.0))
    weight = model.encoder.blocks[1].attn.qkv.weight
    before = weight.detach().clone()
    for block in model.encoder.blocks:
        for matrix in (block.attn.qkv, block.attn.proj, block.mlp.fc1, block.mlp.fc2):
            matrix.weight.grad = torch.randn_like(matrix.weight)
    weight.grad[:16] *= 100  # q's gradient must not drown the others'
    muon.step()
    for update in (before - weight.detach()).chunk(3):
        singular = torch.linalg.svdvals(update)
        assert singular.min() > 0.4
        assert singular.max() < 1.4


def test_batched_muon_is_muon():
    """torch's works in bfloat16, which is good to two or three digits; ours in float32."""
    shapes = [(6, 6), (12, 6), (6, 12), (6, 6), (6, 20)]
    theirs = [nn.Parameter(torch.randn(shape)) for shape in shapes]
    ours = [nn.Parameter(matrix.detach().clone()) for matrix in theirs]
    muon = torch.optim.Muon(theirs, lr=0.1, weight_decay=0.5)
    batched = BatchedMuon(ours, lr=0.1, weight_decay=0.5)
    for step in range(4):
        for matrix, other in zip(theirs, ours, strict=True):
            matrix.grad = other.grad = torch.randn_like(matrix) * 10**step
        ours[3].grad = theirs[3].grad = None if step == 2 else ours[3].grad
        before = ours[3].detach().clone()
        muon.step()
        batched.step()
        assert torch.equal(ours[3], before) == (step == 2)
    for matrix, other in zip(theirs, ours, strict=True):
        torch.testing.assert_close(other, matrix, rtol=0, atol=5e-3)
    assert batched.state_dict().keys() == muon.state_dict().keys()
    buffers = [o.state_dict()["state"][1]["momentum_buffer"] for o in (muon, batched)]
    assert torch.equal(*buffers)


def test_orthogonalise_brings_singular_values_near_one_and_keeps_directions():
    matrices = torch.randn(3, 8, 20)
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    for matrix, directions in zip(orthogonalise(matrices), u @ v, strict=True):
        singular = torch.linalg.svdvals(matrix)
        assert 0.6 < singular.min() < singular.max() < 1.3
        assert F.cosine_similarity(matrix.flatten(), directions.flatten(), dim=0) > 0.97


def test_a_block_without_gradients_is_left_alone():
    model = make_model()
    _, muon = make_optimizers(model, Recipe())
    before = model.encoder.blocks[0].mlp.fc1.weight.detach().clone()
    muon.step()
    assert torch.equal(model.encoder.blocks[0].mlp.fc1.weight, before)


def test_loss_is_the_mean_of_the_questions_and_accuracy_is_of_each():
    logits = torch.randn(5, 7)
    labels = torch.stack([torch.tensor([0, 1, 2, 0, 1]), torch.tensor([3, 2, 1, 0, 3])], dim=1)
    logits[:, :3] += 100 * F.one_hot(labels[:, 0], 3)
    logits[:, 3:] += 100 * F.one_hot((labels[:, 1] + torch.tensor([0, 1, 1, 1, 0])) % 4, 4)
    loss, right = loss_and_accuracy(logits, labels, {"what": 3, "where": 4})
    both = F.cross_entropy(logits[:, :3], labels[:, 0]) + F.cross_entropy(
        logits[:, 3:], labels[:, 1]
    )
    torch.testing.assert_close(loss, both / 2)
    assert right["what"] == 1
    assert right["where"] == pytest.approx(0.4)
    one, right = loss_and_accuracy(logits[:, :3], labels[:, 0])
    torch.testing.assert_close(one, F.cross_entropy(logits[:, :3], labels[:, 0]))
    assert right == {"class": 1}


@pytest.mark.parametrize(
    ("logits", "labels", "questions", "message"),
    [
        (torch.zeros(2, 5), torch.zeros(2, 2).long(), {"a": 3, "b": 3}, r"\(B, 6\) .*got \(2, 5\)"),
        (torch.zeros(2, 6), torch.zeros(2, 3).long(), {"a": 3, "b": 3}, r"shape \(2, 2\)"),
        (torch.zeros(2, 6), torch.zeros(2), None, r"int64 .*got torch.float32"),
        (
            torch.zeros(2, 6),
            torch.tensor([[0, 0], [0, 3]]),
            {"a": 3, "b": 3},
            "of 'b' must be 0 to",
        ),
        (torch.zeros(2, 6), torch.tensor([-1, 0]), None, "must be 0 to 5, got -1 to 0"),
    ],
)
def test_labels_that_do_not_fit_are_refused(logits, labels, questions, message):
    with pytest.raises(ValueError, match=message):
        loss_and_accuracy(logits, labels, questions)


class Echo(nn.Module):
    """Answers what the first pixels say."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images):
        assert not self.training
        return self.scale * images[:, :3, 0, 0]


def test_evaluate_weighs_a_short_last_batch_right_and_restores_the_mode():
    images = torch.eye(3).repeat(3, 1)[:, :, None, None]  # 9 images: 0 1 2 0 1 2 0 1 2
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 0, 0])  # the last two are wrong
    model = Echo().train()
    result = evaluate(model, images, labels, batch_size=7)
    assert result["class"] == pytest.approx(7 / 9)
    whole = F.cross_entropy(images[:, :, 0, 0], labels).item()
    assert result["loss"] == pytest.approx(whole)
    assert model.training
    with pytest.raises(ValueError, match="nothing to evaluate: 0 images"):
        evaluate(model, images[:0], labels[:0])


def test_bytes_become_minus_five_to_five_and_floats_stay():
    torch.testing.assert_close(to_input(torch.tensor([0, 255]).byte()), torch.tensor([-5.0, 5.0]))
    values = torch.randn(3)
    assert torch.equal(to_input(values), values)


def test_smooth_is_a_running_mean():
    assert smooth([1, 2, 3, 4], window=2) == [1, 1.5, 2.5, 3.5]
    assert smooth([]) == []
    assert str(History(5)) == "no step yet"
    history = History(5, loss=[1.0, 2.0], accuracy={"what": [0.25, 0.75]}, seconds=[1, 2])
    assert str(history) == "loss 1.500, what 50%"
