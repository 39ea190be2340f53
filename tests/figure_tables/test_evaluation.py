from keras_vae.figure_tables import evaluation_table
from keras_vae.figure_tables.evaluation import in_use

METRICS = {
    "split": "test", "examples": 1234, "elbo": -5.0, "elbo_standard_error": 0.25, "rate": 1.5,
    "distortion": 3.5, "bits_per_dim": None, "active_units": 2, "latent": 3, "baseline": -9.0,
    "gain": 4.0, "gain_standard_error": 0.125, "protocol": "as it is",
}  # fmt: skip


def test_each_figure_has_its_row():
    table = evaluation_table(METRICS)
    values = {row[0].strip(): row[1] for row in table.rows}
    assert values == {
        "elbo": "-5.00 ± 0.25",
        "distortion": "3.50",
        "rate": "1.50",
        "baseline": "-9.00",
        "gain": "4.00 ± 0.12",
        "bits per dimension": "none",
        "active units": "2 of 3",
    }
    assert "1,234" in table.title
    assert table.notes == ("Protocol: as it is",)


def test_units_whose_means_vary_and_tell_next_to_nothing_are_not_called_in_use():
    assert in_use({"active_units": 3, "rate": 12.0}) == "latents in use"
    assert "0.05 nats in total" in in_use({"active_units": 3, "rate": 0.05})
    assert in_use({"active_units": 0, "rate": 0.05}) == "latents in use"


def test_the_gain_of_a_conditional_model_is_owed_to_the_condition_too():
    for is_conditional, used in ((False, "using z"), (True, "using z and the condition")):
        rows = evaluation_table({**METRICS, "is_conditional": is_conditional}).rows
        [meaning] = [row[2] for row in rows if row[0] == "gain"]
        assert meaning.endswith(used)
