"""Two builds of ours: the same bytes, and the ratio of their times, row by row."""
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager

from . import peers as programs
from .race import ratio, turns, wall_of
from .tools import ENVIRONMENT, JOBS, TOP, give_up, peak_memory, say


@contextmanager
def build(what):
    """Yields the path of a binary: the file what, or that of a git revision of this name,
    which is built in a work tree that is removed afterwards."""
    if os.path.isfile(what) and os.access(what, os.X_OK):
        yield os.path.realpath(what)
        return
    git = ["git", "-C", TOP]
    if subprocess.run([*git, "rev-parse", "--quiet", "--verify", what + "^{commit}"], check=False,
                      stdout=subprocess.DEVNULL).returncode != 0:
        give_up(f"{what}: neither a program nor a git revision")
    folder = tempfile.mkdtemp(prefix="pgrep-r-bench.")
    tree = os.path.join(folder, "tree")
    try:
        say(f"building {what}")
        subprocess.run([*git, "worktree", "add", "--quiet", "--detach", tree, what], check=True)
        subprocess.run(["make", "-s", f"-j{JOBS}", "-C", tree, "all"], check=True,
                       stdout=subprocess.DEVNULL)
        yield os.path.join(tree, "build", "pgrep-r")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([*git, "worktree", "prune"], check=False)


def _digest(command, where):
    """Of the bytes in their order, of a search that was whole."""
    script = 'set -o pipefail; sum=$({ "$@" || [ $? -eq 1 ]; } | sha256sum) && echo "$sum"'
    return subprocess.run(["bash", "-c", script, "digest", *command], cwd=where, env=ENVIRONMENT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout


def compare(row, corpus, binaries, options):
    """A line of the table: this build, the other one, how they compare."""
    ours, other = (programs.ours(b, row, corpus, options.jobs) for b in binaries)
    where = programs.folder(row, corpus)
    same = _digest(ours, where) == _digest(other, where)
    done = turns({"ours": ours, "other": other}, where,
                  {"ours": options.runs, "other": options.runs}, row.repeat)
    walls = [wall_of(done[name]) for name in ("ours", "other")]
    memory = [peak_memory(c, where)[0] for c in (ours, other)]
    return [row.name, *(f"{1000 * wall:.1f}" for wall in walls),
            f"x{ratio(done['other'], done['ours']):.3f}",
            f"x{ratio(done['other'], done['ours'], 'used'):.3f}",
            *(f"{m:.1f}" for m in memory), "" if same else "OTHER BYTES"]


HEADS = ["row", "this ms", "other ms", "faster", "cpu", "this MiB", "other MiB", ""]
