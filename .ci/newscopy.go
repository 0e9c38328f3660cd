//go:build ignore

// Newscopy makes a folder like the public data set of the news, as far as the
// labelled texts are known: the checks need no more of it.
//
// usage: go run .ci/newscopy.go TABLES DIR
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run .ci/newscopy.go TABLES DIR")
	}
	tables, dir := os.Args[1], os.Args[2]
	texts := map[string]string{}
	for _, name := range []string{"dev.tsv", "train.tsv"} {
		for _, row := range read(filepath.Join(tables, name)) {
			texts[row[0]] = row[len(row)-1]
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "data", "jsons"), 0o755); err != nil {
		log.Fatal(err)
	}
	for _, row := range read(filepath.Join(tables, "offsets.tsv")) {
		piece, file := row[0], row[1]
		var content []rune
		for i, span := range strings.Fields(row[2]) {
			var start, end int
			if _, err := fmt.Sscanf(span, "%d:%d", &start, &end); err != nil {
				log.Fatalf("%s: %v", piece, err)
			}
			for len(content) < end {
				content = append(content, ' ')
			}
			copy(content[start:end], []rune(texts[fmt.Sprintf("%s-%02d", piece, i+1)]))
		}
		b, err := json.Marshal(map[string]string{"title": texts[piece+"-00"], "content_original": string(content)})
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(file)), b, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// read returns the rows of a table below its header.
func read(file string) [][]string {
	b, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")[1:] {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}
