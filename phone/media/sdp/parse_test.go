package sdp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// TestEveryLineThatIsNotOursIsARefusalNotAMistake: whatever else an offer holds, its audio can be answered.
func TestEveryLineThatIsNotOursIsARefusalNotAMistake(t *testing.T) {
	for _, other := range []string{"m=image 5004 udptl t38", "m=image 5004 UDPTL t38", "m=application 9 TCP/TLS/BFCP *", "m=message 7394 TCP/MSRP *",
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=x-data 4 FOO/BAR baz", "m=video 4 RTP/AVP 31 34", "m=audio 5 TCP/RTP/AVP 0", "m=text 6 RTP/AVP 98", "m=video 0 RTP/AVP"} {
		d, err := Read([]byte(head+other+"\r\na=T38FaxVersion:0\r\nm=audio 4000 RTP/AVP 8\r\n"), -1, func(l *Line) bool { return l.IsAudio() && l.Proto == "RTP/AVP" })
		if err != nil || d.Index != 1 {
			t.Errorf("%s: %v", other, err)
			continue
		}
		var text Text
		text.Head(1, 1, "IN IP4 192.0.2.1")
		text.Refused(d.Lines[0])
		words := strings.Fields(other)
		if want := words[0] + " 0 " + words[2] + " "; !strings.Contains(text.String(), want) {
			t.Errorf("%s is refused by\n%s", other, text.String())
		}
	}
}

func TestDescriptionsOfCarelessPhonesAreRead(t *testing.T) {
	for name, raw := range map[string]string{
		"no s, no t":                "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n",
		"lines end by LF":           strings.ReplaceAll(head, "\r\n", "\n") + "m=audio 4000 RTP/AVP 8\n",
		"no end of the last line":   head + "m=audio 4000 RTP/AVP 8",
		"an empty line at the end":  head + "m=audio 4000 RTP/AVP 8\r\n\r\n",
		"a bandwidth of nobody":     head + "b=FOO:64\r\nm=audio 4000 RTP/AVP 8\r\nb=AS:64\r\n",
		"lines out of order":        "v=0\r\nt=0 0\r\nc=IN IP4 192.0.2.1\r\ns=call\r\no=x 1 1 IN IP4 192.0.2.1\r\na=sendonly\r\nm=audio 4000 RTP/AVP 8\r\n",
		"a number of ports":         head + "m=audio 4000/1 RTP/AVP 8\r\n",
		"an origin that is a name":  "v=0\r\no=- 1 1 IN IP4 pbx.example\r\ns=\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n",
		"a c-line after attributes": "v=0\r\nm=audio 4000 RTP/AVP 8\r\na=ptime:20\r\nc=IN IP4 192.0.2.1\r\n",
		"spaces in odd places":      head + "m=audio  4000  RTP/AVP  8 \r\na= rtpmap:8 PCMA/8000 \r\n",
	} {
		d, err := Read([]byte(raw), -1, (*Line).IsAudio)
		if err != nil || d.Address != "192.0.2.1" || d.Audio().Port != 4000 || len(d.Formats) != 1 || d.Formats[0].Name != "PCMA" {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
}

func TestWhatIsNoDescriptionIsRefusedByKind(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing":              "",
		"text":                 "hello",
		"no media":             head,
		"another version":      "v=1\r\nm=audio 4000 RTP/AVP 8\r\n",
		"no version":           "m=audio 4000 RTP/AVP 8\r\n",
		"a line without =":     head + "m=audio 4000 RTP/AVP 8\r\nrubbish\r\n",
		"a port beyond":        head + "m=audio 65536 RTP/AVP 8\r\n",
		"a port below":         head + "m=audio -1 RTP/AVP 8\r\n",
		"half an m-line":       head + "m=audio 4000\r\n",
		"control characters":   head + "m=audio 4000 RTP/A\x01VP 8\r\n",
		"too many lines":       head + strings.Repeat("m=audio 4000 RTP/AVP 8\r\n", maxLines+1),
		"too many attributes":  head + "m=audio 4000 RTP/AVP 8\r\n" + strings.Repeat("a=x\r\n", maxAttributes+1),
		"more than is allowed": head + "m=audio 4000 RTP/AVP 8\r\na=" + strings.Repeat("x", maxDescription) + "\r\n",
	} {
		if d, err := Read([]byte(raw), -1, (*Line).IsAudio); !errors.Is(err, phone.ErrMediaMalformed) {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
}

func TestAnAddressIsTheMediaLinesOwnBeforeTheSessions(t *testing.T) {
	for connection, want := range map[string]string{
		"": "192.0.2.1", "c=IN IP4 192.0.2.9\r\n": "192.0.2.9", "c=IN IP6 2001:db8::1\r\n": "2001:db8::1", "c=IN IP4 224.2.1.1/127\r\n": "224.2.1.1",
		"c=ATM NSAP 47.0\r\n": "192.0.2.1", "c=IN IP4 198.51.100.1\r\nc=IN IP4 198.51.100.2\r\n": "198.51.100.1",
	} {
		d, err := Read([]byte(head+"m=audio 4000 RTP/AVP 8\r\n"+connection), -1, (*Line).IsAudio)
		if err != nil || d.Address != want {
			t.Errorf("%q: %q %v", connection, d.Address, err)
		}
	}
}

func TestMuxIsUnderstoodFromEitherOfItsAttributes(t *testing.T) {
	for line, want := range map[string]bool{"": false, "a=rtcp-mux\r\n": true, "a=rtcp-mux-only\r\n": true, "a=rtcp:4001\r\n": false} {
		d, err := Read([]byte(head+"m=audio 4000 RTP/AVP 8\r\n"+line), -1, (*Line).IsAudio)
		if err != nil || d.Mux != want {
			t.Errorf("%q: %v %v", line, d.Mux, err)
		}
	}
}

func TestAttributesKeepTheirOrder(t *testing.T) {
	d, err := Read([]byte(head+"m=audio 4000 RTP/AVP 8\r\na=crypto:1 A\r\na=x\r\na=crypto:2 B\r\n"), -1, (*Line).IsAudio)
	if err != nil || !slices.Equal(d.Attributes("crypto"), []string{"1 A", "2 B"}) || !d.Audio().HasAttribute("x") || d.Audio().HasAttribute("sendonly") || !d.Audio().Says("sendonly") {
		t.Errorf("%+v %v", d, err)
	}
}
