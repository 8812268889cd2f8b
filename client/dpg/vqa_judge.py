#!/usr/bin/env python3
"""A visual question answering model as `ella dpg score`'s judge.

    ella dpg score GRIDS 512 --questions dpg_bench.csv --save-answers answers.csv \\
      --judge-command "client/dpg/vqa_judge.py --model dandelin/vilt-b32-finetuned-vqa"

--task says which library reads the model, and what it must be:
  visual-question-answering  transformers 4 (5 has no such pipeline any more):
                             pip install transformers==4.57.3 torch pillow
  image-text-to-text         a chat model, in transformers 4 or 5; it is asked
                             for yes or no
  modelscope                 pip install modelscope and what it asks for; the
                             published scores are by
                             damo/mplug_visual-question-answering_coco_large_en
"""

import argparse
import json
import os
import sys


def from_vqa_pipeline(args):
    from transformers import pipeline

    pipe = pipeline(args.task, model=args.model, device=args.device)

    def answer(image, question):
        return pipe(image=image, question=question, top_k=1)[0]["answer"]

    return answer


def from_chat_pipeline(args):
    from transformers import pipeline

    pipe = pipeline(args.task, model=args.model, device=args.device)

    def answer(image, question):
        chat = [{"role": "user", "content": [
            {"type": "image", "path": image},
            {"type": "text", "text": question + " Answer yes or no."}]}]
        return pipe(text=chat, max_new_tokens=10,
                    return_full_text=False)[0]["generated_text"]

    return answer


def from_modelscope(args):
    from modelscope.pipelines import pipeline
    from modelscope.utils.constant import Tasks

    pipe = pipeline(Tasks.visual_question_answering, model=args.model,
                    device=args.device or "gpu")

    def answer(image, question):
        return pipe({"image": image, "question": question})["text"]

    return answer


TASKS = {
    "visual-question-answering": from_vqa_pipeline,
    "image-text-to-text": from_chat_pipeline,
    "modelscope": from_modelscope,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True, help="a name or a folder")
    parser.add_argument("--task", default="visual-question-answering",
                        choices=TASKS)
    parser.add_argument("--device", help="such as cpu, cuda:0")
    args = parser.parse_args()

    # What the libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    answer = TASKS[args.task](args)
    for line in sys.stdin:
        crop = json.loads(line)
        texts = [answer(crop["image"], question)
                 for question in crop["questions"]]
        # "yes" alone counts.
        texts = [text.strip().rstrip(".").lower() for text in texts]
        print(json.dumps({"answers": texts}), file=answers, flush=True)


if __name__ == "__main__":
    main()
