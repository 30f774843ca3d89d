"""The first table of notebook 12: each row says what timm's models of that name have."""

import re

import jupytext
import pytest
import torch

from vitcourse.workshop.build import NOTEBOOKS

timm = pytest.importorskip("timm", reason="timm is not installed")

SWIGLU = {"GluMlp", "SwiGLU", "SwiGLUPacked"}  # timm's names; each of them with SiLU
MODELS = {
    "ViT (2021)": ["vit_base_patch16_224"],
    "DeiT (2021)": ["deit_small_patch16_224", "deit_small_distilled_patch16_224"],
    "DINO (2021)": ["vit_small_patch16_224.dino"],
    "DINOv2 (2023)": [
        "vit_small_patch14_dinov2",
        "vit_large_patch14_reg4_dinov2",
        "vit_giant_patch14_dinov2",
    ],
    "SigLIP (2023)": ["vit_base_patch16_siglip_224"],
    "DINOv3 (2025)": ["vit_small_patch16_dinov3", "vit_small_plus_patch16_dinov3"],
}


def table() -> dict[str, list[str]]:
    """{model: the cells of its row, without what it learned from}"""
    source = jupytext.read(NOTEBOOKS / "source" / "12_vit_of_today.py")
    (cell,) = (c.source for c in source.cells if c.source.startswith("## What has changed"))
    rows = [re.split(r" *\| *", line)[1:-1] for line in cell.splitlines() if "|" in line][2:]
    return {row[0]: row[1:5] for row in rows}


def parts(name: str) -> dict:
    """What a timm model has, found in its modules; no weights are made."""
    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False, depth=1)
    kinds = {type(module).__name__ for module in model.modules()}
    block = model.blocks[0]
    learned = " ".join(name for name, _ in block.named_parameters())
    return {
        "positions": "table" if getattr(model, "pos_embed", None) is not None else "RoPE",
        "prefix": model.num_prefix_tokens,
        "gated": type(block.mlp).__name__ in SWIGLU and "SiLU" in kinds,
        "pools": "AttentionPoolLatent" in kinds,
        "scaled": "gamma" in learned,
        "normed": "q_norm" in learned,
    }


def test_the_table_is_what_timm_has():
    rows = table()
    assert list(rows) == list(MODELS)
    for name, (positions, prefix, mlp, scale) in rows.items():
        found = [parts(model) for model in MODELS[name]]
        assert {f["positions"] for f in found} == {positions}, name
        said = {"class token": 1, "one more": 2, "4 registers": 5, "none": 0}
        expected = {number for words, number in said.items() if words in prefix}
        if prefix == "class token, 4 registers":
            expected = {5}
        assert {f["prefix"] for f in found} == expected, name
        assert {f["pools"] for f in found} == {"attention pools" in prefix}, name
        expected = {kind == "SwiGLU" for kind in ("GELU", "SwiGLU") if kind in mlp}
        assert {f["gated"] for f in found} == expected, name
        assert {f["scaled"] for f in found} == {scale == "yes"}, name
        assert not any(f["normed"] for f in found), "the text says that none has QK-norm"
