package rtc

import (
	"strconv"
	"strings"
	"testing"
)

// originVersion reads the version of the o-line.
func originVersion(t testing.TB, raw string) uint64 {
	t.Helper()
	for line := range strings.SplitSeq(raw, "\r\n") {
		if rest, ok := strings.CutPrefix(line, "o="); ok {
			v, err := strconv.ParseUint(strings.Fields(rest)[2], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatal("no o-line")
	return 0
}

// renumber gives a payload type another number everywhere in an SDP.
func renumber(raw, from, to string) string {
	return strings.NewReplacer(
		"SAVPF "+from+" ", "SAVPF "+to+" ", "rtpmap:"+from+" ", "rtpmap:"+to+" ", "fmtp:"+from+" ", "fmtp:"+to+" ",
	).Replace(raw)
}

// describe reads an SDP that must be good.
func describe(t testing.TB, raw string) *description {
	t.Helper()
	d, err := parseDescription([]byte(raw), 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return d
}
