"""Chapter 11: DINO in small, a student that learns from a slow copy of itself.

Caron et al. 2021: two views of each image, a student, and a teacher whose weights are a moving mean
of the student's. The student has to answer as the teacher does for the other view. Nobody says what
an answer means, so there are two easy ways to agree, both worthless: always the same answer, or no
answer in particular. Centring works against the first, sharpening against the second.
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from vitcourse import require
from vitcourse.model.encoder import MLP
from vitcourse.model.vit import VisionTransformer


class Answerer(nn.Module):
    """A ViT without a head, and DINO's: (B, C, H, W) -> (B, num_answers), cosines from -1 to 1.

    Source: Caron et al. 2021, section 3.1 and appendix C, with one hidden layer instead of two.
    """

    def __init__(self, vit: VisionTransformer, num_answers: int) -> None:
        super().__init__()
        require.positive_ints(num_answers=num_answers)
        embed_dim = vit.class_token.cls_token.shape[-1]
        self.vit = vit
        self.mlp = MLP(embed_dim, 2 * embed_dim)
        self.answers = nn.Parameter(torch.randn(num_answers, embed_dim))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.mlp(self.vit.forward_features(images)[:, 0])
        return F.normalize(features, dim=1) @ F.normalize(self.answers, dim=1).T


class SelfDistillation(nn.Module):
    """Student, teacher and centre. `loss(one, other)` of two views, then `follow()` after the step.

    teacher_temperature makes the teacher's answers sharp; centre_momentum=None leaves centring out.
    Without labels only the student is trained: `parameters()` are its own.
    Source: algorithm 1 in Caron et al. 2021, with two views of the same size.
    """

    centre: torch.Tensor

    def __init__(
        self,
        student: Answerer,
        student_temperature: float = 0.1,
        teacher_temperature: float = 0.04,
        teacher_momentum: float = 0.99,
        centre_momentum: float | None = 0.9,
    ) -> None:
        super().__init__()
        self.student = student
        self.teacher = copy.deepcopy(student).requires_grad_(False)
        self.temperatures = student_temperature, teacher_temperature
        self.momenta = teacher_momentum, centre_momentum
        self.register_buffer("centre", torch.zeros(len(student.answers)))

    def loss(self, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """The student's cross-entropy with the teacher, each asked about the other's view."""
        views = torch.cat([one, other])
        said = (self.student(views) / self.temperatures[0]).log_softmax(dim=1)
        with torch.no_grad():
            raw = self.teacher(views)
            wanted = self._probabilities(raw).roll(len(one), dims=0)
            self._move_centre(raw.mean(dim=0))
        return -(wanted * said).sum(dim=1).mean()

    @torch.no_grad()
    def follow(self) -> None:
        """Move the teacher a little towards the student."""
        pairs = zip(self.teacher.parameters(), self.student.parameters(), strict=True)
        for slow, fast in pairs:
            slow.lerp_(fast, 1 - self.momenta[0])

    @torch.no_grad()
    def answers(self, images: torch.Tensor) -> torch.Tensor:
        """The teacher's probabilities: (B, C, H, W) -> (B, num_answers)."""
        return self._probabilities(self.teacher(images))

    def _probabilities(self, raw: torch.Tensor) -> torch.Tensor:
        return ((raw - self.centre) / self.temperatures[1]).softmax(dim=1)

    def _move_centre(self, mean: torch.Tensor) -> None:
        if self.momenta[1] is not None:
            self.centre.lerp_(mean, 1 - self.momenta[1])


def two_entropies(answers: torch.Tensor) -> tuple[float, float]:
    """The mean entropy of each answer, and the entropy of the mean answer: (B, K) -> two floats.

    Both are from 0 to log K. The first is high if no answer stands out. The second is low if all
    images get the same. Without collapse the first is well below the second; they are the same
    where the answers say nothing about the image.

    >>> two_entropies(torch.eye(4))  # sure, and each time of something else: 0 and log 4
    (0.0, 1.3863)
    """
    each = torch.special.entr(answers).sum(dim=1).mean()
    mean = torch.special.entr(answers.mean(dim=0)).sum()
    return round(each.item(), 4), round(mean.item(), 4)
