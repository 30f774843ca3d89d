import copy

# right: names that do not begin with head
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    model.head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    head = list(model.head.parameters())
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [{"params": head, "lr": head_lr}, {"params": body, "lr": body_lr}]

# wrong: the old head's parameters
# > The groups hold the parameters of the old head, which is no longer in the model, and those of
# > the new head are missing. Make the new head first, then ask for parameters.
# ~ head = list(model.head.parameters()) =>
# ~ model.head = nn.Linear( => head = list(model.head.parameters()); model.head = nn.Linear(
# wrong: the old head's parameters
# ~ head = list(model.head.parameters()) => head = list(old.parameters())
# ~ model.head = nn.Linear( => old = model.head; model.head = nn.Linear(

# wrong: the old head's parameters, too
# > The old head is in a group, too, along with the new one. It is no longer part of the model.
# ~ body = [p for name, p in model.named_parameters() if not name.startswith("head.")] =>
# ~ model.head = nn.Linear( => body = list(model.parameters()); model.head = nn.Linear(
# wrong: the old head's parameters, too
# ~ head = list(model.head.parameters()) => head += model.head.parameters()
# ~ model.head = nn.Linear( => head = list(model.head.parameters()); model.head = nn.Linear(

# wrong: the head is in both groups
# > The head's parameters are among those of the whole model, too. Leave them out of the body, or
# > torch refuses: some parameters appear in more than one parameter group.
# ~ if not name.startswith("head.") =>
# wrong: the head is in both groups
# ~ if not name.startswith("head.") =>
# ~ list(model.head.parameters()) => list(model.parameters())

# wrong: parameters are looked for with `in`
# > `in` compares tensors with ==, number by number, which gives no single answer. Tell parameters
# > apart by their names, or by id(p).
# ~ [p for name, p in model.named_parameters() if not name.startswith("head.")] => [p for p in model.parameters() if p not in head]

# wrong: a parameter is in its group twice
# > Each parameter should be in the groups exactly once.
# ~ list(model.head.parameters()) => [*model.head.parameters(), model.head.bias]
# wrong: a parameter is in its group twice
# ~ "params": body => "params": body + body

# wrong: the learning rates are swapped
# > head_lr is for the head, body_lr for all the rest.
# ~ {"params": head, "lr": head_lr}, {"params": body, "lr": body_lr} => {"params": head, "lr": body_lr}, {"params": body, "lr": head_lr}

# wrong: one learning rate for all
# > Every parameter gets head_lr. The body should learn at body_lr.
# ~ "lr": body_lr => "lr": head_lr
# wrong: one learning rate for all
# > Every parameter gets body_lr. The head is new and needs head_lr.
# ~ "lr": head_lr => "lr": body_lr

# wrong: the learning rates are typed in
# > Use the arguments head_lr and body_lr.
# ~ "lr": head_lr => "lr": 1e-3
# ~ "lr": body_lr => "lr": 1e-5
# wrong: the learning rates are typed in
# ~ "lr": head_lr => "lr": 1e-3
# ~ "lr": body_lr => "lr": 1e-4

# wrong: no learning rate in the groups
# > Without "lr" a group gets the rate of the optimiser, the same for all.
# ~ , "lr": head_lr =>
# ~ , "lr": body_lr =>

# wrong: the body is missing
# > Only the head is in the groups: that would be a linear probe. All other parameters belong in a
# > group with body_lr.
# ~ , {"params": body, "lr": body_lr} =>

# wrong: the head is missing
# > The new head is in no group: it would stay at zero.
# ~ {"params": head, "lr": head_lr}, =>

# wrong: only the encoder
# > Some of the body's parameters are in no group: they would never be trained. Everything whose
# > name does not begin with "head." belongs in the body's group.
# ~ not name.startswith("head.") => name.startswith("encoder.")

# wrong: only the blocks
# > Some of the body's parameters are in no group: they would never be trained. Everything whose
# > name does not begin with "head." belongs in the body's group.
# ~ not name.startswith("head.") => "blocks" in name

# wrong: class token and positions are missing
# > Some of the body's parameters are in no group: they would never be trained. Everything whose
# > name does not begin with "head." belongs in the body's group.
# ~ not name.startswith("head.") => name.startswith(("patch_embed.", "encoder."))

# wrong: weights without biases
# > Some of the body's parameters are in no group: they would never be trained. Everything whose
# > name does not begin with "head." belongs in the body's group.
# ~ not name.startswith("head.") => name.endswith("weight") and not name.startswith("head.")
# wrong: weights without biases
# > Biases are parameters, too: model.head.parameters() gives both.
# ~ list(model.head.parameters()) => [model.head.weight]
# wrong: weights without biases
# ~ list(model.head.parameters()) => [model.head.weight]
# ~ not name.startswith("head.") => name.endswith("weight") and not name.startswith("head.")

# wrong: biases without weights
# > The head has a weight, too: model.head.parameters() gives both.
# ~ list(model.head.parameters()) => [model.head.bias]

# wrong: the head's bias is in the body's group
# > Weight and bias of the head both learn at head_lr.
# ~ list(model.head.parameters()) => [model.head.weight]
# ~ not name.startswith("head.") => name != "head.weight"

# wrong: the body is frozen
# > With requires_grad=False nothing in the body is trained. That would be a linear probe; here the
# > body learns, too, slowly.
# ~ model.head = nn.Linear( => model.requires_grad_(False); model.head = nn.Linear(
# wrong: the body is frozen
# ~ model.head = nn.Linear( => model.requires_grad_(False); model.head = nn.Linear(
# ~ , {"params": body, "lr": body_lr} =>

# wrong: the whole model is frozen
# > With requires_grad=False nothing can be trained, not even the head.
# ~ nn.init.zeros_(model.head.bias) => nn.init.zeros_(model.head.bias); model.requires_grad_(False)

# wrong: the model is put in training mode
# > The mode is not yours to change: the loop that trains calls model.train().
# ~ head = list(model.head.parameters()) => head = list(model.head.parameters()); model.train()

# wrong: gradients stay switched off
# > They stay off for everything that comes after. `with torch.no_grad():` ends by itself.
# ~ model.head = nn.Linear( => torch.set_grad_enabled(False); model.head = nn.Linear(

# wrong: the body starts from scratch
# > You reset the body's weights, and everything the model has learned is lost.
# ~ nn.init.zeros_(model.head.weight) => model.apply(lambda m: m.reset_parameters() if hasattr(m, "reset_parameters") else None); nn.init.zeros_(model.head.weight)

# wrong: the new head is not zero
# > A new nn.Linear is random, so fine-tuning starts by unlearning. Use nn.init.zeros_ for weight
# > and bias.
# ~ nn.init.zeros_(model.head.weight) =>
# ~ nn.init.zeros_(model.head.bias) =>
# wrong: the new head is not zero
# ~ nn.init.zeros_(model.head.bias) =>
# wrong: the new head is not zero
# ~ nn.init.zeros_(model.head.weight) =>

# wrong: the new head has no bias
# > The new head should have a weight and a bias, as nn.Linear has by default.
# ~ in_features, num_classes) => in_features, num_classes, bias=False)
# ~ nn.init.zeros_(model.head.bias) =>

# wrong: a wrong number of classes
# > The new head should have num_classes outputs. Yours keeps those of the old one.
# ~ in_features, num_classes) => in_features, model.head.out_features)
# wrong: a wrong number of classes
# > The new head should have num_classes outputs, no more and no less.
# ~ in_features, num_classes) => in_features, num_classes + 1)

# wrong: a wrong number of inputs
# > The head reads tokens of D numbers: model.head.in_features. Yours takes the old classes as
# > input, after the old head.
# ~ model.head.in_features => model.head.out_features
# wrong: a wrong number of inputs
# > The head reads tokens of D numbers: model.head.in_features. 768 is the number for ViT-B.
# ~ model.head.in_features => 768

# wrong: the head is not replaced
# > model.head is still the old one: set model.head = nn.Linear(...).
# ~ model.head = nn.Linear(model.head.in_features, num_classes) =>
# ~ nn.init.zeros_(model.head.weight) =>
# ~ nn.init.zeros_(model.head.bias) =>

# wrong: a different dtype
# > The model is float32, so its head must be, too.
# ~ in_features, num_classes) => in_features, num_classes, dtype=torch.float64)
# wrong: a different dtype
# ~ in_features, num_classes) => in_features, num_classes, dtype=torch.float16)

# wrong: names, not parameters
# > torch.optim wants the parameters themselves: the second half of each pair in named_parameters().
# ~ list(model.head.parameters()) => ["head.weight", "head.bias"]
# ~ [p for name, p in => [name for name, p in

# wrong: the groups have no "params"
# > Each dict needs "params", a list of parameters, and "lr".
# ~ {"params": head, "lr": head_lr}, {"params": body => {"parameters": head, "lr": head_lr}, {"parameters": body

# wrong: values, not parameters
# > state_dict() and .data give the values cut off from the model: torch.optim would move them and
# > see no gradient. Use parameters().
# ~ list(model.head.parameters()) => [model.head.weight.data, model.head.bias.data]
# ~ [p for name, p in => [p.data for name, p in

# wrong: an iterator that is used up
# > You can go through parameters() and generators only once. Yours is used up, so torch.optim finds
# > nothing in it: make a list.
# ~ list(model.head.parameters()) => model.head.parameters()
# ~ [p for name, p in => (p for name, p in
# ~ name.startswith("head.")] => name.startswith("head.")); assert len(list(head)) < len(list(body))

# wrong: an optimiser, not groups
# > Return the list of groups; the optimiser is chosen elsewhere.
# ~ return [ => return torch.optim.AdamW([
# ~ "lr": body_lr}] => "lr": body_lr}])
# wrong: an optimiser, not groups
# ~ return [ => return torch.optim.SGD([
# ~ "lr": body_lr}] => "lr": body_lr}], lr=0.1)

# wrong: one dict, not a list
# > Return a list of dicts, each with "params" and "lr".
# ~ [{"params": head, "lr": head_lr}, {"params": body, "lr": body_lr}] => {"params": body + head, "lr": head_lr}
# wrong: one dict, not a list
# ~ [{"params": head, "lr": head_lr}, {"params": body, "lr": body_lr}] => {"head": {"params": head, "lr": head_lr}, "body": {"params": body, "lr": body_lr}}

# wrong: lists without dicts
# > Return a list of dicts, each with "params" and "lr".
# ~ [{"params": head, "lr": head_lr}, {"params": body, "lr": body_lr}] => [head, body]
# wrong: lists without dicts
# ~ [{"params": head, "lr": head_lr}, {"params": body, "lr": body_lr}] => [(head, head_lr), (body, body_lr)]

# wrong: a copy of the model is changed
# > The model that was passed in keeps its old head. Change `model` itself.
# ~ model.head = nn.Linear( => model = copy.deepcopy(model); model.head = nn.Linear(

# right: the head in a variable
def fine_tuning_groups(model, num_classes, head_lr, body_lr):
    head = nn.Linear(model.head.in_features, num_classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    model.head = head
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    return [{"params": list(head.parameters()), "lr": head_lr}, {"params": body, "lr": body_lr}]

# wrong: the head is not replaced
# > You make a new head, but the model keeps the old one: set model.head = ...
# ~ model.head = head =>
# wrong: the head is not replaced
# > The new head has another name, and `forward` still calls model.head.
# ~ model.head = head => model.classifier = head
# ~ startswith("head.") => startswith("classifier.")

# wrong: more than a Linear
# > The new head should be one nn.Linear, with nothing before it: no dropout, no norm.
# ~ model.head = head => model.head = nn.Sequential(nn.Dropout(0.1), head)
# wrong: more than a Linear
# > The new head takes the old one's place. Yours reads the old scores.
# ~ model.head.in_features => model.head.out_features
# ~ model.head = head => model.head = nn.Sequential(model.head, head)
# ~ list(head.parameters()) => list(model.head.parameters())
