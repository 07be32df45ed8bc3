// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/ecs-operator/ecs-operator/internal/alarm"
)

// mostBytes of an answer are read. One series of 8,642 datapoints, the most that an alarm asks for, has a tenth of it.
const mostBytes = 4 << 20

// query asks for the datapoints of a window.
func query(ctx context.Context, request Request, w alarm.Window, with *Credentials) ([]alarm.Sample, *Failure) {
	ctx, cancel := context.WithTimeout(ctx, request.Timeout)
	defer cancel()
	token, failure := with.token(ctx, request.Token)
	if failure != nil {
		return nil, failure
	}
	transport, failure := with.transport(request.Bundle)
	if failure != nil {
		return nil, failure
	}
	line := &line{next: transport, now: with.Now, address: request.URL, token: token}
	client, err := api.NewClient(api.Config{Address: request.URL, RoundTripper: line})
	if err != nil {
		return nil, failureOf(err, request.Timeout)
	}
	value, _, _, err := prometheusv1.NewAPI(client).QueryRange(ctx, request.Query,
		prometheusv1.Range{Start: w.Begin(), End: w.At, Step: w.Period}, prometheusv1.WithTimeout(request.Timeout))
	switch {
	case err != nil && (line.status == http.StatusUnauthorized || line.status == http.StatusForbidden):
		return nil, turnedAway(line.status, request.Token != nil)
	case err != nil:
		return nil, failureOf(err, request.Timeout)
	case line.off.Abs() > mostOff:
		return nil, unavailable("has a clock that differs from the operator's by more than %s; set the clocks right", mostOff)
	}
	return samplesOf(value)
}

// samplesOf takes the one series of an answer.
func samplesOf(value model.Value) ([]alarm.Sample, *Failure) {
	matrix, ok := value.(model.Matrix)
	switch {
	case !ok:
		return nil, notPrometheus()
	case len(matrix) == 0:
		return nil, nil
	case len(matrix) > 1:
		return nil, severalSeries(matrix[0].Metric.String(), matrix[1].Metric.String())
	case len(matrix[0].Histograms) > 0:
		return nil, invalidQuery("the query gives histograms, and no numbers; take one with histogram_quantile() or histogram_count()")
	}
	samples := make([]alarm.Sample, 0, len(matrix[0].Values))
	for _, pair := range matrix[0].Values {
		samples = append(samples, alarm.Sample{At: pair.Timestamp.Time().UTC(), Value: float64(pair.Value)})
	}
	return samples, nil
}

// mostOff is how far Prometheus's clock may be from ours. Were it more, we would ask for times that it has no data of yet, and take that for missing data.
const mostOff = 10 * time.Second

// line is the connection for one query. It keeps whatever answers from filling our memory, and looks at its clock.
type line struct {
	next http.RoundTripper
	now  func() time.Time
	off  time.Duration
	// address is who may see the token.
	address, token string
	// status of the last answer.
	status int
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.token != "" && l.trusts(req.URL) {
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", "Bearer "+l.token)
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	l.status = resp.StatusCode
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		l.off = l.now().Sub(date)
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: mostBytes}
	return resp, nil
}

// trusts reports whether that is the very server that the token is for. An answer may send us to another.
func (l *line) trusts(to *url.URL) bool {
	own, err := url.Parse(l.address)
	return err == nil && to.Scheme == "https" && to.Scheme == own.Scheme && to.Host == own.Host
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left == 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}
