// Holds the files of this folder to what they claim: rules and dashboard are read by Prometheus' and Grafana's own
// packages, every metric that they name is in metrics.md, and every alert is seen to fire and to be silent.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// What Prometheus itself adds to everything that it scrapes.
var ofPrometheus = []string{"up"}

var row = regexp.MustCompile("(?m)^\\| `(wurstwerk_[a-z_]+)` \\| ([a-z]+) \\|")

func main() {
	folder := "observability"
	if len(os.Args) == 2 {
		folder = os.Args[1]
	}
	summary, err := check(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(summary)
}

func check(folder string) (string, error) {
	documented, err := metrics(filepath.Join(folder, "metrics.md"))
	if err != nil {
		return "", err
	}
	alerts, err := rules(filepath.Join(folder, "alerts.yaml"))
	if err != nil {
		return "", err
	}
	var problems []error
	for _, alert := range alerts {
		problems = append(problems, known("alert "+alert.Alert, alert.Expr, documented)...)
		for _, note := range []string{"summary", "description", "runbook"} {
			if alert.Annotations[note] == "" {
				problems = append(problems, fmt.Errorf("alert %s has no annotation %s", alert.Alert, note))
			}
		}
	}
	panels, expressions, err := board(filepath.Join(folder, "dashboard.json"))
	if err != nil {
		return "", err
	}
	for panel, list := range expressions {
		for _, expression := range list {
			// Grafana puts the width of the window in; any will do for the parser.
			problems = append(problems, known("panel "+panel, strings.ReplaceAll(expression, "$__rate_interval", "5m"), documented)...)
		}
	}
	cases, failed := prove(filepath.Join(folder, "alerts.test.yaml"), alerts)
	problems = append(problems, failed...)
	if err := errors.Join(problems...); err != nil {
		return "", err
	}
	return fmt.Sprintf("alerts %d cases %d panels %d metrics %d", len(alerts), cases, panels, len(documented)), nil
}

// The series that a page has for what the document lists.
func metrics(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, found := range row.FindAllStringSubmatch(string(text), -1) {
		name := found[1]
		switch found[2] {
		case "summary":
			names = append(names, name+"_count", name+"_sum", name+"_max")
		case "histogram":
			names = append(names, name+"_count", name+"_sum", name+"_max", name+"_bucket")
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s lists no metrics", file)
	}
	return names, nil
}

func rules(file string) ([]rulefmt.Rule, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	groups, problems := rulefmt.Parse(text, false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %w", file, errors.Join(problems...))
	}
	var alerts []rulefmt.Rule
	for _, group := range groups.Groups {
		alerts = append(alerts, group.Rules...)
	}
	return alerts, nil
}

// Names the metrics of an expression that nobody exports.
func known(where, expression string, documented []string) []error {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", where, err)}
	}
	var problems []error
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, is := node.(*parser.VectorSelector); is &&
			!slices.Contains(documented, selector.Name) && !slices.Contains(ofPrometheus, selector.Name) {
			problems = append(problems, fmt.Errorf("%s names %q, which metrics.md does not list", where, selector.Name))
		}
		return nil
	})
	return problems
}

// Reads a dashboard into Grafana's own model, which refuses every field that it does not have.
func board(file string) (int, map[string][]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, nil, err
	}
	plugins.RegisterDefaultPlugins()
	// The strict reader returns its list of flaws as an error even where it is empty, and gives up what it has read then.
	var strict dashboard.Dashboard
	var flaws cog.BuildErrors
	if err := strict.UnmarshalJSONStrict(text); err != nil && !(errors.As(err, &flaws) && len(flaws) == 0) {
		return 0, nil, fmt.Errorf("%s: %w", file, err)
	}
	var read dashboard.Dashboard
	if err := json.Unmarshal(text, &read); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := read.Validate(); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", file, err)
	}
	expressions := map[string][]string{}
	count := 0
	for _, one := range read.Panels {
		if one.Panel == nil || one.Panel.Title == nil {
			return 0, nil, fmt.Errorf("%s has a panel without a title", file)
		}
		count++
		title := *one.Panel.Title
		for _, target := range one.Panel.Targets {
			expression := ""
			switch query := target.(type) {
			case prometheus.Dataquery:
				expression = query.Expr
			case *prometheus.Dataquery:
				expression = query.Expr
			}
			if expression == "" {
				return 0, nil, fmt.Errorf("panel %s asks something that is no PromQL: %T", title, target)
			}
			expressions[title] = append(expressions[title], expression)
		}
		if len(expressions[title]) == 0 {
			return 0, nil, fmt.Errorf("panel %s asks nothing", title)
		}
	}
	if count == 0 {
		return 0, nil, fmt.Errorf("%s has no panels", file)
	}
	return count, expressions, nil
}
