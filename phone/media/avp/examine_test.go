package avp

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// TestExamine: what an offer is told to be before it rings is what its answer finds.
func TestExamine(t *testing.T) {
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
	const key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR\r\n"
	fingerprint := "a=setup:actpass\r\na=fingerprint:sha-256 " + strings.TrimSuffix(strings.Repeat("AB:", 32), ":") + "\r\n"
	for _, c := range []struct {
		policy phone.MediaPolicy
		offer  string
		want   error
	}{
		{phone.MediaDefault, head + "m=audio 6000 RTP/AVP 8\r\n", nil},
		{phone.MediaRTP, head + "m=video 6002 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 0\r\n", nil},
		{phone.MediaRTP, head + "m=audio 6000 RTP/SAVP 8\r\n" + key, phone.ErrMediaIncompatible},
		{phone.MediaRTP, head + "m=audio 6000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n", phone.ErrMediaIncompatible},
		{phone.MediaRTP, head + "m=video 6000 RTP/AVP 31\r\n", phone.ErrMediaIncompatible},
		{phone.MediaRTP, head, phone.ErrMediaMalformed},
		{phone.MediaRTP, "hello", phone.ErrMediaMalformed},
		{phone.MediaSDES, head + "m=audio 6000 RTP/SAVP 8\r\n" + key, nil},
		{phone.MediaSDES, head + "m=audio 6000 RTP/SAVP 8\r\na=crypto:1 ROT13 inline:x\r\n", phone.ErrMediaIncompatible},
		{phone.MediaSDES, head + "m=audio 6000 RTP/AVP 8\r\n", phone.ErrMediaIncompatible},
		{phone.MediaDTLS, head + "m=audio 6000 UDP/TLS/RTP/SAVP 8\r\n" + fingerprint, nil},
		{phone.MediaDTLS, head + "m=audio 6000 UDP/TLS/RTP/SAVP 8\r\n", phone.ErrMediaIncompatible},
		{phone.MediaDTLS, head + "m=audio 6000 UDP/TLS/RTP/SAVP 8\r\na=fingerprint:sha-256 AB\r\n", phone.ErrMediaMalformed},
	} {
		if err := f.Examine(phone.LegOptions{Policy: c.policy}, []byte(c.offer)); !errors.Is(err, c.want) {
			t.Errorf("%s %q: %v, want %v", c.policy, c.offer, err, c.want)
		}
	}
}
