# Runs a program and its peer on a case, and says what differs.
#
# A case is
#   seed, peer (grep, rg or json), syntax (P, E, G, F, or R: what all of Rust's and Perl's
#   have), patterns (of Pattern), how (e, operand, lines or file), options (of Option),
#   colors (GREP_COLORS, or nothing), texts ([NAME, BYTES]...), input (operand: a file is named; stdin: "-" is; nothing), jobs,
#   kind (of Text)
package Runner;
use strict;
use warnings;
use Exporter 'import';
use lib $FindBin::Bin;
use Pattern qw(render);

our @EXPORT_OK = qw(prepare run_ours run_peer run_alone slurp spew our_command peer_command command_line has value_of
	without_option shell_word texts_of all_text);

use constant PATIENCE => 10; # seconds for one run

my ($program, $ripgrep);
my %SYNTAX = (grep => { P => "-P", E => "-E", G => "-G", F => "-F" },
	rg => { P => "-P", F => "-F", R => "--engine=default" });
my %OURS = (%{$SYNTAX{grep}}, R => "-P");

sub prepare {
	($program, $ripgrep, my $available) = @_;
	# The default.
	delete @OURS{qw(P R)} if !$available->{"perl-regexp"};
	$ENV{LC_ALL} = 'C.UTF-8';
	delete @ENV{qw(GREP_COLORS GREP_COLOR POSIXLY_CORRECT RIPGREP_CONFIG_PATH NO_COLOR)};
	$ENV{TERM} = 'xterm';
}

sub slurp {
	my ($name) = @_;
	open my $in, '<:raw', $name or die "$name: $!";
	local $/;
	return scalar(<$in>) // '';
}

sub spew {
	my ($name, $text) = @_;
	open my $out, '>:raw', $name or die "$name: $!";
	print $out $text;
	close $out or die "$name: $!";
}

# ---- what a case has ----

# Whether one of these options is given.
sub has {
	my ($case, @names) = @_;
	for my $option (@{$case->{options}}) {
		return 1 if grep { $_ eq $option->{name} } @names;
	}
	return 0;
}

sub value_of {
	my ($case, $name) = @_;
	my ($option) = reverse grep { $_->{name} eq $name } @{$case->{options}};
	return $option && $option->{value};
}

sub without_option {
	my ($case, @names) = @_;
	my %gone = map { $_ => 1 } @names;
	return { %$case, options => [grep { !$gone{$_->{name}} } @{$case->{options}}] };
}

sub texts_of {
	my ($case) = @_;
	return map { $_->[1] } @{$case->{texts}};
}

sub all_text {
	my ($case) = @_;
	return join '', texts_of($case);
}

# ---- its command lines ----

# The options that give these patterns, and the operand if one of them is.
sub pattern_words {
	my ($how, @patterns) = @_;
	return ([], [$patterns[0]]) if $how eq 'operand' && @patterns == 1 && $patterns[0] !~ /^-/;
	return ([], [join "\n", @patterns]) if $how eq 'lines' && "@patterns" !~ /^-/;
	if ($how eq 'file') {
		spew('patterns', join '', map { "$_\n" } @patterns);
		return (['-f', 'patterns'], []);
	}
	return ([map { ('-e', $_) } @patterns], []);
}

sub operands {
	my ($case) = @_;
	return if $case->{input} eq 'nothing';
	return map { $_->[0] eq 'stdin' ? '-' : $_->[0] } @{$case->{texts}};
}

# Either command: options, syntax and patterns may be another's.
sub words {
	my ($case, $side, $syntax, @patterns) = @_;
	my $each = $side eq 'peer' && $case->{ask} && $case->{ask}{each};
	my ($given, $operand) = pattern_words($each ? 'e' : $case->{how}, @patterns);
	return (map({ @{$_->{$side}} } @{$case->{options}}), $syntax // (), @$given, '--', @$operand,
		operands($case));
}

sub our_command {
	my ($case) = @_;
	my @limits = $case->{sandboxed} ? () : '--sandbox=off';
	# ripgrep leaves binary files as soon as it sees that they are.
	push @limits, '-a' if $case->{peer} =~ /rg|json|alone/;
	# A mark may stand at the start of any line.
	push @limits, '--encoding=none' if $case->{peer} eq 'alone';
	push @limits, '--accel=' . ($case->{unaided} ? 'off' : 'always') if $case->{peer} eq 'accel';
	return ($program, "-j$case->{jobs}", @limits, words($case, 'ours', $OURS{$case->{syntax}},
		map { render($_) } @{$case->{patterns}}));
}

# What a rule asks of the peer, see Rules.
sub peer_patterns {
	my ($case) = @_;
	my $ask = $case->{ask} // {};
	my @patterns = map { render($_) } @{$case->{patterns}};

	@patterns = map { /\\Q/ ? "$_\\E" : $_ } @patterns if $ask->{close};
	@patterns = join '|', map { "(?:$_)" } @patterns if $ask->{join} && @patterns > 1;
	return @patterns if @patterns > 1;
	my $pattern = $patterns[0];
	if ($ask->{spell}) { # -w and -x
		$pattern = "^(?:$pattern)\$" if has($case, 'line-regexp');
		$pattern = "(?<!\\w)(?:$pattern)(?!\\w)" if has($case, 'word-regexp') && !has($case, 'line-regexp');
	}
	return ($ask->{verbs} // '') . $pattern;
}

sub peer_command {
	my ($case) = @_;
	return our_command({ %$case, unaided => 1 }) if $case->{peer} eq 'accel';
	my $asked = $case->{ask} && $case->{ask}{spell} ? without_option($case, 'word-regexp', 'line-regexp') : $case;
	my @patterns = peer_patterns($case);
	my $syntax = $SYNTAX{$case->{peer} eq 'grep' ? 'grep' : 'rg'}{$case->{ask}{engine} // $case->{syntax}};
	return ('grep', words($asked, 'peer', $syntax, @patterns)) if $case->{peer} eq 'grep';
	return ($ripgrep, '--no-config', '-j1', '-a', words($asked, 'peer', $syntax, @patterns));
}

sub shell_word {
	my ($word) = @_;
	return $word if $word =~ m{\A[\w.\/=,:-]+\z};
	return "'$word'" if $word =~ /\A[ -~]*\z/ && $word !~ /'/;
	$word =~ s/([\\'])/\\$1/g;
	$word =~ s/([^ -~])/sprintf '\\%03o', ord $1/ge;
	return "\$'$word'";
}

sub command_line { join ' ', map { shell_word($_) } @_ }

# ---- running them ----

# The status, or for a signal its number below 0; -14 is the end of our patience.
sub run {
	my ($in, $out, $err, @command) = @_;
	my $pid = fork // die "fork: $!";

	if (!$pid) {
		open STDIN, '<', $in;
		open STDOUT, '>', $out;
		if ($err eq $out) { open STDERR, '>&', \*STDOUT } else { open STDERR, '>', $err }
		alarm PATIENCE;
		exec { $command[0] } @command;
		exit 127;
	}
	waitpid $pid, 0;
	return $? & 127 ? -($? & 127) : $? >> 8;
}

sub input_of {
	my ($case) = @_;
	return (grep { $_->[0] eq 'stdin' } @{$case->{texts}}) ? 'stdin' : '/dev/null';
}

sub write_texts {
	my ($case) = @_;
	spew(@$_) for @{$case->{texts}};
}

# { status, out, err } of either; the peer's err is of no interest, but where it is asked for in out.
sub run_ours {
	my ($case) = @_;
	write_texts($case);
	local $ENV{LC_ALL} = $case->{locale};
	local $ENV{GREP_COLORS} = $case->{colors} // '';
	my $status = run(input_of($case), 'out.ours', 'err.ours', our_command($case));
	return { status => $status, out => slurp('out.ours'), err => slurp('err.ours') };
}

sub run_peer {
	my ($case) = @_;
	write_texts($case);
	local $ENV{GREP_COLORS} = $case->{colors} // '';
	my $merge = $case->{ask} && $case->{ask}{merge};
	my $status = run(input_of($case), 'out.peer', $merge ? 'out.peer' : 'err.peer', peer_command($case));
	my $out = slurp('out.peer');
	$out =~ s/^grep: warning: .*\n//mg if $merge;
	return { status => $status, out => $out, err => $merge ? '' : slurp('err.peer') };
}

# Ours of the first text, and of each of its lines in a file of its own: as the numbers of
# the lines that are selected.
sub run_alone {
	my ($case) = @_;
	my @lines = split /\n/, $case->{texts}[0][1], -1;
	pop @lines if @lines && $lines[-1] eq '';
	$#lines = 39 if @lines > 40;
	my @names = map { "line.$_" } 1 .. @lines;
	my %either = (%$case, input => 'operand', patterns => $case->{patterns});
	my $number = { name => 'line-number', ours => ['-n'] };
	my $list = { name => 'files-with-matches', ours => ['-l'] };

	my $whole = run_ours({ %either, texts => [['whole', join '', map { "$_\n" } @lines]],
	    options => [@{$case->{options}}, $number] });
	my $alone = run_ours({ %either, texts => [['none', ''], map { [$names[$_], "$lines[$_]\n"] } 0 .. $#lines],
	    options => [@{$case->{options}}, $list] });
	$whole->{out} = join "\n", $whole->{out} =~ /^(\d+):/mg;
	$alone->{out} = join "\n", $alone->{out} =~ /^line\.(\d+)$/mg;
	return ($whole, $alone);
}

1;
