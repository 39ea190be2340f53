"""Docstrings, which are plain text with Markdown's `code`, for Sphinx, which reads reStructuredText."""

import re

SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields):$")


def as_restructured_text(app, what, name, obj, options, lines):
    """Sphinx's event `autodoc-process-docstring`: changes `lines` in place."""
    lines[:] = _with_literal_blocks([_escaped(line) for line in lines], lines)


def _escaped(line):
    """What reStructuredText would take for markup outside of `code`."""
    parts = line.split("`")
    parts[::2] = [re.sub(r"([*|\\]|_\b)", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _with_literal_blocks(escaped, plain):
    """Indented formulas, and what stands between fences, as literal blocks."""
    found, fenced, in_section = [], False, False
    for index, (line, text) in enumerate(zip(escaped, plain, strict=True)):
        if text.strip().startswith("```"):
            found += [] if fenced else ["", "::", ""]
            fenced = not fenced
        elif fenced:
            found.append(f"    {text}")
        else:
            in_section = bool(SECTION.match(text)) or (in_section and text[:1] in ("", " "))
            after_blank = index and not plain[index - 1].strip()
            if text.startswith("    ") and after_blank and not in_section:
                found += ["::", ""]
            is_literal = text.startswith("    ") and not in_section
            found.append(text if is_literal else line)
    return found
