"""What comes after the first report: labels put right, texts worth labelling, runs compared, a model watched."""
