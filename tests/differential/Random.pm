# Random choices, made again by the same seed.
package Random;
use strict;
use warnings;
use Digest::MD5 'md5';
use Exporter 'import';

our @EXPORT_OK = qw(seed_random chance one_of);

# Seeds that follow each other make choices that have nothing in common.
sub seed_random {
	my (@words) = @_;
	srand unpack 'N', md5(join ' ', @words);
}

sub one_of { $_[rand @_] }
sub chance { rand() < $_[0] }

1;
