from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as T1
from torchvision.transforms.v2 import functional as TF

# right: interpolated by hand
# > What the three functions do inside. Without `antialias`, the result would be another one.
def preprocess(picture, resize, crop, mean, std):
    height, width = picture.shape[1:]
    short = min(height, width)
    size = [int(resize * height / short), int(resize * width / short)]
    x = F.interpolate(picture[None].float(), size, mode="bilinear", antialias=True)[0]
    x = TF.center_crop(x, [crop]) / 255
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return (x - mean) / std

# wrong: no antialiasing
# > Where a picture shrinks, each new pixel should be a mean over all the old ones below it. Yours
# > picks a few of them: use antialias=True.
# ~ , antialias=True =>

# wrong: squeezed to a square
# > `resize` is a single number, for the *shorter* side; the other side keeps the proportion. With
# > two numbers everything gets squeezed, and the model never saw squeezed things.
# ~ size, mode => [resize, resize], mode
# wrong: squeezed to a square
# ~ size, mode => [crop, crop], mode

# wrong: the longer side is resized
# > Yours makes the longer side `resize` pixels long. It should be the shorter one.
# ~ min(height, width) => max(height, width)

# wrong: the shorter side becomes `crop`
# > The shorter side becomes `resize`, which is more than `crop`; then the edges are cut off. Yours
# > shows more of the picture than in training, and everything in it is smaller.
# ~ int(resize * height / short), int(resize * width / short) => int(crop * height / short), int(crop * width / short)
# wrong: the shorter side becomes `crop`
# ~ picture[None].float(), size => TF.center_crop(picture, [short])[None].float(), [crop, crop]

# wrong: cropped at the corner
# > You keep the upper left corner. The middle is where photographers put things.
# ~ TF.center_crop(x, [crop]) => x[:, :crop, :crop]

# wrong: not resized
# > You crop the picture at its original size.
# ~ TF.center_crop(x, [crop]) => TF.center_crop(picture, [crop])
# wrong: not resized
# ~ TF.center_crop(x, [crop]) => picture[:, max(height - crop, 0) // 2 :, max(width - crop, 0) // 2 :][:, :crop, :crop]

# wrong: not cropped
# > You resize, but do not cut off the edges.
# ~ TF.center_crop(x, [crop]) => x

# wrong: cropped before it is resized
# > You crop first and then resize, so the model sees things at another scale, or other pixels at
# > the edge. Resize the whole picture, then cut out the middle.
# ~ picture[None].float(), size => TF.center_crop(picture, [round(short * crop / resize)])[None].float(), [crop, crop]
# wrong: cropped before it is resized
# ~ TF.center_crop(x, [crop]) => x
# ~ picture[None].float(), size => TF.center_crop(picture, [crop])[None].float(), [resize, resize]

# wrong: bicubic, not bilinear
# > These weights need bilinear resizing.
# ~ "bilinear" => "bicubic"

# wrong: nearest, not bilinear
# > Yours picks single pixels. It should be bilinear, with antialiasing.
# ~ , mode="bilinear", antialias=True =>

# wrong: align_corners=True
# > That puts the corner pixels on top of each other and stretches what is between. Leave it out.
# ~ antialias=True => antialias=True, align_corners=True

# wrong: the longer side is rounded
# > The longer side is rounded down to a whole number of pixels, as torchvision does it: int(resize
# > * long / short).
# ~ int(resize * height / short), int(resize * width / short) => round(resize * height / short), round(resize * width / short)
# wrong: the longer side is rounded
# ~ int(resize * height / short), int(resize * width / short) => math.ceil(resize * height / short), math.ceil(resize * width / short)

# wrong: resized by a factor
# > This is what `scale_factor=...` gives: it keeps computing with a side that is not a whole
# > number. Pass `size` in pixels.
# ~ size, mode => scale_factor=resize / short, mode

# wrong: rows and columns swapped
# > Sizes are (height, width), and a picture is (3, H, W): rows first.
# ~ size, mode => size[::-1], mode

# wrong: turned on its side
# > The rows and columns of your result are swapped.
# ~ (x - mean) / std => ((x - mean) / std).transpose(1, 2)

# wrong: mean and std swapped
# > Subtract the mean, divide by std.
# ~ (x - mean) / std => (x - std) / mean

# wrong: normalised before the division by 255
# > Mean and std belong to values from 0 to 1: divide by 255 first, then subtract the mean and
# > divide by std.
# ~ [crop]) / 255 => [crop])
# ~ (x - mean) / std => (x - mean) / std / 255

# wrong: no division by 255
# > Mean and std belong to values from 0 to 1: divide by 255 first, then subtract the mean and
# > divide by std.
# ~ [crop]) / 255 => [crop])

# wrong: divided by 255 twice
# > Yours is dark: to_dtype(..., scale=True), ToTensor and convert_image_dtype already divide by
# > 255.
# ~ / 255 => / 255 / 255

# wrong: divided by 256
# > White is 255 and should become 1.
# ~ / 255 => / 256

# wrong: divided by the largest value
# > White is 255, whether it is in the picture or not: divide by 255.
# ~ (x - mean) / std => (x / x.max() - mean) / std

# wrong: whole numbers only
# > `//` gives 0 for everything but white. `/` gives the numbers from 0 to 1.
# ~ / 255 => // 255

# wrong: divided by std squared
# > std is already a standard deviation; divide by it once.
# ~ (x - mean) / std => (x - mean) / std**2

# wrong: not normalised
# > Yours stops at values from 0 to 1. You still have to subtract the mean and divide by std.
# ~ (x - mean) / std => x

# wrong: a tuple is subtracted from a tensor
# > mean and std are tuples of plain numbers. Turn them into tensors, `torch.tensor(mean)[:, None,
# > None]`, or use TF.normalize.
# ~ mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None] =>

# wrong: not divided by std
# > You subtract the mean and stop there.
# ~ (x - mean) / std => x - mean

# wrong: the mean is not subtracted
# > You divide by std without subtracting the mean first.
# ~ (x - mean) / std => x / std

# wrong: the mean is subtracted last
# > First subtract the mean, then divide by std: mind the brackets.
# ~ (x - mean) / std => x / std - mean
# wrong: the mean is subtracted last
# ~ (x - mean) / std => x - mean / std

# wrong: multiplied by std
# > Divide by std: afterwards the values have a spread of about 1.
# ~ (x - mean) / std => (x - mean) * std

# wrong: the mean is added
# > That is the way back, from the model's numbers to a picture. Subtract.
# ~ (x - mean) / std => (x + mean) / std
# wrong: the mean is added
# > That is the way back, from the model's numbers to a picture. Subtract and divide.
# ~ (x - mean) / std => x * std + mean

# wrong: mean and std along the last axis
# > Three numbers next to (3, H, W) are matched with the last axis, the columns. Give them shape (3,
# > 1, 1): `torch.tensor(mean)[:, None, None]`.
# ~ torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None] => torch.tensor(mean), torch.tensor(std)
# wrong: mean and std along the last axis
# ~ torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None] => torch.tensor(mean)[:, None], torch.tensor(std)[:, None]

# wrong: one mean for all channels
# > Each channel has its own mean and its own std.
# ~ torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None] => mean[0], std[0]
# wrong: one mean for all channels
# ~ torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None] => sum(mean) / 3, sum(std) / 3

# wrong: the picture's own mean and std
# > You make every picture equally bright. Take the numbers that come with the weights.
# ~ (x - mean) / std => (x - x.mean((1, 2), keepdim=True)) / x.std((1, 2), keepdim=True)
# wrong: the picture's own mean and std
# ~ (x - mean) / std => (x - x.mean()) / x.std()

# wrong: mean and std are typed in
# > Your numbers are those of ImageNet, whatever is passed. Other weights come with other numbers:
# > use the arguments.
# ~ torch.tensor(mean)[:, None, None] => torch.tensor([0.485, 0.456, 0.406])[:, None, None]
# ~ torch.tensor(std)[:, None, None] => torch.tensor([0.229, 0.224, 0.225])[:, None, None]
# wrong: mean and std are typed in
# > You use 0.5 and 0.5, whatever is passed. Use the arguments.
# ~ (x - mean) / std => (x - 0.5) / 0.5

# wrong: 256 and 224 are typed in
# > Use the arguments `resize` and `crop`: other weights need other sizes.
# ~ int(resize * height / short), int(resize * width / short) => int(256 * height / short), int(256 * width / short)
# ~ [crop] => [224]

# wrong: blue first
# > Your channels come in the order blue, green, red. The picture has red first, and so did the
# > training pictures.
# ~ picture[None] => picture.flip(0)[None]
# wrong: blue first
# ~ (x - mean) / std => ((x - mean) / std).flip(0)

# wrong: channels last
# > The result should be (3, crop, crop), channels first.
# ~ (x - mean) / std => ((x - mean) / std).permute(1, 2, 0)

# wrong: cut to 0..1
# > Normalised values may be negative or more than 1. Leave them as they are.
# ~ (x - mean) / std => ((x - mean) / std).clamp(0, 1)

# wrong: a batch of one
# > The result should be one picture, (3, crop, crop). The batch comes later: `[None]`.
# ~ (x - mean) / std => ((x - mean) / std)[None]

# wrong: bytes, not floats
# > Bytes can be neither negative nor fractions: everything the normalisation did is lost.
# ~ (x - mean) / std => ((x - mean) / std).to(torch.uint8)

# wrong: float64
# > The result should be float32, like the weights: `.float()`. (NumPy makes float64.)
# ~ (x - mean) / std => ((x - mean) / std).double()

# wrong: float16
# > The result should be float32, like the weights: `.float()`.
# ~ (x - mean) / std => ((x - mean) / std).half()

# right: four functions of v2
# > `to_dtype(..., scale=True)` does the division by 255.
def preprocess(picture, resize, crop, mean, std):
    x = TF.resize(picture, [resize], antialias=True)
    x = TF.center_crop(x, [crop])
    x = TF.to_dtype(x, torch.float32, scale=True)
    return TF.normalize(x, mean, std)

# wrong: no antialiasing
# ~ antialias=True => antialias=False

# wrong: squeezed to a square
# ~ [resize] => [resize, resize]
# wrong: squeezed to a square
# ~ [resize] => [crop, crop]

# wrong: the longer side is resized
# ~ [resize] => [int(resize * side / max(picture.shape[1:])) for side in picture.shape[1:]]

# wrong: the shorter side becomes `crop`
# ~ [resize] => [crop]
# wrong: the shorter side becomes `crop`
# ~ TF.resize(picture, [resize] => TF.resize(TF.center_crop(picture, min(picture.shape[1:])), [crop]

# wrong: cropped at the corner
# ~ TF.center_crop(x, [crop]) => x[:, :crop, :crop]

# wrong: not cropped
# ~ x = TF.center_crop(x, [crop]) =>

# wrong: cropped before it is resized
# ~ TF.resize(picture, [resize] => TF.resize(TF.center_crop(picture, [round(min(picture.shape[1:]) * crop / resize)]), [crop]
# wrong: cropped before it is resized
# ~ x = TF.center_crop(x, [crop]) =>
# ~ TF.resize(picture, => TF.resize(TF.center_crop(picture, [crop]),

# wrong: bicubic, not bilinear
# ~ antialias=True => InterpolationMode.BICUBIC, antialias=True

# wrong: rows and columns swapped
# ~ [resize] => [int(resize * side / min(picture.shape[1:])) for side in (picture.shape[2], picture.shape[1])]

# wrong: 256 and 224 are typed in
# ~ [resize] => [256]
# ~ [crop] => [224]

# wrong: channels last
# ~ TF.normalize(x, mean, std) => TF.normalize(x, mean, std).permute(1, 2, 0)

# wrong: cut to 0..1
# ~ TF.normalize(x, mean, std) => TF.normalize(x, mean, std).clamp(0, 1)

# wrong: a batch of one
# ~ TF.normalize(x, mean, std) => TF.normalize(x, mean, std)[None]

# wrong: bytes, not floats
# ~ TF.normalize(x, mean, std) => TF.normalize(x, mean, std).to(torch.uint8)

# right: four functions of the old transforms
# > The older functions of torchvision (`T1` here): the same numbers under other names.
def preprocess(picture, resize, crop, mean, std):
    x = T1.resize(picture, [resize], antialias=True)
    x = T1.center_crop(x, [crop])
    x = T1.convert_image_dtype(x, torch.float32)
    return T1.normalize(x, mean, std)

# wrong: no antialiasing
# ~ antialias=True => antialias=False

# wrong: squeezed to a square
# ~ [resize] => [resize, resize]
# wrong: squeezed to a square
# ~ [resize] => [crop, crop]

# wrong: the longer side is resized
# ~ [resize] => [int(resize * side / max(picture.shape[1:])) for side in picture.shape[1:]]

# wrong: the shorter side becomes `crop`
# ~ [resize] => [crop]
# wrong: the shorter side becomes `crop`
# ~ T1.resize(picture, [resize] => T1.resize(T1.center_crop(picture, min(picture.shape[1:])), [crop]

# wrong: cropped at the corner
# ~ T1.center_crop(x, [crop]) => x[:, :crop, :crop]

# wrong: not cropped
# ~ x = T1.center_crop(x, [crop]) =>

# wrong: cropped before it is resized
# ~ T1.resize(picture, [resize] => T1.resize(T1.center_crop(picture, [round(min(picture.shape[1:]) * crop / resize)]), [crop]
# wrong: cropped before it is resized
# ~ x = T1.center_crop(x, [crop]) =>
# ~ T1.resize(picture, => T1.resize(T1.center_crop(picture, [crop]),

# wrong: bicubic, not bilinear
# ~ antialias=True => InterpolationMode.BICUBIC, antialias=True

# wrong: rows and columns swapped
# ~ [resize] => [int(resize * side / min(picture.shape[1:])) for side in (picture.shape[2], picture.shape[1])]

# wrong: 256 and 224 are typed in
# ~ [resize] => [256]
# ~ [crop] => [224]

# wrong: channels last
# ~ T1.normalize(x, mean, std) => T1.normalize(x, mean, std).permute(1, 2, 0)

# wrong: cut to 0..1
# ~ T1.normalize(x, mean, std) => T1.normalize(x, mean, std).clamp(0, 1)

# wrong: a batch of one
# ~ T1.normalize(x, mean, std) => T1.normalize(x, mean, std)[None]

# wrong: bytes, not floats
# ~ T1.normalize(x, mean, std) => T1.normalize(x, mean, std).to(torch.uint8)
