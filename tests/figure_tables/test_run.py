from keras_vae.figure_tables import run_table

RECORD = {
    "config": {"latent": 2, "hidden": None},
    "data": {"name": "digits", "examples": {"train": 10, "test": 2}, "event_shape": [8, 8, 1]},
    "training": {
        "weights": 12345, "ended": "finished", "epochs": 3, "seconds": 1.5, "best_epoch": 2,
    },
    "protocol": "as it is",
    "versions": {"keras": "3.15"},
}  # fmt: skip


def test_what_a_folder_says_is_in_its_table():
    table = run_table("models/vae", RECORD)
    assert table.title == "models/vae"
    assert dict(table.rows) == {
        "data": "digits: 10 train, 2 test; shape (8, 8, 1)",
        "protocol": "as it is",
        "model": "12,345 weights, 2 latents",
        "training": "finished: 3 epochs in 1.5 s, best checkpoint at epoch 2",
        "options": "latent 2",  # what was not chosen is left out
        "versions": "keras 3.15",
    }
