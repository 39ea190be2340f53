import json

import pytest

from keras_vae import Config, ConfigError, DataError, RunError
from keras_vae.studies.plan import SWEEP, Plan, check_sweep_place, plan_of

DIGITS = Config(data="digits", epochs=3, seed=5)


def test_runs_are_the_product_of_all_values_and_seeds():
    plan = plan_of(DIGITS, {"beta": [0.5, 2.0], "hidden": [(64, 32), (16,)]}, seeds=2)
    assert plan.configurations == [
        {"beta": 0.5, "hidden": [64, 32]}, {"beta": 0.5, "hidden": [16]},
        {"beta": 2.0, "hidden": [64, 32]}, {"beta": 2.0, "hidden": [16]},
    ]  # fmt: skip
    assert list(plan.runs)[:3] == [
        "beta-0.5_hidden-64+32_seed-5",
        "beta-0.5_hidden-64+32_seed-6",
        "beta-0.5_hidden-16_seed-5",
    ]
    assert plan.runs["beta-2_hidden-16_seed-6"] == DIGITS.replace(beta=2.0, hidden=(16,), seed=6)
    assert plan.of_configuration(plan.configurations[1]) == list(plan.runs)[2:4]


def test_the_plan_comes_back_from_json():
    plan = plan_of(DIGITS, {"latent": [2, 8]}, seeds=3)
    assert Plan(**json.loads(json.dumps(plan.to_dict()))) == plan


def test_seeds_may_be_named():
    plan = plan_of(DIGITS, {"seed": [7, 1], "beta": [1.0, 2.0]})
    assert (plan.seeds, plan.vary) == ([7, 1], {"beta": [1.0, 2.0]})
    with pytest.raises(ConfigError, match="--vary seed names the seeds"):
        plan_of(DIGITS, {"seed": [7, 1]}, seeds=2)


def test_names_that_are_long_or_alike_are_numbered(tmp_path):
    for name in ("a b.npy", "a-b.npy"):
        (tmp_path / name).touch()
    paths = [str(tmp_path / name) for name in ("a b.npy", "a-b.npy")]
    plan = plan_of(Config(), {"data": paths})
    assert list(plan.runs) == ["run-1", "run-2"]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"gamma": [1]}, "--vary gamma: is not an option of a run"),
        ({"beta": [1.0, 1.0]}, "--vary beta: 1 twice"),
        ({"beta": []}, "--vary beta: has no values"),
        ({"beta": [1.0, -1.0]}, "beta=-1.0: expected a finite number"),
        ({"network": ["mlp", "rnn"]}, "network='rnn': expected one of"),
        ({"distribute": ["multi-worker"]}, "is for a single run"),
    ],
)
def test_a_wrong_value_is_one_line_before_anything_is_loaded(vary, said):
    with pytest.raises(ConfigError) as refused:
        plan_of(DIGITS, vary)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_data_that_are_not_there_are_refused():
    with pytest.raises(DataError, match="no such file"):
        plan_of(DIGITS, {"data": ["digits", "missing.npz"]})


def test_a_sweep_of_other_options_keeps_its_place(tmp_path):
    plan = plan_of(DIGITS, {"beta": [0.5, 2.0]}, seeds=2)
    path = check_sweep_place(tmp_path, "sweep", plan)
    path.mkdir()
    (path / ".sweep.json-half").touch()  # of one that was killed before it began
    assert check_sweep_place(tmp_path, "sweep", plan) == path
    (path / SWEEP).write_text(json.dumps({"plan": plan.to_dict(), "format": 1}))
    assert check_sweep_place(tmp_path, "sweep", plan) == path
    for other, said in (
        (plan_of(DIGITS, {"beta": [0.5, 3.0]}, seeds=2), r"beta: 0.5,2 there, 0.5,3 now"),
        (plan_of(DIGITS, {"beta": [0.5, 2.0]}, seeds=3), r"seeds: 5,6 there, 5,6,7 now"),
        (plan_of(DIGITS.replace(epochs=4), {"beta": [0.5, 2.0]}, 2), r"epochs: 3 there, 4 now"),
        (plan_of(DIGITS, {"beta": [0.5, 2.0]}, 2, k=10), r"k: 1000 there, 10 now"),
    ):
        with pytest.raises(RunError, match=said):
            check_sweep_place(tmp_path, "sweep", other)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.keras").touch()
    with pytest.raises(RunError, match="exists and is not a sweep"):
        check_sweep_place(tmp_path, "other", plan)
