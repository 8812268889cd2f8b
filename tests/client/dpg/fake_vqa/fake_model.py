"""Stands for a model: "Yes." to a question that holds a 1, if it is a PNG."""


def answer(image, question):
    print("a line that is no answer")
    with open(image, "rb") as file:
        assert file.read(4) == b"\x89PNG"
    return "Yes." if "1" in question else "No."
