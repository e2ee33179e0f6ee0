import errno
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.photos import FolderStore, StoreFull, open_store

NAME = "2026/11/" + 64 * "a" + ".jpg"


@contextmanager
def a_disk_that_takes_no_file_above(size: int) -> Iterator[None]:
    """The system itself refuses to write on; root is refused too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "photos" / "of northampton")

    store.put(NAME, b"pixels")

    assert store.get(NAME) == b"pixels"
    assert list(store.names()) == [NAME]


def test_a_name_that_is_taken_keeps_what_it_has(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(NAME, b"pixels")

    store.put(NAME, b"pixels")
    store.put(NAME, b"others")

    assert store.get(NAME) == b"pixels"
    assert [path.name for path in (tmp_path / "2026/11").iterdir()] == [Path(NAME).name]


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderStore(tmp_path / "nowhere").get(NAME)

    assert list(FolderStore(tmp_path / "nowhere").names()) == []


def test_deleting_is_for_good_and_may_be_repeated(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(NAME, b"pixels")

    store.delete(NAME)
    store.delete(NAME)

    assert list(store.names()) == []
    with pytest.raises(FileNotFoundError):
        store.get(NAME)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "2026/../../x",
        "/etc/x",
        "",
        ".",
        "a//b",
        "a/",
        ".hidden",
        "2026/.x",
        "a\\b",
        "a\0b",
        "a\n",
        "é",
        "a" * 201,
    ],
)
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path / "photos")

    with pytest.raises(ValueError, match="not a name"):
        store.put(name, b"x")
    with pytest.raises(ValueError, match="not a name"):
        store.get(name)
    with pytest.raises(ValueError, match="not a name"):
        store.delete(name)

    assert list(tmp_path.rglob("*")) == []


def test_only_the_owner_can_read_a_photo(tmp_path: Path) -> None:
    FolderStore(tmp_path / "photos").put(NAME, b"pixels")

    assert stat.S_IMODE((tmp_path / "photos" / NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "photos" / NAME).parent.stat().st_mode) & 0o077 == 0


def test_many_writers_of_one_name_leave_one_whole_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    data = bytes(range(256)) * 2000

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.put(NAME, data), range(40)))

    assert store.get(NAME) == data
    assert len(list((tmp_path / "2026/11").iterdir())) == 1


def test_a_full_disk_says_so_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)

    with a_disk_that_takes_no_file_above(2**20), pytest.raises(StoreFull):
        store.put(NAME, bytes(2**21))

    assert list((tmp_path / "2026/11").iterdir()) == []
    store.put(NAME, bytes(2**21))
    assert len(store.get(NAME)) == 2**21


ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from storage.photos import FolderStore, StoreFull
disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=True)
store = FolderStore(disk / "photos")
store.put("2026/11/small.jpg", b"pixels")
try:
    store.put("2026/11/large.jpg", bytes(2**20))
except StoreFull as error:
    print(error.errno)
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
for work in (lambda: store.put("2026/11/other.jpg", b"pixels"), lambda: store.delete("2026/11/small.jpg")):
    try:
        work()
    except OSError as error:
        print(error.errno, isinstance(error, StoreFull))
print(*store.names(), store.get("2026/11/small.jpg"))
"""


def test_a_full_disk_and_a_read_only_one_can_be_told_apart(tmp_path: Path) -> None:
    """A real file system of 256 kB, in a mount namespace of its own."""
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        subprocess.run([*alone, "mount", "-t", "tmpfs", "none", tmp_path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine allows no mount namespaces")

    told = subprocess.run(
        [*alone, sys.executable, "-c", ON_A_SMALL_DISK, tmp_path],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    read_only = f"{errno.EROFS} False"
    assert told.splitlines() == [
        str(errno.ENOSPC),
        read_only,
        read_only,
        "2026/11/small.jpg b'pixels'",
    ]


def test_a_file_where_the_folder_should_be_is_the_stores_fault(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("in the way")

    with pytest.raises(OSError, match="photos") as error:
        FolderStore(tmp_path / "photos").put(NAME, b"pixels")

    assert not isinstance(error.value, StoreFull)


def test_what_a_dead_process_left_half_written_is_no_photo_and_goes_when_it_is_old(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(NAME, b"pixels")
    left = tmp_path / "2026/11/.0123456789abcdef.part"
    left.write_bytes(b"pix")
    assert list(store.names()) == [NAME]

    assert store.delete_unfinished(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert store.delete_unfinished(datetime(2120, 1, 1, tzinfo=UTC)) == 1

    assert not left.exists()
    assert list(store.names()) == [NAME]


def test_a_store_is_opened_by_path_or_file_url(tmp_path: Path) -> None:
    FolderStore(tmp_path / "our photos").put(NAME, b"pixels")

    for place in (
        tmp_path / "our photos",
        f"{tmp_path}/our photos",
        f"file://{tmp_path}/our%20photos",
        f"file://localhost{tmp_path}/our%20photos",
    ):
        assert open_store(place).get(NAME) == b"pixels"


@pytest.mark.parametrize(
    "place", ["s3://photos/northampton", "s3://key:secret@photos", "file://host/x", "gs://x", "file:x", ""]
)
def test_another_kind_of_store_is_refused_with_what_to_do(place: str) -> None:
    with pytest.raises(ValueError, match="only folders can be used") as error:
        open_store(place)

    assert "NTARS_PHOTO_URL" in str(error.value)
    assert "secret" not in str(error.value)
