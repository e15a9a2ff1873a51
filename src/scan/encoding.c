#include "encoding.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Labels that iconv does not know, or means something else by; a blank on each side. */
struct label {
	enum encoding_kind kind;
	const char *name; /* iconv's */
	const char *labels;
};

static const struct label labels[] = {
	{ ENCODING_UTF8, NULL, " unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8"
		" x-unicode20utf8 " },
	{ ENCODING_UTF16LE, NULL, " csunicode iso-10646-ucs-2 ucs-2 ucs-2le ucs2 unicode"
		" unicodefeff utf-16 utf-16le utf16 utf16le " },
	{ ENCODING_UTF16BE, NULL, " ucs-2be unicodefffe utf-16be utf16be " },
	{ ENCODING_ICONV, "CP1252", " ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1"
		" iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii"
		" x-cp1252 " },
	{ ENCODING_ICONV, "CP1254", " csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599"
		" iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254 " },
	{ ENCODING_ICONV, "CP1250", " x-cp1250 " },
	{ ENCODING_ICONV, "CP1251", " x-cp1251 " },
	{ ENCODING_ICONV, "CP1253", " x-cp1253 " },
	{ ENCODING_ICONV, "CP1255", " x-cp1255 " },
	{ ENCODING_ICONV, "CP1256", " x-cp1256 " },
	{ ENCODING_ICONV, "CP1257", " x-cp1257 " },
	{ ENCODING_ICONV, "CP1258", " x-cp1258 " },
	{ ENCODING_ICONV, "CP874", " dos-874 iso-8859-11 iso8859-11 iso885911 tis-620"
		" windows-874 " },
	{ ENCODING_ICONV, "ISO-8859-2", " iso88592 " },
	{ ENCODING_ICONV, "ISO-8859-3", " iso88593 " },
	{ ENCODING_ICONV, "ISO-8859-4", " iso88594 " },
	{ ENCODING_ICONV, "ISO-8859-5", " iso88595 " },
	{ ENCODING_ICONV, "ISO-8859-6", " csiso88596e csiso88596i iso-8859-6-e iso-8859-6-i"
		" iso88596 " },
	{ ENCODING_ICONV, "ISO-8859-7", " iso88597 sun_eu_greek " },
	{ ENCODING_ICONV, "ISO-8859-8", " csiso88598e csiso88598i iso-8859-8-e iso-8859-8-i"
		" iso88598 logical visual " },
	{ ENCODING_ICONV, "ISO-8859-10", " iso885910 " },
	{ ENCODING_ICONV, "ISO-8859-13", " iso885913 " },
	{ ENCODING_ICONV, "ISO-8859-14", " iso885914 " },
	{ ENCODING_ICONV, "ISO-8859-15", " csisolatin9 iso885915 l9 " },
	{ ENCODING_ICONV, "KOI8-R", " koi koi8 koi8_r " },
	{ ENCODING_ICONV, "KOI8-U", " koi8-ru " },
	{ ENCODING_ICONV, "MACINTOSH", " x-mac-roman " },
	{ ENCODING_ICONV, "MAC-UK", " x-mac-cyrillic x-mac-ukrainian " },
	{ ENCODING_ICONV, "GB18030", " chinese csgb2312 csiso58gb231280 gb2312 gb18030"
		" gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk " },
	{ ENCODING_ICONV, "BIG5-HKSCS", " big5 cn-big5 csbig5 x-x-big5 " },
	{ ENCODING_ICONV, "EUC-JP-MS", " cseucpkdfmtjapanese euc-jp x-euc-jp " },
	{ ENCODING_ICONV, "CP932", " csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j"
		" x-sjis " },
	{ ENCODING_ICONV, "UHC", " cseuckr csksc56011987 euc-kr iso-ir-149 korean"
		" ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 " },
};

/* Whether name is one of the words, whatever the case. */
static bool
is_among(const char *words, const char *name, size_t length)
{
	for (const char *at = strcasestr(words, name); at != NULL; at = strcasestr(at + 1, name))
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

static const struct label *
find_label(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (is_among(labels[i].labels, name, length))
			return &labels[i];
	return NULL;
}

static bool
starts_with(const char *name, const char *start)
{
	return strncasecmp(name, start, strlen(start)) == 0;
}

/* Of what iconv alone knows a file may begin with bytes that are a mark elsewhere. */
static int
open_iconv(struct encoding *e, const char *name)
{
	e->kind = ENCODING_ICONV;
	e->marks = !starts_with(name, "UTF-32") && !starts_with(name, "UTF32") &&
	    !starts_with(name, "UCS-4") && !starts_with(name, "UCS4");
	e->controls = starts_with(name, "CP125") || starts_with(name, "WINDOWS-125") ||
	    strcmp(name, "CP874") == 0;
	/* The Euro sign, where Windows has it; a control character. */
	e->at_80 = starts_with(name, "GB") ? 0x20ac : strcmp(name, "CP932") == 0 ? 0x80 : 0;
	e->descriptor = iconv_open("UTF-8", name);
	if (e->descriptor != (iconv_t)-1)
		return 0;
	*e = (struct encoding)ENCODING_AUTO;
	return -1;
}

int
encoding_open(struct encoding *e, const char *name)
{
	const struct label *label;

	*e = (struct encoding)ENCODING_AUTO;
	if (name == NULL || strcasecmp(name, "auto") == 0)
		return 0;
	if (strcasecmp(name, "none") == 0) {
		e->marks = false;
		return 0;
	}
	/* These would name the locale's, several words, or what iconv is to do besides. */
	if (*name == '\0' || strpbrk(name, "/, ") != NULL) {
		errno = EINVAL;
		return -1;
	}
	label = find_label(name);
	if (label == NULL || label->kind == ENCODING_ICONV)
		return open_iconv(e, label == NULL ? name : label->name);
	e->kind = label->kind;
	return 0;
}

void
encoding_close(struct encoding *e)
{
	if (e->kind == ENCODING_ICONV)
		iconv_close(e->descriptor);
	*e = (struct encoding)ENCODING_AUTO;
}
