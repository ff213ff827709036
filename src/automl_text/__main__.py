"""``python -m automl_text`` is the same as the console script."""

from automl_text.cli import main

if __name__ == "__main__":
    main()
