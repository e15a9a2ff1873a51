# Random patterns as trees, so that what a pattern can do is known from what it is, and
# a part of a pattern is a pattern.
#
# A pattern has a syntax (P, E, G or F) and either a tree, or a text of which nothing is
# known.  A node of a tree is a list:
#
#   literal TEXT           bytes that stand for themselves
#   class TEXT             one character, as it is written
#   edge TEXT              an assertion: no character
#   odd TEXT               what is not clear: perhaps an error
#   refer NUMBER           what a group matched
#   group OPEN NODE        OPEN as in Perl: "(" captures, "(?=" looks ahead
#   repeat NODE QUANTIFIER
#   sequence NODE...
#   choice NODE...
package Pattern;
use strict;
use warnings;
use Exporter 'import';
use lib $FindBin::Bin;
use Random qw(chance one_of);

our @EXPORT_OK = qw(random_pattern render smaller_patterns maybe_empty holds_node is_literal);

our @ASCII = (qw(a a a b b c foo bar foobar A B FOO _ 1 42 - .), ' ', ' ', "\t");
our @WIDE = ("\303\251", "\303\211", "\303\237", "\305\277", "\342\204\252", "\317\203", "\317\202",
	"\316\243", "\331\243", "\342\200\224", "\302\240", "\342\200\250", "\302\205", "\360\237\230\200",
	"\355\225\234", "e\314\201", "\304\260", "\304\261", 'k', 's', "\357\273\277", "\303\204", "\303\244");
our @BYTES = ("\377", "\300\200", "\303", "\251", "\355\240\200", "\364\220\200\200", "\360\237\230",
	"\342\204");
my @SPECIAL = (qw(. * [ ] ( ) \\ ^ $ + ? { } | \E \Q), '#');

my %CLASS = (
	P => ['[ab]', '[^a]', '[a-c]', '[^\n]', '[[:alpha:]]', '[[:^space:]]', '[\w-]', '[^\s]',
		'[[:punct:]]', '[A-Z]', '[^a-z]', '[]a]', '[^]]', '[\d_]', '[\x00-\x20]', '[b\x{e9}]',
		'[[:upper:]]', '[\W]', '[^\W]', '[^\d\n]', "[\303\251a]", "[^\303\211]", "[a-\303\251]",
		'\w', '\w', '\W', '\d', '\D', '\s', '\s', '\S', '\S', '\h', '\H', '\v', '\V', '\N',
		'\R', '\X', '\x41', '\x{e9}', '\p{L}', '\P{L}', '\p{Lu}', '\pN', '\t', '\r', '\n', '\012',
		'\Qa.b\E', '\\.', '\\-', '\x00', '\e', '\cA'],
	E => ['[ab]', '[^a]', '[a-c]', '[[:alpha:]]', '[^[:space:]]', '[[:punct:]_]', '[A-Z]', '[^a-z]',
		'[]a]', '[^]]', '[a-]', '[-a]', '[\-c]', '[\w]', '[\]', '[a\]', '[^\]', '[[:upper:]]', '[[:lower:]]',
		'[[:alnum:]_]', '[[:digit:]]', '[[:xdigit:]]', '[[:cntrl:]]', '[[:graph:]]', '[[:print:]]',
		'[[:blank:]]', '[[=a=]]', '[[.a.]b]', '[[.-.]a]', '[[.].]]', '[[=b=]-]', '[a[.-.]c]',
		'[%--]', '[[.a.]-c]', "[\303\251a]", "[^\303\251]", "[\303\240-\303\277]", "[a-\303\251]",
		"[[=\303\251=]]", "[\316\221-\316\251]", '[.]', '[*]', '[$^]', '[a^]', '[[a]', '[(|)]',
		'\w', '\w', '\W', '\s', '\s', '\S', '\S', '\.', '\*', '\[', '\]', '\^', '\$', '\\\\', '\/'],
);
# What Perl's patterns and those of Rust have in common.
$CLASS{R} = ['[ab]', '[^a]', '[a-c]', '[[:alpha:]]', '[[:^space:]]', '[\w-]', '[^\s]', '[[:punct:]]', '[A-Z]', '[^a-z]',
	'[\d_]', '[b\x{e9}]', '[\W]', '[^\W]', "[\303\251a]", "[^\303\211]", "[a-\303\251]", '\w', '\w', '\W', '\d', '\D', '\s',
	'\s', '\S', '\x41', '\x{e9}', '\p{L}', '\P{L}', '\p{Lu}', '\pN', '\p{Greek}', '\t', '\.', '\-'];
$CLASS{G} = $CLASS{E};
my %EDGE = (
	P => ['^', '^', '$', '$', '\b', '\b', '\B', '\A', '\A', '\z', '\Z', '\G', '\G', '(?=a)', '(?!a)',
		'(?<=a)', '(?<!a)', '(?=.*b)', '(?<=\s)', '(?<!\w)', '(?=\W|$)', '(?!^)', '(?<=^a)', '(?!$)',
		'(?=\s)', '(?<!^)', '(?<=\n)', '(?!\n)', '[[:<:]]', '[[:>:]]', '\K'],
	E => ['^', '^', '^', '$', '$', '$', '\b', '\b', '\B', '\<', '\<', '\>', '\>', '\`', "\\'"],
);
$EDGE{R} = ['^', '^', '$', '$', '\b', '\b', '\B', '\A', '\z'];
$EDGE{G} = $EDGE{E};
my %ODD = (
	P => ['a{,2}', 'a{2', '{1}', ']', '}', '\8', '(?#x)', '(?i)', '(?-i)', '(?s)', '\Q', '\E', '(*ACCEPT)',
		'(*FAIL)', '(', ')', '[a', '[z-a]', '\\', '+', 'a**', '(?<n>a)\k<n>', '\g{-1}', '(?1)', 'a(?R)?b',
		'(a)?(?(1)b|c)', '\p{Foo}', '[[:foo:]]', '[[.a.]]', 'a{70000}', '(?<=a*)b', '(?', '\x{110000}'],
	E => ['a{', 'a{1', 'a{,2}', 'a{,}', 'a{1,2}{3}', '*a', '(*a)', '(+b)', '()', 'a||b', '(|a)', '(a|)', '|',
		'a|*b', '^*', '^+', '$*', '$+', '{1}a', '{1}', '+', '?', '*', 'a{1a}', 'a{2,1}', ')', '(', 'a\{1', 'a\{1\}',
		'a{99999}', 'a{32767}', '\\', '\(', '\)', '[', ']', '{', '}', 'a^b', 'a$b', '(^a)', '(a$)', '(^|b)', '\d', '\n', '\t',
		'\x', '\-', '\a', '\}', '\{', '\|', '\+', '\?', '[[:foo:]]', '[:alpha:]', '[z-a]', '[a', '[[:alpha:]',
		'[[.hyphen.]]', '[[.space.]]', '[[=ab=]]', '[[..]]', '[[==]]', '[a-[.c.]]', '[a-c-e]', '[--a]', '\1',
		'(a)\2', 'a**', 'a+*', 'a*?', '(a*)*', '(a*)+', '(^)*', '\b*', '\<*', '(\b)+', '$a', 'a^', "\\'a", 'a\`',
		'a{0}', 'a{0,0}', '(a){0}\1', '(a*)\1', '[^[:foo:]]', '[\d]', '[[:^alpha:]]', '[]', '[^]', '[^'],
	G => ['*', '*a', '\(*a\)', '\(*\)', '\(^a\)', '\(^*a\)', '\(a$\)', '\(^\|b\)', 'a\{', 'a\{1', 'a\{1}', 'a\{1,2\}\{2\}',
		'a\{,2\}', 'a\{2,1\}', 'a**', '^*', '^**', 'a\|*b', '\|', 'a\|', '\|a', '\{1\}', '\(\{1\}\)', 'a$b', 'a^b', '$*', '^\+', '\+', '\?', '\+a',
		'\(\)', '\(a\|\)', '\(a\)\1*', '\(', '\)', '\\', '\}', '\{', '[', '[a', '[z-a]', '[[:foo:]]', '[:space:]',
		'[[.hyphen.]]', '[[=ab=]]', 'a\{99999\}', '\1', '\(a\)\2', '\d', '\n', '\t', 'a+', 'a?', '(a)', 'a|b', 'a{2}',
		'{', '+', '?', '|', '(', ')', '\(a*\)*', '\(a*\)\+', '\b*', '\<*', '$a', 'a^', "\\'a", 'a\`', 'a\{0\}', '\(^\)*',
		'x\(^a\)', '\(a$\)x', '\(*\)*', '\^*', '\-', '\/', '[]', '[^]', '[^'],
);
$ODD{R} = ['a**', '(', ')', '[a', '[z-a]', '\\', '+', '(?i)', '(?-i)', '(?s)', '()', 'a||b', '(?P<name>a)', '\p{Foo}', '[[:foo:]]'];
my @QUANTIFIER = ('*', '*', '+', '+', '?', '?', '{2}', '{1,3}', '{0,1}', '{2,}', '{,2}');
my @OPEN = ('(?:', '(?:', '(?:', '(?>', '(?=', '(?!', '(?<=', '(?<!', '(?i:', '(?-i:', '(?s:', '(?m:', '(?-m:',
	'(?x:', '(?|', '(?U:', '(?-s:');

sub quote {
	my ($text, $syntax) = @_;
	return $text =~ s/\t/\\t/gr =~ s/([.\\\[\]*^\$+?{}|()#])/\\$1/gr if $syntax =~ /[PR]/;
	return $text =~ s/([.\\\[*^\$])/\\$1/gr if $syntax eq 'G';
	return $text =~ s/([.\\\[*^\$+?{|()])/\\$1/gr;
}

sub random_literal {
	my ($kind) = @_;
	return one_of(@WIDE) if $kind =~ /utf8|invalid/ && chance(0.3);
	return one_of(@BYTES) if $kind eq 'invalid' && chance(0.02);
	return one_of(@ASCII);
}

sub random_atom {
	my ($g, $depth) = @_;
	my $syntax = $g->{syntax};
	my $r = rand;

	return ['literal', random_literal($g->{kind})] if $r < 0.5 || $depth > 3;
	return ['class', '.'] if $r < 0.57;
	return ['class', one_of(@{$CLASS{$syntax}})] if $r < 0.73;
	return ['edge', one_of(@{$EDGE{$syntax}})] if $r < 0.84;
	if ($r < 0.91) {
		my $inner = random_node($g, $depth + 1);
		$g->{groups}++;
		return ['group', '(', $inner];
	}
	return ['refer', 1 + int rand $g->{groups}] if $r < 0.93 && $g->{groups} && $syntax ne 'R';
	return ['odd', one_of(@{$ODD{$syntax}})] if $r < 0.94;
	if ($syntax =~ /[EG]/) {
		my $inner = random_node($g, $depth + 1);
		$g->{groups}++;
		return ['group', '(', $inner];
	}
	return ['group', one_of('(?:', '(?:', '(?i:', '(?-i:', '(?s:', '(?U:', '(?m:'), random_node($g, $depth + 1)] if $syntax eq 'R';
	return ['group', one_of(@OPEN), random_node($g, $depth + 1)];
}

sub random_sequence {
	my ($g, $depth) = @_;
	my @nodes;

	for (1 .. 1 + int rand($depth ? 3 : 4)) {
		my $node = random_atom($g, $depth);
		if (chance($depth > 1 ? 0.1 : 0.25)) {
			my $quantifier = one_of(@QUANTIFIER);
			$quantifier .= $g->{syntax} eq 'P' ? one_of('?', '+') : '?' if $g->{syntax} =~ /[PR]/ && chance(0.25);
			$node = ['repeat', $node, $quantifier];
		}
		push @nodes, $node;
	}
	unshift @nodes, ['repeat', ['class', '.'], '*'] if !$depth && chance(0.03);
	unshift @nodes, ['edge', '^'] if !$depth && chance(0.08);
	push @nodes, ['edge', '$'] if !$depth && chance(0.08);
	return @nodes == 1 ? $nodes[0] : ['sequence', @nodes];
}

sub random_node {
	my ($g, $depth) = @_;
	my $node = random_sequence($g, $depth);
	return $node if !chance($depth ? 0.12 : 0.2);
	return ['choice', $node, random_node($g, $depth + 1)];
}

# A string of which nothing is meant to be special.
sub random_string {
	my ($kind) = @_;
	my $text = '';

	return '' if chance(0.04);
	for (1 .. 1 + int rand 3) {
		my $r = rand;
		if ($kind =~ /utf8|invalid/ && $r < 0.35) { $text .= one_of(@WIDE) }
		elsif ($kind eq 'invalid' && $r < 0.45) { $text .= one_of(@BYTES) }
		elsif ($r < 0.5) { $text .= one_of(@SPECIAL) }
		else { $text .= one_of(@ASCII) }
	}
	return $text;
}

# What a slip of the finger makes of a pattern.
sub slip {
	my ($text) = @_;
	my $at = int rand(1 + length $text);

	if (chance(0.4)) { substr $text, $at, 1, '' if $at < length $text }
	elsif (chance(0.5)) { substr $text, $at, 0, one_of(@SPECIAL, '\\', '-', ':', '=', ',', '1', '<', '>') }
	else { substr $text, $at, 0, substr $text, int(rand(1 + length $text)), 1 + int rand 3 }
	return $text;
}

sub random_pattern {
	my ($syntax, $kind) = @_;
	my $g = { syntax => $syntax, kind => $kind, groups => 0 };

	return { syntax => 'F', text => random_string($kind) } if $syntax eq 'F';
	return { syntax => $syntax, text => '' } if chance(0.01);
	my $pattern = { syntax => $syntax, tree => random_node($g, 0) };
	return $pattern if !chance(0.03);
	return { syntax => $syntax, text => slip(render($pattern)) };
}

# ---- as text ----

sub render_quantifier {
	my ($quantifier, $syntax) = @_;
	return $quantifier if $syntax ne 'G';
	return $quantifier =~ s/([+?{}])/\\$1/gr;
}

sub render_node {
	my ($node, $syntax) = @_;
	my ($type, @rest) = @$node;

	return quote($rest[0], $syntax) if $type eq 'literal';
	return $rest[0] if $type =~ /class|edge|odd/;
	return "\\$rest[0]" if $type eq 'refer';
	return join '', map { render_inner($_, $syntax) } @rest if $type eq 'sequence';
	return join $syntax eq 'G' ? '\|' : '|', map { render_node($_, $syntax) } @rest if $type eq 'choice';
	if ($type eq 'group') {
		my $inner = render_node($rest[1], $syntax);
		return $syntax eq 'G' ? "\\($inner\\)" : "$rest[0]$inner)";
	}
	return render_inner($rest[0], $syntax) . render_quantifier($rest[1], $syntax);
}

# In a sequence or before a quantifier; a smaller tree may have a choice there.
sub render_inner {
	my ($node, $syntax) = @_;
	return render_node($node->[0] eq 'choice' ? ['group', '(', $node] : $node, $syntax);
}

sub render {
	my ($pattern) = @_;
	return $pattern->{text} // render_node($pattern->{tree}, $pattern->{syntax});
}

# ---- what it can do ----

sub node_empty {
	my ($node) = @_;
	my ($type, @rest) = @$node;

	return 0 if $type eq 'literal' || $type eq 'class';
	return 1 if $type =~ /edge|odd|refer/;
	return $rest[0] =~ /[=!x]/ || node_empty($rest[1]) if $type eq 'group';
	return $rest[1] =~ /^(?:[*?]|\{[0,])/ || node_empty($rest[0]) if $type eq 'repeat';
	# \K starts the match anew.
	return 1 if grep { $_->[0] eq 'edge' && $_->[1] eq '\K' } @rest;
	my $empty = grep { node_empty($_) } @rest;
	return $type eq 'choice' ? $empty > 0 : $empty == @rest;
}

# Whether it may match nothing, somewhere.
sub maybe_empty {
	my ($pattern) = @_;
	return $pattern->{text} eq '' if $pattern->{syntax} eq 'F';
	# What is odd may make the rest something else.
	return holds_node($pattern, sub { $_[0][0] eq 'odd' }) || node_empty($pattern->{tree}) ||
	    render($pattern) =~ /\\K/;
}

sub any_node {
	my ($node, $test) = @_;
	return 1 if $test->($node);
	return !!grep { any_node($_, $test) } grep { ref } @$node[1 .. $#$node];
}

# Whether any node answers the test, or may.
sub holds_node {
	my ($pattern, $test) = @_;
	return 0 if $pattern->{syntax} eq 'F';
	return $pattern->{tree} ? any_node($pattern->{tree}, $test) : 1;
}

# ---- smaller ones ----

# Without each of some parts.
sub without_each {
	my (@parts) = @_;
	return map { my $i = $_; [@parts[grep { $_ != $i } 0 .. $#parts]] } 0 .. $#parts;
}

sub smaller_nodes {
	my ($node) = @_;
	my ($type, @rest) = @$node;
	my @smaller;

	push @smaller, @rest > 2 ? map({ [$type, @$_] } without_each(@rest)) : @rest
	    if $type eq 'sequence' || $type eq 'choice';
	push @smaller, $rest[1] if $type eq 'group';
	push @smaller, $rest[0] if $type eq 'repeat';
	push @smaller, ['literal', 'a'] if $type =~ /class|odd|edge|refer|literal/ && "@$node" ne 'literal a';
	for my $i (grep { ref $rest[$_] } 0 .. $#rest) {
		for my $part (smaller_nodes($rest[$i])) {
			my @copy = @rest;
			$copy[$i] = $part;
			push @smaller, [$type, @copy];
		}
	}
	return @smaller;
}

sub smaller_texts {
	my ($text) = @_;
	my @smaller;
	for (my $size = int(length($text) / 2); $size >= 1; $size = int($size / 2)) {
		for (my $at = 0; $at < length $text; $at += $size) {
			my $copy = $text;
			substr $copy, $at, $size, '';
			push @smaller, $copy;
		}
	}
	push @smaller, '' if length $text;
	return @smaller;
}

sub smaller_patterns {
	my ($pattern) = @_;
	return map { { %$pattern, tree => $_ } } smaller_nodes($pattern->{tree}) if $pattern->{tree};
	return map { { %$pattern, text => $_ } } smaller_texts($pattern->{text});
}

1;
