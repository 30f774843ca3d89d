"""A ViT and a convolutional network, trained for the same seconds on few scenes and on many.

    python -m benchmarks.architectures [--quick] [--out FILE]

The ViT takes the 1,200 steps of `Recipe()`, without a plateau. Each other network takes as many as
cost the same processor time, measured first, in turns, on one thread. Then each gets the learning
rate that does best on scenes held out for this choice; and then every network learns from every
amount of scenes with three seeds, which decide the scenes as well as the first weights.

What notebook 07 shows is written to vitcourse/results/architectures.json after each run. Stopped
and started again, the command goes on where it was. --quick writes nothing unless --out is given.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.keeping import Results, stored_file
from vitcourse.convolution import ConvNet
from vitcourse.data import Scenes, scenes
from vitcourse.training import (
    Recipe,
    evaluate,
    scene_labels,
    scene_questions,
    scene_task,
    small_vit,
    train,
)

VIT = Recipe(precision="float32")  # "auto" would depend on the machine
CNN = replace(VIT, use_muon=False)
TEST, HELD_OUT, TO_CHOOSE_BY, TO_LEARN_FROM = 0, 20, 30, 10  # seeds of scenes; + a run's seed
MIRRORED = torch.tensor([2, 1, 0, 4, 3, 7, 6, 5])  # where a mirror takes each place


@dataclass(frozen=True)
class Contestant:
    build: Callable[[], nn.Module]
    recipe: Recipe
    rates: tuple[float, ...]  # adamw_lr to try; muon_lr keeps its proportion to it


@dataclass(frozen=True)
class Size:
    """How large the experiment is."""

    steps: int = VIT.steps  # of the ViT
    counts: tuple[int, ...] = (500, 2000, 8000)  # of scenes to learn from
    chosen_with: int = 8000  # scenes, when learning rates are tried
    tested: int = 2000
    seeds: int = 3
    rounds: int = 5  # of the measurement of seconds per step


CONTESTANTS = {
    "ViT": Contestant(small_vit, VIT, (2e-3, 4e-3, 8e-3)),
    "CNN, map": Contestant(ConvNet, CNN, (1e-3, 3e-3, 1e-2)),
    "CNN, mean": Contestant(lambda: ConvNet(head="mean"), CNN, (1e-3, 3e-3, 1e-2)),
}
QUICK = Size(steps=30, counts=(64,), chosen_with=64, tested=64, seeds=1, rounds=1)


def augment(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Notebook 07's: half of the scenes mirrored, with their labels; channels exchanged."""
    colours = torch.rand(len(images), 3).argsort(1)
    images = images.gather(1, colours[:, :, None, None].expand_as(images))
    flip = torch.rand(len(images)) < 0.5
    images = torch.where(flip[:, None, None, None], images.flip(3), images)
    where = torch.where(flip, MIRRORED[labels[:, 1]], labels[:, 1])
    return images, torch.stack([labels[:, 0], where], dim=1)


def fixed_task(given: Scenes, augmented: bool, batch_size: int = VIT.batch_size):
    """A batch_at that draws from these scenes; `train` sets the seed in every step."""
    labels = scene_labels(given)

    def batch_at(step: int) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(len(labels), (batch_size,))
        images, answers = given.images[chosen], labels[chosen]
        return augment(images, answers) if augmented else (images, answers)

    return batch_at


def learn(contestant: Contestant, recipe: Recipe, batch_at) -> tuple[nn.Module, float]:
    """A trained model, and its processor seconds."""
    torch.manual_seed(recipe.seed)
    model = contestant.build()
    began = time.process_time()
    train(model, batch_at, recipe, questions=scene_questions(), progress=False, device="cpu")
    return model, time.process_time() - began


def right_answers(model: nn.Module, asked: Scenes) -> dict[str, float]:
    shares = evaluate(model, asked.images, scene_labels(asked), scene_questions())
    return {question: round(shares[question], 4) for question in scene_questions()}


def measure_steps(size: Size) -> dict[str, list[float]]:
    """Milliseconds a step of each, in rounds; the first round is warm-up and left out."""
    batch_at = fixed_task(scenes(256, seed=TO_CHOOSE_BY), augmented=False)
    taken: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    steps = min(40, size.steps)
    for turn in range(size.rounds + 1):
        for name, contestant in CONTESTANTS.items():
            recipe = replace(contestant.recipe, steps=steps, warmup_steps=0)
            _, seconds = learn(contestant, recipe, batch_at)
            if turn > 0:
                taken[name].append(round(1000 * seconds / steps, 2))
    return taken


def equal_steps(taken: dict[str, list[float]], steps: int) -> dict[str, int]:
    """The steps of each that cost as much as `steps` of the ViT, by the medians."""
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return {name: round(steps * medians["ViT"] / median) for name, median in medians.items()}


def choose_rates(results: Results, size: Size) -> None:
    """Try each learning rate once; note what it reached, and which was best of each."""
    learned = scenes(size.chosen_with, seed=TO_CHOOSE_BY)
    held_out = scenes(size.tested, seed=HELD_OUT)
    tried = results.content.setdefault("rates", {name: {} for name in CONTESTANTS})
    for name, contestant in CONTESTANTS.items():
        for rate in contestant.rates:
            if str(rate) in tried[name]:
                continue
            recipe = planned(results, name, rate)
            model, seconds = learn(contestant, recipe, fixed_task(learned, augmented=False))
            tried[name][str(rate)] = right_answers(model, held_out)
            results.write()
            say(f"{name}, {rate:g}", seconds, tried[name][str(rate)])
    results.content["recipes"] = {
        name: asdict(planned(results, name, best_rate(of_one))) for name, of_one in tried.items()
    }
    results.write()


def best_rate(tried: dict[str, dict[str, float]]) -> float:
    return float(max(tried, key=lambda rate: sum(tried[rate].values())))


def planned(results: Results, name: str, rate: float) -> Recipe:
    """The recipe of a network with its own number of steps and this learning rate."""
    recipe, steps = CONTESTANTS[name].recipe, results.content["steps"][name]
    muon_lr = recipe.muon_lr * rate / recipe.adamw_lr
    warmup = min(recipe.warmup_steps, steps // 4)
    return replace(recipe, steps=steps, warmup_steps=warmup, adamw_lr=rate, muon_lr=muon_lr)


def compare(results: Results, size: Size) -> None:
    """Every network, every amount of scenes, every seed: one run each."""
    test = scenes(size.tested, seed=TEST)
    plans = [(count, False) for count in (*size.counts, None)]
    plans += [(count, True) for count in size.counts]
    for seed in range(size.seeds):
        for count, augmented in plans:
            given = scenes(count, seed=TO_LEARN_FROM + seed) if count else None
            for name, contestant in CONTESTANTS.items():
                about = {"network": name, "scenes": count, "augmented": augmented, "seed": seed}
                if results.has(**about):
                    continue
                recipe = Recipe(**results.content["recipes"][name] | {"seed": seed})
                batch_at = fixed_task(given, augmented) if given else scene_task(seed=seed)
                model, seconds = learn(contestant, recipe, batch_at)
                measured = {"others": right_answers(model, test)}
                if given:
                    own = Scenes(*(part[: size.tested] for part in given))
                    measured["own"] = right_answers(model, own)
                results.add({**about, "seconds": round(seconds, 1), **measured})
                kind = f"{count or 'endless'}{', augmented' if augmented else ''}"
                say(f"{name}, {kind}, seed {seed}", seconds, measured["others"])


def say(what: str, seconds: float, right: dict[str, float]) -> None:
    shares = "  ".join(f"{question} {share:6.1%}" for question, share in right.items())
    print(f"{what:<36} {seconds:6.1f} s  {shares}", flush=True)


def run(size: Size, out: Path | None) -> Results:
    built = {name: contestant.build() for name, contestant in CONTESTANTS.items()}
    settings = {
        "size": asdict(size),
        "rates": {name: contestant.rates for name, contestant in CONTESTANTS.items()},
        "parameters": {n: sum(p.numel() for p in m.parameters()) for n, m in built.items()},
    }
    results = Results(out, "python -m benchmarks.architectures", settings)
    if "steps" not in results.content:
        taken = measure_steps(size)
        results.content["milliseconds"] = taken
        results.content["steps"] = equal_steps(taken, size.steps)
        results.write()
    print("steps:", results.content["steps"], "parameters:", settings["parameters"])
    choose_rates(results, size)
    compare(results, size)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.architectures", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a rehearsal: a few steps of each")
    parser.add_argument("--out", type=Path, help="the file to write, and to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    usual = None if arguments.quick else stored_file("architectures")
    run(QUICK if arguments.quick else Size(), arguments.out or usual)


if __name__ == "__main__":
    main()
