"""The table of results as text for a terminal and as Markdown, and the README's part."""
import os
import platform
import textwrap
import time

from .peers import NAMES
from .tools import JOBS, TOP, give_up

CHART = "scripts/speed.svg"


def machine():
    """The shape of this machine, in a line."""
    model, family, flags = "unknown processor", "", ""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() == "cpu family":
                family = f" family {value.strip()}"
            elif key.strip() == "flags":
                flags = value
    wide = next((name for flag, name in (("avx512bw", "AVX-512"), ("avx2", "AVX2"))
                 if flag in flags.split()), "no AVX2")
    with open("/proc/meminfo", encoding="utf-8") as f:
        memory = int(f.readline().split()[1]) / 2**20
    return (f"{JOBS} cores of {model}{family} ({wide}), {memory:.0f} GiB, "
            f"Linux {platform.release().split('-')[0]}")


def _milliseconds(seconds):
    return f"{1000 * seconds:.{1 if seconds < 0.02 else 0}f}"


def _cell(entry):
    if entry is None:
        return ""
    if entry.note and not entry.wall:
        return entry.note
    text = f"{_milliseconds(entry.wall)} x{entry.ratio:.2f}"
    return f"({text}) {entry.note}" if entry.note else text


def _goal(result):
    row, against = result.row, result.judge()
    goal = f"{row.goal:.2f} of {row.against}" if row.against else f"{row.goal:.1f}"
    if against is None:
        return "", "", goal, "nothing to compare with"
    entry = result.entries[against]
    return (f"x{entry.ratio:.2f} {against}", f"x{entry.used:.2f}", goal,
            "met" if result.met() else "no")


def columns(names):
    """The heads of the table, for these peers."""
    return ["row", "pgrep-r ms", *names, "fastest", "its cpu", "goal", "met?", "floor ms",
            "ours by floor", "MiB"]


def _floor(result):
    if not result.floor:
        return "", ""
    goal = result.row.floor
    said = f", goal {goal:.1f}: {'met' if result.floor_met() else 'no'}" if goal else ""
    return _milliseconds(result.floor), f"{result.by_floor:.2f}{said}"


def cells(result, names):
    """The result as a line of the table."""
    return [result.row.name, _milliseconds(result.wall),
            *(_cell(result.entries.get(name)) for name in names),
            *_goal(result), *_floor(result), f"{result.memory:.1f}"]


def sentence(result):
    """The result in a line, before there is a table."""
    names = present([result])
    return "; ".join(f"{head} {cell}" for head, cell in zip(columns(names), cells(result, names))
                     if cell)


def present(results):
    """The peers that any result has, in the table's order."""
    return [name for name in NAMES if any(name in r.entries for r in results)]


def text_table(lines):
    """Lines of cells, aligned for a terminal."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "".join("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths)).rstrip() + "\n"
                   for line in lines)


def markdown_table(lines):
    """The same in Markdown."""
    head, *rest = [" | ".join(cell.replace("|", r"\|") for cell in line) for line in lines]
    rule = " | ".join("---" for _ in lines[0])
    return "".join(f"| {line} |\n" for line in [head, rule, *rest])


def summary(results):
    """How many goals are met, in a line."""
    judged = [met for r in results for met in (r.met(), r.floor_met()) if met is not None]
    rows = sum(r.met() is None for r in results)
    return (f"{sum(judged)} of {len(judged)} goals met" +
            (f"; {rows} with nothing to compare with." if rows else "."))


def markdown(results, peers, options):
    """The whole report."""
    names = present(results)
    versions = ", ".join(f"{name} {version}" for name, version in peers.versions(names).items())
    how = (f"Measured on {time.strftime('%-d %B %Y')} with {machine()}; {versions}. Each program "
           f"was run {options.runs} times in turn, with {options.jobs} workers or threads, a warm "
           "cache, and its output read from a pipe.")
    what = ("Times are medians in milliseconds. *xN*: the median, over the pairs of runs, of the "
            "other program's time by ours (*its cpu*: of its processor time); one that prints "
            "other lines, or takes far longer, does not count. *goal*: what xN is to be. *floor*: "
            "the time of two processes that search nothing, but only open, stat, read and close "
            "every file; where names are listed, of one that only reads and sorts directories. "
            "*ours by floor*: how many times as long ours takes. *MiB*: the peak of the "
            "proportional set sizes of all our processes together.")
    table = markdown_table([columns(names), *(cells(r, names) for r in results)])
    return "\n".join([fold(how), table, summary(results) + "\n", fold(what)])


def fold(text):
    """A paragraph in lines."""
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False) + "\n"


def into_readme(part, text):
    """Puts the text between the README's two marks of this part: speed or scale."""
    path = os.path.join(TOP, "README.md")
    begin, end = f"<!-- {part}: begin -->\n", f"<!-- {part}: end -->\n"
    with open(path, encoding="utf-8") as f:
        before, found, rest = f.read().partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        give_up(f"{path}: the marks {begin.strip()} and {end.strip()} are not there")
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + begin + text + end + after)
