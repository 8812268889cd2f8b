"""Reference sampler runs for step counts and configs at the edges.

  make_samplers.py OUT.safetensors [STEPS ...]

For each config, sampler and step count: CONFIG.SAMPLER.STEPS.timesteps, .sigmas
where there are any, and .last, the final latents of the toy model
eps = 0.9 * input + 0.1 * timestep / 1000 * P, the noise drawn from seed 7. What
diffusers can't do, or ends in NaN, is left out and printed.
"""

import sys

import diffusers
import numpy as np
import torch
from safetensors.torch import save_file

SHAPE = [1, 4, 4, 6]
STEPS = [1, 2, 3, 4, 7, 15, 50, 100]

SD15 = {
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "num_train_timesteps": 1000,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
    "clip_sample": False,
}
CONFIGS = {
    "sd15": SD15,
    "leading": SD15 | {"timestep_spacing": "leading"},
    "trailing": SD15 | {"timestep_spacing": "trailing"},
    "linspace": SD15 | {"timestep_spacing": "linspace"},
    # Fields left to each class's defaults, clip_sample among them.
    "sparse": {"skip_prk_steps": True, "num_train_timesteps": 300},
    "trained": SD15
    | {
        "trained_betas": [0.001 * i for i in range(1, 41)],
        "num_train_timesteps": 40,
        "set_alpha_to_one": True,
    },
}
SAMPLERS = {
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


def run(name, config, steps, pattern):
    kind, changes = SAMPLERS[name]
    # As a pipeline would: from the class that the file is of.
    file = diffusers.PNDMScheduler.from_config(config).config
    scheduler = kind.from_config(file, **changes)
    scheduler.set_timesteps(steps)
    draw = torch.Generator().manual_seed(7)
    latents = torch.randn(SHAPE, generator=draw) * scheduler.init_noise_sigma
    extra = {"generator": draw} if name == "euler_ancestral" else {}
    # As pipelines do, lest a repeated first timestep is looked up.
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(0)
    for t in scheduler.timesteps:
        scaled = scheduler.scale_model_input(latents, t)
        eps = 0.9 * scaled + 0.1 * (float(t) / 1000) * pattern
        latents = scheduler.step(eps, t, latents, **extra).prev_sample
    if not latents.isfinite().all():
        raise ValueError("not finite")
    result = {"timesteps": scheduler.timesteps, "last": latents}
    if hasattr(scheduler, "sigmas"):
        result["sigmas"] = scheduler.sigmas
    return result


def main():
    torch.set_num_threads(1)
    steps_list = [int(s) for s in sys.argv[2:]] or STEPS
    pattern = torch.randn(SHAPE, generator=torch.Generator().manual_seed(8))
    tensors = {"P": pattern}
    for config_name, config in CONFIGS.items():
        for name in SAMPLERS:
            for steps in steps_list:
                if steps > config["num_train_timesteps"]:
                    continue
                key = f"{config_name}.{name}.{steps}"
                try:
                    result = run(name, config, steps, pattern)
                except Exception as error:
                    print(key, type(error).__name__, error)
                    continue
                for part, tensor in result.items():
                    tensors[f"{key}.{part}"] = tensor.contiguous()
    tensors["sd15.alphas_cumprod"] = diffusers.DDIMScheduler.from_config(
        SD15
    ).alphas_cumprod
    save_file(tensors, sys.argv[1])


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
