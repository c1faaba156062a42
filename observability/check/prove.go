package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// The format is promtool's, so that `promtool test rules` reads the same file.
type testFile struct {
	RuleFiles          []string       `yaml:"rule_files"`
	EvaluationInterval model.Duration `yaml:"evaluation_interval"`
	Tests              []testGroup    `yaml:"tests"`
}

type testGroup struct {
	Interval    model.Duration `yaml:"interval"`
	InputSeries []struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	} `yaml:"input_series"`
	AlertRuleTest []struct {
		EvalTime  model.Duration `yaml:"eval_time"`
		Alertname string         `yaml:"alertname"`
		ExpAlerts []struct {
			ExpLabels map[string]string `yaml:"exp_labels"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

// Evaluates every case; an alert without a case in which it fires and one in which it does not is a problem too.
func prove(file string, alerts []rulefmt.Rule) (int, []error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, []error{err}
	}
	var read testFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&read); err != nil {
		return 0, []error{fmt.Errorf("%s: %w", file, err)}
	}
	engine := promql.NewEngine(promql.EngineOpts{
		Logger:        promslog.NewNopLogger(),
		MaxSamples:    100_000,
		Timeout:       10 * time.Second,
		LookbackDelta: 5 * time.Minute,
		Parser:        parser.NewParser(parser.Options{}),
	})
	fired, silent := map[string]bool{}, map[string]bool{}
	cases := 0
	var problems []error
	for number, group := range read.Tests {
		data, err := load(group)
		if err != nil {
			return cases, append(problems, fmt.Errorf("%s: test %d: %w", file, number+1, err))
		}
		for _, one := range group.AlertRuleTest {
			cases++
			at := slices.IndexFunc(alerts, func(rule rulefmt.Rule) bool { return rule.Alert == one.Alertname })
			if at < 0 {
				problems = append(problems, fmt.Errorf("%s: test %d asks for %s, which is no alert", file, number+1, one.Alertname))
				continue
			}
			firing, err := firing(engine, data, alerts[at], time.Duration(one.EvalTime), time.Duration(read.EvaluationInterval))
			if err != nil {
				problems = append(problems, err)
				continue
			}
			var expected []string
			for _, alert := range one.ExpAlerts {
				expected = append(expected, labels.FromMap(alert.ExpLabels).String())
			}
			sort.Strings(expected)
			if !slices.Equal(firing, expected) {
				problems = append(problems, fmt.Errorf("%s: test %d: %s at %s fires as [%s] and not as [%s]", file, number+1,
					one.Alertname, one.EvalTime, strings.Join(firing, " "), strings.Join(expected, " ")))
			}
			if len(expected) > 0 {
				fired[one.Alertname] = true
			} else {
				silent[one.Alertname] = true
			}
		}
	}
	for _, rule := range alerts {
		if !fired[rule.Alert] || !silent[rule.Alert] {
			problems = append(problems, fmt.Errorf("%s: alert %s has no case in which it fires, or none in which it is silent", file, rule.Alert))
		}
	}
	return cases, problems
}

func load(group testGroup) (memory, error) {
	var data memory
	for _, series := range group.InputSeries {
		name, values, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(series.Series + " " + series.Values)
		if err != nil {
			return nil, err
		}
		var points []point
		for i, value := range values {
			if !value.Omitted {
				points = append(points, point{int64(i) * time.Duration(group.Interval).Milliseconds(), value.Value})
			}
		}
		data = append(data, sampled{name, points})
	}
	return data, nil
}

// The labels of an alert's instances that have been true for long enough, as Prometheus would count it.
func firing(engine *promql.Engine, data memory, rule rulefmt.Rule, at, every time.Duration) ([]string, error) {
	since := map[string]time.Duration{}
	var now []string
	for moment := time.Duration(0); moment <= at; moment += every {
		query, err := engine.NewInstantQuery(context.Background(), data, nil, rule.Expr, time.UnixMilli(moment.Milliseconds()))
		if err != nil {
			return nil, fmt.Errorf("alert %s: %w", rule.Alert, err)
		}
		result := query.Exec(context.Background())
		vector, err := result.Vector()
		if err != nil {
			return nil, fmt.Errorf("alert %s: %w", rule.Alert, err)
		}
		active := map[string]time.Duration{}
		now = nil
		for _, sample := range vector {
			name := sample.Metric.DropReserved(func(label string) bool { return label == model.MetricNameLabel })
			builder := labels.NewBuilder(name)
			for label, value := range rule.Labels {
				builder.Set(label, value)
			}
			key := builder.Labels().String()
			begin, known := since[key]
			if !known {
				begin = moment
			}
			active[key] = begin
			if moment-begin >= time.Duration(rule.For) {
				now = append(now, key)
			}
		}
		query.Close()
		since = active
	}
	sort.Strings(now)
	return now, nil
}
