"""PyTorch: a plain loop over a convolutional VAE, all of it in the layout `channels_last`."""

import torch
from torch import nn
from torch.nn import functional


class ConvTorchVAE(nn.Module):
    """The network of `kvae fit --network conv`, for heights and widths that 4 divides."""

    def __init__(self, shape):
        super().__init__()
        height, width, channels = shape
        self.map = (height // 4, width // 4, 64)
        units = self.map[0] * self.map[1] * 64
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(),
            nn.Flatten(), nn.Linear(units, 256), nn.ReLU(), nn.Linear(256, 4),
        )  # fmt: skip
        self.dense = nn.Sequential(nn.Linear(2, 256), nn.ReLU(), nn.Linear(256, units), nn.ReLU())
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 64, 3, 2, 1, 1), nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 3, 2, 1, 1), nn.ReLU(),
            nn.Conv2d(32, channels, 3, 1, 1, bias=False),
        )  # fmt: skip
        self.bias = nn.Parameter(torch.zeros(channels, height, width))

    def forward(self, x):
        z_mean, z_log_var = self.encoder(x).chunk(2, dim=1)
        z = z_mean + torch.exp(z_log_var / 2) * torch.randn_like(z_mean)
        h = self.dense(z).view(-1, *self.map).permute(0, 3, 1, 2)
        entropy = functional.binary_cross_entropy_with_logits(
            self.decoder(h) + self.bias, x, reduction="none"
        ).sum(dim=(1, 2, 3))
        rate = 0.5 * (torch.exp(z_log_var) + z_mean**2 - 1 - z_log_var).sum(dim=1)
        return (entropy + rate).mean()


def epochs(x, batch_size):
    vae = ConvTorchVAE(x.shape[1:]).to(memory_format=torch.channels_last)
    x = torch.from_numpy(x).permute(0, 3, 1, 2)  # a view: channels are last in memory
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    steps = len(x) // batch_size
    while True:
        order = torch.randperm(len(x))
        total = torch.zeros(())
        for step in range(steps):
            rows = order[step * batch_size : (step + 1) * batch_size]
            batch = x[rows].contiguous(memory_format=torch.channels_last)
            loss = vae(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        yield float(total) / steps
