// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
)

// Objects are compared by equality.Semantic, which refuses fields that aren't exported unless it is told how.
func init() {
	if err := equality.Semantic.AddFunc(func(a, b Decimal) bool { return a == b }); err != nil {
		panic(err)
	}
}

// Decimal is a number that ECS gives as a double, such as 5 or 2.5. It is a plain number in YAML and JSON, and what
// was written is what is read back: 5 stays 5 and 2.5 stays 2.5. No float is involved: the number is kept as an
// integer and the places after the point. At most six such places and 15 digits in all are taken, which is what every
// JSON reader, the apiserver's included, can carry without a loss.
//
// The zero value is 0. Two equal numbers are equal in Go (==), however they were written.
//
// +kubebuilder:validation:Type=number
type Decimal struct {
	// 12.5 is unscaled 125 with places 1. Zeros at the end are dropped: 12.50 is the same.
	unscaled int64
	places   uint8
}

const (
	maxDecimalPlaces = 6
	maxDecimalDigits = 15
)

// ParseDecimal reads a number such as 5, 2.5, -0.1 or 1e2.
func ParseDecimal(s string) (Decimal, error) {
	mantissa, exponent, err := cutExponent(s)
	if err != nil {
		return Decimal{}, err
	}
	unsigned, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, point := strings.Cut(unsigned, ".")
	if whole == "" || (point && fraction == "") || strings.Trim(whole+fraction, "0123456789") != "" {
		return Decimal{}, decimalError(s, "is not a number")
	}
	// 1.25e1 has the digits 125 and, after the exponent, one place.
	digits, places := normalise(whole+fraction, len(fraction)-exponent)
	if places > maxDecimalPlaces || len(digits) > maxDecimalDigits {
		return Decimal{}, decimalError(s, fmt.Sprintf("has more than %d places or %d digits", maxDecimalPlaces, maxDecimalDigits))
	}
	unscaled, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return Decimal{}, decimalError(s, "is not a number")
	}
	if negative {
		unscaled = -unscaled
	}
	return Decimal{unscaled: unscaled, places: uint8(places)}, nil
}

// cutExponent separates 1.25e1 into 1.25 and 1.
func cutExponent(s string) (mantissa string, exponent int, err error) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, nil
	}
	exponent, err = strconv.Atoi(s[i+1:])
	if err != nil || exponent < -maxDecimalDigits || exponent > maxDecimalDigits {
		return "", 0, decimalError(s, "is not a number of reasonable size")
	}
	return s[:i], exponent, nil
}

// normalise gives each number one form: no zeros in front, none at the end of the places, and no fewer than 0 places.
func normalise(digits string, places int) (string, int) {
	for places < 0 {
		digits, places = digits+"0", places+1
	}
	for places > 0 && strings.HasSuffix(digits, "0") {
		digits, places = digits[:len(digits)-1], places-1
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "0", 0
	}
	return digits, places
}

// DecimalFromTenths is the number of so many tenths: 25 is 2.5.
func DecimalFromTenths(tenths int64) Decimal {
	if tenths%10 == 0 {
		return Decimal{unscaled: tenths / 10}
	}
	return Decimal{unscaled: tenths, places: 1}
}

// Tenths is the number in tenths, the unit in which ECS counts percentages: 2.5 is 25. What is finer than a tenth is
// rounded, half away from zero: 0.25 is 3 and -0.25 is -3.
func (d Decimal) Tenths() int64 {
	if d.places == 0 {
		return d.unscaled * 10
	}
	divisor := pow10(d.places - 1)
	if d.unscaled < 0 {
		return -((-d.unscaled + divisor/2) / divisor)
	}
	return (d.unscaled + divisor/2) / divisor
}

// String is the shortest way to write the number, without an exponent.
func (d Decimal) String() string {
	if d.places == 0 {
		return strconv.FormatInt(d.unscaled, 10)
	}
	sign, abs := "", d.unscaled
	if abs < 0 {
		sign, abs = "-", -abs
	}
	unit := pow10(d.places)
	return fmt.Sprintf("%s%d.%0*d", sign, abs/unit, int(d.places), abs%unit)
}

// MarshalJSON writes a plain JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	return []byte(d.String()), nil
}

// UnmarshalJSON reads a plain JSON number. null leaves the number as it is.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	parsed, err := ParseDecimal(string(data))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func pow10(n uint8) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

func decimalError(s, what string) error {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return fmt.Errorf("decimal %q %s", s, what)
}
