"""Reference outputs for ELLA-SD1.5, computed with diffusers and transformers.

  make_reference.py --out DIR --variant NAME   make a small model and its outputs
  make_reference.py --check-against DIR        compute the outputs in DIR again
                                               and compare

Everything runs in float32 on the CPU with one thread. DIR/expected has the
files described in README.md; the model lies in DIR/model, or DIR/tiny-ella.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import diffusers
import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file

import tiny_models
from ella_reference import Models, run_case

LONG_PROMPT = " ".join(tiny_models.SENTENCES[5:16])
PROMPTS = [
    "",
    "a fox and a rabbit are riding a red bicycle",
    LONG_PROMPT,
    "A robot waters three purple flowers beside the window.",
    " \t\n  ",
    "café crème, naïve Ångström, cafe\u0301, straße, ﬁne Ⅷ",
    "a cat 🐱, 山の上の城, красный дом\u200b und\u00a0mehr",
    "before</s>after <extra_id_3> <pad>end <extra_id_03>",
    "<|endoftext|>a<|startoftext|> b <|EndOfText|>",
    "THE WIZARD'S OWL Isn't McDonald's; THEY'VE SEEN it",
    "12 boats, 3.5 km @ 07:45 -- [50%] (x_1+y^2)*{z} #1!!?",
    "  low   quality,\tblurry\r\nwatermark  ",
]
FLEXIBLE = (0, 1, 2, 5)  # prompts encoded at their own length
FIXED = (1, 2)  # and at the fixed length


def _case(name, mode, scheduler, steps, guidance, size, seeds, prompts, negative=""):
    height, width = size
    return {
        "name": name,
        "mode": mode,
        "prompts": [PROMPTS[index] for index in prompts],
        "negative_prompt": negative,
        "guidance_scale": guidance,
        "num_inference_steps": steps,
        "height": height,
        "width": width,
        "seeds": seeds,
        "scheduler": scheduler,
    }


BAD = "a blurry picture, low quality"
CASES = [
    _case("flex_dpmpp_40x56", "ella_flex", "dpmpp_2m", 6, 7.5, (40, 56), [21], [1]),
    _case(
        "flex_neg_karras_64x96",
        "ella_flex",
        "dpmpp_2m_karras",
        5,
        9,
        (64, 96),
        [5],
        [3],
        BAD,
    ),
    _case("fixedneg_ddim", "ella_flex_fixedneg", "ddim", 4, 12, (64, 64), [77], [5]),
    _case(
        "fixed_pndm_b2_56x40", "ella_fixed", "pndm", 5, 7.5, (56, 40), [3, 4], [1, 2]
    ),
    _case("flex_euler_g1_48x40", "ella_flex", "euler", 5, 1, (48, 40), [8], [2]),
    _case(
        "flex_eulera_b2",
        "ella_flex",
        "euler_ancestral",
        6,
        6,
        (64, 64),
        [900, 17],
        [3, 10],
    ),
    _case(
        "fixed_unipc_neg_64x40", "ella_fixed", "unipc", 7, 5, (64, 40), [12], [3], BAD
    ),
    _case("flex_unipc_long_40x40", "ella_flex", "unipc", 4, 11, (40, 40), [31], [2]),
    _case("sd_dpmpp_neg_40x56", "sd", "dpmpp_2m", 8, 7.5, (40, 56), [21], [1], BAD),
    _case(
        "sd_eulera_b2", "sd", "euler_ancestral", 4, 8, (64, 64), [2**32 + 5, 6], [9, 3]
    ),
    _case("sd_pndm_g1_40x64", "sd", "pndm", 4, 1, (40, 64), [2], [6]),
]


def unet_output(models, tensors, case):
    return models.unet(
        tensors[case + ".sample"],
        tensors[case + ".timestep"],
        encoder_hidden_states=tensors[case + ".encoder_hidden_states"],
    ).sample


def evaluate(models, part, tensors):
    """The outputs of one part, by name, from the inputs among its tensors."""
    out = {}
    for name in tensors:
        case, _, field = name.rpartition(".")
        at = re.fullmatch(r"(.*)\.t(\d+)", case)
        if part == "clip" and name == "ids":
            out["last_hidden_state"] = models.clip(tensors[name]).last_hidden_state
        elif part == "t5" and field == "ids":
            mask = tensors.get(case + ".mask")
            encoded = models.t5(tensors[name], attention_mask=mask)
            out[case + ".out"] = encoded.last_hidden_state
        elif part == "tsc" and field == "out" and at and "fp16" not in case:
            features = tensors[at[1] + ".features"]
            timesteps = torch.full((len(features),), int(at[2]))
            out[name] = models.connector(features, timesteps)
        elif part == "tsc" and field == "timesteps":
            timesteps = tensors[name]
            if case + ".features" in tensors:
                features = tensors[case + ".features"]
                out[case + ".out"] = models.connector(features, timesteps)
            else:
                out[case + ".position"] = models.connector.sinusoid(timesteps)
                out[case + ".embedding"] = models.connector.time_embedding(timesteps)
        elif part == "unet" and field == "sample":
            out[case + ".out"] = unet_output(models, tensors, case)
        elif part == "vae" and field == "z":
            out[case + ".out"] = models.vae.decode(tensors[name]).sample
        elif part == "vae" and field == "image":
            encoded = models.vae.encode(tensors[name]).latent_dist
            out[case + ".mean"], out[case + ".logvar"] = encoded.mean, encoded.logvar
    return out


def part_inputs(models):
    """What is fed to each part, under the names of the output files."""
    draw = torch.Generator().manual_seed(20240)

    def normal(*shape, scale=1.0):
        return torch.randn(shape, generator=draw) * scale

    tokens = models.t5_tokens
    t5, tsc = {}, {"time.timesteps": torch.tensor([0, 1, 21, 500, 999])}
    for index in FLEXIBLE:
        t5[f"flex.{index}.ids"] = torch.tensor([tokens.encode(PROMPTS[index])])
    for index in FIXED:
        ids, mask = tokens.encode_fixed(PROMPTS[index])
        t5[f"fixed128.{index}.ids"] = torch.tensor([ids])
        t5[f"fixed128.{index}.mask"] = torch.tensor([mask])
    for name, encoded in evaluate(models, "t5", t5).items():
        case = name.removesuffix(".out")
        tsc[case + ".features"] = encoded
        for timestep in (999, 500, 1) if case.startswith("flex") else (741,):
            tsc[f"{case}.t{timestep}.out"] = None
    width = models.t5.config.d_model
    tsc["batch4.features"] = normal(4, 20, width)
    tsc["batch4.timesteps"] = torch.tensor([999, 640, 281, 0])
    tsc["floatt.features"] = normal(1, 9, width)
    tsc["floatt.timesteps"] = torch.tensor([442.625])
    unet, context = {}, models.unet.config.cross_attention_dim
    timesteps = {
        "b1_8x8": torch.tensor([601]),
        "b1_8x12": torch.tensor([950]),
        "b1_5x7": torch.tensor([21]),
        "b4_8x8": torch.tensor([999, 700, 301, 1]),
        "b1_8x8_floatt": torch.tensor([333.375]),
    }
    for case, values in timesteps.items():
        rows, height, wide = map(int, re.findall(r"\d+", case))
        unet[case + ".sample"] = normal(rows, 4, height, wide)
        unet[case + ".timestep"] = values
        unet[case + ".encoder_hidden_states"] = normal(rows, 12, context)
    vae = {
        "dec_b1_8x8.z": normal(1, 4, 8, 8, scale=5),
        "dec_b1_5x7.z": normal(1, 4, 5, 7, scale=5),
        "enc_b1_64x64.image": normal(1, 3, 64, 64, scale=0.5).clamp(-1, 1),
    }
    clip = {"ids": torch.tensor([models.clip_ids(PROMPTS[i]) for i in (0, 1, 2)])}
    return {"t5": t5, "tsc": tsc, "clip": clip, "unet": unet, "vae": vae}


def write_tokens(models, path):
    pieces, clip = models.t5_tokens.pieces.get_piece_size(), models.clip_tokens
    header = {
        "t5": {
            "sentencepiece_pieces": pieces,
            "tokenizer_size": pieces + 100,
            "model_vocab_size": models.t5.config.vocab_size,
            "pad": 0,
            "eos": 1,
            "unk": 2,
            "extra_id_0": pieces + 99,
            "extra_id_99": pieces,
        },
        "clip": {
            "vocab_size": len(clip),
            "bos": clip.bos_token_id,
            "eos": clip.eos_token_id,
            "pad": clip.pad_token_id,
            "model_max_length": 77,
        },
    }
    rows = [
        {
            "index": index,
            "text": text,
            "t5_ids": models.t5_tokens.encode(text),
            "clip_ids_77": models.clip_ids(text),
        }
        for index, text in enumerate(PROMPTS)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    head = json.dumps(header)[:-1]
    path.write_text(f'{head}, "prompts": [\n{lines}\n]}}\n', encoding="utf-8")


def image_stats(image):
    pixels = image.double()
    saturated = ((image == 0) | (image == 255)).double().mean().item()
    return {
        "image_std": round(pixels.std(unbiased=False).item(), 2),
        "saturated": round(saturated, 4),
    }


def write_expected(models, folder):
    (folder / "e2e").mkdir(parents=True, exist_ok=True)
    write_tokens(models, folder / "tokens.json")
    for part, tensors in part_inputs(models).items():
        tensors |= evaluate(models, part, tensors)
        tensors = {name: value.contiguous() for name, value in tensors.items()}
        save_file(tensors, folder / f"{part}.safetensors", {"format": "pt"})
    cases = []
    for case in CASES:
        result = run_case(models, case)
        stats = {"latents_std_final": round(result["latents"][-1].std().item(), 3)}
        stats |= image_stats(result["image_u8"])
        print(f"{case['name']:32} {stats}")
        cases.append(case | {"stats": stats})
        kept = {
            "init_latents": result["init_latents"],
            "latents": result["latents"][-1:].clone(),
            "noise_pred": result["noise_pred"][:1].clone(),
        }
        note = {"case": json.dumps(case)}
        save_file(kept, folder / "e2e" / f"{case['name']}.safetensors", note)
        for index, image in enumerate(result["image_u8"].numpy()):
            Image.fromarray(image).save(folder / "e2e" / f"{case['name']}.{index}.png")
    text = json.dumps(cases, indent=2, ensure_ascii=False) + "\n"
    (folder / "e2e" / "cases.json").write_text(text, encoding="utf-8")


class Checks:
    """Prints each comparison and remembers whether one failed."""

    def __init__(self):
        self.failed = False

    def line(self, name, good, text):
        self.failed |= not good
        print(f"{'ok  ' if good else 'FAIL'} {name:40} {text}")

    def close(self, name, got, want, limit):
        rms = want.double().square().mean().sqrt().item() or 1.0
        error = (got - want).abs().max().item() / rms
        good = got.shape == want.shape and error <= limit
        self.line(name, good, f"{error:.1e} of the rms")


def check_tokens(models, path, checks):
    prompts = json.loads(path.read_text(encoding="utf-8"))["prompts"]
    for row in prompts:
        fixed = models.t5_tokens.encode_fixed(row["text"])[0]
        good = models.t5_tokens.encode(row["text"]) == row["t5_ids"]
        good &= models.clip_ids(row["text"]) == row["clip_ids_77"]
        good &= row.get("t5_ids_128", fixed) == fixed
        if not good:
            checks.line(f"tokens {row['index']}", False, repr(row["text"]))
    checks.line("tokens", True, f"{len(prompts)} prompts compared")


def check_case(models, case, folder, checks):
    name, result = case["name"], run_case(models, case)
    want = load_file(folder / f"{name}.safetensors")
    checks.close(
        name + " noise_pred", result["noise_pred"][0], want["noise_pred"][0], 1e-3
    )
    checks.close(name + " latents", result["latents"][-1], want["latents"][-1], 1e-3)
    for index, image in enumerate(result["image_u8"].numpy()):
        png = np.array(Image.open(folder / f"{name}.{index}.png"))
        away = np.abs(image.astype(int) - png.astype(int))
        share = (away > 0).mean()
        text = f"at most {away.max()} levels, {100 * share:.3f} % of the bytes"
        checks.line(f"{name}.{index}.png", away.max() <= 1 and share <= 0.005, text)


def check_against(root):
    folder = root / "expected"
    model = root / "model"
    models = Models(model if model.is_dir() else root / "tiny-ella")
    checks = Checks()
    check_tokens(models, folder / "tokens.json", checks)
    for part in ("t5", "tsc", "clip", "unet", "vae"):
        tensors = load_file(folder / f"{part}.safetensors")
        limit = 3e-5 if part == "unet" else 1e-4
        for name, got in evaluate(models, part, tensors).items():
            checks.close(f"{part} {name}", got, tensors[name], limit)
    for case in json.loads((folder / "e2e" / "cases.json").read_text("utf-8")):
        check_case(models, case, folder / "e2e", checks)
    return 1 if checks.failed else 0


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, metavar="DIR")
    options.add_argument("--variant", choices=tiny_models.VARIANTS, default="small")
    options.add_argument("--check-against", type=Path, metavar="DIR")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    diffusers.utils.logging.set_verbosity_error()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if chosen.check_against:
        return check_against(chosen.check_against)
    if not chosen.out:
        options.error("give --out or --check-against")
    tiny_models.build(tiny_models.VARIANTS[chosen.variant], chosen.out / "model")
    write_expected(Models(chosen.out / "model"), chosen.out / "expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
