"""The share that is done, of loops and of loops inside of them."""

from keras_vae.progress import showing, tracked


def shares_of(loops):
    shown = []
    with showing(shown.append):
        loops()
    return shown


def test_parts_come_in_their_order_and_each_is_a_share():
    seen = []
    assert shares_of(lambda: seen.extend(tracked("abcd"))) == [0, 0.25, 0.5, 0.75, 1]
    assert seen == list("abcd")


def test_a_loop_within_a_loop_is_a_share_of_its_part():
    def loops():
        for _ in tracked(range(2)):
            for _ in tracked(range(4)):
                pass

    inner = [0, 1 / 8, 2 / 8, 3 / 8, 4 / 8]
    assert shares_of(loops) == [0, *inner, 4 / 8, *[4 / 8 + share for share in inner], 1]


def test_of_two_loops_within_one_part_the_second_does_not_undo_the_first():
    def loops():
        for _ in tracked(range(2)):
            list(tracked("ab"))
            list(tracked("abcd"))

    assert shares_of(loops)[:9] == [0, 0, 0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert shares_of(loops) == sorted(shares_of(loops))


def test_loops_after_each_other_begin_at_0_again():
    assert shares_of(lambda: [*tracked("ab"), *tracked("a")]) == [0, 0.5, 1, 0, 1]


def test_a_loop_that_is_left_early_is_no_part_of_the_next():
    def loops():
        for _ in tracked(range(4)):
            break
        for _ in tracked(range(3)):
            for _ in tracked("abcd"):
                break
        next(tracked("abcd"))

    shown = shares_of(loops)
    assert shown == [0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1, 0]


def test_two_loops_side_by_side_end_without_harm():
    def loops():
        list(zip(tracked("ab"), tracked("cd"), strict=True))

    shown = shares_of(loops)
    assert shown[0] == 0
    assert all(0 <= share <= 1 for share in shown)
    assert shares_of(lambda: list(tracked("a"))) == [0, 1]


def test_nothing_is_told_of_an_empty_loop_or_outside():
    assert shares_of(lambda: list(tracked(()))) == []
    shown = shares_of(lambda: None)
    assert list(tracked("ab")) == ["a", "b"]
    assert shown == []
