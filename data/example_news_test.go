package data_test

import (
	"errors"
	"fmt"
	"testing/fstest"

	"example.org/metoostance/data"
)

// A copy in which an article has another headline. Nothing is dropped in
// silence; what could be joined is there for those who choose to go on.
func ExampleNews() {
	news, err := data.News(fstest.MapFS{
		"data/jsons/dn9ctPjy4ALATm97.json": {Data: []byte(`{"title": "A tram, at last!"}`)},
	})
	var place *data.ParseError
	if errors.As(err, &place) {
		fmt.Println("first of all,", place.File)
	}
	fmt.Println(len(news.Dev), "and", len(news.Train), "pieces were joined")

	_, err = data.News(fstest.MapFS{"articles/1.json": {}})
	fmt.Println(err)
	// Output:
	// first of all, data/jsons/dn9ctPjy4ALATm97.json
	// 0 and 0 pieces were joined
	// open data/jsons: file does not exist (want a clone of github.com/ramybaly/Article-Bias-Prediction at commit ced8111a)
}
