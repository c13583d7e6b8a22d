"""Write the reference pages from the code: flags from click, the plan from pydantic, moves and words from their tables.

python docs/generate.py            writes docs/reference/
python docs/generate.py --check    says which pages are stale and exits with 1
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stillmotion import errors, plan
from stillmotion.cli.main import COMMANDS, READER_GONE, group
from stillmotion.cli.moves import said_amount
from stillmotion.stages.motion.grammar.camera_words import GESTURES
from stillmotion.stages.motion.moves import MOVES
from stillmotion.vocabulary import LABELS

REFERENCE = Path(__file__).parent / "reference"
_NOTE = "<!-- written by docs/generate.py; do not edit -->\n\n"


def pages() -> dict[str, str]:
    """File name -> contents of every generated page."""
    return {
        "cli.md": _NOTE + "\n".join(_cli()) + "\n",
        "plan.md": _NOTE + "\n".join(_plan()) + "\n",
        "moves.md": _NOTE + "\n".join(_moves()) + "\n",
        "plan.schema.json": json.dumps(plan.MotionPlan.model_json_schema(), indent=2) + "\n",
    }


def stale() -> list[str]:
    """Names of the pages in the folder that are not what the code says."""
    found = {name: REFERENCE / name for name in pages()}
    return [name for name, path in found.items() if not path.exists() or path.read_text("utf-8") != pages()[name]]


def main() -> None:
    """Write or check the pages."""
    if "--check" in sys.argv[1:]:
        names = stale()
        print("\n".join(f"docs/reference/{name} is stale; run `make docs`" for name in names) or "all pages are fresh")
        sys.exit(bool(names))
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, "utf-8")
        print(REFERENCE / name)


# ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────────


def _cli() -> Iterator[str]:
    yield "# The command line\n"
    yield from _table(("Command", "What it does"), ((f"[`{name}`](#{name})", line) for name, line in COMMANDS.items()))
    yield "\nResults go to stdout; progress, notes and errors to stderr.\n"
    yield from _table(("Exit code", "Meaning"), _exit_codes())
    for name in COMMANDS:
        context = click.Context(group, info_name="stillmotion", **group.context_settings)
        command = group.get_command(context, name)
        assert command is not None
        yield f"\n## {name}\n"
        yield from _command(command, click.Context(command, info_name=name, parent=context))


def _exit_codes() -> Iterator[tuple[str, str]]:
    yield "0", "done"
    yield "1", "a bug in stillmotion"
    for kind in (errors.InputError, errors.WeightsMissing, errors.DoesNotFit, errors.NotAsPlanned, errors.Cancelled):
        said = (inspect.getdoc(kind) or "").rstrip(".")
        yield str(kind.exit_code), f"{said[0].lower()}{said[1:]} (`{kind.__name__}`)"
    yield str(READER_GONE), "the reader of the output has gone"


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    pieces = command.collect_usage_pieces(context)
    yield f"`{context.command_path} {' '.join(pieces)}`\n"
    for block in (command.help or "").split("\n\n"):
        if block.startswith("\b"):
            yield "```sh\n" + block.removeprefix("\b\n") + "\n```\n"
        else:
            yield block.replace("\n", " ") + "\n"
    rows = []
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None:
            rows.append((f"`{record[0]}`", record[1]))
    yield from _table(("Option", "Meaning"), rows)


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plan() -> Iterator[str]:
    yield "# The motion plan\n"
    yield f"{_first_paragraphs(plan)}\n\nThe same as a JSON Schema: [plan.schema.json](plan.schema.json).\n"
    records = [kind for kind in vars(plan).values() if _is_record(kind)]
    for record in [plan.MotionPlan, *(kind for kind in records if kind is not plan.MotionPlan)]:
        yield f"## {record.__name__}\n\n{inspect.getdoc(record)}\n"
        rows = [
            (f"`{name}`", _type(field), _default(field), _meaning(field)) for name, field in record.model_fields.items()
        ]
        yield from _table(("Field", "Value", "Default", "Meaning"), rows)
        yield ""


def _is_record(kind: object) -> bool:
    return (
        isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == plan.__name__
        and not kind.__name__.startswith("_")
    )  # fmt: skip


def _first_paragraphs(module: types.ModuleType) -> str:
    text = inspect.getdoc(module) or ""
    return text.split("\n\n    ")[0]


def _type(field: FieldInfo) -> str:
    said = _name(field.annotation)
    bounds = [
        f"{sign} {getattr(rule, attribute):g}"
        for rule in field.metadata
        for attribute, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"), ("multiple_of", "multiple of"))
        if getattr(rule, attribute, None) is not None
    ]
    return ", ".join([said, *bounds])


def _name(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _name(args[0])
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in args)
    if origin in (Union, types.UnionType):
        return " or ".join(_name(each) for each in args)
    if origin is tuple:
        return f"list of {_name(args[0])}" if args[-1] is Ellipsis else f"[{', '.join(_name(each) for each in args)}]"
    if kind is types.NoneType:
        return "null"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return {float: "number", int: "integer", str: "text", bool: "true or false"}.get(kind, str(kind))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value):
        return "one with its defaults"
    return f"`{json.dumps(value)}`"


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


# ── the words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _moves() -> Iterator[str]:
    yield "# Camera moves and words\n"
    yield "What a prompt may name. Amounts are those of a move without an adverb or a number.\n\n## Moves\n"
    rows = [(f"`{spec.name}`", spec.family, said_amount(spec), spec.description) for spec in MOVES.values()]
    yield from _table(("Move", "Family", "By itself", "What it does"), rows)
    yield "\n## Phrases\n\nVerbs may be inflected: pan, pans, panned, panning.\n"
    yield from _table(("Phrases", "Without a direction", "With one"), _phrases())
    yield "\n## Things\n\nThe parts of a photo that can be told to move, and what else they are called.\n"
    yield from _table(("Thing", "Also"), ((f"`{label}`", ", ".join(sorted(words))) for label, words in LABELS.items()))


def _phrases() -> Iterator[tuple[str, str, str]]:
    for gesture in GESTURES.values():
        phrases = re.sub(r"~", "", gesture.phrases)
        ways = ", ".join(f"{way}: {_coded(moves)}" for way, moves in gesture.ways.items())
        yield phrases, _coded(gesture.alone), ways


def _coded(moves: str) -> str:
    return " ".join(f"`{move}`" for move in moves.split())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row(("---",) * len(head))
    for row in rows:
        yield _row(row)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


if __name__ == "__main__":
    main()
