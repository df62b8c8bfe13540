package avp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// ours are the payload types of our offers, in our order.
var ours = sdp.Codecs{
	{PayloadType: 111, Name: "opus", ClockRate: 48000, Channels: 2, FMTP: "minptime=10;useinbandfec=1"},
	{PayloadType: 9, Name: "G722", ClockRate: 8000, Channels: 1},
	{PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1},
	{PayloadType: 8, Name: "PCMA", ClockRate: 8000, Channels: 1},
	{PayloadType: 101, Name: sdp.EventName, ClockRate: 8000, Channels: 1, FMTP: "0-16"},
	{PayloadType: 110, Name: sdp.EventName, ClockRate: 48000, Channels: 1, FMTP: "0-16"},
}

// known are those that we can answer: comfort noise (RFC 3389) is played, but offering it would invite the far end to
// send less than it hears.
var known = append(slices.Clone(ours), sdp.Format{PayloadType: 13, Name: sdp.NoiseName, ClockRate: 8000, Channels: 1})

// manner is how a session's packets are kept from others.
type manner uint8

const (
	inTheClear manner = iota // RTP (RFC 3551)
	bySDES                   // SRTP with keys in the description (RFC 4568)
	byDTLS                   // SRTP with keys by DTLS (RFC 5763)
)

// policy is what the account wants: a manner, and whether nothing else will do.
type policy struct {
	manner manner
	strict bool
}

// policyOf reads a leg's options. The error wraps phone.ErrLocalMediaInfo.
func policyOf(o phone.LegOptions) (policy, error) {
	p := policy{strict: o.Encryption != phone.EncryptionPreferred}
	switch o.Policy {
	case phone.MediaDefault, phone.MediaRTP:
		if o.Encryption == phone.EncryptionRequired {
			return p, fmt.Errorf("avp: policy %q does not encrypt: %w", o.Policy, phone.ErrLocalMediaInfo)
		}
		p.strict = true
	case phone.MediaSDES:
		p.manner = bySDES
	case phone.MediaDTLS:
		p.manner = byDTLS
	default:
		return p, fmt.Errorf("avp: policy %q: %w", o.Policy, phone.ErrLocalMediaInfo)
	}
	if o.Encryption == phone.EncryptionOff {
		p = policy{manner: inTheClear, strict: true}
	}
	return p, nil
}

// profile is what our offers say on the m-line. What may stay in the clear says so, with what is needed to encrypt
// beside it (RFC 8643 §3.1): a far end that cannot encrypt takes it for plain RTP.
func (p policy) profile() string {
	switch {
	case p.strict && p.manner == bySDES:
		return "RTP/SAVP"
	case p.strict && p.manner == byDTLS:
		return "UDP/TLS/RTP/SAVP"
	}
	return "RTP/AVP"
}

// fits reports whether a media line can be used in that manner. A line that says RTP/AVP and hands over keys all the
// same ("best effort", RFC 8643) can be encrypted; since we encrypt then or refuse, taking it is no downgrade.
func fits(m manner) func(*sdp.Line) bool {
	return func(l *sdp.Line) bool {
		if !l.IsAudio() {
			return false
		}
		profile := strings.TrimSuffix(strings.ToUpper(l.Proto), "F") // feedback (RFC 4585) is not used, and not in the way
		either := profile == "RTP/SAVP" || profile == "RTP/AVP"
		switch m {
		case bySDES:
			return either && l.HasAttribute("crypto")
		case byDTLS:
			return profile == "UDP/TLS/RTP/SAVP" || either && l.Says("fingerprint")
		default:
			return profile == "RTP/AVP"
		}
	}
}

// read reads their description and chooses how its audio is to be protected. want is the audio line's index, or -1;
// then a line that can be encrypted goes before one that cannot. The errors are those of sdp.Read.
func (p policy) read(raw []byte, want int, offer bool) (*sdp.Description, manner, error) {
	if p.manner != inTheClear {
		d, err := sdp.Read(raw, want, fits(p.manner))
		// An offer of plain RTP with keys that are of no use to us is one of plain RTP. An answer is not: what comes of
		// it might be noise, or what they believe to be secret.
		if err == nil && (p.strict || !offer || usable(d, p.manner)) {
			return d, p.manner, nil
		}
		if p.strict {
			return nil, 0, fmt.Errorf("avp: %w", err)
		}
	}
	d, err := sdp.Read(raw, want, fits(inTheClear))
	if err != nil {
		return nil, 0, fmt.Errorf("avp: %w", err)
	}
	return d, inTheClear, nil
}

// usable reports whether an offer holds keys, or a fingerprint, of a kind that we have.
func usable(d *sdp.Description, m manner) bool {
	if m == byDTLS {
		hash, _, err := d.Fingerprint()
		return err == nil && canHash(hash)
	}
	return slices.ContainsFunc(d.Attributes("crypto"), func(value string) bool {
		_, ok := parseCrypto(value)
		return ok
	})
}
