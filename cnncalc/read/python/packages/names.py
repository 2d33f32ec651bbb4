"""Paths of other packages: one for each thing, and the packages that hold no part of a network."""

from __future__ import annotations

import re
from functools import lru_cache

# Packages that hold no part of a network: what they give is unknown, and no parameter is missed with it.
PLAIN_PACKAGES = frozenset(
    """
        os sys re json math random time datetime logging warnings typing typing_extensions types abc enum inspect
        pathlib argparse collections itertools functools operator copy dataclasses contextlib string struct hashlib
        urllib requests tqdm matplotlib pandas sklearn scipy PIL cv2 yaml csv io glob shutil subprocess threading
        multiprocessing queue socket pickle gc platform traceback textwrap unittest pytest absl wandb tensorboard
        tensorboardX torchmetrics torchinfo torchsummary thop fvcore ptflops numpy __future__ builtins numbers
        statistics decimal fractions uuid getpass tempfile zipfile gzip bisect heapq weakref importlib pkg_resources
        packaging omegaconf hydra loguru rich termcolor tabulate psutil fire click huggingface_hub safetensors
        sentencepiece tokenizers datasets evaluate nltk gym gymnasium imageio skimage seaborn plotly h5py pprint
        cProfile signal ctypes torch.utils torch.optim torch.distributed torch.cuda torch.backends torch.jit
        torch.profiler torch.onnx torch.autograd torch.version torch.distributions torch.random torchvision.transforms
        torchvision.datasets torchvision.utils torchaudio.transforms
        """.split()
)


AUTOGRAD = ("torch.autograd.Function", "torch.autograd.function.Function")
ALIASES = (
    (r"timm\.models\.vision_transformer\.(Mlp|PatchEmbed|DropPath)", r"timm.layers.\1"),
    (r"torch\.nn\.modules\.\w+\.(\w+)", r"torch.nn.\1"),
    (r"torch\.nn\.parameter\.(\w+)", r"torch.nn.\1"),
    (r"torch\.nn\.functional\.(\w+)", r"F.\1"),
    (r"torch\.functional\.(\w+)", r"torch.\1"),
    (r"torch\.sparse\.mm", r"torch.sparse_mm"),
    (r"torch\.(special|linalg|fft|_C\._nn)\.(\w+)", r"torch.\1_\2"),
    (r"torch\.distributions\.\w+\.(\w+)", r"torch.distributions.\1"),
    (r"torch\.utils\.checkpoint\.checkpoint", r"checkpoint"),
    (r"torch\.nn\.utils\.parametrizations\.(\w+)", r"torch.nn.utils.parametrizations.\1"),
    (r"torch\.(Float|Long|Int|Half|Bool|Double)?Tensor", r"torch.Tensor"),
    (r"einops\.einops\.(\w+)", r"einops.\1"),
    (r"(numpy|jax\.numpy)\.(\w+)", r"numpy.\2"),
    (r"torchvision\.ops\.(\w+\.)?(\w+)", r"torchvision.ops.\2"),
    (r"timm\.(models\.layers|layers)(\.\w+)?\.(\w+)", r"timm.layers.\3"),
)


FOLLOWED = frozenset(
    ["torch", "torchvision", "einops", "timm", "jax", "pytorch_lightning", "lightning", "transformers"]
)


def known_package(name: str) -> bool:
    """Whether something is known of what a package has: of others only that they may not be there."""
    return name.split(".")[0] in PLAIN_PACKAGES | FOLLOWED


@lru_cache(maxsize=4096)
def canonical(path: str) -> str:
    """One path for each thing, wherever it was imported from."""
    head, _, last = path.rpartition(".")
    if head in ("", "torch.nn", "math", "builtins") or (head == "torch" and not last.endswith("Tensor")):
        return path  # what most are, without a pattern
    if head == "torch.nn.functional":
        return f"F.{last}"
    for pattern, replacement in ALIASES:
        found = re.fullmatch(pattern, path)
        if found:
            return found.expand(replacement)
    return path
