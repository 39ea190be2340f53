"""Mutants are drawn from a tree of files, and put into another."""

import ast
import difflib
import random
import warnings

SOURCES = ("keras_vae", "cli")


class _Behaviour(ast.NodeTransformer):
    """Leaves out what cannot change what the code does."""

    def visit_arg(self, node):
        node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_If(self, node):
        return None if "TYPE_CHECKING" in ast.dump(node.test) else self.generic_visit(node)

    def visit_Expr(self, node):
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.generic_visit(node)


def behaviour(source):
    return ast.dump(_Behaviour().visit(ast.parse(source)))


def compiles(source):
    """Whether Python takes it without a warning, which in pytest is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(source, "mutant", "exec")
        except SyntaxError:
            return False
    return True


def function_at(source, line):
    """The innermost function or class around a line, as `Class.method`; "" at module level."""
    names, body = [], ast.parse(source).body
    scopes = (ast.FunctionDef, ast.ClassDef)
    while True:
        for node in (node for top in body for node in ast.walk(top) if isinstance(node, scopes)):
            first = min([node.lineno, *(deco.lineno for deco in node.decorator_list)])
            if first <= line <= node.end_lineno:
                names.append(node.name)
                body = node.body
                break
        else:
            return ".".join(names)


def places(root):
    """{(file, start, end): [(operator, occurrence)]} of all that cosmic-ray can change."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    operators = [(name, get_operator(name)) for name in operator_names()]
    operators = [(name, made()) for name, made in operators if not made.arguments()]
    found = {}
    for path in (path for folder in SOURCES for path in sorted((root / folder).rglob("*.py"))):
        if path.name == "aliases.py":
            continue
        nodes = list(ast_nodes(get_ast(path.read_text())))
        for name, operator in operators:
            at = (place for node in nodes for place in operator.mutation_positions(node))
            for occurrence, (start, end) in enumerate(at):
                key = (str(path.relative_to(root)), start, end)
                found.setdefault(key, []).append((name, occurrence))
    return found


def draw(root, count, seed):
    """The mutants; stops at `count`."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    rng = random.Random(seed)
    found = places(root)
    order = sorted(found)
    rng.shuffle(order)
    drawn = []
    for file, start, end in order:
        name, occurrence = rng.choice(found[file, start, end])
        source = (root / file).read_text()
        mutated = mutate_code(source, get_operator(name)(), occurrence)
        if not compiles(mutated):
            continue
        if behaviour(mutated) == behaviour(source):
            continue
        old, new = source.splitlines(), mutated.splitlines()
        changed = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        changed = [code for code in changed if code[0] != "equal"]
        a, b, c, d = changed[0][1], changed[-1][2], changed[0][3], changed[-1][4]
        drawn.append(
            {
                "id": f"{file}:{start[0]}:{start[1]} {name.removeprefix('core/')}#{occurrence}",
                "file": file,
                "line": a + 1,
                "function": function_at(source, a + 1),
                "old": old[a:b],
                "new": new[c:d],
            }
        )
        if len(drawn) == count:
            break
    print(f"{len(drawn)} mutants of {len(found)} places, seed {seed}")
    return drawn


def applied(root, mutant):
    """(path, mutated source), or None where its lines are no longer there."""
    here = root / mutant["file"]
    others = [path for folder in SOURCES for path in (root / folder).rglob("*.py") if path != here]
    for paths in ([here] if here.exists() else [], others):
        hits = []
        for path in paths:
            source = path.read_text()
            lines, size = source.splitlines(), len(mutant["old"])
            for a in range(len(lines)):
                if lines[a : a + size] == mutant["old"]:
                    hits.append((path, a, lines, source))
        hits = [hit for hit in hits if function_at(hit[3], hit[1] + 1) == mutant["function"]]
        exact = [hit for hit in hits if hit[0] == here and hit[1] + 1 == mutant["line"]]
        if len(hits) == 1 or exact:
            path, a, lines, _ = (exact or hits)[0]
            mutated = lines[:a] + mutant["new"] + lines[a + len(mutant["old"]) :]
            return path, "\n".join(mutated) + "\n"
    return None
