"""Small random-weights models in the files and formats of the real ones."""

import io
import json
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import diffusers
import sentencepiece
import torch
import transformers
from safetensors.torch import save_file


@dataclass(frozen=True)
class Variant:
    seed: int
    width: int  # of the text features the UNet sees: CLIP's and the connector's
    unet: dict
    vae: dict
    clip: dict
    t5: dict
    connector: dict
    image_gain: float  # of the last convolution: sets the images' contrast
    t5_pieces: int
    clip_merges: int
    fp16_files: bool = False
    t5_shards: int = 1
    clip_prefix: str = "text_model."
    legacy_vae_keys: bool = False


VARIANTS = {
    "small": Variant(
        seed=11,
        width=40,
        unet={
            "block_out_channels": [16, 24, 24, 32],
            "norm_num_groups": 8,
            "attention_head_dim": 4,
            "layers_per_block": 1,
        },
        vae={
            "block_out_channels": [8, 16, 16, 16],
            "norm_num_groups": 4,
            "layers_per_block": 1,
        },
        clip={"heads": 5, "layers": 2, "intermediate": 160},
        t5={"d_model": 48, "d_kv": 12, "heads": 3, "d_ff": 96, "layers": 2},
        connector={"time_embed_dim": 56, "layers": 2, "num_latents": 12},
        image_gain=1.3,
        t5_pieces=400,
        clip_merges=150,
    ),
    "odd": Variant(
        seed=23,
        width=48,
        unet={
            "block_out_channels": [24, 36, 48, 60],
            "norm_num_groups": 6,
            "attention_head_dim": 6,
            "layers_per_block": 2,
        },
        vae={
            "block_out_channels": [10, 20, 30, 20],
            "norm_num_groups": 5,
            "layers_per_block": 2,
        },
        clip={"heads": 3, "layers": 3, "intermediate": 112},
        t5={"d_model": 56, "d_kv": 8, "heads": 5, "d_ff": 72, "layers": 4},
        connector={"time_embed_dim": 72, "layers": 3, "num_latents": 17},
        image_gain=0.9,
        t5_pieces=450,
        clip_merges=230,
        fp16_files=True,
        t5_shards=3,
        clip_prefix="",
        legacy_vae_keys=True,
    ),
}

# What the tokenizers are trained on.
TEXT = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8")
SENTENCES = TEXT.splitlines()

# Gains of single layers: the first pattern found in a tensor's name counts.
# The smallest bring a variance near the epsilon of the norm that follows, so
# that a wrong epsilon shows.
GAINS = {
    "unet": [
        (r"^conv_in", 0.02),
        (r"^up_blocks.1.resnets.1.conv_?(2|shortcut)", 0.003),
        (r"^down_blocks.2.attentions.0.proj_in", 0.003),
        (r"attn2.to_(out.0|v).weight", 0.35),
        (r"to_[qk].weight", 1.1),
        (r"^conv_out.bias", 0.3),
    ],
    "vae": [
        (r"^decoder.up_blocks.1.resnets.0.conv1", 0.003),
        (r"^encoder.down_blocks.1.resnets.0.conv1", 0.003),
        (r"^decoder.conv_out.bias", 0.3),
        (r"(to_[qk]|query|key).weight", 1.4),
    ],
    "clip": [(r"_embedding.weight", 0.003), (r"[qk]_proj.weight", 1.4)],
    "t5": [(r"^shared", 0.003), (r"SelfAttention.q", 0.5)],
    "connector": [
        (r"latents|time_aware_linear", 0.003),
        (r"ln_.*linear", 0.7),
        (r"in_proj_weight", 1.4),
    ],
}
TABLE = r"embedding.weight|shared.weight|attention_bias|latents"


def fill(shapes, gains, seed):
    """Random tensors of these shapes; each depends on its own name only."""
    weights = {}
    for name, shape in shapes.items():
        draw = torch.Generator().manual_seed(zlib.crc32(name.encode()) + seed)
        value = torch.randn(shape, generator=draw)
        if name.endswith("bias"):
            value = 0.1 * value
        elif len(shape) == 1:
            value = 1 + 0.2 * value
        elif not re.search(TABLE, name):
            value = value / (value.numel() / shape[0]) ** 0.5
        gain = next((gain for rule, gain in gains if re.search(rule, name)), 1)
        weights[name] = value * gain
    return weights


def shapes_of(model):
    return {name: value.shape for name, value in model.state_dict().items()}


def connector_shapes(config):
    """Names and shapes of ELLA's connector."""
    width, time = config["width"], config["time_embed_dim"]

    def linear(name, rows, columns):
        return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}

    shapes = linear("time_embedding.linear_1", time, config["time_channel"])
    shapes |= linear("time_embedding.linear_2", time, time)
    shapes["connector.latents"] = (config["num_latents"], width)
    shapes |= linear("connector.time_aware_linear", width, time)
    shapes |= linear("connector.proj_in", width, config["input_dim"])
    for index in range(config["layers"]):
        block = f"connector.perceiver_blocks.{index}."
        shapes[block + "attn.in_proj_weight"] = (3 * width, width)
        shapes[block + "attn.in_proj_bias"] = (3 * width,)
        shapes |= linear(block + "attn.out_proj", width, width)
        shapes |= linear(block + "mlp.c_fc", 4 * width, width)
        shapes |= linear(block + "mlp.c_proj", width, 4 * width)
        for norm in ("ln_1", "ln_2", "ln_ff"):
            shapes |= linear(f"{block}{norm}.linear", 2 * width, time)
    return shapes


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_sentencepiece(path, pieces):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_writer=model,
        model_type="unigram",
        vocab_size=pieces,
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.getvalue())


def byte_letters():
    """The letter that stands for each byte in CLIP's vocabulary, in its order."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in visible]
    letters = {byte: chr(byte) for byte in visible}
    return letters | {byte: chr(256 + index) for index, byte in enumerate(others)}


def learn_merges(count):
    """Byte pair encoding: join the commonest pair, count times."""
    words = Counter(re.findall(r"[a-z]+|[^\sa-z]", " ".join(SENTENCES).lower()))
    split = {word: [*word[:-1], word[-1] + "</w>"] for word in words}
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, parts in split.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for parts in split.values():
            index = 0
            while index + 1 < len(parts):
                if (parts[index], parts[index + 1]) == best:
                    parts[index : index + 2] = ["".join(best)]
                index += 1
    return merges


def write_clip_tokenizer(folder, count):
    letters = list(byte_letters().values())
    merges = learn_merges(count)
    vocabulary = letters + [letter + "</w>" for letter in letters]
    vocabulary += ["".join(pair) for pair in merges]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    write_json(folder / "vocab.json", {name: i for i, name in enumerate(vocabulary)})
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": "<|startoftext|>"}
    special |= {f"{kind}_token": "<|endoftext|>" for kind in ("eos", "pad", "unk")}
    write_json(folder / "special_tokens_map.json", special)
    rest = {"model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    write_json(folder / "tokenizer_config.json", special | rest)
    return len(vocabulary)


def save_weights(path, weights, half=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    if half:
        weights = {name: value.half() for name, value in weights.items()}
        path = path.with_name(path.stem + ".fp16.safetensors")
    save_file(weights, path, {"format": "pt"})


def build_unet(variant, folder):
    cross = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
    config = variant.unet | {
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "center_input_sample": False,
        "flip_sin_to_cos": True,
        "freq_shift": 0,
        "down_block_types": [cross[0]] * 3 + ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"] + [cross[1]] * 3,
        "downsample_padding": 1,
        "mid_block_scale_factor": 1,
        "act_fn": "silu",
        "norm_eps": 1e-5,
        "cross_attention_dim": variant.width,
    }
    shapes = shapes_of(diffusers.UNet2DConditionModel.from_config(config))
    write_json(folder / "config.json", {"_class_name": "UNet2DConditionModel"} | config)
    weights = fill(shapes, GAINS["unet"], variant.seed)
    path = folder / "diffusion_pytorch_model.safetensors"
    save_weights(path, weights, variant.fp16_files)


def build_vae(variant, folder):
    config = variant.vae | {
        "sample_size": 64,
        "in_channels": 3,
        "out_channels": 3,
        "latent_channels": 4,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "act_fn": "silu",
    }
    shapes = shapes_of(diffusers.AutoencoderKL.from_config(config))
    write_json(folder / "config.json", {"_class_name": "AutoencoderKL"} | config)
    contrast = (r"^decoder.conv_out.weight", variant.image_gain)
    weights = fill(shapes, [contrast, *GAINS["vae"]], variant.seed)
    if variant.legacy_vae_keys:
        old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
        for new, name in old.items():
            weights = {key.replace(new, name): w for key, w in weights.items()}
    path = folder / "diffusion_pytorch_model.safetensors"
    save_weights(path, weights, variant.fp16_files)


def build_clip(variant, folder, vocabulary):
    config = {
        "hidden_size": variant.width,
        "intermediate_size": variant.clip["intermediate"],
        "num_hidden_layers": variant.clip["layers"],
        "num_attention_heads": variant.clip["heads"],
        "vocab_size": vocabulary,
        "max_position_embeddings": 77,
        "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-5,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "projection_dim": variant.width,
    }
    model = transformers.CLIPTextModel(transformers.CLIPTextConfig(**config))
    weights = fill(shapes_of(model), GAINS["clip"], variant.seed)
    if variant.clip_prefix:
        weights["embeddings.position_ids"] = torch.arange(77)[None]
    weights = {variant.clip_prefix + name: value for name, value in weights.items()}
    save_weights(folder / "model.safetensors", weights)
    kind = {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model"}
    write_json(folder / "config.json", kind | config)


def build_t5(variant, folder):
    sizes = variant.t5
    config = {
        "d_model": sizes["d_model"],
        "d_kv": sizes["d_kv"],
        "d_ff": sizes["d_ff"],
        "num_heads": sizes["heads"],
        "num_layers": sizes["layers"],
        "num_decoder_layers": 1,
        "vocab_size": variant.t5_pieces + 112,
        "feed_forward_proj": "gated-gelu",
        "layer_norm_epsilon": 1e-6,
        "relative_attention_num_buckets": 32,
        "relative_attention_max_distance": 128,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "decoder_start_token_id": 0,
        "is_encoder_decoder": True,
        "tie_word_embeddings": False,
    }
    shapes = shapes_of(transformers.T5EncoderModel(transformers.T5Config(**config)))
    del shapes["encoder.embed_tokens.weight"]
    weights = fill(shapes, GAINS["t5"], variant.seed)
    kind = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"}
    write_json(folder / "config.json", kind | config)
    write_sentencepiece(folder / "spiece.model", variant.t5_pieces)
    if variant.t5_shards == 1:
        save_weights(folder / "model.safetensors", weights)
        return
    unused = ("decoder.block.0.layer.1.EncDecAttention.q.weight", "lm_head.weight")
    weights |= fill(dict.fromkeys(unused, (8, 8)), [], variant.seed)
    names, count = sorted(weights), variant.t5_shards
    where = {}
    for shard in range(count):
        file = f"model-{shard + 1:05}-of-{count:05}.safetensors"
        part = {name: weights[name] for name in names[shard::count]}
        save_weights(folder / file, part)
        where |= dict.fromkeys(part, file)
    size = sum(value.numel() * 4 for value in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": where}
    write_json(folder / "model.safetensors.index.json", index)


def build_connector(variant, folder):
    config = {"time_channel": 320, "width": variant.width, "heads": 8}
    config |= variant.connector | {"input_dim": variant.t5["d_model"]}
    weights = fill(connector_shapes(config), GAINS["connector"], variant.seed)
    save_weights(folder / "ella-sd1.5-tsc-t5xl.safetensors", weights)
    write_json(folder / "config.json", config)


def build(variant, folder):
    """Writes sd15/, flan-t5/ and ella/ in the folder."""
    sd15 = folder / "sd15"
    vocabulary = write_clip_tokenizer(sd15 / "tokenizer", variant.clip_merges)
    build_unet(variant, sd15 / "unet")
    build_vae(variant, sd15 / "vae")
    build_clip(variant, sd15 / "text_encoder", vocabulary)
    build_t5(variant, folder / "flan-t5")
    build_connector(variant, folder / "ella")
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    scheduler = betas | {
        "_class_name": "PNDMScheduler",
        "num_train_timesteps": 1000,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "steps_offset": 1,
        "trained_betas": None,
        "clip_sample": False,
    }
    write_json(sd15 / "scheduler" / "scheduler_config.json", scheduler)
    parts = {
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    index = {"_class_name": "StableDiffusionPipeline"} | parts
    write_json(sd15 / "model_index.json", index)
