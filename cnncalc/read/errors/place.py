"""Which layer of a network a pasted error is about: by its name, or by the sizes that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.network.network import Network


def layers_of(network: Network) -> list[tuple[str, Layer, Any]]:
    """Names, layers and places of a network, as far as it can be made; it may be wrong, that is why one asks."""
    reader = network.spec.foreign
    if reader is not None and hasattr(reader, "model"):
        from cnncalc.read.python.layers import modules
        from cnncalc.read.python.layers.module import Module

        model = reader.model()
        if isinstance(model, Module):
            return [(path, part.layer, part) for path, part in modules.modules(model) if part.layer is not None]
    graph, _ = network.graph()
    return [(node.name, node.layer, node) for node in graph.nodes if node.layer is not None]


def channels_of(network: Network) -> dict[int, str]:
    """How many channels the layers of a network give, and which one does, the last first."""
    found: dict[int, str] = {}
    for name, layer, _ in reversed(layers_of(network)):
        count = layer.__dict__.get("out_channels")
        if isinstance(count, int) and count > 0:
            found.setdefault(count, name)
    return found


def matching(network: Network, wanted: dict[str, Any]) -> list[tuple[str, Layer, Any]]:
    """The layers that an error may mean."""
    if not wanted:
        return []
    found = []
    for name, layer, place in layers_of(network):
        options = layer.__dict__
        if "name" in wanted:
            if name == wanted["name"] or name.endswith("." + wanted["name"]):
                found.append((name, layer, place))
            continue
        kind = wanted.get("kind", "")
        family = {"RNN": ("RNN", "LSTM", "GRU"), "Pool": ("MaxPool", "AvgPool", "Adaptive")}.get(kind, (kind,))
        if not any(layer.type().lower().startswith(stem.lower()) for stem in family if stem):
            continue
        sizes = {
            "in": ("in_features", "in_channels", "num_features", "input_size", "embed_dim", "normalized_shape"),
            "out": ("out_features", "out_channels"),
        }
        if all(_has(options, names, wanted[key]) for key, names in sizes.items() if key in wanted):
            found.append((name, layer, place))
    return found


def _has(options: dict[str, Any], names: tuple[str, ...], size: int) -> bool:
    known = [options[name] for name in names if options.get(name) is not None]
    return not known or any(value == size or value == (size,) for value in known)
