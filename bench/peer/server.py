#!/usr/bin/env python3
"""Serves ELLA-SD1.5 by LitServe over diffusers' pipeline, for comparison.

POST /predict takes a request of a plan as JSON and answers with a PNG. The
requests that LitServe hands over together are grouped by steps, guidance and
size, the settings that one pipeline call has in common; each group is a call.
"""

import argparse
import collections
import io
import json
import os
import pathlib

import litserve
import torch
from ella_pipeline import EllaPipeline
from fastapi import HTTPException, Response


class EllaApi(litserve.LitAPI):
    def __init__(self, args):
        super().__init__(
            max_batch_size=args.max_batch_size,
            batch_timeout=args.batch_timeout,
        )
        self.args = args

    def setup(self, device):
        torch.set_num_threads(self.args.threads)
        self.ella = EllaPipeline(
            self.args.model,
            getattr(torch, self.args.dtype),
            cache_texts=self.args.cache_texts,
            channels_last=self.args.channels_last,
            compile_unet=self.args.compile,
        )
        if self.args.warm_up:
            request = self.decode_request(json.loads(self.args.warm_up))
            for rows in range(1, self.args.max_batch_size + 1):
                self.predict([request] * rows)

    def decode_request(self, request):
        if request.get("sampler", "dpmpp_2m") != "dpmpp_2m":
            raise HTTPException(400, "the only sampler is dpmpp_2m")
        if request.get("conditioning", "ella") != "ella":
            raise HTTPException(400, "the only conditioning is ella")
        return {"negative": ""} | request

    def predict(self, requests):
        # With a batch size of 1, LitServe hands over no list.
        if isinstance(requests, dict):
            return self.predict([requests])[0]
        groups = collections.defaultdict(list)
        for index, request in enumerate(requests):
            names = ("steps", "guidance", "width", "height")
            groups[tuple(request[name] for name in names)].append(index)
        images = [None] * len(requests)
        for indices in groups.values():
            drawn = self.ella.draw([requests[index] for index in indices])
            for index, image in zip(indices, drawn):
                images[index] = image
        return images

    def encode_response(self, image):
        png = io.BytesIO()
        image.save(png, "png")
        return Response(png.getvalue(), media_type="image/png")


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, required=True,
                        metavar="DIR", help="holds sd15, flan-t5 and ella")
    parser.add_argument("--warm-up", metavar="JSON",
                        help="a request that is drawn in batches of every "
                        "size before the server is ready")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--dtype", default="float32",
                        choices=["float32", "bfloat16"],
                        help="of all but T5, which is float32")
    parser.add_argument("--max-batch-size", type=int, default=1)
    parser.add_argument("--batch-timeout", type=float, default=0, metavar="S")
    parser.add_argument("--workers", type=int, default=1,
                        help="processes, each with a model of its own")
    parser.add_argument("--threads", type=int, default=os.cpu_count(),
                        help="of a worker")
    parser.add_argument("--timeout", type=float, default=600, metavar="S",
                        help="a request that waited longer is refused")
    parser.add_argument("--cache-texts", type=int, default=0, metavar="N",
                        help="T5 encodings that a worker keeps")
    parser.add_argument("--channels-last", action="store_true",
                        help="the networks' memory format")
    parser.add_argument("--compile", action="store_true",
                        help="the UNet through torch.compile")
    return parser.parse_args()


def main():
    args = parse_args()
    server = litserve.LitServer(
        EllaApi(args),
        accelerator="cpu",
        workers_per_device=args.workers,
        timeout=args.timeout,
        fast_queue=True,
    )
    server.run(host="127.0.0.1", port=args.port, log_level="warning",
               generate_client_file=False)


if __name__ == "__main__":
    main()
