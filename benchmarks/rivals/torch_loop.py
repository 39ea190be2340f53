"""PyTorch: a plain loop over batches of a tensor in memory, eager or compiled."""

import torch
from torch import nn
from torch.nn import functional


class TorchVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 4)
        )
        self.decoder = nn.Sequential(
            nn.Linear(2, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784)
        )

    def forward(self, x):
        z_mean, z_log_var = self.encoder(x).chunk(2, dim=1)
        z = z_mean + torch.exp(z_log_var / 2) * torch.randn_like(z_mean)
        entropy = functional.binary_cross_entropy_with_logits(
            self.decoder(z), x, reduction="none"
        ).sum(dim=1)
        rate = 0.5 * (torch.exp(z_log_var) + z_mean**2 - 1 - z_log_var).sum(dim=1)
        return (entropy + rate).mean()


def epochs(x, batch_size, compiled=False):
    x = torch.from_numpy(x)
    vae = TorchVAE()
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    loss_of = torch.compile(vae) if compiled else vae
    steps = len(x) // batch_size
    while True:
        order = torch.randperm(len(x))
        total = torch.zeros(())
        for step in range(steps):
            loss = loss_of(x[order[step * batch_size : (step + 1) * batch_size]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        yield float(total) / steps
