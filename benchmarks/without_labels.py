"""What MAE learns from scenes without labels, and how long it stays an advantage.

    python -m benchmarks.without_labels [--quick] [--out FILE]

For each of three seeds a masked autoencoder is trained as in notebook 11. Then its patches are
asked what a patch is made of (object or background) and which shape stands in a cell: from three
principal components, from clusters, and by linear probes with few and many labelled scenes. Pixels,
a random model and chapter 7's model, which was trained with labels, are asked the same. At
last the whole model is fine-tuned to name shapes from few and many labelled scenes, and so is one
with random weights, each at the learning rate that does best on scenes held out for this choice.

What notebook 11 shows is written to vitcourse/results/without_labels.json after each run. Stopped
and started again, the command goes on where it was. --quick writes nothing unless --out is given.
"""

import argparse
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.keeping import Results, stored_file
from vitcourse.data import SHAPES, Scenes, cells, scenes
from vitcourse.exercises.course_answers import k_means, linear_probe, principal_components
from vitcourse.model import VisionTransformer, patchify
from vitcourse.model.masked import hidden_loss, random_visible
from vitcourse.model.masked_autoencoder import MaskedAutoencoder
from vitcourse.training import Recipe, scene_questions, scene_task, small_vit, to_input, train
from vitcourse.training.without_labels import MASKED, train_without_labels

PATCH, VISIBLE, CLUSTERS = 8, 9, 8
TEST, HELD_OUT, TO_CHOOSE_BY, TO_LEARN_FROM = 110, 111, 112, 120  # seeds of scenes; + a run's seed
MAE, RANDOM, PIXELS, LABELS = "MAE", "random weights", "pixels", "trained with labels"
TUNING = Recipe(batch_size=32, warmup_steps=20, precision="float32", use_muon=False)
RATES = (3e-4, 1e-3, 3e-3)  # adamw_lr to try


@dataclass(frozen=True)
class Size:
    """How large the experiment is."""

    steps: int = MASKED.steps
    labelled: tuple[int, ...] = (1, 10, 500)  # scenes, for probes
    tuned_with: tuple[int, ...] = (100, 500, 2000)  # scenes, for fine-tuning
    tuning_steps: int = 300
    tested: int = 500
    seeds: int = 3


QUICK = Size(steps=4, labelled=(2, 10), tuned_with=(8,), tuning_steps=2, tested=20, seeds=1)


# What is where --------------------------------------------------------------------------------


def object_patches(shown: Scenes) -> Tensor:
    """Which patches belong to a shape or to the dot: (n, N) bool. A cell is 2 x 2 patches."""
    covered = shown.target_mask | shown.distractor_mask | shown.dot_mask
    return F.max_pool2d(covered.float()[:, None], PATCH).flatten(1).bool()


def target_patches(shown: Scenes, grid: int = 3) -> Tensor:
    """The four patches of the cell that the dot asks for, as numbers: (n, 4)."""
    corner = torch.tensor([2 * row * 2 * grid + 2 * column for row, column in cells(grid)])
    return corner[shown.where][:, None] + torch.tensor([0, 1, 2 * grid, 2 * grid + 1])


@torch.inference_mode()
def patch_features(model: VisionTransformer, images: Tensor) -> Tensor:
    """What leaves the encoder at each patch, with all of them visible: (n, N, D)."""
    parts = [model.forward_features(to_input(part))[:, 1:] for part in images.split(100)]
    return torch.cat(parts)


def balanced_accuracy(said: Tensor, truth: Tensor) -> float:
    """The mean of the shares of each class that are right; guessing is one half for two classes."""
    shares = [(said[truth == kind] == kind).float().mean() for kind in truth.unique()]
    return round(torch.stack(shares).mean().item(), 4)


# Questions to the features --------------------------------------------------------------------


def by_components(features: Tensor, objects: Tensor) -> float:
    """Object or background, by a linear layer on three components; half of the scenes teach it."""
    few = principal_components(features.flatten(0, 1), 3)
    return by_probe(few, objects.flatten(), len(features) // 2 * features.shape[1])


def by_probe(features: Tensor, labels: Tensor, taught: int) -> float:
    """A linear probe taught by the first `taught` rows, asked about all the others."""
    rows = torch.arange(len(features))
    said = linear_probe(features, labels.long(), rows[:taught], rows[taught:]).argmax(1)
    return balanced_accuracy(said, labels.long()[taught:])


def by_clusters(features: Tensor, objects: Tensor, seed: int) -> float:
    """Object or background, if each cluster is named after most of its patches."""
    rows, truth = features.flatten(0, 1), objects.flatten()
    generator = torch.Generator().manual_seed(seed)
    start = rows[torch.randperm(len(rows), generator=generator)[:CLUSTERS]]
    labels, _ = k_means(rows, start, 30)
    counts = torch.stack([(labels == k)[truth].sum() for k in range(CLUSTERS)])
    sizes = torch.stack([(labels == k).sum() for k in range(CLUSTERS)])
    return balanced_accuracy((2 * counts > sizes)[labels], truth)


def examine(features_of, size: Size, seed: int) -> dict:
    """All questions to one kind of features; `features_of(images)` are (n, N, D)."""
    test = scenes(size.tested, seed=TEST)
    asked = features_of(test.images)
    found: dict = {"components": by_components(asked[:100], object_patches(test)[:100])}
    found["clusters"] = by_clusters(asked[:100], object_patches(test)[:100], seed)
    found["objects"], found["shapes"] = {}, {}
    given = scenes(max(size.labelled), seed=TO_LEARN_FROM + seed)
    seen = features_of(given.images)
    for count in size.labelled:
        rows = torch.cat([seen[:count], asked]).flatten(0, 1)
        truth = torch.cat([object_patches(given)[:count], object_patches(test)]).flatten()
        taught = count * seen.shape[1]
        found["objects"][str(count)] = by_probe(rows, truth, taught)
        if count > 1:  # one scene shows one shape of eight
            kinds = torch.cat([given.what[:count], test.what])
            both = torch.cat([in_cell(seen, given)[:count], in_cell(asked, test)])
            found["shapes"][str(count)] = by_probe(both, kinds, count)
    return found


def in_cell(features: Tensor, shown: Scenes) -> Tensor:
    """The features of the four patches of the target's cell, one after the other: (n, 4 * D)."""
    places = target_patches(shown)[:, :, None].expand(-1, -1, features.shape[2])
    return features.gather(1, places).flatten(1)


# Training ---------------------------------------------------------------------------------------


def train_masked(size: Size, seed: int):
    """A trained autoencoder, its losses and its processor seconds."""
    torch.manual_seed(seed)
    model = MaskedAutoencoder(small_vit(num_classes=0))
    batch_at = scene_task(MASKED.batch_size, seed)

    def loss_of(images: Tensor) -> Tensor:
        visible = random_visible(len(images), 36, VISIBLE)
        return hidden_loss(model(images, visible), images, visible, PATCH)

    warmup = min(MASKED.warmup_steps, size.steps // 2)
    recipe = replace(MASKED, steps=size.steps, warmup_steps=warmup, seed=seed)
    began = time.process_time()
    history = train_without_labels(
        model, loss_of, lambda step: batch_at(step)[0], recipe, progress=False
    )
    return model, history.loss, time.process_time() - began


def train_with_labels(size: Size, seed: int) -> VisionTransformer:
    """Chapter 7's model, which has seen scenes of the same kind and was told their labels."""
    torch.manual_seed(seed)
    model, usual = small_vit(), Recipe(precision="float32", seed=seed)
    steps = min(usual.steps, size.steps)
    recipe = replace(usual, steps=steps, warmup_steps=min(usual.warmup_steps, steps // 2))
    batch_at = scene_task(recipe.batch_size, seed)
    train(model, batch_at, recipe, questions=scene_questions(), progress=False, device="cpu")
    return model


@torch.inference_mode()
def hidden_patches(model: MaskedAutoencoder, size: Size) -> dict[str, float]:
    """The loss of hidden patches: of shapes with a visible patch of the same shape, of shapes
    without one, and of the background."""
    test = scenes(size.tested, seed=TEST)
    visible = random_visible(size.tested, 36, VISIBLE, generator=torch.Generator().manual_seed(0))
    images = to_input(test.images)
    errors = patch_errors(model(images, visible), images)
    shown = torch.zeros_like(errors, dtype=torch.bool).scatter(1, visible, True)
    shapes = F.max_pool2d((test.target_mask | test.distractor_mask).float()[:, None], PATCH)
    shapes = shapes.flatten(1).bool()
    cells_shown = F.max_pool2d(shown.float().view(-1, 1, 6, 6), 2)
    helped = F.interpolate(cells_shown, scale_factor=2.0).flatten(1).bool()
    kinds = {
        "a visible sibling": shapes & helped & ~shown,
        "no visible sibling": shapes & ~helped & ~shown,
        "background": ~object_patches(test) & ~shown,
    }
    return {kind: round(errors[chosen].mean().item(), 4) for kind, chosen in kinds.items()}


def patch_errors(predicted: Tensor, images: Tensor) -> Tensor:
    """Each patch's part of `hidden_loss`: (B, N)."""
    patches = patchify(images, PATCH)
    mean, variance = patches.mean(2, keepdim=True), patches.var(2, keepdim=True)
    return (predicted - (patches - mean) / (variance + 1e-6).sqrt()).square().mean(2)


def baselines(size: Size) -> dict[str, float]:
    """The loss of guesses that need no model: on hidden patches, with targets as in training."""
    images = to_input(scenes(size.tested, seed=TEST).images)
    others = patchify(to_input(scenes(2000, seed=HELD_OUT).images), PATCH)
    visible = random_visible(len(images), 36, VISIBLE, generator=torch.Generator().manual_seed(0))
    target = normalised(patchify(images, PATCH))
    places = visible[:, :, None].expand(-1, -1, target.shape[2])
    guesses = {
        "flat": torch.zeros_like(target),
        "the mean of the visible": target.gather(1, places).mean(1, keepdim=True).expand_as(target),
        "the mean of the place": normalised(others).mean(0).expand_as(target),
    }
    return {
        name: round(hidden_loss(guess, images, visible, PATCH).item(), 4)
        for name, guess in guesses.items()
    }


def normalised(patches: Tensor) -> Tensor:
    variance = patches.var(2, keepdim=True)
    return (patches - patches.mean(2, keepdim=True)) / (variance + 1e-6).sqrt()


# Fine-tuning ------------------------------------------------------------------------------------


class ShapeReader(nn.Module):
    """Names the shape in the middle of a scene that has been rolled there: (B, 8)."""

    def __init__(self, vit: VisionTransformer) -> None:
        super().__init__()
        self.vit = vit
        self.head = nn.Linear(4 * vit.config["embed_dim"], len(SHAPES))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, images: Tensor) -> Tensor:
        """The last channel says which patches are meant: 1 in the cell, 0 elsewhere."""
        tokens = self.vit.forward_features(images[:, :3])[:, 1:]
        meant = F.max_pool2d(images[:, 3:], PATCH).flatten(1) > 0
        return self.head(tokens[meant].view(len(images), -1))


def with_cell(shown: Scenes) -> Tensor:
    """Images as floats with a fourth channel that is 1 in the target's cell: (n, 4, H, W)."""
    images = to_input(shown.images)
    meant = torch.zeros(len(images), 36).scatter(1, target_patches(shown), 1.0)
    channel = F.interpolate(meant.view(-1, 1, 6, 6), scale_factor=float(PATCH))
    return torch.cat([images, channel], dim=1)


def fine_tune(vit: VisionTransformer, rate: float, given: Scenes, size: Size, seed: int):
    """Names of shapes, learned from these scenes with all weights."""
    torch.manual_seed(seed)
    reader, images = ShapeReader(vit), with_cell(given)

    def batch_at(step: int) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(len(images), (TUNING.batch_size,))
        return images[chosen], given.what[chosen]

    warmup = min(TUNING.warmup_steps, size.tuning_steps // 2)
    recipe = replace(TUNING, steps=size.tuning_steps, warmup_steps=warmup, adamw_lr=rate, seed=seed)
    train(reader, batch_at, recipe, questions={"what": 8}, progress=False, device="cpu")
    return reader


@torch.inference_mode()
def names_right(reader: ShapeReader, asked: Scenes) -> float:
    said = torch.cat([reader(part).argmax(1) for part in with_cell(asked).split(100)])
    return round((said == asked.what).float().mean().item(), 4)


def fresh(seed: int) -> VisionTransformer:
    torch.manual_seed(seed)
    return small_vit(num_classes=0)


def copied(model: VisionTransformer) -> VisionTransformer:
    copy = small_vit(num_classes=0)
    copy.load_state_dict(model.state_dict())
    return copy


def choose_rates(results: Results, size: Size, trained: VisionTransformer) -> None:
    """Try each learning rate once, with the most scenes; note which was best of each start."""
    given, held_out = scenes(max(size.tuned_with), TO_CHOOSE_BY), scenes(size.tested, HELD_OUT)
    tried = results.content.setdefault("rates", {MAE: {}, RANDOM: {}})
    for name, of_one in tried.items():
        for rate in RATES:
            if str(rate) not in of_one:
                start = copied(trained) if name == MAE else fresh(0)
                reader = fine_tune(start, rate, given, size, seed=0)
                of_one[str(rate)] = names_right(reader, held_out)
                results.write()
                say(f"{name}, {rate:g}", of_one[str(rate)])


def tune(results: Results, size: Size, trained: VisionTransformer, seed: int) -> list[dict]:
    """Fine-tuning from MAE's weights and from random ones, with few and many scenes."""
    test, runs = scenes(size.tested, seed=TEST), []
    for count in size.tuned_with:
        given = scenes(count, seed=TO_LEARN_FROM + seed)
        for name, of_one in results.content["rates"].items():
            rate = float(max(of_one, key=of_one.get))
            start = copied(trained) if name == MAE else fresh(seed)
            right = names_right(fine_tune(start, rate, given, size, seed), test)
            runs.append({"start": name, "scenes": count, "others": {"what": right}})
            say(f"{name}, {count} labelled scenes, seed {seed}", right)
    return runs


def in_parts(losses: list[float], length: int = 25) -> list[float]:
    parts = [losses[start : start + length] for start in range(0, len(losses), length)]
    return [round(sum(part) / len(part), 4) for part in parts]


def one_seed(results: Results, size: Size, seed: int) -> dict:
    """Train, look, probe, tune: all that is stored about one seed."""
    model, losses, seconds = train_masked(size, seed)
    say(f"MAE, seed {seed}, {seconds:.0f} s: loss", in_parts(losses)[-1])
    trained, untrained = model.encoder, fresh(seed).eval()
    supervised = train_with_labels(size, seed)
    examined = {
        LABELS: examine(lambda images: patch_features(supervised, images), size, seed),
        MAE: examine(lambda images: patch_features(trained, images), size, seed),
        RANDOM: examine(lambda images: patch_features(untrained, images), size, seed),
        PIXELS: examine(lambda images: patchify(to_input(images), PATCH), size, seed),
    }
    for name, found in examined.items():
        print(name, found, flush=True)
    choose_rates(results, size, trained)
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "loss": in_parts(losses),
        "hidden": hidden_patches(model, size),
        "examined": examined,
        "tuned": tune(results, size, trained, seed),
    }


def say(what: str, number: float) -> None:
    print(f"{what:<48} {number:.3f}", flush=True)


def settings(size: Size) -> dict:
    return {"size": asdict(size), "recipe": asdict(MASKED), "rates": RATES}


def run(size: Size, out: Path | None) -> Results:
    results = Results(out, "python -m benchmarks.without_labels", settings(size))
    results.content.setdefault("baselines", baselines(size))
    for seed in range(size.seeds):
        if not results.has(seed=seed):
            results.add(one_seed(results, size, seed))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.without_labels", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a rehearsal: a few steps of each")
    parser.add_argument("--out", type=Path, help="the file to write, and to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    usual = None if arguments.quick else stored_file("without_labels")
    run(QUICK if arguments.quick else Size(), arguments.out or usual)


if __name__ == "__main__":
    main()
