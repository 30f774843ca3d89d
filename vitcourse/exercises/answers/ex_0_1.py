# right: product of the sizes
def count_values(image):
    channels, height, width = image.shape
    return channels * height * width

# wrong: channels left out
# > You counted pixels. Each pixel holds one number per channel.
# ~ return channels * => return

# wrong: the width left out
# > You multiplied channels and height. The width is the last size.
# ~ * width =>

# wrong: len counts only the first axis
# > `len(image)` is the number of channels, not the number of all values.
# ~ channels * height * width => len(image)

# wrong: sizes added, not multiplied
# > You added the three sizes. The image is a block of numbers: multiply them.
# ~ channels * height * width => channels + height + width

# wrong: the values are summed, not counted
# > You added up what the pixels hold. The question is how many numbers there are.
# ~ channels * height * width => int(image.sum())

# wrong: the number of axes
# > You returned how many axes the tensor has, not how many numbers it holds.
# ~ channels * height * width => image.ndim

# wrong: three channels are assumed
# > Your answer is right only for three channels: read their number from `image.shape`.
# ~ return channels * => return 3 *

# wrong: the shape, not the count
# > You returned the sizes themselves. Multiply them to get one number.
# ~ channels * height * width => image.shape

# wrong: the height is used for both sides
# > Your answer is right only for square images. The width is the last size.
# ~ height * width => height * height

# wrong: a float, not an int
# > The number is right, but it is a float: `int(...)` makes it a whole number.
# ~ channels * height * width => float(channels * height * width)

# wrong: a tensor, not an int
# > The number is right, but it is in a tensor: `.item()` takes it out.
# ~ channels * height * width => torch.tensor(channels * height * width)
# wrong: a tensor, not an int
# ~ channels * height * width => torch.ones_like(image).sum()

# wrong: zeros are not counted
# > A black pixel is a number, too: 0. Your answer leaves out the zeros.
# ~ channels * height * width => int(image.count_nonzero())

# wrong: equal numbers are counted once
# > You counted the different numbers. Every number counts, even if it appears more than once.
# ~ channels * height * width => len(image.unique())

# wrong: bytes, not numbers
# > You counted bytes. A float32 takes four of them.
# ~ channels * height * width => image.nbytes
