from keras_vae.figure_tables import FigureTable, markdown_tables

ROWS = (("a|b", "1\n2"), (), ("<c>", "3"))
TABLE = FigureTable("nats", ROWS, ("name", "elbo"), notes=("below",))
LINES = [
    "**nats**", "", "| name | elbo |", "| --- | ---: |", "| a\\|b | 1<br>2 |", "| <c> | 3 |", "",
    "below",
]  # fmt: skip


def test_bars_and_lines_stay_inside_their_cells():
    assert markdown_tables([TABLE, TABLE]).splitlines() == [*LINES, "", *LINES]
