"""Hugging Face configs: counts and shapes are those that transformers has, and what cannot be read is refused."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import huggingface_cases
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core.problem import SpecError
from cnncalc.read.huggingface.family import family
from cnncalc.read.huggingface.words import MODULES
from cnncalc.read.huggingface.written import is_config

RECORDED = Path(__file__).parent / "data" / "huggingface.jsonl.xz"
LINES = [json.loads(line) for line in lzma.decompress(RECORDED.read_bytes()).decode().splitlines()]
# What transformers builds and we refuse, each by name: codes of the problems.
REFUSED = {"config-option", "config-class", "config-contradicts"}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 99, "hidden_size": 32,
         "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
         "max_position_embeddings": 40}  # fmt: skip


def load(config: Any, folder: Path, inputs: list[str] | None = None) -> Any:
    path = folder / "config.json"
    path.write_text(config if isinstance(config, str) else json.dumps(config, indent=2))
    return cnncalc.load(str(path), input_shapes=inputs)


def refusal(config: Any, folder: Path) -> Any:
    with pytest.raises(SpecError) as caught:
        load(config, folder).report()
    return caught.value.problems[0]


@pytest.mark.parametrize("kind", sorted(huggingface_cases.FAMILIES))
def test_counts_and_shapes_are_those_of_transformers(kind: str, tmp_path: Path) -> None:
    lines = [line for line in LINES if line["config"]["model_type"] == kind]
    assert len(lines) >= 4
    refused = 0
    for line in lines:
        inputs = [f"{name}={'x'.join(map(str, shape))}" for name, shape in line["inputs"].items()]
        try:
            document = load(line["config"], tmp_path, inputs).report().to_dict()
        except SpecError as error:
            if "error" not in line:
                assert error.problems[0].code in REFUSED, (line["config"], error)
                refused += 1
            continue
        assert "error" not in line, line["config"]
        totals = document["totals"]
        active = totals.get("active_params", totals["params"])
        expected = (line["params"], line["trainable"], line["active"], line["tied"])
        mine = (totals["params"], totals["trainable"], active, totals.get("tied_params", 0))
        assert mine == expected, line["config"]
        assert document["source"] == {"format": "huggingface"}
        if "outputs" in line:
            assert document.get("output_shapes", [document["output_shape"]]) == line["outputs"], line["config"]
    assert refused <= len(lines) // 4


def test_every_family_is_recorded() -> None:
    assert sorted(MODULES) == sorted(huggingface_cases.FAMILIES)
    assert all(family(kind) is not None for kind in MODULES)


def test_without_a_length_the_usual_one_is_taken_and_said(tmp_path: Path) -> None:
    network = load(LLAMA, tmp_path)
    assert network.report().output_shape == (40, 99)
    assert [note.message for note in network.notes if note.code == "config-input"] == [
        "without -i the usual sizes are taken: input_ids is [40]"
    ]
    network = load(LLAMA, tmp_path, ["31"])
    assert network.report().output_shape == (31, 99)
    assert not [note for note in network.notes if note.code == "config-input"]


def test_a_bare_shape_is_the_first_input(tmp_path: Path) -> None:
    whisper = next(line["config"] for line in LINES if line["config"].get("architectures") == ["WhisperModel"])
    report = load(whisper, tmp_path, ["16x44", "decoder_input_ids=12"]).report()
    assert report.inputs == {"input_features": (16, 44), "decoder_input_ids": (12,)}
    assert report.output_shape == (12, 32)


def test_free_dimensions(tmp_path: Path) -> None:
    assert [str(size) for size in load(LLAMA, tmp_path, ["n"]).report().output_shape] == ["n", "99"]


def test_settings_change_what_the_config_says(tmp_path: Path) -> None:
    network = load(LLAMA, tmp_path)
    one = network.report(num_hidden_layers=1).totals.params
    assert network.report(num_hidden_layers=2).totals.params - one == 32 * 32 * 2 + 32 * 16 * 2 + 3 * 32 * 48 + 64


def test_configs_of_one_family_do_not_change_each_other(tmp_path: Path) -> None:
    """The family's spec is read once."""
    configs = [LLAMA, {**LLAMA, "num_hidden_layers": 1, "vocab_size": 50, "tie_word_embeddings": True}, LLAMA]
    first, other, again = [load(config, tmp_path).report() for config in configs]
    assert other.totals.params < first.totals.params
    assert again.to_dict() == first.to_dict()


def test_on_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import io
    import sys

    class Stdin:
        buffer = io.BytesIO(json.dumps(LLAMA).encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert main(["shapes", "-", "-i", "31", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["name"] == "llama" and document["output_shape"] == [31, 99]


def test_experts_that_are_not_chosen_do_not_take_part(tmp_path: Path) -> None:
    mixtral = {**LLAMA, "model_type": "mixtral", "architectures": ["MixtralModel"], "num_local_experts": 6}
    network = load({**mixtral, "num_experts_per_tok": 2}, tmp_path)
    totals = network.report().totals
    assert totals.params - totals.active_params == 3 * 4 * 3 * 32 * 48
    assert "active_params" in totals.to_dict()
    assert "active_params" not in load({**mixtral, "num_experts_per_tok": 6}, tmp_path).report().totals.to_dict()
    assert main(["ask", str(tmp_path / "config.json"), "total.active_params"]) == 0


@pytest.mark.parametrize(
    ("config", "code", "word"),
    [
        ({"model_type": "hyperdrive9000"}, "config-family", "hyperdrive9000"),
        ({"hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100}, "config-family", "without model_type"),
        ({"model_type": ["bert"], "hidden_size": 64}, "config-family", "model_type"),
        ({**LLAMA, "auto_map": {"AutoModel": "modeling.X"}}, "config-code", "Python code"),
        ({**LLAMA, "architectures": ["LlamaForDreams"]}, "config-class", "LlamaForDreams"),
        ({**LLAMA, "architectures": "LlamaModel"}, "config-value", "list"),
        ({**LLAMA, "hidden_size": "big"}, "config-value", "whole number"),
        ({**LLAMA, "hidden_size": None}, "config-value", "null"),
        ({**LLAMA, "hidden_size": 0}, "config-value", "above 0"),
        ({**LLAMA, "hidden_size": 32.0}, "config-value", "whole number"),
        ({**LLAMA, "hidden_size": True}, "config-value", "whole number"),
        ({**LLAMA, "attention_bias": 1}, "config-value", "true or false"),
        ({**LLAMA, "num_attention_heads": 5}, "config-contradicts", "no multiple"),
        ({**LLAMA, "num_key_value_heads": 3}, "config-contradicts", "no multiple"),
        ({**LLAMA, "hidden_act": "siloo"}, "config-value", "activation"),
        ({**LLAMA, "id2label": 4}, "config-value", "id2label"),
        ({**LLAMA, "id2label": {"0": "a"}, "num_labels": 3}, "config-contradicts", "num_labels"),
        ({"model_type": "gpt2", "add_cross_attention": True}, "config-option", "add_cross_attention"),
    ],
)
def test_refused(config: dict[str, Any], code: str, word: str, tmp_path: Path, capsys: Any) -> None:
    problem = refusal(config, tmp_path)
    assert problem.code == code
    assert word in problem.message
    assert main(["params", str(tmp_path / "config.json")]) == 2
    assert word in capsys.readouterr().err


def test_a_height_and_a_width_that_are_the_same_are_one_size(tmp_path: Path) -> None:
    vit = {"model_type": "vit", "hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 3, "image_size": 32}
    usual = load(vit, tmp_path).report().totals.params
    square = {**vit, "image_size": [32, 32], "patch_size": [16, 16]}
    assert load(square, tmp_path).report().totals.params == usual
    assert refusal({**vit, "image_size": [32, 48]}, tmp_path).code == "config-value"


def test_parts_of_families_that_are_not_read_are_named(tmp_path: Path) -> None:
    text = {key: value for key, value in LLAMA.items() if key != "architectures"}
    problem = refusal({"model_type": "llava", "text_config": text, "vision_config": {"model_type": "eva"}}, tmp_path)
    assert problem.code == "config-family"
    assert problem.help[0] == "its text_config is a llama, and is read as a config.json of its own"


def test_problems_point_into_the_config(tmp_path: Path) -> None:
    problem = refusal({**LLAMA, "hidden_size": "big"}, tmp_path)
    assert problem.file.endswith("config.json")
    assert (problem.line, problem.column) == (7, 3)
    clip = {"model_type": "clip", "text_config": {"hidden_size": 24}, "vision_config": {"hidden_size": -1}}
    problem = refusal(clip, tmp_path)
    assert problem.message.startswith("vision_config.hidden_size must be")
    assert problem.line == 7


def test_sizes_that_do_not_fit_are_a_matter_of_the_config(tmp_path: Path) -> None:
    vit = {"model_type": "vit", "hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 3, "image_size": 32}
    with pytest.raises(SpecError) as caught:
        load(vit, tmp_path, ["3x48x48"]).report()
    problem = caught.value.problems[0]
    assert problem.file.endswith("config.json") and problem.line is None
    assert "pixel_values [3, 48, 48]" in problem.help[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"model_type": "llama", ',
        '{"model_type": "llama", "hidden_size": 1' + "0" * 5000 + "}",
        '{"model_type": "llama", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_broken_json_is_refused(text: str, tmp_path: Path) -> None:
    assert refusal(text, tmp_path).code == "config-json"


def test_huge_counts_are_no_work(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        load({**LLAMA, "num_hidden_layers": 10**8}, tmp_path).report()


def test_what_is_not_modelled_is_named(tmp_path: Path) -> None:
    config = {**LLAMA, "rope_scaling": {"rope_type": "yarn", "factor": 4.0}, "hidden_act": "laplace", "my_own_key": 3}
    notes = [note.message for note in load(config, tmp_path).notes if note.code == "config-unmodelled"]
    assert len(notes) == 1
    assert "hidden_act" in notes[0] and "rope_scaling" in notes[0] and "my_own_key" not in notes[0]


def test_keys_that_nothing_knows_are_ignored(tmp_path: Path) -> None:
    usual = load(LLAMA, tmp_path).report().totals.params
    own = {"qkv_bias": True, "head_norms": True, "norms_after": True, "head": "sequence", "length": 7, "act": "relu"}
    network = load({**LLAMA, **own, "n_layers": 7, "use_magic": True}, tmp_path)
    assert network.report().totals.params == usual
    assert network.report().output_shape == (40, 99)


def test_the_head_of_t5_is_tied_and_the_other_count_said(tmp_path: Path) -> None:
    config = {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "tie_word_embeddings": False}
    network = load(config, tmp_path)
    assert network.report().totals.params == 60_506_624
    assert any("16,449,536 parameters more" in note.message for note in network.notes)


def test_what_is_no_config() -> None:
    assert not is_config('{"input": [3, 8, 8], "layers": ["Flatten"], "let": {"model_type": "llama"}}')
    assert not is_config("model_type: llama")
    assert not is_config('{"class_name": "Sequential", "config": {"hidden_size": 3}}')


def test_activations_of_transformers_are_layers(tmp_path: Path) -> None:
    for name, types in (("relu2", ["ReLU", "Pow"]), ("mish", ["Mish"]), ("gelu_10", ["GELU", "Clamp"])):
        network = load({**LLAMA, "num_hidden_layers": 1, "hidden_act": name}, tmp_path)
        rows = [row for row in network.report().rows if ".act_fn." in row.name]
        assert [row.layer.type() for row in rows] == types
        assert not [note for note in network.notes if note.code == "config-unmodelled"]
