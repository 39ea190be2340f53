class Companions:
    pass
