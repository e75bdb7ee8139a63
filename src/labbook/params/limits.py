"""How much params.yaml may ask for: refused before anything is counted out, built or allocated.

Many times what studies of small networks need, so that only a slip, or a file that means harm,
meets them. `labbook reference` prints them, with those of the file itself (documents.py).
"""

from collections.abc import Mapping

from labbook import documents

COUNT = 1_000_000_000  # of anything that has no limit of its own
SEEDS = 10_000
COMBINATIONS = 20_000
RUNS = 1_000_000
POINTS = 10_000_000
COLUMNS = 1_000_000
EPOCHS = 1_000_000
LAYERS = 100
WIDTH = 100_000
WEIGHTS = 100_000_000
PIXELS = 1_000
SIDE = 4_000  # of an image, in pixels
FILES = 1_000_000
COPIES = 1_000
DOWNLOAD = 10**12
VALUES = 2**32
NUMBER = 1e100

TEXTS: Mapping[str, float] = {
    "seeds of a study": SEEDS,
    "combinations of all studies": COMBINATIONS,
    "runs of all studies, as each asks for them": RUNS,
    "points of a function": POINTS,
    "columns to select": COLUMNS,
    "epochs": EPOCHS,
    "hidden layers, or blocks of convolution": LAYERS,
    "width of a layer, channels of a block": WIDTH,
    "weights of a network": WEIGHTS,
    "pixels to crop": PIXELS,
    "copies of a test row": COPIES,
    "pixels of an image of one's own, in a row or a column": SIDE,
    "files in a folder of images": FILES,
    "bytes of a file to download": DOWNLOAD,
    "values of an array of images, uncompressed": VALUES,
    "any other count": COUNT,
    "characters of a params file": documents.BYTES,
    "keys and values of a file, aliases counted in full": documents.NODES,
    "blocks and lists inside one another": documents.DEPTH,
}
