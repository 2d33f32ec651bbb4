"""Layers that Keras does not have, as classes written above the network.

They are registered under "cnncalc" and their configuration is the layer's options, so that cnncalc reads a file of such
a model as the layers that they are. Arrays have the order and the shapes that cnncalc gives them. A layer with further
outputs gives all of them, in their order.
"""

from __future__ import annotations

from cnncalc.export.keras.classes import attention, plain, recurrent, routed, scans, tables

BASE = '''
def constant(array):
    return ops.convert_to_tensor(array.astype(keras.config.floatx()))


def registered(kind):
    return keras.saving.register_keras_serializable("cnncalc")(kind)


class Configured(layers.Layer):
    """A layer whose configuration is what it is made with."""

    def __init__(self, name=None, dtype=None, trainable=True, **options):
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        self.options = options

    def get_config(self):
        return {**super().get_config(), **self.options}
'''
FAMILIES = (tables, plain, attention, recurrent, scans, routed)
# The functions that classes call, and the classes, in the order in which they are written.
CLASSES: dict[str, str] = {name: text for family in FAMILIES for name, text in family.CLASSES.items()}
# What a class calls.
NEEDS: dict[str, tuple[str, ...]] = {**plain.NEEDS, **attention.NEEDS, **recurrent.NEEDS, **scans.NEEDS}


def classes(kinds: set[str]) -> str:
    """The source of these classes and of what they call."""
    if not kinds:
        return ""
    needed = kinds | {need for kind in kinds for need in NEEDS.get(kind, ())}
    return "\n\n".join([BASE.rstrip("\n"), *(CLASSES[name].rstrip("\n") for name in CLASSES if name in needed)]) + "\n"
