package rtc

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// originVersion reads the version of the o-line.
func originVersion(t testing.TB, raw []byte) uint64 {
	t.Helper()
	for line := range strings.SplitSeq(string(raw), "\r\n") {
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

// waitFor polls until ok, or ends the test.
func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("no %s", what)
		}
		timer := time.NewTimer(5 * time.Millisecond)
		<-timer.C
	}
}

// renumber gives a payload type another number everywhere in an SDP.
func renumber(raw []byte, from, to string) []byte {
	return []byte(strings.NewReplacer(
		"SAVPF "+from+" ", "SAVPF "+to+" ", "rtpmap:"+from+" ", "rtpmap:"+to+" ", "fmtp:"+from+" ", "fmtp:"+to+" ",
	).Replace(string(raw)))
}
