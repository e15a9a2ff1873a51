#include "accel_item.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

static pcre2_code *
compile(const struct accel_item *item)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code = NULL;
	PCRE2_SIZE offset;
	int error;

	/* With other ends of lines '.' would match less. */
	if (context != NULL && pcre2_set_newline(context, PCRE2_NEWLINE_LF) == 0)
		code = pcre2_compile((PCRE2_SPTR)item->text, item->length,
		    item->options | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &offset, context);
	pcre2_compile_context_free(context);
	return code;
}

static bool
ask(const struct accel_item *item, bool members[ACCEL_ITEM_ASCII])
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_code *code = compile(item);
	bool good = code != NULL && data != NULL;

	for (int c = 0; c < ACCEL_ITEM_ASCII && good; c++) {
		const PCRE2_UCHAR text = (PCRE2_UCHAR)c;
		int rc = pcre2_match(code, &text, 1, 0, PCRE2_NO_UTF_CHECK, data, NULL);

		members[c] = rc >= 0;
		good = rc >= 0 || rc == PCRE2_ERROR_NOMATCH;
	}
	pcre2_code_free(code);
	pcre2_match_data_free(data);
	return good;
}

/* What PCRE2 would say of the commonest, with Unicode's properties or without. */
static bool
know(const struct accel_item *item, bool members[ACCEL_ITEM_ASCII])
{
	char letter = item->length == 2 && item->text[0] == '\\' ? item->text[1] : '\0';

	if (letter != 'd' && letter != 's' && letter != 'w')
		return false;
	for (int c = 0; c < ACCEL_ITEM_ASCII; c++)
		members[c] = letter == 'd' ? c >= '0' && c <= '9'
		    : letter == 's' ? c == ' ' || (c >= '\t' && c <= '\r')
		    : c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
	return true;
}

static void
remember(struct accel_items *items, const struct accel_item *item,
    const bool members[ACCEL_ITEM_ASCII])
{
	struct accel_item_known *k = &items->known[items->next++ % ACCEL_ITEM_KNOWN];

	memcpy(k->text, item->text, item->length);
	memcpy(k->members, members, sizeof(k->members));
	k->length = item->length;
	k->options = item->options;
}

bool
accel_item_members(struct accel_items *items, const struct accel_item *item,
    bool members[ACCEL_ITEM_ASCII])
{
	for (size_t i = 0; i < ACCEL_ITEM_KNOWN; i++) {
		const struct accel_item_known *k = &items->known[i];

		if (k->length == item->length && k->options == item->options &&
		    memcmp(k->text, item->text, item->length) == 0) {
			memcpy(members, k->members, sizeof(k->members));
			return true;
		}
	}
	if (know(item, members))
		return true;
	if (!ask(item, members))
		return false;
	if (item->length > 0 && item->length <= ACCEL_ITEM_LENGTH)
		remember(items, item, members);
	return true;
}

void
accel_item_put(const bool members[ACCEL_ITEM_ASCII], struct buffer *out)
{
	char text[16];

	buffer_puts(out, "[");
	for (int c = 0, last; c < ACCEL_ITEM_ASCII; c = last + 1) {
		last = c;
		if (!members[c])
			continue;
		while (last + 1 < ACCEL_ITEM_ASCII && members[last + 1])
			last++;
		snprintf(text, sizeof(text), last > c ? "\\x%02x-\\x%02x" : "\\x%02x", (unsigned int)c,
		    (unsigned int)last);
		buffer_puts(out, text);
	}
	buffer_puts(out, "]");
}
