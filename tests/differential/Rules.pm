# The known differences between the program and its peers: the only ones that are excused.
#
# Each has a name and a reason, which are also in the manual, section COMPATIBILITY, and
# says for which cases it can be so (applies: of the case and what differs).  A case that
# differs is then asked again in the way that the rule names, and has to be the same:
#
#   ask        the peer is asked otherwise: join (the patterns to one), spell (out -w and -x),
#              verbs (before the pattern), close (quotations), merge (messages with lines),
#              each (pattern by an option of its own), engine,
#              any_status (which is not compared)
#   change     both are asked something else: a function of the case
#   translate  what the peer prints is put in our words: a function of the text
#   level      what both print, likewise
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

sub wide { is_decoded($_[0]) || grep { /[\x80-\xff]/ } texts_of($_[0]), map { render($_) } @{$_[0]{patterns}} }
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

# Whether a text is not searched as it is.
sub is_decoded {
	my ($case) = @_;
	return has($case, 'encoding') || grep { /^(?:\357\273\277|\377\376|\376\377)/ } texts_of($case);
}

# The text, with an end of its last line.
sub end_line {
	my ($text, $encoding) = @_;
	$encoding //= '';
	my $wide = $encoding eq 'utf-16le' || $encoding ne 'none' && $text =~ /^(?:\377\376|\376\377)/;
	return $text =~ s/[^\n]\z/$&\n/r if !$wide;
	$text .= "\0" if length($text) % 2;
	return $text . ($text =~ /^\376\377/ ? "\0\n" : "\n\0");
}

# A repetition of what has an edge in it.
sub repeats_edge {
	my ($node) = @_;
	return $node->[0] eq 'repeat' && holds_node({ syntax => '', tree => $node }, sub { $_[0][0] =~ /edge|odd/ });
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
		reason => 'With -P, \w, \d, \b, -w and the like go by Unicode, for which [[:upper:]] is capital with -i, '
		    . 'too; those of grep know ASCII only.',
		applies => sub { my ($case) = @_; grep_perl($case) && (wide($case) ||
		    grep { render($_) =~ /\[:\^?(?:upper|lower):/ } @{$case->{patterns}}) },
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
		name => 'byte-order-mark',
		reason => 'The byte order mark at the start of a file is no text, and says how it is encoded; for grep it '
		    . 'is text.',
		applies => sub { $_[0]{peer} eq 'grep' && all_text($_[0]) =~ /\357\273\277/ },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/^(?:\357\273\277)+//r }) },
	},
	{
		name => 'separator-of-nothing',
		reason => 'With -o there is a separator between groups of which something is printed; grep prints one for '
		    . 'each.',
		applies => sub { $_[0]{peer} eq 'grep' && has($_[0], 'only-matching') && has($_[0], @CONTEXT) },
		change => sub { without_option($_[0], @CONTEXT) },
	},
	{
		name => 'separator-behind-binary',
		reason => 'There is no separator between the message of a binary file and the group behind it; grep '
		    . 'prints one.',
		applies => sub { $_[0]{peer} eq 'grep' && has($_[0], @CONTEXT) && all_text($_[0]) =~ /\0/ },
		change => sub { return { %{$_[0]}, options => [@{$_[0]{options}}, { name => 'no-group-separator',
		    ours => ['--no-group-separator'], peer => ['--no-group-separator'] }] } },
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
		name => 'patterns-of-bytes',
		reason => 'A pattern that is no UTF-8 asks for bytes: those of a letter beyond ASCII have no case '
		    . 'and are of no word, and a dot is any byte.',
		applies => sub { my ($case) = @_; invalid_pattern($case) && (has($case, 'ignore-case', 'word-regexp') ||
		    grep { holds_node($_, sub { $_[0][0] =~ /class|edge|odd/ }) } @{$case->{patterns}}) },
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
		reason => 'Behind an empty match the search goes on with the next character; grep and ripgrep may go on '
		    . 'with the next byte, also within a character.',
		applies => sub { my ($case) = @_; wide($case) && may_be_empty($case) && (grep_perl($case) || ripgrep($case) ?
		    marks($case) : has($case, 'word-regexp')) },
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
		reason => 'PCRE2 is that of the system, or was when the program was built.  ripgrep brings its own, for which {,2} is a quantifier, '
		    . 'what stands behind may have several lengths, and with -i \p{Lu} and [[:upper:]] are letters of either case; '
		    . 'a?A.{2} does not match A42 there.',
		applies => sub { my ($case, $why) = @_; ripgrep($case) &&
		    grep { render($_) =~ ($why =~ /^refuses/ ? qr/\{,|\(\?</ : has($case, 'ignore-case', 'smart-case') ?
		    qr/\{,|\.\{\d|\\[pP]|\[:\^?(?:upper|lower)/ : qr/\{,|\.\{\d/) } @{$case->{patterns}} },
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
		reason => 'A word may start and end beside a byte that is no UTF-8; for ripgrep none does, and for '
		    . 'grep with -E and -G such a byte may be of a word.',
		applies => sub { my ($case) = @_; invalid($case) && (posix($case) || ripgrep($case)) && (has($case, 'word-regexp') ||
		    grep { render($_) =~ /\\[bB<>]/ } @{$case->{patterns}}) },
	},
	{
		name => 'ranges-beyond-ascii',
		reason => 'With -E and -G the ends of a range, and what stands between [= and =], may be any character, '
		    . 'in the order of Unicode; grep in C.UTF-8 refuses those beyond ASCII.',
		applies => sub { my ($case, $why) = @_; posix($case) && $why =~ /^takes/ &&
		    grep { render($_) =~ /\[.*(?:[\x80-\xff]-|-[\x80-\xff]|\[=[\x80-\xff])/ } @{$case->{patterns}} },
	},
	{
		name => 'no-such-character',
		reason => 'Surrogates and what is above U+10FFFF are no UTF-8; grep with -E and -G takes them for characters.',
		applies => sub { posix($_[0]) && all_text($_[0]) =~ /\355[\240-\277]|\364[\220-\277]/ },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/\355(?=[\240-\277])|\364(?=[\220-\277])/\377/gr }) },
	},
	{
		name => 'range-ignoring-case',
		reason => 'With -i the ends of a range are those that are given; grep with -E and -G may refuse them for '
		    . 'those of the other case.',
		applies => sub { my ($case, $why) = @_; posix($case) && has($case, 'ignore-case') && $why =~ /^takes/ &&
		    grep { render($_) =~ /\[.*-/ } @{$case->{patterns}} },
	},
	{
		name => 'repeated-edges',
		reason => 'With -E and -G an edge, or nothing, may be repeated, and is the same then; grep refuses some '
		    . 'of these, and reads others otherwise.',
		applies => sub { my ($case) = @_; posix($case) && grep {
		    render($_) =~ /(?:\A|\\[bB<>`\x27]|[\^\$(|])\\?[*+?{]/ || holds_node($_, \&repeats_edge) } @{$case->{patterns}} },
	},
	{
		name => 'case-of-pairs',
		reason => 'With -i letters are the same that are so by Unicode, as U+212A is a k, and U+0131 no i; grep with '
		    . '-E and -G goes by the pairs of the C library.',
		applies => sub { posix($_[0]) && has($_[0], 'ignore-case') && join('', all_text($_[0]),
		    map { render($_) } @{$_[0]{patterns}}) =~ /\342\204\252|\305\277|\304[\260\261]|\317[\202\203]|\316\243|\303\237/ },
	},
	{
		name => 'reference-to-repeated',
		reason => 'What a group holds that is repeated is what PCRE2 says; with a back-reference the C library, which '
		    . 'grep asks, has several answers.',
		applies => sub { posix($_[0]) && grep { holds_node($_, sub { $_[0][0] =~ /refer|odd/ }) &&
		    holds_node($_, sub { $_[0][0] =~ /repeat|odd/ }) } @{$_[0]{patterns}} },
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
		applies => sub { ripgrep($_[0]) && may_be_empty($_[0]) && (is_decoded($_[0]) ||
		    has($_[0], 'null-data') || grep { /[^\n]\z/ } texts_of($_[0])) },
		change => sub { my ($case) = @_; with_texts(without_option($case, 'null-data'),
		    sub { end_line($_[0], value_of($case, 'encoding')) }) },
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
		applies => sub { ripgrep($_[0]) && has($_[0], 'max-count') && has($_[0], @CONTEXT, 'passthru') },
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
		reason => 'With --json bytes_searched counts the bytes of files, up to the end of the last line that -m '
		    . 'selects; that of ripgrep, those of decoded text, and with -m perhaps more.',
		applies => sub { $_[0]{peer} eq 'json' && (has($_[0], 'max-count') || is_decoded($_[0])) },
		level => sub { $_[0] =~ s/"bytes_searched":\d+,//gr },
	},
	{
		name => 'edges-of-records',
		reason => 'With -z a newline is a character: ^ and $ are the ends of what lies between two NULs; for '
		    . 'ripgrep they are beside newlines, too.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'null-data') && sees_edges($_[0]) },
	},
	{
		name => 'column-of-adjacent-lines',
		reason => 'With --multiline a column is that of the first match in its line; ripgrep tells that of the '
		    . 'first match in adjacent lines.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'multiline', 'multiline-dotall') && has($_[0], 'column', 'vimgrep') },
		change => sub { without_option($_[0], 'column', 'vimgrep') },
	},
	{
		name => 'preview-of-marks',
		reason => 'With --max-columns-preview a combining mark is a column, and bad bytes may be one together; '
		    . 'ripgrep counts as a reader would.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'max-columns-preview') && wide($_[0]) },
		change => sub { without_option($_[0], 'max-columns-preview') },
	},
	{
		name => 'several-marks',
		reason => 'Of several byte order marks at the start of a file the first alone is no text; for ripgrep none is.',
		applies => sub { ripgrep($_[0]) && all_text($_[0]) =~ /(\377\376|\376\377|\357\273\277)\1/ },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/^(\377\376|\376\377|\357\273\277)\1+/$1/r }) },
	},
	{
		name => 'null-data-with-crlf',
		reason => 'With -z and --crlf lines end with NUL; for ripgrep the last of them counts.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'null-data') && has($_[0], 'crlf') },
		change => sub { without_option($_[0], 'crlf') },
	},
	{
		name => 'multiline-in-lines',
		reason => 'With --multiline, -c counts lines, and with --json adjacent lines are one message, where no match '
		    . 'can go over the end of a line; ripgrep may count matches and join messages there.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'multiline', 'multiline-dotall') &&
		    has($_[0], 'json', 'count') },
		change => sub { without_option($_[0], 'multiline', 'multiline-dotall') },
	},
	{
		name => 'mark-against-encoding',
		reason => 'A byte order mark says how a file is encoded, whatever --encoding says; ripgrep leaves it out.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'encoding') && is_decoded(without_option($_[0], 'encoding')) },
	},
	{
		name => 'numbers-in-blocks',
		reason => 'With --multiline and -o, -n and -b number each line that is printed; ripgrep numbers matches.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'multiline', 'multiline-dotall') && has($_[0], 'only-matching') },
		change => sub { without_option($_[0], 'line-number', 'byte-offset') },
	},
	{
		name => 'multiline-inverted',
		reason => 'With --multiline and -v what is selected are all lines that no match touches; ripgrep may find '
		    . 'no match at the end of a file, and select its last line.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'multiline', 'multiline-dotall') && has($_[0], 'invert-match') },
		change => sub { without_option($_[0], 'multiline', 'multiline-dotall') },
	},
	{
		name => 'return-before-the-end',
		reason => 'With --crlf the carriage return at the end of a line is no dot, but may be of a class; for '
		    . 'ripgrep it is nothing.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'crlf') && all_text($_[0]) =~ /\r\0?\n/ },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/(?:\0?\r)+(?=\0?\n)//gr }) },
	},
	{
		name => 'longest-string',
		reason => 'With -F the longest of several strings counts, as with grep; for ripgrep, the first that was given.',
		applies => sub { ripgrep($_[0]) && $_[0]{syntax} eq 'F' && @{$_[0]{patterns}} > 1 && marks($_[0]) },
		change => sub { return { %{$_[0]}, patterns => [sort { length $b->{text} <=> length $a->{text} } @{$_[0]{patterns}}] } },
	},
	{
		name => 'return-at-the-end',
		reason => 'With --crlf a carriage return ends a line only together with a newline; for ripgrep, at the end '
		    . 'of a file, too.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'crlf') && grep { /\r\0?\z/ } texts_of($_[0]) },
		change => sub { my ($case) = @_; with_texts($case, sub { end_line($_[0], value_of($case, 'encoding')) }) },
	},
	{
		name => 'smart-case-of-codes',
		reason => 'With -S the letters of a code, a name or a comment are none of the pattern; for ripgrep they '
		    . 'may be.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'smart-case') &&
		    grep { render($_) =~ /\\[xpPcNgk]|\(\?/ } @{$_[0]{patterns}} },
	},
	{
		name => 'line-and-word',
		reason => 'With both -w and -x whole lines match; for ripgrep the last of them counts, and grep with -o '
		    . 'prints an empty line, too.',
		applies => sub { has($_[0], 'word-regexp') && has($_[0], 'line-regexp') },
		change => sub { without_option($_[0], 'word-regexp') },
	},
	{
		name => 'empty-in-later-lines',
		reason => 'An empty match is found in every line; ripgrep with -P may miss it behind the first one.',
		applies => sub { ripgrep($_[0]) && $_[0]{syntax} eq 'P' && may_be_empty($_[0]) && marks($_[0]) },
		change => sub { with_texts($_[0], sub { $_[0] =~ s/\n.*//sr . "\n" }) },
	},
	{
		name => 'ends-of-lines-printed',
		reason => 'With -z and --crlf what the program itself adds ends with a newline, as with grep: a count, a '
		    . 'heading, the end that a last line lacks; with ripgrep, as the lines do.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'null-data', 'crlf') },
		level => sub { $_[0] =~ s/\0|\r?\n/\n/gr },
	},
	{
		name => 'edges-with-crlf',
		reason => 'With --crlf and -P the end of a line is before its carriage return, and nothing is behind it; '
		    . 'ripgrep may find something there.',
		applies => sub { ripgrep($_[0]) && $_[0]{syntax} eq 'P' && has($_[0], 'crlf') && (sees_edges($_[0]) ||
		    grep { render($_) =~ /\\[nRsvWDHNXP]|\[[\^\\]/ } @{$_[0]{patterns}}) },
	},
	{
		name => 'multiline-records',
		reason => '--multiline does not go with -z.',
		applies => sub { ripgrep($_[0]) && $_[1] =~ /^refuses/ && has($_[0], 'null-data') &&
		    has($_[0], 'multiline', 'multiline-dotall') },
	},
	{
		name => 'dotall-alone',
		reason => '--multiline-dotall means --multiline, too; with ripgrep it means nothing alone.',
		applies => sub { ripgrep($_[0]) && has($_[0], 'multiline-dotall') && !has($_[0], 'multiline') },
		change => sub { return { %{$_[0]}, options => [@{$_[0]{options}}, { name => 'multiline',
		    ours => ['--multiline'], peer => ['--multiline'] }] } },
	},
	{
		name => 'replace-inverted-in-json',
		reason => 'With --json, --replace does not go with -v.',
		applies => sub { $_[0]{peer} eq 'json' && $_[1] =~ /^refuses/ && has($_[0], 'replace') && has($_[0], 'invert-match') },
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
	{
		name => 'leftmost-match',
		reason => 'The leftmost match counts.  What the other engine of ripgrep finds in foobara of (foobar)*a is '
		    . 'not; with -P it is.',
		applies => sub { $_[0]{syntax} eq 'R' },
		ask => { engine => 'P' },
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
		push @lines, '' if $macro || length "$lines[-1] $text" > 79;
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
	$changed->{level} = [@{$case->{level} // []}, $rule->{level} // ()];
	$changed->{translate} = [@{$case->{translate} // []}, $rule->{translate} // ()];
	return $changed;
}

1;
