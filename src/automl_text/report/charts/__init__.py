"""Charts as SVG whose colours are the page's variables. No words of the data enter them."""
