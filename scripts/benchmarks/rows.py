"""The rows: what is searched for, and how many times faster than any other program we mean to
be."""
from dataclasses import dataclass

ALTERNATES = "ERR_SYS|PME_TURN_OFF|LINK_REQ_RST|CFG_BME_EVT"


@dataclass(frozen=True)
class Row:
    """options are those that all programs share; place is a field of Corpus.  The goal is
    against the fastest peer (of only, if that is given), or against one in particular; floor
    is how many times as long as the floor program it may take, if that is a goal, too.  same is
    the pattern of peers for which ours means something else."""
    name: str
    options: tuple
    pattern: str
    goal: float
    place: str = "tree"
    only: tuple = ()
    against: str = ""
    floor: float = 0.0
    same: str = ""
    # What each program leaves out of its own accord, not all files as text.
    defaults: bool = False
    repeat: int = 1


ROWS = (
    Row("literal", ("-n",), "PM_RESUME", 1.6, floor=1.2),
    Row("literal-i", ("-n", "-i"), "PM_RESUME", 1.6),
    Row("suffix", ("-n",), "[A-Z]+_RESUME", 1.6),
    Row("word", ("-n", "-w"), "PM_RESUME", 1.6),
    # In PCRE2 \p{Greek} is by script extensions, elsewhere by script.
    Row("greek", ("-n",), r"\p{sc:Greek}", 2.5, same=r"\p{Greek}"),
    Row("uword", ("-n",), r"\wAh", 1.6),
    Row("noliteral", ("-n",), r"\w{5}\s+\w{5}\s+\w{5}\s+\w{5}\s+\w{5}", 2.5),
    Row("alternates", ("-n",), ALTERNATES, 1.7),
    Row("alternates-i", ("-n", "-i"), ALTERNATES, 1.7),
    Row("dense", ("-n",), "include", 2.0),
    Row("very-dense", ("-n",), "e", 2.0),
    Row("count", ("-c",), "static", 1.7),
    Row("list", ("-l",), "static", 1.6),
    Row("words", ("-n", "-F", "-f", "words"), "", 1.7),
    Row("words-10000", ("-n", "-F", "-f", "many_words"), "", 1.7),
    Row("files", ("--files",), "", 1.6, only=("rg", "find")),
    Row("path-sorted", ("-n",), "PM_RESUME", 2.8, only=("rg --sort",)),
    Row("default-literal", ("-n",), "PM_RESUME", 1.6, only=("rg",), defaults=True),
    Row("default-files", ("--files",), "", 1.6, only=("rg",), defaults=True),
    Row("big-literal", ("-n",), "PM_RESUME", 1.7, "big"),
    Row("big-literal-i", ("-n", "-i"), "PM_RESUME", 1.7, "big"),
    Row("big-suffix", ("-n",), "[A-Z]+_RESUME", 1.7, "big"),
    Row("big-alternates", ("-n",), ALTERNATES, 1.7, "big"),
    Row("big-surround", ("-n",), r"\w+\s+Holmes\s+\w+", 1.7, "big"),
    Row("small", ("-n",), "maintainer", 1 / 1.3, "small", against="grep", repeat=10),
)
