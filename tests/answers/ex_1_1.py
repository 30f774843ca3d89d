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

# wrong: the height is used for both sides
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    side = height // patch_size
    return side * side

# wrong: the width is used for both sides
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return (width // patch_size) ** 2

# wrong: divided by P once
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return (height * width) // patch_size

# wrong: divided by P once
def count_patches(height, width, patch_size):
    return height * width // patch_size

# wrong: pixels, not patches
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height * width

# wrong: rows and columns added
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height // patch_size + width // patch_size

# wrong: only the rows
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height // patch_size

# wrong: only the columns
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return width // patch_size

# wrong: the CLS token is counted
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height // patch_size * (width // patch_size) + 1

# wrong: overlapping patches
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return (height - patch_size + 1) * (width - patch_size + 1)

# wrong: a float, not an int
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height * width / patch_size ** 2

# wrong: the grid, not the count
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    return height // patch_size, width // patch_size

# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    return (height // patch_size) * (width // patch_size)

# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    return math.ceil(height / patch_size) * math.ceil(width / patch_size)

# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        print("bad size")
    return (height // patch_size) * (width // patch_size)

# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        return None
    return (height // patch_size) * (width // patch_size)

# wrong: no error for a bad size
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        return ValueError("bad size")
    return (height // patch_size) * (width // patch_size)

# wrong: only the height is checked
def count_patches(height, width, patch_size):
    if height % patch_size:
        raise ValueError
    return (height // patch_size) * (width // patch_size)

# wrong: only the width is checked
def count_patches(height, width, patch_size):
    if width % patch_size:
        raise ValueError
    return (height // patch_size) * (width // patch_size)

# wrong: only the area is checked
def count_patches(height, width, patch_size):
    if (height * width) % (patch_size * patch_size):
        raise ValueError
    return (height // patch_size) * (width // patch_size)

# wrong: an error only when both sides are bad
def count_patches(height, width, patch_size):
    if height % patch_size and width % patch_size:
        raise ValueError
    return (height // patch_size) * (width // patch_size)

# wrong: assert in place of ValueError
def count_patches(height, width, patch_size):
    assert height % patch_size == 0 and width % patch_size == 0, "bad size"
    return (height // patch_size) * (width // patch_size)

# wrong: it raised TypeError
def count_patches(height, width):
    return height * width

# wrong: it returns None
def count_patches(height, width, patch_size):
    if height % patch_size or width % patch_size:
        raise ValueError
    (height // patch_size) * (width // patch_size)

# wrong: it does not come to an end
def count_patches(height, width, patch_size):
    n = 0
    while height > 0:
        n += width // patch_size
    return n
