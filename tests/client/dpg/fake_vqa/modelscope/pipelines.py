import fake_model


def pipeline(task, model, device):
    assert task == "vqa" and model == "fake"

    def answer(inputs):
        return {"text": fake_model.answer(inputs["image"], inputs["question"])}

    return answer
