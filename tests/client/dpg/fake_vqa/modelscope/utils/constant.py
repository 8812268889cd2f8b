class Tasks:
    visual_question_answering = "vqa"
