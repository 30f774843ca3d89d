import numpy as np
from PIL import Image
from torchvision import transforms as T1
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as T

# stub: as handed out
def preprocess(picture, resize, crop, mean, std):
    """A photograph as the weights expect it: uint8 (3, H, W) -> float32 (3, crop, crop)."""
    raise NotImplementedError("exercise 9.1")

# right: four calls of v2.functional
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize], antialias=True)
    x = T.center_crop(x, [crop])
    x = T.to_dtype(x, torch.float32, scale=True)
    return T.normalize(x, list(mean), list(std))

# right: floats first, then resized
def preprocess(picture, resize, crop, mean, std):
    x = picture / 255
    x = T.center_crop(T.resize(x, resize, antialias=True), crop)
    return T.normalize(x, mean, std)

# right: interpolate and slices
def preprocess(picture, resize, crop, mean, std):
    _, height, width = picture.shape
    if height < width:
        size = (resize, int(resize * width / height))
    else:
        size = (int(resize * height / width), resize)
    x = F.interpolate(picture[None].float(), size=size, mode="bilinear", antialias=True)[0]
    top, left = (size[0] - crop) // 2, (size[1] - crop) // 2
    x = x[:, top : top + crop, left : left + crop] / 255
    return (x - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)

# right: Compose of v2 classes
def preprocess(picture, resize, crop, mean, std):
    steps = v2.Compose([
        v2.Resize(resize, antialias=True),
        v2.CenterCrop(crop),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(mean, std),
    ])
    return steps(picture)

# right: the old transforms, by way of Pillow
def preprocess(picture, resize, crop, mean, std):
    image = T1.ToPILImage()(picture)
    steps = [T1.Resize(resize), T1.CenterCrop(crop), T1.ToTensor(), T1.Normalize(mean, std)]
    return T1.Compose(steps)(image)

# right: Pillow and NumPy alone
def preprocess(picture, resize, crop, mean, std):
    image = Image.fromarray(picture.permute(1, 2, 0).numpy())
    w, h = image.size
    if w <= h:
        w, h = resize, int(resize * h / w)
    else:
        w, h = int(resize * w / h), resize
    image = image.resize((w, h), Image.BILINEAR)
    left, top = (w - crop) // 2, (h - crop) // 2
    image = image.crop((left, top, left + crop, top + crop))
    x = (np.asarray(image, dtype=np.float32) / 255 - np.float32(mean)) / np.float32(std)
    return torch.from_numpy(x).permute(2, 0, 1).contiguous()

# right: torchvision's own preset
def preprocess(picture, resize, crop, mean, std):
    from torchvision.transforms._presets import ImageClassification
    return ImageClassification(crop_size=crop, resize_size=resize, mean=mean, std=std)(picture)

# right: integer division, one factor and one offset for each channel
def preprocess(picture, resize, crop, mean, std):
    height, width = picture.shape[-2:]
    short = min(height, width)
    height, width = height * resize // short, width * resize // short
    x = F.interpolate(picture.unsqueeze(0).float(), (height, width), mode="bilinear",
                      align_corners=False, antialias=True).squeeze(0)
    x = x.narrow(1, (height - crop) // 2, crop).narrow(2, (width - crop) // 2, crop)
    scale = torch.tensor([1 / (255 * s) for s in std])
    shift = torch.tensor([m / s for m, s in zip(mean, std)])
    return x * scale[:, None, None] - shift[:, None, None]

# right: channel by channel
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture.float(), [resize], antialias=True), [crop]) / 255
    return torch.stack([(channel - m) / s for channel, m, s in zip(x, mean, std)])

# right: normalised before it is cut
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize])
    x = T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)
    side = (x.shape[1] - crop) // 2, (x.shape[2] - crop) // 2
    return x[:, side[0] : side[0] + crop, side[1] : side[1] + crop].clone()

# right: two matrices that resize rows and columns
def weights_of(old, new):
    scale = old / new
    width = max(scale, 1.0)
    centre = (torch.arange(new) + 0.5) * scale
    distance = (torch.arange(old)[None] + 0.5 - centre[:, None]).abs() / width
    w = (1 - distance).clamp(min=0)
    return w / w.sum(1, keepdim=True)

def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    new_h, new_w = (resize, int(w * resize / h)) if h <= w else (int(h * resize / w), resize)
    x = torch.einsum("yh,chw,xw->cyx", weights_of(h, new_h), picture.float(), weights_of(w, new_w))
    y0, x0 = round((new_h - crop) / 2), round((new_w - crop) / 2)
    x = x[:, y0 : y0 + crop, x0 : x0 + crop] / 255
    mean, std = (torch.as_tensor(v, dtype=torch.float32) for v in (mean, std))
    return (x - mean[:, None, None]) / std[:, None, None]

# right: channels last while the numbers are applied
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    x = rearrange(x, "c h w -> h w c") / 255.0
    x = (x - torch.tensor(mean)) / torch.tensor(std)
    return rearrange(x, "h w c -> c h w")

# right: with a batch axis in between
def preprocess(picture, resize, crop, mean, std):
    x = T.resize_image(picture[None], [resize], antialias=True)
    x = T.center_crop_image(x, [crop])
    x = x.to(torch.float32).div_(255)
    return T.normalize_image(x, list(mean), list(std)).squeeze(0)

# right: batch norm as a standardiser
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])[None] / 255
    return F.batch_norm(x, torch.tensor(mean), torch.tensor(std) ** 2, eps=0.0)[0]

# wrong: *
# an array
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std).numpy()

# wrong: *
# a picture
def preprocess(picture, resize, crop, mean, std):
    return T1.CenterCrop(crop)(T1.Resize(resize)(T1.ToPILImage()(picture)))

# wrong: *
# as in training: somewhere, and mirrored half of the time
def preprocess(picture, resize, crop, mean, std):
    x = T1.RandomHorizontalFlip()(T1.RandomResizedCrop(crop, antialias=True)(picture))
    return T.normalize(x / 255, mean, std)

# wrong: *
# four fifths of the mistakes at once
def preprocess(picture, resize, crop, mean, std):
    x = F.interpolate(picture[None].float(), (crop, crop))[0]
    return (x - 0.5) / 0.5

# wrong: *
# a crop one pixel too far to the right
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize], antialias=True)
    top, left = (x.shape[1] - crop) // 2, (x.shape[2] - crop) // 2 + 1
    return T.normalize(x[:, top : top + crop, left : left + crop] / 255, mean, std)

# wrong: *
# the rim filled up with black, so that all fits into a square
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    side = max(h, w)
    top, left = (side - h) // 2, (side - w) // 2
    x = F.pad(picture, (left, side - w - left, top, side - h - top))
    x = T.center_crop(T.resize(x, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std)

# wrong: *
# grey
def preprocess(picture, resize, crop, mean, std):
    x = T.rgb_to_grayscale(picture, num_output_channels=3)
    x = T.center_crop(T.resize(x, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std)

# wrong: it changes its input
def preprocess(picture, resize, crop, mean, std):
    small = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    picture //= 2
    return T.normalize(small, mean, std)

# wrong: it returns None
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    x = T.normalize(x / 255, mean, std)

# wrong: it raised TypeError
# bytes cannot be normalised
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x, mean, std)

# wrong: it never finishes
def preprocess(picture, resize, crop, mean, std):
    x = picture / 255
    while min(x.shape[1:]) != resize:
        x = F.interpolate(x[None], scale_factor=1.0, mode="bilinear")[0]
    return T.normalize(T.center_crop(x, [crop]), mean, std)

# wrong: right for crop=12, wrong for crop=1
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture[None], [resize]), [crop]) / 255
    return T.normalize(x, mean, std).squeeze()

# wrong: right for a wide picture, wrong for an upright one
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    x = T.resize(picture, [resize, int(resize * w / h)], antialias=True)
    return T.normalize(T.center_crop(x, [crop]) / 255, mean, std)

# wrong: right with channels first in memory, wrong with channels last
def preprocess(picture, resize, crop, mean, std):
    x = picture.view(1, -1).view(picture.shape)
    x = T.center_crop(T.resize(x, [resize]), [crop]) / 255
    return T.normalize(x, mean, std)

# wrong: *
# somewhere
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize])
    x = v2.RandomCrop(crop)(x)
    return T.normalize(x / 255, mean, std)
