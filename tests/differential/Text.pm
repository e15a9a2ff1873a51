# Random texts to be searched.
package Text;
use strict;
use warnings;
use Encode ();
use Exporter 'import';
use lib $FindBin::Bin;
use Pattern;
use Random qw(chance one_of);

our @EXPORT_OK = qw(random_text in_utf16 is_utf8 smaller_text KINDS);

# nul: with NUL bytes.
use constant KINDS => qw(ascii ascii ascii utf8 utf8 invalid invalid nul);

sub random_length {
	return 0 if chance(0.2);
	return 200 + int rand 2000 if chance(0.01);
	return 1 + int rand 8;
}

sub random_line {
	my ($kind) = @_;
	my $line = '';

	for (1 .. random_length()) {
		my $r = rand;
		if ($kind =~ /utf8|invalid/ && $r < 0.25) { $line .= one_of(@Pattern::WIDE) }
		elsif ($kind eq 'invalid' && $r < 0.45) { $line .= one_of(@Pattern::BYTES) }
		elsif ($kind eq 'nul' && $r < 0.03) { $line .= "\0" }
		elsif ($r > 0.99) { $line .= one_of("\r", "\f", "\013", "\e", "\177", "\001", '\\', '*', '[', '$', '^') }
		else { $line .= one_of(@Pattern::ASCII) }
	}
	return $line;
}

# records: lines end with NUL, and a few newlines are within.
sub random_text {
	my ($kind, $records) = @_;
	return '' if chance(0.03);
	my $crlf = chance(0.12);
	my $text = '';

	for (1 .. 1 + int rand 12) {
		my $end = $crlf && chance(0.8) ? "\r\n" : "\n";
		$text .= random_line($kind) . ($records && chance(0.5) ? "\0" : $end);
	}
	chop $text if chance(0.2);
	# More than one window of any reader.
	$text .= "\n" . "x y z\n" x 50000 . $text if chance(0.003);
	return $text;
}

# RFC 3629, section 4.
sub is_utf8 {
	my ($text) = @_;
	# Most are: a quick look.
	return 1 if $text !~ /[\x80-\xff]/;
	my $copy = $text;
	return utf8::decode($copy) && $copy !~ /[\x{d800}-\x{dfff}\x{110000}-\x{7fffffff}]/;
}

# A text of UTF-8 in either kind of UTF-16, or nothing.
sub in_utf16 {
	my ($text) = @_;
	return if !is_utf8($text);
	return Encode::encode('UTF-16' . one_of('LE', 'BE'), "\x{feff}" . Encode::decode('UTF-8', $text));
}

# Shorter texts, the most daring first.
sub smaller_text {
	my ($text) = @_;
	my @lines = split /^/, $text, -1;
	my @smaller = ('');

	for (my $size = int(@lines / 2); $size >= 1; $size = int($size / 2)) {
		for (my $at = 0; $at < @lines; $at += $size) {
			my @copy = @lines;
			splice @copy, $at, $size;
			push @smaller, join '', @copy;
		}
	}
	return @smaller if @lines > 3;
	push @smaller, Pattern::smaller_texts($text);
	push @smaller, "$text\n" if $text =~ /[^\n]\z/;
	return @smaller;
}

1;
