"""The programs, and what each is called with for a row.

All search every file as text, so that the lines are the same; those that know more than one
way to match get each in turn, and the fastest that finds the same lines counts."""
import os
import re
import shutil
import subprocess
import tarfile

from .tools import ENVIRONMENT, JOBS, WORK, say

NPM_PACKAGE = "@vscode/ripgrep-linux-x64"
RG_DEFAULTS = ("--no-require-git", "--no-ignore-parent", "--no-ignore-global")
# The order is that of the table.
NAMES = ("rg", "rg --sort", "ugrep", "grep", "git grep", "find")


def _npm_ripgrep():
    binary = os.path.join(WORK, "package", "bin", "rg")
    if not os.path.exists(binary) and shutil.which("npm"):
        say(f"taking {NPM_PACKAGE} from npm")
        subprocess.run(["npm", "pack", "--silent", NPM_PACKAGE], cwd=WORK, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name in os.listdir(WORK):
            if name.startswith("vscode-ripgrep") and name.endswith(".tgz"):
                with tarfile.open(os.path.join(WORK, name)) as tar:
                    tar.extractall(WORK)
    return binary if os.path.exists(binary) else None


def _version(program):
    words = [program, "version"] if program.endswith("git") else [program, "--version"]
    out = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env=ENVIRONMENT, check=False).stdout.decode(errors="replace")
    found = re.search(r"\d+(\.\d+)+", out)
    return found.group() if found else "of unknown version"


class Peers:
    """The programs that are here: name -> path; missing: what to do about the others."""

    def __init__(self, rg=None, ugrep=None, chosen=None):
        """chosen: names of those that are wanted, or None: all."""
        self.paths = {}
        self._chosen = chosen
        self.missing = []
        self._add("rg", rg or _npm_ripgrep() or shutil.which("rg"),
                  f"npm, which has it in {NPM_PACKAGE}, or --rg PROGRAM")
        self._add("ugrep", ugrep or shutil.which("ugrep"), "apt-get install ugrep")
        self._add("grep", shutil.which("grep"), "apt-get install grep")
        self._add("git grep", shutil.which("git"), "apt-get install git")
        self._add("find", shutil.which("find"), "apt-get install findutils")
        if "rg" in self.paths:
            self.paths["rg --sort"] = self.paths["rg"]

    def _add(self, name, path, advice):
        if path and shutil.which(path):
            self.paths[name] = os.path.realpath(path) if os.sep in path else path
        else:
            self.missing.append(f"{name} is not here: {advice}")

    def versions(self, names):
        """name -> version, of these."""
        plain = dict.fromkeys("rg" if name == "rg --sort" else name for name in names)
        return {name: _version(self.paths[name]) for name in plain}

    def _of(self, row):
        """Names of those that are to do the row: where none was chosen that can, all that can,
        and the one that its goal is against in any case."""
        able = [name for name in NAMES if name in self.paths and
                (name in row.only if row.only else name not in ("rg --sort", "find"))]
        wanted = [name for name in able if self._chosen is None or name in self._chosen or
                  name == row.against]
        return wanted or able

    def commands(self, row, corpus):
        """name -> the commands to try, for each program that can do the row."""
        return {name: _commands(name, self.paths[name], row, corpus) for name in self._of(row)}


def _options(row, corpus):
    """The row's options, with files of patterns in place of their names."""
    return [getattr(corpus, word) if word in ("words", "many_words") else word
            for word in row.options]


def folder(row, corpus):
    """Where the row's commands run."""
    return corpus.tree if row.place == "tree" else os.path.dirname(getattr(corpus, row.place))


def _target(row, corpus):
    return [] if row.place == "tree" else [os.path.basename(getattr(corpus, row.place))]


def ours(binary, row, corpus, jobs=JOBS):
    """Our own command for the row."""
    words = [binary, "-j", str(jobs), *(RG_DEFAULTS if row.defaults else ["-uuu"])]
    if row.place != "tree":
        words = [binary, "-j", str(jobs), "-a"]
    return words + _options(row, corpus) + _pattern(row) + _target(row, corpus)


def _pattern(row, same=False):
    text = row.same if same and row.same else row.pattern
    return ["-e", text] if text else []


def _commands(name, path, row, corpus):
    if name == "find":
        return [[path, ".", "-type", "f"]]
    options, target = _options(row, corpus), _target(row, corpus) or ["."]
    if name.startswith("rg"):
        return [_ripgrep(name, path, row, options) + _pattern(row, True) + target]
    if name == "ugrep":
        start = [path, "-a", "-J", str(JOBS), *(["-r", "--hidden"] if target == ["."] else [])]
        # Its own engine, where "." and classes are of Unicode, and PCRE2.
        first = [start + options + _pattern(row, True) + target]
        second = [] if "-F" in options else [start + ["-P"] + options + _pattern(row) + target]
        return first + second
    if name == "git grep":
        start = [path, "-c", f"grep.threads={JOBS}", "grep", "--no-index", "-a", "--no-color",
                 *([] if target == ["."] else ["-h"])]
    else:
        start = [path, "-a", *(["-r"] if target == ["."] else [])]
    kinds = ["-P"] if "\\" in row.pattern else ["-E", "-P"]
    return [start + ([kind] if "-F" not in options else []) + options + _pattern(row) + target
            for kind in (kinds if "-F" not in options else [""])]


def _ripgrep(name, path, row, options):
    words = [path, "--no-config", "-j", str(JOBS)]
    words += RG_DEFAULTS if row.defaults else ["-uuu", "-a", "-E", "none"]
    if name == "rg --sort":
        words += ["--sort", "path"]
    if "-c" in options:
        words += ["--include-zero"]
    return words + options
