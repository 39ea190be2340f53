"""One VAE, trained by each rival for `benchmarks/throughput.py`.

The work is the same for all: 784-512-256-(2 x 2) ReLU encoder, mirrored decoder, Bernoulli on gray
levels, loss = mean(distortion + rate), Adam at 1e-3, every epoch in a new order, short batches left
out. Each module has `epochs(x, batch_size)`: a generator that trains one epoch and yields its mean
loss, for ever. x is float32 (N, 784) in [0, 1].
"""
