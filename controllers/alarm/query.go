// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"io"
	"net/http"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/ecs-operator/ecs-operator/internal/alarm"
)

// mostBytes of an answer are read. One series of 8,642 datapoints, the most that an alarm asks for, has a tenth of it.
const mostBytes = 4 << 20

// query asks for the datapoints of a window.
func query(ctx context.Context, request Request, w alarm.Window) ([]alarm.Sample, *Failure) {
	client, err := api.NewClient(api.Config{Address: request.URL, RoundTripper: bounded{http.DefaultTransport}})
	if err != nil {
		return nil, failureOf(err, request.Timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, request.Timeout)
	defer cancel()
	value, _, _, err := prometheusv1.NewAPI(client).QueryRange(ctx, request.Query,
		prometheusv1.Range{Start: w.Begin(), End: w.At, Step: w.Period}, prometheusv1.WithTimeout(request.Timeout))
	if err != nil {
		return nil, failureOf(err, request.Timeout)
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

// bounded keeps whatever answers from filling our memory.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err == nil {
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: mostBytes}
	}
	return resp, err
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
