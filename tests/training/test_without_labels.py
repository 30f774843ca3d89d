"""Training on images alone, and the two models of chapter 11 that are trained that way."""

import math

import pytest
import torch

from vitcourse.model.masked import encode_visible, hidden_loss, random_visible
from vitcourse.model.masked_autoencoder import MaskedAutoencoder
from vitcourse.model.self_distillation import Answerer, SelfDistillation, two_entropies
from vitcourse.training import Recipe, scene_task, small_vit
from vitcourse.training.without_labels import train_without_labels

SHORT = Recipe(steps=6, batch_size=4, warmup_steps=2, precision="float32", use_muon=False)


def images_at(step):
    return scene_task(4)(step)[0]


def make_masked():
    torch.manual_seed(0)
    return MaskedAutoencoder(small_vit(num_classes=0))


def painting_loss(model):
    def loss_of(images):
        visible = random_visible(len(images), 36, 9)
        return hidden_loss(model(images, visible), images, visible, 8)

    return loss_of


def test_the_same_seed_trains_the_same_model_and_leaves_torchs_own_state_alone():
    ends = []
    for _ in range(2):
        model = make_masked()
        before = torch.get_rng_state()
        history = train_without_labels(
            model, painting_loss(model), images_at, SHORT, progress=False
        )
        assert torch.equal(before, torch.get_rng_state())
        ends.append((history.loss, model.paint.weight.clone()))
    assert ends[0][0] == ends[1][0]
    assert torch.equal(ends[0][1], ends[1][1])
    assert not model.training


def test_the_loss_falls_and_every_step_is_reported():
    model, told = make_masked(), []
    recipe = Recipe(steps=40, batch_size=4, warmup_steps=5, precision="float32", use_muon=False)
    history = train_without_labels(
        model,
        painting_loss(model),
        images_at,
        recipe,
        after_step=lambda: told.append("step"),
        on_step=lambda history: told.append(len(history)),
        progress=False,
    )
    assert told[:4] == ["step", 1, "step", 2]
    assert len(history) == 40
    assert sum(history.loss[-5:]) < sum(history.loss[:5]) - 0.5


def test_a_loss_that_is_not_finite_leaves_the_weights_alone():
    model = make_masked()
    before = model.paint.weight.clone()
    with pytest.raises(FloatingPointError, match=r"step 0: .*adamw_lr=0.004"):
        train_without_labels(
            model,
            lambda images: painting_loss(model)(images) * math.inf,
            images_at,
            SHORT,
            progress=False,
        )
    assert torch.equal(model.paint.weight, before)


def test_the_decoder_puts_each_token_at_its_own_place():
    model = make_masked().eval()
    model.decoder.blocks = torch.nn.ModuleList()  # no attention: each place paints its own
    images = torch.randn(2, 3, 48, 48)
    visible = torch.tensor([[1, 5, 30], [0, 2, 35]])
    tokens = encode_visible(model.encoder, images, visible)
    painted = model.decode(tokens, visible)
    other = model.decode(torch.cat([tokens[:, :2], tokens[:, 2:] + torch.randn(64)], 1), visible)
    changed = (painted != other).any(dim=2)
    assert changed.nonzero().tolist() == [[0, 5], [0, 30], [1, 2], [1, 35]]


def test_nothing_of_a_hidden_patch_reaches_the_painting():
    model = make_masked().eval()
    images, visible = torch.randn(1, 3, 48, 48), torch.tensor([[0, 7]])
    changed = images.clone()
    changed[:, :, 40:, 40:] += 9  # patch 35
    assert torch.equal(model(images, visible), model(changed, visible))


def test_only_the_student_learns_and_the_teacher_follows_slowly():
    torch.manual_seed(0)
    dino = SelfDistillation(Answerer(small_vit(num_classes=0), 8), teacher_momentum=0.9)
    slow, fast = dino.teacher.answers.clone(), dino.student.answers
    views = torch.randn(2, 4, 3, 48, 48)
    dino.loss(views[0], views[1]).backward()
    assert all(p.grad is None for p in dino.teacher.parameters())
    assert fast.grad is not None
    with torch.no_grad():
        fast += 1
    dino.follow()
    assert torch.allclose(dino.teacher.answers, slow + 0.1, atol=1e-6)


def test_each_view_is_answered_as_the_other_one():
    torch.manual_seed(0)
    dino = SelfDistillation(Answerer(small_vit(num_classes=0), 8), centre_momentum=None)
    one, other = torch.randn(2, 4, 3, 48, 48)
    said = [(dino.student(view) / 0.1).log_softmax(1) for view in (one, other)]
    wanted = [dino.answers(view) for view in (other, one)]
    losses = [-(w * s).sum(1).mean() for w, s in zip(wanted, said, strict=True)]
    assert dino.loss(one, other).item() == pytest.approx(sum(losses).item() / 2, rel=1e-5)


def test_the_centre_moves_towards_the_mean_answer_unless_it_is_left_out():
    for momentum, moves in ((0.9, True), (None, False)):
        torch.manual_seed(0)
        dino = SelfDistillation(Answerer(small_vit(num_classes=0), 8), centre_momentum=momentum)
        views = torch.randn(2, 4, 3, 48, 48)
        mean = dino.teacher(views.flatten(0, 1)).mean(0)
        dino.loss(views[0], views[1])
        expected = 0.1 * mean if moves else torch.zeros(8)
        assert torch.allclose(dino.centre, expected, atol=1e-6)


def test_two_entropies_tell_both_ways_to_collapse():
    alike = torch.eye(4)[[2, 2, 2]]
    assert two_entropies(torch.eye(4)) == (0, pytest.approx(math.log(4), abs=1e-3))
    assert two_entropies(alike) == (0, 0)
    even = two_entropies(torch.full((3, 4), 0.25))
    assert even == (pytest.approx(math.log(4), abs=1e-3), pytest.approx(math.log(4), abs=1e-3))
