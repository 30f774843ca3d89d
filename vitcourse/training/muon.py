"""torch's Muon, with all matrices of one shape made orthogonal at once."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class BatchedMuon(torch.optim.Muon):
    """The same update as `torch.optim.Muon`, in float32, in a fraction of the time.

    A small model has many small matrices: one by one, they take a fifth of its training time.
    Here the matrices of one shape (and their transposes) are stacked.
    Source: Jordan 2024, "Muon: An optimizer for hidden layers in neural networks".
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Like any optimizer's; a closure computes the loss again, which is returned."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            alike: dict[tuple[int, ...], list[Tensor]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    alike.setdefault(tuple(sorted(matrix.shape)), []).append(matrix)
            for matrices in alike.values():
                updates = [self._momentum(matrix, group).to(torch.float32) for matrix in matrices]
                flat = torch.stack([u.mT if u.shape[0] > u.shape[1] else u for u in updates])
                flat = orthogonalise(flat, group["ns_coefficients"], group["ns_steps"])
                for matrix, update in zip(matrices, flat, strict=True):
                    rows, columns = matrix.shape
                    length = group["lr"] * math.sqrt(max(1, rows / columns))
                    matrix.mul_(1 - group["lr"] * group["weight_decay"])
                    matrix.sub_(update.mT if rows > columns else update, alpha=length)
        return loss

    def _momentum(self, matrix: Tensor, group: dict) -> Tensor:
        """Nesterov's: the running mean of the gradients, one step ahead."""
        gradient, state = matrix.grad, self.state[matrix]
        assert gradient is not None  # `step` asks only for matrices that have one
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        mean = state["momentum_buffer"].lerp_(gradient, 1 - group["momentum"])
        return gradient.lerp(mean, group["momentum"])


def orthogonalise(
    matrices: Tensor,
    coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
    steps: int = 5,
) -> Tensor:
    """Bring all singular values near 1 (to 0.7 .. 1.2 or so): (n, rows <= columns, columns).

    Newton-Schulz: a polynomial of the matrix does the same to each of its singular values, so no
    singular value decomposition is needed. Source: Jordan 2024, as above.
    """
    a, b, c = coefficients
    x = matrices / matrices.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x
