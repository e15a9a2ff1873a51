#!/usr/bin/env perl
# faults.pl [--all] PROGRAM [NAME...]: runs PROGRAM (build/faults/pgrep-r) once for each
# call of NAME that it makes, with that call failing, and once with all that follow
# failing, too; without NAMEs, for each function that any of the runs below calls.
# Works in the current directory, which must be empty.
#
# Of each run is asked: it ends in time, without a signal or a sanitizer's word; what
# it prints is whole, or the status and a message say that it is not; nothing is
# printed that the undisturbed run does not print, and nothing twice; it leaves no
# process and no file.  A name that no run calls fails.
#
# --all: many more calls, and more ways to call the program.
# --list: prints the names that are called.
use strict;
use warnings;
use FindBin;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my (%option, %undisturbed);
$option{shift @ARGV} = 1 while @ARGV && $ARGV[0] =~ /^--/;
my ($program, @names) = @ARGV;
my $at_once = 2;
my $seconds = 30;

# How each may fail. "short": see faults.c.
my %effects = (
	asprintf => ['ENOMEM'],
	dlopen => ['ENOENT'],
	dlsym => ['ENOENT'],
	clock_gettime => ['EINVAL'],
	fcntl => ['EINVAL', 'EBADF', 'EPERM'],
	fork => ['EAGAIN', 'ENOMEM'],
	fprintf => ['EIO'],
	fparseln => ['ENOMEM'],
	fstat => ['EIO', 'ENOMEM'],
	fstatat => ['EACCES', 'ENOENT', 'EIO'],
	futex_waitv => ['ENOSYS', 'EPERM', 'EINTR', 'EINVAL', 'EAGAIN'],
	futex_wait => ['EINTR', 'EAGAIN'],
	futex_wake => [], # fails for no word that there is
	fopen => ['ENOENT', 'EMFILE'],
	getdents64 => ['EIO', 'ENOENT', 'ENOMEM', 'short'],
	iconv_open => ['ENOMEM', 'EMFILE'],
	ioctl => ['ENOTTY', 'EPERM'],
	kill => ['ESRCH', 'EPERM'],
	madvise => ['EINVAL', 'ENOMEM'],
	memfd_create => ['EMFILE', 'ENFILE', 'ENOSYS', 'EINVAL'],
	mmap => ['ENOMEM', 'EPERM'],
	open => ['EMFILE', 'EACCES', 'ENOENT'],
	pidfile_open => ['EEXIST', 'EMFILE', 'ENOMEM'],
	pidfile_write => ['ENOSPC'],
	openat => ['EACCES', 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'ENOENT', 'EPERM', 'ELOOP', 'ENOTDIR'],
	pcre2_compile_8 => ['ENOMEM'],
	pcre2_jit_compile_8 => ['ENOMEM'],
	poll => ['EINTR', 'ENOMEM'],
	sched_getaffinity => ['EINVAL'],
	setrlimit => ['EPERM'],
	sigaction => ['EINVAL'],
	sigprocmask => ['EINVAL'],
	stat => ['EACCES', 'ENOENT', 'EIO'],
	syscall => ['ENOSYS', 'EPERM', 'ENOMEM'],
	waitid => ['EINTR', 'ECHILD'],
	writev => ['EIO', 'ENOSPC', 'EPIPE', 'EINTR', 'EAGAIN', 'short'],
	write => ['EIO', 'ENOSPC', 'EINTR', 'EAGAIN', 'short'],
	map { $_ => ['ENOMEM'] } qw(malloc calloc realloc reallocarray strdup strndup vasprintf
		open_memstream aligned_alloc),
);
# What the program is not obliged to get over when it lasts.
my %once = (
	waitid => 1, # a child of its own is there
	fstat => 1,  # of what was just opened
	writev => 'EAGAIN EINTR', # poll says that it can be written
	write => 'EAGAIN EINTR',
);
# These take a message away, or the end of one.
my %speechless = map { $_ => 1 } qw(fprintf write);

# Ways to call it: arguments; a worker's deadly word; standard input; jobs; directories
# without types; another fault that is always there; few descriptors.
my @ways = (
	{ arguments => ['-n', 'needle', 'tree'] },
	{ arguments => ['--files', 'tree'] },
	{ arguments => ['-o', '--color=always', 'need', 'tree/d1', '-', 'tree/big', 'tree/d2/'],
		input => "needle in the pipe\n" },
	{ arguments => ['-c', '-F', '-e', 'needle', '-e', 'other', '-e', 'é', 'tree'] },
	{ arguments => ['-n', 'needle', 'tree'], deadly => 'DEADLY' },
	{ arguments => ['needle', 'missing', 'tree/d1', 'tree/d2/missing/'] },
	{ arguments => ['-e', '(bad', 'tree'] },
	{ arguments => ['-q', 'needle', 'tree'] },
	{ arguments => ['-j', '0', 'needle', 'tree'] },
	{ arguments => ['absent'], input => "needle\n" },
	{ arguments => ['-n', "needle 1\nneedle 2", 'tree'], untyped => 1, jobs => ['-j40'], descriptors => 90,
		also => 'writev:EAGAIN:1' },
	# "%" is the number of the run.
	{ arguments => ['-n', '--ledger-all', '--ledger=run.%.ledger', '--lock=run.%.lock', 'needle', 'tree/d1', 'missing'] },
	{ arguments => ['-n', '--output=run.%.output', '--resume=run.%.checkpoint',
		'--ledger=run.%.ledger', '--stats=json', 'needle', 'tree/d1', 'missing'], to => 'output' },
	{ arguments => ['-n', '--since-state=run.%.state', 'needle', 'tree/d1', 'tree/d2'] },
	{ arguments => ['--files', '--output=run.%.output', 'tree/d1', 'tree/d2'], to => 'output' },
	# Ignore files, globs, types and links.
	{ arguments => ['-l', '-R', '--config=tree/d1/config', '--no-require-git', '-g', '!*.{none,no}', '--type-not', 'c',
		'--exclude=none', '--newer=2000-01-01', 'needle', 'tree'] },
	# The accelerator: a library that passes for libhs.
	{ arguments => ['-n', '--accel=always', '[a-z]*[n][e][e][d][l][e]', 'tree'], library => 1 },
	# No -j: as many as there are processors.
	{ arguments => ['-l', '--encoding=koi8-r', 'needle', 'tree/deep', 'tree/d1'], jobs => [] },
);
my @more_ways = (
	# Only the clock ends it.
	{ arguments => ['--watch', '--deadline=100ms', 'needle', 'tree/d1', 'missing'],
		but => 'clock_gettime' },
	{ arguments => ['-c', 'needle', 'tree'], jobs => ['-j5'] },
	{ arguments => ['-L', '-i', 'needle|a b', 'tree'], jobs => ['-j1'] },
	{ arguments => ['--files', 'tree/d1', 'missing', 'tree'] },
	{ arguments => ['-w', '-e', 'needle', '-e', '[é]x', 'tree'] },
	{ arguments => ['-s', 'needle', 'missing', 'tree'] },
	{ arguments => ['-x', 'needle.*', '-', '-'], input => "needle 1\n" x 20000 },
	{ arguments => ['needle'], directory => 'tree' },
	{ arguments => ['--help'] },
	{ arguments => ['-V'] },
	{ arguments => ['--color=always', '-n', 'needle', 'tree'], deadly => 'DEADLY', jobs => ['-j5'] },
);
push @ways, @more_ways if $option{'--all'};

sub make_tree {
	mkdir $_ or die "$_: $!" for 'tree', map { "tree/d$_" } 1 .. 3;
	for my $i (1 .. 24) {
		my $file = 'tree/d' . (1 + $i % 3) . "/f$i";
		open my $to, '>', $file or die "$file: $!";
		print $to "needle $_ of $file\n", "nothing\n" for 1 .. 1 + $i % 4;
		print $to "DEADLY\n" if $i == 7;
	}
	open my $big, '>', 'tree/big' or die;
	print $big "needle $_ of the big one ", '.' x 60, "\n" for 1 .. 9000;
	# Deeper than directories are held open.
	my $path = 'tree/deep';
	for my $level (1 .. 90) {
		mkdir $path or die "$path: $!";
		mkdir "$path/z" or die;
		if ($level % 30 == 0) {
			for my $file ("$path/f", "$path/z/f") {
				open my $to, '>', $file or die;
				print $to "needle at level $level of $file\n";
			}
		}
		$path .= '/d';
	}
	open my $config, '>', 'tree/d1/config' or die;
	print $config "# nothing\n\n--heading\n-n\n";
	close $config;
	mkdir 'tree/empty' or die;
	for my $file ('tree/.gitignore', 'tree/.ignore', 'tree/d1/.gitignore') {
		open my $to, '>', $file or die;
		print $to "*.none\n/none\nd1/n?ne\n";
	}
	POSIX::mkfifo('tree/fifo', 0600) or die;
	symlink 'big', 'tree/link' or die;
}

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or return '';
	local $/;
	return readline($file) // '';
}

# Starts one run, in the files run.N.*.
sub start {
	my ($slot, $way, $fault) = @_;
	my @jobs = @{ $way->{jobs} // ['-j2'] };
	unlink glob "run.$slot.*";
	my @arguments = map { s/%/$slot/r } @{ $way->{arguments} };
	open my $input, '>', "run.$slot.in" or die;
	print $input $way->{input} // '';
	close $input;
	my $here = POSIX::getcwd();
	my $pid = fork // die "fork: $!";
	return { pid => $pid, slot => $slot, way => $way, fault => $fault, from => time } if $pid;
	POSIX::setpgid(0, 0);
	open STDIN, '<', $way->{input} ? "run.$slot.in" : '/dev/null' or die;
	open STDOUT, '>', "run.$slot.out" or die;
	open STDERR, '>', "run.$slot.err" or die;
	chdir $way->{directory} if $way->{directory};
	# A core file would be a file that is left.
	%ENV = (FAULT_LOG => "$here/run.$slot.log",
		defined $fault ? (FAULT => join ',', $fault, grep { defined && $_ ne $fault } $way->{also}) : (),
		$way->{library} ? (LD_LIBRARY_PATH => "$here/library") : (),
		$way->{untyped} ? (FAULT_UNTYPED => 1) : (),
		$way->{deadly} ? (FAULT_DEADLY => $way->{deadly}) : (),
		ASAN_OPTIONS => 'detect_leaks=1:handle_sigill=0:exitcode=99',
		UBSAN_OPTIONS => 'print_stacktrace=1:halt_on_error=1');
	my @limit = $way->{descriptors} ? ('/usr/bin/prlimit', "--nofile=$way->{descriptors}:1024") : ();
	exec @limit, $program, @jobs, @arguments or POSIX::_exit(127);
}

# Whether something of the group lives; what is dead may wait for init.
sub has_processes {
	my ($group) = @_;
	return 0 if !kill 0, -$group;
	return scalar grep { slurp($_) =~ /^\d+ \(.*\) [^ZX] \d+ $group /s } glob '/proc/[0-9]*/stat';
}

# Waits for one of these runs; sets its status, and whether it was in time.
sub finish {
	my ($running) = @_;
	for (;;) {
		for my $i (0 .. $#$running) {
			my $run = $running->[$i];
			if (waitpid($run->{pid}, WNOHANG) != 0) {
				$run->{status} = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
			} elsif (time - $run->{from} > $seconds) {
				kill 'KILL', -$run->{pid};
				waitpid $run->{pid}, 0;
				$run->{status} = 'hangs';
			} else {
				next;
			}
			splice @$running, $i, 1;
			for (1 .. 100) {
				$run->{left} = has_processes($run->{pid}) or last;
				sleep 0.01;
			}
			$run->{$_} = slurp("run.$run->{slot}.$_") for qw(out err ledger);
			$run->{out} .= slurp("run.$run->{slot}.$run->{way}{to}") if $run->{way}{to};
			# Totals, times and the like are no messages.
			$run->{err} =~ s/^\{"files".*\n//m;
			$run->{calls} = { map { /^(\S+) +(\d+) (\d+)/ ? ($1 => [$2 + 0, $3 + 0]) : () }
				split /\n/, slurp("run.$run->{slot}.log") =~ tr/\0//dr };
			return $run;
		}
		sleep 0.002;
	}
}

# The file of a line of output, without colours; "" if it has none.
sub file_of {
	my ($line, $files) = @_;
	$line =~ s/\e\[[0-9;]*[mK]//g;
	for my $file (@$files, map { s,^tree/,,r } @$files) {
		return $file if index($line, $file) == 0;
	}
	return '';
}

# The lines of the whole that are not in the part; undef if that has others, or more.
sub missing {
	my ($whole, $part, $torn) = @_;
	my @part = split /^/m, $part;
	my @missing;
	for my $line (split /^/m, $whole) {
		if (@part && $part[0] eq $line) {
			shift @part;
		} else {
			push @missing, $line;
		}
	}
	# Of a write that failed, a part of a line may have come through.
	return undef if @part > 1 || @part == 1 && !$torn;
	return \@missing;
}

# Whether a message names the file, or a directory on its way.
sub is_named {
	my ($file, $messages) = @_;
	return 1 if $messages =~ /^pgrep-r: \Q$file\E: /m;
	while ($file =~ s,/[^/]*$,,) {
		return 1 if $messages =~ m,^pgrep-r: \Q$file\E/?: ,m;
	}
	return 0;
}

# What is wrong with a run, against the undisturbed one; or undef.
sub wrong {
	my ($run, $whole, $name, $files) = @_;
	# What libbsd says when there was no memory for it.
	# Two workers may say it at once.
	$run->{err} =~ s/^(\S*pgrep-r: )*(setproctitle not initialized, .*?)*\n//mg;
	my ($status, $err) = @$run{'status', 'err'};
	return "$status" if $status !~ /^\d+$/;
	return "status $status" if $status !~ /^(0|1|2|64|7[01345])$/;
	return 'a sanitizer speaks' if $err =~ /Sanitizer|runtime error:/;
	return 'a process is left' if $run->{left};
	return 'a file is left' if listing() ne $undisturbed{listing};
	# What cannot be looked at may be another's, and with a checkpoint all is kept.
	for my $file (qw(ledger output checkpoint state)) {
		my $path = "run.$run->{slot}.$file.pgrep-r~";
		return "$path is left" if -e $path && $name ne 'fstat' &&
			($file eq 'checkpoint' || !-e "run.$run->{slot}.checkpoint");
	}
	return 'a checkpoint is left' if -e "run.$run->{slot}.checkpoint" && $status <= 2;
	if (grep { /^--ledger=/ } @{ $run->{way}{arguments} }) {
		my $complete = $run->{ledger} =~ /^\{"type":"summary","complete":(true|false),.*\}\n\z/m ? $1 : '';
		return 'a part of a ledger is left' if $run->{ledger} ne '' && $complete eq '';
		return 'no ledger' if $complete eq '' && $status <= 2;
		return 'the ledger says that all is complete' if $complete eq 'true' && $status > 1;
	}
	if (!$speechless{$name}) {
		return 'not a message of ours' if grep { !/^pgrep-r: ./ && !/^(\{"files":\{)?"searched":/ } split /\n/, $err;
		return 'no message' if $status > 1 && $err eq '' && !grep { $_ eq '-s' } @{ $run->{way}{arguments} };
		return "messages differ" if $status == $whole->{status} && $run->{out} eq $whole->{out} &&
			$err ne $whole->{err} && $status != 2 && $status != 0;
	}
	# Whatever has vanished meanwhile needs no word, unless it was named.
	my $vanished = $run->{fault} =~ /^(openat|getdents64|fstatat):ENOENT/;
	return undef if $vanished && $status < 2 && $run->{fault} !~ /:1$/ && defined missing($whole->{out}, $run->{out}, 0);
	if ($status < 2) {
		return "status $status instead of $whole->{status}" if $status != $whole->{status};
		return 'output is not whole' if $run->{out} ne $whole->{out};
		return undef;
	}
	# What is in a file of options is not known then.
	return undef if $status == 64 && $run->{out} eq '' && $err =~ /\Apgrep-r: [^:\n]*\/config: [^\n]*\n\z/;
	return "status 64 for $whole->{status}" if $status == 64 && $whole->{status} != 64;
	return "status $status for 64" if $status == 2 && $whole->{status} == 64;
	my $missing = missing($whole->{out}, $run->{out}, $status == 74);
	return 'other output' if !defined $missing;
	return undef if $status != 2 || $speechless{$name} || $vanished;
	return undef if grep { $_ eq '-s' } @{ $run->{way}{arguments} };
	return 'no summary' if $err !~ /^pgrep-r: \d+ files? not searched whole: /m;
	my %lost = map { file_of($_, $files) => 1 } @$missing;
	for my $file (keys %lost) {
		return "$file is lost without a word" if !is_named($file, $err);
	}
	for my $line (split /^/m, $whole->{err}) {
		next if $line =~ /not searched whole: /;
		my ($file) = $line =~ /^pgrep-r: (.*?): / or next;
		return "there is no word any more of $file" if !is_named($file, $err);
	}
	return undef;
}

sub listing {
	return join ' ', sort grep { !/^run\./ } glob '* tree/*';
}

# Which calls of so many: all, or the first, the last and some between.  Libraries may
# make very many, much alike.
sub sample {
	my ($count, $way) = @_;
	return 1 .. $count if $count <= ($option{'--all'} ? $way ? 40 : 150 : 3);
	return grep { $_ <= 20 || $_ > $count - 15 || $_ % ($way ? 23 : 5) == 0 } 1 .. $count if $option{'--all'};
	my %some = map { $_ => 1 } 1, 2, int($count / 2) + 1, $count;
	return sort { $a <=> $b } keys %some;
}

# Whether it can be that all calls fail so from now on.
sub lasts {
	my ($name, $effect) = @_;
	my $not = $once{$name} // '';
	return $not ne '1' && $not !~ /\b$effect\b/;
}

# All that is to be run for a name: [way, fault].  Of a sample each run has one of the
# effects in turn.
sub plan {
	my ($name) = @_;
	my $turn = 0;
	my @plan;
	my @effects = @{ $effects{$name} // ['EIO', 'ENOMEM'] } or return;
	for my $way (0 .. $#ways) {
		next if ($ways[$way]{but} // '') eq $name;
		my $count = ($undisturbed{$way}{calls}{$name} // [0])->[0];
		for my $nth (sample($count, $way)) {
			my @some = $option{'--all'} ? @effects : $effects[$turn++ % @effects];
			push @plan, map { [$way, "$name:$_:$nth"] } @some;
			push @plan, map { [$way, "$name:$_:$nth:0"] } grep { lasts($name, $_) } @some
				if $nth == 1 && ($option{'--all'} || $name ne 'fork' || $way == 0) || $nth % 7 == 0;
		}
	}
	return @plan;
}

sub report {
	my ($run, $what) = @_;
	my $environment = "FAULT=$run->{fault}" . ($run->{way}{deadly} ? " FAULT_DEADLY=$run->{way}{deadly}" : '');
	my @jobs = @{ $run->{way}{jobs} // ['-j2'] };
	print "$environment pgrep-r @jobs @{ $run->{way}{arguments} }: $what (status $run->{status})\n";
	my @said = split /^/m, $run->{err};
	splice @said, 12 if @said > 12;
	print map { "    $_" } @said;
}

sub campaign {
	my ($name, $files) = @_;
	my (@running, @slots, $runs, $hits, $bad);
	$runs = $hits = $bad = 0;
	@slots = 1 .. $at_once;
	my @plan = plan($name);
	while (@plan || @running) {
		while (@plan && @running < $at_once) {
			my ($way, $fault) = @{ shift @plan };
			my $run = start(shift @slots, $ways[$way], $fault);
			$run->{whole} = $undisturbed{$way};
			push @running, $run;
		}
		my $run = finish(\@running);
		no warnings 'uninitialized';
		push @slots, $run->{slot};
		$runs++;
		$hits++ if $run->{calls}{$name}[1];
		my $wrong = wrong($run, $run->{whole}, $name, $files);
		if (defined $wrong) {
			$bad++;
			report($run, $wrong) if $bad <= 12 || $option{'--all'};
		}
	}
	print "$name: never reached\n" if $hits == 0 && $runs > 0;
	printf "%s: %d runs, %d hit, %d bad\n", $name, $runs, $hits, $bad;
	return ($hits > 0 || $runs == 0) && $bad == 0;
}

make_tree();
mkdir 'library' or die;
system('gcc', '-D_GNU_SOURCE', '-w', '-shared', '-fPIC', '-o', 'library/libhs.so.5', "$FindBin::Bin/../fixtures/libhs.c") == 0
	or die "no library\n";
my @files = sort { length $b <=> length $a } grep { -f } split /\n/, `find tree -type f -o -type l`;
push @files, '(standard input)';
$undisturbed{listing} = listing();
for my $way (0 .. $#ways) {
	$undisturbed{$way} = finish([start(0, $ways[$way], $ways[$way]{also})]);
	delete $undisturbed{$way}{left};
	my $status = $undisturbed{$way}{status};
	die "undisturbed, @{ $ways[$way]{arguments} }: $status\n$undisturbed{$way}{err}"
		if $status !~ /^(0|1|2|64)$/ || $undisturbed{$way}{err} =~ /Sanitizer/;
}
my %called;
for my $way (0 .. $#ways) {
	$called{$_}++ for keys %{ $undisturbed{$way}{calls} };
}
if ($option{'--list'}) {
	print "$_\n" for sort keys %called;
	exit 0;
}
@names = sort keys %called if !@names;
my $bad = 0;
for my $name (@names) {
	campaign($name, \@files) or $bad++;
}
exit($bad > 0);
