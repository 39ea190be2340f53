import keras
import pytest

from keras_vae.errors import ConfigError
from keras_vae.loop.optimizers import refuse_wrong, single_optimizers

optimizers = keras.optimizers


def several(*inner):
    names = {f"layer_{number}/.*": each for number, each in enumerate(inner[1:])}
    return optimizers.MultiOptimizer(optimizers.OptimizerMap(inner[0], names))


def test_single_optimizers_are_found_inside_others():
    adam, sgd = optimizers.Adam(), optimizers.SGD()
    assert single_optimizers(adam) == [adam]
    assert single_optimizers(optimizers.LossScaleOptimizer(adam)) == [adam]
    for optimizer in (several(adam, sgd), optimizers.LossScaleOptimizer(several(adam, sgd))):
        assert set(single_optimizers(optimizer)) == {adam, sgd}


@pytest.mark.parametrize("place", ["alone", "under a loss scale", "among others", "chosen"])
def test_an_optimizer_that_loses_weights_is_refused_wherever_it_is(small_vae, place):
    wrong = optimizers.ScheduleFreeAdamW()
    optimizer = {
        "alone": wrong,
        "under a loss scale": optimizers.LossScaleOptimizer(wrong),
        "among others": several(optimizers.SGD(), wrong),
        "chosen": optimizers.MultiOptimizer(lambda variable: wrong),
    }[place]
    with pytest.raises(ConfigError, match="ScheduleFreeAdamW") as error:
        small_vae().compile(optimizer)
    assert "\n" not in str(error.value)


def test_other_optimizers_are_not_refused():
    for optimizer in (optimizers.AdamW(), several(optimizers.SGD(), optimizers.Lion())):
        refuse_wrong(optimizer)
