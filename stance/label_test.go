package stance_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseLabel(t *testing.T) {
	tests := map[stance.Label][]string{
		stance.Favor:   {"FAVOR", "favor", "Favour", " in favor ", "IN-FAVOUR", "for", "PRO", "Support", "Argument_for"},
		stance.Against: {"AGAINST", "against", "con", "Anti", "OPPOSE", "argument_against"},
		stance.None:    {"NONE", "None", "neither", "NEUTRAL", "observing", "NoArgument"},
	}
	for want, names := range tests {
		for _, name := range names {
			got, err := stance.ParseLabel(name)
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)
		}
		again, err := stance.ParseLabel(want.String())
		require.NoError(t, err)
		assert.Equal(t, want, again)
	}
	for _, name := range []string{"", "0", "1", "favoring", "UNKNOWN", "FAVOR AGAINST"} {
		_, err := stance.ParseLabel(name)
		var e *stance.LabelError
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, name, e.Text)
	}
	_, err := stance.ParseLabel("MAYBE")
	assert.EqualError(t, err, `unknown label "MAYBE" (want FAVOR, AGAINST or NONE)`)
}

func TestLabelErrorCutsBetweenCharacters(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{strings.Repeat("x", 40), strings.Repeat("x", 40)},
		{strings.Repeat("x", 41), strings.Repeat("x", 40) + "..."},
		{strings.Repeat("x", 39) + "’s", strings.Repeat("x", 39) + "..."},
		{strings.Repeat("x", 37) + "👍!", strings.Repeat("x", 37) + "..."},
		{strings.Repeat("x", 36) + "👍!", strings.Repeat("x", 36) + "👍..."},
	} {
		assert.EqualError(t, &stance.LabelError{Text: tt.text}, fmt.Sprintf("unknown label %q (want FAVOR, AGAINST or NONE)", tt.want))
	}
	// Bytes that begin no character do not take the whole text away.
	assert.ErrorContains(t, &stance.LabelError{Text: strings.Repeat("\x80", 50)}, strings.Repeat(`\x80`, 36))
}

func TestLabelAsText(t *testing.T) {
	assert.False(t, stance.Label(0).Valid())
	assert.Equal(t, stance.Unlabelled, stance.Label(0))
	b, err := json.Marshal(map[stance.Label]stance.Label{stance.Favor: stance.Against})
	require.NoError(t, err)
	assert.JSONEq(t, `{"FAVOR":"AGAINST"}`, string(b))
	var l []stance.Label
	require.NoError(t, json.Unmarshal([]byte(`["favour","",  "none"]`), &l))
	assert.Equal(t, []stance.Label{stance.Favor, stance.Unlabelled, stance.None}, l)
	assert.ErrorContains(t, json.Unmarshal([]byte(`["perhaps"]`), &l), `unknown label "perhaps"`)
	_, err = json.Marshal(stance.Label(9))
	assert.ErrorContains(t, err, "cannot marshal Label(9)")
}

func TestValues(t *testing.T) {
	v := stance.Values{0.5, 0.2, 0.3}
	assert.Equal(t, 0.5, v.Of(stance.Favor))
	assert.Zero(t, v.Of(stance.Unlabelled))
	assert.Equal(t, stance.Favor, v.Max())
	assert.Equal(t, stance.None, stance.Values{}.Max(), "nothing known takes no side")
	assert.Equal(t, stance.Favor, stance.Values{1, 1, 0}.Max())
}

func TestValuesAsJSON(t *testing.T) {
	p := stance.Prediction{Label: stance.Favor, Probabilities: stance.Values{0.75, 0.25, 0}, Scores: stance.Values{1.5, -0.5, math.Inf(-1)}}
	b, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Equal(t, `{"Label":"FAVOR","Probabilities":[0.75,0.25,0],"Scores":[1.5,-0.5,null]}`, string(b))
	var again stance.Prediction
	require.NoError(t, json.Unmarshal(b, &again))
	assert.Equal(t, p, again)

	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		_, err := json.Marshal(stance.Values{x})
		assert.Error(t, err)
	}
	v := stance.Values{1, 2, 3}
	require.NoError(t, json.Unmarshal([]byte("null"), &v))
	assert.Equal(t, stance.Values{1, 2, 3}, v)
	assert.ErrorContains(t, json.Unmarshal([]byte("[1,2]"), &v), "stance: 2 numbers, want one for each of 3 labels")
	assert.ErrorContains(t, json.Unmarshal([]byte("[1,2,3,4]"), &v), "stance: 4 numbers")
	assert.Error(t, json.Unmarshal([]byte(`{"FAVOR":1}`), &v))
}
