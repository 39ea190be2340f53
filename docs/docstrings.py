"""Docstrings, plain text with Markdown's `code`, for Sphinx, which reads reStructuredText."""

import re

# What napoleon makes lists of, and what conf.py adds
SECTIONS = re.compile(r"(Args|Attributes|Call arguments|Raises|Returns|Yields):$")


def as_restructured_text(app, what, name, obj, options, lines):
    """Sphinx's event `autodoc-process-docstring`: changes `lines` in place."""
    lines[:] = _with_literal_blocks(lines, _escaped("\n".join(lines)).split("\n"))
    if what in ("attribute", "property"):
        lines.insert(0, "")  # else napoleon takes what stands before a colon for a type


def _escaped(text):
    """Without what reStructuredText takes for markup outside of `code` and of fences."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"([*|\\]|_\b)", r"\\\1", parts[index])
        if index and re.match(r"\w", parts[index]):  # `name`s
            parts[index] = rf"\ {parts[index]}"
    return "`".join(parts)


def _with_literal_blocks(lines, escaped):
    """Indented formulas, and what stands between fences, as literal blocks."""
    found, is_fenced, in_section, is_literal = [], False, False, False
    for before, line, safe in zip(["", *lines], lines, escaped, strict=False):
        if line.strip().startswith("```"):
            is_fenced = not is_fenced
            found += ["", "::", ""] if is_fenced else [""]
        elif is_fenced:
            found.append(f"    {line}")
        else:
            in_section = bool(SECTIONS.match(line)) or (in_section and line[:1] in ("", " "))
            is_indented = line.startswith("    ") and not in_section
            if is_indented and not is_literal and not before.strip():
                found += ["::", ""]
            is_literal = is_indented or (is_literal and not line.strip())
            found.append(line if is_literal else safe)
    return found
