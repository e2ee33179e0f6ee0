"""Puts what settings, scheme, database and disk have against a command into a sentence and its mend."""

from pathlib import Path

from admin_cli.failures import Failure
from bot.settings_checks import SettingsMistake
from conversations.scheme import SchemeMistakes
from storage.database import DatabaseTrouble, UnusableUrl
from storage.migrate import NewerDatabase


def explained(error: BaseException) -> Failure | None:
    """The sentence for an error that is nobody's bug; None for any other."""
    match error:
        case SettingsMistake() | UnusableUrl() | NewerDatabase():
            return Failure(str(error))
        case SchemeMistakes():
            return scheme_refused(error)
        case DatabaseTrouble():
            return database_refused(error, None)
        case PermissionError() | FileNotFoundError() | FileExistsError() | NotADirectoryError():
            return _file_refused(error)
        case OSError() if error.filename:
            return _file_refused(error)
    return None


def database_refused(trouble: DatabaseTrouble, path: Path | None) -> Failure:
    """What is the matter with the database, and that nothing was changed."""
    named = f"the database {path}" if path else "the database"
    folder = path.parent if path else "."
    match trouble.kind:
        case "locked":
            return Failure(
                f"Another process is writing to {named} and did not finish in time; nothing was changed.",
                "Run the command again.",
            )
        case "full":
            return Failure(
                f"The disk of {named} is full; nothing was changed.", f"See what fills it: df -h {folder}"
            )
        case "readonly":
            return Failure(
                f"You may not write to {named}; nothing was changed.", f"Whose is it: ls -la {folder}"
            )
        case "broken":
            return Failure(
                f"{named[0].upper()}{named[1:]} cannot be opened, or is broken; nothing was changed.",
                f"Put your last backup in its place; look at it: ls -la {path or folder}",
            )


def scheme_refused(mistakes: SchemeMistakes) -> Failure:
    """How many mistakes the scheme file has, the first of them, and how to see all."""
    first, *others = mistakes.mistakes
    more = f" (and {len(others)} more)" if others else ""
    return Failure(f"The scheme file cannot be used: {first}{more}", "All mistakes: ntars scheme check")


def _file_refused(error: OSError) -> Failure:
    why = (error.strerror or "it cannot be used").lower()
    return Failure(f"{error.filename} cannot be used: {why}.", f"Whose is it: ls -la {error.filename}")
