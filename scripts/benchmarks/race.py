"""One row: the same lines from each program, then runs in turn, compared pair by pair."""
import statistics
from dataclasses import dataclass, field

from . import peers as programs
from .tools import floor, peak_memory, run

# A program that takes that many times as long as ours, and seconds, is out of the row.
PATIENCE, PATIENCE_SECONDS = 4, 5
# One that takes so many times as long as the fastest other one, and seconds, is measured, but
# not often; and one that takes so many seconds but once.
SLOW, SLOW_SECONDS, SLOW_RUNS, VERY_SLOW_SECONDS = 2, 1, 3, 10


@dataclass
class Entry:
    """A program in a row: its median in seconds, and the medians over pairs of its time by
    ours, and of its processor time by ours; note says why it does not count."""
    wall: float = 0.0
    ratio: float = 0.0
    used: float = 0.0
    note: str = ""


@dataclass
class Result:
    """What came of a row.  floor is the floor program's time, 0 where there is none, and
    by_floor the median over pairs of ours by it."""
    row: object
    wall: float = 0.0
    lines: int = 0
    memory: float = 0.0
    entries: dict = field(default_factory=dict)
    floor: float = 0.0
    by_floor: float = 0.0

    def judge(self):
        """The peer that the goal is against: that with the lowest ratio, unless the row says
        which, or none."""
        counting = {name: e for name, e in self.entries.items()
                    if not e.note and self.row.against in ("", name)}
        return min(counting, key=lambda name: counting[name].ratio, default=None)

    def met(self):
        """Whether the goal is; None if nothing says."""
        name = self.judge()
        return None if name is None else self.entries[name].ratio >= self.row.goal

    def floor_met(self):
        """The same of the goal against the floor."""
        return self.by_floor <= self.row.floor if self.row.floor else None


def same_lines(a, b):
    """Whether two runs, made with -s, gave the same lines in any order."""
    return (a.lines, a.sum) == (b.lines, b.sum)


def turns(commands, where, runs, repeat=1):
    """name -> its runs: one of each in turn, every second round backwards.  runs says how
    many each gets, repeat how often it is run for one of them."""
    done = {name: [] for name in commands}
    for i in range(max(runs.values())):
        for name in list(commands)[::-1 if i % 2 else 1]:
            if i < runs[name]:
                tries = [run(commands[name], where) for _ in range(repeat)]
                done[name].append(sorted(tries, key=lambda r: r.wall)[repeat // 2])
    return done


def wall_of(runs):
    """Their median."""
    return statistics.median(r.wall for r in runs)


def ratio(a, b, of="wall"):
    """The median over pairs of runs of a's time by b's."""
    return statistics.median(getattr(x, of) / getattr(y, of) for x, y in zip(a, b))


def _choose(tries, where, ours):
    """(command, its run, note): of the commands the fastest that finds our lines."""
    best = None
    patience = str(round(PATIENCE_SECONDS + PATIENCE * ours.wall))
    for command in tries:
        one = run(command, where, "-s", "-t", patience)
        note = ""
        if one.status == 137:
            note = f"over {patience} s"
        elif not same_lines(one, ours):
            note = f"other lines ({one.lines - ours.lines:+d})"
        if best is None or (note != "", one.wall) < (best[2] != "", best[1].wall):
            best = command, one, note
    return best


def _runs_of(wall, fastest, most):
    """How often one that took that long is run."""
    if wall <= max(SLOW_SECONDS, SLOW * fastest):
        return most
    return min(most, SLOW_RUNS) if wall <= VERY_SLOW_SECONDS else 1


def measure(row, corpus, binary, peers, options):
    """Runs the row; options are the runs and the jobs of ours."""
    where = programs.folder(row, corpus)
    mine = programs.ours(binary, row, corpus, options.jobs)
    first = run(mine, where, "-s")
    result = Result(row, lines=first.lines)
    chosen = {name: _choose(tries, where, first)
              for name, tries in peers.commands(row, corpus).items()}
    fastest = min((one.wall for _, one, note in chosen.values() if not note), default=0)
    commands, runs = {"pgrep-r": mine}, {"pgrep-r": options.runs}
    for name, (command, one, note) in chosen.items():
        result.entries[name] = Entry(note=note)
        if note.startswith("over"):
            continue
        commands[name] = command
        runs[name] = _runs_of(one.wall, fastest, options.runs)
    done = turns(commands, where, runs, row.repeat)
    result.wall = wall_of(done["pgrep-r"])
    for name in set(commands) - {"pgrep-r"}:
        entry = result.entries[name]
        entry.wall = wall_of(done[name])
        entry.ratio = ratio(done[name], done["pgrep-r"])
        entry.used = ratio(done[name], done["pgrep-r"], "used")
    result.floor, result.by_floor = _floor(row, corpus, mine,
                                            _runs_of(first.wall, 0, options.runs))
    result.memory = peak_memory(mine, where)[0]
    return result


def _floor(row, corpus, mine, runs):
    """(seconds, ours by that): ours in turn with the floor program, in pairs of their own."""
    if row.place == "small":
        return 0.0, 0.0
    kind = 0 if "--files" in row.options else 1
    where, found = programs.folder(row, corpus), []
    for _ in range(runs):
        least = floor(getattr(corpus, row.place))[kind]
        found.append((least, run(mine, where).wall / least))
    return tuple(map(statistics.median, zip(*found)))
