"""The nano checkpoints: a picture language, a checker of pictures, and the training of the networks that draw it."""
