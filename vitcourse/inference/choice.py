"""`vitcourse.faster`: try what could be faster here, and keep what is."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial

import torch
from torch import Tensor, nn

from vitcourse import threads
from vitcourse.inference import measure, options
from vitcourse.inference.measure import AGAIN, PLAIN
from vitcourse.inference.report import Row, as_html, as_text

TOLERANCE, TOLERANCE_BF16 = 1e-5, 0.03
PACKED, LAST, BF16, COMPILED = (
    "linear layers packed",
    "channels last",
    "bfloat16",
    "torch.compile",
)

Option = Callable[[nn.Module], AbstractContextManager]


def faster(
    model: nn.Module, example: Tensor, *, bf16: bool = False, compile: bool = False
) -> Faster:
    """Let `model` answer in less time, if this machine can; returns the table of what was measured.

        print(faster(model, images))  # from here on, or: with faster(model, images): ...
        with torch.inference_mode():
            logits = model(images)

    Tried are fewer threads (unless somebody chose their number), linear layers packed for oneDNN,
    and convolutions with channels last; with bf16=True also bfloat16, with compile=True also
    torch.compile, which takes a minute. All take turns with the model as it is. The fastest of
    them stays on if it wins by more than the noise, and its logits differ by at most 1e-5, or 0.03
    in bfloat16 (times the largest logit, where that is above 1). Otherwise nothing changes.

    `example` is a batch as you will use it, where the model is. Measuring takes some forty passes:
    it is for those who wait for hundreds. It helps inference alone: gradients and training mode
    see the model as it is, so use torch.inference_mode() or torch.no_grad(). Maps and hooks work
    as before. `restore` makes everything as it was, the weights to the last bit; in bfloat16, call
    it before you train or save. A second call restores first.

    Raises ValueError if the model is in training mode or does not take the example.
    """
    if isinstance(earlier := vars(model).get("_faster"), Faster):
        earlier.restore()
    table = Faster(model)
    try:
        with _quietly():
            table._find(partial(_logits, model, _images(model, example)), example, bf16, compile)
    except BaseException:  # an interrupt, too
        table.restore()
        raise
    return table


class Faster:
    """What `faster` measured: shows itself as a table. `restore` undoes what it has kept.

    `kept` names the options that are on, perhaps none; `time` is what the model takes now, where
    it took 1; `rows` are all that was tried. Works in a `with` statement, too.
    """

    def __init__(self, model: nn.Module) -> None:
        self.rows: list[Row] = []
        self.kept: list[str] = []
        self.time = 1.0
        self.notes: list[str] = []
        self._model = model
        self._on = ExitStack()
        vars(model)["_faster"] = self  # options go off when nobody knows of them any more

    def restore(self) -> None:
        """Make the model, and the number of threads, as they were."""
        self._on.close()
        if vars(self._model).get("_faster") is self:
            del vars(self._model)["_faster"]

    def __enter__(self) -> Faster:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()

    def __repr__(self) -> str:
        return as_text(self.rows, self.notes)

    def _repr_html_(self) -> str:
        return as_html(self.rows, self.notes)

    def __reduce__(self) -> tuple:
        return type(None), ()  # a copy of the model has no options to undo

    def _find(self, run: Callable[[], Tensor], example: Tensor, bf16: bool, compile: bool) -> None:
        flops, device = measure.flops(run), example.device
        limit = measure.matrix_rate(torch.float32, device)
        for stage in (_threads(device), _forms(bf16, compile)):
            if stage:
                self._keep_fastest(stage, run, device)
        if not bf16:
            self.rows.append(Row(BF16, "not tried: needs bf16=True"))
        if not compile:
            self.rows.append(Row(COMPILED, "not tried: needs compile=True"))
        dtype = torch.bfloat16 if BF16 in self.kept else torch.float32
        took = self.rows[0].milliseconds or 0.001  # of the model as it is
        before, now = (1000 * flops / took for took in (took, took * self.time))
        self.notes = [_share("As it is", before, limit, torch.float32)]
        if self.kept:
            self.notes += [_share("Now", now, measure.matrix_rate(dtype, device), dtype)]

    def _keep_fastest(
        self, stage: Mapping[str, Option], run: Callable[[], Tensor], device: torch.device
    ) -> None:
        """Measure these options against the model as it is now, and switch on the fastest."""

        def work() -> None:
            run()
            measure.synchronise(device)

        clock = measure.clock_for(device)
        tried = {name: _try(name, on, self._model, run, clock) for name, on in stage.items()}
        fit = {
            name: partial(stage[name], self._model)
            for name, row in tried.items()
            if not row.verdict
        }
        times = measure.take_turns({PLAIN: nullcontext, AGAIN: nullcontext, **fit}, work, clock)
        best = measure.fastest(times)
        self.rows += _rows(times, tried, best, self.time)
        if best != PLAIN:
            self._on.enter_context(stage[best](self._model))
            self.kept.append(best)
            self.time *= statistics.median(measure.ratios(times, best))


def _try(
    name: str,
    option: Option,
    model: nn.Module,
    run: Callable[[], Tensor],
    clock: measure.Clock,
) -> Row:
    """A row that says why the option is out of the question; or else has no verdict yet."""
    plain = run()
    patience = measure.HOPELESS * measure.seconds(run, clock)
    try:
        with option(model):
            logits = run()
            took = measure.seconds(run, clock)
    except Exception as error:  # whatever a library or a compiler throws
        reason, *_ = f"{error}\n".splitlines()
        return Row(name, f"not here: {reason[:80] or type(error).__name__}")
    difference = (logits - plain).abs().max().item()
    allowed = TOLERANCE_BF16 if name == BF16 else TOLERANCE
    if not difference <= allowed * max(1.0, plain.abs().max().item()):  # so that nan is out, too
        return Row(name, "not used: other logits", difference=difference)
    if took > patience:
        return Row(name, "much slower", difference=difference)
    return Row(name, "", difference=difference)


def _rows(
    times: measure.Times, tried: Mapping[str, Row], best: str, before: float
) -> Iterator[Row]:
    """What this stage found. Ratios are to the model before the first stage."""
    if before == 1:
        yield _row(times, PLAIN, "" if best != PLAIN else "kept", 1.0)
    yield _row(times, AGAIN, f"the noise is {measure.scatter(times):.1%}", before)
    for name, row in tried.items():
        if row.verdict:
            yield row
        else:
            yield _row(times, name, _verdict(times, name, best), before, row.difference)


def _row(
    times: measure.Times, name: str, verdict: str, before: float, difference: float | None = None
) -> Row:
    ratio = statistics.median(measure.ratios(times, name))
    return Row(name, verdict, 1000 * statistics.median(times[name]), before * ratio, difference)


def _verdict(times: measure.Times, name: str, best: str) -> str:
    if name == best:
        return "kept"
    if measure.is_faster(times, name):
        return "faster, but not the fastest"
    slower = statistics.median(measure.ratios(times, name)) > 1 + measure.scatter(times)
    return "slower" if slower else "no clear difference"


# What is tried ------------------------------------------------------------------------------------


def _threads(device: torch.device) -> dict[str, Option]:
    """Fewer threads than now, if nobody has chosen how many there are."""
    most = torch.get_num_threads()
    if device.type != "cpu" or threads.somebody_chose():
        return {}
    fewer = [2**k for k in range(most.bit_length()) if 2**k < most]
    return {f"{n} thread{'s' if n > 1 else ''}": options.with_threads(n) for n in fewer}


def _forms(bf16: bool, compile: bool) -> dict[str, Option]:
    forms: dict[str, Option] = {PACKED: options.packed_linears, LAST: options.channels_last}
    if bf16:
        forms[BF16] = options.bfloat16
    if compile:
        forms[COMPILED] = options.compiled
    return forms


# The model and its example ------------------------------------------------------------------------


def _images(model: nn.Module, example: Tensor) -> Tensor:
    if model.training:
        raise ValueError("model is in training mode, which this is not for: call model.eval()")
    if not isinstance(example, Tensor) or example.ndim != 4 or not example.is_floating_point():
        said = tuple(example.shape) if isinstance(example, Tensor) else type(example).__name__
        raise ValueError(
            f"example must be a batch of images as the model takes them, floats (B, C, H, W), "
            f"got {said}"
        )
    return example.detach()


@torch.no_grad()
def _logits(model: nn.Module, images: Tensor) -> Tensor:
    output = model(images)
    logits = getattr(output, "logits", output)  # Hugging Face's models answer with an object
    if not isinstance(logits, Tensor):
        raise ValueError(f"model must give logits, got {type(logits).__name__}")
    return logits


def _share(when: str, rate: float, limit: float, dtype: torch.dtype) -> str:
    kind = str(dtype).removeprefix("torch.")
    return (
        f"{when}: {rate / 1e9:.0f} GFLOP/s, {rate / limit:.0%} of what a large matrix product in "
        f"{kind} reaches here ({limit / 1e9:.0f})"
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Compilers warn of much that is in the table anyway; random numbers are drawn as before."""
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        yield
