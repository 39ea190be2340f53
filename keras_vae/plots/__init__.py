"""Arrays in, pictures out.

Every plot takes plain arrays and returns a `matplotlib.figure.Figure`. Nothing here knows a
model: the `*_nodes` functions say which latents to decode, the caller decodes them, and the
function of the same name draws what came back. No backend is chosen and no global state is
touched; `save` writes a figure as PNG. Latents are counted from 1 in pictures (`z_1` is column 0).
"""

from keras_vae.plots.bars import bars
from keras_vae.plots.bound_by_configuration import bound_by_configuration
from keras_vae.plots.bound_by_samples import bound_by_samples
from keras_vae.plots.code_panels import code_panels
from keras_vae.plots.curves import curves
from keras_vae.plots.decoded import decoded
from keras_vae.plots.evidence_by_epoch import evidence_by_epoch
from keras_vae.plots.exact_posterior import exact_posterior
from keras_vae.plots.example import draw_example, is_image
from keras_vae.plots.grid import draw_grid, mosaic
from keras_vae.plots.history import history
from keras_vae.plots.interpolation import interpolation, interpolation_nodes
from keras_vae.plots.latent_map import latent_map
from keras_vae.plots.latent_rates import latent_rates
from keras_vae.plots.manifold import manifold, manifold_nodes
from keras_vae.plots.plane import plane, plane_nodes
from keras_vae.plots.rate_distortion import rate_distortion
from keras_vae.plots.reconstructions import reconstructions
from keras_vae.plots.rows import rows, short
from keras_vae.plots.rows_manifold import rows_manifold
from keras_vae.plots.samples import samples
from keras_vae.plots.style import new_figure, save
from keras_vae.plots.traversals import traversal_nodes, traversals

__all__ = [
    "bars",
    "bound_by_configuration",
    "bound_by_samples",
    "code_panels",
    "curves",
    "decoded",
    "draw_example",
    "draw_grid",
    "evidence_by_epoch",
    "exact_posterior",
    "history",
    "interpolation",
    "interpolation_nodes",
    "is_image",
    "latent_map",
    "latent_rates",
    "manifold",
    "manifold_nodes",
    "mosaic",
    "new_figure",
    "plane",
    "plane_nodes",
    "rate_distortion",
    "reconstructions",
    "rows",
    "rows_manifold",
    "samples",
    "save",
    "short",
    "traversal_nodes",
    "traversals",
]
