"""Thirty networks on a slide and on a page of paper, as a browser shows them: `python -m benchmarks.slides`.

It needs Chromium and the extra `browser`. Counted are the networks with text below 9 points where the picture is shrunk
to fit, cut labels, overlaps of boxes or words, chains that are not straight, styles that reach outside the picture, and
no dark colours.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

BY_NAME = """
lenet5 alexnet vgg16 resnet18 resnet50 resnet152 densenet121 densenet201 googlenet inception_v3 mobilenet_v2
mobilenet_v3_large efficientnet_b0 efficientnet_b7 squeezenet1_0 shufflenet_v2_x1_0 convnext_tiny xception
unet unet_keras deeplabv3_resnet50 vit_b_16 swin_t bert_base gpt2 llama3_8b mixtral_8x7b transformer t5_base
lstm_classifier
"""
NETS = BY_NAME.split()
PAGES = {"slide": ([1920, 1080], []), "a4": ([680, 1010], ["--page", "a4"])}
POINTS = 9.0
COUNTED = ("cut", "overlaps", "wobbles", "global")


def drawn(net: str, words: list[str]) -> str:
    """The picture that the command draws."""
    argv = [sys.executable, "-m", "cnncalc", "draw", net, "--svg", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Print the table, and what was found of each network where it is not as it should be."""
    script = Path(__file__).with_name("slides.js").read_text(encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        sheets = [opened.new_page(color_scheme=scheme) for scheme in ("light", "dark")]
        heads = ["page", "networks", "text of 9 points or more", "cut labels", "overlaps", "wobbling chains"]
        heads += ["global selectors", "no dark colours"]
        print(f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |")
        for page, (size, words) in PAGES.items():
            found: list[dict[str, Any]] = []
            for net in NETS:
                given = {"svg": drawn(net, words), "page": size}
                light, dark = (sheet.evaluate(script, given) for sheet in sheets)
                light["dark"] = light["colours"] != dark["colours"]
                found.append(light)
                if light["least"] < POINTS - 0.01 or not light["dark"] or any(light[key] for key in COUNTED):
                    print(net, page, light, file=sys.stderr)
            large = sum(one["least"] >= POINTS - 0.01 for one in found)
            bad = [sum(one[key] > 0 for one in found) for key in COUNTED]
            dull = sum(not one["dark"] for one in found)
            print(f"| {page} | {len(found)} | {large} | {' | '.join(map(str, [*bad, dull]))} |")
        opened.close()


if __name__ == "__main__":
    main()
