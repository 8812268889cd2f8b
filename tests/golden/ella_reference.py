"""ELLA-SD1.5 on diffusers and transformers: the models and the whole pipeline.

The connector is written here from its description; everything else is the
libraries' own. See README.md for the versions.
"""

import json
import math
import re

import diffusers
import sentencepiece
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file

FIXED_LENGTH = 128
VAE_SCALE = 0.18215
SCHEDULERS = {
    "dpmpp_2m": (diffusers.DPMSolverMultistepScheduler, {}),
    "dpmpp_2m_karras": (
        diffusers.DPMSolverMultistepScheduler,
        {"use_karras_sigmas": True},
    ),
    "ddim": (diffusers.DDIMScheduler, {}),
    "pndm": (diffusers.PNDMScheduler, {}),
    "euler": (diffusers.EulerDiscreteScheduler, {}),
    "euler_ancestral": (diffusers.EulerAncestralDiscreteScheduler, {}),
    "unipc": (diffusers.UniPCMultistepScheduler, {}),
}


class T5Tokens:
    """Prompt to T5 ids: special tokens by name, the rest by sentencepiece."""

    SPECIAL = re.compile(r"(</s>|<pad>|<unk>|<extra_id_(?:0|[1-9][0-9]?)>)")

    def __init__(self, path):
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        size = self.pieces.get_piece_size()
        self.special = {"<pad>": 0, "</s>": 1, "<unk>": 2}
        self.special |= {f"<extra_id_{n}>": size + 99 - n for n in range(100)}

    def encode(self, text):
        ids = []
        for part in self.SPECIAL.split(text):
            if part in self.special:
                ids.append(self.special[part])
            else:
                ids += self.pieces.encode(part)
        return ids + [1]

    def encode_fixed(self, text):
        """The ids cut or padded to the fixed length, and their mask."""
        ids = self.encode(text)
        if len(ids) > FIXED_LENGTH:
            ids = ids[: FIXED_LENGTH - 1] + [1]
        padding = FIXED_LENGTH - len(ids)
        return ids + [0] * padding, [1] * len(ids) + [0] * padding


class Connector:
    """ELLA's timestep-aware connector, straight from its state dict."""

    def __init__(self, folder):
        self.weights = load_file(next(folder.glob("*.safetensors")))
        self.weights = {k: v.float() for k, v in self.weights.items()}
        self.heads = json.loads((folder / "config.json").read_text())["heads"]
        names = " ".join(self.weights)
        found = re.findall(r"perceiver_blocks\.(\d+)\.", names)
        self.layers = 1 + max(int(index) for index in found)

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def sinusoid(self, timesteps):
        channels = self.weights["time_embedding.linear_1.weight"].shape[1]
        half = channels // 2
        rates = torch.exp(-math.log(10000) * torch.arange(half).float() / half)
        angles = timesteps.float()[:, None] * rates
        return torch.cat([angles.cos(), angles.sin()], dim=-1)

    def time_embedding(self, timesteps):
        hidden = self.linear("time_embedding.linear_1", self.sinusoid(timesteps))
        return self.linear("time_embedding.linear_2", F.silu(hidden))

    def modulated_norm(self, name, x, time):
        shift, scale = self.linear(name + ".linear", time)[:, None].chunk(2, dim=-1)
        return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift

    def attention(self, name, query, memory):
        weights = self.weights[name + ".in_proj_weight"].chunk(3)
        biases = self.weights[name + ".in_proj_bias"].chunk(3)
        q, k, v = (
            F.linear(x, weight, bias).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for x, weight, bias in zip(
                (query, memory, memory), weights, biases, strict=True
            )
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)
        return self.linear(name + ".out_proj", mixed)

    def __call__(self, features, timesteps):
        """features [B, L, T5 width], timesteps [B] -> [B, latents, width]."""
        time = F.silu(self.time_embedding(timesteps))
        offset = self.linear("connector.time_aware_linear", time)[:, None]
        x = self.weights["connector.latents"] + offset
        text = self.linear("connector.proj_in", features)
        for layer in range(self.layers):
            block = f"connector.perceiver_blocks.{layer}."
            query = self.modulated_norm(block + "ln_1", x, time)
            keys = self.modulated_norm(block + "ln_2", text, time)
            memory = torch.cat([query, keys], dim=1)
            x = x + self.attention(block + "attn", query, memory)
            hidden = self.modulated_norm(block + "ln_ff", x, time)
            hidden = F.relu(self.linear(block + "mlp.c_fc", hidden)).square()
            x = x + self.linear(block + "mlp.c_proj", hidden)
        return x


class Models:
    """Everything in a model folder: sd15/, flan-t5/ and ella/."""

    def __init__(self, root):
        sd15 = root / "sd15"
        fp16 = any((sd15 / "unet").glob("*.fp16.safetensors"))
        options = {"torch_dtype": torch.float32, "variant": "fp16" if fp16 else None}
        self.unet = diffusers.UNet2DConditionModel.from_pretrained(
            sd15 / "unet", **options
        )
        self.vae = diffusers.AutoencoderKL.from_pretrained(sd15 / "vae", **options)
        self.clip = transformers.CLIPTextModel.from_pretrained(
            sd15 / "text_encoder", dtype=torch.float32
        )
        self.t5 = transformers.T5EncoderModel.from_pretrained(
            root / "flan-t5", dtype=torch.float32
        )
        self.connector = Connector(root / "ella")
        self.t5_tokens = T5Tokens(root / "flan-t5" / "spiece.model")
        self.clip_tokens = transformers.CLIPTokenizer.from_pretrained(
            sd15 / "tokenizer"
        )
        scheduler = sd15 / "scheduler" / "scheduler_config.json"
        self.scheduler_config = json.loads(scheduler.read_text())

    def clip_ids(self, text):
        return self.clip_tokens(
            text, padding="max_length", max_length=77, truncation=True
        ).input_ids

    def encode_clip(self, text):
        return self.clip(torch.tensor([self.clip_ids(text)])).last_hidden_state

    def encode_t5(self, text, fixed):
        if not fixed:
            ids = torch.tensor([self.t5_tokens.encode(text)])
            return self.t5(ids).last_hidden_state
        ids, mask = self.t5_tokens.encode_fixed(text)
        return self.t5(
            torch.tensor([ids]), attention_mask=torch.tensor([mask])
        ).last_hidden_state

    def scheduler(self, name, steps):
        kind, changes = SCHEDULERS[name]
        scheduler = kind.from_config(self.scheduler_config, **changes)
        scheduler.set_timesteps(steps)
        return scheduler


def encode_rows(models, case):
    """One encoding a UNet row: negatives first, unless guidance is off."""
    prompts, mode = case["prompts"], case["mode"]
    guided = case["guidance_scale"] > 1
    negatives = [case["negative_prompt"]] * len(prompts) if guided else []
    if mode == "sd":
        return [models.encode_clip(text) for text in negatives + prompts]
    fixed_negative = mode in ("ella_fixed", "ella_flex_fixedneg")
    rows = [models.encode_t5(text, fixed_negative) for text in negatives]
    return rows + [models.encode_t5(text, mode == "ella_fixed") for text in prompts]


def run_case(models, case):
    """The whole pipeline: noise, every step, decoding."""
    count = len(case["prompts"])
    shape = (1, 4, case["height"] // 8, case["width"] // 8)
    generators = [torch.Generator().manual_seed(seed) for seed in case["seeds"]]
    scheduler = models.scheduler(case["scheduler"], case["num_inference_steps"])
    noise = torch.cat([torch.randn(shape, generator=g) for g in generators])
    latents = noise * scheduler.init_noise_sigma
    result = {"init_latents": latents, "latents": [], "noise_pred": []}
    extra = {}
    if case["scheduler"] == "euler_ancestral":
        extra["generator"] = generators
    rows = encode_rows(models, case)
    for timestep in scheduler.timesteps:
        if case["mode"] == "sd":
            context = torch.cat(rows)
        else:
            context = torch.cat(
                [models.connector(row, timestep.reshape(1)) for row in rows]
            )
        sample = scheduler.scale_model_input(latents, timestep)
        sample = sample.repeat(len(rows) // count, 1, 1, 1)
        predicted = models.unet(sample, timestep, encoder_hidden_states=context).sample
        result["noise_pred"].append(predicted)
        if len(rows) > count:
            negative, positive = predicted.chunk(2)
            predicted = negative + case["guidance_scale"] * (positive - negative)
        latents = scheduler.step(predicted, timestep, latents, **extra).prev_sample
        result["latents"].append(latents)
    decoded = models.vae.decode(latents / VAE_SCALE).sample
    image = (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1) * 255
    result["image_u8"] = image.round().to(torch.uint8)
    for name in ("latents", "noise_pred"):
        result[name] = torch.stack(result[name])
    return result
