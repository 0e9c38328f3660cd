package interop_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"example.org/metoostance/features"
	"example.org/metoostance/features/interop"
)

// Gonum multiplies the rows of sentences, documents by terms, with a column of
// weights, one for each term.
func ExampleCSR() {
	docs := []string{"yes to the tram", "no to the tram", "yes and no"}
	v, m, err := features.FitTransform(context.Background(), docs, features.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := mat.NewVecDense(v.Cols(), nil)
	for term, w := range map[string]float64{"yes": 1, "no": -1} {
		if col, ok := v.Column(0, term); ok {
			weights.SetVec(col, w)
		}
	}
	var scores mat.VecDense
	scores.MulVec(interop.CSR(m), weights)
	fmt.Printf("%.3f\n", mat.Formatted(&scores))
	// Output:
	// ⎡ 0.500⎤
	// ⎢-0.500⎥
	// ⎣ 0.000⎦
}

// A vectorizer that is fitted already, such as a model's, gives nlp and gonum
// their matrices of terms by documents. The rows have length 1, so that inner
// products are cosines.
func ExampleWrap() {
	docs := []string{"yes to the tram", "no to the tram", "the bus is late"}
	v, err := features.Fit(context.Background(), docs, features.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := interop.Wrap(v).Transform("Yes to the tram!", "No to the tram!", "Late, the bus.")
	if err != nil {
		fmt.Println(err)
		return
	}
	terms, documents := m.Dims()
	fmt.Println(terms, "terms,", documents, "documents")
	var cosines mat.Dense
	cosines.Mul(m.T(), m)
	fmt.Printf("%.2f\n", mat.Formatted(&cosines))
	// Output:
	// 8 terms, 3 documents
	// ⎡1.00  0.60  0.14⎤
	// ⎢0.60  1.00  0.14⎥
	// ⎣0.14  0.14  1.00⎦
}
