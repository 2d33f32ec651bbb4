"""`--set-file`: what a configuration sets, what it says that the spec does not hear, and whose it is.

The parameters are those of transformers 5.24 (`AutoModelForCausalLM.from_config`, tied tables counted once).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.spec.config_keys import NO_EFFECT, UNLESS

LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "bos_token_id": 128000,
    "eos_token_id": 128001,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "max_position_embeddings": 8192,
    "model_type": "llama",
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "rms_norm_eps": 1e-05,
    "rope_theta": 500000.0,
    "torch_dtype": "bfloat16",
    "vocab_size": 128256,
}


def params(net: str, config: dict[str, Any], tmp_path: Path, capsys: Any) -> tuple[int, str, str]:
    """Status, total and what was said, for a network with a configuration."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")
    status = main(["params", net, "--set-file", str(path), "--total"])
    out, err = capsys.readouterr()
    return status, out.strip(), err.replace(str(tmp_path) + "/", "")


def test_what_is_used_is_counted_and_named(tmp_path: Path, capsys: Any) -> None:
    assert params("llama3_8b", LLAMA, tmp_path, capsys) == (
        0,
        "8030261248",
        'note[set-file]: 10 of 15 keys of "config.json" are used in llama3_8b: hidden_size, intermediate_size, '
        "num_attention_heads, num_hidden_layers, num_key_value_heads, rms_norm_eps, rope_theta, vocab_size, "
        "hidden_act, model_type\n"
        "help: 5 keys without effect on it: architectures, bos_token_id, eos_token_id, max_position_embeddings, "
        "torch_dtype\n",
    )


@pytest.mark.parametrize(
    ("net", "more", "total"),
    [
        ("llama3_8b", {"attention_bias": True}, 8_030_261_248 + 32 * (2 * 4096 + 2 * 1024)),
        ("llama3_8b", {"mlp_bias": True}, 8_030_261_248 + 32 * (2 * 14336 + 4096)),
        ("llama3_8b", {"num_key_value_heads": None}, 8_030_261_248 + 32 * 2 * 4096 * (4096 - 1024)),
        ("llama2_7b", {"head_dim": None}, 8_030_261_248),
        ("llama2_7b", {"tie_word_embeddings": True}, 8_030_261_248 - 4096 * 128256),
    ],
)
def test_what_the_specs_can_honour(net: str, more: dict[str, Any], total: int, tmp_path: Path, capsys: Any) -> None:
    status, out, err = params(net, LLAMA | more, tmp_path, capsys)
    assert (status, int(out)) == (0, total)
    assert "warning" not in err


def test_what_is_not_used_is_named(tmp_path: Path, capsys: Any) -> None:
    more = {"attention_bias": True, "mlp_bias": True, "num_local_experts": 8, "hidden_act": "gelu"}
    status, out, err = params("llama3_8b", LLAMA | more, tmp_path, capsys)
    assert (status, int(out)) == (0, 8_031_637_504)
    assert err.endswith(
        'warning[set-file-unused]: 2 keys of "config.json" are not used in llama3_8b: num_local_experts, hidden_act '
        '("gelu"; the spec has "silu")\n'
        "help: these figures do not have what they say\n"
    )


def test_another_family_is_refused(tmp_path: Path, capsys: Any) -> None:
    status, out, err = params("llama3_8b", LLAMA | {"model_type": "qwen3"}, tmp_path, capsys)
    assert (status, out) == (2, "")
    assert err.startswith('error[other-family]: model_type is "qwen3", but llama3_8b is "llama": ')
    assert "config.json:11:2" in err
    status, out, err = params("gpt2", LLAMA, tmp_path, capsys)
    assert (status, out) == (2, "")
    assert "help: bundled networks of that family: llama2_7b\n" in err


def test_a_file_that_does_not_say_whose_it_is(tmp_path: Path, capsys: Any) -> None:
    """One key of a Llama's file means something to GPT-2, and the others are told."""
    config = {key: value for key, value in LLAMA.items() if key != "model_type"}
    status, _, err = params("gpt2", config, tmp_path, capsys)
    assert status == 0
    assert err.startswith('note[set-file]: 1 of 14 keys of "config.json" is used in gpt2: vocab_size\n')
    unused = "hidden_act, hidden_size, intermediate_size, max_position_embeddings, num_attention_heads"
    assert f'warning[set-file-unused]: 9 keys of "config.json" are not used in gpt2: {unused}' in err


def test_a_spec_without_a_family_says_so(tmp_path: Path, capsys: Any) -> None:
    net = tmp_path / "net.yaml"
    net.write_text("input: [4]\nlet: {hidden_size: 3}\nlayers:\n  - Linear(4, hidden_size)\n", encoding="utf-8")
    status, out, err = params(str(net), {"hidden_size": 5, "model_type": "bert", "use_cache": False}, tmp_path, capsys)
    assert (status, out) == (0, "25")
    assert 'warning[set-file-unused]: 1 key of "config.json" is not used in net: model_type\n' in err


def test_a_constant_that_decides_is_set_whatever_it_is_called(tmp_path: Path, capsys: Any) -> None:
    net = tmp_path / "net.yaml"
    net.write_text(
        "input: [4]\nlet: {model_type: small}\nlayers:\n  - Linear(4, 9 if model_type == 'large' else 2)\n",
        encoding="utf-8",
    )
    assert params(str(net), {"model_type": "large"}, tmp_path, capsys)[:2] == (0, "45")


def test_rotary_positions_in_a_mapping_of_their_own(tmp_path: Path, capsys: Any) -> None:
    """transformers 5 writes rope_parameters, before that it was rope_scaling; a kind that is not known is not taken."""
    for key in ("rope_parameters", "rope_scaling"):
        rope = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 8192}  # fmt: skip
        status, _, err = params("llama3_8b", LLAMA | {key: rope}, tmp_path, capsys)
        assert status == 0 and "warning" not in err and f"{key}.original_max_position_embeddings" in err
        status, _, err = params("llama3_8b", LLAMA | {key: rope | {"rope_type": "yarn"}}, tmp_path, capsys)
        assert "are used in llama3_8b" in err and f"is not used in llama3_8b: {key}\n" in err


def test_what_is_set_from_a_mapping_inside(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"rope_parameters": {"rope_theta": 77.0, "rope_type": "default"}}), encoding="utf-8")
    report = cnncalc.load("llama3_8b", set_files=[str(path)]).report()
    attention = next(row for row in report.rows if row.type == "Attention")
    assert "rope=RotaryEmbedding(base=77.0, interleaved=False)" in attention.call


def test_null_leaves_it_to_the_others_or_to_nobody(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    config = {"hidden_size": 2048, "head_dim": None, "sliding_window": None, "num_key_value_heads": None}
    path.write_text(json.dumps(config), encoding="utf-8")
    report = cnncalc.load("mistral_7b", set_files=[str(path)]).report()
    call = next(row for row in report.rows if row.type == "Attention").call
    assert "head_dim=64" in call and "window" not in call and "num_kv_heads=8" not in call


def test_a_switch_that_is_off_takes_its_sizes_with_it(tmp_path: Path, capsys: Any) -> None:
    off = {"model_type": "qwen2", "vocab_size": 151936, "use_sliding_window": False, "sliding_window": 32768,
           "max_window_layers": 28}  # fmt: skip
    assert "warning" not in params("qwen2_1_5b", off, tmp_path, capsys)[2]
    err = params("qwen2_1_5b", off | {"use_sliding_window": True}, tmp_path, capsys)[2]
    assert "not used in qwen2_1_5b: use_sliding_window, sliding_window, max_window_layers\n" in err


def test_a_head_for_classes_is_another_network(tmp_path: Path, capsys: Any) -> None:
    err = params("llama3_8b", LLAMA | {"architectures": ["LlamaForSequenceClassification"]}, tmp_path, capsys)[2]
    assert "is not used in llama3_8b: architectures\n" in err


def test_setting_what_nothing_reads_is_told(capsys: Any) -> None:
    assert main(["params", "llama3_8b", "--set", "hidden_act=gelu", "--set", "length=8", "--total"]) == 0
    assert capsys.readouterr() == (
        "8030261248\n",
        "warning[setting-unread]: nothing in llama3_8b reads hidden_act: setting it changes nothing\n",
    )


def test_every_key_without_effect_has_one_reason() -> None:
    assert all(reason for reason in NO_EFFECT.values())
    assert not NO_EFFECT.keys() & UNLESS.keys()
    for key in ("torch_dtype", "bos_token_id", "use_cache", "attention_dropout"):
        assert key in NO_EFFECT
    for key in ("num_local_experts", "attention_bias", "hidden_act", "model_type", "sliding_window"):
        assert key not in NO_EFFECT


def test_names_and_values_of_any_length_stay_short(tmp_path: Path, capsys: Any) -> None:
    config = {"vocab_size": 7, "hidden_act": "x" * 9999, **{f"key{at}" * 99: at for at in range(50)}}
    err = params("llama3_8b", config, tmp_path, capsys)[2]
    assert len(err) < 4000 and "and 11 more" in err


def test_mistakes_of_the_file_itself_are_told(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "config.json"
    for text, code in (("[1, 2]", "set-file-form"), ('{"unheard": 1}', "set-file-form"), ('{"a": ', "yaml-")):
        path.write_text(text, encoding="utf-8")
        assert main(["params", "gpt2", "--set-file", str(path)]) == 2
        assert f"error[{code}" in capsys.readouterr().err
