package demopbx

import "testing"

func TestTheKindOfMediaIsReadFromTheOffer(t *testing.T) {
	for offer, want := range map[string]mediaKind{
		"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:abcd\r\n": "webrtc",
		"m=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=setup:actpass\r\n":  "dtls",
		"m=audio 4000 RTP/SAVP 0\r\na=crypto:1 x inline:y\r\n":    "sdes",
		"m=audio 4000 RTP/AVP 0\r\n":                              "rtp",
		"":                                                        "rtp", // as before
	} {
		if got := kindOf([]byte(offer), "rtp"); got != want {
			t.Errorf("%q: %s", offer, got)
		}
	}
	if got := kindOf(nil, ""); got != "webrtc" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestRecordingsAreThereForEveryCodec(t *testing.T) {
	sounds, err := loadSounds()
	if err != nil {
		t.Fatal(err)
	}
	beep := sounds.get("beep")
	for _, name := range transcoded {
		quiet, loud := string(silence(name, g711Frame)), 0
		for i := range beep.length() {
			if frame := beep.frame(name, i); len(frame) != g711Frame {
				t.Fatalf("%s: %d bytes", name, len(frame))
			} else if string(frame) != quiet {
				loud++
			}
		}
		if loud == 0 {
			t.Errorf("%s is silent", name)
		}
	}
}
