import pytest

from keras_vae import Config, ConfigError

TOGETHER = [
    ({"gradient": "dreg"}, "gradient='dreg': expected plain or stl of objective elbo"),
    ({"objective": "iwae", "gradient": "stl"}, "gradient='stl': expected plain or dreg"),
    ({"objective": "beta-tc", "gradient": "stl"}, "gradient='stl': expected plain of"),
    ({"objective": "iwae", "free_nats": 1.0}, "free_nats=1.0: expected 0 but for objective elbo"),
    ({"resampled": 3}, "resampled=3: expected 0 but for objective iwae"),
    ({"objective": "iwae", "samples": 4, "resampled": 4}, "resampled=4: expected fewer than the 4"),
    ({"objective": "iwae", "capacity": 1.0}, "capacity=1.0: expected None but for"),
    ({"capacity": 2.0, "free_nats": 1.0}, "each changes what becomes of the rate"),
    ({"objective": "beta-tc", "samples": 2}, "samples=2: expected 1 of objective beta-tc"),
    ({"objective": "beta-tc", "posterior": "full"}, "posterior='full': expected diagonal"),
    ({"objective": "beta-tc", "prior": "flow"}, "prior='flow': expected standard for beta-tc"),
    ({"posterior": "iaf", "gradient": "stl"}, "gradient='stl': expected plain with posterior"),
    ({"posterior": "iaf", "prior": "vamp"}, "prior='vamp': expected another than vamp"),
    ({"components": 3}, "components=3: expected None but for prior mixture or vamp"),
    ({"network": "conv", "activation": "tanh"}, "activation='tanh': expected relu but for"),
    ({"library": True, "likelihood": "bernoulli"}, "library: is for counts"),
    ({"stride": 3}, "stride=3: expected None without a window"),
]


@pytest.mark.parametrize(("options", "message"), TOGETHER)
def test_options_that_do_not_go_together_are_refused(options, message):
    with pytest.raises(ConfigError) as caught:
        Config(**options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"prior": "vamp", "components": 10, "posterior": "full", "gradient": "stl"},
        {"prior": "flow", "posterior": "iaf", "objective": "iwae", "samples": 5},
        {"objective": "iwae", "gradient": "dreg", "prior": "mixture"},
        {"objective": "iwae", "samples": 20, "resampled": 4},
        {"objective": "beta-tc", "beta": 6.0},
        {"capacity": 5.0, "beta": 30.0, "ema": 0.999, "clip_norm": 10.0, "schedule": "burda"},
    ],
)
def test_options_that_go_together_are_kept(options):
    config = Config(**options)
    assert {name: getattr(config, name) for name in options} == options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prior", "laplace"), ("posterior", "flow"), ("objective", "nce"), ("gradient", "vimco"),
        ("schedule", "linear"), ("activation", "gelu"), ("ema", 1.0), ("ema", -0.1),
        ("clip_norm", 0.0), ("clip_norm", -1.0), ("capacity", -1.0), ("components", 0),
        ("samples", 0), ("warmup", 1.0),
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"{name}={value!r}: expected"):
        Config(**{name: value})
