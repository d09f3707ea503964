QUESTION = "What does the model read, and what comes out of it?"
