# stub: as handed out
def count_values(image):
    raise NotImplementedError("exercise 0.1")

# right: product of the sizes
def count_values(image):
    channels, height, width = image.shape
    return channels * height * width

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

# wrong: channels left out
def count_values(image):
    return image.shape[-1] * image.shape[-2]

# wrong: channels left out
def count_values(image):
    return image[0].numel()

# wrong: the width left out
def count_values(image):
    return image.size(0) * image.size(1)

# wrong: len counts only the first axis
def count_values(image):
    return image.shape[0]

# wrong: sizes added, not multiplied
def count_values(image):
    c, h, w = image.shape
    return c + h + w

# wrong: three channels taken for granted
def count_values(image):
    _, h, w = image.shape
    return h * w * 3

# wrong: the shape, not the count
def count_values(image):
    return image.size()

# wrong: the number of axes
def count_values(image):
    return image.dim()

# wrong: the values are summed, not counted
def count_values(image):
    return int(image.sum().item())

# wrong: it returns None
def count_values(image):
    print(image.numel())

# wrong: it raised AttributeError
def count_values(image):
    return image.numbers()

# wrong: it does not come to an end
def count_values(image):
    n = 0
    while n >= 0:
        n += 1
    return n
