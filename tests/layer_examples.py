"""A small example of every layer type: options and the shapes of its inputs, one sample each.

A shape with "int" in front holds whole numbers. Where a type has several examples, each shows another path.
"""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.layers.linear import Linear
from cnncalc.pages.layers import example, example_row

Example = tuple[str, dict[str, Any], list[Any]]

SPACES = {1: (11,), 2: (9, 11), 3: (5, 6, 7)}


def examples() -> list[Example]:
    """All examples; a type that has none here is shown by the example of its class."""
    found = written()
    known = {name for name, _, _ in found}
    others = [name for name in layers.names() if name not in known and example(name, "pytorch")]
    return found + [declared(name) for name in others]


def written() -> list[Example]:
    """The examples that stand here."""
    return [*_sliding(), *_arranging(), *_combining(), *_sequences(), *_pointwise(), *_losses(), *_local(), *_further()]


def declared(name: str) -> Example:
    """The example of a layer's class, in the form of those here."""
    row = example_row(name, example(name, "pytorch"))
    whole = {slot for slot in range(len(row.facts.inputs)) if row.layer.chooses(slot, *row.facts.inputs) is not None}
    shapes = [("int", *x[1:]) if slot in whole else tuple(x[1:]) for slot, x in enumerate(row.facts.inputs)]
    return name, {option: row.layer.__dict__[option] for option in row.layer.given}, shapes


def _sliding() -> list[Example]:
    found: list[Example] = []
    for axes, space in SPACES.items():
        image = [(4, *space)]
        window = {"kernel_size": 3, "stride": 2, "padding": 1}
        for lazy in ("", "Lazy"):
            found += [
                (f"{lazy}Conv{axes}d", {"out_channels": 6, **window, "dilation": 2}, image),
                (f"{lazy}Conv{axes}d", {"out_channels": 4, **window, "groups": 4}, image),
                (f"{lazy}ConvTranspose{axes}d", {"out_channels": 6, **window, "output_padding": 1, "groups": 2}, image),
            ]
        found += [
            (f"Conv{axes}d", {"out_channels": 5, "kernel_size": 2, "padding": "same", "bias": False}, image),
            (f"Conv{axes}d", {"out_channels": 5, "kernel_size": 2, "stride": 3, "padding": "same_upper"}, image),
            (f"Conv{axes}d", {"out_channels": 5, "kernel_size": 1, "stride": 2}, image),
            (f"Conv{axes}d", {"out_channels": 4, "kernel_size": 3, "padding": 2, "padding_mode": "reflect"}, image),
            (f"MaxPool{axes}d", {**window, "ceil_mode": True, "return_indices": True}, image),
            (f"MaxPool{axes}d", {**window, "dilation": 2}, image),
            (f"AvgPool{axes}d", {**window, "ceil_mode": True}, image),
            (f"AvgPool{axes}d", {"kernel_size": 1}, image),
            (f"LPPool{axes}d", {"norm_type": 2, "kernel_size": 2, "ceil_mode": True}, image),
            (f"AdaptiveAvgPool{axes}d", {"output_size": 4}, image),
            (f"AdaptiveMaxPool{axes}d", {"output_size": 3, "return_indices": True}, image),
            (f"MaxUnpool{axes}d", {"kernel_size": 2}, [image[0], ("int", *image[0])]),
            ("Upsample", {"scale_factor": 1.5}, image),
            ("Interpolate", {"size": 7, "mode": "area"}, image),
            ("Interpolate", {"size": 7, "mode": ("linear", "bilinear", "trilinear")[axes - 1]}, image),
            (f"ZeroPad{axes}d", {"padding": -1}, image),
            (f"ConstantPad{axes}d", {"padding": 2, "value": 1.5}, image),
            (f"ReflectionPad{axes}d", {"padding": 2}, image),
            (f"ReplicationPad{axes}d", {"padding": 2}, image),
            (f"CircularPad{axes}d", {"padding": 2}, image),
            (f"BatchNorm{axes}d", {}, image),
            (f"LazyBatchNorm{axes}d", {"affine": False}, image),
            (f"InstanceNorm{axes}d", {"affine": True}, image),
            (f"LazyInstanceNorm{axes}d", {"track_running_stats": True}, image),
            (f"Dropout{axes}d", {}, image),
        ]
    plane = [(4, 9, 11)]
    return [
        *found,
        ("FractionalMaxPool2d", {"kernel_size": 2, "output_size": 5, "return_indices": True}, plane),
        ("FractionalMaxPool3d", {"kernel_size": 2, "output_ratio": 0.5}, [(4, 6, 7, 8)]),
        ("UpsamplingNearest2d", {"scale_factor": 2}, plane),
        ("UpsamplingBilinear2d", {"size": 13}, plane),
        ("Interpolate", {"scale_factor": 0.5, "mode": "bicubic", "antialias": True}, plane),
        ("Interpolate", {"scale_factor": 2.3, "mode": "bicubic"}, plane),
        ("GlobalAvgPool", {}, plane),
        ("GlobalMaxPool", {"keepdim": True}, plane),
        ("Pad", {"padding": [1, 2, 0, -1]}, plane),
        ("Crop", {"amounts": [1, 0, 2, 1]}, plane),
        ("Unfold", {"kernel_size": 3, "stride": 2, "padding": 1}, plane),
        ("Fold", {"output_size": [4, 5], "kernel_size": 2}, [(12, 12)]),
        ("PixelShuffle", {"upscale_factor": 2}, [(8, 3, 5)]),
        ("PixelUnshuffle", {"downscale_factor": 2}, [(2, 4, 6)]),
        ("ChannelShuffle", {"groups": 2}, plane),
        ("PatchEmbedding", {"embed_dim": 5, "patch_size": [3, 2]}, [(3, 6, 8)]),
    ]


def _arranging() -> list[Example]:
    block = [(2, 6, 5)]
    return [
        ("Flatten", {}, block),
        ("Flatten", {"start_dim": 2}, block),
        ("Unflatten", {"dim": 2, "unflattened_size": [3, -1]}, block),
        ("Reshape", {"shape": [4, -1]}, block),
        ("View", {"shape": [-1, 4, 15]}, block),
        ("Permute", {"dims": [0, 3, 1, 2]}, block),
        ("Transpose", {"dim0": 1, "dim1": -1}, block),
        ("Movedim", {"source": 1, "destination": 3}, block),
        ("Squeeze", {}, [(1, 4, 1)]),
        ("Squeeze", {"dim": 1}, [(1, 4, 1)]),
        ("Unsqueeze", {"dim": 2}, block),
        ("Expand", {"sizes": [2, 3, -1]}, [(1, 4)]),
        ("Tile", {"dims": [2, 1, 3]}, [(4, 2)]),
        ("Select", {"dim": 2, "index": -1}, block),
        ("Slice", {"dim": 2, "start": 1, "stop": -1, "step": 2}, block),
        ("Narrow", {"dim": 2, "start": -3, "length": 2}, block),
        ("IndexSelect", {"dim": 2}, [block[0], ("int", 4)]),
        ("Chunk", {"chunks": 4, "dim": 2}, block),
        ("Split", {"sizes": [1, 5], "dim": 2}, block),
        ("Split", {"sizes": 4, "dim": 2}, block),
        ("Flip", {"dims": [1, 2]}, block),
        ("Roll", {"shifts": [1, -2], "dims": [1, 2]}, block),
    ]


def _combining() -> list[Example]:
    pair = [(2, 4, 5), (4, 1)]
    return [
        ("Concat", {"dim": 1}, [(2, 4), (3, 4), (1, 4)]),
        ("Stack", {"dim": 2}, [(2, 4), (2, 4)]),
        ("Add", {}, [*pair, (5,)]),
        ("Add", {"value": 2}, pair[:1]),
        ("Subtract", {}, pair),
        ("Multiply", {}, pair),
        ("Divide", {}, pair),
        ("Maximum", {}, pair),
        ("Minimum", {}, pair),
        ("Average", {}, pair),
        ("Scale", {"factor": 0.5}, pair[:1]),
        ("MatMul", {}, [(2, 3, 4), (4, 5)]),
        ("MatMul", {}, [(4,), (2, 4, 5)]),
        ("MatMul", {}, [(2, 3, 4), (4,)]),
        ("Outer", {}, [(3,), (4,)]),
        ("Einsum", {"equation": "bhld,bhmd->bhlm"}, [(2, 3, 4), (2, 5, 4)]),
        ("Einsum", {"equation": "ij,jk->ik"}, [(3, 4), (4, 5)]),
        ("Parameter", {"shape": [2, 3]}, []),
        ("Mean", {"dim": [1, 3], "keepdim": True}, [(2, 4, 5)]),
        ("Sum", {"dim": -1}, [(2, 4, 5)]),
        ("Max", {}, [(2, 4, 5)]),
        ("Min", {"dim": 1}, [(2, 4, 5)]),
        ("CosineSimilarity", {}, [(3, 4), (3, 4)]),
        ("PairwiseDistance", {}, [(3, 4), (3, 4)]),
        ("ArgMax", {"dim": 1, "keepdim": True}, [(3, 4)]),
        ("OneHot", {"num_classes": 5}, [("int", 3)]),
    ]


def _losses() -> list[Example]:
    return [
        *((name, {}, [(3, 4), (3, 4)]) for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "KLDivLoss")),
        ("BCELoss", {"target": 1}, [(3, 4)]),
        ("BCEWithLogitsLoss", {"reduction": "none"}, [(3, 4), (3, 4)]),
        ("CrossEntropyLoss", {}, [(3, 4), ("int", 4)]),
        ("NLLLoss", {"target": 2, "reduction": "sum"}, [(3, 4)]),
    ]


def _local() -> list[Example]:
    window = {"out_channels": 2, "kernel_size": 3, "stride": 2, "padding": 1}
    return [
        ("LocallyConnected1d", window, [(3, 8)]),
        ("LocallyConnected2d", {**window, "dilation": 2, "bias": False}, [(2, 7, 6)]),
    ]


def _further() -> list[Example]:
    """At the end, so that those before keep their numbers among the recorded exports."""
    line = [(6, 8)]
    return [
        ("Attention", {"num_heads": 2, "sinks": True, "causal": True, "softcap": 2.0}, line),
        ("Attention", {"sinks": True, "window": 2}, line),
        ("NewGELU", {}, line),
    ]


def _sequences() -> list[Example]:
    line, memory, image = (6, 8), (5, 8), (4, 3, 8)
    block = {"nhead": 2, "dim_feedforward": 5}
    linear = Linear.bind((), {"out_features": 3})
    gated = {
        "state": {"h": 3},
        "weights": {"W_c": [3, "n"], "W_h": [3, 3], "W_x": [3, "n"], "v": 3},
        "step": {
            "c": "sigmoid(W_c @ x[t] + W_h @ h[t-2])",
            "h": "c * h[t-1] + (1 - c) * (W_x @ x[t])",
            "y": "v @ h[t]",
        },
    }
    matrix = {
        "state": {"S": [2, 4], "h": 4},
        "weights": {"W": [4, 12]},
        "step": {
            "z": "tanh(W @ concat(x[t], h[t-1]))",
            "h": "softmax(S[t-1].T @ z[2:]) - relu(z) / sqrt(2)",
            "S": "0.5 * S[t-1] + outer(z[0:2], [z[0:3], sum(h)])",
        },
        "output": "S",
    }
    return [
        ("Recurrent", gated, [line]),
        ("Recurrent", matrix, [line]),
        ("AttentionRNN", {"k": 2}, [line]),
        ("AttentionRNN", {"k": "all", "size": 8}, [line]),
        ("Linear", {"out_features": 5}, [line]),
        ("LazyLinear", {"out_features": 5, "bias": False}, [(8,)]),
        ("Bilinear", {"out_features": 3}, [line, (6, 4)]),
        ("Identity", {}, [line]),
        ("Embedding", {"num_embeddings": 7, "embedding_dim": 4, "padding_idx": 2, "max_norm": 1.0}, [("int", 6)]),
        ("EmbeddingBag", {"num_embeddings": 7, "embedding_dim": 4, "mode": "max"}, [("int", 6)]),
        ("EmbeddingBag", {"num_embeddings": 7, "embedding_dim": 4, "offsets": [0, 2, 2]}, [("int", 6)]),
        ("RNN", {"hidden_size": 3, "nonlinearity": "relu"}, [line]),
        ("LSTM", {"hidden_size": 3, "num_layers": 2, "bidirectional": True, "proj_size": 2}, [line]),
        ("LSTM", {"hidden_size": 3}, [line, (1, 3), (1, 3)]),
        ("GRU", {"hidden_size": 3, "num_layers": 2, "bidirectional": True}, [line]),
        ("GRU", {"hidden_size": 3, "reset_after": False}, [line]),
        ("RNNCell", {"hidden_size": 3}, [(8,)]),
        ("LSTMCell", {"hidden_size": 3}, [(8,), (3,), (3,)]),
        ("GRUCell", {"hidden_size": 3, "bias_vectors": 1}, [(8,)]),
        ("AttentionRNN", {"k": 2}, [line]),
        ("AttentionRNN", {"k": "all"}, [line]),
        (
            "Recurrent",
            {
                "state": {"h": 3},
                "weights": {"W_c": [3, 8], "W_h": [3, 3], "W_x": [3, 8]},
                "step": {
                    "c": "sigmoid(W_c @ x[t] + W_h @ h[t-1])",
                    "h": "c * h[t-1] + (1 - c) * (W_x @ x[t])",
                },
            },
            [line],
        ),
        ("MultiheadAttention", {"num_heads": 2}, [line]),
        ("MultiheadAttention", {"num_heads": 2, "kdim": 3, "vdim": 5, "is_causal": True}, [line, (6, 3), (6, 5)]),
        (
            "MultiheadAttention",
            {"num_heads": 2, "add_bias_kv": True, "add_zero_attn": True, "average_attn_weights": False},
            [line, memory, memory, (6, 5)],
        ),
        ("Attention", {}, [line]),
        (
            "Attention",
            {"num_heads": 4, "num_kv_heads": 2, "head_dim": 3, "value_dim": 5, "bias": True, "out_proj": True},
            [line, (5, 3)],
        ),
        ("Attention", {"num_heads": 2, "causal": True, "window": 2, "scale": 3.5}, [line]),
        ("Attention", {"num_heads": 2, "rope": 500.0, "qk_norm": True, "softcap": 2.0, "causal": True}, [line]),
        ("Attention", {"num_heads": 2, "alibi": True, "out_proj": True}, [line]),
        ("ScaledDotProductAttention", {"is_causal": True}, [(2, *line), (2, *memory), (2, 5, 3)]),
        ("ScaledDotProductAttention", {"is_causal": True, "window": 2}, [(2, *line), (2, *line), (2, 6, 3)]),
        ("ScaledDotProductAttention", {"is_causal": True, "window": 3}, [(2, *line), (2, *memory), (2, 5, 3)]),
        ("ScaledDotProductAttention", {"enable_gqa": True}, [(4, *line), (2, *memory), (2, 5, 3)]),
        ("TransformerEncoderLayer", {**block, "is_causal": True}, [line]),
        ("TransformerDecoderLayer", {**block, "norm_first": True}, [line, memory]),
        ("TransformerEncoder", {**block, "num_layers": 2, "norm": True, "bias": False}, [line]),
        ("TransformerDecoder", {**block, "num_layers": 2, "activation": "gelu"}, [line, memory]),
        ("Transformer", {**block, "num_encoder_layers": 1, "num_decoder_layers": 2}, [memory, line]),
        ("WeightNorm", {"layer": linear}, [line]),
        ("WeightNorm", {"layer": linear, "dim": None}, [line]),
        ("SpectralNorm", {"layer": linear}, [line]),
        ("SwiGLU", {"hidden_features": 5}, [line]),
        ("GEGLU", {"hidden_features": 5, "out_features": 3}, [line]),
        ("ReGLU", {"hidden_features": 5, "bias": True}, [line]),
        ("MixtureOfExperts", {"num_experts": 3, "hidden_features": 4, "shared_experts": 1}, [line]),
        ("MixtureOfExperts", {"num_experts": 3, "hidden_features": 4, "top_k": 1, "gated": False}, [line]),
        ("MixtureOfExperts", {"num_experts": 3, "hidden_features": 4, "activation": "clamped_swish"}, [line]),
        ("PositionalEmbedding", {"num_embeddings": 9}, [line]),
        ("PositionalEmbedding", {"kind": "sinusoidal"}, [(6, 7)]),
        ("RotaryEmbedding", {"dim": 4}, [line]),
        ("RotaryEmbedding", {"interleaved": False, "partial": 0.5, "base": 50.0}, [line]),
        ("RotaryEmbedding", {"factor": 8.0, "original_length": 20}, [line]),
        ("ALiBi", {}, [(6, 5, 5)]),
        ("ClassToken", {"tokens": 2}, [line]),
        ("BatchNorm", {}, [image]),
        ("SyncBatchNorm", {}, [image]),
        ("GroupNorm", {"num_groups": 2}, [image]),
        ("LayerNorm", {"normalized_shape": [3, 8]}, [image]),
        ("LayerNorm", {}, [image]),
        ("RMSNorm", {}, [image]),
        ("LocalResponseNorm", {"size": 3}, [image]),
    ]


PLAIN = (
    "ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Sigmoid LogSigmoid Hardsigmoid Hardswish Tanh "
    "Hardtanh Hardshrink Softshrink Tanhshrink Softplus Softsign Softmax Softmin LogSoftmax Exp Log Sin Cos Sqrt "
    "Square Abs Neg Clamp Dropout AlphaDropout FeatureAlphaDropout DropPath StochasticDepth"
)


def _pointwise() -> list[Example]:
    image = [(4, 3, 8)]
    return [
        *((name, {}, image) for name in PLAIN.split()),
        ("PReLU", {"num_parameters": 4}, image),
        ("GELU", {"approximate": "tanh"}, image),
        ("Softmax", {"dim": 1}, image),
        ("Softmax2d", {}, image),
        ("GLU", {"dim": 1}, image),
        ("Threshold", {"threshold": 0.1, "value": 20}, image),
        ("Clamp", {"max": 0.5}, image),
        ("Pow", {"exponent": 2.0}, image),
        ("CausalMask", {}, [(6, 5, 4)]),
    ]
