"""What happens at large scale: many files, huge files, many workers, a slow reader."""
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from .report import fold, machine, markdown_table, text_table
from .tools import JOBS, WORK, floor, floor_counts, peak_memory, run, say

LIMIT = 64                  # MiB, of all processes together
PACE = 250_000_000          # bytes that the slow reader takes in a second
PAUSE = 5                   # seconds for which it takes nothing
GIB = 1 << 30
SIZES = (10_000, 100_000, 1_000_000) # numbers of files, multiples of 100
PARTS = ("sparse", "reader", "files", "workers", "parent")
HEADS = ["what", "seconds", "per file", "its cpu", "floor", "peak MiB", ""]
# One to seven of them make a file; one file in a hundred also holds what is searched for.
TEXT = b"some text that is not looked for, to fill a line of a source file\n"


@contextmanager
def room():
    """A folder for what is made; it is removed with all that it holds."""
    folder = tempfile.mkdtemp(prefix="scale.", dir=WORK)
    try:
        yield folder
    finally:
        say("removing what was made")
        _remove(folder)


def _write_files(task):
    """(folder, first, last): files by their numbers, all in that folder."""
    folder, first, last = task
    os.makedirs(folder, exist_ok=True)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for i in range(first, last):
        fd = os.open(f"file{i:07}.c", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=at)
        os.write(fd, TEXT * (1 + i % 7) + (b"a needle here\n" if i % 100 == 0 else b""))
        os.close(fd)
    os.close(at)


def _make_trees(paths):
    """Files, 100 to a directory, so many of SIZES beneath each of the paths, which lie one
    within the other, the first one innermost.  Returns the directories."""
    tasks = []
    for i in range(0, SIZES[-1], 100):
        part = next(path for path, number in zip(paths, SIZES) if i < number)
        tasks.append((os.path.join(part, f"d{i // 10_000:02}", f"d{i // 100 % 100:02}"), i, i + 100))
    with ProcessPoolExecutor(JOBS) as pool:
        for _ in pool.map(_write_files, tasks, chunksize=100):
            pass
    _settle(paths[-1])
    return [folder for folder, _, _ in tasks]


def _gather(folders, flat):
    """Moves all files of the folders into one."""
    os.makedirs(flat)
    to = os.open(flat, os.O_RDONLY | os.O_DIRECTORY)
    for folder in folders:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        for name in os.listdir(at):
            os.rename(name, name, src_dir_fd=at, dst_dir_fd=to)
        os.close(at)
    os.close(to)
    _settle(flat)


def _settle(path):
    """Has all of its file system written out, so that no run is held up by that."""
    subprocess.run(["sync", "-f", path], check=True)


def _remove(path):
    subprocess.run(["rm", "-rf", path], check=True)


def _verdict(memory, right):
    if not right:
        return "WRONG OUTPUT"
    return "" if memory <= LIMIT else f"more than {LIMIT} MiB"


def _line(what, command, where, lines, files=0, runs=3):
    """A line of the table: the median of a few runs in a warm cache, and the memory of one
    more, which must find so many lines.  files: (path, number), where the time is told for
    each of so many beneath a path, and that of the floor program."""
    each = ["", "", ""]
    run(command, where)
    done = [run(command, where) for _ in range(runs)]
    wall = statistics.median(one.wall for one in done)
    if files:
        path, number = files
        each = [f"{1e6 * seconds / number:.2f} us" for seconds in (
            wall, statistics.median(one.used for one in done),
            statistics.median(sum(floor(path)) for _ in range(runs)))]
    memory, seen = peak_memory(command, where, "-s")
    return [what, f"{wall:.3f}", *each, f"{memory:.1f}",
            _verdict(memory, (seen.lines, seen.status) == (lines, 0))]


def _many_files(binary, jobs, folder):
    """Trees of several sizes, the smaller ones within the larger ones; then as many names in
    one directory, which stays there."""
    most = SIZES[-1]
    tree, flat = os.path.join(folder, "tree"), os.path.join(folder, "flat")
    paths = [os.path.join(tree, "smaller", "smallest"), os.path.join(tree, "smaller"), tree]
    search = [binary, "-j", jobs, "-n", "needle"]
    say(f"making {most:,} files")
    folders = _make_trees(paths)
    lines = []
    for path, number in zip(paths, SIZES):
        say(f"searching {number:,}")
        lines.append(_line(f"{number:,} files in a tree", [*search, path], folder, number // 100,
                           (path, number), 3 if number == most else 9))
    say("moving them into one directory")
    _gather(folders, flat)
    _remove(tree)
    lines.append(_line(f"{most:,} files in one directory", [*search, flat], folder, most // 100,
                       (flat, most)))
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
    line = _line("64 GiB sparse file, three matches", command, folder, 1)
    os.unlink(path)
    return [line if right else [*line[:-1], "WRONG OUTPUT"]]


def _digits(number):
    """How many digits the numbers from 1 to this one have together."""
    return sum(max(0, number - 10**n + 1) for n in range(len(str(number))))


def _slow_reader(binary, jobs, folder, size):
    """A file of matches, all of its blocks on the disk; its lines come to a reader that sleeps
    at first, and then takes less than there is."""
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
    _settle(path)
    count, lines = blocks * 1_000_000, []
    for options, more in (["-n"], _digits(count) + count), ([], 0):
        command = [binary, "-j", jobs, *options, "needle", path]
        say("searching it: " + " ".join(options + ["needle"]))
        memory, seen = peak_memory(command, folder, "-p", str(PACE), "-w", str(PAUSE))
        what = (f"{blocks * len(block) / 1e9:.1f} GB of matches{', -n' if options else ''}, to a "
                f"reader that sleeps for {PAUSE} s, then takes {PACE // 10**6} MB/s")
        lines.append([what, f"{seen.wall:.1f}", "", "", "", f"{memory:.1f}",
                      _verdict(memory, (seen.size, seen.status) == (blocks * len(block) + more, 0))])
    os.unlink(path)
    return lines


def _workers(binary, tree):
    """The literal row with other numbers of workers."""
    lines, first = [["workers", "seconds", "of one worker", "peak MiB", ""]], None
    for jobs in (*range(1, 9), 16, 64, 256):
        command = [binary, "-j", str(jobs), "-uuu", "-n", "PM_RESUME"]
        run(command, tree)
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


def _in_room(options, jobs):
    """The lines of the table that need room, each printed when it is had."""
    parts = {"sparse": lambda folder: _sparse(options.ours, jobs, folder),
             "reader": lambda folder: _slow_reader(options.ours, jobs, folder, options.matches),
             "files": lambda folder: _many_files(options.ours, jobs, folder)}
    lines = [HEADS]
    with room() as folder:
        for name, part in parts.items():
            if name in options.part:
                found = part(folder)
                lines += found
                print(text_table([HEADS, *found]), flush=True)
    return lines


def measure(options, corpus):
    """Prints the tables of the parts that are wanted, and returns them as Markdown."""
    jobs, texts = str(options.jobs), []
    texts.append(fold(f"Measured on {time.strftime('%-d %B %Y')} with {machine()}, {jobs} workers, "
                      "and a warm cache; times are medians (*its cpu*: of the processors' time for a "
                      "file). *floor*: the time of the walk alone "
                      f"and of {JOBS} processes that then only open, stat, read and close each "
                      f"file. The peak memory of all processes together (proportional set sizes) "
                      f"is to stay below {LIMIT} MiB."))
    if "workers" in options.part:
        say("numbers of workers")
        workers = _workers(options.ours, corpus.tree)
        print(text_table(workers), flush=True)
        texts.append(markdown_table(workers))
    if "parent" in options.part:
        texts.append(fold(_parent(options.ours, corpus.tree)))
        print(texts[-1], flush=True)
    # Last, for it takes a while to remove a million files: all is printed by then.
    if {"sparse", "reader", "files"} & set(options.part):
        texts.insert(1, markdown_table(_in_room(options, jobs)))
    return "\n".join(texts)
