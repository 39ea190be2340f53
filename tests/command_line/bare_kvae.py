"""`kvae` for tests of processes: it trains and exports, and leaves out what takes longer.

`fit` neither diagnoses nor draws, nothing is compiled by XLA, and an export is asked in the process
that wrote it: what `bare_fit`, `no_xla` and `checked_here` do in the process of the tests.
"""

from keras_vae_cli.main import kvae

from keras_vae.export import check, export, served
from keras_vae.loop import trainer
from keras_vae.runs import pipeline

trainer.xla_helps = lambda model: False
pipeline.warn_of_plan = lambda *arguments: set()
pipeline.draw = lambda *arguments, **options: []
pipeline._diagnose = lambda *arguments: None
for module in (check, export):
    module.ask_served = served.check

kvae(prog_name="kvae")
