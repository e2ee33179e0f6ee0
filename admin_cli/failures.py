"""What a command says when it cannot do what was asked: one sentence, and the mend as a line to paste."""

import shlex

import click

EXAMPLE = 'ntars business add "Abbey Books" --address "12 Abington Street" --postcode "NN1 2AJ" --kind levy'


class Failure(click.ClickException):
    """The command was understood and could not be done; exit code 1."""

    exit_code = 1

    def __init__(self, sentence: str, mend: str = "") -> None:
        super().__init__(f"{sentence} {mend}".strip())
        self.parts = (sentence, mend)


class Misuse(click.UsageError):
    """What was typed cannot be meant; exit code 2."""


def said(error: click.ClickException) -> str:
    """What is printed of an error of click's, which leads to the help of the command that was misused."""
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None and "ntars " not in message:
        return f"{message} Help: {error.ctx.command_path} --help"
    return message


def pasted(name: str) -> str:
    """A name as a shell takes it."""
    return shlex.quote(name) if any(letter in name for letter in '"$`\\!') else f'"{name}"'
