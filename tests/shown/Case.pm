# Random texts, running programs on them, and telling where two outputs part: for the tests
# of what is shown of lines.
package Case;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(one_of chance random_text slurp spew run shell_word command_line report differing);

my $limit = 20;        # seconds for one run
my $most_reports = 5;
my $differ = 0;

sub one_of { $_[rand @_] }
sub chance { rand() < $_[0] }
sub differing { $differ }

# ---- texts ----

my @pieces = (qw(a a b b x foo A 1 -), ' ', "\t", '');
my @wide = ("\303\251", "\342\204\252", "\360\237\230\200");
my @invalid = ("\377", "\300\200", "\303", "\342\204");

sub random_line {
	my ($kind) = @_;
	my $line = join '', map {
		my $r = rand;
		$kind eq 'utf8' && $r < 0.3 ? one_of(@wide)
		    : $kind eq 'invalid' && $r < 0.2 ? one_of(@invalid)
		    : $kind eq 'nul' && $r < 0.05 ? "\0" : one_of(@pieces)
	} 1 .. int rand(chance(0.1) ? 40 : 5);
	return $line;
}

sub random_text {
	my ($kind, $end) = @_;
	return '' if chance(0.05);
	my $ends = chance(0.15) ? "\r$end" : $end;
	# Now and then more lines than one window of any reader holds.
	my $many = chance(0.003) ? 'yyyyyyyyyyyyyyyy' . $end : '';
	my $text = join '', map { random_line($kind) . (chance(0.9) ? $ends : $end) } 1 .. 1 + int rand 12;
	$text = $text . $many x (10000 + rand 10000) . $text if $many ne '';
	$text =~ s/\Q$end\E\z// if chance(0.2);
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
	my ($out, $err, $in, @command) = @_;
	my $pid = fork;

	die "fork: $!" if !defined $pid;
	if (!$pid) {
		open STDIN, '<', $in;
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
	return $word if $word =~ /\A[\w.\/=-]+\z/;
	$word =~ s/([\\'])/\\$1/g;
	$word =~ s/([^ -~])/sprintf '\\%03o', ord $1/ge;
	return "\$'$word'";
}

sub command_line { join ' ', map { shell_word($_) } @_ }

# Where two outputs part.
sub show_difference {
	my @o = split /^/, slurp('ours'), -1;
	my @p = split /^/, slurp('peer'), -1;
	my $at = 0;
	$at++ while $at < @o && $at < @p && $o[$at] eq $p[$at];
	for my $side ([ ours => \@o ], [ peer => \@p ]) {
		my $line = $at < @{ $side->[1] } ? $side->[1][$at] : undef;
		printf "  line %d of %s: %s\n", $at + 1, $side->[0],
		    defined $line ? shell_word(substr $line, 0, 200) : '(end)';
	}
}

# commands: lines that show the case, which searches the files.
sub report {
	my ($case, $why, $commands, $files) = @_;

	return if ++$differ > $most_reports;
	print "case $case: $why\n";
	print "  $_\n" for @$commands;
	print '  ', length slurp($_), " bytes: printf ", shell_word(substr slurp($_), 0, 400), " >$_\n"
	    for @$files;
	show_difference();
	print '  ', slurp('errors') if -s 'errors';
}

1;
