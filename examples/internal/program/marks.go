package program

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Marks are the lines of a Markdown file, with their ends, between which a program
// writes a table.
type Marks struct{ Begin, End string }

// replace returns a README with what stands between the marks replaced.
func (m Marks) replace(readme, content string) (string, error) {
	before, rest, ok := strings.Cut(readme, m.Begin)
	if !ok {
		return "", errors.New("there is no line " + strings.TrimSpace(m.Begin))
	}
	_, after, ok := strings.Cut(rest, m.End)
	if !ok {
		return "", fmt.Errorf("no line %s after %s", strings.TrimSpace(m.End), strings.TrimSpace(m.Begin))
	}
	return before + m.Begin + "\n" + strings.TrimSuffix(content, "\n") + "\n\n" + m.End + after, nil
}

// Check says whether a file can be filled. It is better known before all is
// measured than after.
func (m Marks) Check(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if _, err := m.replace(string(raw), ""); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Fill writes content between the marks of a file. The file is replaced as a
// whole or not at all.
func (m Marks) Fill(path, content string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	filled, err := m.replace(string(raw), content)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return WriteFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, filled)
		return err
	})
}
