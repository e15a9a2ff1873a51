#include "engine.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "needles.h"

const char *
engine_name(const struct pattern *p)
{
	const struct needles *needles = pattern_needles(p, TEXT_BYTES);
	bool words = pattern_literals(p) != NULL || pattern_required(p) != NULL ||
	    pattern_needles(p, TEXT_ASCII)->count > 0;
	size_t units = needles->decide ? 0 : pattern_units(p), jit = 0;

	for (size_t i = 0; i < units && jit == 0; i++)
		pcre2_pattern_info(pattern_code(p, i, TEXT_UTF8), PCRE2_INFO_JITSIZE, &jit);
	if (units == 0)
		return "literals";
	if (pattern_shape(p) != NULL && pattern_accel(p) == NULL)
		return jit > 0 ? "classes + PCRE2 JIT" : "classes + PCRE2";
	if (words)
		return jit > 0 ? "literals + PCRE2 JIT" : "literals + PCRE2";
	return jit > 0 ? "PCRE2 JIT" : "PCRE2";
}
