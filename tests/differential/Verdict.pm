# Whether a program and its peer say the same of a case, and which rules excuse it if not.
package Verdict;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();
use lib $FindBin::Bin;
use Rules qw(rules apply_rule);
use Runner qw(run_ours run_peer run_alone);

our @EXPORT_OK = qw(verdict comparable);

use constant { BAD_USAGE => 64, INCOMPLETE => 2, PEER_REFUSES => 2 };
my $json = JSON::PP->new->canonical->allow_nonref;

# A message of --json with its times taken out.
sub timeless {
	my ($line) = @_;
	my $message = eval { $json->decode($line) };
	return "no JSON: $line" if !defined $message;
	my $data = $message->{data};
	delete $data->{elapsed_total};
	delete $data->{stats}{elapsed} if $data->{stats};
	return $json->encode($message);
}

# What --json prints without its times; all else as it is.
sub comparable {
	my ($case, $text) = @_;
	return $case->{peer} eq 'json' ? $text =~ s/,?"elapsed(?:_total)?":\{[^{}]*\}//gr : $text;
}

# Whether two texts say the same: of JSON, in any order of its fields.
sub same {
	my ($case, @texts) = @_;
	my ($ours, $peer) = map { comparable($case, $_) } @texts;
	return 1 if $ours eq $peer;
	return 0 if $case->{peer} ne 'json';
	my @ours = split /\n/, $texts[0], -1;
	my @peer = split /\n/, $texts[1], -1;
	return 0 if @ours != @peer;
	return !grep { comparable($case, $ours[$_]) ne comparable($case, $peer[$_]) &&
	    timeless($ours[$_]) ne timeless($peer[$_]) } 0 .. $#ours;
}

# The lines of one text, by number, that are selected though they would not be alone, or
# the other way round.
sub difference_alone {
	my ($case) = @_;
	my ($whole, $alone) = run_alone($case);
	my %both = (ours => $whole, peer => $alone);

	return ('', $whole, $alone) if $whole->{status} == BAD_USAGE;
	# A pattern that takes too many steps.
	return ('', $whole, $alone) if $whole->{status} == INCOMPLETE && $alone->{status} == INCOMPLETE &&
	    2 == grep { $_->{err} =~ /too many steps/ } $whole, $alone;
	for (values %both) {
		return ("status $_->{status}", $whole, $alone) if $_->{status} !~ /^[01]$/ || $_->{err} ne '';
	}
	return ($whole->{out} eq $alone->{out} ? '' : 'selected otherwise than alone', $whole, $alone);
}

# What differs of status, output and messages.
sub difference_accel {
	my ($case) = @_;
	my ($ours, $peer) = (run_ours($case), run_ours({ %$case, unaided => 1 }));
	my @differ = grep { $ours->{$_} ne $peer->{$_} } qw(status out err);

	return (@differ ? "another @differ without the accelerator" : '', $ours, $peer);
}

# What differs, or nothing; and what each did.
sub difference {
	my ($case) = @_;
	return difference_alone($case) if $case->{peer} eq 'alone';
	return difference_accel($case) if $case->{peer} eq 'accel';
	my $peer = run_peer($case);
	my $ours = run_ours($case);
	my $out = $peer->{out};

	$out = $_->($out) for @{$case->{translate} // []};
	for my $level (@{$case->{level} // []}) {
		$_ = $level->($_) for $out, $ours->{out};
	}
	my @both = ($ours, { %$peer, out => $out });
	return ('the peer fails', @both) if $peer->{status} < 0;
	return ("ended by signal $ours->{status}", @both) if $ours->{status} < 0;
	# A pattern that takes too many steps.
	return ('', @both) if $peer->{status} == PEER_REFUSES && $ours->{err} =~ /too many steps/ &&
	    "$peer->{out}$peer->{err}" =~ /backtracking limit|match limit/i;
	return ($ours->{status} == BAD_USAGE ? '' : 'takes what the peer refuses', @both)
	    if $peer->{status} == PEER_REFUSES;
	return ('refuses what the peer takes', @both) if $ours->{status} == BAD_USAGE;
	return ("status $ours->{status}, the peer's is $peer->{status}", @both)
	    if $ours->{status} != $peer->{status} && !($case->{ask}{any_status} && $ours->{status} <= 1);
	return ('there are messages', @both) if $ours->{err} ne '';
	return (same($case, $ours->{out}, $out) ? '' : 'other bytes', @both);
}

# The rules without which the case would differ.
sub needed {
	my ($case, @used) = @_;
	for my $i (reverse 0 .. $#used) {
		my @fewer = @used[grep { $_ != $i } 0 .. $#used];
		my $asked = $case;
		$asked = apply_rule($_, $asked) for @fewer;
		return needed($case, @fewer) if (difference($asked))[0] eq '';
	}
	return @used;
}

# { why: what differs and is not excused, or nothing; rules: that excuse it; ours, peer }
sub verdict {
	my ($case) = @_;
	my ($why, $ours, $peer) = difference($case);
	my %verdict = (why => $why, ours => $ours, peer => $peer, rules => [], case => $case);

	return \%verdict if $why eq '' || $why eq 'the peer fails';
	my $asked = $case;
	my @used;
	for my $rule (rules()) {
		next if !$rule->{applies}->($asked, $verdict{why});
		if (!grep { $rule->{$_} } qw(ask change translate level)) {
			return { %verdict, why => '', rules => [$rule->{name}] };
		}
		$asked = apply_rule($rule, $asked);
		push @used, $rule;
		my ($still, $o, $p) = difference($asked);
		return { %verdict, why => '', rules => [map { $_->{name} } needed($case, @used)] } if $still eq '';
		@verdict{qw(why ours peer case)} = ($still, $o, $p, $asked);
	}
	return \%verdict;
}

1;
