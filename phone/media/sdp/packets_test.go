package sdp

import (
	"strings"
	"testing"
	"time"
)

func TestThePacketsLengthIsTheOneAskedForButNoLongerThanTheyTake(t *testing.T) {
	for lines, want := range map[string]int{
		"": 20, "a=ptime:10": 10, "a=ptime:20": 20, "a=ptime:30": 30, "a=ptime:40": 40, "a=ptime:60": 60, "a=ptime:30 ": 30,
		"a=maxptime:150": 20, "a=ptime:60\r\na=maxptime:40": 40, "a=maxptime:10": 10, "a=ptime:0": 20, "a=ptime:x": 20, "a=ptime:-20": 20,
		"a=ptime:99999999999": 20, "a=maxptime:0": 20,
	} {
		d, err := Read([]byte(head+"m=audio 4000 RTP/AVP 8\r\n"+lines+"\r\n"), -1, (*Line).IsAudio)
		if err != nil || d.PacketTime != time.Duration(want)*time.Millisecond {
			t.Errorf("%q: %v %v", lines, d.PacketTime, err)
		}
	}
	atTop := strings.Replace(head, "a=sendonly", "a=ptime:40", 1)
	if d, err := Read([]byte(atTop+"m=audio 4000 RTP/AVP 8\r\n"), -1, (*Line).IsAudio); err != nil || d.PacketTime != 40*time.Millisecond {
		t.Errorf("for the whole session: %v", err)
	}
}

func TestTheyAreExpectedToSendOnlyWhereBothDirectionsAllowIt(t *testing.T) {
	for theirs, mine := range map[Direction]map[Direction]bool{
		SendRecv: {SendRecv: true, RecvOnly: true, SendOnly: false, Inactive: false},
		SendOnly: {RecvOnly: true, Inactive: false},
		RecvOnly: {SendOnly: false, SendRecv: false},
		Inactive: {Inactive: false},
	} {
		for own, want := range mine {
			d, err := Read([]byte(strings.Replace(head, "sendonly", string(theirs), 1)+"m=audio 4000 RTP/AVP 8\r\n"), -1, (*Line).IsAudio)
			if err != nil {
				t.Fatal(err)
			}
			a, err := some.Agree(d.Formats)
			if err != nil {
				t.Fatal(err)
			}
			if n := some.Negotiated(a, a.Use, own, d); n.Sends != want {
				t.Errorf("theirs %s, ours %s: %v", theirs, own, n.Sends)
			}
		}
	}
}
