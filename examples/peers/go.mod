module example.org/metoostance/examples/peers

go 1.26

replace example.org/metoostance => ../..

require example.org/metoostance v0.0.0

require (
	github.com/armon/go-radix v1.0.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/james-bowman/sparse v0.0.0-20260216202247-495ee4f84d35 // indirect
	github.com/spaolacci/murmur3 v1.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/exp v0.0.0-20210220032938-85be41e4509f // indirect
	golang.org/x/text v0.28.0 // indirect
)

require (
	github.com/cdipaolo/goml v0.0.0-20220715001353-00e0c845ae1c
	github.com/james-bowman/nlp v0.0.0-20210511120306-26d441fa0ded
	github.com/jbrukh/bayesian v1.1.0
	github.com/stretchr/testify v1.12.1
	gonum.org/v1/gonum v0.17.0
	pgregory.net/rapid v1.3.0
)
