"""Pictures: what holds in every one of them, whatever the network; and what is in the files that are written."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import cnncalc
from cnncalc.bundled import bundled
from cnncalc.core.problem import Fault
from cnncalc.diagram.build import network
from cnncalc.diagram.fit import PAGES, Wish, depths, picture
from cnncalc.diagram.formats import painted, pdf, svg, tikz
from cnncalc.diagram.gather import gather
from cnncalc.diagram.inks import DARK, LIGHT
from cnncalc.diagram.inside.build import drawable, inside
from cnncalc.diagram.join import join
from cnncalc.diagram.layout.nested import place
from cnncalc.diagram.layout.scope import cuts
from cnncalc.diagram.model import Diagram
from cnncalc.diagram.scene import Part, Rectangle, Shape, Words, span, wrapped
from cnncalc.diagram.styles import boxes, lenet, volumes
from cnncalc.diagram.words import shape_text

ROOT = Path(__file__).resolve().parent.parent
NETS = [*bundled(), *(str(path) for path in sorted((ROOT / "specs" / "homework").glob("*.yaml")))]
BY_WORDS = """
lenet5 alexnet vgg16 resnet18 resnet50 resnet152 densenet121 densenet201 googlenet inception_v3 mobilenet_v2
mobilenet_v3_large efficientnet_b0 efficientnet_b7 squeezenet1_0 shufflenet_v2_x1_0 convnext_tiny xception
unet unet_keras deeplabv3_resnet50 vit_b_16 swin_t bert_base gpt2 llama3_8b mixtral_8x7b transformer t5_base
lstm_classifier
"""
THIRTY = BY_WORDS.split()


def report(text):
    return cnncalc.loads(text).report()


def parts(scene):
    """The rectangles of boxes and of frames, and the words outside of boxes."""
    found = [item for item in scene.items if isinstance(item, Part)]
    frames = [item for item in scene.items if isinstance(item, Rectangle) and item.name]
    return found, frames


def corners(item):
    return item.x, item.y, item.x + item.width, item.y + item.height


def room(words):
    """Where a line of text stands."""
    wide = span(words.text, words.size)
    left = words.x - {"start": 0.0, "middle": wide / 2, "end": wide}[words.anchor]
    return left, words.y - 9, left + wide, words.y + 3


def overlapping(boxes):
    """Pairs of rectangles that overlap, in the order of their left ends."""
    boxes = sorted(boxes)
    found = []
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            if other[0] >= one[2]:
                break
            if one[1] < other[3] and other[1] < one[3]:
                found.append((one, other))
    return found


def within(inner, outer):
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def holds(scene, made):
    """What every picture of boxes has to be like."""
    whole = (0, 0, scene.width + 0.01, scene.height + 0.01)
    found, frames = parts(scene)
    rectangles = [corners(part.items[0]) for part in found]
    assert (len(rectangles), len(frames)) == (len(made.boxes), len(made.groups))
    assert overlapping(rectangles) == []
    for part, box in zip(found, rectangles, strict=True):
        assert within(box, whole)
        for words in part.items[1:]:
            assert words.size >= 12 and "…" not in words.text
            assert within(room(words), box), words.text
    for box, here in zip(made.boxes, rectangles, strict=True):
        inner, group = set(), box.group
        while group is not None:
            inner.add(group)
            group = made.groups[group].parent
        for number, frame in enumerate(map(corners, frames)):
            assert within(frame, whole)
            assert within(here, frame) if number in inner else overlapping([here, frame]) == []
    lines = [item for item in scene.items if isinstance(item, Shape)]
    titles = [
        room(item) for item in scene.items if isinstance(item, Words) and item.anchor == "start" and not item.halo
    ]
    pieces = []
    for line in lines:
        at = line.start
        for part in line.parts:
            for x, y in part:
                assert -0.01 <= x <= whole[2] and -0.01 <= y <= whole[3]
            if len(part) == 1:
                (end,) = part
                pieces.append((min(at[0], end[0]), min(at[1], end[1]), max(at[0], end[0]), max(at[1], end[1])))
            at = part[-1]
    assert crossing(pieces, titles) == []
    assert crossing(pieces, rectangles, 0.02) == []


def crossing(lines, boxes, edge=0.0):
    """Straight lines, upright or level, that lie in a rectangle's inside, with that rectangle."""
    if not lines or not boxes:
        return []
    left, top, right, bottom = np.array(lines).T[:, :, None]
    of = np.array(boxes).T
    beside = (right <= of[0] + edge) | (of[2] - edge <= left)
    apart = (bottom <= of[1] + edge) | (of[3] - edge <= top)
    return [(lines[line], boxes[box]) for line, box in np.argwhere(~beside & ~apart)]


@pytest.mark.parametrize("net", NETS, ids=lambda net: Path(net).stem)
def test_no_overlap_nothing_cut_nothing_outside(net):
    network_ = cnncalc.load(net).report()
    for depth, right in ((1, False), (None, False), (2, True)):
        made = join(network(network_, depth))
        scene = boxes.scene(made, right=right, page=PAGES["slide"])
        if not right:
            holds(scene, made)
        found, _ = parts(scene)
        assert overlapping([corners(part.items[0]) for part in found]) == []


@pytest.mark.parametrize("net", bundled())
def test_every_network_fits_a_slide_by_default(net):
    scene, said = picture(cnncalc.load(net).report(), Wish())
    assert scene.width <= 1920 and scene.height <= 1080
    assert all(item.size >= 12 for item in scene.flat() if isinstance(item, Words))
    if said:
        assert re.fullmatch(r"depth \d of \d; --depth for more", said)
        assert said in [item.text for item in scene.flat() if isinstance(item, Words)]


@pytest.mark.parametrize("net", ["sam_vit_b", "stable_diffusion_1_5", "yolov8n", "googlenet"])
@pytest.mark.parametrize("most", [40, 24, 8])
def test_neighbours_that_are_put_together_lose_nothing(net, most):
    made = join(network(cnncalc.load(net).report(), 0))
    inputs = [box.name for box in made.boxes if box.kind == "input"]
    ends = [(made.boxes[edge.source].name, made.boxes[edge.target].name) for edge in made.edges]
    total, before = sum((box.params or 0) * box.copies for box in made.boxes), [box.name for box in made.boxes]
    found = gather(made, most)
    assert len(found.boxes) <= max(most, len(inputs) + 1) and [box.id for box in found.boxes] == [
        *range(len(found.boxes))
    ]
    assert sum((box.params or 0) * box.copies for box in found.boxes) == total
    assert [box.name for box in found.boxes if box.kind == "input"] == inputs
    assert all(edge.source < edge.target for edge in found.edges)
    at = [box.name.partition(" to ")[0] for box in found.boxes]
    starts = sorted(before.index(name) for name in at)
    home = {name: sum(start <= place for start in starts) - 1 for place, name in enumerate(before)}
    assert {(edge.source, edge.target) for edge in found.edges} == {
        (home[one], home[other]) for one, other in ends if home[one] != home[other]
    }


def test_neighbours_are_compared_again_only_where_they_changed():
    compared = []

    class Group(int):
        def __ne__(self, other):
            compared.append(1)
            return int(self) != int(other)

    made = Diagram("", 500)
    for at in range(300):
        made.box("layer", f"fc{at}", f"fc{at}", group=Group(1))
    for at in range(299):
        made.edge(at, at + 1)
    assert len(gather(made, 10).boxes) == 10
    assert len(compared) < 3 * 300


# The depth of those that a page of A4 shows in columns with narrow boxes, so that little of them is left out.
FOLDED = {"unet": "depth 1", "inception_v3": "depth 2", "googlenet": "depth 2", "bert_base": "", "vit_b_16": ""}


@pytest.mark.parametrize("net", THIRTY)
def test_every_network_fits_a_page_of_paper(net):
    scene, said = picture(cnncalc.load(net).report(), Wish(page=PAGES["a4"], strict=True))
    assert scene.width <= 680 and scene.height <= 1010
    assert all(item.size >= 12 for item in scene.flat() if isinstance(item, Words))
    if net in FOLDED:
        assert said.partition(" of ")[0] == FOLDED[net]
        found, _ = parts(scene)
        tops = [part.items[0].y for part in found]
        assert tops != sorted(tops)  # a column begins above the end of the one before
        assert len(found) >= 13


def test_a_frame_around_one_box_is_none():
    """VGG's convolutions with their activations are boxes of their stage; the frames that are left hold several."""
    made = join(network(cnncalc.load("vgg16").report()))
    assert [box.label for box in made.boxes[1:3]] == ["unit.0.conv", "unit.1.conv"]
    last = next(box for box in made.boxes if box.copies == 3)
    assert (last.label, last.params) == ("unit.conv", 512 * 512 * 9 + 512)
    inner = [box.group for box in made.boxes]
    for group in made.groups:
        assert made.groups[group.id] is group
        assert inner.count(group.id) + sum(other.parent == group.id for other in made.groups) > 1


def test_an_activation_stands_in_the_box_of_its_block():
    made = join(network(cnncalc.load("resnet18").report(), 2))
    assert [(box.label, box.detail, box.after) for box in made.boxes if box.label.startswith("layer2")] == [
        ("layer2.0", "8 layers", ["ReLU"]),
        ("layer2.1", "6 layers", ["ReLU"]),
    ]


def test_names_are_broken_where_a_word_begins():
    assert wrapped("PositionalEmbedding", 15) == ["Positional", "Embedding"]
    assert wrapped("AdaptiveAvgPool2d", 15) == ["AdaptiveAvg", "Pool2d"]


def test_a_cell_leads_to_the_right_with_its_input_below():
    made = inside(cnncalc.load("20x16 -> lstm: LSTM(16, 32)").report(), "lstm")
    found, _ = parts(boxes.scene(made))
    at = {part.name: part.items[0] for part in found}
    assert at["x[t]"].y > at["h[t-1]"].y > at["c[t-1]"].y
    assert at["h[t]"].x > at["c[t]"].x > at["h[t-1]"].x + at["h[t-1]"].width
    signs = [part for part in found if part.items[1].text in ("+", "⊙")]
    assert len(signs) == 6 and all(len(part.items) == 2 for part in signs)
    assert {(part.items[0].width, part.items[0].height, part.items[0].round) for part in signs} == {(29.0, 29.0, 14.5)}


@pytest.mark.parametrize("net", ["vgg16", "alexnet", "lenet5", "mobilenet_v1", "resnet18", "resnet50"])
def test_a_chain_has_one_place_across(net):
    """Boxes that follow each other, with nothing else before or after, share the middle; over columns they may not."""
    made = join(network(cnncalc.load(net).report()))
    sizes = {box.id: (100.0 + 20 * (box.id % 5), 40.0) for box in made.boxes}
    placed = place(made, sizes, {group.id: (90.0, 30.0) for group in made.groups}, False, span)
    into, out = {}, {}
    for edge in made.edges:
        into.setdefault(edge.target, set()).add(edge.source)
        out.setdefault(edge.source, set()).add(edge.target)
    for edge in made.edges:
        if len(into[edge.target]) == 1 and len(out[edge.source]) == 1:
            one, other = placed.boxes[edge.source], placed.boxes[edge.target]
            assert one[0] + one[2] / 2 == pytest.approx(other[0] + other[2] / 2)
    # What a network mainly does is one line, the shortcuts beside it.
    middles = {round(x + wide / 2, 3) for x, _, wide, _ in placed.boxes.values()}
    shortcuts = sum("downsample" in box.name for box in made.boxes)
    assert len(middles) <= 1 + (shortcuts > 0) * 8


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("net", ["gated_cell", "attention_rnn2", "recitation_rnn", "zaremba_lstm_small"])
def test_pictures_of_insides(net, right):
    network_ = cnncalc.load(net).report()
    name = next(row.name for row in network_.rows if drawable(row))
    for steps, compact in ((None, False), (3, False), (None, True)):
        made = inside(network_, name, steps, compact)
        scene = boxes.scene(made, right=right)
        found, _ = parts(scene)
        assert overlapping([corners(part.items[0]) for part in found]) == []
        for item in scene.flat():
            if isinstance(item, Shape):
                assert all(0 <= x <= scene.width and 0 <= y <= scene.height for part in item.parts for x, y in part)
        words = " ".join(item.text for item in scene.items if isinstance(item, Words))
        assert words.count("t - 1") == sum(edge.delay == 1 for edge in made.edges)


@pytest.mark.parametrize("steps", [None, 3])
def test_states_alone_have_the_input_below_and_time_to_the_right(steps):
    made = inside(cnncalc.load("recitation_rnn").report(), "rnn", steps, True)
    scene = boxes.scene(made)
    found, _ = parts(scene)
    at = {part.name: corners(part.items[0]) for part in found}
    now = "t" if steps is None else "1"
    assert at[f"x[{now}]"][1] > at[f"h[{now}]"][1] > at[f"y[{now}]"][1]
    if steps:
        assert at["h[0] = 0"][2] < at["h[1]"][0] < at["h[2]"][0] < at["h[3]"][0]
        assert len({at[f"h[{step}]"][1] for step in (1, 2, 3)}) == 1
    assert overlapping(list(at.values())) == []
    for item in scene.flat():
        if isinstance(item, Words):
            assert within(room(item), (0, 0, scene.width, scene.height)), item.text


@pytest.mark.parametrize("steps", [None, 3])
@pytest.mark.parametrize("cell", ["LSTM(8, 4)", "GRU(8, 4)", "RNN(8, 4)"])
def test_several_matrices_of_an_arrow_stand_below_each_other_beside_it(cell, steps):
    scene = boxes.scene(inside(cnncalc.load(f"10x8 -> it: {cell}").report(), "it", steps, True))
    found, _ = parts(scene)
    at = {part.name: corners(part.items[0]) for part in found}
    words = [room(item) for item in scene.items if isinstance(item, Words)]
    assert overlapping([*at.values(), *words]) == []
    assert all(within(one, (0, 0, scene.width, scene.height)) for one in words)
    states = ["h[1]", "h[2]", "h[3]"] if steps else ["h[t]"]
    assert len({at[name][1] for name in states}) == 1 and all(at[name][1] < at["x" + name[1:]][1] for name in states)
    assert scene.height < 420


def test_a_network_that_is_one_block_shows_what_is_in_it():
    """MobileNetV3 keeps its 15 blocks in one; at depth 0 a page would have a box for all of them."""
    from cnncalc.diagram.fit import PAGES, Wish, picture

    scene, said = picture(cnncalc.load("mobilenet_v3_large").report(), Wish(page=PAGES["a4"], strict=True))
    assert len(parts(scene)[0]) > 12 and said.startswith("depth 1 of ")
    assert scene.width <= PAGES["a4"][0] and scene.height <= PAGES["a4"][1]


def test_activations_and_norms_stand_in_the_box_of_their_layer():
    made = join(network(cnncalc.load("resnet18").report(), 1))
    first = made.boxes[1]
    assert (first.label, first.after) == ("conv1", ["BatchNorm2d", "ReLU"])
    assert first.params == 3 * 64 * 49 + 2 * 64
    made = join(network(cnncalc.load("gpt2").report()))
    assert [(box.label, box.before, box.after) for box in made.boxes if box.label in ("attn", "c_fc")] == [
        ("attn", ["LayerNorm"], []),
        ("c_fc", ["LayerNorm"], ["GELU"]),
    ]
    assert not any(box.category in ("norm", "activation", "dropout") for box in made.boxes)


@pytest.mark.parametrize("net", ["resnet50", "densenet121", "transformer", "unet", "mobilenet_v3_large", "seresnet50"])
def test_joined_boxes_hold_all_parameters(net):
    network_ = cnncalc.load(net).report()
    apart, made = network(network_, full=True), join(network(network_, full=True))
    assert sum(box.params for box in made.boxes if box.params) == sum(box.params for box in apart.boxes if box.params)
    assert len(made.boxes) < len(apart.boxes)
    assert made.boxes[made.output].shape == apart.boxes[apart.output].shape


def test_what_is_read_elsewhere_keeps_its_box():
    text = "input: [4]\nlayers:\n  - a: Linear(4, 4)\n  - r: ReLU\n  - b: Linear(4, 4)\n  - s: Add\n    from: [a, b]\n"
    made = join(network(report(text)))
    assert [box.label for box in made.boxes] == ["input", "a", "b", "s"]
    assert made.boxes[2].before == ["ReLU"]


def test_roles_and_ties_are_written():
    text = "inputs: {x: [5, 8], m: [7, 8]}\nlayers:\n  - a: MultiheadAttention(8, 2)\n    from: [x, m, m]\n"
    scene = boxes.scene(join(network(report(text))))
    assert [item.text for item in scene.items if isinstance(item, Words) and item.halo] == ["query", "key, value"]
    scene, _ = picture(cnncalc.load("gpt2").report(), Wish())
    assert any("tied to wte" in item.text for item in scene.flat() if isinstance(item, Words))


def test_entries_of_several_lines_are_apart():
    made = join(network(cnncalc.load("googlenet").report(), 3))
    sizes = {box.id: (200.0, 40.0) for box in made.boxes}
    placed = place(made, sizes, {group.id: (90.0, 30.0) for group in made.groups}, False, span)
    ends = [line.end for line in placed.lines if line.arrow]
    assert len(ends) == len(set(ends))


def test_frames_have_no_empty_space():
    """Around what lies in a frame there is a title, and a margin."""
    made = join(network(cnncalc.load("resnet50").report(), 1))
    sizes = {box.id: (120.0, 40.0) for box in made.boxes}
    placed = place(made, sizes, {group.id: (50.0, 30.0) for group in made.groups}, False, span)
    for number, (_, y, _, high) in placed.frames.items():
        inner = [placed.boxes[box.id] for box in made.boxes if box.group == number]
        assert y + high - max(top + down for _, top, _, down in inner) <= 28
        assert min(top for _, top, _, _ in inner) - y <= 30 + 28


def test_columns():
    assert cuts([10.0] * 5, [1] * 5, 100) == []
    assert cuts([10.0] * 6, [1] * 6, 30) == [3]
    assert cuts([10.0] * 6, [0, 1, 1, 5, 1, 1], 40) in ([2], [4])
    assert cuts([50.0, 10.0], [0, 1], 20) == [1]


def test_words_are_wrapped_and_never_cut():
    text = "Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)"
    assert wrapped(text, 30) == ["Conv2d(3, 64, kernel_size=7,", "stride=2, padding=3,", "bias=False)"]
    assert "".join(wrapped("x" * 100, 30)) == "x" * 100
    assert all(len(line) <= 30 for line in wrapped("a.b" * 40, 30))


def test_pages(call):
    status, out, err = call("draw", "resnet152", "--svg", "--page", "a4")
    wide, high = map(int, re.search(r'width="(\d+)" height="(\d+)"', out).groups())
    assert (status, wide <= 680, high <= 1010) == (0, True, True)
    assert re.fullmatch(r"note\[depth-chosen\]: depth \d of 4; --depth for more\n", err)
    status, out, err = call("draw", "resnet152", "--svg", "--page", "a4", "--depth", "4")
    assert (status, out) == (2, "")
    assert err.startswith("error[does-not-fit]: at 9 points the picture would have ")
    assert int(re.search(r"help: --depth (\d) fits", err)[1]) < 4
    wide = int(re.search(r'width="(\d+)"', call("draw", "googlenet", "--svg", "--width", "500")[1])[1])
    assert wide <= 500
    assert call("draw", "lenet5", "--page", "slide")[2] == "note[no-effect]: --page changes nothing in text\n"


def test_depth_and_full_are_obeyed(call):
    scene, said = picture(cnncalc.load("resnet50").report(), Wish(depth=depths(cnncalc.load("resnet50").report())))
    assert said == "" and scene.width > 1920
    _, out, err = call("draw", "lenet5", "--svg", "--full")
    assert err == "" and out.count('<g class="box"><title>') == len(cnncalc.load("lenet5").report().rows) + 1


# --- colours --------------------------------------------------------------------------------------------------------


def brightness(colour):
    """The relative luminance as WCAG 2 defines it."""
    parts_ = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts_]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("inks", [LIGHT, DARK])
def test_contrast(inks):
    for ground, (fill, edge) in inks.items():
        if fill == "none" or ground in ("text", "less", "head line", "head late"):
            continue
        for ink in ("text", "less") if ground in ("paper", "frame", "inner") else ("text",):
            one, other = sorted((brightness(fill), brightness(inks[ink][0])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (ground, ink)
        if edge != "none":
            one, other = sorted((brightness(edge), brightness(inks["paper"][0])))
            assert (other + 0.05) / (one + 0.05) >= 2.5, (ground, edge)
    assert LIGHT.keys() == DARK.keys()


def test_heat_is_written_and_has_a_legend(call):
    _, out, _ = call("draw", "lenet5", "--svg", "--heat", "params")
    boxes_ = "".join(re.findall(r"<g class.*?</g>", out, re.DOTALL))
    shares = re.findall(r"([\d.]+)%</text>", boxes_)
    assert len(shares) == 8 and sum(map(float, shares)) == pytest.approx(100, abs=0.5)
    assert "parameters, with all copies: under 1%" in out and "heat4" in out
    for what in ("macs", "memory"):
        assert call("draw", "resnet18", "--svg", "--heat", what)[0] == 0
    assert call("draw", "lenet5", "--svg", "--heat", "flops")[2].startswith("error[option-value]")


def test_kinds_have_a_legend():
    scene, _ = picture(cnncalc.load("gpt2").report(), Wish())
    words = [item.text for item in scene.items if isinstance(item, Words)]
    assert {"linear", "attention", "embedding"} <= set(words)


# --- files ----------------------------------------------------------------------------------------------------------


def test_styles_apply_to_nothing_outside():
    pictures = [svg.render(picture(cnncalc.load(net).report(), Wish())[0]) for net in ("lenet5", "gpt2")]
    scopes = [re.search(r'<svg [^>]*class="(cnn-\w+)"', text)[1] for text in pictures]
    assert scopes[0] != scopes[1]
    for text, scope in zip(pictures, scopes, strict=True):
        ElementTree.fromstring(text)
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
        rules = [line for line in style.splitlines() if line.endswith("}") and line != "}"]
        assert rules and all(rule.startswith(f".{scope} ") for rule in rules)
        assert "@media (prefers-color-scheme: dark)" in style
        assert " id=" not in text and "url(" not in text and "href" not in text


def test_the_same_picture_each_time():
    network_ = cnncalc.load("resnet18").report()
    for format in ("svg", "tikz"):
        assert painted(picture(network_, Wish())[0], format) == painted(picture(network_, Wish())[0], format)


def test_pdf_and_png(call, tmp_path):
    pytest.importorskip("reportlab", reason='PDF needs the extra: pip install "cnncalc[pictures]"')
    pytest.importorskip("pypdfium2", reason='PNG needs the extra: pip install "cnncalc[pictures]"')
    made = pdf.render(picture(cnncalc.load("lenet5").report(), Wish())[0])
    assert made.startswith(b"%PDF-")
    assert call("draw", "lenet5", "-o", str(tmp_path / "a.png"))[0] == 0
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(b"\x89PNG") and zlib.crc32(data[12:29]) == int.from_bytes(data[29:33], "big")
    assert call("draw", "lenet5", "-o", str(tmp_path / "a.pdf"))[0] == 0


def test_without_the_libraries(call, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "reportlab.pdfgen.canvas", None)
    assert call("draw", "lenet5", "--format", "pdf") == (
        2,
        "",
        'error[missing-extra]: PDF needs a library that is not installed\nhelp: pip install "cnncalc[pictures]"\n',
    )


def compiled(tmp_path, text, pages=1):
    """The document as LaTeX compiles it; skips where there is no LaTeX."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: apt-get install texlive-latex-base texlive-pictures")
    (tmp_path / "a.tex").write_text(text, encoding="utf-8")
    argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert f"({pages} page" in done.stdout
    return done.stdout


@pytest.mark.parametrize("net", ["lenet5", "gpt2", "unet", "lstm_classifier"])
def test_tikz_compiles(tmp_path, net):
    compiled(tmp_path, tikz.render(picture(cnncalc.load(net).report(), Wish())[0]))


@pytest.mark.parametrize("net", ["transformer", "lenet5"])
def test_a_fragment_is_no_larger_than_the_text_around_it(tmp_path, net):
    text = tikz.render(picture(cnncalc.load(net).report(), Wish())[0], fragment=True)
    head = "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage{tikz}\\parindent=0pt\\begin{document}\n"
    assert "Overfull" not in compiled(tmp_path, f"{head}{text}\\end{{document}}\n")


def test_a_fragment_goes_into_a_document(tmp_path):
    text = tikz.render(picture(cnncalc.load("lenet5").report(), Wish(page=(600.0, 700.0)))[0], fragment=True)
    assert "documentclass" not in text
    compiled(tmp_path, rf"\documentclass{{article}}\usepackage{{tikz}}\begin{{document}}{text}\end{{document}}")


def test_hostile_names_compile(tmp_path):
    from tests.test_draw import HOSTILE, hostile

    for name in ("\\input{/etc/passwd}", "$x^{2}$ %", "a_b&c#d~e", *HOSTILE):
        text = tikz.render(boxes.scene(hostile(name)))
        assert "\\input{" not in text
    compiled(tmp_path, tikz.render(boxes.scene(hostile("".join(HOSTILE) + "\\input{/etc/passwd} $x^{2}$ %a_b&c#d~e"))))


def test_does_not_fit():
    with pytest.raises(Fault) as fault:
        picture(cnncalc.load("inception_v3").report(), Wish(page=(300.0, 300.0), strict=True))
    assert fault.value.code == "does-not-fit"


def sixels(text):
    """The dots of a picture in sixels: red, green and blue in percent, by a reader of its own."""
    head = re.match(r'\x1bPq"1;1;(\d+);(\d+)', text)
    wide, high = int(head[1]), int(head[2])
    palette = {int(n): rgb for n, *rgb in re.findall(r"#(\d+);2;(\d+);(\d+);(\d+)", text)}
    body = re.sub(r"#\d+;2;\d+;\d+;\d+", "", text[head.end() :]).partition("\x1b")[0]
    dots = [[None] * wide for _ in range(high)]
    for line, band in enumerate(body.split("-")[:-1]):
        for part in band.split("$"):
            colour = re.match(r"#(\d+)", part)
            x = 0
            for count, letter in re.findall(r"(?:!(\d+))?([?-~])", part[colour.end() :]):
                for _ in range(int(count or 1)):
                    for row in range(6):
                        if ord(letter) - 63 >> row & 1:
                            dots[6 * line + row][x] = tuple(map(int, palette[int(colour[1])]))
                    x += 1
            assert x == wide
    return dots


def test_pictures_in_terminals(call):
    pytest.importorskip("reportlab")
    pytest.importorskip("pypdfium2")
    from base64 import b64decode
    from io import BytesIO

    from PIL import Image

    net = "3x8x8 -> conv: Conv2d(3, 4, 3) -> ReLU"
    kitty = call("draw", net, "-f", "kitty").out
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", kitty)
    assert pieces[0][0].startswith("a=T,f=100,m=")
    assert [keys[-3:] for keys, _ in pieces] == ["m=1"] * (len(pieces) - 1) + ["m=0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    image = Image.open(BytesIO(b64decode("".join(piece for _, piece in pieces)))).convert("RGB")
    assert re.fullmatch(r"(?:\x1b_G[a-zA-Z0-9=,]+;[A-Za-z0-9+/=]*\x1b\\)+\n", kitty)  # nothing that a user wrote
    shown = call("draw", net, "-f", "sixel").out
    assert re.fullmatch(r"\x1bPq[ -~]+\x1b\\\n", shown)
    dots = sixels(shown)
    assert image.size == (len(dots[0]), len(dots))
    apart = [
        abs(part - share * 2.55)
        for y in range(image.height)
        for x in range(image.width)
        for part, share in zip(image.getpixel((x, y)), dots[y][x], strict=True)
    ]
    assert sum(apart) / len(apart) < 3


# --- volumes -------------------------------------------------------------------------------------------------------


def said(scene):
    """The shapes that the names of a picture's parts say."""
    return [part.name.rpartition(": ")[::2] for part in scene.items if isinstance(part, Part)]


@pytest.mark.parametrize("net", bundled())
def test_volumes_of_every_network(net):
    network_ = cnncalc.load(net).report()
    for style in (volumes, lenet):
        scene, word = style.picture(network_, Wish())
        assert scene.width <= (1920 if net != "unet_keras" else 1960) and scene.height <= 1080
        depth = int(word.split()[1]) if word else None
        made = join(network(network_, depth))
        shown = [(box.name, shape_text(box.shape)) for box in made.boxes]
        assert shown == said(scene)
        texts = [item for item in scene.flat() if isinstance(item, Words)]
        assert all(item.size >= 12 and room(item)[0] >= 0 and room(item)[2] <= scene.width + 1 for item in texts)
        for item in scene.items:
            if isinstance(item, Part) and style is volumes:
                numbers = {part.text for part in item.items if isinstance(part, Words)}
                box = next(box for box in made.boxes if item.name.startswith(f"{box.name}: "))
                if not (box.type in ("Add", "Multiply") and not box.params) and len(box.shape) < 4:
                    assert {str(size) for size in box.shape} <= numbers


def test_volumes_are_to_scale():
    """LeNet-5's maps of 28, 14, 10 and 5 are so high and so deep, and columns of features as their logarithm."""
    scene, _ = volumes.picture(cnncalc.load("lenet5").report(), Wish())
    fronts = []
    for part in scene.items:
        if isinstance(part, Part):
            corners_ = [part.items[0].start, *(end for (end,) in part.items[0].parts)]
            fronts.append(corners_[3][1] - corners_[0][1])
    assert fronts[:5] == pytest.approx([150 * side / 28 for side in (28, 28, 14, 10, 5)])
    assert any("image sides to one scale" in item.text for item in scene.flat() if isinstance(item, Words))


def test_a_u_net_is_a_u():
    scene, _ = volumes.picture(cnncalc.load("unet").report(), Wish())
    fronts = [part.items[0].start[1] for part in scene.items if isinstance(part, Part)]
    lowest = fronts.index(max(fronts))
    assert fronts[:lowest] == sorted(fronts[:lowest]) and fronts[lowest:] == sorted(fronts[lowest:], reverse=True)
    assert 0 < lowest < len(fronts) - 1


def test_lenet_has_maps():
    scene, _ = lenet.picture(cnncalc.load("lenet5").report(), Wish())
    texts = [item.text for item in scene.flat() if isinstance(item, Words)]
    assert [text for text in texts if "@" in text] == ["1@28x28", "6@28x28", "6@14x14", "16@10x10", "16@5x5"]


def test_volumes_compile(tmp_path):
    text = "\n".join(
        tikz.render(style.picture(cnncalc.load(net).report(), Wish())[0], fragment=True) + "\\newpage"
        for net in ("lenet5", "unet", "resnet50", "gpt2")
        for style in (volumes, lenet)
    )
    size = r"\usepackage[paperwidth=60cm,paperheight=40cm,margin=1cm]{geometry}"
    text = rf"\documentclass{{article}}\usepackage{{tikz}}{size}\begin{{document}}{text}\end{{document}}"
    compiled(tmp_path, text, pages=8)


def test_volumes_need_numbers_and_a_picture(call):
    assert call("draw", "CxHxW -> Conv2d(C, F, 3)", "--style", "volumes", "--svg")[2].startswith(
        "error[free-dimensions]: volumes need numbers"
    )
    assert call("draw", "lenet5", "--style", "volumes")[2] == (
        "error[option-value]: --style volumes is a picture, and text has none\nhelp: -f svg draws it\n"
    )
    assert call("draw", "lenet5", "--style", "volume", "--svg")[2].endswith("help: did you mean volumes?\n")


# --- in a browser --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium():
    from tests import browser

    with browser.browser() as opened:
        yield opened


OVERLAPS = """() => {
  const found = [];
  const all = [...document.querySelectorAll("svg text")];
  const texts = all.map((text) => [text.getBoundingClientRect(), text.textContent]);
  for (const [at, [one, name]] of texts.entries()) {
    for (const [other, second] of texts.slice(at + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 1 && down > 3) found.push(`${name} | ${second}`);
    }
  }
  for (const box of document.querySelectorAll("g.box")) {
    const rect = box.querySelector("rect")?.getBoundingClientRect();
    for (const text of rect ? box.querySelectorAll("text") : []) {
      const room = text.getBoundingClientRect();
      if (room.left < rect.left - 1 || room.right > rect.right + 1) found.push(`cut: ${text.textContent}`);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("net", ["lenet5", "resnet50", "unet", "densenet121", "vit_b_16", "gpt2", "transformer"])
def test_a_page_in_a_browser(tmp_path, chromium, net, dark):
    from tests import browser

    made = picture(cnncalc.load(net).report(), Wish())[0]
    (tmp_path / "a.html").write_text(painted(made, "html"), encoding="utf-8")
    with browser.page(chromium, tmp_path / "a.html", 1920, dark) as opened:
        assert opened.page.evaluate(OVERLAPS) == []
        sizes = opened.page.evaluate(
            "[...document.querySelectorAll('svg text')].map((text) => parseFloat(getComputedStyle(text).fontSize))"
        )
        assert min(sizes) >= 12
        paper = opened.page.evaluate("getComputedStyle(document.querySelector('svg .paper')).fill")
        assert paper == ("rgb(15, 23, 42)" if dark else "rgb(255, 255, 255)")
        assert opened.axe() == []
        assert opened.messages == [] and all(url.startswith("file:") for url in opened.requests)


@pytest.mark.parametrize("style", [volumes, lenet])
@pytest.mark.parametrize("net", ["lenet5", "resnet50", "unet", "gpt2"])
def test_volumes_in_a_browser(tmp_path, chromium, net, style):
    from tests import browser

    made = style.picture(cnncalc.load(net).report(), Wish())[0]
    (tmp_path / "a.html").write_text(painted(made, "html"), encoding="utf-8")
    with browser.page(chromium, tmp_path / "a.html", 1920) as opened:
        assert [found for found in opened.page.evaluate(OVERLAPS) if not found.startswith("cut")] == []
        assert opened.axe() == []


def test_two_pictures_in_a_page_of_another_style(tmp_path, chromium):
    """Neither changes the other, nor the page around them."""
    from tests import browser

    one, two = (svg.render(picture(cnncalc.load(net).report(), Wish())[0]) for net in ("lenet5", "gpt2"))
    svgs = (
        '<svg width="9" height="9"><text class="b" x="0" y="9">x</text><rect class="paper" width="1" height="1"/></svg>'
    )
    look = """() => [...document.querySelectorAll("#own *")].map((part) => {
      const style = getComputedStyle(part);
      return [style.fontSize, style.fontWeight, style.fill, style.stroke, style.textAnchor];
    })"""
    colours = """(at) => [...document.querySelectorAll("main > svg")[at].querySelectorAll("rect, text")].map(
      (part) => getComputedStyle(part).fill + getComputedStyle(part).fontSize)"""
    found = []
    for parts_ in ("", one, two, one + two):
        page = f'<!DOCTYPE html><title>a</title><p id="own"><b class="m">t</b>{svgs}</p><main>{parts_}</main>'
        (tmp_path / "a.html").write_text(page, encoding="utf-8")
        with browser.page(chromium, tmp_path / "a.html") as opened:
            count = opened.page.locator("main > svg").count()
            found.append((opened.page.evaluate(look), [opened.page.evaluate(colours, at) for at in range(count)]))
    assert [own for own, _ in found] == [found[0][0]] * 4
    assert found[3][1] == [*found[1][1], *found[2][1]]
