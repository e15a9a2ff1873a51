"""What is searched: Debian's kernel source, its C files as one, and small things made of it."""
import hashlib
import os
import re
import shutil
import tarfile
from functools import cached_property

from .tools import WORK, give_up, say

ARCHIVE = "/usr/src/linux-source-6.1.tar.xz"
# At the end of the tree's .gitignore: Debian's block, which hides the whole tree.
HIDING = ("/*\n", "!/debian/\n")


def _tree():
    tree = os.path.join(WORK, "linux-source-6.1")
    if not os.path.isdir(tree):
        if not os.path.exists(ARCHIVE):
            give_up("no corpus: install the Debian package linux-source-6.1, or give --corpus")
        say(f"unpacking {ARCHIVE} to {WORK}")
        unpacking = tree + ".unpacking"
        shutil.rmtree(unpacking, ignore_errors=True)
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(unpacking)
        os.rename(os.path.join(unpacking, "linux-source-6.1"), tree)
        os.rmdir(unpacking)
    ignore = os.path.join(tree, ".gitignore")
    with open(ignore, encoding="utf-8") as f:
        lines = f.readlines()
    if any(line in HIDING for line in lines):
        with open(ignore, "w", encoding="utf-8") as f:
            f.writelines(line for line in lines if line not in HIDING)
    return tree


def _files(top, ends):
    found = []
    for folder, _, names in os.walk(top):
        found += [os.path.join(folder, name) for name in names if name.endswith(ends)]
    return sorted(path for path in found if os.path.isfile(path) and not os.path.islink(path))


def _big(tree):
    big = os.path.join(WORK, "big.txt")
    if not os.path.exists(big):
        say(f"writing {big}: the tree's .c and .h files, one after the other")
        with open(big + ".new", "wb") as out:
            for path in _files(tree, (".c", ".h")):
                with open(path, "rb") as f:
                    shutil.copyfileobj(f, out, 1 << 20)
        os.rename(big + ".new", big)
    return big


def _small(tree, folder):
    """4 KB of text that hold lines to be found."""
    small = os.path.join(folder, "small.txt")
    with open(os.path.join(tree, "MAINTAINERS"), "rb") as f:
        text = f.read(4096)
    with open(small, "wb") as f:
        f.write(text[:text.rindex(b"\n") + 1])
    return small


def _words(tree, folder, number):
    """So many of the words in the tree's kernel/: those whose hashes are the lowest, which is
    as good as at random, and the same each time."""
    path = os.path.join(folder, f"words-{number}")
    words = set()
    for file in _files(os.path.join(tree, "kernel"), (".c", ".h")):
        with open(file, "rb") as f:
            words.update(re.findall(rb"[A-Za-z_][A-Za-z0-9_]{5,}", f.read()))
    if len(words) < number:
        give_up(f"{tree}: kernel/ has no {number} words; is it Linux's source?")
    chosen = sorted(words, key=lambda word: hashlib.sha256(word).digest())[:number]
    with open(path, "wb") as f:
        f.writelines(word + b"\n" for word in sorted(chosen))
    return path


class Corpus:
    """Paths of what is searched, each found or made when it is first asked for.  words and
    many_words are files of patterns, 1,000 and 10,000.  What was given is used as it is; what
    is small is made in a folder."""

    def __init__(self, tree, big, folder):
        os.makedirs(WORK, exist_ok=True)
        os.makedirs(folder, exist_ok=True)
        self._folder = os.path.realpath(folder)
        for path in (tree, big):
            if path and not os.path.exists(path):
                give_up(f"{path}: it is not there")
        self._given_tree, self._given_big = tree, big

    @cached_property
    def tree(self):
        """The tree of many files."""
        return os.path.realpath(self._given_tree or _tree())

    @cached_property
    def big(self):
        """One large file."""
        return os.path.realpath(self._given_big or _big(self.tree))

    @cached_property
    def small(self):
        """One small file."""
        return _small(self.tree, self._folder)

    @cached_property
    def words(self):
        """1,000 patterns."""
        return _words(self.tree, self._folder, 1000)

    @cached_property
    def many_words(self):
        """10,000 patterns."""
        return _words(self.tree, self._folder, 10000)
