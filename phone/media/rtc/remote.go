package rtc

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pion/ice/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// maxCandidates is what a description may hold at most; more is an attack or a mistake.
const maxCandidates = 64

// description is what matters of a far end's SDP, or of pion's.
type description struct {
	*sdp.Description
	bundled bool // the audio line is in a BUNDLE group
	group   []string

	ufrag, password string
	lite            bool
	candidates      []string // the values, parsed and written anew
	hash, digest    string   // of the certificate
	setup           string   // actpass, active, passive
}

// hasFeedback reports whether the profile is one with RTCP's feedback (RFC 4585), as every browser's is (RFC 8834 §4.2).
func (d *description) hasFeedback() bool {
	return strings.HasSuffix(strings.ToUpper(d.Audio().Proto), "F")
}

// sameTransport reports whether both describe the same ICE session with the same certificate.
func (d *description) sameTransport(o *description) bool {
	return d.sameCertificate(o) && d.ufrag == o.ufrag && d.password == o.password
}

func (d *description) sameCertificate(o *description) bool {
	return d.hash == o.hash && d.digest == o.digest
}

// parseDescription reads an SDP with one usable audio line; want is that line's index, or -1 for the first
// usable one. The error wraps phone.ErrMediaMalformed or phone.ErrMediaIncompatible.
func parseDescription(raw []byte, want int) (*description, error) {
	common, err := sdp.Read(raw, want, (*sdp.Line).IsAudio)
	if err != nil {
		return nil, fmt.Errorf("rtc: %w", err)
	}
	d := &description{Description: common}
	if err := d.readTransport(); err != nil {
		return nil, err
	}
	return d, nil
}

// readTransport reads what ICE and DTLS need.
func (d *description) readTransport() (err error) {
	d.ufrag, d.password = d.Attribute("ice-ufrag"), d.Attribute("ice-pwd")
	if d.ufrag == "" || d.password == "" {
		return fmt.Errorf("rtc: the far end does not speak ICE: %w", phone.ErrMediaIncompatible)
	}
	if !isICEText(d.ufrag, 4) || !isICEText(d.password, 22) {
		return fmt.Errorf("rtc: ICE credentials: %w", phone.ErrMediaMalformed)
	}
	_, d.lite = d.SessionAttribute("ice-lite")
	if d.hash, d.digest, err = d.Fingerprint(); err != nil {
		return err
	}
	if d.setup, err = d.Setup(); err != nil {
		return err
	}
	for _, value := range d.Attributes("candidate") {
		if c := plainCandidate(value); c != "" && len(d.candidates) < maxCandidates {
			d.candidates = append(d.candidates, c)
		}
	}
	group, _ := d.SessionAttribute("group")
	if words := strings.Fields(group); len(words) > 0 && words[0] == "BUNDLE" {
		d.group = words[1:]
		d.bundled = d.inBundle(d.Audio().MID)
	}
	return nil
}

// inBundle reports whether a line of that mid goes over the common transport (RFC 9143).
func (d *description) inBundle(mid string) bool { return mid != "" && slices.Contains(d.group, mid) }

// plainCandidate writes a candidate anew, or returns "" for one that we cannot use: TCP, component 2, a name of mDNS.
func plainCandidate(value string) string {
	words := strings.Fields(value)
	if len(words) < 8 || len(value) > 512 || words[1] != "1" || !strings.EqualFold(words[2], "udp") {
		return ""
	}
	if _, err := netip.ParseAddr(words[4]); err != nil {
		return ""
	}
	c, err := ice.UnmarshalCandidate(value)
	if err != nil || c.Port() <= 0 || c.Port() > 65535 {
		return ""
	}
	out := c.Marshal()
	if strings.ContainsAny(out, "\r\n") {
		return ""
	}
	return out
}

// isICEText checks ice-ufrag and ice-pwd (RFC 8839 §5.4).
func isICEText(s string, least int) bool {
	return len(s) >= least && len(s) <= 256 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/' &&
			r != '-' && r != '_' && r != '=' // beyond the RFC, but seen
	}) < 0
}
