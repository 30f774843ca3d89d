# %% [markdown] minutes=10
# # 0 A tour: what you are going to build
#
# A Vision Transformer looks at a photograph the way a reader looks at a sentence: as a row of
# pieces that explain each other. In this course you build one, piece by piece, with your own hands.
#
# This first notebook takes ten minutes. It shows the whole machine at work on a photograph, checks
# that your computer is ready, and lets you solve one small exercise to learn how exercises work.
#
# You need to know Python, what a tensor is, and roughly how a neural network learns. From chapter 1
# on you also write small `nn.Module` classes; PyTorch's own tutorial "Build the Neural Network"
# shows everything you need to know about them.

# %% [markdown] tags=["notebook-only"]
# To run a cell, click on it and press Shift+Enter.

# %% [markdown] tags=["notebook-only"]
# ## Is your computer ready?
#
# The next cell checks your installation. First it lists what is installed. Below that, every line
# should begin with "ok". A line that begins with "problem" says what to do.

# %% tags=["nbval-ignore-output", "notebook-only", "this-machine"]
from vitcourse import doctor

doctor()  # before `import torch`, since it can tell why that fails

# %% [markdown] tags=["notebook-only"]
# The other notebooks begin with a cell like this one. It shows which versions you have.

# %% tags=["nbval-ignore-output"]
import torch
from vitcourse import check, load_photo, my_progress, show, versions
from vitcourse import reset, solution  # to begin an exercise again; to see its answer
from vitcourse.model import VARIANTS, VisionTransformer, patchify
from vitcourse.view import draw_tour

versions()

# %% [markdown] tags=["notebook-only"]
# ## Contents
#
# Nine chapters, an appendix, and two chapters on what came after 2021. Run the next cell whenever you
# come back: it shows what you have solved and what comes next. In a terminal, `python -m vitcourse
# progress` shows the same.

# %% tags=["nbval-ignore-output", "notebook-only"]
my_progress()

# %% [markdown]
# ## A photograph
#
# This is Rear Admiral Grace Hopper, who wrote one of the first compilers. The picture ships with
# matplotlib, so it is on your computer already.

# %% [markdown] tags=["notebook-only"]
# Would you rather use your own picture? Upload it to the folder of this notebook and write
# `load_photo("my_picture.jpg")`.

# %%
photo = load_photo()
print("shape (channels, height, width):", tuple(photo.shape))
print(f"values from {photo.min():.1f} to {photo.max():.1f}")

# %% [markdown]
# ## The whole machine in one picture
#
# Here is a Vision Transformer of the small size called "Ti". Its numbers are still random: nobody
# has trained it. You send the photograph through it and keep what comes out of each stage.
#
# You do not need to understand the next cell yet. By chapter 6 you will have written all of it.

# %%
torch.manual_seed(0)
model = VisionTransformer(num_classes=10, **VARIANTS["Ti"]).eval()
images = 2 * photo[None] - 1  # a batch of one, with pixels from -1 to 1
with torch.inference_mode():
    tokens = model.embed(images)
    block = model.encoder.blocks[0]
    _, attention = block.attn(block.norm1(tokens), return_weights=True)
    features = model.forward_features(images)
    scores = model(images).softmax(-1)

# %% slide="A photograph becomes patches, tokens, attention, scores" lecture=true
patches = patchify(photo[None], 16)
figure = draw_tour(photo, patches[0], tokens[0], attention[0].mean(0), features[0, 0], scores[0])
show(
    figure,
    alt="Six stages of a Vision Transformer on a portrait of Grace Hopper: the photograph with a "
    "14 by 14 grid; some of its 196 patches in a row; the tokens as a table of numbers, one row a token; "
    "the attention matrix, one row a token, without any clear target; the 192 numbers of the "
    "class token at the end; ten class scores, none far from one tenth.",
)

# %% [markdown] slide="Six steps, and the chapters that build them" lecture=true
# Read it from left to right, row by row.
#
# 1. **Cut.** The photograph is cut into squares of 16 x 16 pixels (chapter 1).
# 2. **Line up.** The squares, called patches, are put in a row, like words in a sentence. The
#    picture shows a stretch of the row, wrapped like lines of text.
# 3. **Embed.** Each patch becomes a row of numbers, a *token*. One more token, called CLS, joins
#    them as number 0: it will stand for the whole image (chapter 2). Each token is told its place
#    (chapter 3).
# 4. **Attend.** Each token looks at all tokens and takes from them what it needs (chapter 4). This
#    happens in every one of a dozen blocks (chapter 5).
# 5. **Read off.** At the end, the numbers of the CLS token describe the image.
# 6. **Decide.** One last layer turns them into a score for each class (chapter 6).
#
# The model is untrained, and you should not read anything into its pictures. The scores differ, but
# only because the random numbers do: `torch.manual_seed(1)` gives different winners. The stripes in
# the attention are due to chance, too. Training changes that, from chapter 7 on.
#
# This design is from Dosovitskiy et al., "An Image is Worth 16x16 Words" (2021).

# %% [markdown]
# ## How exercises work
#
# You learn by writing the parts yourself. Each exercise has a cell with a *stub*: a function whose
# description says what it must do, and whose body says `NotImplementedError`. You write the body.

# %% [markdown] tags=["notebook-only"]
# The cell below it checks your answer. If something is wrong, it shows what, on a small example,
# and names the mistake that it looks like, if it can. Try it: run both cells before you change
# anything.

# %% [markdown]
# ### Exercise 0.1

# %% exercise="0.1"
def count_values(image: torch.Tensor) -> int:
    """How many numbers an image of shape (C, H, W) holds.

    - `image`: a tensor with C channels, H rows and W columns of pixels
    - returns: an int

    Example: an image of shape (3, 2, 2) holds 12 numbers.
    """
    ### BEGIN SOLUTION
    channels, height, width = image.shape
    return channels * height * width
    ### END SOLUTION


# %% check="0.1"
check("0.1")  # stuck? check("0.1", hint=1), then 2, then 3

# %% [markdown] tags=["notebook-only"]
# Was it red? Good: that is how an exercise starts.
#
# After a red check, the name `count_values` refers to the course's version, so that the cells below
# work and you can keep reading. Your version is kept as `my_count_values`: call it to see what it
# does. As soon as you run your cell again, `count_values` is your version again.
#
# One thing to know: *Run All Cells* stops at the first red check. To continue from there, select
# the next cell and choose *Run Selected Cell and All Below* from JupyterLab's *Run* menu.
#
# Now replace the line that says `NotImplementedError` with your answer, run the cell, and run the
# check again.
#
# Once it is green, your answer is also saved in the file `my_vit.py`, next to the notebooks. It is
# plain Python and yours to keep; chapter 6 builds a whole model out of it.
#
# Three more things that you can write into any cell:
#
# - `lines("4.4")` is an easier way into an exercise, for the eight hardest ones. It has the lines of
#   an answer, shuffled, and two that are wrong. You put them in order, and the check judges them.
# - `solution("0.1")` shows the course's answer, why it is right, and other right ones. It waits
#   until you have solved the exercise, or read all three hints.
# - `reset("0.1")` begins the exercise again. Write it in place of your answer and run the cell: the
#   stub comes back, and what you had goes to `my_vit_older.py`.

# %% [markdown] tags=["solution"]
# **Solution.** The product of the three sizes. `image.numel()` gives the same number, and so does
# `math.prod(image.shape)`. A common slip is to multiply height and width only: that counts pixels,
# and each pixel holds one number per channel.

# %%
print(f"The photograph is {count_values(photo):,} numbers.")
print(f"One of its patches is {count_values(photo[:, :16, :16]):,} numbers.")

# %% [markdown] tags=["notebook-only"]
# Outside the notebook, you can check all exercises of a chapter at once. In a terminal, in the
# folder from which you started JupyterLab, run `python -m vitcourse check 00`; the table at the end
# shows which ones you have solved.

# %% [markdown] slide="When a check is red" tags=["notebook-only"]
# ## What could go wrong
#
# | You see | What it means |
# | --- | --- |
# | `not solved yet` | the stub is still there, or you did not run the cell with your answer |
# | `wrong (...)` | your answer differs; the message shows where |
# | `... is the course's version at the moment` | run the cell with your answer again, then the check |
# | `NameError: name 'check' is not defined` | run the first code cell of the notebook |
# | the check still judges your old answer | run the cell with the answer again, then the check |

# %% [markdown] slide="Summary"
# ## Summary
#
# - A Vision Transformer cuts an image into patches, turns each into a token, lets the tokens look
#   at each other, and reads the answer off one of them.
# - You write each part in a stub; `check` tells you whether it is right, and if not, why.
#
# **Next:** `01_patch_embedding.ipynb`, where you build the first part.
#
# **Further reading**
#
# - Dosovitskiy et al., *An Image is Worth 16x16 Words: Transformers for Image Recognition at
#   Scale*, ICLR 2021. Its Figure 1 shows the same stages.
# - Vaswani et al., *Attention Is All You Need*, NeurIPS 2017. Where transformers come from.
