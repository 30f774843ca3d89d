# %% [markdown] minutes=15
# # 10 Appendix: the usual ViT tutorial, repaired
#
# Two pieces of code are in nearly every tutorial on Vision Transformers. One classifies a photograph with
# torchvision. The other builds a small ViT out of `nn.TransformerEncoder`. Both run at the first attempt, both get
# copied, and both are wrong in several places, without a single error.
#
# You have built the real thing, so you can judge them. For every fault this notebook has a small test that fails on
# the usual code and passes on a repaired version, and where possible, it measures what the fault costs. No
# exercises here: a quarter of an hour of reading, and a checklist to take with you.

# %% tags=["nbval-ignore-output"]
import copy
import warnings

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import nn
from torchvision import transforms as T
from torchvision.models import ViT_B_16_Weights, VisionTransformer as TorchvisionViT, vit_b_16
from vitcourse import bundled, bundled_layout, show, versions, view
from vitcourse.data import load_photo, scenes
from vitcourse.training import to_input

versions()

# %% [markdown]
# ## A table of faults
#
# A test here is a plain function. It gets one version of the code and asserts something that should be true of it.
# A fault is real if its test fails on the code as found, and passes once the fault is fixed.

# %%
def passes(test, version) -> str:
    """Run one test on one version of the code."""
    torch.manual_seed(0)
    try:
        test(version)
    except Exception:  # an assertion that does not hold, or code that breaks
        return "FAILS"
    return "passes"


def table(tests: list, versions: dict) -> None:
    """Print a line for each test: does it pass on each version?"""
    print(" " * 44 + "".join(f"{name:>18}" for name in versions))
    for test in tests:
        name = test.__name__.removeprefix("test_").replace("_", " ")
        print(f"{name:<44}" + "".join(f"{passes(test, v):>18}" for v in versions.values()))

# %% [markdown]
# ## The first snippet: classify a photograph
#
# It begins with `model = vit_b_16(pretrained=True)`, and continues like this.

# %% slide="The snippet that everybody copies" slide_code=true
def classify_as_found(model: nn.Module, picture: Image.Image) -> list:
    transform = T.Compose([
        T.Resize((224, 224)),
        T.ToTensor(),
        T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    batch = transform(picture).unsqueeze(0)
    output = model(batch)
    probabilities = F.softmax(output, dim=0)
    values, indices = torch.topk(probabilities, 5)
    return list(zip(indices[0], values[0]))

# %% [markdown]
# How many faults do you see? Take a moment before you read on. There are seven, and an eighth in the line before
# it.
#
# ### The argument from the past
#
# `pretrained=True` belongs to torchvision before version 0.13. What does your version say to it? (Asked here with
# `False`, so that nothing is downloaded, and on the meta device, so that nothing is computed.)

# %% tags=["nbval-ignore-output"]
with warnings.catch_warnings(record=True) as said, torch.device("meta"):
    warnings.simplefilter("always")
    try:
        vit_b_16(pretrained=False)
        print(*(f"{w.category.__name__}: {w.message}" for w in said), sep="\n")
    except TypeError as error:  # what is announced for a later version
        print("TypeError:", error)

# %%
def test_building_it_gives_no_warning(version):
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("error")
        version()


builders = {
    "as found": lambda: vit_b_16(pretrained=False),
    "repaired": lambda: vit_b_16(weights=None),
}
table([test_building_it_gives_no_warning], builders)

# %% [markdown]
# The new argument is more than a new name. `True` said that you want *some* weights. There are three sets for this
# model alone, and each wants its pictures in a different form. `weights=` names the set, and the set knows that
# form and the names of its classes.

# %%
for weights in ViT_B_16_Weights:
    rule = weights.transforms()
    resize, crop, how = rule.resize_size[0], rule.crop_size[0], rule.interpolation.value
    print(f"{weights.name:<26} shorter side {resize}, cut to {crop}, {how}")

# %% [markdown]
# ### The repaired version
#
# It is shorter than what it replaces, because nothing is typed in that the weights know better.

# %%
def classify(model: nn.Module, weights: ViT_B_16_Weights, picture: Image.Image) -> list:
    """The five best answers: [(name, probability), ...]."""
    batch = weights.transforms()(picture.convert("RGB")).unsqueeze(0)
    model.eval()
    with torch.inference_mode():
        probabilities = model(batch)[0].softmax(dim=0)
    best = probabilities.topk(5)
    names = weights.meta["categories"]
    return [(names[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist())]

# %% [markdown]
# Use it with `weights = ViT_B_16_Weights.DEFAULT` and `model = vit_b_16(weights=weights)`. (A photograph that
# a phone stored lying on its side needs one more step, `PIL.ImageOps.exif_transpose`. The course's `load_photo`
# does it.)
#
# ### Seven tests
#
# You need no weights to test the two versions. A spy takes the place of the model: it keeps what it is given, notes
# which mode it was in, and gives fixed scores for 1000 classes.

# %%
class Spy(nn.Module):
    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        self.batch, self.was_training = batch, self.training
        self.was_recording = torch.is_grad_enabled()
        return torch.linspace(-3, 3, 1000).expand(len(batch), -1)


def a_disc(mode: str = "RGB") -> Image.Image:
    """A white disc in the middle of a wide black picture."""
    picture = Image.new(mode, (640, 480))
    ImageDraw.Draw(picture).ellipse((220, 140, 420, 340), fill="white")
    return picture


ANY = ViT_B_16_Weights.IMAGENET1K_V1

# %%
def test_answers_have_names(version):
    assert all(isinstance(name, str) for name, p in version(Spy(), ANY, a_disc()))

def test_probabilities_are_at_most_1_together(version):
    assert sum(float(p) for name, p in version(Spy(), ANY, a_disc())) <= 1

def test_the_model_is_in_evaluation_mode(version):
    version(spy := Spy(), ANY, a_disc())
    assert not spy.was_training

def test_nothing_is_recorded_for_backward(version):
    version(spy := Spy(), ANY, a_disc())
    assert not spy.was_recording

# %%
def test_a_disc_stays_round(version):
    version(spy := Spy(), ANY, a_disc())
    rows, columns = (spy.batch[0, 0] > 0).nonzero().T
    assert rows.unique().numel() == columns.unique().numel()

def test_other_weights_get_another_size(version):
    version(spy := Spy(), ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1, a_disc())
    assert spy.batch.shape == (1, 3, 384, 384)

def test_a_grey_picture_works(version):
    version(Spy(), ANY, a_disc("L"))

# %% slide="Seven tests of it"
inference_tests = [
    test_answers_have_names,
    test_probabilities_are_at_most_1_together,
    test_the_model_is_in_evaluation_mode,
    test_nothing_is_recorded_for_backward,
    test_a_disc_stays_round,
    test_other_weights_get_another_size,
    test_a_grey_picture_works,
]


def as_found(model, weights, picture):  # which never asks the weights
    return classify_as_found(model, picture)


table(inference_tests, {"as found": as_found, "repaired": classify})

# %% [markdown]
# ### How bad is it?
#
# **The softmax.** Scores have shape (1, 1000). `dim=0` is the batch, and a batch of one is always sure of
# itself.

# %%
answers = classify_as_found(Spy(), a_disc())
print("the five best:", [f"{p:.0%}" for index, p in answers])

# %% [markdown]
# All one thousand classes are at 100 per cent, and chance decides which five come first. Many copies say `dim=1` or
# take `output[0]`, and are right. This one survives because its output looks so confident.
#
# **Evaluation mode.** Ask a small ViT with dropout about the same picture twice.

# %%
def asked_twice(**options) -> bool:
    """Does a new torchvision ViT, in the mode it starts in, say the same twice?"""
    torch.manual_seed(0)
    sizes = {"image_size": 64, "patch_size": 16, "num_layers": 2, "num_heads": 2}
    model = TorchvisionViT(**sizes, hidden_dim=32, mlp_dim=64, **options)
    nn.init.normal_(model.heads.head.weight)  # it comes with zeros, and would answer 0 to everything
    batch = torch.randn(1, 3, 64, 64)
    return torch.equal(model(batch), model(batch))

print("dropout=0.1: the same answer twice:", asked_twice(dropout=0.1))
print("as vit_b_16: the same answer twice:", asked_twice())

# %% [markdown]
# To be fair: torchvision's `vit_b_16` has no dropout unless you ask for it, so forgetting `eval()` changes nothing
# there. With the next model, which has dropout or batch norm, the same lines can give a different answer each time.
# And `no_grad` is no substitute: it saves memory and leaves dropout on.
#
# **The shape.** `Resize((224, 224))` squeezes whatever it gets into a square. Here is a photograph in the 4 : 3
# format of a camera: the course's own, cut to that shape.

# %% slide="`Resize((224, 224))` squeezes the picture"
square = T.functional.to_pil_image(load_photo(size=512))
photo = square.crop((0, 40, 512, 424))
views = {
    "the photograph": photo,
    "Resize((224, 224))": photo.resize((224, 224), Image.Resampling.BILINEAR),
    "the weights' own": T.CenterCrop(224)(T.Resize(256)(photo)),
}
show(
    view.draw_inputs(views),
    alt="The same portrait three times: as it is, wider than high; squeezed to a square, with a "
    "narrow face; and its middle cut out as a square, with the face as wide as it should be.",
)

# %% [markdown]
# The model has seen faces and cars in their natural proportions. (Its training did vary them a little, so it will
# forgive some of that. You cannot know in advance how much.)
#
# **What it costs** can only be measured with trained weights, and those of ViT-B/16 are not here. The course's own
# model is. Its pictures are scenes; hide each in the middle of a wider picture, as a photographer would, and let
# both rules prepare that picture.

# %%
model = bundled()
layout = bundled_layout()
data = scenes(120, seed=10, **layout)
side = data.images.shape[-1]
wide = F.pad(data.images.float(), (side // 6, side // 6, 0, 0), mode="replicate")  # 4 : 3
squeezed = F.interpolate(wide, (side, side), mode="bilinear", antialias=True)
middle = wide[..., side // 6 : side // 6 + side]

# %%
@torch.inference_mode()
def scores_of(model: nn.Module, batch: torch.Tensor) -> torch.Tensor:
    return torch.cat([model(part) for part in batch.split(20)])


def share_right(scores: torch.Tensor) -> float:
    """Both answers right: which shape, and where?"""
    what, where = scores[:, :8].argmax(dim=1), scores[:, 8:].argmax(dim=1)
    return ((what == data.what) & (where == data.where)).float().mean().item()

# %% tags=["nbval-ignore-output"]
imagenet = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
inputs = {
    "its own rule": to_input(middle.to(torch.uint8)),
    "squeezed": to_input(squeezed.round().to(torch.uint8)),
    "mean and std of ImageNet": imagenet(middle / 255),
    "no mean and std at all": middle / 255,
}
for name, batch in inputs.items():
    print(f"{name:<25} {share_right(scores_of(model, batch)):4.0%} right")

# %% [markdown]
# The weights are the same in each line, and nothing complained. Squeezing ruins this model, since its shapes no
# longer lie where its patches expect them. One wrong pair of numbers hardly hurts it; the other it does not
# survive. Another model will forgive other things. You cannot know beforehand, and you need not: mean and std
# belong to the weights as a key belongs to a lock. ImageNet's pair fits torchvision's models; the code published
# with the ViT paper scales its pictures to -1..1, which is 0.5 and 0.5. So do not type them in. Ask the weights.

# %% [markdown]
# ## The second snippet: a minimal ViT
#
# Read it as you would read a colleague's code. Ten things are worth a remark.

# %% slide="A minimal ViT: ten things are worth a remark" slide_code=true
warnings.filterwarnings("ignore", message="enable_nested_tensor")  # PyTorch's remark; not the bug


class CopiedViT(nn.Module):
    def __init__(self, image_size=32, patch_size=8, dim=48, depth=3, heads=4, classes=10):
        super().__init__()
        num_patches = (image_size // patch_size) ** 2
        self.patches = nn.Conv2d(3, dim, patch_size, stride=patch_size)
        self.positions = nn.Parameter(torch.zeros(1, num_patches, dim))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        layer = nn.TransformerEncoderLayer(d_model=dim, nhead=heads, dim_feedforward=4 * dim)
        self.encoder = nn.TransformerEncoder(layer, num_layers=depth)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
        return self.head(self.encoder(x)[:, 0]).softmax(dim=-1)

# %% [markdown]
# Here is the repaired version, still built from PyTorch's own layers. Each new piece answers one of the tests
# below.

# %%
def vit_encoder(dim: int, depth: int, heads: int, mlp_dim: int, dropout: float = 0.0, **changes):
    """PyTorch's encoder, set up as that of a ViT. `changes` put a default back, for measuring."""
    options = {"activation": "gelu", "layer_norm_eps": 1e-6, "batch_first": True, "norm_first": True}
    layer = nn.TransformerEncoderLayer(dim, heads, mlp_dim, dropout, **(options | changes))
    encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(dim, eps=1e-6))
    for parameter in encoder.parameters():
        if parameter.ndim > 1:  # the layers are copies of one: give each its own start
            nn.init.xavier_uniform_(parameter)
    return encoder

# %%
class RepairedViT(nn.Module):
    def __init__(self, image_size=32, patch_size=8, dim=48, depth=3, heads=4, classes=10, dropout=0.0):
        super().__init__()
        self.image_size = image_size
        self.patches = nn.Conv2d(3, dim, patch_size, stride=patch_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.positions = nn.Parameter(0.02 * torch.randn(1, 1 + (image_size // patch_size) ** 2, dim))
        self.dropout = nn.Dropout(dropout)
        self.encoder = vit_encoder(dim, depth, heads, 4 * dim, dropout)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        if x.shape[2:] != (self.image_size, self.image_size):
            raise ValueError(f"images must be {self.image_size} pixels square, got {tuple(x.shape)}")
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
        return self.head(self.encoder(self.dropout(x + self.positions))[:, 0])

# %% [markdown]
# There is a third version, the one that many people end up with: they read somewhere about `batch_first` and
# `norm_first`, and add these two words.

# %%
class TwoWordsLater(CopiedViT):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(48, 4, 192, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=3)

# %% [markdown]
# ### Ten tests
#
# The first two are about `batch_first`. Chapter 5 tells that story in full; here is the short form.

# %%
def tokens_of(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """What leaves the encoder, (B, N + 1, D)."""
    seen = []
    hook = model.encoder.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        model.eval()(images)
    hook.remove()
    return seen[0]

def test_the_scores_depend_on_the_image(kind):
    one, other = kind().eval()(torch.randn(2, 3, 32, 32))
    assert (one - other).abs().max() > 1e-4

def test_images_of_a_batch_stay_apart(kind):
    model, images = kind(), torch.randn(4, 3, 32, 32)
    assert torch.allclose(tokens_of(model, images)[:1], tokens_of(model, images[:1]), atol=1e-4)

# %%
def test_a_layer_that_adds_nothing_changes_nothing(kind):
    layer, tokens = kind().eval().encoder.layers[0], torch.randn(2, 5, 48)
    for part in (layer.self_attn.out_proj, layer.linear2):
        nn.init.zeros_(part.weight), nn.init.zeros_(part.bias)
    assert torch.allclose(layer(tokens), tokens, atol=1e-5)

def test_the_activation_is_gelu(kind):
    x = torch.linspace(-3, 3, 7)
    assert torch.allclose(kind().encoder.layers[0].activation(x), F.gelu(x))

def test_the_last_thing_is_a_norm(kind):
    std = tokens_of(kind(), 5 * torch.randn(2, 3, 32, 32)).std(dim=-1, correction=0)
    assert torch.allclose(std, torch.ones_like(std), atol=0.01)

def test_the_layers_start_from_different_numbers(kind):
    first, second, *_ = kind().encoder.layers
    assert not torch.equal(first.linear1.weight, second.linear1.weight)

# %%
def test_the_class_token_has_a_position(kind):
    assert kind().positions.shape[1] == 4 * 4 + 1

def test_images_of_another_shape_are_refused(kind):
    try:
        kind()(torch.randn(1, 3, 16, 64))  # as many patches as 32 x 32
    except ValueError:
        return
    raise AssertionError("it took 2 x 8 patches for 4 x 4")

def test_without_dropout_training_is_repeatable(kind):
    model, images = kind(dropout=0.0).train(), torch.randn(2, 3, 32, 32)
    assert torch.equal(model(images), model(images))

def test_the_scores_are_logits(kind):
    scores = kind().eval()(torch.randn(2, 3, 32, 32))
    assert not torch.allclose(scores.sum(dim=1), torch.ones(2))

# %% slide="A repair can open a new hole"
model_tests = [
    test_the_scores_depend_on_the_image,
    test_images_of_a_batch_stay_apart,
    test_a_layer_that_adds_nothing_changes_nothing,
    test_the_activation_is_gelu,
    test_the_last_thing_is_a_norm,
    test_the_layers_start_from_different_numbers,
    test_the_class_token_has_a_position,
    test_images_of_another_shape_are_refused,
    test_without_dropout_training_is_repeatable,
    test_the_scores_are_logits,
]
table(model_tests, {"as found": CopiedViT, "two words later": TwoWordsLater, "repaired": RepairedViT})

# %% [markdown]
# Look at the line about the last norm. The code as found passes: with post-norm, every layer ends with a norm, so
# the last one does, too. `norm_first=True` moves the norms to the front, and now nothing normalises what the head
# reads. **A repair can open a new hole.** That is why you run all tests again, not only the one that was red.
#
# The line about dropout fails because there is nothing to set. PyTorch's layers drop 10 per cent, whether you know it or
# not, and the place where a ViT has one more dropout, after the positions, has none.
#
# The first line is the worst. As found, the class token listens to the class tokens of other images, and those are
# all the same vector. No pixel reaches the head. Alone in its batch or not, every image gets the same scores:

# %%
torch.manual_seed(0)
blind = CopiedViT().eval()
with torch.no_grad():
    scores = torch.cat([blind(torch.randn(size, 3, 32, 32)) for size in (1, 2, 5)])
apart = (scores - scores[0]).abs().max().item()
print(f"eight random images, largest difference of their scores: {apart:.4f}")
print("its tokens mix:", passes(test_images_of_a_batch_stay_apart, CopiedViT) == "FAILS")

# %% [markdown]
# ### What each one costs
#
# Take the course's trained model and put *PyTorch's* encoder into it, with the trained weights. Repaired, it must
# answer as before. Then put one of the defaults back, and nothing else.

# %%
def with_torch_encoder(model: nn.Module, last_norm: bool = True, **changes) -> nn.Module:
    """The same model and weights, computed by PyTorch's encoder."""
    c = model.config
    encoder = vit_encoder(c["embed_dim"], c["depth"], c["num_heads"], c["mlp_dim"], **changes)
    names = {"attn.qkv.": "self_attn.in_proj_", "attn.proj": "self_attn.out_proj", "mlp.fc": "linear"}
    for block, layer in zip(model.encoder.blocks, encoder.layers):
        state = block.state_dict()
        for ours, theirs in names.items():
            state = {name.replace(ours, theirs): value for name, value in state.items()}
        layer.load_state_dict(state)
    encoder.norm = copy.deepcopy(model.encoder.norm) if last_norm else None
    new = copy.deepcopy(model)
    new.encoder = encoder
    return new.eval()

# %%
def without_positions(model: nn.Module) -> nn.Module:
    new = copy.deepcopy(model)
    nn.init.zeros_(new.positions.pos_embed)
    return new

batch = to_input(data.images)
variants = {
    "the course's encoder": model,
    "PyTorch's, repaired": with_torch_encoder(model),
    "batch_first forgotten": with_torch_encoder(model, batch_first=False),
    "post-norm": with_torch_encoder(model, norm_first=False),
    "ReLU for GELU": with_torch_encoder(model, activation="relu"),
    "eps = 1e-5": with_torch_encoder(model, layer_norm_eps=1e-5),
    "no last norm": with_torch_encoder(model, last_norm=False),
    "positions at zero": without_positions(model),
}

# %% tags=["nbval-ignore-output"] slide="What each default costs"
right = scores_of(model, batch)
for name, variant in variants.items():
    scores = scores_of(variant, batch)
    off = (scores - right).abs().mean() / right.std()
    print(f"{name:<22} {share_right(scores):4.0%} right, scores off by {off:6.1%}")

# %% [markdown]
# The first two lines agree: PyTorch's encoder *can* be a ViT's. In the lines below them, look at both columns. With
# ReLU, or without the last norm, the best answer stays the best here, while the scores are off. (The model is
# shallow, so its stream is short, and much of the last norm's work is already done.) A share of right answers alone
# would not have told you: compare scores. An eps of 1e-5 is invisible; chapter 5 needed tokens of tiny numbers to
# see it.
#
# Mind what this measures: weights trained in one architecture, used in another. It says how much depends on each
# choice. It does *not* say that a model *trained* with ReLU, say, would be bad.

# %% [markdown]
# ## Not a bug, a choice
#
# A failing test points to a fault only if you want what it asks for. Some of the above are honest choices, as long
# as somebody made them.
#
# - **Post-norm** is what Vaswani et al. (2017) used, and it can end up better than pre-norm (Liu et al., 2020). It
#   costs patience: it wants a warm-up and smaller steps at the start (Xiong et al., 2020). You measured the
#   gradients in chapter 5. Published ViT weights do not fit.
# - **ReLU** does well enough; published weights do not fit.
# - **No position for the class token** loses nothing in itself: its own vector is learned, and another one added to
#   it gives nothing new. It costs compatibility, since published tables have one more row.
# - **Positions at zero** are learned like any others. See below.
# - **Dropout of 0.1**, PyTorch's default, is what some of the paper's models were trained with. If you do not know
#   about it, it spoils an experiment that you believe to be without dropout. And it is not all that the paper has:
#   there is one more after the positions are added (Dosovitskiy et al., 2021, appendix B.1), and PyTorch's layer
#   also drops attention weights.
# - **Layers that start as copies** drift apart as soon as they are trained. They begin as one layer applied three
#   times, which nobody intended; a new start costs two lines.
#
# Do zeros stay zeros? Only if no gradient reaches them. Ask a single batch.

# %%
torch.manual_seed(0)
model = RepairedViT()
nn.init.zeros_(model.positions)
images, labels = torch.randn(16, 3, 32, 32), torch.randint(10, (16,))
F.cross_entropy(model(images), labels).backward()
gradient = model.positions.grad[0, 1:]
print("places without a gradient:", int((gradient.norm(dim=1) == 0).sum()), "of", len(gradient))
print("all places have the same: ", torch.allclose(gradient, gradient[:1].expand_as(gradient)))

# %% [markdown]
# Every place gets a gradient, and each gets a different one, since its pixels are different. After one step the
# positions differ. Zeros cost you only the very beginning, when the model cannot tell an image from its own shards.
# Small random numbers (std 0.02, as in the code of the paper) cost no more.
#
# So zeros are fine as a start. They are a fault if they stay zero: in a plain tensor that is not an `nn.Parameter`,
# or left out of the optimiser. The table above told you what a trained model is without its positions.

# %% [markdown] slide="A checklist for any tutorial" lecture=true
# ## A checklist for any tutorial
#
# Apply it to the next one that you copy, and to this course.
#
# 1. Where do mean, std, size and interpolation come from: from the weights, or from somebody's memory?
# 2. Does a disc stay round?
# 3. `eval()` *and* `no_grad` (or `inference_mode`) before anything is measured?
# 4. Over which axis does each softmax run, and is there one before a loss that has its own?
# 5. Does an image get the same answer alone and in company? Does a different image get a different answer?
# 6. Every default that you leave: is it what your model needs? (`batch_first`, `norm_first`, `activation`,
#    `layer_norm_eps`, `dropout`)
# 7. Does a norm come last before the head?
# 8. Are there as many positions as tokens, are they trained, and what happens to an image of another shape?
# 9. Does the parameter count agree with the paper's, to the last digit?
# 10. Do published weights give published answers? This one test replaces most of the others.

# %% [markdown] slide="Summary"
# ## What could go wrong
#
# | what you see | what it may be | the test |
# | --- | --- | --- |
# | all probabilities are 1, or all tiny | softmax over the batch, or over everything | do they add up to 1 for one image? |
# | good on paper, poor on your photographs | squeezed; a different mean and std; a different size | draw what the model gets |
# | a different answer each time | `eval()` forgotten | ask twice |
# | accuracy changes with the batch size | `batch_first` forgotten | one image alone, then in company |
# | the loss stops at the level of guessing | the class token sees class tokens only | change the image, look at the scores |
# | the head gets ever longer vectors since you added `norm_first` | the last norm is missing | std of what the head reads |
# | published weights load, answers are nonsense | activation, eps, heads, order of q, k, v | compare logits |
# | works for squares only, or silently for anything | the grid is forgotten, only the number of patches counts | give it 16 x 64 instead of 32 x 32 |
#
# ## Summary
#
# - Code that runs is not code that works: of eighteen small tests, the two snippets pass one, and even that one by chance.
# - Weights know their own preprocessing and their class names. Ask them.
# - PyTorch's encoder can be a ViT's, with four arguments and a norm; with its defaults, it is not.
# - Some faults are choices. Then somebody should have chosen.
# - After each repair, run all tests again.
#
# **Further reading**
#
# - Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021; appendix B.1 for dropout.
# - Vaswani et al., *Attention Is All You Need*, NIPS 2017: post-norm.
# - Xiong et al., *On Layer Normalization in the Transformer Architecture*, ICML 2020, and Liu et al.,
#   *Understanding the Difficulty of Training Transformers*, EMNLP 2020: what each order costs.
# - Touvron et al., *Fixing the train-test resolution discrepancy*, NeurIPS 2019: things have a different size in
#   training and in testing, although everybody resizes in the same way.
# - Karpathy, *A Recipe for Training Neural Networks*, 2019: neural networks fail silently.
