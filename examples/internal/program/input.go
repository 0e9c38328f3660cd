package program

import (
	"errors"
	"strings"
)

// signatures are the beginnings of files that are no plain text, whatever their
// names say, and what to do with them.
var signatures = []struct{ begin, problem string }{
	{"\xFF\xFE", utf16},
	{"\xFE\xFF", utf16},
	{"\x1F\x8B", "this is compressed by gzip; decompress it first (gzip -d)"},                                             // RFC 1952, section 2.3.1
	{"PK\x03\x04", "this is a ZIP archive, as office programs write them too; unpack it, or save it as plain text first"}, // APPNOTE.TXT, section 4.3.7
	{"BZh91AY&SY", "this is compressed by bzip2; decompress it first (bzip2 -d)"},                                         // block magic, at level 9
	{"\xFD7zXZ\x00", "this is compressed by xz; decompress it first (xz -d)"},                                             // .xz format 1.2.1, section 2.1.1.1
	{"\x28\xB5\x2F\xFD", "this is compressed by zstd; decompress it first (zstd -d)"},                                     // RFC 8878, section 3.1.1
	{"\xD0\xCF\x11\xE0", "this is a file of an office program; save it as plain text first"},                              // MS-CFB, section 2.2
	{"%PDF-", "this is a PDF file; save it as plain text first (pdftotext)"},                                              // ISO 32000, section 7.5.2
}

const utf16 = "this is UTF-16, as its byte-order mark says; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)"

// CheckText says what is wrong with a file that is to be plain text in UTF-8 but
// begins like another kind of file. Without it such a file would be labelled all
// the same, byte salad by byte salad. undecided reports whether more of the file
// could make a difference: begin is the beginning of one of those beginnings.
func CheckText(begin []byte) (undecided bool, err error) {
	for _, s := range signatures {
		if strings.HasPrefix(string(begin), s.begin) {
			return false, errors.New(s.problem)
		}
		undecided = undecided || strings.HasPrefix(s.begin, string(begin))
	}
	return undecided, nil
}
