"""The exported model: write it, check it, load it, predict with it."""
