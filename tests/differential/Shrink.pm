# Makes a case that differs as small as it can be and still differ.
package Shrink;
use strict;
use warnings;
use Exporter 'import';
use lib $FindBin::Bin;
use Pattern qw(smaller_patterns);
use Text qw(smaller_text);
use Verdict qw(verdict);

our @EXPORT_OK = qw(shrink);

use constant { TRIES => 500, SECONDS => 15 };

sub without {
	my ($i, @list) = @_;
	return [@list[grep { $_ != $i } 0 .. $#list]];
}

sub with {
	my ($i, $item, @list) = @_;
	$list[$i] = $item;
	return [@list];
}

# Cases that are smaller in one respect, one after the other.
sub smaller_cases {
	my ($case) = @_;
	my ($options, $patterns, $texts) = @$case{qw(options patterns texts)};

	return (
		(map { { %$case, texts => [$_] } } @$texts > 1 ? @$texts : ()),
		(map { { %$case, texts => without($_, @$texts) } } @$texts > 2 ? 0 .. $#$texts : ()),
		(map { { %$case, options => without($_, @$options) } } grep { $options->[$_]{name} ne 'json' } 0 .. $#$options),
		(map { { %$case, patterns => without($_, @$patterns) } } @$patterns > 1 ? 0 .. $#$patterns : ()),
		($case->{how} ne 'e' ? { %$case, how => 'e' } : ()),
		($case->{jobs} != 1 ? { %$case, jobs => 1 } : ()),
		($case->{sandboxed} ? { %$case, sandboxed => 0 } : ()),
		($case->{locale} ne 'C.UTF-8' ? { %$case, locale => 'C.UTF-8' } : ()),
		(defined $case->{colors} ? { %$case, colors => undef } : ()),
		($case->{input} eq 'nothing' ? { %$case, input => 'stdin' } : ()),
		($case->{input} eq 'stdin' ? { %$case, input => 'operand', texts => [map { ['a', $_->[1]] } @$texts] } : ()),
		(map { my $i = $_; map { { %$case, patterns => with($i, $_, @$patterns) } } smaller_patterns($patterns->[$i]) }
		    0 .. $#$patterns),
		(map { my $i = $_; map { { %$case, texts => with($i, [$texts->[$i][0], $_], @$texts) } }
		    smaller_text($texts->[$i][1]) } 0 .. $#$texts),
	);
}

sub shrink {
	my ($case) = @_;
	my ($tries, $began) = (0, time);

	SMALLER: while (1) {
		for my $smaller (smaller_cases($case)) {
			return $case if $tries++ >= TRIES || time > $began + SECONDS;
			my $why = verdict($smaller)->{why};
			next if $why eq '' || $why eq 'the peer fails';
			$case = $smaller;
			next SMALLER;
		}
		return $case;
	}
}

1;
