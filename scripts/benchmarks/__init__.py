"""The parts of scripts/bench, which says what each of them is for."""
