"""The generated pages are those of the code; the commands' one-liners are those of the commands."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

from stillmotion.cli.main import COMMANDS, group

_GENERATE = Path(__file__).parent.parent / "docs" / "generate.py"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", _GENERATE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_fresh(generate: ModuleType) -> None:
    assert generate.stale() == [], "run `make docs`"


def test_every_flag_of_every_command_is_documented(generate: ModuleType) -> None:
    page = generate.pages()["cli.md"]
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        for param in command.params:
            if isinstance(param, click.Option):
                assert param.opts[-1] in page


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_of_commands_begins_the_help_of_the_command(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert (command.help or "").startswith(COMMANDS[name])
