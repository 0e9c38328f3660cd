package program

import "flag"

// ParseArgs parses arguments in which flags and the names of files may stand in
// any order: package flag stops at the first name, and what stands behind it
// would be taken for files. After "--" all are files. The error is that of
// [flag.FlagSet.Parse].
func ParseArgs(fs *flag.FlagSet, args []string) (files []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		rest := fs.Args()
		if parsed := len(args) - len(rest); len(rest) == 0 || parsed > 0 && args[parsed-1] == "--" {
			return append(files, rest...), nil
		}
		files, args = append(files, rest[0]), rest[1:]
	}
}
