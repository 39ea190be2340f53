from keras_vae.figure_tables import FigureTable, with_error


def test_a_value_stands_beside_its_standard_error():
    figures = {"elbo": -147.6432, "elbo_standard_error": 2.1666}
    assert with_error(figures, "elbo") == "-147.64 ± 2.17"


def test_the_second_column_is_of_numbers():
    table = FigureTable("of x", (("elbo", "1.0", "bound"),))
    assert (table.columns[1], table.numbers) == ("value", (1,))
