// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
)

// matrix is Prometheus's answer with these series.
func matrix(series ...string) string {
	return `{"status":"success","data":{"resultType":"matrix","result":[` + strings.Join(series, ",") + `]}}`
}

func TestQuery(t *testing.T) {
	settings := alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}
	w := settings.Window(noon)
	at := func(minutes int) int64 { return noon.Add(time.Duration(minutes) * time.Minute).Unix() }
	for name, tc := range map[string]struct {
		status int
		body   string
		want   []float64
		reason string
		retry  bool
		says   string
	}{
		"one series": {200, matrix(fmt.Sprintf(`{"metric":{},"values":[[%d,"1.5"],[%d,"NaN"],[%d,"+Inf"]]}`, at(-2), at(-1), at(0))), []float64{1.5, math.NaN(), math.Inf(1)}, "", false, ""},
		"none":       {200, matrix(), []float64{math.NaN(), math.NaN(), math.NaN()}, "", false, ""},
		"several": {200, matrix(`{"metric":{"pod":"a"},"values":[[1,"1"]]}`, `{"metric":{"pod":"b"},"values":[[1,"1"]]}`), nil, ecsv1.ReasonSeveralSeries, false,
			`spec.kubernetes.query: it gives more than one series, such as {pod="a"} and {pod="b"}, and an alarm compares one number; wrap it in sum() or max()`},
		"histograms":                      {200, matrix(`{"metric":{},"histograms":[[1,{"count":"1","sum":"1","buckets":[]}]]}`), nil, ecsv1.ReasonInvalidQuery, false, "histogram_quantile"},
		"a bad query":                     {400, `{"status":"error","errorType":"bad_data","error":"1:5: parse error:\n unexpected end"}`, nil, ecsv1.ReasonInvalidQuery, false, "can't evaluate it: 1:5: parse error: unexpected end. Mend the query"},
		"one that fails":                  {422, `{"status":"error","errorType":"execution","error":"many-to-many matching not allowed"}`, nil, ecsv1.ReasonInvalidQuery, false, "many-to-many"},
		"one that is too slow":            {503, `{"status":"error","errorType":"timeout","error":"query timed out"}`, nil, ecsv1.ReasonPrometheusUnavailable, true, "answers with an error (server error: 503)"},
		"one that is too slow for Thanos": {422, `{"status":"error","errorType":"timeout","error":"query timed out"}`, nil, ecsv1.ReasonPrometheusUnavailable, true, "needs too long for the query"},
		"an error":                        {500, `oops`, nil, ecsv1.ReasonPrometheusUnavailable, true, "answers with an error (server error: 500)"},
		"another server":                  {404, `<html>not here</html>`, nil, ecsv1.ReasonPrometheusUnavailable, true, "answers with an error (client error: 404)"},
		"a login":                         {401, `<html>who are you</html>`, nil, ecsv1.ReasonPrometheusUnavailable, true, "answers 401 Unauthorized; name a token in spec.kubernetes.prometheus.bearerTokenSecretKeyRef of the Cluster"},
		"garbage":                         {200, `<html>welcome</html>`, nil, ecsv1.ReasonPrometheusUnavailable, true, "gives answers that aren't Prometheus's"},
		"other JSON":                      {200, `{"hello":"world"}`, nil, ecsv1.ReasonPrometheusUnavailable, true, "gives answers that aren't Prometheus's"},
		"an instant":                      {200, `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`, nil, ecsv1.ReasonPrometheusUnavailable, true, "gives answers that aren't Prometheus's"},
		"far too much":                    {200, matrix(`{"metric":{"x":"` + strings.Repeat("x", mostBytes) + `"},"values":[]}`), nil, ecsv1.ReasonSeveralSeries, false, "longer than 4 MiB"},
		"an error whose text has an end somewhere": {400, `{"status":"error","errorType":"bad_data","error":"` + strings.Repeat("x", 5000) + `"}`, nil, ecsv1.ReasonInvalidQuery, false, "xxx.... Mend the query"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
				if in.URL.Path != "/prometheus/api/v1/query_range" || in.FormValue("query") != "up" || in.FormValue("step") != "60" {
					t.Errorf("asked %s for %s", in.URL.Path, in.Form)
				}
				out.WriteHeader(tc.status)
				_, _ = out.Write([]byte(tc.body))
			}))
			defer server.Close()
			samples, failure := query(t.Context(), Request{URL: server.URL + "/prometheus/", Timeout: 5 * time.Second, Query: "up"}, w, &Credentials{Now: time.Now})
			if failure == nil {
				failure = &Failure{}
			}
			if failure.Reason != tc.reason || failure.Retry != tc.retry || !strings.Contains(failure.Message, tc.says) || len(failure.Message) > 1000 {
				t.Errorf("got %+v", failure)
			}
			if diff := cmp.Diff(tc.want, w.Place(samples), cmpopts.EquateNaNs()); tc.reason == "" && diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAPrometheusThatCantBeAsked(t *testing.T) {
	hanging := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	defer hangs.Close()
	defer close(hanging)
	breaks := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaks.Close()
	clock := func(ahead time.Duration) string {
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Date", time.Now().UTC().Add(ahead).Format(http.TimeFormat))
			_, _ = out.Write([]byte(matrix()))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // each failed handshake is logged
	secure.StartTLS()
	defer secure.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, tc := range map[string]struct{ url, want string }{
		"hangs":                  {hangs.URL, "didn't answer within 50ms"},
		"breaks off":             {breaks.URL, "can't be reached: the connection broke"},
		"isn't there":            {"http://" + closed.Addr().String(), "can't be reached: connection refused"},
		"has no address":         {"http://prometheus.invalid", "can't be reached: there is no address for prometheus.invalid"},
		"is signed by a nobody":  {secure.URL, "can't be reached: its certificate is signed by an unknown authority; put that authority's into spec.kubernetes.prometheus.caBundle of the Cluster"},
		"doesn't speak TLS":      {strings.Replace(breaks.URL, "http:", "https:", 1), "can't be reached: it doesn't speak TLS"},
		"is ahead":               {clock(5 * time.Minute), "has a clock that differs from the operator's by more than 10s; set the clocks right"},
		"is behind":              {clock(-5 * time.Minute), "has a clock that differs from the operator's by more than 10s; set the clocks right"},
		"speaks nothing but TLS": {strings.Replace(secure.URL, "https:", "http:", 1), "answers with an error (client error: 400)"},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := 5 * time.Second
			if name == "hangs" {
				timeout = 50 * time.Millisecond
			}
			settings := alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}
			_, failure := query(t.Context(), Request{URL: tc.url, Timeout: timeout, Query: "up"}, settings.Window(noon), &Credentials{Now: time.Now})
			if failure == nil || !failure.Retry || failure.Message != tc.want {
				t.Errorf("got %+v, want %s", failure, tc.want)
			}
		})
	}
}

func TestAHangingPrometheusKeepsItsOwnAlarmsWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hanging, arrived := make(chan struct{}), make(chan struct{}, 2*perPrometheus)
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) {
		arrived <- struct{}{}
		select {
		case <-hanging:
		case <-in.Context().Done():
		}
	}))
	defer hangs.Close()
	defer close(hanging)
	works := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(matrix())) }))
	defer works.Close()

	asker, told := NewAsker(ctx, &Credentials{Now: time.Now}), make(chan types.NamespacedName, 10)
	asker.Tell(func(of types.NamespacedName) { told <- of })
	ask := func(name, url string) {
		asker.Ask(Request{For: types.NamespacedName{Name: name}, Revision: "1", URL: url, Timeout: time.Hour, Settings: alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}})
	}
	for i := range 2 * perPrometheus {
		ask(fmt.Sprint("hangs-", i), hangs.URL)
	}
	for range perPrometheus {
		<-arrived
	}
	ask("works", works.URL)
	if got := <-told; got.Name != "works" {
		t.Fatalf("told of %s", got.Name)
	}
	if got := asker.Known(types.NamespacedName{Name: "works"}); got.Ended.IsZero() || got.Failure != nil || len(got.Slots) != 3 {
		t.Errorf("got %+v", got)
	}
	select {
	case <-arrived:
		t.Errorf("more than %d queries at a time", perPrometheus)
	default:
	}

	asker.Forget(types.NamespacedName{Name: "hangs-0"})
	if got := asker.Known(types.NamespacedName{Name: "hangs-0"}); got.Revision != "" {
		t.Errorf("what is forgotten is known: %+v", got)
	}
}

func TestAnAnswerIsForOneRevision(t *testing.T) {
	first := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if in.FormValue("query") == "old" {
			close(first)
			<-in.Context().Done()
			return
		}
		_, _ = out.Write([]byte(matrix()))
	}))
	defer server.Close()
	asker, told := NewAsker(t.Context(), &Credentials{Now: time.Now}), make(chan types.NamespacedName, 10)
	asker.Tell(func(of types.NamespacedName) { told <- of })
	request := Request{For: types.NamespacedName{Name: "a"}, Revision: "1", URL: server.URL, Timeout: time.Hour, Query: "old", Settings: alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}}
	asker.Ask(request)
	<-first
	asker.Ask(request) // the same: nothing happens
	request.Revision, request.Query = "2", "new"
	asker.Ask(request)
	<-told
	if got := asker.Known(request.For); got.Revision != "2" || got.Ended.IsZero() || got.Failure != nil {
		t.Errorf("got %+v", got)
	}
	if len(told) != 0 {
		t.Error("told of the old one")
	}
}
