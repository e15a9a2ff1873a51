# Random patterns on random texts with random options: ours against GNU grep.
#
#   perl lines.pl PROGRAM SEED CASES JOBS [alone]
#
# in an empty directory.  With "alone" no peer is asked: which lines of a file are
# selected must be what each says as the one line of a file of its own.
#
# Prints each case that differs, as the commands that show it, and at the end how many
# cases there were of which kind.  The files of a case that differs stay.  The same seed
# makes the same cases.
#
# Where the two differ on purpose, or the peer is at fault, a rule below says how
# the peer is asked so that both should say the same, or leaves the case out.  Each
# rule has a name, and how often it applied is printed.
use strict;
use warnings;

my ($program, $seed, $cases, $jobs, $mode) = @ARGV;
my $limit = 20;        # seconds for one run
my $most_reports = 5;
my %applied;
my ($differ, $refused, $matched) = (0, 0, 0);

$ENV{LC_ALL} = 'C.UTF-8';
delete @ENV{qw(GREP_COLORS GREP_COLOR POSIXLY_CORRECT)};
srand $seed;

sub one_of { $_[rand @_] }
sub chance { rand() < $_[0] }

# ---- texts ----

my @ascii = (qw(a a a b b c foo bar foobar A B FOO _ 1 42 - .), ' ', ' ', "\t");
my @utf8 = ("\303\251", "\303\211", "\303\237", "\305\277", "\342\204\252", "\317\203", "\317\202",
	"\316\243", "\331\243", "\342\200\224", "\302\240", "\342\200\250", "\302\205", "\360\237\230\200",
	"\355\225\234", "e\314\201", "\304\260", "\304\261", "k", "s", "\357\273\277");
my @invalid = ("\377", "\300\200", "\303", "\251", "\355\240\200", "\364\220\200\200", "\360\237\230",
	"\342\204");

# kind: ascii, utf8, invalid, nul
sub random_line {
	my ($kind) = @_;
	my $length = chance(0.2) ? 0 : chance(0.02) ? 200 + int rand 2000 : 1 + int rand 8;
	my $line = '';

	for (1 .. $length) {
		my $r = rand;
		if ($kind eq 'utf8' && $r < 0.4) { $line .= one_of(@utf8) }
		elsif ($kind eq 'invalid' && $r < 0.25) { $line .= one_of(@invalid) }
		elsif ($kind eq 'invalid' && $r < 0.45) { $line .= one_of(@utf8) }
		elsif ($kind eq 'nul' && $r < 0.03) { $line .= "\0" }
		elsif ($r > 0.99) { $line .= one_of("\r", "\f", "\013", "\e", "\177", "\001") }
		else { $line .= one_of(@ascii) }
	}
	return $line;
}

sub random_text {
	my ($kind) = @_;
	return '' if chance(0.03);
	my $count = 1 + int rand 12;
	my $crlf = chance(0.15);
	my $text = join '', map { random_line($kind) . ($crlf && chance(0.8) ? "\r\n" : "\n") } 1 .. $count;
	$text =~ s/\n\z// if chance(0.2);
	# More than one window of any reader.
	$text .= "\n" . "x y z\n" x 50000 . $text if chance(0.006);
	return $text;
}

# ---- patterns ----

my $groups = 0; # in the pattern being made

sub random_class {
	return one_of('[ab]', '[^a]', '[a-c]', '[^\n]', '[[:alpha:]]', '[[:^space:]]', '[\w-]', '[^\s]',
		'[[:punct:]]', '[A-Z]', '[^a-z]', '[]a]', '[^]]', '[\d_]', '[\x00-\x20]', '[b\x{e9}]',
		'[[:upper:]]', '[\W]', '[^\W]', '[^\d\n]');
}

sub random_escape {
	return one_of('\w', '\w', '\W', '\d', '\D', '\s', '\s', '\S', '\S', '\h', '\H', '\v', '\V', '\N',
		'\R', '\X', '\x41', '\x{e9}', '\p{L}', '\P{L}', '\p{Lu}', '\pN', '\t', '\r', '\n', '\012',
		'\Qa.b\E', '\\.', '\\-', '\x00', '\e', '\cA');
}

sub random_edge {
	return one_of('^', '^', '$', '$', '\b', '\b', '\B', '\A', '\z', '\Z', '\G', '(?=a)', '(?!a)',
		'(?<=a)', '(?<!a)', '(?=.*b)', '(?<=\s)', '(?<!\w)', '(?=\W|$)', '(?!^)', '(?<=^a)', '(?!$)',
		'(?=\s)', '(?<!^)', '(?<=\n)', '(?!\n)', '[[:<:]]', '[[:>:]]', '\K');
}

sub random_literal {
	my ($kind) = @_;
	return quotemeta_ascii(one_of(@utf8)) if $kind =~ /utf8|invalid/ && chance(0.3);
	return quotemeta_ascii(one_of(@invalid)) if $kind eq 'invalid' && chance(0.02);
	return quotemeta_ascii(one_of(@ascii));
}

sub quotemeta_ascii {
	my ($text) = @_;
	$text =~ s/([.\-\t ])/$1 eq '-' || $1 eq ' ' ? $1 : $1 eq "\t" ? '\t' : "\\$1"/ge;
	return $text;
}

# An atom, and whether it can match nothing.
sub random_atom {
	my ($kind, $depth) = @_;
	my $r = rand;

	return (random_literal($kind), 0) if $r < 0.5 || $depth > 3;
	return ('.', 0) if $r < 0.57;
	return (random_class(), 0) if $r < 0.65;
	return (random_escape(), 0) if $r < 0.75;
	return (random_edge(), 1) if $r < 0.86;
	if ($r < 0.92) {
		my ($inner, $empty) = random_pattern($kind, $depth + 1);
		$groups++;
		return ("($inner)", $empty);
	}
	return ('\\' . (1 + int rand $groups), 1) if $r < 0.94 && $groups > 0;
	my $open = one_of('(?:', '(?:', '(?:', '(?>', '(?=', '(?!', '(?i:', '(?-i:', '(?s:', '(?m:', '(?-m:',
		'(?x:', '(?|', '(?U:', '(?-s:');
	my ($inner, $empty) = random_pattern($kind, $depth + 1);
	return ("$open$inner)", $empty || $open =~ /[=!x]/);
}

# A pattern, and whether it can match nothing.
sub random_pattern {
	my ($kind, $depth) = @_;
	my ($pattern, $empty) = ('', 1);

	for (1 .. 1 + int rand($depth ? 3 : 4)) {
		my ($atom, $no_text) = random_atom($kind, $depth);
		if (chance($depth > 1 ? 0.1 : 0.25)) {
			my $quantifier = one_of('*', '+', '?', '{2}', '{1,3}', '{0,1}', '{2,}', '*?', '+?', '??',
				'*+', '++', '?+', '{,2}');
			$atom .= $quantifier;
			$no_text ||= $quantifier =~ /^(?:[*?]|\{0)/;
		}
		$pattern .= $atom;
		# \K starts the match anew, so that it may be empty.
		$empty = $atom =~ /\\K/ || $empty && $no_text;
	}
	$pattern = '^' . $pattern if !$depth && chance(0.08);
	$pattern .= '$' if !$depth && chance(0.08);
	if (chance($depth ? 0.12 : 0.2)) {
		my ($other, $no_text) = random_pattern($kind, $depth + 1);
		$pattern .= "|$other";
		$empty ||= $no_text;
	}
	return ($pattern, $empty);
}

sub random_string {
	my ($kind) = @_;
	return '' if chance(0.03);
	my $text = '';
	for (1 .. 1 + int rand 3) {
		my $r = rand;
		if ($kind =~ /utf8|invalid/ && $r < 0.35) { $text .= one_of(@utf8) }
		elsif ($kind eq 'invalid' && $r < 0.45) { $text .= one_of(@invalid) }
		elsif ($r < 0.5) { $text .= one_of(qw(. * [ ] ( ) \\ ^ $ + ? { } | \\E \\Q), '#') }
		else { $text .= one_of(@ascii) }
	}
	return $text;
}

# ---- options ----

sub random_options {
	my %o;

	$o{n} = 1 if chance(0.4);
	$o{i} = 1 if chance(0.25);
	$o{v} = 1 if chance(0.2);
	$o{w} = 1 if chance(0.2);
	$o{x} = 1 if chance(0.12);
	$o{o} = 1 if chance(0.3);
	$o{c} = 1 if chance(0.12);
	$o{one_of('l', 'L')} = 1 if chance(0.1);
	$o{one_of('h', 'H')} = 1 if chance(0.25);
	$o{one_of('a', 'a', 'I')} = 1 if chance(0.15);
	$o{m} = one_of(1, 1, 2, 3, 100, -1) if chance(0.12);
	$o{q} = 1 if chance(0.02);
	return \%o;
}

sub option_list {
	my ($o) = @_;
	return map { $_ eq 'm' ? "-m$o->{m}" : "-$_" } sort keys %$o;
}

# ---- the rules ----

# Rules that leave a case out: the name of one, or nothing.
sub left_out {
	my ($o, $patterns, $kind, $fixed, $empty) = @_;
	my $bytes = grep { !is_utf8($_) } @$patterns;
	my $wide = $kind eq 'utf8' || $kind eq 'invalid';

	# The peer sees that nothing can be selected and does not even print a count.
	return 'count-of-nothing' if $o->{c} && $o->{v} && grep { $_ eq '' } @$patterns;
	# The peer then selects nothing at all.
	return 'negative-count-inverted' if $o->{v} && defined $o->{m} && $o->{m} < 0;
	# A pattern that is no UTF-8 asks for bytes: they have no case, and those of a letter
	# beyond ASCII are of no word.
	return 'case-or-words-of-bytes' if $bytes && ($o->{i} || $o->{w});
	# Beside a byte that is no UTF-8 the peer finds no empty match, either.
	return 'empty-beside-bytes' if $kind eq 'invalid' && !$fixed && $empty && has_edges($o, $patterns);
	# The peer goes on behind an empty match by one byte, into a character.
	return 'empty-before-multibyte' if $o->{o} && $wide && $empty;
	# It does the same with the words of a literal that is empty.
	return 'empty-word' if $fixed && $wide && $o->{w} && $empty;
	# Behind a match it takes what follows for the start of the text.
	return 'start-behind-match' if $o->{o} && $kind eq 'invalid' && grep { /\\[AG]/ } @$patterns;
	return;
}

# Where a line starts or ends with a byte that is no UTF-8 PCRE2 finds no ^ or $.  We do
# where the pattern can be asked of bytes.
sub has_edges {
	my ($o, $patterns) = @_;
	return $o->{w} || $o->{x} || grep { /[\^\$]|\\[bBAzZGK]|\(\?[<!=]|\[\[:[<>]/ } @$patterns;
}

sub cover_edges {
	my ($text) = @_;
	$applied{'edges-of-bytes'}++;
	$text =~ s/^(?=.)/a/mg;
	$text =~ s/(?<=.)$/b/mg;
	return $text;
}

# RFC 3629, section 4.
sub is_utf8 {
	my ($text) = @_;
	return $text =~ /\A(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]
		|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]
		|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*\z/x;
}

# What the peer is to be given: a list of options and patterns.
sub for_peer {
	my ($o, $patterns, $kind, $fixed) = @_;
	my %p = %$o;

	if ($fixed && $p{i} && $kind =~ /utf8|invalid/) {
		# The peer's literals know fewer folds than its patterns do: K is no k.
		$applied{'case-of-literals'}++;
		$patterns = [ join '|', map { s/([^\w\x80-\xff])/\\$1/gr }
			sort { length $b <=> length $a } @$patterns ];
	} elsif ($fixed) {
		return (option_list(\%p), '-F', map { ('-e', $_) } @$patterns);
	}
	my $pattern = @$patterns == 1 ? $patterns->[0] : join '|', map { "(?:$_)" } @$patterns;
	# The peer's classes are ASCII's, and its engine then goes wrong on others, but for
	# (*UCP), which must come first: so -w and -x are spelled out.
	$applied{'unicode-classes'}++;
	$pattern = "^(?:$pattern)\$" if $p{x};
	$pattern = "(?<!\\w)(?:$pattern)(?!\\w)" if $p{w} && !$p{x};
	delete @p{qw(w x)};
	my $verbs = '(*UCP)';
	# Else its .* at the start of a pattern finds nothing behind a byte that is no UTF-8.
	if ($kind eq 'invalid') {
		$applied{'dotstar-behind-bytes'}++;
		$verbs .= '(*NO_DOTSTAR_ANCHOR)';
	}
	return (option_list(\%p), '-P', '-e', "$verbs$pattern");
}

# The peer says of a binary file on standard error what we say on standard output.
sub our_words {
	my ($text) = @_;
	$text =~ s/^grep: (.*): binary file matches$/Binary file $1 matches/mg;
	return $text;
}

# ---- running ----

sub slurp {
	my ($name) = @_;
	open my $in, '<', $name or die "$name: $!";
	local $/;
	my $text = <$in>;
	return defined $text ? $text : '';
}

sub spew {
	my ($name, $text) = @_;
	open my $out, '>', $name or die "$name: $!";
	print $out $text;
	close $out or die "$name: $!";
}

# The status, or for a signal its number below 0; -14 is the end of our patience.
sub run {
	my ($out, $err, @command) = @_;
	my $pid = fork;

	die "fork: $!" if !defined $pid;
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', $out;
		if ($err eq $out) { open STDERR, '>&', \*STDOUT } else { open STDERR, '>', $err }
		alarm $limit;
		exec { $command[0] } @command;
		exit 127;
	}
	waitpid $pid, 0;
	return $? & 127 ? -($? & 127) : $? >> 8;
}

sub shell_word {
	my ($word) = @_;
	return $word if $word =~ /\A[\w.\/-]+\z/;
	$word =~ s/([\\'])/\\$1/g;
	$word =~ s/([^ -~])/sprintf '\\%03o', ord $1/ge;
	return "\$'$word'";
}

sub command_line { join ' ', map { shell_word($_) } @_ }

sub report {
	my ($case, $why, $ours, $peer, $files) = @_;

	$differ++;
	return if $differ > $most_reports;
	rename $_, "$case.$_" for @$files;
	s/^text/$case.text/ for @$ours, @$peer;
	print "case $case: $why\n";
	print '  ', command_line($program, @$ours), "\n";
	print '  LC_ALL=C.UTF-8 ', command_line('grep', @$peer), "\n";
	print '  ', length slurp($_), " bytes: printf ", shell_word(substr slurp($_), 0, 400), " >$_\n"
	    for map { "$case.$_" } @$files;
	my @o = split /^/, slurp('ours'), -1;
	my @p = split /^/, slurp('peer'), -1;
	my $at = 0;
	$at++ while $at < @o && $at < @p && $o[$at] eq $p[$at];
	for my $side ([ ours => \@o ], [ peer => \@p ]) {
		my $line = $at < @{ $side->[1] } ? $side->[1][$at] : undef;
		printf "  line %d of %s: %s\n", $at + 1, $side->[0],
		    defined $line ? shell_word(substr $line, 0, 200) : '(end)';
	}
	print '  ', slurp('errors') if -s 'errors';
}

sub test_case {
	my ($case) = @_;
	my $kind = one_of(qw(ascii ascii ascii utf8 utf8 invalid invalid nul));
	my $fixed = chance(0.2);
	my $count = chance(0.12) ? 2 + int rand 2 : 1;
	my ($empty, @patterns);
	while (@patterns < $count) {
		$groups = 0;
		my ($p, $e) = $fixed ? random_string($kind) : random_pattern($kind, 0);
		# The peer's groups are numbered through all patterns: ours anew in each.
		next if $count > 1 && !$fixed && $p =~ /\\[1-9]/;
		push @patterns, $p;
		$empty ||= $e || $p eq '';
	}
	my $o = random_options();
	my @texts = map { random_text($kind) } 1 .. (chance(0.25) ? 3 : 1);
	my @files = map { "text$_" } 1 .. @texts;
	# Beside -a the peer takes what is no UTF-8 for binary: we search it as text.
	if ($kind eq 'invalid' && !$o->{a}) {
		delete $o->{I};
		$o->{a} = 1;
		$applied{'invalid-is-text'}++;
	}
	if (my $rule = left_out($o, \@patterns, $kind, $fixed, $empty)) {
		$applied{"$rule (left out)"}++;
		return;
	}
	@texts = map { cover_edges($_) } @texts
	    if $kind eq 'invalid' && !$fixed && has_edges($o, \@patterns);
	spew($files[$_], $texts[$_]) for 0 .. $#files;

	my @peer = (for_peer($o, \@patterns, $kind, $fixed), '--', @files);
	my $expected = run('peer', 'peer', 'grep', @peer);
	if ($expected == 2 || $expected < 0) {
		$refused++;
		return;
	}
	$matched += $expected == 0;
	spew('peer', our_words(slurp('peer'))) if $kind eq 'nul';

	my @jobs = $case % 8 == 0 ? ($jobs, 1, 2, 5) : ($jobs);
	for my $j (@jobs) {
		my @ours = ("-j$j", option_list($o), $fixed ? '-F' : (), (map { ('-e', $_) } @patterns),
			'--', @files);
		my $status = run('ours', 'errors', $program, @ours);
		my $why = $status != $expected ? "status $status, the peer's is $expected"
		    : -s 'errors' ? 'there are messages'
		    : slurp('ours') ne slurp('peer') ? 'other bytes' : '';
		return report($case, $why, \@ours, \@peer, \@files) if $why;
	}
}

# Each line of a text against the same line alone.
sub test_alone {
	my ($case) = @_;
	my $kind = one_of(qw(ascii utf8 invalid invalid));
	$groups = 0;
	my ($pattern) = random_pattern($kind, 0);
	my %how = map { $_ => 1 } grep { chance(0.15) } qw(i w x);
	my @lines = split /\n/, random_text($kind), -1;
	my (@files, %alone, %whole);

	pop @lines if @lines && $lines[-1] eq '';
	@lines = @lines[0 .. 39] if @lines > 40;
	spew('whole', join '', map { "$_\n" } @lines);
	for (1 .. @lines) {
		spew("line$_", "$lines[$_ - 1]\n");
		push @files, "line$_";
	}
	my @how = ("-j$jobs", option_list(\%how), '-e', $pattern);
	my $status = run('alone', 'errors', $program, @how, '-l', '--', @files, '/dev/null');
	if ($status > 2) {
		$refused++;
		return;
	}
	$matched += $status == 0;
	$alone{$_}++ for slurp('alone') =~ /^line(\d+)$/mg;
	run('ours', 'errors', $program, @how, '-n', '--', 'whole');
	$whole{$_}++ for slurp('ours') =~ /^(\d+):/mg;
	my @wrong = $status < 0 || -s 'errors' ? 1 : grep { !!$whole{$_} != !!$alone{$_} } 1 .. @lines;
	return if !@wrong;
	$differ++;
	return if $differ > $most_reports;
	rename 'whole', "$case.whole";
	print "case $case: line $wrong[0] is ", ($whole{$wrong[0]} ? '' : 'not '),
	    "selected among others, but not so alone\n",
	    '  ', command_line($program, @how, '-n', '--', "$case.whole"), "\n";
	for ($wrong[0] - 1, $wrong[0]) {
		print "  line $_: ", shell_word(substr $lines[$_ - 1], 0, 200), "\n" if $_ > 0;
	}
}

if ($mode) {
	test_alone($_) for 1 .. $cases;
} else {
	test_case($_) for 1 .. $cases;
}
printf "%d cases, %d with a selected line, %d refused by the peer, %d differ\n", $cases, $matched,
    $refused, $differ;
print "$_: $applied{$_}\n" for sort keys %applied;
# Cases that test nothing are no test; a few may be by chance.
exit($differ > 0 || $cases >= 100 && ($refused > $cases / 3 || $matched < $cases / 20));
