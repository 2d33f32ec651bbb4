"""Memory, tokens and training as names: asked, expected, solved for, compared.

`data/sizes.json` is what PyTorch counts and keeps (`record_sizes.py`); the rest is counted by hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc import SpecError, load, loads
from cnncalc.cli.app import main
from cnncalc.cost.cost import Convention, Cost
from cnncalc.cost.sizes import SIZES, document, every, value
from cnncalc.explain.sizes import explained
from cnncalc.pages.layers import example, kinds
from cnncalc.query.ask import ask

RECORDED = json.loads((Path(__file__).parent / "data" / "sizes.json").read_text("utf-8"))
COUNTED = ("decode_flops", "flops_per_token", "training_flops")


def sizes(net, **convention):
    return every(Cost(load(net).report(), Convention(**convention)))


def asked(call, *argv):
    status, out, err = call("ask", *argv, "--format", "json")
    assert (status, err) == (0, ""), err
    found = [json.loads(line)["value"] for line in out.splitlines()]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize("case", RECORDED["flops"], ids=lambda case: case["command"][0])
def test_flops_of_tokens_and_of_training(case, call):
    found = asked(call, *case["command"], "total.flops", *(f"total.{name}" for name in COUNTED))
    assert found == [case["flops"], *(case[name] for name in COUNTED)]


@pytest.mark.parametrize("case", RECORDED["saved"], ids=lambda case: case["chain"])
def test_what_pytorch_keeps(case):
    report = load(case["chain"]).report()
    found = {batch: value(Cost(report, Convention(batch=int(batch))), "saved_activation_bytes") for batch in ("1", "3")}
    assert found == {batch: case.get(batch, found[batch]) for batch in found}


@pytest.mark.parametrize("case", RECORDED["bfloat16"], ids=lambda case: case["chain"])
def test_what_pytorch_keeps_in_half_precision(case):
    assert sizes(case["chain"], dtype="bfloat16", batch=2)["saved_activation_bytes"] == case["2"]


@pytest.mark.parametrize("case", RECORDED["flash"], ids=lambda case: case["chain"])
def test_what_pytorch_keeps_with_flash_attention(case):
    assert sizes(case["chain"], flash=True, batch=2)["saved_activation_bytes"] == case["2"]


GPT = ["gpt2", *(f"-s{name}" for name in ("vocab_size=300", "n_positions=40", "n_embd=48", "n_layer=3", "n_head=4"))]


def test_what_is_computed_again(call):
    # Three blocks keep what comes in; outside them tokens (8 bytes), a mask, the last norm's input and two numbers a
    # position, and the head's input.
    row = 40 * 48 * 4
    kept = 3 * row + 40 * 8 + 40 * 48 + row + 2 * 40 * 4 + row
    assert asked(call, *GPT, "total.saved_activation_bytes", "--recompute", "block") == kept
    assert asked(call, *GPT, "total.saved_activation_bytes", "--recompute", "all") == 40 * 8
    blocks, forward = asked(call, *GPT, "h.flops", "total.flops")
    assert asked(call, *GPT, "total.training_flops", "--recompute", "block") == 3 * forward + blocks
    assert asked(call, *GPT, "total.training_flops", "--recompute", "all") == 4 * forward
    # Nothing is repeated, and nothing attends.
    found = call("ask", "lenet5", "total.saved_activation_bytes", "--recompute", "block", "--flash")
    assert found.err == "note[no-effect]: --flash and --recompute change nothing in total.saved_activation_bytes\n"


@pytest.mark.parametrize("convention", ["pytorch", "keras"])
def test_every_type_of_layer_has_costs(convention):
    for name, _ in kinds(convention):
        text = example(name, convention)
        report = (loads(text) if "\n" in text else load(text)).report()
        for settings in ({}, {"dtype": "bfloat16", "flash": True, "recompute": "block"}):
            cost = Cost(report, Convention(batch=2, **settings))
            found = every(cost)
            assert found["training_bytes"] > 0 or not report.totals.params, name
            assert found["saved_activation_bytes"] >= 0, name
            json.dumps(document(cost))


def test_bytes_by_hand():
    net = "20 -> Linear(20, 64) -> ReLU -> Linear(64, 5)"
    params = 20 * 64 + 64 + 64 * 5 + 5
    found = sizes(net, batch=3)
    assert found["weight_bytes"] == found["gradient_bytes"] == 4 * params
    assert found["optimizer_bytes"] == 8 * params
    assert found["saved_activation_bytes"] == 3 * 4 * (20 + 64)
    assert found["training_bytes"] == 16 * params + 3 * 4 * (20 + 64)
    # While the ReLU runs there are its input and its output; the input of the network is gone.
    assert found["peak_activation_bytes"] == 3 * 4 * (64 + 64)
    assert found["inference_bytes"] == 4 * params + 3 * 4 * (64 + 64)
    assert found["active_params"] == params
    assert (found["buffer_bytes"], found["kv_cache_bytes"], found["state_bytes"]) == (0, 0, 0)
    assert found["training_flops"] == 3 * 2 * (20 * 64 + 64 * 5)
    # There are no tokens, and nothing is generated.
    assert (found["flops_per_token"], found["decode_flops"]) == (None, None)


def test_bit_operations():
    # Wang et al. 2019 and others: MACs x bits x bits.
    assert sizes("lenet5")["bops"] == 416_520 * 32 * 32
    assert sizes("lenet5", dtype="weights=int4,activations=int8")["bops"] == 416_520 * 4 * 8


def test_experts_that_take_part(call):
    # Mixtral 8x7B: 46.7 billion parameters, 12.9 billion for a token (Jiang et al. 2024).
    assert asked(call, "mixtral_8x7b", "total.params", "total.active_params") == [46_702_792_704, 12_879_925_248]


def test_parts_add_up(call):
    for name, size in SIZES.items():
        if not size.layers or name in ("saved_activation_bytes", "flops_per_token"):
            continue
        parts = [f"{part}.{name}" for part in ("wte", "wpe", "drop", "h", "ln_f", "lm_head")]
        whole, *each = asked(call, "gpt2", f"total.{name}", *parts)
        assert sum(each) == whole, name
    block, one, other = asked(call, "gpt2", "h.kv_cache_bytes", "h.0.attn.kv_cache_bytes", "Attention.kv_cache_bytes")
    assert block == 12 * one == other


def test_what_is_only_whole(call):
    err = call("ask", "gpt2", "h.0.training_bytes").err
    assert err.startswith("error[no-value]: training_bytes is that of the whole network\n")
    assert err.endswith("help: write total.training_bytes\n")
    assert "decode_flops" in call("ask", "gpt2", "total.decode_flop").err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["lenet5", "total.flops_per_token"], "lenet5 takes no tokens: there is no token that FLOPs could be for"),
        (["bert_base", "total.decode_flops"], "bert_base does not generate: no token is decoded alone"),
        (
            ["lenet5", "total.training_bytes", "--dtype", "int8"],
            "nothing is trained in int8: whole numbers have no gradients",
        ),
        (["lenet5", "total.gradient_bytes", "--dtype", "nf4"], "nothing is trained in nf4: nf4 has no gradients"),
        (["lenet5", "total.params", "--mixed", "int8"], '--mixed takes one of bf16, fp16, not "int8"'),
        (
            ["lenet5", "total.params", "--mixed", "bf16", "--dtype", "fp16"],
            "--mixed bf16 computes in bfloat16, not in fp16",
        ),
        (["lenet5", "total.params", "--dtype", "weight=int8"], "--dtype takes a type, or one for each of weights"),
    ],
)
def test_refusals(argv, message, call):
    status, out, err = call("ask", *argv)
    assert (status, out) == (2, "")
    assert message in err


def test_a_cache_that_is_not_known(call, spec):
    layer = "  - d: TransformerDecoderLayer(8, 2)\n    from: [x, memory]\n  - fc: Linear(8, 8)\n"
    path = spec(f"inputs: {{x: [4, 8], memory: [6, 8]}}\nlayers:\n{layer}")
    for name in ("kv_cache_elements", "kv_cache_bytes", "inference_bytes", "decode_flops"):
        err = call("ask", path, f"total.{name}").err
        assert "keys and values that are cached are not known: whether d masks later positions is not said" in err, name
    assert asked(call, path, "fc.kv_cache_elements") == 0


def test_free_dimensions(call):
    net = "Lx64 -> Attention(64, num_heads=4, causal=True)"
    assert asked(call, net, "total.kv_cache_elements", "total.flops_per_token") == ["128*L", "256*(L + 96)"]
    err = call("ask", net, "total.peak_activation_bytes").err
    assert "is not known with symbolic dimensions" in err


LET = """\
input: [20]
let: {width: 5, twice: 2 * width, fc: 7, words: [1, 2]}
layers:
  - fc: Linear(20, width)
  - Linear(width, twice)
expect:
  total.params / width: 33
  twice: 10
"""


def test_names_of_let(call, spec):
    path = spec(LET)
    assert asked(call, path, "width", "2 * total.macs / width", "words[1]", "width + twice") == [5, 60, 2, 15]
    # A layer of the same name goes first, and a setting is heeded.
    assert asked(call, path, "fc.params") == 105
    assert asked(call, path, "twice", "-s", "width=3") == 6
    assert call("check", path).status == 0
    found = call("solve", path, "width=1..9", "--want", "twice * width >= 100", "--json")
    assert [solution["width"] for solution in json.loads(found.out)["solutions"]] == [8, 9]
    assert "did you mean width?" in call("ask", path, "widht").err


def test_expected_and_checked(call, spec):
    text = "input: [20]\nlayers:\n  - fc: Linear(20, 5)\nexpect:\n  total.weight_bytes: {}\n  fc.optimizer_bytes: {}\n"
    assert call("check", spec(text.format(420, 840))).status == 0
    assert call("check", spec(text.format(210, 420)), "--dtype", "bf16").status == 0
    assert call("check", spec(text.format(210, 1260)), "--mixed", "bf16").status == 0
    assert call("check", spec(text.format(420, 840)), "--optimizer", "sgd").status == 1


def test_solved_for(call):
    found = call("solve", "lenet5", "batch=1..64", "--want", "total.training_bytes <= 2MB", "--json")
    assert (found.status, found.err) == (0, "")
    batches = [solution["batch"] for solution in json.loads(found.out)["solutions"]]
    cost = Cost(load("lenet5").report())
    fixed = value(cost, "training_bytes") - value(cost, "saved_activation_bytes")
    most = (2_000_000 - fixed) // value(cost, "saved_activation_bytes")
    assert batches == list(range(1, most + 1)) and 1 < most < 64
    half = call(
        "solve", "lenet5", "classes=10,1000", "--want", "total.weight_bytes < 0.2 MiB", "--dtype", "bf16", "--json"
    )
    assert json.loads(half.out)["solutions"] == [{"classes": 10}]
    assert "a batch has a whole number" in call("solve", "lenet5", "batch=0..2", "--want", "total.params > 1").err


def test_compared(call):
    found = json.loads(call("compare", "gpt2", "distilgpt2", "--dtype", "bf16", "--batch", "2", "--json").out)
    assert found["a"]["kv_cache_bytes"] == 2 * 2 * 18_874_368
    assert found["ratio"]["kv_cache_bytes"] == 2
    assert found["a"]["flops_per_token"] > 0
    assert json.loads(call("compare", "lenet5", "gpt2", "--json").out)["a"]["decode_flops"] is None


@pytest.mark.parametrize(
    ("net", "name", "options", "line"),
    [
        (
            "llama3_8b",
            "total.kv_cache_bytes",
            ["--dtype", "bf16", "--batch", "2"],
            "2·layers·L·g·d_k·bytes·batch = 2·32·8,192·8·128·2·2 = 2,147,483,648",
        ),
        ("gpt2", "h.0.kv_cache_elements", [], "2·L·E = 2·1,024·768 = 1,572,864"),
        (
            "bart_base",
            "total.kv_cache_elements",
            [],
            "2·layers·L·E + 2·layers·S·E = 2·6·128·768 + 2·6·128·768 = 2,359,296",
        ),
        ("lenet5", "total.weight_bytes", ["--dtype", "int4"], "⌈params·bits/8⌉ = ⌈61,706·4/8⌉ = 30,853"),
        (
            "lenet5",
            "total.optimizer_bytes",
            ["--mixed", "bf16"],
            "(moments+weights)·trainable·bytes = (2+1)·61,706·4 = 740,472",
        ),
        (
            "lenet5",
            "total.training_bytes",
            [],
            "weight_bytes + gradient_bytes + optimizer_bytes + saved_activation_bytes"
            " = 246,824 + 246,824 + 493,648 + 35,472 = 1,022,768",
        ),
        ("lenet5", "total.peak_activation_bytes", [], "conv1 + sigmoid_1 = 18,816 + 18,816 = 37,632"),
        ("gpt2", "total.flops_per_token", [], "flops/length = 291,648,307,200/1,024 = 284,812,800"),
        ("lstm_classifier", "total.state_bytes", [], "state_elements·bytes = 2,048·4 = 8,192"),
        ("lenet5", "conv1.params", [], "K_h·K_w·C_in·C_out + C_out = 5·5·1·6 + 6 = 156"),
        ("lenet5", "conv1.flops", [], "2·K_h·K_w·C_in·C_out·H_out·W_out = 2·5·5·1·6·28·28 = 235,200"),
        ("lenet5", "Linear.macs", [], "fc1.macs + fc2.macs + fc3.macs = 48,000 + 10,080 + 840 = 58,920"),
        ("lenet5", "flatten_1.params", [], "0"),
        (
            "docs/examples/lora.yaml",
            "total.trainable",
            ["-i", "4"],
            "Attention.trainable = 6,815,744",
        ),
    ],
)
def test_explained(net, name, options, line, call):
    status, out, err = call("explain", net, name, *options)
    assert (status, err) == (0, "")
    assert f"{name} = {line}\n" in out


def test_explained_in_python():
    assert "conv1.params = K_h" in str(load("lenet5").explain("conv1.params"))
    assert "total.weight_bytes = params·bytes" in str(load("lenet5").explain("total.weight_bytes"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("total.training_bytes <= 24GB", "true"),
        ("total.weight_bytes >= 1 GiB", "false"),
        ("1.5 kB", "1500"),
        ("1.2345kB", "1234.5"),
        ("[2MB, 1KiB]", "[2000000, 1024]"),
        ("0.7TiB // 1", "769658139443"),
    ],
)
def test_sizes_with_units(expression, value, call):
    assert call("ask", "gpt2", expression).out == f"{value}\n"


def test_what_takes_most_is_named(call):
    assert "most of it is optimizer_bytes: 48%\n" in call("explain", "lenet5", "total.training_bytes").out
    assert call("explain", "lenet5", "total.training_bytes", "--dtype", "int8").status == 2
    assert call("explain", "lenet5", "conv1.training_bytes").err.endswith("help: write total.training_bytes\n")


@pytest.mark.parametrize("net", ["gpt2", "t5_small", "resnet18", "mixtral_8x7b", "lstm_classifier", "transformer"])
def test_what_is_explained_is_what_is_asked(net):
    report = load(net).report()
    for settings in ({}, {"batch": 3, "mixed": "bf16", "optimizer": "adafactor", "recompute": "block"}):
        cost = Cost(report, Convention(**settings))
        for name, found in every(cost).items():
            if found is not None:
                line = explained(cost, "total", name, None)
                assert line.value == found, name
                assert line.text and line.tex


def test_json(call):
    found = json.loads(call("cost", "gpt2", "--batch", "2", "--json").out)
    assert found["totals"]["kv_cache_bytes"] == 4 * 2 * 18_874_368
    assert {name: found["totals"][name] for name in SIZES}.keys() == SIZES.keys()
    row = next(row for row in found["layers"] if row["type"] == "Attention")
    assert row["kv_cache_elements"] == 2 * 768 * 1024
    assert row["optimizer_bytes"] == 2 * row["weight_bytes"] == 2 * row["gradient_bytes"]


def test_an_option_that_plays_no_part_is_said(call):
    found = call("ask", "gpt2", "total.kv_cache_elements", "--batch", "2", "--dtype", "bf16")
    assert found == (
        0,
        "18874368\n",
        "note[no-effect]: --batch and --dtype change nothing in total.kv_cache_elements\n",
    )
    assert call("ask", "gpt2", "total.kv_cache_bytes", "--batch", "2", "--dtype", "bf16").err == ""


# --- names without a part before them ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("flops", "total.flops"),
        ("params / 1e6", "total.params / 1e6"),
        ("training_bytes // 2**20", "total.training_bytes // 2**20"),
        ("output_shape[0]", "output.shape[0]"),
        ("prod(shape)", "prod(output.shape)"),
        ("bops", "total.bops"),
        ("total", "total.params"),
    ],
)
def test_a_name_alone_is_that_of_the_whole_network(short, full):
    network = load("gpt2")
    report = network.report()
    assert ask(network, report, short) == ask(network, report, full)


def test_what_bears_the_name_itself_goes_first():
    network = loads("input: [4]\nlet: {macs: 7}\nlayers:\n- params: Linear(4, 3)\n")
    report = network.report()
    assert ask(network, report, "params.shape") == [3]
    assert ask(network, report, "macs") == 7 and ask(network, report, "macs + 1") == 8
    assert ask(network, report, "flops") == 24


@pytest.mark.parametrize("word", ["memory", "VRAM", "memory / 1e9"])
def test_memory_is_told_which(word):
    network = load("lenet5")
    with pytest.raises(SpecError) as error:
        ask(network, network.report(), word)
    assert "total.training_bytes" in error.value.problems[0].help[0]


def test_searches_and_explanations_know_the_names(capsys):
    words = ["solve", "lenet5", "batch=1..64", "--want", "inference_bytes < 1MB", "--json"]
    assert main(words) == 0
    short = capsys.readouterr().out
    assert main([*words[:4], "total.inference_bytes < 1MB", "--json"]) == 0
    assert short == capsys.readouterr().out and json.loads(short)["found"] > 1
    assert main(["explain", "lenet5", "training_bytes"]) == 0
    assert "total.training_bytes = weight_bytes + " in capsys.readouterr().out


def test_how_many_numbers_a_shape_has():
    network = loads(
        "input: [3, 8, 8]\nlet: {s: [4, 5]}\nlayers:\n- c: Conv2d(out_channels=prod(s), kernel_size=len(s))\n"
    )
    report = network.report()
    for text in ("prod(c.shape)", "c.numel", "c.shape.numel", "output.numel", "output.numel()", "c.output.numel"):
        assert ask(network, report, text) == 20 * 7 * 7, text
    assert ask(network, report, "c.weight.numel + c.bias.numel") == report.totals.params == 20 * (3 * 2 * 2 + 1)
    assert ask(network, report, "len(output.shape)") == 3 and ask(network, report, "len(c.bias)") == 20
    free = load("CxHxW -> c: Conv2d(C, F, 3)")
    assert (
        str(ask(free, free.report(), "prod(c.shape)"))
        == str(ask(free, free.report(), "c.numel"))
        == "F*(H - 2)*(W - 2)"
    )
