"""ELLA on diffusers' StableDiffusionPipeline, as its users would serve it."""

import collections
import pathlib
import sys

import diffusers
import torch
import torch.nn.functional as F
import transformers
from torch.nn.utils.rnn import pad_sequence

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"
sys.path.append(str(GOLDEN))
from ella_reference import Connector, T5Tokens


class BatchedConnector(Connector):
    """The connector on prompts of several lengths, by fused attention."""

    def __init__(self, folder, dtype):
        super().__init__(folder)
        self.weights = {k: v.to(dtype) for k, v in self.weights.items()}
        self.dtype = dtype
        self.mask = None

    def set_lengths(self, lengths):
        """lengths [B]: how many rows of the padded features are the text's."""
        latents = self.weights["connector.latents"].shape[-2]
        positions = torch.arange(max(lengths))
        text = positions < torch.tensor(lengths)[:, None]
        seen = F.pad(text, (latents, 0), value=True)
        self.mask = None if text.all() else seen[:, None, None]

    def sinusoid(self, timesteps):
        return super().sinusoid(timesteps).to(self.dtype)

    def attention(self, name, query, memory):
        weights = self.weights[name + ".in_proj_weight"].chunk(3)
        biases = self.weights[name + ".in_proj_bias"].chunk(3)
        q, k, v = (
            F.linear(x, weight, bias)
            .unflatten(-1, (self.heads, -1))
            .transpose(1, 2)
            for x, weight, bias in zip((query, memory, memory), weights, biases)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask)
        return self.linear(name + ".out_proj", mixed.transpose(1, 2).flatten(2))


class EllaPipeline:
    """Prompts of equal steps, guidance and size to pictures, in one call.

    cache_texts: how many T5 encodings are kept; 0 for none. The empty
    negative prompt is encoded once in any case.
    """

    def __init__(self, model, dtype, *, cache_texts=0, channels_last=False,
                 compile_unet=False):
        self.cache_texts = cache_texts
        self.encodings = collections.OrderedDict()
        self.tokens = T5Tokens(model / "flan-t5" / "spiece.model")
        self.t5 = transformers.T5EncoderModel.from_pretrained(
            model / "flan-t5", dtype=torch.float32
        )
        self.connector = BatchedConnector(model / "ella", dtype)
        pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
            model / "sd15",
            torch_dtype=dtype,
            text_encoder=None,
            tokenizer=None,
            safety_checker=None,
            feature_extractor=None,
        )
        pipeline.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(
            pipeline.scheduler.config
        )
        pipeline.set_progress_bar_config(disable=True)
        if channels_last:
            pipeline.unet.to(memory_format=torch.channels_last)
            pipeline.vae.to(memory_format=torch.channels_last)
        if compile_unet:
            pipeline.unet.forward = torch.compile(pipeline.unet.forward)
        pipeline.unet.register_forward_pre_hook(
            self.connect_text, with_kwargs=True
        )
        self.pipeline = pipeline
        with torch.inference_mode():
            self.nothing = self.encode_texts([""])[""]

    def connect_text(self, _, args, inputs):
        """Has the UNet see the connector's output, not T5's."""
        features = inputs["encoder_hidden_states"]
        timesteps = args[1].expand(len(features))
        context = self.connector(features, timesteps)
        return args, inputs | {"encoder_hidden_states": context}

    def encode_texts(self, texts):
        """The distinct texts by one call of T5: {text: [tokens, width]}."""
        ids = [torch.tensor(self.tokens.encode(text)) for text in texts]
        padded = pad_sequence(ids, batch_first=True)
        lengths = [len(row) for row in ids]
        mask = torch.arange(padded.shape[1]) < torch.tensor(lengths)[:, None]
        encoded = self.t5(padded, attention_mask=mask.long()).last_hidden_state
        encoded = encoded.to(self.connector.dtype)
        return {
            text: row[:length]
            for text, row, length in zip(texts, encoded, lengths)
        }

    def encode(self, texts):
        """One encoding a text."""
        known = {"": self.nothing}
        for text in texts:
            if text in self.encodings:
                self.encodings.move_to_end(text)
                known[text] = self.encodings[text]
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= self.encode_texts(missing)
        if self.cache_texts:
            self.encodings |= {text: known[text] for text in missing}
            while len(self.encodings) > self.cache_texts:
                self.encodings.popitem(last=False)
        return [known[text] for text in texts]

    @torch.inference_mode()
    def draw(self, requests):
        """One PIL image a request."""
        first = requests[0]
        texts = [request["prompt"] for request in requests]
        if first["guidance"] > 1:
            texts = [request["negative"] for request in requests] + texts
        rows = self.encode(texts)
        self.connector.set_lengths([len(row) for row in rows])
        features = pad_sequence(rows, batch_first=True)
        count = len(requests)
        return self.pipeline(
            prompt_embeds=features[-count:],
            negative_prompt_embeds=(
                features[:count] if first["guidance"] > 1 else None
            ),
            num_inference_steps=first["steps"],
            guidance_scale=first["guidance"],
            width=first["width"],
            height=first["height"],
            generator=[
                torch.Generator().manual_seed(request["seed"])
                for request in requests
            ],
        ).images
