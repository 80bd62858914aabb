"""Whether PowerShell scripts can be parsed: each fault with its file, line and column."""

import pathlib
import sys

import tree_sitter
import tree_sitter_powershell

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def faults(node):
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from faults(child)


wrong = 0
for name in sys.argv[1:]:
    text = pathlib.Path(name).read_bytes()
    for node in faults(parser.parse(text).root_node):
        line, column = node.start_point
        what = f"missing {node.type}" if node.is_missing else f"not understood: {node.text[:60]!r}"
        print(f"{name}:{line + 1}:{column + 1}: {what}")
        wrong += 1
if wrong or len(sys.argv) < 2:
    sys.exit(1)
print(f"{len(sys.argv) - 1} scripts")
