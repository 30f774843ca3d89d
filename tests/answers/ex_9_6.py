import itertools
from vitcourse.model import VisionTransformer

# stub: as handed out
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    """Give the model a new head, and every parameter the right learning rate."""
    raise NotImplementedError("exercise 9.6")

# right: names that do not begin with head
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": body, "lr": body_lr},
    ]

# right: the body first
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    head = nn.Linear(model.config["embed_dim"], num_classes)
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
    model.head = nn.Identity()
    groups = [{"params": list(model.parameters()), "lr": body_lr}]
    model.head = head
    return groups + [{"params": list(head.parameters()), "lr": head_lr}]

# right: told apart by identity
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    for parameter in model.head.parameters():
        nn.init.constant_(parameter, 0.0)
    new = {id(p) for p in model.head.parameters()}
    return [
        dict(params=[p for p in model.parameters() if id(p) in new], lr=head_lr),
        dict(params=[p for p in model.parameters() if id(p) not in new], lr=body_lr),
    ]

# right: one group for each parameter
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    width = model.head.weight.shape[1]
    model.head = nn.Linear(width, num_classes)
    model.head.load_state_dict(
        {"weight": torch.zeros(num_classes, width), "bias": torch.zeros(num_classes)}
    )
    return [
        {"params": [p], "lr": head_lr if name in ("head.weight", "head.bias") else body_lr}
        for name, p in model.named_parameters()
    ]

# right: one group for each part
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    model.head.weight.data.fill_(0)
    model.head.bias.data.fill_(0)
    groups = []
    for name, part in model.named_children():
        parameters = list(part.parameters())
        if parameters:
            groups.append({"params": parameters, "lr": head_lr if name == "head" else body_lr})
    return groups

# right: generators, not yet used
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    torch.nn.init.zeros_(model.head.weight), torch.nn.init.zeros_(model.head.bias)
    parts = (model.patch_embed, model.class_token, model.positions, model.encoder)
    return [
        {"params": model.head.parameters(), "lr": head_lr},
        {"params": itertools.chain.from_iterable(p.parameters() for p in parts), "lr": body_lr},
    ]

# right: a tuple, with names for the groups
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    features = model.head.in_features
    del model.head
    body = list(model.parameters())
    model.add_module("head", nn.Linear(features, num_classes))
    for p in model.head.parameters():
        p.data = torch.zeros_like(p)
    return (
        {"params": body, "lr": body_lr, "name": "body"},
        {"params": [*model.head.parameters()], "lr": head_lr, "name": "head"},
    )

# right: the head is a multiple of zero
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    new = nn.Linear(model.head.in_features, num_classes)
    with torch.no_grad():
        for p in new.parameters():
            p.mul_(0)
    old = {id(p) for p in model.head.parameters()}
    body = [p for p in model.parameters() if id(p) not in old]
    model.head = new
    return [{"params": [new.weight, new.bias], "lr": head_lr}, {"params": body, "lr": body_lr}]

# right: a dict of lists in between
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.utils.skip_init(nn.Linear, model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    by_rate = {"head": [], "body": []}
    for name, parameter in model.named_parameters():
        by_rate["head" if name.split(".")[0] == "head" else "body"].append(parameter)
    rates = {"head": head_lr, "body": body_lr}
    return [{"params": by_rate[key], "lr": rates[key]} for key in by_rate]

# right: no weight decay for biases and norms
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    body = {n: p for n, p in model.named_parameters() if not n.startswith("head.")}
    return [
        {"params": list(model.head.parameters()), "lr": head_lr, "weight_decay": 0.0},
        {"params": [p for p in body.values() if p.ndim > 1], "lr": body_lr, "weight_decay": 0.05},
        {"params": [p for p in body.values() if p.ndim <= 1], "lr": body_lr, "weight_decay": 0.0},
    ]

# right: dtype and device of the old head
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    old = model.head
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    model.head = nn.Linear(old.in_features, num_classes, **like)
    for p in model.head.parameters():
        torch.nn.init.zeros_(p)
    is_head = set(model.head.parameters())
    body = [p for p in model.parameters() if p not in is_head]
    return [{"params": list(is_head), "lr": head_lr}, {"params": body, "lr": body_lr}]

# right: named parameters, which torch.optim takes, too
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    named = list(model.named_parameters())
    return [
        {"params": [pair for pair in named if pair[0].startswith("head.")], "lr": head_lr},
        {"params": [pair for pair in named if not pair[0].startswith("head.")], "lr": body_lr},
    ]

# right: the last two are the head's
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    setattr(model, "head", nn.Linear(model.head.in_features, num_classes))
    nn.init.uniform_(model.head.weight, 0, 0)
    nn.init.normal_(model.head.bias, 0, 0)
    *body, weight, bias = model.parameters()
    return [{"params": [weight, bias], "lr": head_lr}, {"params": body, "lr": body_lr}]

# wrong: *
# the learning rates multiplied
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": body, "lr": head_lr * body_lr},
    ]

# wrong: *
# slower from block to block, which nobody asked for
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    named = list(model.named_parameters())
    return [{"params": list(model.head.parameters()), "lr": head_lr}] + [
        {"params": [p], "lr": body_lr * 0.9**i}
        for i, (name, p) in enumerate(named) if not name.startswith("head.")
    ]

# wrong: *
# a new model
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model = VisionTransformer(**(model.config | {"num_classes": num_classes}))
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [
        {"params": list(model.head.parameters()), "lr": head_lr},
        {"params": body, "lr": body_lr},
    ]

# wrong: it returns None
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)

# wrong: it raised AttributeError
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.embed_dim, num_classes)
    return [{"params": list(model.head.parameters()), "lr": head_lr}]

# wrong: it never finishes
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    body = list(model.parameters())
    while any(torch.is_tensor(p) for p in body):
        body = [p for p in body]
    return [{"params": body, "lr": body_lr}]

# wrong: it raised TypeError
# tensors that are no parameters
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    model.head.weight = torch.zeros(num_classes, model.head.in_features)
    model.head.bias = torch.zeros(num_classes)
    return [{"params": list(model.head.parameters()), "lr": head_lr}]
