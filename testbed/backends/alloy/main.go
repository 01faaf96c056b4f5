// Command alloy-syntax reads a configuration of Grafana Alloy with Alloy's own parser. It prints, as JSON, the
// components that the file has, and what of components its expressions ask for, such as "loki.write.stack.receiver".
// What components and blocks are called is not known to the parser.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/grafana/alloy/syntax/ast"
	"github.com/grafana/alloy/syntax/parser"
)

type summary struct {
	Components []string `json:"components"`
	References []string `json:"references"`
}

func main() {
	if len(os.Args) != 2 {
		fail("usage: alloy-syntax <file>")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	file, err := parser.ParseFile(os.Args[1], text)
	if err != nil {
		fail(err)
	}
	found := &summary{Components: []string{}, References: []string{}}
	for _, statement := range file.Body {
		if block, ok := statement.(*ast.BlockStmt); ok {
			found.Components = append(found.Components, strings.Join(append(block.Name, block.Label), "."))
		}
	}
	ast.Walk(found, file)
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fail(err)
	}
}

// Visit collects the longest chains of names.
func (found *summary) Visit(node ast.Node) ast.Visitor {
	if access, ok := node.(*ast.AccessExpr); ok {
		found.References = append(found.References, chain(access))
		return nil
	}
	return found
}

func chain(expression ast.Expr) string {
	switch value := expression.(type) {
	case *ast.AccessExpr:
		return chain(value.Value) + "." + value.Name.Name
	case *ast.IdentifierExpr:
		return value.Ident.Name
	default:
		return "?"
	}
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
