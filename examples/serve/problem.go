package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// A problem says why a request, or a line of one, is not answered, as in RFC
// 9457. It has no type: the status says what kind it is. Nothing in it is taken
// from the request but places and sizes, as what is in a request is nobody
// else's business, and problems are what ends up in logs.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Line   int    `json:"line,omitempty"`
	Offset *int   `json:"offset,omitempty"` // nil: it has no place
}

func problemf(status int, format string, args ...any) *problem {
	return &problem{Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// at sets the place of a problem.
func (p *problem) at(offset int) *problem {
	p.Offset = &offset
	return p
}

// refuse answers with a problem.
func refuse(w http.ResponseWriter, p *problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}
