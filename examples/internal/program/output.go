package program

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Overwritten returns the first of the inputs that is the file of the output, by
// whatever name. What does not exist is no file.
func Overwritten(output string, inputs ...string) (input string, ok bool) {
	out, err := os.Stat(output)
	if err != nil {
		return "", false
	}
	for _, name := range inputs {
		if in, err := os.Stat(name); err == nil && os.SameFile(in, out) {
			return name, true
		}
	}
	return "", false
}

// CheckOutput finds out, before work that takes its time, what would make
// writing a file as a whole fail after it, and that the file is none of those
// that are read: what is written over its own source is lost. Names of inputs
// that do not exist, such as "" and "-", are passed over.
func CheckOutput(path string, inputs ...string) error {
	directory := filepath.Dir(path)
	if out, err := os.Stat(path); err == nil {
		switch {
		case out.IsDir():
			return fmt.Errorf("%s is a directory, want the name of a file", path)
		case !out.Mode().IsRegular():
			return fmt.Errorf("%s is no regular file", path)
		}
		if name, ok := Overwritten(path, inputs...); ok {
			return fmt.Errorf("%s would be written over: -o names a file that is to be read", name)
		}
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		directory = filepath.Dir(target)
	} else if target, err := os.Readlink(path); err == nil { // of what does not exist
		if !filepath.IsAbs(target) {
			target = filepath.Join(directory, target)
		}
		directory = filepath.Dir(target)
	}
	info, err := os.Stat(directory)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory", directory)
	}
	f, err := os.CreateTemp(directory, ".check-*")
	if err != nil {
		// The name of this file says nothing to anybody.
		if e := (*os.PathError)(nil); errors.As(err, &e) {
			err = e.Err
		}
		return fmt.Errorf("no file can be made in %s: %w", directory, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
