"""What happens at large scale: many files, huge files, many workers, a slow reader."""
import os
import shutil
import statistics
import subprocess
import time
from contextlib import contextmanager

from .report import fold, machine, markdown_table, text_table
from .tools import JOBS, WORK, floor_counts, peak_memory, run, say

LIMIT = 64                  # MiB, of all processes together
PACE = 250_000_000          # bytes that the slow reader takes in a second
GIB = 1 << 30
HEADS = ["what", "seconds", "per file", "peak MiB", ""]
# One to seven of them make a file; one file in a hundred also holds what is searched for.
TEXT = b"some text that is not looked for, to fill a line of a source file\n"


@contextmanager
def room():
    """A folder for what is made; it is removed with all that it holds."""
    folder = os.path.join(WORK, "scale")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        yield folder
    finally:
        say("removing what was made")
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(folder, first, last):
    """Files by their numbers, all in one folder."""
    os.makedirs(folder, exist_ok=True)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for i in range(first, last):
        fd = os.open(f"file{i:07}.c", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=at)
        os.write(fd, TEXT * (1 + i % 7) + (b"a needle here\n" if i % 100 == 0 else b""))
        os.close(fd)
    os.close(at)


def _verdict(memory, right):
    if not right:
        return "WRONG OUTPUT"
    return "" if memory <= LIMIT else f"more than {LIMIT} MiB"


def _line(what, binary, arguments, where, lines, files=0, runs=3, status=0):
    """A line of the table: the median of a few runs, and the memory of one more."""
    command = [binary, *arguments]
    walls = [run(command, where).wall for _ in range(runs)]
    memory, seen = peak_memory(command, where, "-s")
    wall = statistics.median(walls)
    return [what, f"{wall:.3f}", f"{1e6 * wall / files:.2f} us" if files else "",
            f"{memory:.1f}", _verdict(memory, (seen.lines, seen.status) == (lines, status))]


def _many_files(binary, jobs, folder):
    """10^4, 10^5 and 10^6 files, the smaller trees within the larger ones, 100 files to a
    directory; then as many names in one directory."""
    tree = os.path.join(folder, "million")
    few = os.path.join(tree, "hundred-thousand", "ten-thousand")
    say("making 1,000,000 files")
    for i in range(0, 1_000_000, 100):
        part = few if i < 10_000 else os.path.dirname(few) if i < 100_000 else tree
        _write_files(os.path.join(part, f"d{i // 10_000:02}", f"d{i // 100 % 100:02}"), i, i + 100)
    lines = []
    for path, number in ((few, 10_000), (os.path.dirname(few), 100_000), (tree, 1_000_000)):
        lines.append(_line(f"{number:,} files in a tree", binary,
                           ["-j", jobs, "-n", "needle", path], folder, number // 100, number))
    shutil.rmtree(tree)
    say("making 1,000,000 files in one directory")
    flat = os.path.join(folder, "flat")
    _write_files(flat, 0, 1_000_000)
    lines.append(_line("1,000,000 files in one directory", binary,
                       ["-j", jobs, "-n", "needle", flat], folder, 10_000, 1_000_000))
    shutil.rmtree(flat)
    return lines


def _sparse(binary, jobs, folder):
    path = os.path.join(folder, "sparse")
    with open(path, "wb") as f:
        f.truncate(64 * GIB)
        for offset in (0, 32 * GIB, 64 * GIB - 7):
            f.seek(offset)
            f.write(b"needle\n")
    # Its holes make one line of the file binary: it is counted, not shown.
    command = [binary, "-j", jobs, "-c", "needle", path]
    right = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout == b"3\n"
    line = _line("64 GiB sparse file, three matches", binary, command[1:], folder, 1)
    os.unlink(path)
    return [line if right else [*line[:-1], "WRONG OUTPUT"]]


def _slow_reader(binary, jobs, folder, size):
    """A file of matches, all of its blocks on the disk."""
    left = shutil.disk_usage(folder).free - 2 * GIB
    if left < size:
        say(f"only {left / 1e9:.1f} GB are free: the file of matches is that large")
        size = left
    path = os.path.join(folder, "matches")
    block = b"".join(b"a needle in line %d of this block\n" % i for i in range(1_000_000))
    blocks = size // len(block)
    say(f"making a file of {blocks * len(block) / 1e9:.1f} GB")
    with open(path, "wb") as f:
        for _ in range(blocks):
            f.write(block)
    lines = []
    for options in (["-n"], []):
        command = [binary, "-j", jobs, *options, "needle", path]
        memory, seen = peak_memory(command, folder, "-s", "-p", str(PACE))
        what = (f"{blocks * len(block) / 1e9:.1f} GB of matches{', -n' if options else ''}, to a "
                f"reader of {PACE // 10**6} MB/s")
        lines.append([what, f"{seen.wall:.1f}", "", f"{memory:.1f}",
                      _verdict(memory, seen.lines == blocks * 1_000_000)])
    os.unlink(path)
    return lines


def _workers(binary, tree):
    """The literal row with other numbers of workers."""
    lines, first = [["workers", "seconds", "of one worker", "peak MiB", ""]], None
    for jobs in (*range(1, 9), 16, 64, 256):
        command = [binary, "-j", str(jobs), "-uuu", "-n", "PM_RESUME"]
        wall = statistics.median(run(command, tree).wall for _ in range(5))
        memory, seen = peak_memory(command, tree, "-s")
        first = first or (wall, seen)
        right = (seen.sum, seen.size) == (first[1].sum, first[1].size)
        lines.append([str(jobs), f"{wall:.3f}", f"x{wall / first[0]:.2f}", f"{memory:.1f}",
                      _verdict(memory, right)])
    return lines


def _parent(binary, tree):
    """Where the parent, which walks alone, becomes the limit."""
    _, _, files, directories, _ = floor_counts(tree)
    entries = files + directories
    command = [binary, "-j", str(JOBS), "-uuu", "-n", "PM_RESUME"]
    runs = [run(command, tree) for _ in range(5)]
    own = statistics.median(r.own for r in runs)
    workers = statistics.median(r.used - r.own for r in runs)
    return (f"A search for a literal takes {1e6 * own / entries:.2f} us of the parent's processor "
            f"time for each of the tree's {entries:,} entries, and "
            f"{1e6 * workers / entries:.2f} us of its workers'. The parent alone can therefore "
            f"walk, deal and print {entries / own:,.0f} entries in a second, which is what "
            f"{workers / own:.1f} workers search: with more than {1 + workers / own:.0f} cores it "
            "is the limit.\n")


def measure(options, corpus):
    """Prints the tables, and returns them as Markdown."""
    binary, jobs = options.ours, str(options.jobs)
    lines = [HEADS]
    with room() as folder:
        for part in (lambda: _sparse(binary, jobs, folder),
                     lambda: _slow_reader(binary, jobs, folder, options.matches),
                     lambda: _many_files(binary, jobs, folder)):
            found = part()
            lines += found
            print(text_table([HEADS, *found]), flush=True)
    say("numbers of workers")
    workers = _workers(binary, corpus.tree)
    print(text_table(workers))
    parent = fold(_parent(binary, corpus.tree))
    print(parent)
    how = fold(f"Measured on {time.strftime('%-d %B %Y')} with {machine()}, {jobs} workers. The "
               f"peak memory of all processes together is to stay below {LIMIT} MiB.")
    return "\n".join([how, markdown_table(lines), markdown_table(workers), parent])
