"""Devices by what they hold, compute and move, and the least time that a network takes on one of them."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.cost.cost import LayerCost

UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


class Device(NamedTuple):
    """Bytes of memory, FLOPs per second at the peak (dense, 16 bits), bytes per second that memory gives."""

    name: str
    memory: float
    flops: float
    speed: float

    @property
    def ridge(self) -> float:
        """FLOPs for a byte from which on computing takes longer than moving."""
        return self.flops / self.speed


def _known(*rows: tuple[str, float, float, float]) -> dict[str, Device]:
    return {name.lower(): Device(name, gb * 1e9, tf * 1e12, tb * 1e12) for name, gb, tf, tb in rows}


# From the makers' data sheets: memory in GB, dense 16-bit matrix products in TFLOPs a second, memory in TB a second.
KNOWN = _known(
    ("V100-32GB", 32, 125, 0.9),
    ("T4", 16, 65, 0.32),
    ("A10", 24, 125, 0.6),
    ("A100-40GB", 40, 312, 1.555),
    ("A100-80GB", 80, 312, 2.039),
    ("L4", 24, 121, 0.3),
    ("L40S", 48, 362, 0.864),
    ("H100", 80, 989, 3.35),
    ("H200", 141, 989, 4.8),
    ("B200", 180, 2250, 7.7),
    ("MI300X", 192, 1307, 5.3),
    ("RTX4090", 24, 165, 1.008),
)
FORM = "NAME:MEMORY,FLOPS,SPEED such as H200:141GB,989TF,4.8TB/s"


def device(text: str) -> Device:
    """A device by its name, or written out. Raises `Fault`."""
    name, colon, rest = text.strip().partition(":")
    if not colon:
        found = KNOWN.get(name.lower())
        if found is None:
            near = did_you_mean(name, [one.name for one in KNOWN.values()])
            raise Fault(
                "option-value",
                f'--devices knows no "{name}"',
                help=(*([f"did you mean {near}?"] if near else []), f"it may be written out: {FORM}"),
            )
        return found
    memory = flops = speed = 0.0
    for part in rest.split(","):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGTP]?)(B/s|B|FLOPS|FLOP/s|F)\s*", part, re.IGNORECASE)
        if match is None:
            raise Fault("option-value", f'--devices: "{part.strip()}" is no size of a device', help=f"write {FORM}")
        size, unit = float(match[1]) * UNITS[match[2].upper()], match[3].lower()
        if unit == "b":
            memory = size
        elif unit == "b/s":
            speed = size
        else:
            flops = size
    if not (memory and flops and speed):
        missing = [word for word, size in (("memory", memory), ("FLOPs", flops), ("speed", speed)) if not size]
        raise Fault("option-value", f"--devices: {name} has no {' and no '.join(missing)}", help=f"write {FORM}")
    return Device(name, memory, flops, speed)


def devices(text: str) -> list[Device]:
    """Devices in a list: names with commas or spaces between, or written out with spaces or semicolons between."""
    words = re.split(r"[;\s]+", text.strip()) if ":" in text else re.split(r"[;,\s]+", text.strip())
    return [device(word) for word in words if word]


def bound(layer: LayerCost, device: Device, batch: int) -> tuple[float, str]:
    """The least seconds that a layer takes, and what bounds it: "compute" or "memory". Raises `Fault`."""
    flops, moved = layer.flops, layer.moved
    if type(flops) is not int or type(moved) is not int:
        raise Fault("no-value", "a time needs sizes that are numbers", help="--set gives them values")
    computing, moving = flops * batch / device.flops, moved / device.speed
    return max(computing, moving), "compute" if computing >= moving else "memory"
