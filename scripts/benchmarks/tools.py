"""Where things are, the two helpers in C, and one run of a program."""
import os
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(TOP, "build", "bench")
OURS = os.path.join(TOP, "build", "pgrep-r")
# Processors that this process may use: as many workers or threads for each program.
JOBS = len(os.sched_getaffinity(0))
# Nobody's configuration; names and contents are UTF-8 for programs that heed the locale.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": WORK, "LC_ALL": "C.UTF-8"}


def say(text):
    """A word to whoever waits, apart from the results."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def give_up(text):
    """Ends the program, because something is missing or does not work."""
    sys.exit(f"bench: {text}")


def helper(name):
    """The program that name.c beside this file makes, built when it is missing or old."""
    source, binary = os.path.join(HERE, name + ".c"), os.path.join(WORK, name)
    if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(source):
        os.makedirs(WORK, exist_ok=True)
        new = f"{binary}.{os.getpid()}"
        subprocess.run(["cc", "-O2", "-std=c17", "-D_GNU_SOURCE", "-o", new, source], check=True)
        os.rename(new, binary)
    return binary


@dataclass(frozen=True)
class Run:
    """One run of a program: times in seconds; own is its main thread's processor time, used
    that of all of it.  lines and sum are those of the output, if they were asked for."""
    wall: float
    used: float
    own: float
    status: int
    size: int
    lines: int
    sum: str


def _meter(command, where, options):
    return subprocess.run([helper("meter"), *options, *command], cwd=where, env=ENVIRONMENT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def _parse(done, command):
    fields = done.stdout.split()
    if done.returncode != 0 or len(fields) != 8:
        give_up(f"{command[0]}: {done.stderr.decode(errors='replace').strip()}")
    wall, user, system, own, status, size, lines = map(int, fields[:7])
    return Run(wall / 1e9, (user + system) / 1e9, own / 1e9, status, size, lines,
               fields[7].decode())


def run(command, where, *options):
    """Runs it in a folder, its output read from a pipe; options are meter's."""
    return _parse(_meter(command, where, options), command)


def floor_counts(path, jobs=JOBS):
    """What floor.c prints: nanoseconds of the walk and of reading, files, directories, bytes."""
    return tuple(map(int, subprocess.run([helper("floor"), "-j", str(jobs), path], check=True,
                                         env=ENVIRONMENT, stdout=subprocess.PIPE).stdout.split()))


def floor(path):
    """(walk, read) in seconds: what floor.c takes for a directory or file."""
    return tuple(time / 1e9 for time in floor_counts(path)[:2])


def peak_memory(command, where, *options):
    """(MiB, Run): all its processes together, by their proportional set sizes.  The run that
    is looked at is slower for it, and its own time is the looker's."""
    sampler = os.path.join(TOP, "tests", "peak-memory")
    done = _meter([sampler, *command], where, options)
    for line in done.stderr.decode(errors="replace").splitlines():
        if line.startswith("peak-pss-kib "):
            return int(line.split()[1]) / 1024, _parse(done, command)
    give_up(f"{sampler}: {done.stderr.decode(errors='replace').strip()}")
    return None
