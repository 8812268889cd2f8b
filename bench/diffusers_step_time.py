#!/usr/bin/env python3
"""Times the UNet of diffusers on the weights that bench/step_time is given.

    pip install torch==2.11.0 diffusers==0.42.1 transformers==5.23.0 \
        accelerate safetensors
    python bench/diffusers_step_time.py --model DIR --dtype bfloat16

A call is one UNet2DConditionModel.forward in eager mode, channels-last, under
inference_mode: no text encoder, no connector, no guidance, no sampler.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import time

import diffusers
import torch


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, metavar="DIR",
                        help="holds sd15/unet")
    parser.add_argument("--dtype", default="float32",
                        choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--size", default="512x512", metavar="WxH",
                        help="pixels")
    parser.add_argument("--rows", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--steps", type=int, default=5, help="timed calls")
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--compile", action="store_true",
                        help="through torch.compile")
    parser.add_argument("--profile", action="store_true",
                        help="print where the time of one call goes")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def load_unet(args):
    unet = diffusers.UNet2DConditionModel.from_pretrained(
        os.path.join(args.model, "sd15", "unet"),
        torch_dtype=getattr(torch, args.dtype), local_files_only=True)
    unet = unet.to(args.device).to(memory_format=torch.channels_last).eval()
    return torch.compile(unet) if args.compile else unet


def make_inputs(args):
    width, height = (int(side) // 8 for side in args.size.split("x"))
    options = {"dtype": getattr(torch, args.dtype), "device": args.device}
    latents = torch.randn(args.rows, 4, height, width).to(**options)
    context = torch.randn(args.rows, args.tokens, 768).to(**options)
    return latents.to(memory_format=torch.channels_last), context


def run_once(unet, latents, context):
    with torch.inference_mode():
        noise = unet(latents, 500, encoder_hidden_states=context).sample
    if noise.is_cuda:
        torch.cuda.synchronize()
    return noise


def time_calls(unet, latents, context, args):
    seconds = []
    for i in range(args.warmup + args.steps):
        start = time.perf_counter()
        noise = run_once(unet, latents, context)
        if i >= args.warmup:
            seconds.append(time.perf_counter() - start)
    if not torch.isfinite(noise).all():
        raise SystemExit("the predicted noise is not finite")
    return seconds


def print_profile(unet, latents, context):
    with torch.profiler.profile() as profile:
        run_once(unet, latents, context)
    print(profile.key_averages().table(sort_by="self_cpu_time_total",
                                       row_limit=20))


def main():
    args = parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    unet = load_unet(args)
    latents, context = make_inputs(args)
    seconds = time_calls(unet, latents, context, args)
    if args.profile:
        print_profile(unet, latents, context)
    report = {
        "diffusers": diffusers.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "dtype": args.dtype,
        "threads": args.threads,
        "size": args.size,
        "rows": args.rows,
        "median_s": statistics.median(seconds),
        "min_s": min(seconds),
        "max_s": max(seconds),
        "calls": len(seconds),
        "peak_bytes":
            1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"step     {report['median_s']:.3f} s (median of "
              f"{report['calls']}, {report['min_s']:.3f} to "
              f"{report['max_s']:.3f}), {args.size}, {args.rows} UNet rows")


if __name__ == "__main__":
    main()
