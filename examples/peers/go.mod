module example.org/metoostance/examples/peers

go 1.26

replace example.org/metoostance => ../..

require example.org/metoostance v0.0.0

require (
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

require (
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)
