# The options that are tried: how likely, with which arguments, and how each peer calls
# them.
#
# An option of a case is { name, ours => [WORD...], peer => [WORD...] }; its name is its
# long one, or its letter where it has no other.
package Option;
use strict;
use warnings;
use Exporter 'import';
use lib $FindBin::Bin;
use Random qw(chance one_of);

our @EXPORT_OK = qw(random_options random_colors expected_options unlisted_options);

my $number = sub { one_of(0, 1, 1, 1, 2, 2, 3, 10) };
my $count = sub { one_of(0, 1, 1, 2, 3, 100, -1) };

# name, letter, chance, argument
my @GREP = (
	['line-number', 'n', 0.35],
	['byte-offset', 'b', 0.1],
	['with-filename', 'H', 0.12],
	['no-filename', 'h', 0.12],
	['only-matching', 'o', 0.25],
	['count', 'c', 0.08],
	['files-with-matches', 'l', 0.05],
	['files-without-match', 'L', 0.05],
	['quiet', 'q', 0.02],
	['no-messages', 's', 0.02],
	['ignore-case', 'i', 0.22],
	['no-ignore-case', undef, 0.02],
	['invert-match', 'v', 0.18],
	['word-regexp', 'w', 0.2],
	['line-regexp', 'x', 0.1],
	['null-data', 'z', 0.07],
	['text', 'a', 0.08],
	['I', 'I', 0.03],
	['binary-files', undef, 0.03, sub { one_of('binary', 'text', 'without-match') }],
	['max-count', 'm', 0.1, $count],
	['after-context', 'A', 0.1, $number],
	['before-context', 'B', 0.1, $number],
	['context', 'C', 0.06, $number],
	['context-number', undef, 0.02, $number],
	['initial-tab', 'T', 0.05],
	['null', 'Z', 0.06],
	['group-separator', undef, 0.04, sub { one_of('', '##', '-- --', "\303\251") }],
	['no-group-separator', undef, 0.04],
	['line-buffered', undef, 0.02],
	['color', undef, 0.07, sub { one_of('always', 'always', 'never', 'auto') }],
	['label', undef, 0.03, sub { one_of('name', 'a b', '') }],
);

# name, letter of ours, chance, argument, ripgrep's words where they differ: a function
# of the argument
my @RIPGREP = (
	['line-number', 'n', 0.35],
	['byte-offset', 'b', 0.1],
	['with-filename', 'H', 0.12],
	['no-filename', 'h', 0.12, undef, sub { '--no-filename' }],
	['only-matching', 'o', 0.2],
	['count', 'c', 0.05, undef, sub { ('--count', '--include-zero') }],
	['count-matches', undef, 0.06],
	['files-with-matches', 'l', 0.03],
	['files-without-match', 'L', 0.03, undef, sub { '--files-without-match' }],
	['ignore-case', 'i', 0.18],
	['smart-case', 'S', 0.15],
	['invert-match', 'v', 0.1],
	['word-regexp', 'w', 0.15],
	['line-regexp', 'x', 0.08],
	['max-count', 'm', 0.08, sub { one_of(1, 1, 2, 3, 100) }],
	['after-context', 'A', 0.08, $number],
	['before-context', 'B', 0.08, $number],
	['context', 'C', 0.08, $number],
	['group-separator', undef, 0.03, sub { one_of('##', '-- --') }, sub { "--context-separator=$_[0]" }],
	['no-group-separator', undef, 0.03, undef, sub { '--no-context-separator' }],
	['null', 'Z', 0.04, undef, sub { '--null' }],
	['null-data', 'z', 0.04, undef, sub { '--null-data' }],
	['crlf', undef, 0.08],
	['multiline', undef, 0.12],
	['multiline-dotall', undef, 0.06],
	['no-unicode', undef, 0.05],
	['encoding', undef, 0.05, sub { one_of('none', 'utf-8', 'utf-16le', 'latin1', 'windows-1252') }],
	['column', undef, 0.12],
	['vimgrep', undef, 0.06],
	['heading', undef, 0.1],
	['max-columns', 'M', 0.08, sub { one_of(0, 1, 5, 10, 10, 20, 100) }],
	['max-columns-preview', undef, 0.06],
	['trim', undef, 0.06],
	['passthru', undef, 0.06],
	['replace', undef, 0.12, sub { one_of('', 'X', '<$0>', '$1', '${1}x', '[$2$1]', '$$', '$1x', '$name', "\303\251\$0") }],
);

# What goes with --json, and changes it.
my %JSON = map { $_ => 1 } qw(ignore-case smart-case invert-match word-regexp line-regexp max-count
	after-context before-context context crlf multiline multiline-dotall no-unicode replace null-data encoding);

# What changes which lines are selected.
my %ALONE = map { $_ => 1 } qw(ignore-case word-regexp line-regexp);

# Letters of which one word can be made.
sub spelled {
	my ($name, $letter, $argument) = @_;

	return "-$argument" if $name eq 'context-number';
	return "--$name=$argument" if defined $argument && (!defined $letter || chance(0.4));
	return chance(0.5) ? "-$letter$argument" : ("-$letter", $argument) if defined $argument;
	return length $name == 1 || defined $letter && chance(0.6) ? "-$letter" : "--$name";
}

sub random_option {
	my ($peer, $name, $letter, undef, $argument, $theirs) = @_;
	my $value = $argument ? $argument->() : undef;
	# A negative count is no argument to a short option of its own word.
	my @ours = spelled($name, defined $value && $value =~ /^-/ ? undef : $letter, $value);
	my @peers = $peer =~ /grep|alone|accel/ ? @ours
	    : $theirs ? $theirs->($value)
	    : '--' . $name . (defined $value ? "=$value" : '');
	return { name => $name, value => $value, ours => \@ours, peer => \@peers };
}

# available: the names of those that may be tried.
sub random_options {
	my ($peer, $available) = @_;
	my @options;
	my $json = $peer eq 'json';

	for my $row ($peer =~ /grep|alone|accel/ ? @GREP : @RIPGREP) {
		next if $json && !$JSON{$row->[0]} || $peer eq 'alone' && !$ALONE{$row->[0]};
		my $chosen = chance($row->[2]);
		next if !$chosen || !$available->{$row->[0]};
		push @options, random_option($peer, @$row);
	}
	# What it means that zeros are to be counted, too, depends on which of them is given.
	@options = grep { $_->{name} ne 'count' } @options if grep { $_->{name} eq 'count-matches' } @options;
	# In some order.
	@options = map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { [rand, $_] } @options;
	push @options, { name => 'json', ours => ['--json'], peer => ['--json'] } if $json;
	return \@options;
}

# A value of GREP_COLORS for a case, or nothing.
sub random_colors {
	my ($options) = @_;
	return if chance(0.4) || !grep { $_->{name} eq 'color' } @$options;
	return one_of('mt=01;32', 'ne', 'ne:mt=7', 'sl=1:cx=2', 'sl=1:cx=2:rv', 'fn=34:ln=33:bn=35:se=31', 'ms=1:mc=2', ':', '',
		'ms=1:sl=4:mc=2:cx=5', 'rv=1', 'fn=:ln=:se=', 'mt=x', 'mt=1:foo', 'foo=1:mt=7', 'se=36;1:ne:rv:sl=3');
}

# Every option that is tried, by name.
sub expected_options {
	my %names = map { $_->[0] => 1 } @GREP, @RIPGREP;
	$names{$_} = 1 for qw(json perl-regexp extended-regexp basic-regexp fixed-strings regexp file);
	return sort keys %names;
}

# Those that a --help does not speak of.
sub unlisted_options {
	my ($help) = @_;
	my %listed = map { $_ => 1 } $help =~ /--([a-z][a-z-]*)/g;
	$listed{I} = 1 if $help =~ /^ *-I\b/m;
	$listed{'context-number'} = 1 if $help =~ /-NUM\b/;
	return grep { !$listed{$_} } expected_options();
}

1;
