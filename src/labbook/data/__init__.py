"""From sources to prepared numbers: download, prepare, and what reads them."""
