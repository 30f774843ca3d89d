"""What a training run is told, and what it reports: `Recipe` and `History`."""

from dataclasses import dataclass, field

from vitcourse import require

PRECISIONS = ("float32", "bfloat16", "auto")


@dataclass(frozen=True)
class Recipe:
    """How to train. Raises ValueError for a value that cannot work."""

    steps: int = 1200
    batch_size: int = 32  # of all processes together
    muon_lr: float = 1.4e-2  # peak learning rates
    adamw_lr: float = 4e-3
    muon_momentum: float = 0.9
    warmup_steps: int = 50
    plateau: float = 0.0  # the share of the steps after the warm-up that keep the peak
    weight_decay: float = 0.05
    clip: float = 1.0  # the largest norm of the gradient; math.inf for no limit
    seed: int = 0  # of dropout, and of what batch_at draws from torch's global generator
    precision: str = "auto"  # bfloat16 where it is faster
    use_muon: bool = True  # False: AdamW for everything

    def __post_init__(self) -> None:
        require.positive_ints(steps=self.steps, batch_size=self.batch_size)
        require.ints(0, warmup_steps=self.warmup_steps, seed=self.seed)
        if self.warmup_steps >= self.steps:
            raise ValueError(
                f"warmup_steps must be less than steps={self.steps}, got {self.warmup_steps}"
            )
        for name in ("muon_lr", "adamw_lr", "clip", "weight_decay"):
            value = getattr(self, name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            least = "at least 0" if name == "weight_decay" else "more than 0"
            if not number or not (value > 0 or (value == 0 and name == "weight_decay")):
                raise ValueError(f"{name} must be a number, {least}, got {value!r}")
        for name in ("muon_momentum", "plateau"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ValueError(f"{name} must be from 0 to below 1, got {value!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {PRECISIONS}, got {self.precision!r}")


@dataclass
class History:
    """What happened, one number per step; loss and accuracy are of its batch, before the step."""

    steps: int  # as planned; len(history) are done
    precision: str = "float32"
    loss: list[float] = field(default_factory=list)
    accuracy: dict[str, list[float]] = field(default_factory=dict)  # of each question, 0 to 1
    seconds: list[float] = field(default_factory=list)  # since the start, without interruptions
    interrupted: bool = False
    threads: int | None = None  # of torch; None: not known

    def __len__(self) -> int:
        return len(self.seconds)

    def __str__(self) -> str:
        """How it is going: means of the last 25 steps."""
        if not len(self):
            return "no step yet"
        answers = [f"{name} {smooth(v)[-1]:.0%}" for name, v in self.accuracy.items()]
        return ", ".join([f"loss {smooth(self.loss)[-1]:.3f}", *answers])


def smooth(values: list[float], window: int = 25) -> list[float]:
    """Each value replaced by the mean of itself and up to window - 1 values before it."""
    parts = [values[max(0, end - window) : end] for end in range(1, len(values) + 1)]
    return [sum(part) / len(part) for part in parts]
