#include "color.h"

#define SGR(code) "\33[" code "m\33[K"

const char *
color_sequence(enum color color)
{
	static const char *const sequences[COLOR_COUNT] = {
		[COLOR_END] = SGR(""),
		[COLOR_FILE] = SGR("35"),
		[COLOR_NUMBER] = SGR("32"),
		[COLOR_SEPARATOR] = SGR("36"),
		[COLOR_MATCH] = SGR("01;31"),
	};

	return sequences[color];
}
