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
# > `len(image)` is the number of channels, not of all values.
# ~ channels * height * width => len(image)

# wrong: sizes added, not multiplied
# > You added the three sizes. The image is a block of numbers: multiply them.
# ~ channels * height * width => channels + height + width

# wrong: the values are summed, not counted
# > You added up what the pixels hold. Asked is how many numbers there are.
# ~ channels * height * width => int(image.sum())

# wrong: the number of axes
# > You returned how many axes the tensor has. Asked is how many numbers it holds.
# ~ channels * height * width => image.ndim

# wrong: three channels taken for granted
# > Your answer is right only for three channels: read them from `image.shape`.
# ~ return channels * => return 3 *

# wrong: the shape, not the count
# > You returned the sizes themselves. Multiply them to get one number.
# ~ channels * height * width => image.shape
