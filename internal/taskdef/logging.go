// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Options of every log driver (API_LogConfiguration).
const (
	LogMode       = "mode"
	LogBufferSize = "max-buffer-size"
	// LogBufferLimit counts lines, for awsfirelens alone.
	LogBufferLimit = "log-driver-buffer-limit"
)

// The values of mode. Since June 2025 non-blocking is the default.
const (
	Blocking    = "blocking"
	NonBlocking = "non-blocking"
)

// Options of a log router (API_FirelensConfiguration).
const (
	RouterMetadata   = "enable-ecs-log-metadata"
	RouterConfigType = "config-file-type"
	RouterConfigFile = "config-file-value"
)

// defaultLogBuffer is max-buffer-size where it is left out: 10m.
const defaultLogBuffer = 10 << 20

// lineBytes is what a line is taken for where a buffer is given in lines, and maxLineBuffer the most that comes of it.
const (
	lineBytes     = 1 << 10
	maxLineBuffer = 64 << 20
)

// Logging is a container's log configuration. Options are those of the driver itself: neither mode nor a buffer's size is among them.
type Logging struct {
	Driver      ecsv1.LogDriver
	Options     map[string]string
	Blocking    bool
	BufferBytes int64
}

// EffectiveLogging gives a log configuration its effective values; what can't be read is the default.
func EffectiveLogging(in *ecsv1.LogConfiguration) Logging {
	l := Logging{Driver: in.LogDriver, Options: map[string]string{}, Blocking: in.Options[LogMode] == Blocking, BufferBytes: defaultLogBuffer}
	for key, value := range in.Options {
		if key != LogMode && key != LogBufferSize && key != LogBufferLimit {
			l.Options[key] = value
		}
	}
	if lines, err := strconv.ParseInt(in.Options[LogBufferLimit], 10, 64); err == nil && lines > 0 {
		l.BufferBytes = min(lines, maxLineBuffer/lineBytes) * lineBytes
	}
	if n, ok := ParseBufferSize(in.Options[LogBufferSize]); ok {
		l.BufferBytes = n
	}
	return l
}

var bufferSize = regexp.MustCompile(`^([0-9]{1,9}) ?([bkmg]?)b?$`)

// ParseBufferSize reads max-buffer-size as Docker does: a number with b, k, m or g behind it: 25m is 26214400.
func ParseBufferSize(text string) (bytes int64, ok bool) {
	found := bufferSize.FindStringSubmatch(strings.ToLower(text))
	if found == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	shift := map[string]uint{"": 0, "b": 0, "k": 10, "m": 20, "g": 30}[found[2]]
	return n << shift, err == nil && n > 0
}

// driverOptions are what ECS asks of a driver and, where it has a list of its own, all that the driver takes.
var driverOptions = map[ecsv1.LogDriver]struct{ required, all []string }{
	ecsv1.LogDriverAwslogs: {
		[]string{"awslogs-group", "awslogs-region"},
		[]string{"awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "awslogs-datetime-format", "awslogs-multiline-pattern", LogMode, LogBufferSize},
	},
	ecsv1.LogDriverSplunk: {[]string{"splunk-token", "splunk-url"}, nil},
}

// checkLogging: options as RegisterTaskDefinition checks them, and a log router for those who send to one (DG, "Custom log routing").
func checkLogging(c *checker) {
	router := -1
	routed := false
	for i, d := range c.td.ContainerDefinitions {
		if d.FirelensConfiguration != nil {
			router = i
			c.checkRouter(at(i, "firelensConfiguration"), d.FirelensConfiguration)
		}
		routed = routed || d.LogConfiguration != nil && d.LogConfiguration.LogDriver == ecsv1.LogDriverAwsfirelens
	}
	for i, d := range c.td.ContainerDefinitions {
		if d.LogConfiguration != nil {
			c.checkLogOptions(at(i, "logConfiguration"), d.LogConfiguration)
			c.checkRouted(i, router, d.LogConfiguration)
		}
	}
	if router >= 0 && !routed {
		c.add(at(router, "firelensConfiguration"), "When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver. "+
			"Give one the logDriver awsfirelens, or take firelensConfiguration out")
	}
}

func (c *checker) checkRouted(i, router int, l *ecsv1.LogConfiguration) {
	if l.LogDriver != ecsv1.LogDriverAwsfirelens {
		return
	}
	path := at(i, "logConfiguration")
	switch {
	case router < 0:
		c.add(path+".logDriver", "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be configured in one of the containers. Add a log router")
		return
	case router == i:
		c.add(path+".logDriver", "a log router can't send its own output to itself; use another driver for it, such as awslogs")
		return
	}
	kind := c.td.ContainerDefinitions[router].FirelensConfiguration.Type
	key := OutputKey(kind)
	_, named := l.Options[key]
	options := EffectiveLogging(l).Options
	delete(options, "include-pattern")
	delete(options, "exclude-pattern")
	if !named && len(options)+len(l.SecretOptions) > 0 {
		c.add(path+".options", "missing output key %s which is required for firelens configuration of type %s. Set it to the name of an output plugin", key, kind)
	}
}

// OutputKey is the option that names the output plugin.
func OutputKey(kind ecsv1.FirelensConfigurationType) string {
	if kind == ecsv1.FirelensConfigurationTypeFluentd {
		return "@type"
	}
	return "Name"
}

func (c *checker) checkLogOptions(path string, l *ecsv1.LogConfiguration) {
	known := driverOptions[l.LogDriver]
	var missing, more []string
	for _, name := range known.required {
		_, given := l.Options[name]
		if !given && !slices.ContainsFunc(l.SecretOptions, func(s ecsv1.Secret) bool { return s.Name == name }) {
			missing = append(missing, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Options)) {
		if known.all != nil && !slices.Contains(known.all, name) {
			more = append(more, name)
		}
	}
	if len(missing) > 0 {
		c.add(path+".options", "Log driver %s requires options: %s. Add them", l.LogDriver, strings.Join(missing, ", "))
	}
	if len(more) > 0 {
		c.add(path+".options", "Log driver %s disallows options: %s. Take them out", l.LogDriver, strings.Join(more, ", "))
	}
	c.checkLogValues(path+".options", l.Options)
	c.checkSecretOptions(path, l)
}

// checkLogValues: options that have a form of their own.
func (c *checker) checkLogValues(path string, options map[string]string) {
	if options["awslogs-datetime-format"] != "" && options["awslogs-multiline-pattern"] != "" {
		c.add(path, "awslogs takes either awslogs-datetime-format or awslogs-multiline-pattern; take one out")
	}
	if mode, given := options[LogMode]; given && mode != Blocking && mode != NonBlocking {
		c.add(path, "mode is blocking or non-blocking, not %q", mode)
	}
	if size, given := options[LogBufferSize]; given {
		if _, ok := ParseBufferSize(size); !ok {
			c.add(path, "max-buffer-size %q is not a size; write a number with k, m or g, as in 25m", size)
		}
	}
	if limit, given := options[LogBufferLimit]; given {
		if n, err := strconv.ParseInt(limit, 10, 64); err != nil || n < 0 || n >= 536870912 {
			c.add(path, "log-driver-buffer-limit %q is not a number of lines from 0 to 536870911", limit)
		}
	}
}

func (c *checker) checkSecretOptions(path string, l *ecsv1.LogConfiguration) {
	for j, s := range l.SecretOptions {
		if _, given := l.Options[s.Name]; given {
			c.add(fmt.Sprintf("%s.secretOptions[%d].name", path, j), "%s is in options too; take it out of one of the two", s.Name)
		}
	}
}

func (c *checker) checkRouter(path string, f *ecsv1.FirelensConfiguration) {
	known := []string{RouterMetadata, RouterConfigType, RouterConfigFile}
	for _, name := range slices.Sorted(maps.Keys(f.Options)) {
		if !slices.Contains(known, name) {
			c.add(path+".options", "%s is no option of a log router; it takes %s", name, strings.Join(known, ", "))
		}
	}
	kind, given := f.Options[RouterConfigType]
	switch {
	case !given && f.Options[RouterConfigFile] != "":
		c.add(path+".options", "option %s is specified but %s is not specified; set it to s3 or file", RouterConfigFile, RouterConfigType)
	case given && kind != "s3" && kind != "file":
		c.add(path+".options", "invalid value %s is specified for option %s; it is s3 or file", kind, RouterConfigType)
	case given && f.Options[RouterConfigFile] == "":
		c.add(path+".options", "option %s is specified but %s is not specified; set it to where the file is", RouterConfigType, RouterConfigFile)
	}
}
