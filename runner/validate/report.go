package validate

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// WriteJSON writes the report as one JSON document.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// The JUnit XML that CI systems read: one suite per replay of a lab, one case per thing proved.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// runName is the suite of what is proved of a run as a whole.
const runName = "run"

// WriteJUnit writes the report as JUnit XML.
func (r *Report) WriteJUnit(w io.Writer) error {
	out := junitSuites{Time: seconds(r.Duration)}
	out.Tests, out.Failures = r.Count()
	for _, lab := range r.Labs {
		suite := junitSuite{Name: lab.ID, Time: seconds(lab.Duration)}
		if lab.Round > 1 {
			suite.Name = fmt.Sprintf("%s (%d)", lab.ID, lab.Round)
		}
		suite.Tests, suite.Failures = lab.count()
		add := func(class string, cases []Case) {
			for _, c := range cases {
				suite.Cases = append(suite.Cases, junitOf(lab, class, c))
			}
		}
		add(lab.ID, lab.Cases)
		for _, step := range lab.Steps {
			add(lab.ID+"."+step.ID, step.Cases)
		}
		out.Suites = append(out.Suites, suite)
	}
	if len(r.Cases) > 0 {
		suite := junitSuite{Name: runName}
		suite.Tests, suite.Failures = count(r.Cases)
		for _, c := range r.Cases {
			suite.Cases = append(suite.Cases, junitOf(&LabReport{}, runName, c))
		}
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitOf(lab *LabReport, class string, c Case) junitCase {
	name := c.String()
	out := junitCase{Class: class, Name: name, Time: seconds(c.Duration), File: lab.Path, Line: c.Line}
	if c.Problem != "" {
		out.Failure = &junitFailure{Message: name, Text: c.Problem}
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
