# stub: as handed out
def count_values(image):
    raise NotImplementedError("exercise 0.1")

# right: numel
def count_values(image):
    return image.numel()

# right: a loop
def count_values(image):
    n = 1
    for size in image.shape:
        n *= size
    return n

# right: math.prod
count_values = lambda image: math.prod(image.shape)

# wrong: it returns None
def count_values(image):
    print(image.numel())

# wrong: it raised AttributeError
def count_values(image):
    return image.numbers()

# wrong: it never finishes
def count_values(image):
    n = 0
    while n >= 0:
        n += 1
    return n


# Below: written from the notebook's text alone, by somebody who had not seen the check.

# right: numel
def count_values(image):
    return image.numel()

# right: unpack the shape and multiply
def count_values(image: torch.Tensor) -> int:
    C, H, W = image.shape
    return C * H * W

# right: math.prod of the shape
def count_values(image: torch.Tensor) -> int:
    return math.prod(image.shape)

# right: loop over the shape
def count_values(image: torch.Tensor) -> int:
    total = 1
    for side in image.shape:
        total *= side
    return total

# right: count by hand with nested loops
def count_values(image: torch.Tensor) -> int:
    n = 0
    for channel in image:
        for row in channel:
            for _ in range(len(row)):
                n += 1
    return n

# right: length of the flat tensor
def count_values(image: torch.Tensor) -> int:
    return len(image.reshape(-1))

# right: numpy detour
def count_values(image: torch.Tensor) -> int:
    return image.detach().cpu().numpy().size

# right: functools.reduce, a lambda instead of a def
from functools import reduce
from operator import mul
count_values = lambda image: reduce(mul, image.size(), 1)

# right: sum of integer ones
def count_values(image: torch.Tensor) -> int:
    return int(torch.ones_like(image, dtype=torch.int64).sum())

# right: torch.Size.numel with an assert on the number of axes
def count_values(image: torch.Tensor) -> int:
    assert image.ndim == 3, "want (C, H, W)"
    return image.shape.numel()

# right: recursion
def count_values(image: torch.Tensor) -> int:
    if image.dim() == 1:
        return image.shape[0]
    return sum(count_values(part) for part in image)

# right: bytes divided by bytes a number
def count_values(image: torch.Tensor) -> int:
    return image.nbytes // image.element_size()

# right: with an optional second argument
def count_values(image, per_channel=False):
    n = image.shape[-1] * image.shape[-2]
    return n if per_channel else n * image.shape[0]

# right: numpy.prod, not turned into a Python int (ambiguous: numpy.int64 is an integer but not an int)
import numpy as np
def count_values(image: torch.Tensor) -> int:
    return np.prod(image.shape)

# stub: stub left as it is
def count_values(image: torch.Tensor) -> int:
    raise NotImplementedError("exercise 0.1")

# stub: answer written below the raise
def count_values(image: torch.Tensor) -> int:
    raise NotImplementedError("exercise 0.1")
    return image.numel()

# wrong: it returns None
# (forgot to return)
def count_values(image: torch.Tensor) -> int:
    C, H, W = image.shape
    C * H * W

# wrong: it returns None
# (prints instead of returning)
def count_values(image: torch.Tensor) -> int:
    print(image.numel())

# wrong: *
# (method not called)
def count_values(image: torch.Tensor) -> int:
    return image.numel

# wrong: *
# (a tensor, not an int)
def count_values(image: torch.Tensor) -> int:
    return torch.tensor(image.shape).prod()

# wrong: *
# (a float)
def count_values(image: torch.Tensor) -> int:
    return float(image.numel())

# wrong: *
# (a float from a division)
def count_values(image: torch.Tensor) -> int:
    return image.nbytes / image.element_size()

# wrong: *
# (a string)
def count_values(image: torch.Tensor) -> int:
    return f"{image.numel():,}"

# wrong: *
# (takes H for W, right only for square images)
def count_values(image: torch.Tensor) -> int:
    C, H = image.shape[:2]
    return C * H * H

# wrong: *
# (the example's number hard-coded)
def count_values(image: torch.Tensor) -> int:
    return 12

# wrong: *
# (the photograph's number hard-coded)
def count_values(image: torch.Tensor) -> int:
    return 3 * 224 * 224

# wrong: it raised ValueError
# (expects a batch)
def count_values(image: torch.Tensor) -> int:
    B, C, H, W = image.shape
    return B * C * H * W

# wrong: *
# (zeros are not counted)
def count_values(image: torch.Tensor) -> int:
    return int(torch.count_nonzero(image))

# wrong: *
# (number of different values)
def count_values(image: torch.Tensor) -> int:
    return len(torch.unique(image))

# wrong: *
# (bytes)
def count_values(image: torch.Tensor) -> int:
    return image.numel() * image.element_size()

# right: sum of float ones, inexact for big images (ambiguous: only beyond 2**24 values or in half precision)
def count_values(image: torch.Tensor) -> int:
    return int(torch.ones_like(image).sum())

# wrong: it raised NameError
# (ignores the argument and looks at the global photo)
def count_values(image: torch.Tensor) -> int:
    return photo.numel()

# wrong: *
# (attribute of numpy arrays on a tensor)
def count_values(image: torch.Tensor) -> int:
    return image.size

# wrong: it raised NameError
# (unpack with a typo)
def count_values(image: torch.Tensor) -> int:
    C, H, W = image.shape
    return C * H * w

# wrong: it changes its input
# (right number, but flattens the caller's tensor in place)
def count_values(image: torch.Tensor) -> int:
    image.resize_(image.numel())
    return len(image)
