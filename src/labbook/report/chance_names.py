"""What the sources of chance in chance.csv are called, in table and figure alike."""

from labbook.params.redraws import EVERYTHING, SPLIT, TRAINING

# Parts of training, as a sentence calls them.
STREAMS = {
    "initialisation": "the first weights",
    "batch order": "the order of batches",
    "dropout": "the dropped units",
    "augmentation": "the changes of images",
}
NAMES = {
    SPLIT: "the split of the rows",
    TRAINING: "training, all of it",
    **{stream: f"only {name}" for stream, name in STREAMS.items()},
    EVERYTHING: "everything: another seed",
}
