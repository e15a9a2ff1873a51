# The known differences between the program and its peers: the only ones that are excused.
#
# Each has a name and a reason, which are also in the manual, section COMPATIBILITY, and
# says for which cases it can be so (applies: of the case and what differs).  A case that
# differs is then asked again in the way that the rule names, and has to be the same:
#
#   ask        the peer is asked otherwise: join (the patterns to one), spell (out -w and -x),
#              verbs (before the pattern), close (quotations), merge (messages with lines),
#              each (pattern by an option of its own), any_status (which is not compared)
#   change     both are asked something else: a function of the case
#   translate  what the peer prints is put in our words: a function of text and case
#
# Only where nothing of that can be asked the case is left out.
package Rules;
use strict;
use warnings;
use Exporter 'import';
use lib $FindBin::Bin;
use Pattern qw(maybe_empty holds_node render);
use Runner qw(has value_of without_option texts_of all_text);
use Text qw(is_utf8);

our @EXPORT_OK = qw(rules rules_for_manual apply_rule);

sub wide { grep { /[\x80-\xff]/ } texts_of($_[0]), map { render($_) } @{$_[0]{patterns}} }
sub invalid { grep { !is_utf8($_) } texts_of($_[0]) }
sub invalid_pattern { grep { !is_utf8(render($_)) } @{$_[0]{patterns}} }
sub may_be_empty { grep { maybe_empty($_) } @{$_[0]{patterns}} }
sub grep_perl { $_[0]{peer} eq 'grep' && $_[0]{syntax} eq 'P' }
sub ripgrep { $_[0]{peer} ne 'grep' && $_[0]{peer} ne 'alone' }
sub posix { $_[0]{syntax} =~ /[EG]/ }
# Whether what matched is told apart.
sub marks { has($_[0], qw(only-matching color json replace column vimgrep count-matches)) }

# Where a line starts or ends is of interest.
sub sees_edges {
	my ($case) = @_;
	return has($case, 'word-regexp', 'line-regexp') ||
	    grep { render($_) =~ /[\^\$]|\\[bBAzZGK]|\(\?[<!=]|\[\[:[<>]/ } @{$case->{patterns}};
}

sub with_texts {
	my ($case, $change) = @_;
	return { %$case, texts => [map { [$_->[0], $change->($_->[1])] } @{$case->{texts}}] };
}

sub cover_edges {
	my ($text) = @_;
	$text =~ s/^(?=.)/a/mg;
	$text =~ s/(?<=.)$/b/mg;
	return $text;
}

# Whether a part of the pattern can match in more than one way, so that the first match
# need not be the longest.
sub has_ways {
	my ($case) = @_;
	return @{$case->{patterns}} > 1 ||
	    grep { holds_node($_, sub { $_[0][0] =~ /choice|repeat|odd|refer/ }) } @{$case->{patterns}};
}

my @CONTEXT = qw(context before-context after-context context-number);

my @RULES = (
	{
		name => 'open-quotation',
		reason => 'With -P, \Q without \E quotes the rest of its pattern; with -w or -x '
		    . 'grep refuses it, and ripgrep always.',
		applies => sub { $_[0]{syntax} eq 'P' && grep { render($_) =~ /\\Q/ } @{$_[0]{patterns}} },
		ask => { close => 1 },
	},
	{
		name => 'several-perl-patterns',
		reason => 'With -P several patterns may be given; grep takes one.',
		applies => sub { grep_perl($_[0]) && @{$_[0]{patterns}} > 1 },
		ask => { join => 1 },
	},
	{
		name => 'binary-message',
		reason => '"Binary file NAME matches" is printed on standard output, where it has its place '
		    . 'among the lines; grep prints another text on standard error.',
		applies => sub { $_[0]{peer} eq 'grep' && all_text($_[0]) =~ /[\0\x80-\xff]/ },
		ask => { merge => 1 },
		translate => sub { $_[0] =~ s/^grep: (.*): binary file matches$/Binary file $1 matches/mgr },
	},
	{
		name => 'invalid-is-text',
		reason => 'A file that is not UTF-8 is text unless it has a NUL byte; grep takes it for binary.',
		applies => sub { $_[0]{peer} eq 'grep' && invalid($_[0]) &&
		    (!has($_[0], 'text') || has($_[0], 'I', 'binary-files')) },
		change => sub { my $c = without_option($_[0], 'I', 'binary-files');
		    return { %$c, options => [@{$c->{options}}, { name => 'text', ours => ['-a'], peer => ['-a'] }] } },
	},
	{
		name => 'unicode-classes',
		reason => 'With -P, \w, \d, \b, -w and the like go by Unicode; those of grep know ASCII only.',
		applies => sub { grep_perl($_[0]) && wide($_[0]) },
		ask => { verbs => '(*UCP)', spell => 1 },
	},
	{
		name => 'dotstar-behind-bytes',
		reason => 'With -P, .* at the start of a pattern finds what stands behind a byte that is no '
		    . 'UTF-8; that of grep does not.',
		applies => sub { grep_perl($_[0]) && invalid($_[0]) },
		ask => { verbs => '(*NO_DOTSTAR_ANCHOR)' },
	},
	{
		name => 'edges-of-bytes',
		reason => '^ and $ and the edges of words are found beside a byte that is no UTF-8; grep with -P '
		    . 'and ripgrep find none there.',
		applies => sub { (grep_perl($_[0]) || ripgrep($_[0])) && invalid($_[0]) && sees_edges($_[0]) },
		change => sub { with_texts($_[0], \&cover_edges) },
	},
	{
		name => 'longest-match',
		reason => 'With -E and -G, -o and colour show the first way in which a pattern matches, as -P '
		    . 'does, not the longest.  The lines that are selected are the same.',
		applies => sub { posix($_[0]) && marks($_[0]) && has_ways($_[0]) },
		change => sub { without_option($_[0], 'only-matching', 'color') },
	},
	{
		name => 'no-line-wanted',
		reason => 'With -m 0 patterns are checked, and counts of 0 and names printed as ever; grep ends at once.',
		applies => sub { $_[0]{peer} eq 'grep' && (value_of($_[0], 'max-count') // 1) eq '0' },
	},
	{
		name => 'count-of-nothing',
		reason => 'With -c and -v a count of 0 is printed where nothing can be selected; grep prints none.',
		applies => sub { my ($case) = @_; $case->{peer} eq 'grep' && has($case, 'count') && has($case, 'invert-match') &&
		    grep { render($_) eq '' } @{$case->{patterns}} },
	},
	{
		name => 'negative-count-inverted',
		reason => 'A negative number for -m is no limit, with -v, too; grep selects nothing then.',
		applies => sub { $_[0]{peer} eq 'grep' && has($_[0], 'invert-match') && (value_of($_[0], 'max-count') // 0) < 0 },
		change => sub { without_option($_[0], 'max-count') },
	},
	{
		name => 'bytes-in-patterns',
		reason => 'With -P a pattern that is not UTF-8 asks for its bytes; grep and ripgrep refuse it.',
		applies => sub { (grep_perl($_[0]) || ripgrep($_[0])) && invalid_pattern($_[0]) && $_[1] =~ /takes what/ },
	},
	{
		name => 'case-or-words-of-bytes',
		reason => 'A pattern that is no UTF-8 asks for bytes: those of a letter beyond ASCII have no case '
		    . 'and are of no word.',
		applies => sub { invalid_pattern($_[0]) && has($_[0], 'ignore-case', 'word-regexp') },
	},
	{
		name => 'case-of-literals',
		reason => 'With -F and -i letters have the same case as in other patterns: all that Unicode '
		    . 'folds.  The literals of grep know fewer.',
		applies => sub { $_[0]{peer} eq 'grep' && $_[0]{syntax} eq 'F' && has($_[0], 'ignore-case') && wide($_[0]) },
	},
	{
		name => 'empty-beside-bytes',
		reason => 'An empty match is found beside a byte that is no UTF-8; grep with -P and ripgrep find none there.',
		applies => sub { (grep_perl($_[0]) || ripgrep($_[0])) && invalid($_[0]) && may_be_empty($_[0]) },
	},
	{
		name => 'empty-before-multibyte',
		reason => 'Behind an empty match the search goes on with the next character; grep, and ripgrep with -P, '
		    . 'go on with the next byte, also within a character.',
		applies => sub { my ($case) = @_; wide($case) && may_be_empty($case) && ($case->{syntax} eq 'P' ?
		    marks($case) : $case->{peer} eq 'grep' && has($case, 'word-regexp')) },
	},
	{
		name => 'start-behind-match',
		reason => 'With -P the start of the text is that of the line; what follows a match is no start, '
		    . 'as it is for grep.',
		applies => sub { grep_perl($_[0]) && marks($_[0]) && invalid($_[0]) &&
		    grep { render($_) =~ /\\[AG]/ } @{$_[0]{patterns}} },
	},
	{
		name => 'only-pcre2',
		reason => 'Patterns are always those of PCRE2; what the other engine of ripgrep takes and refuses '
		    . 'is not the same.',
		applies => sub { $_[0]{syntax} eq 'R' && $_[1] =~ /refuses/ },
	},
	{
		name => 'pcre2-version',
		reason => 'PCRE2 is that of the system.  ripgrep brings its own, for which {,2} is a quantifier and '
		    . 'what stands behind may have several lengths.',
		applies => sub { my ($case, $why) = @_; ripgrep($case) &&
		    grep { render($_) =~ ($why =~ /^refuses/ ? qr/\{,|\(\?</ : qr/\{,/) } @{$case->{patterns}} },
	},
	{
		name => 'several-patterns-in-lines',
		reason => 'Each line of a pattern is a pattern, as with grep; ripgrep takes a newline for part of one.',
		applies => sub { ripgrep($_[0]) && $_[0]{how} eq 'lines' || $_[0]{how} eq 'operand' },
		ask => { each => 1 },
	},
	{
		name => 'groups-of-several-patterns',
		reason => 'With several patterns groups are numbered anew in each; ripgrep goes on counting.',
		applies => sub { my ($case) = @_; ripgrep($case) && @{$case->{patterns}} > 1 &&
		    (has($case, 'replace') || grep { holds_node($_, sub { $_[0][0] =~ /refer|odd/ }) } @{$case->{patterns}}) },
	},
	{
		name => 'name-of-input',
		reason => 'Standard input is called "(standard input)", as by grep, not "<stdin>".',
		applies => sub { ripgrep($_[0]) && $_[0]{input} ne 'operand' },
		change => sub { return { %{$_[0]}, input => 'operand', texts => [['a', $_[0]{texts}[0][1]]] } },
	},
	{
		name => 'context-of-no-lines',
		reason => 'With a context of 0 lines there is a separator between groups, as with grep; ripgrep '
		    . 'prints none.',
		applies => sub { my ($case) = @_; ripgrep($case) && !grep { value_of($case, $_) } @CONTEXT },
		change => sub { without_option($_[0], @CONTEXT) },
	},
	{
		name => 'words-beside-bytes',
		reason => 'A word may start and end beside a byte that is no UTF-8; for ripgrep none does.',
		applies => sub { my ($case) = @_; $case->{syntax} eq 'R' && invalid($case) && (has($case, 'word-regexp') ||
		    grep { render($_) =~ /\\[bB]/ } @{$case->{patterns}}) },
	},
	{
		name => 'passthru-with-context',
		reason => 'With --passthru all lines are printed, whatever the context; for ripgrep the last of these '
		    . 'options counts.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'passthru') && has($_[0], @CONTEXT) },
		change => sub { without_option($_[0], @CONTEXT) },
	},
	{
		name => 'count-only-matching',
		reason => 'With -c lines are counted, with -o, too, as with grep; ripgrep counts matches then.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'count') && has($_[0], 'only-matching') },
		change => sub { without_option($_[0], 'only-matching') },
	},
	{
		name => 'empty-at-the-end',
		reason => 'An empty match is found at the end of a last line without newline, too; ripgrep finds none.',
		applies => sub { ripgrep($_[0]) && may_be_empty($_[0]) && grep { /[^\n]\z/ } texts_of($_[0]) },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/[^\n]\z/$&\n/r }) },
	},
	{
		name => 'classes-by-name',
		reason => '[[:space:]] and the like go by Unicode, as with grep; for ripgrep they are of ASCII.',
		applies => sub { $_[0]{syntax} eq 'R' && wide($_[0]) && grep { render($_) =~ /\[:/ } @{$_[0]{patterns}} },
	},
	{
		name => 'ends-of-text',
		reason => '\A, \z and \Z are the ends of the line, as with grep; for ripgrep, of what it has in memory.',
		applies => sub { ripgrep($_[0]) && grep { render($_) =~ /\\[AGzZ]/ } @{$_[0]{patterns}} },
	},
	{
		name => 'context-behind-the-last',
		reason => 'With -m the lines of context behind the last selected line end before the next such line, as with '
		    . 'grep; ripgrep prints that, too.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'max-count') && has($_[0], @CONTEXT) },
		change => sub { without_option($_[0], 'max-count') },
	},
	{
		name => 'list-and-count',
		reason => 'With -l and -L names are printed, -c or not, as with grep; for ripgrep the last of them counts.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'files-with-matches', 'files-without-match') },
		change => sub { without_option($_[0], 'count', 'count-matches') },
	},
	{
		name => 'context-only-matching',
		reason => 'With -o no context is printed, as with grep; ripgrep prints it.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'only-matching') && has($_[0], @CONTEXT) },
		change => sub { without_option($_[0], @CONTEXT) },
	},
	{
		name => 'bytes-searched',
		reason => 'With -m and --json bytes_searched is what lies before the end of the last line selected; ripgrep '
		    . 'may count more.',
		applies => sub { $_[0]{peer} eq 'json' && has($_[0], 'max-count') },
		change => sub { without_option($_[0], 'max-count') },
	},
	{
		name => 'line-and-word',
		reason => 'With both -w and -x whole lines match, as with grep; for ripgrep the last of them counts.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'word-regexp') && has($_[0], 'line-regexp') },
		change => sub { without_option($_[0], 'word-regexp') },
	},
	{
		name => 'empty-in-later-lines',
		reason => 'An empty match is found in every line; ripgrep with -P may miss it behind the first one.',
		applies => sub { ripgrep($_[0]) && $_[0]{syntax} eq 'P' && may_be_empty($_[0]) && marks($_[0]) },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/\n.*//sr . "\n" }) },
	},
	{
		name => 'words-of-marks',
		reason => 'A combining mark is part of a word only as far as the PCRE2 of the system says so (from '
		    . '10.43 on); for ripgrep it is.',
		applies => sub { ripgrep($_[0]) && all_text($_[0]) =~ /\314\201/ },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/\314\201//gr }) },
	},
	{
		name => 'inverted-only-matching',
		reason => 'With -o and -v nothing is printed, as with grep; ripgrep prints lines.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'only-matching') && has($_[0], 'invert-match') },
		change => sub { without_option($_[0], 'only-matching') },
	},
	{
		name => 'empty-only-matching',
		reason => 'With -o an empty match is not printed, as with grep; ripgrep prints an empty line.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'only-matching') && may_be_empty($_[0]) },
		change => sub { without_option($_[0], 'only-matching') },
	},
	{
		name => 'status-of-files-without-match',
		reason => 'With -L the status says whether a line was selected, as with grep; that of ripgrep, '
		    . 'whether a name was printed.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'files-without-match') },
		ask => { any_status => 1 },
	},
);

sub rules { @RULES }

# A sentence in mdoc: options and quotations are macros, each with the stop behind it.
sub in_mdoc {
	my ($reason) = @_;
	my @lines = ('');

	for my $word ($reason =~ /"[^"]*"[,.;:]?|\S+ {0,2}/g) {
		my $stop = $word =~ s/([,.;:])(\s*)\z/$2/ ? $1 : '';
		my $ends = $word =~ s/(\s*)\z// && length $1 > 1;
		my ($macro, $text) = $word =~ /\A-(-?\w[\w-]*)\z/ ? ('.Fl ', $1)
		    : $word =~ /\A"(.*)"\z/ ? ('.Dq ', $1) : ('', $word);
		$text = $macro . $text =~ s/\\/\\e/gr =~ s/^\./\\&./r . ($macro && $stop ? " $stop" : $stop);
		push @lines, '' if $macro || length "$lines[-1] $text" > 90;
		$lines[-1] .= ($lines[-1] eq '' ? '' : ' ') . $text;
		push @lines, '' if $macro || $ends;
	}
	return map { "$_\n" } grep { $_ ne '' } @lines;
}

# For the manual's section COMPATIBILITY.
sub rules_for_manual {
	return join '', ".Bl -tag -width Ds\n", map({ (".It Sy $_->{name}\n", in_mdoc($_->{reason})) } @RULES), ".El\n";
}

# The case that a rule makes of this one.
sub apply_rule {
	my ($rule, $case) = @_;
	my $changed = $rule->{change} ? $rule->{change}->($case) : { %$case };
	my %ask = %{$changed->{ask} // {}};

	while (my ($what, $how) = each %{$rule->{ask} // {}}) {
		$ask{$what} = $what eq 'verbs' ? $how . ($ask{verbs} // '') : $how;
	}
	$changed->{ask} = \%ask;
	$changed->{translate} = [@{$case->{translate} // []}, $rule->{translate} // ()];
	return $changed;
}

1;
