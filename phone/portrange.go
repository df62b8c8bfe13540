package phone

import (
	"fmt"
	"strconv"
	"strings"
)

// PortRange bounds UDP ports, both ends included. The zero value leaves the choice to the system.
type PortRange struct{ Low, High uint16 }

// ParsePortRange reads "16384-16482". "" is the zero value. The error wraps ErrAccountInvalid.
func ParsePortRange(text string) (PortRange, error) {
	if text == "" {
		return PortRange{}, nil
	}
	low, high, _ := strings.Cut(text, "-")
	from, err := strconv.ParseUint(low, 10, 16)
	if err == nil {
		var to uint64
		if to, err = strconv.ParseUint(high, 10, 16); err == nil {
			r := PortRange{uint16(from), uint16(to)}
			if r.IsZero() {
				return r, errPorts
			}
			return r, r.check()
		}
	}
	return PortRange{}, errPorts
}

var errPorts = invalidAccount(`"mediaPorts" must look like 16384-16482: from 1024 on, with room for an even port and the next one`)

// check: a call takes an even port and the next one (RFC 3550 §11), and ports below 1024 are not ours.
func (r PortRange) check() error {
	if r.IsZero() || r.Low >= 1024 && r.High > r.Low && r.Pairs() > 0 {
		return nil
	}
	return errPorts
}

// IsZero reports whether nothing is bounded.
func (r PortRange) IsZero() bool { return r == PortRange{} }

// Pairs is how many even ports with their next one the range holds; each call takes one.
func (r PortRange) Pairs() int { return (int(r.High) + 1 - int(r.Low) - int(r.Low)%2) / 2 }

// String is what ParsePortRange reads.
func (r PortRange) String() string {
	if r.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d-%d", r.Low, r.High)
}
