package validate_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/kubelab/kubelab/runner/validate"
)

// sample is a report with all that its formats must bring across: rounds, names, quotes, Korean, control characters.
func sample() *validate.Report {
	seed := uint64(42)
	return &validate.Report{
		Shuffle: &seed, Duration: 83*time.Second + 400*time.Millisecond,
		Cases: []validate.Case{{Kind: validate.Restore, Duration: time.Second, Problem: "left behind: images kubia:latest"}},
		Labs: []*validate.LabReport{
			{
				Round: 1, ID: "hello-container", Title: "헬로 컨테이너", Path: "hello-container/lab.md", Duration: 1500 * time.Millisecond,
				Mutants: validate.Mutants{Tried: 7, Missed: 1},
				Cases:   []validate.Case{{Kind: validate.Prepare, Duration: 12 * time.Millisecond}, {Kind: validate.Cleanup}},
				Steps: []validate.StepReport{{ID: "hello", Cases: []validate.Case{
					{Kind: validate.Before, Line: 12},
					{Kind: validate.Wrong, Name: `1 "철자를 <확인>"`, Line: 40, Problem: "run \"docker run busybx\": exit status 125\n\x1b[31mError & more\x1b[0m"},
					{Kind: validate.Solution, Line: 12, Duration: 250 * time.Millisecond},
				}}},
			},
			{
				Round: 2, ID: "hello-container", Title: "헬로 컨테이너", Path: "hello-container/lab.md",
				Cases: []validate.Case{{Kind: validate.Prepare, Problem: "look at the environment: context deadline exceeded"}},
				Steps: []validate.StepReport{},
			},
		},
	}
}

func TestJSON(t *testing.T) {
	report := sample()
	var b bytes.Buffer
	if err := report.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, b.Bytes())
	var back validate.Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&back, report) {
		t.Errorf("read back %+v", back)
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, b.Bytes())
	type suite struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Cases    []struct {
			Class   string  `xml:"classname,attr"`
			Name    string  `xml:"name,attr"`
			Time    float64 `xml:"time,attr"`
			Failure *struct {
				Text string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	}
	var back struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Tests != 7 || back.Failures != 3 || len(back.Suites) != 3 || back.Suites[1].Name != "hello-container (2)" {
		t.Fatalf("read back %+v", back)
	}
	if run := back.Suites[2]; run.Name != "run" || run.Tests != 1 || run.Failures != 1 || run.Cases[0].Class != "run" {
		t.Errorf("read back the run's own suite %+v", run)
	}
	first := back.Suites[0]
	if first.Tests != 5 || first.Failures != 1 || len(first.Cases) != 5 {
		t.Fatalf("read back suite %+v", first)
	}
	wrong := first.Cases[3]
	if wrong.Class != "hello-container.hello" || wrong.Name != `wrong 1 "철자를 <확인>"` || wrong.Failure == nil ||
		wrong.Failure.Text != "run \"docker run busybx\": exit status 125\n\uFFFD[31mError & more\uFFFD[0m" {
		t.Errorf("read back case %+v, failure %+v", wrong, wrong.Failure)
	}
	if solution := first.Cases[4]; solution.Failure != nil || solution.Time != 0.25 {
		t.Errorf("read back case %+v", solution)
	}
}

// full is a disk without space behind so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestReportThatCannotBeWritten(t *testing.T) {
	for _, room := range []full{0, 40, 1000} {
		at := room
		if err := sample().WriteJUnit(&at); err == nil {
			t.Errorf("JUnit was written into %d bytes", room)
		}
	}
	none := full(0)
	if err := sample().WriteJSON(&none); err == nil {
		t.Error("JSON was written nowhere")
	}
}

// TestEmptyReport has lists in JSON where there is nothing, as readers expect.
func TestEmptyReport(t *testing.T) {
	report, err := validate.Run(t.Context(), validate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	report.Duration = 0
	var b bytes.Buffer
	if err := report.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"labs\": [],\n  \"cases\": [],\n  \"durationNanoseconds\": 0\n}\n"; b.String() != want {
		t.Errorf("wrote %s", b.String())
	}
}
