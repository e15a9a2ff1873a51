load helpers

setup() { enter_tmp; }

@test "a line is found in a tree, and named" {
	mkdir -p a/b
	echo needle > a/b/f
	try 0 needle
	out_is a/b/f:needle
}
