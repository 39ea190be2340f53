"""keras_vae: variational autoencoders that tell the truth about themselves.

```
x --encoder--> (z_mean, z_log_var) --posterior--> q(z|x) --Sampling--> z --decoder--> p(x|z)
               rate = KL(q(z|x) || p(z))                       distortion = -log p(x|z)

elbo = -(rate + distortion)               nats per example, maximised
loss = mean(distortion + beta * rate)     minimised
```

Each part is loaded when it is first asked for: TensorFlow takes seconds, and a wrong path or a look
into a run's folder needs none of it.
"""

from keras_vae.lazy_names import lazy_names
from keras_vae.with_keras import load_with_keras

__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)

load_with_keras()
