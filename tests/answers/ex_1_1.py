# stub: as handed out
def count_patches(height, width, patch_size):
    raise NotImplementedError("exercise 1.1")

# right: two conditions
def count_patches(height, width, patch_size):
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError("patch_size must divide height and width")
    return (height // patch_size) * (width // patch_size)

# right: divmod
def count_patches(height, width, patch_size):
    rows, rest_h = divmod(height, patch_size)
    columns, rest_w = divmod(width, patch_size)
    if rest_h or rest_w:
        raise ValueError(f"{patch_size} does not divide {height} x {width}")
    return rows * columns

# right: area over area
def count_patches(height, width, patch_size):
    for side in (height, width):
        if side % patch_size:
            raise ValueError
    return height * width // patch_size ** 2

# right: counting in a loop
def count_patches(height, width, patch_size):
    if any(s % patch_size for s in (height, width)):
        raise ValueError("bad size")
    return sum(1 for _ in range(0, height, patch_size) for _ in range(0, width, patch_size))

# right: an own kind of ValueError
class BadSize(ValueError):
    pass

def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise BadSize(height, width)
    return int(height / patch_size) * int(width / patch_size)

# wrong: divided by P once
def count_patches(height, width, patch_size):
    return height * width // patch_size

# wrong: it raised TypeError
def count_patches(height, width):
    return height * width

# wrong: it returns None
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    (height // patch_size) * (width // patch_size)

# wrong: it never finishes
def count_patches(height, width, patch_size):
    n = 0
    while height > 0:
        n += width // patch_size
    return n


# Below: written from the notebook's text alone, by somebody who had not seen the check.

# right: modulo, then floor division
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size != 0 or width % patch_size != 0:
        raise ValueError(f"{patch_size} does not divide {height} x {width}")
    return (height // patch_size) * (width // patch_size)

# right: divmod, two separate raises
def count_patches(height: int, width: int, patch_size: int) -> int:
    rows, rest = divmod(height, patch_size)
    if rest:
        raise ValueError("height")
    columns, rest = divmod(width, patch_size)
    if rest:
        raise ValueError("width")
    return rows * columns

# right: walk over the corners and count
def count_patches(height: int, width: int, patch_size: int) -> int:
    n = 0
    for top in range(0, height, patch_size):
        for left in range(0, width, patch_size):
            if top + patch_size > height or left + patch_size > width:
                raise ValueError
            n += 1
    return n

# right: area divided by area, after both checks
def count_patches(height, width, patch_size):
    if any(side % patch_size for side in (height, width)):
        raise ValueError("does not fit")
    return height * width // patch_size ** 2

# right: greatest common divisor
def count_patches(height: int, width: int, patch_size: int) -> int:
    if math.gcd(height, width, patch_size) != patch_size:
        raise ValueError("patch size must divide both sides")
    return len(range(0, height, patch_size)) * len(range(0, width, patch_size))

# right: helper inside, math.prod over a comprehension
def count_patches(height: int, width: int, patch_size: int) -> int:
    def how_many(side):
        if side % patch_size:
            raise ValueError(f"{side} is no multiple of {patch_size}")
        return side // patch_size
    return math.prod(how_many(side) for side in [height, width])

# right: floats and is_integer, turned into an int at the end
def count_patches(height: int, width: int, patch_size: int) -> int:
    rows, columns = height / patch_size, width / patch_size
    if not (rows.is_integer() and columns.is_integer()):
        raise ValueError("patches do not fit")
    return int(rows) * int(columns)

# right: let einops do the counting, translate its error
def count_patches(height: int, width: int, patch_size: int) -> int:
    try:
        grid = rearrange(torch.empty(height, width), "(h p) (w q) -> (h w) p q", p=patch_size, q=patch_size)
    except Exception as error:
        raise ValueError("does not divide") from error
    return grid.shape[0]

# right: torch arithmetic and item()
def count_patches(height: int, width: int, patch_size: int) -> int:
    sides = torch.tensor([height, width])
    if (sides % patch_size).any():
        raise ValueError(f"{patch_size=} does not divide {height=} or {width=}")
    return (sides // patch_size).prod().item()

# right: own subclass of ValueError
class DoesNotFit(ValueError):
    pass

def count_patches(height: int, width: int, patch_size: int) -> int:
    n_h, n_w = height // patch_size, width // patch_size
    if n_h * patch_size != height or n_w * patch_size != width:
        raise DoesNotFit(height, width, patch_size)
    return n_h * n_w

# right: subtract until nothing is left
def count_patches(height: int, width: int, patch_size: int) -> int:
    counts = []
    for side in (height, width):
        n = 0
        while side > 0:
            side -= patch_size
            n += 1
        if side < 0:
            raise ValueError("overhang")
        counts.append(n)
    return counts[0] * counts[1]

# right: keyword-friendly one-liner with a conditional first
def count_patches(height, width, patch_size):
    if not height % patch_size == 0 == width % patch_size:
        raise ValueError('Image dimensions must be divisible by the patch size.')
    return sum(1 for _ in range(height // patch_size) for _ in range(width // patch_size))

# right: also refuses patch sizes below 1 (ambiguous: the text does not speak of them)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if patch_size < 1:
        raise ValueError("patch_size must be positive")
    if height % patch_size or width % patch_size:
        raise ValueError("does not divide")
    return height // patch_size * (width // patch_size)

# stub: stub left as it is
def count_patches(height: int, width: int, patch_size: int) -> int:
    raise NotImplementedError("exercise 1.1")

# wrong: no error where one is expected
# (checks the sum of the sides)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if (height + width) % patch_size != 0:
        raise ValueError("does not divide")
    return (height // patch_size) * (width // patch_size)

# wrong: it raised ValueError
# (operator precedence, raises for images that fit)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size or width % patch_size == 0:
        raise ValueError("does not divide")
    return (height // patch_size) * (width // patch_size)

# wrong: it raised ValueError
# (the modulo the other way round)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if patch_size % height or patch_size % width:
        raise ValueError("does not divide")
    return (height // patch_size) * (width // patch_size)

# wrong: it raised Exception
# (raises a plain Exception)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size or width % patch_size:
        raise Exception("does not divide")
    return (height // patch_size) * (width // patch_size)

# wrong: it raised EinopsError
# (einops raises its own error, not ValueError)
def count_patches(height: int, width: int, patch_size: int) -> int:
    return len(rearrange(torch.empty(height, width), "(h p) (w q) -> (h w) p q", p=patch_size, q=patch_size))

# wrong: *
# (a tensor)
def count_patches(height: int, width: int, patch_size: int) -> int:
    sides = torch.tensor([height, width])
    if (sides % patch_size).any():
        raise ValueError("does not divide")
    return (sides // patch_size).prod()

# wrong: only square images
# (refuses images that are not square)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height != width or height % patch_size:
        raise ValueError("does not divide")
    return (height // patch_size) ** 2

# wrong: *
# (off by one, counts the lines of the grid)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size or width % patch_size:
        raise ValueError("does not divide")
    return len(range(0, height + 1, patch_size)) * len(range(0, width + 1, patch_size))

# wrong: *
# (off by one, range stops before the last patch)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size or width % patch_size:
        raise ValueError("does not divide")
    return sum(1 for i in range(0, height - patch_size, patch_size) for j in range(0, width - patch_size, patch_size))

# wrong: it returns None
# (forgets to return)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if height % patch_size or width % patch_size:
        raise ValueError("does not divide")
    n = (height // patch_size) * (width // patch_size)

# wrong: no error where one is expected
# (raises only where the patch is bigger than the image)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if patch_size > height or patch_size > width:
        raise ValueError("does not fit")
    return (height // patch_size) * (width // patch_size)

# wrong: it raised ValueError
# (the ValueError comes for every image but the example)
def count_patches(height: int, width: int, patch_size: int) -> int:
    if patch_size != 2:
        raise ValueError("does not divide")
    return (height // 2) * (width // 2)
