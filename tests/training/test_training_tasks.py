"""What to train on: every step the same for the same seed, and what is said about it is true."""

import math

import pytest
import torch

from vitcourse.data import Pictures, scenes
from vitcourse.training import picture_task, scene_labels, scene_questions, scene_task, small_vit
from vitcourse.training.tasks import shift_and_mirror


def numbered(count: int, size: int = 16) -> Pictures:
    """Pictures that are told apart by their colour, which is their number, as is their label."""
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, size, size)
    return Pictures(images.clone(), torch.arange(count), tuple(map(str, range(count))))


# Scenes


def test_the_model_of_chapter_7_and_its_positions():
    torch.manual_seed(0)
    model = small_vit()
    sizes = {"image_size": 48, "patch_size": 8, "in_channels": 3, "num_classes": 16}
    sizes |= {"embed_dim": 64, "depth": 4, "num_heads": 4, "mlp_dim": 128, "dropout": 0.0}
    assert model.config == sizes
    assert model.positions.pos_embed.std().item() == pytest.approx(0.3, abs=0.02)
    assert model(torch.rand(2, 3, 48, 48)).shape == (2, 16)
    assert small_vit(28, 1, 10, patch_size=7)(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    with pytest.raises(ValueError, match="patch_size"):
        small_vit(28)


@pytest.mark.parametrize(("grid", "places"), [(3, 8), (5, 24), (6, 32)])
def test_questions_and_labels_of_scenes(grid, places):
    assert list(scene_questions(grid).items()) == [("what", 8), ("where", places)]
    made = scenes(300, grid=grid)
    labels = scene_labels(made)
    assert labels.dtype == torch.int64
    assert torch.equal(labels[:, 0], made.what)
    assert torch.equal(labels[:, 1], made.where)
    assert labels.amax(0).tolist() == [7, places - 1]


def test_scenes_follow_from_seed_and_step():
    batch_at = scene_task(4, seed=1)
    images, labels = batch_at(7)
    assert (images.shape, images.dtype, labels.shape) == ((4, 3, 48, 48), torch.uint8, (4, 2))
    batch_at(8)
    again = scene_task(4, seed=1)(7)
    assert torch.equal(again[0], images)
    assert torch.equal(again[1], labels)
    for other in (scene_task(4, seed=1)(8), scene_task(4, seed=2)(7), scene_task(4)(7)):
        assert not torch.equal(other[0], images)
    assert scene_task(2, grid=5, shapes=5)(0)[0].shape == (2, 3, 80, 80)


def test_no_two_seeds_share_a_step():
    steps = [(seed, step) for seed in (0, 1, 2) for step in (0, 1, 2, 2**20 - 2, 2**20 - 1)]
    made = {scene_task(1, seed)(step)[0].numpy().tobytes() for seed, step in steps}
    assert len(made) == len(steps)
    scene_task(1, seed=2047)(2**20 - 1)
    for seed in (-1, 2048, 1.0, True):
        with pytest.raises(ValueError, match="seed must be an int from 0 to 2,047, got"):
            scene_task(2, seed=seed)


# Pictures


def test_an_epoch_takes_each_picture_once_in_an_order_of_its_own():
    batch_at = picture_task(numbered(10), batch_size=3, seed=5)
    epochs = []
    for epoch in range(30):
        batches = [batch_at(3 * epoch + number) for number in range(3)]
        for images, labels in batches:
            assert images.dtype == torch.uint8
            assert torch.equal(images[:, 0, 0, 0].long(), labels)
        epochs.append(tuple(torch.cat([labels for _, labels in batches]).tolist()))
    assert all(len(set(epoch)) == 9 for epoch in epochs)
    assert len(set(epochs)) == 30
    left_out = [({*range(10)} - {*epoch}).pop() for epoch in epochs]
    assert len(set(left_out)) > 6  # not always the same one


def test_batches_do_not_depend_on_what_was_asked_before():
    pictures = numbered(40)
    first, second = (picture_task(pictures, 8, seed=3, augment=True) for _ in range(2))
    torch.manual_seed(1)
    forwards = [first(step) for step in range(20)]
    torch.manual_seed(2)
    before = torch.get_rng_state()
    backwards = [second(step) for step in reversed(range(20))][::-1]
    assert torch.equal(torch.get_rng_state(), before)  # none of torch's own numbers are used
    for (images, labels), (others, answers) in zip(forwards, backwards, strict=True):
        assert torch.equal(images, others)
        assert torch.equal(labels, answers)
    for other in (picture_task(pictures, 8, seed=4), picture_task(pictures, 8)):
        assert not torch.equal(other(0)[1], forwards[0][1])


def test_the_pictures_themselves_stay_as_they_are():
    torch.manual_seed(0)
    images = torch.randint(256, (12, 1, 16, 16), dtype=torch.uint8)
    pictures = Pictures(images.clone(), torch.arange(12), ("a",) * 12)
    for augment in (True, False):
        batch, _ = picture_task(pictures, 4, augment=augment)(0)
        batch.zero_()
    assert torch.equal(pictures.images, images)


def test_shifts_and_mirrors_are_what_they_are_said_to_be():
    height, width, count = 16, 24, 2000
    picture = torch.randint(256, (3, height, width), dtype=torch.uint8)
    images = picture.expand(count, -1, -1, -1)
    new = shift_and_mirror(images, torch.Generator().manual_seed(0))
    assert (new.shape, new.dtype) == (images.shape, torch.uint8)
    rows, columns = torch.arange(height), torch.arange(width)
    seen = {}
    for dy in range(-2, 3):
        for dx in range(-3, 4):
            for mirror in (False, True):
                # Moved, with the outermost row and column repeated: said in another way.
                padded = torch.nn.functional.pad(picture.float(), (3, 3, 2, 2), "replicate").byte()
                moved = padded[:, rows + 2 + dy][:, :, columns + 3 + dx]
                moved = moved.flip(2) if mirror else moved
                seen[dy, dx, mirror] = (new == moved).flatten(1).all(1).sum().item()
    assert sum(seen.values()) == count  # each is one of these
    assert len(seen) == 70
    assert min(seen.values()) > 0.3 * count / 70  # and each of these comes
    mirrored = sum(number for (*_, mirror), number in seen.items() if mirror)
    assert abs(mirrored - count / 2) < 4 * math.sqrt(count) / 2


def test_mirrored_only():
    images = torch.arange(200 * 8 * 16).remainder(251).to(torch.uint8).view(200, 1, 8, 16)
    new = shift_and_mirror(images, torch.Generator().manual_seed(0), shift=False)
    same, mirrored = ((new == other).flatten(1).all(1) for other in (images, images.flip(3)))
    assert (same ^ mirrored).all()
    assert 60 < mirrored.sum() < 140
    pictures = Pictures(images, torch.arange(200), ("a",) * 200)
    batch, labels = picture_task(pictures, 100, augment=True, shift=False)(0)
    same, mirrored = (
        (batch == other[labels]).flatten(1).all(1) for other in (images, images.flip(3))
    )
    assert (same ^ mirrored).all()
    assert mirrored.any()


def test_without_augment_nothing_is_changed_and_with_it_the_order_stays():
    torch.manual_seed(0)
    images = torch.randint(256, (20, 3, 16, 16), dtype=torch.uint8)
    pictures = Pictures(images, torch.arange(20), tuple("abcdefghijklmnopqrst"))
    plain, labels = picture_task(pictures, 10)(0)
    changed, same_labels = picture_task(pictures, 10, augment=True)(0)
    assert torch.equal(plain, images[labels])
    assert torch.equal(labels, same_labels)
    assert not torch.equal(plain, changed)


def test_a_picture_is_changed_in_another_way_in_every_epoch():
    torch.manual_seed(0)
    one = Pictures(torch.randint(256, (1, 1, 16, 16), dtype=torch.uint8), torch.zeros(1).long(), ())
    batch_at = picture_task(one, 1, augment=True)
    assert len({batch_at(step)[0].numpy().tobytes() for step in range(40)}) > 20  # of 50


@pytest.mark.parametrize("size", [0, 11, 2.0, True])
def test_a_batch_larger_than_the_set_is_refused(size):
    with pytest.raises(ValueError, match="batch_size must be an int from 1 to 10, got"):
        picture_task(numbered(10), size)
    assert len(picture_task(numbered(10), 10)(0)[0]) == 10
