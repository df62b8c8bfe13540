package sdp

import (
	"fmt"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// Fingerprint is the hash of the certificate that DTLS must show (RFC 8122 §5), hash in lower case, digest in upper
// case. The SHA-256 one is taken where there are several. The error wraps phone.ErrMediaMalformed, or
// phone.ErrMediaIncompatible where there is none.
func (d *Description) Fingerprint() (hash, digest string, err error) {
	seen := false
	for _, part := range []*section{d.section, d.session} {
		for _, value := range part.all("fingerprint") {
			seen = true
			h, dig, _ := strings.Cut(strings.TrimSpace(value), " ")
			h, dig = strings.ToLower(h), strings.ToUpper(strings.TrimSpace(dig))
			if !IsToken(h) || !isDigest(dig) {
				continue
			}
			if hash == "" || (h == "sha-256" && hash != "sha-256") {
				hash, digest = h, dig
			}
		}
		if hash != "" {
			return hash, digest, nil // the media section's own go before the session's
		}
	}
	if seen {
		return "", "", fmt.Errorf("sdp: a=fingerprint: %w", phone.ErrMediaMalformed)
	}
	return "", "", fmt.Errorf("sdp: the far end does not encrypt by DTLS: %w", phone.ErrMediaIncompatible)
}

// Setup is the DTLS role that the author takes: "active", "passive" or "actpass", which is also meant when
// nothing is said (RFC 5763 §5). The error wraps phone.ErrMediaMalformed.
func (d *Description) Setup() (string, error) {
	switch setup := strings.ToLower(d.Attribute("setup")); setup { // RFC 4145 §4, RFC 5234 §2.3
	case "active", "passive", "actpass":
		return setup, nil
	case "", "holdconn":
		return "actpass", nil
	}
	return "", fmt.Errorf("sdp: a=setup: %w", phone.ErrMediaMalformed)
}

// Opposite is our DTLS role for theirs. Where we may choose we are the client: our handshake starts at once (RFC 5763 §5).
func Opposite(setup string) string {
	if setup == "active" {
		return "passive"
	}
	return "active"
}

// IsToken reports whether s can stand in an SDP as a token (RFC 8866 §9).
func IsToken(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[]\`, r)
	}) < 0
}

// isDigest checks a fingerprint's hex.
func isDigest(s string) bool {
	if len(s) < 16*3-1 || len(s) > 64*3-1 || len(s)%3 != 2 {
		return false
	}
	for i, r := range s {
		if i%3 == 2 {
			if r != ':' {
				return false
			}
		} else if (r < '0' || r > '9') && (r < 'A' || r > 'F') {
			return false
		}
	}
	return true
}
