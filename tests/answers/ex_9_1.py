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

# wrong: no antialiasing
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=False), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: no antialiasing
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = (resize, int(resize * w / h)) if h <= w else (int(resize * h / w), resize)
    x = F.interpolate(picture[None].float(), size=size, mode="bilinear", align_corners=False)[0]
    return T.normalize(T.center_crop(x, [crop]) / 255, mean, std)

# wrong: squeezed to a square
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize, resize], antialias=True)
    x = T.center_crop(x, [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: squeezed to a square
# by way of Pillow
def preprocess(picture, resize, crop, mean, std):
    image = T1.ToPILImage()(picture).resize((resize, resize), Image.BILINEAR)
    return T1.Normalize(mean, std)(T1.ToTensor()(T1.CenterCrop(crop)(image)))

# wrong: squeezed to a square
# and straight to the size of the crop
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [crop, crop], antialias=True)
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: the longer side is resized
def preprocess(picture, resize, crop, mean, std):
    _, h, w = picture.shape
    size = [resize, int(h * 0 + resize * w / h)] if h > w else [int(resize * h / w), resize]
    x = T.center_crop(T.resize(picture, size, antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: the longer side is resized
# by floats
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = (resize, int(resize * w / h)) if h > w else (int(resize * h / w), resize)
    x = F.interpolate(picture[None].float(), size=size, mode="bilinear", antialias=True)[0]
    return T.normalize(T.center_crop(x, [crop]) / 255, mean, std)

# wrong: the shorter side becomes `crop`
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [crop], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: the shorter side becomes `crop`
# the largest square, cut out first
def preprocess(picture, resize, crop, mean, std):
    side = min(picture.shape[1:])
    x = T.resize(T.center_crop(picture, [side]), [crop, crop], antialias=True)
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: cropped at the corner
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize], antialias=True)[:, :crop, :crop]
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: cropped at the corner
def preprocess(picture, resize, crop, mean, std):
    x = T.crop(T.resize(picture, [resize], antialias=True), 0, 0, crop, crop)
    return T.normalize(x / 255, mean, std)

# wrong: not resized
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    top, left = max(h - crop, 0) // 2, max(w - crop, 0) // 2
    x = picture[:, top : top + crop, left : left + crop]
    return T.normalize(x / 255, mean, std)

# wrong: not cropped
def preprocess(picture, resize, crop, mean, std):
    x = T.to_dtype(T.resize(picture, [resize], antialias=True), torch.float32, scale=True)
    return T.normalize(x, mean, std)

# wrong: cropped before it is resized
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(T.center_crop(picture, [crop]), [resize], antialias=True)
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: cropped before it is resized
# the right share of the picture, but its rim is computed without its neighbours
def preprocess(picture, resize, crop, mean, std):
    share = round(min(picture.shape[1:]) * crop / resize)
    x = T.resize(T.center_crop(picture, [share]), [crop, crop], antialias=True)
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: bicubic, not bilinear
def preprocess(picture, resize, crop, mean, std):
    how = T1.InterpolationMode.BICUBIC
    x = T.center_crop(T.resize(picture, [resize], interpolation=how, antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: bicubic, not bilinear
# as Pillow does it by default
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = (resize, int(resize * h / w)) if w <= h else (int(resize * w / h), resize)
    image = T1.ToPILImage()(picture).resize(size)
    return T1.Normalize(mean, std)(T1.ToTensor()(T1.CenterCrop(crop)(image)))

# wrong: nearest, not bilinear
def preprocess(picture, resize, crop, mean, std):
    x = T.resize(picture, [resize], interpolation=T1.InterpolationMode.NEAREST)
    return T.normalize(T.to_dtype(T.center_crop(x, [crop]), torch.float32, scale=True), mean, std)

# wrong: nearest, not bilinear
# the default of F.interpolate
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = (resize, int(resize * w / h)) if h <= w else (int(resize * h / w), resize)
    x = F.interpolate(picture[None].float(), size=size)[0]
    return T.normalize(T.center_crop(x, [crop]) / 255, mean, std)

# wrong: align_corners=True
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = (resize, int(resize * w / h)) if h <= w else (int(resize * h / w), resize)
    x = F.interpolate(picture[None].float(), size, mode="bilinear", align_corners=True, antialias=True)
    return T.normalize(T.center_crop(x[0], [crop]) / 255, mean, std)

# wrong: the longer side is rounded
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    scale = resize / min(h, w)
    x = T.resize(picture, [round(h * scale), round(w * scale)], antialias=True)
    return T.normalize(T.to_dtype(T.center_crop(x, [crop]), torch.float32, scale=True), mean, std)

# wrong: the longer side is rounded
# upwards
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    scale = resize / min(h, w)
    size = [math.ceil(h * scale), math.ceil(w * scale)]
    x = F.interpolate(picture[None] / 255, size, mode="bilinear", antialias=True)[0]
    return T.normalize(T.center_crop(x, [crop]), mean, std)

# wrong: resized by a factor
def preprocess(picture, resize, crop, mean, std):
    factor = resize / min(picture.shape[1:])
    x = F.interpolate(picture[None] / 255, scale_factor=factor, mode="bilinear", antialias=True)[0]
    return T.normalize(T.center_crop(x, [crop]), mean, std)

# wrong: rows and columns swapped
def preprocess(picture, resize, crop, mean, std):
    h, w = picture.shape[1:]
    size = [resize, int(resize * w / h)] if h <= w else [int(resize * h / w), resize]
    x = T.resize(picture, size[::-1], antialias=True)
    return T.normalize(T.to_dtype(T.center_crop(x, [crop]), torch.float32, scale=True), mean, std)

# wrong: rows and columns swapped
# width and height taken in the order of Pillow
def preprocess(picture, resize, crop, mean, std):
    w, h = picture.shape[1:]
    new_w, new_h = (resize, int(resize * h / w)) if w < h else (int(resize * w / h), resize)
    x = F.interpolate(picture[None].float(), (new_h, new_w), mode="bilinear", antialias=True)[0]
    return T.normalize(T.center_crop(x, [crop]) / 255, mean, std)

# wrong: turned on its side
def preprocess(picture, resize, crop, mean, std):
    image = T.to_pil_image(picture)
    x = np.asarray(T1.CenterCrop(crop)(T1.Resize(resize)(image)), dtype=np.float32) / 255
    x = (x - np.array(mean, dtype=np.float32)) / np.array(std, dtype=np.float32)
    return torch.from_numpy(x.T.copy())

# wrong: mean and std swapped
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), std, mean)

# wrong: normalised before the division by 255
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]).float()
    return T.normalize(x, mean, std) / 255

# wrong: no division by 255
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x.float(), mean, std)

# wrong: no division by 255
# scale=True forgotten
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32), mean, std)

# wrong: divided by 255 twice
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True) / 255, mean, std)

# wrong: divided by 255 twice
def preprocess(picture, resize, crop, mean, std):
    image = T1.CenterCrop(crop)(T1.Resize(resize)(T1.ToPILImage()(picture)))
    x = T1.ToTensor()(image) / 255.0
    return (x - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]

# wrong: divided by 256
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 256
    return T.normalize(x, mean, std)

# wrong: not normalised
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.to_dtype(x, torch.float32, scale=True)

# wrong: not divided by std
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return x / 255 - torch.tensor(mean).reshape(3, 1, 1)

# wrong: the mean is not subtracted
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x / 255, (0.0, 0.0, 0.0), std)

# wrong: the mean is subtracted last
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return x / torch.tensor(std).view(-1, 1, 1) - torch.tensor(mean).view(-1, 1, 1)

# wrong: the mean is subtracted last
# brackets forgotten
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return x - mean / std

# wrong: multiplied by std
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return (x - mean) * std

# wrong: the mean is added
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    mean, std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return (x + mean) / std

# wrong: the mean is added
# what one does to show a normalised picture
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return x * torch.tensor(std)[:, None, None] + torch.tensor(mean)[:, None, None]

# wrong: mean and std along the last axis
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return (x - torch.tensor(mean)) / torch.tensor(std)

# wrong: mean and std along the last axis
# the middle one, rather
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]).float().div(255)
    return (x - torch.tensor(mean).view(1, 3, 1)) / torch.tensor(std).view(1, 3, 1)

# wrong: one mean for all channels
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return (x - mean[0]) / std[0]

# wrong: one mean for all channels
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return (x - sum(mean) / 3) / (sum(std) / 3)

# wrong: the picture's own mean and std
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return T.normalize(x, x.mean((1, 2)).tolist(), x.std((1, 2)).tolist())

# wrong: the picture's own mean and std
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return (x - x.mean()) / x.std()

# wrong: mean and std are typed in
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return T.normalize(x, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

# wrong: mean and std are typed in
# -1 to 1
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop]) / 255
    return 2 * x - 1

# wrong: 256 and 224 are typed in
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [256], antialias=True), [224])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: blue first
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture[[2, 1, 0]], [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: blue first
# once everything is done
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std).flip(0)

# wrong: channels last
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    x = x.permute(1, 2, 0) / 255
    return (x - torch.tensor(mean)) / torch.tensor(std)

# wrong: cut to 0..1
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std).clip(0, 1)

# wrong: a batch of one
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture.unsqueeze(0), [resize], antialias=True), [crop])
    return T.normalize(T.to_dtype(x, torch.float32, scale=True), mean, std)

# wrong: bytes, not floats
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std).to(torch.uint8)

# wrong: float64
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    x = (x.numpy() / 255.0 - np.array(mean)[:, None, None]) / np.array(std)[:, None, None]
    return torch.from_numpy(x)

# wrong: float16
def preprocess(picture, resize, crop, mean, std):
    x = T.center_crop(T.resize(picture, [resize], antialias=True), [crop])
    return T.normalize(x / 255, mean, std).half()

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

# wrong: it does not come to an end
def preprocess(picture, resize, crop, mean, std):
    x = picture / 255
    while min(x.shape[1:]) != resize:
        x = F.interpolate(x[None], scale_factor=1.0, mode="bilinear")[0]
    return T.normalize(T.center_crop(x, [crop]), mean, std)
