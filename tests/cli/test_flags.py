"""Flags are the fields of AnimateOptions, no more and no less."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from stillmotion.cli.animate import command
from stillmotion.cli.flags import read_wish, wish_flags
from stillmotion.errors import InputError
from stillmotion.options import AnimateOptions


@click.command()
@wish_flags()
def wish(**flags: object) -> AnimateOptions:
    return read_wish(flags)


def asked(*args: str) -> AnimateOptions:
    found: AnimateOptions = wish.main(list(args), standalone_mode=False)
    return found


def test_every_field_is_a_flag_with_its_description() -> None:
    flags = {param.name: param for param in command.params if isinstance(param, click.Option)}
    for name, field in AnimateOptions.model_fields.items():
        assert f"--{name.replace('_', '-')}" in flags[name].opts
        assert field.description is not None
        assert field.description in str(flags[name].help)


def test_flags_that_are_not_given_leave_the_defaults() -> None:
    assert asked() == AnimateOptions()


def test_given_flags_arrive_as_what_the_fields_are() -> None:
    found = asked(
        "-p", "pan left", "--seconds", "2.5", "--size", "1280X720", "--loop", "seamless", "--seed", "7",
        "--depth", "d.png", "--quality", "best",
    )  # fmt: skip
    assert found == AnimateOptions(
        prompt="pan left", seconds=2.5, size=(1280, 720), loop="seamless", seed=7, depth=Path("d.png"), quality="best"
    )


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--seconds", "0", "greater than 0"),
        ("--seconds", "long", "valid number"),
        ("--fps", "500", "less than or equal to 120"),
        ("--size", "big", "write WIDTHxHEIGHT"),
        ("--size", "161x90", "width 161 is not an even number"),
        ("--strength", "4", "less than or equal to 3"),
        ("--loop", "forever", "'forever' is not one of"),
        ("--seed", "-1", "greater than or equal to 0"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_the_field_itself(flag: str, value: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        asked(flag, value)
    assert said in caught.value.message


def test_what_the_command_settles_is_checked_like_what_the_user_says() -> None:
    with pytest.raises(InputError, match="quality"):
        read_wish({}, quality="excellent")


def test_bounds_are_told_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    wish.main(["--help"], standalone_mode=False)
    told = " ".join(capsys.readouterr().out.split())
    assert "[from 1 to 120]" in told
    assert "[above 0 to 600]" in told
