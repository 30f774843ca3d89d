"""What pre-training buys: the bundled model and a fresh one on a new question, with few scenes.

    python -m benchmarks.pretraining [--quick] [--out FILE]

The new question: into which of four boxes does the shape belong that the dot asks for? Curved or
straight, warm or cold. There are three ways to learn it from 50, 200 and 1000 scenes with their
answers: a linear probe on the frozen bundled model; the same model fine-tuned; a fresh model of the
same size. The last two take the same steps, each with the learning rate that does best on scenes
held out for this choice. Three seeds decide the scenes as well as the first weights. At last the
fresh model gets ten times the steps with the most scenes: was it only short of time?

What notebook 09 shows is written to vitcourse/results/pretraining.json after each run. Stopped and
started again, the command goes on where it was. --quick writes nothing unless --out is given.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.keeping import Results, stored_file
from vitcourse import bundled, bundled_layout
from vitcourse.data import COLOURS, SHAPES, Scenes, scenes
from vitcourse.model import VisionTransformer
from vitcourse.training import Recipe, small_vit, to_input, train

CURVED, WARM = ("circle", "ring", "heart"), ("red", "yellow", "magenta")
QUESTION = {"box": 4}
TEST, HELD_OUT, TO_CHOOSE_BY, TO_LEARN_FROM = 50, 51, 52, 60  # seeds of scenes; + a run's seed
TUNING = Recipe(batch_size=16, warmup_steps=20, precision="float32", use_muon=False)
FRESH = replace(TUNING, use_muon=True)  # as chapter 7 trains a model from nothing


@dataclass(frozen=True)
class Size:
    """How large the experiment is."""

    steps: int = 150
    counts: tuple[int, ...] = (50, 200, 1000)  # of scenes to learn from
    tested: int = 1000
    seeds: int = 3


@dataclass(frozen=True)
class Start:
    """Where the training of all weights begins."""

    build: Callable[[], VisionTransformer]
    recipe: Recipe
    rates: tuple[float, ...]  # adamw_lr to try; muon_lr keeps its proportion to it


def with_new_head(model: VisionTransformer) -> VisionTransformer:
    model.head = nn.Linear(model.head.in_features, QUESTION["box"])
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    return model


PROBE, FINE_TUNED, NEW = "frozen, a linear probe", "pre-trained, fine-tuned", "fresh"
LONGER = 10  # times the steps
STARTS = {
    FINE_TUNED: Start(lambda: with_new_head(bundled()), TUNING, (5e-4, 1e-3, 2e-3)),
    NEW: Start(lambda: small_vit(96, num_classes=QUESTION["box"]), FRESH, (2e-3, 4e-3, 8e-3)),
}
QUICK = Size(steps=20, counts=(32,), tested=32, seeds=1)


def box(asked: Scenes) -> Tensor:
    """Notebook 09's new question: straight or curved, and cold or warm, as a number from 0 to 3."""
    curved = torch.tensor([name in CURVED for name in SHAPES])
    warm = torch.tensor([name in WARM for name in COLOURS])
    return 2 * curved[asked.what].long() + warm[asked.colour].long()


def new_question(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Scenes and the answers to the new question."""
    made = scenes(count, seed, **bundled_layout())
    return made.images, box(made)


def batches(images: Tensor, labels: Tensor, batch_size: int = TUNING.batch_size):
    """A batch_at that draws from these scenes; `train` sets the seed in every step."""

    def batch_at(step: int) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(len(labels), (batch_size,))
        return images[chosen], labels[chosen]

    return batch_at


def planned(start: Start, rate: float, steps: int) -> Recipe:
    muon_lr = start.recipe.muon_lr * rate / start.recipe.adamw_lr
    warmup = min(start.recipe.warmup_steps, steps // 4)
    return replace(start.recipe, steps=steps, warmup_steps=warmup, adamw_lr=rate, muon_lr=muon_lr)


def learn(start: Start, recipe: Recipe, given) -> tuple[VisionTransformer, float]:
    """A trained model, and its processor seconds."""
    torch.manual_seed(recipe.seed)
    model = start.build()
    began = time.process_time()
    train(model, batches(*given), recipe, questions=QUESTION, progress=False, device="cpu")
    return model, time.process_time() - began


@torch.inference_mode()
def said(model: VisionTransformer, images: Tensor) -> Tensor:
    """The answers of a model, as numbers from 0 to 3."""
    return torch.cat([model(to_input(part)).argmax(1) for part in images.split(100)])


@torch.inference_mode()
def features(model: VisionTransformer, images: Tensor) -> Tensor:
    """What the head of the frozen model gets to read."""
    parts = [model.forward_features(to_input(part))[:, 0] for part in images.split(100)]
    return torch.cat(parts)


def probe(seen: Tensor, labels: Tensor, asked: Tensor, penalty: float = 10.0) -> Tensor:
    """Notebook 09's: fit a linear layer on the features seen; its answers to those asked."""
    mean, std = seen.mean(0), seen.std(0) + 1e-6
    x, new = (F.pad((part - mean) / std, (0, 1), value=1.0) for part in (seen, asked))
    target = 2 * F.one_hot(labels, QUESTION["box"]).float() - 1
    weight = torch.linalg.solve(x.T @ x + penalty * torch.eye(x.shape[1]), x.T @ target)
    return (new @ weight).argmax(1)


def right_answers(answers: Tensor, truth: Tensor) -> dict[str, float]:
    """How often the box is right, and each half of the question by itself."""
    right = {
        "box": answers == truth,
        "curved or straight": answers // 2 == truth // 2,
        "warm or cold": answers % 2 == truth % 2,
    }
    return {half: round(shares.float().mean().item(), 4) for half, shares in right.items()}


def choose_rates(results: Results, size: Size) -> None:
    """Try each learning rate once, with the most scenes; note which was best of each start."""
    given = new_question(size.counts[-1], TO_CHOOSE_BY)
    held_out = new_question(size.tested, HELD_OUT)
    tried = results.content.setdefault("rates", {name: {} for name in STARTS})
    for name, start in STARTS.items():
        for rate in start.rates:
            if str(rate) in tried[name]:
                continue
            model, seconds = learn(start, planned(start, rate, size.steps), given)
            answers = said(model, held_out[0])
            tried[name][str(rate)] = right_answers(answers, held_out[1])["box"]
            results.write()
            say(f"{name}, {rate:g}", seconds, tried[name][str(rate)])
    results.content["recipes"] = {
        name: asdict(planned(STARTS[name], float(max(of_one, key=of_one.get)), size.steps))
        for name, of_one in tried.items()
    }
    results.write()


def compare(results: Results, size: Size) -> None:
    """Every way, every number of scenes, every seed: one run each."""
    frozen = bundled().eval()
    test = new_question(size.tested, TEST)
    test_features = features(frozen, test[0])
    for seed in range(size.seeds):
        for count in size.counts:
            given = new_question(count, TO_LEARN_FROM + seed)
            for name in (PROBE, *STARTS):
                about = {"way": name, "scenes": count, "seed": seed}
                if results.has(**about):
                    continue
                if name == PROBE:
                    began = time.process_time()
                    answers = probe(features(frozen, given[0]), given[1], test_features)
                    seconds = time.process_time() - began
                else:
                    recipe = Recipe(**results.content["recipes"][name] | {"seed": seed})
                    model, seconds = learn(STARTS[name], recipe, given)
                    answers = said(model, test[0])
                right = right_answers(answers, test[1])
                results.add(about | {"seconds": round(seconds, 1), "others": right})
                say(f"{name}, {count}, seed {seed}", seconds, right["box"])


def take_longer(results: Results, size: Size) -> None:
    """The fresh model with the most scenes and LONGER times the steps, one run for each seed."""
    test, count = new_question(size.tested, TEST), size.counts[-1]
    done = results.content.setdefault("longer", [])
    recipe = Recipe(**results.content["recipes"][NEW])
    for seed in range(len(done), size.seeds):
        longer = replace(recipe, steps=LONGER * recipe.steps, seed=seed)
        given = new_question(count, TO_LEARN_FROM + seed)
        model, seconds = learn(STARTS[NEW], longer, given)
        own = right_answers(said(model, given[0]), given[1])
        right = right_answers(said(model, test[0]), test[1])
        about = {"steps": longer.steps, "scenes": count, "seed": seed}
        done.append({**about, "seconds": round(seconds, 1), "others": right, "own": own})
        results.write()
        say(f"{NEW}, {count}, {longer.steps} steps, seed {seed}", seconds, right["box"])


def say(what: str, seconds: float, right: float) -> None:
    print(f"{what:<44} {seconds:6.1f} s  {right:6.1%}", flush=True)


def run(size: Size, out: Path | None) -> Results:
    settings = {
        "size": asdict(size),
        "rates": {name: start.rates for name, start in STARTS.items()},
        "batch_size": TUNING.batch_size,
    }
    results = Results(out, "python -m benchmarks.pretraining", settings)
    choose_rates(results, size)
    compare(results, size)
    take_longer(results, size)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pretraining", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="a rehearsal: a few steps of each")
    parser.add_argument("--out", type=Path, help="the file to write, and to go on from")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    usual = None if arguments.quick else stored_file("pretraining")
    run(QUICK if arguments.quick else Size(), arguments.out or usual)


if __name__ == "__main__":
    main()
