# right: remainders
def count_patches(height, width, patch_size):
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError(f"{patch_size} must divide {height} and {width}")
    return (height // patch_size) * (width // patch_size)

# wrong: the height is used for both sides
# > Your number is H / P times H / P. The image may be wider than it is high: use W / P for the
# > columns.
# ~ * (width // patch_size) => * (height // patch_size)

# wrong: the width is used for both sides
# > Your number is W / P times W / P. The image may be wider than it is high: use H / P for the
# > rows.
# ~ (height // patch_size) * => (width // patch_size) *

# wrong: divided by P once
# > Your number is H * W / P, the area divided by the side of a patch. A patch has P * P pixels.
# ~ (height // patch_size) * (width // patch_size) => height * width // patch_size

# wrong: pixels, not patches
# > Your number is H * W: it counts the pixels. Each patch holds P * P of them.
# ~ (height // patch_size) * (width // patch_size) => height * width

# wrong: rows and columns added
# > You added the rows and the columns. A grid of r rows and c columns has r * c patches.
# ~ (height // patch_size) * => (height // patch_size) +

# wrong: only the rows
# > You counted the patches in one column. Multiply by the number of columns.
# ~ (height // patch_size) * (width // patch_size) => height // patch_size

# wrong: only the columns
# > You counted the patches in one row. Multiply by the number of rows.
# ~ (height // patch_size) * (width // patch_size) => width // patch_size

# wrong: the CLS token is counted
# > One too many: the CLS token joins the patches later; it is not one of them.
# ~ * (width // patch_size) => * (width // patch_size) + 1

# wrong: overlapping patches
# > You counted every position of a sliding window. Patches do not overlap.
# ~ (height // patch_size) * (width // patch_size) => (height - patch_size + 1) * (width - patch_size + 1)

# wrong: a float, not an int
# > `/` always gives a float. `//` divides whole numbers.
# ~ (height // patch_size) * (width // patch_size) => (height / patch_size) * (width / patch_size)

# wrong: the grid, not the count
# > You returned rows and columns. Multiply them.
# ~ (height // patch_size) * => height // patch_size,

# wrong: no error for a bad size
# > A row or column of pixels would be lost: raise ValueError when P does not divide H or W.
# ~ if height % patch_size != 0 or width % patch_size != 0: => if False:
# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    return math.ceil(height / patch_size) * math.ceil(width / patch_size)
# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    return height * width // patch_size**2

# wrong: only the height is checked
# > A width that P does not divide must raise ValueError, too.
# ~ or width % patch_size != 0 =>

# wrong: only the width is checked
# > A height that P does not divide must raise ValueError, too.
# ~ height % patch_size != 0 or =>

# wrong: only the area is checked
# > P may divide the area even though it does not divide a side: check both sides.
# ~ height % patch_size != 0 or width % patch_size != 0 => height * width % patch_size**2 != 0
# wrong: only the area is checked
# ~ height % patch_size != 0 or width % patch_size != 0 => height * width % patch_size != 0

# wrong: one side and the area are checked
# > P may divide one side and the area, but not the other side: check both sides.
# ~ width % patch_size != 0 => height * width % patch_size**2 != 0
# wrong: one side and the area are checked
# ~ height % patch_size != 0 or => height * width % patch_size**2 != 0 or

# wrong: an error only when both sides are bad
# > One bad side is enough: join the two conditions with `or`.
# ~ != 0 or => != 0 and

# wrong: assert instead of ValueError
# > `assert` raises AssertionError, and under `python -O` nothing at all: use `raise ValueError`.
# ~ if height % patch_size != 0 or width % patch_size != 0: => assert height % patch_size == 0 and width % patch_size == 0
# ~ raise ValueError(f"{patch_size} must divide {height} and {width}") =>

# wrong: only square images
# > Images need not be square: height and width may differ.
# ~ height % patch_size != 0 => height != width or height % patch_size != 0

# wrong: a tensor, not an int
# > The number is right, but it is in a tensor: `.item()` takes it out.
# ~ (height // patch_size) * (width // patch_size) => torch.tensor((height // patch_size) * (width // patch_size))
