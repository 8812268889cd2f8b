"""Writes random_texts.json: random texts with the reference's token ids.

  random_texts.py TOKENIZER_FOLDER T5_FOLDER OUT

Made with transformers 5.23.0, tokenizers 0.23.3 and sentencepiece 0.2.1. Marks
are those of Unicode 9, as far as tokenizers' own NFC goes.
"""

import json
import random
import re
import sys
import unicodedata

import sentencepiece
import transformers

SPECIAL = {"<pad>": 0, "</s>": 1, "<unk>": 2}
PIECES = (
    [*SPECIAL, "<extra_id_0>", "<extra_id_99>", "<extra_id_100>", "<extra_id_07>"]
    + ["<|startoftext|>", "<|endoftext|>", "<|STARTOFTEXT|>", "<|EndOfText|>"]
    + ["<", ">", "|>", "'s", "'T", "'re", "'VE", "'ll", "'D", "'m", "''", "!?", "..."]
    + [" ", "  ", "\t", "\r\n", "\x00", "\x0b", "\x1f", "\x85", "\xa0", "\u200b"]
    + ["\u2028", "\u3000", "\u2581", "\ufeff", "İ", "Σ", "ς", "ẞ", "ﬁ", "Å", "\u212b"]
    + ["\uac00\u11a7", "\u1100\u1161\u11a8", "½", "Ⅷ", "²", "12", "7", "狐", "🐱"]
    + ["👨‍👩‍👧", "a", "the", "Otter", "striped", "ball", "SNOW", "river"]
)
MARKS = [chr(c) for c in (*range(0x300, 0x34F), *range(0x591, 0x5BE), 0x93C, 0x94D)]


def t5_ids(model, text):
    pieces = model.get_piece_size()
    special = SPECIAL | {f"<extra_id_{n}>": pieces + 99 - n for n in range(100)}
    ids = []
    for part in re.split("(" + "|".join(map(re.escape, special)) + ")", text):
        ids += [special[part]] if part in special else model.encode(part)
    return [*ids, 1]


def main(clip_folder, t5_folder, out):
    draw = random.Random(20)
    others = [
        character
        for character in map(chr, range(1, 0x30000))
        if unicodedata.category(character) not in ("Cn", "Co", "Cs", "Mn", "Mc", "Me")
    ]
    ascii_only = [chr(code) for code in range(1, 128)]
    model = sentencepiece.SentencePieceProcessor(model_file=t5_folder + "/spiece.model")
    clip = transformers.CLIPTokenizer.from_pretrained(clip_folder)
    prompts = []
    for pools in 20 * [
        [PIECES],
        [MARKS, ascii_only],
        [PIECES, others],
        [PIECES, MARKS, ascii_only, others],
    ]:
        text = "".join(
            draw.choice(draw.choice(pools)) for _ in range(draw.randrange(2, 40))
        )
        prompts.append(
            {
                "text": text,
                "t5_ids": t5_ids(model, text),
                "clip_ids_77": clip(
                    text, padding="max_length", max_length=77, truncation=True
                ).input_ids,
            }
        )
    with open(out, "w", encoding="ascii") as file:
        lines = ",\n".join(json.dumps(prompt) for prompt in prompts)
        file.write('{"prompts": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
