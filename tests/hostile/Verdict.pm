# Whether a run with evil workers gave a right account of every file.
#
# A file is in the hands of the last process that took it: a worker takes over only what
# its predecessor had not done.  An honest one's files are whole in the output, in their
# place.  What the evil ones wrote stands only where files of theirs could stand.  A file
# that no process took is whole, or named as lost.
package Verdict;
use strict;
use warnings;
use Errno;
use Exporter 'import';
use List::Util 'sum0';

our @EXPORT_OK = qw(read_log verdict);
our $NAME = qr{t\d/d\d\d/f\d{3}_|ranged};
# This one is in the hands of several: who took the last of its ranges had others in between.
our $RANGED = 'ranged';

my @CUT = (
	'searched in part: a line is too long',
	'searched in part: matching a line takes too many steps',
	'printed in part: lines before a selected one are too long',
	'searched in pieces: too large for --multiline (see --max-line)',
);
# Reasons by which a message names a file, and how the summary counts them.
my %REASONS = (
	'crashed' => qr/crashed \((?:SIG\w+|signal \d+|exit status \d+|its worker broke the protocol)\)/,
	'timed out' => qr/timed out: (?:no progress|the deadline has passed)/,
	'not reached' => qr/not searched: no worker can be started/,
	'cut short' => qr/@{[join '|', map { quotemeta } @CUT]}/,
);
my %ERRORS = map { local $! = $_; ("$!" => 1) } 0 .. 133;

# read_log BYTES: what the processes had in hand, did, and whether they turned evil.
sub read_log {
	my ($bytes) = @_;
	my %log = (shared => {}, taker => {}, acts => {}, evil => {}, theirs => {}, honest => {}, dies => {});
	my $used = unpack 'L', $bytes;
	my %holders;
	# A process that dies in the middle of a line leaves zeros.
	for (split /[\n\0]+/, substr $bytes, 16, $used) {
		if (/^file (\d+) (\S+)$/) {
			$log{taker}{$2} = $1;
			$holders{$2}{$1} = 1;
		} elsif (/^evil (\d+) $/) {
			$log{evil}{$1} = 1;
		} elsif (/^dies (\d+) (on|between) /) {
			$log{dies}{$1} = $2;
		} elsif (/^act (\d+) (\S+)$/) {
			$log{evil}{$1} = 1;
			$log{acts}{$2}++;
		}
	}
	$log{$log{evil}{$log{taker}{$_}} ? 'theirs' : 'honest'}{$_} = 1 for keys %{$log{taker}};
	if ($holders{$RANGED}) {
		my $evil = grep { $log{evil}{$_} } keys %{$holders{$RANGED}};
		delete $log{$_}{$RANGED} for qw(theirs honest);
		$log{$evil ? 'theirs' : 'honest'}{$RANGED} = 1;
		$log{shared} = $holders{$RANGED};
	}
	# What an evil process was given it can tell of, also where another searched it then.
	for my $path (keys %holders) {
		$log{told}{$path} = 1 if grep { $log{evil}{$_} } keys %{$holders{$path}};
	}
	return \%log;
}

sub reason_of {
	my ($text) = @_;
	for my $word (keys %REASONS) {
		return $word if $text =~ /^$REASONS{$word}$/;
	}
	return 'unreadable' if $ERRORS{$text} || $text =~ /^Unknown error \d+$/;
	return;
}

# Standard error: known messages, each file once, in order, and a right summary.
sub check_messages {
	my ($run, $named) = @_;
	my (%count, $summary, @problems, @order);
	my %place = map { $run->{files}[$_] => $_ } 0 .. $#{$run->{files}};

	push @problems, 'a message is not ended' if $run->{err} ne '' && $run->{err} !~ /\n\z/;
	for (split /\n/, $run->{err}) {
		if (defined $summary) {
			push @problems, "after the summary: $_";
		} elsif (/^pgrep-r: (\d+) files? not searched whole: (.*)$/) {
			$summary = { total => $1, map { reverse /^(\d+) (.*)$/ } split /, /, $2 };
		} elsif (my ($path, $text) = /^pgrep-r: ([^:]*): (.*)$/) {
			my $reason = reason_of($text);
			if (!exists $place{$path} || !defined $reason) {
				push @problems, "unexpected message: $_";
				next;
			}
			push @problems, "named twice: $path" if $named->{$path};
			$named->{$path} = $reason;
			$run->{reasons}{$path} = $text;
			$count{$reason}++;
			push @order, $place{$path};
		} else {
			push @problems, "unexpected message: $_";
		}
	}
	push @problems, 'not named in order' if "@order" ne "@{[sort { $a <=> $b } @order]}";
	$count{total} = sum0(values %count);
	if ($count{total} == 0) {
		push @problems, 'a summary of nothing' if defined $summary;
	} elsif (!defined $summary) {
		# A hit ends a quiet search at once.
		push @problems, 'no summary' if !$run->{quiet} || $run->{status} != 0;
	} else {
		for (keys %{{ %count, %$summary }}) {
			push @problems, "the summary counts $_ wrong" if ($count{$_} // 0) != ($summary->{$_} // 0);
		}
	}
	return @problems;
}

# Files side by side that must be there as they are, or that need not.
sub stretches {
	my ($run, $free) = @_;
	my @stretches;
	for my $path (@{$run->{files}}) {
		my $is_free = exists $free->{$path} ? 1 : 0;
		push @stretches, { free => $is_free, text => '', files => [] }
		    if !@stretches || $stretches[-1]{free} != $is_free;
		# Nothing to be seen of it: it separates nothing.
		$stretches[-1]{text} .= $run->{text}{$path} // '';
		push @{$stretches[-1]{files}}, $path;
	}
	return grep { $_->{free} || $_->{text} ne '' } @stretches;
}

sub check_output {
	my ($run, $free) = @_;
	my ($at, $gap, $between) = (0, 0, '');
	my @problems;

	for my $stretch (stretches($run, $free)) {
		if ($stretch->{free}) {
			$gap = 1;
			next;
		}
		my $found = $gap ? index($run->{out}, $stretch->{text}, $at)
		    : substr($run->{out}, $at, length $stretch->{text}) eq $stretch->{text} ? $at : -1;
		return "@{$stretch->{files}}: not as they are, behind byte $at" if $found == -1;
		return "byte $found: a line of an honest file is not a line"
		    if $found > 0 && substr($run->{out}, $found - 1, 1) ne "\n";
		$between .= substr($run->{out}, $at, $found - $at) . "\0";
		$at = $found + length $stretch->{text};
		$gap = 0;
	}
	push @problems, "more than there should be, behind byte $at" if !$gap && $at != length $run->{out};
	$between .= substr $run->{out}, $at;
	my %others = map { $_ => 1 } grep { !exists $free->{$_} && !$run->{log}{told}{$_} }
	    $between =~ /$NAME/g;
	push @problems, "in the place of others: @{[sort keys %others]}" if %others;
	return @problems;
}

# The ledger, of all files: each once, in order, with the status of its message.
sub check_ledger {
	my ($run, $named) = @_;
	my (@files, @problems, $summary);
	for (split /\n/, $run->{ledger}) {
		if (/"type":"file","path":\{"text":"([^"]*)"\},"status":"([^"]*)"/) {
			push @files, $1;
			push @problems, "ledger: $1 is $2, its message said " . ($named->{$1} // 'nothing')
			    if defined $named->{$1} ? $named->{$1} ne $2 =~ tr/_-/  /r : $2 !~ /^(searched|skipped|vanished)$/;
		} elsif (/"type":"summary","complete":(true|false),"files":(\d+)/) {
			$summary = $2;
			push @problems, "ledger: complete is $1" if ($1 eq 'true') != (%$named == 0);
		} else {
			push @problems, "ledger: $_";
		}
	}
	push @problems, 'ledger: not the files of the tree' if "@files" ne "@{$run->{files}}";
	push @problems, 'ledger: its summary counts other files' if ($summary // -1) != @{$run->{files}};
	return @problems;
}

# verdict RUN: what is wrong with it.  RUN has
#   files   paths in the order of the walk      text    what an honest run prints of each
#   out, err, status (as of waitpid), log (as of read_log), quiet, ledger (or undef)
sub verdict {
	my ($run) = @_;
	my (@problems, %named);
	my $log = $run->{log};
	my $status = $run->{status};

	return 'it did not end in time' if !defined $status;
	push @problems, 'ended by signal ' . ($status & 127) if $status & 127;
	$status >>= 8;
	push @problems, "status $status" if $status > 2;
	push @problems, check_messages($run, \%named);
	push @problems, "status $status, but " . (%named ? '' : 'no ') . 'files are named'
	    if !$run->{quiet} && $status <= 2 && ($status == 2) != (%named > 0);
	my %losses;
	for (grep { !$log->{theirs}{$_} && $_ ne ($run->{missing} // '') } keys %named) {
		# Some honest worker of several has died on it.
		next if $_ eq $RANGED && grep { $log->{dies}{$_} } keys %{$log->{shared}};
		my $taker = $log->{taker}{$_};
		my $lost = !defined $taker ? $named{$_} =~ /crashed|timed out/ : $named{$_} eq 'timed out' ||
		    ($log->{dies}{$taker} && $run->{reasons}{$_} eq 'crashed (exit status 42)' && !$losses{$taker}++);
		push @problems, "of an honest worker, but $run->{reasons}{$_}: $_" if !$lost;
	}
	# A file that kills its worker is lost, and not tried again.  The missing operand is
	# dealt like a file, and cannot be lost.
	push @problems, map { "process $_ died on a file that is not lost" }
	    grep { $log->{dies}{$_} eq 'on' && !$losses{$_} && !$log->{shared}{$_} && $_ ne ($log->{taker}{$run->{missing} // ''} // '') }
	    keys %{$log->{dies}} if !$run->{quiet};
	push @problems, 'the missing operand is not named'
	    if !$run->{quiet} && defined $run->{missing} && !$named{$run->{missing}};

	my %free = (%{$log->{theirs}}, map { $_ => 1 } keys %named);
	# A batch that was claimed before it was dealt is taken by nobody.
	if ($log->{acts}{'claim-the-undealt'}) {
		$free{$_} = 1 for grep { !$log->{taker}{$_} } @{$run->{files}};
	}
	push @problems, check_output($run, \%free) if !$run->{quiet} && !@problems;
	push @problems, check_ledger($run, \%named) if defined $run->{ledger};
	$run->{lost_honest} = grep { $log->{honest}{$_} && $_ ne $RANGED && !$log->{dies}{$log->{taker}{$_}} && $_ ne ($run->{missing} // '') } keys %named;
	return @problems;
}

1;
