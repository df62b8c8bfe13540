package phone

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// AccountID names an account in one process and profile. It is stable across restarts.
type AccountID string

// MediaPolicy says how an account's media travels.
type MediaPolicy string

// The media policies of automation.md. The empty policy means: MediaWebRTC on WS and WSS, MediaRTP otherwise.
const (
	MediaDefault MediaPolicy = ""
	MediaWebRTC  MediaPolicy = "webrtc" // ICE, DTLS-SRTP
	MediaDTLS    MediaPolicy = "dtls"   // DTLS-SRTP without ICE
	MediaSDES    MediaPolicy = "sdes"   // RFC 4568
	MediaRTP     MediaPolicy = "rtp"    // plain RTP/AVP
)

// Encryption says whether an account's sound may travel unencrypted.
type Encryption string

// The policies of encryption. Whether a call ended up encrypted is told by Call.Encrypted; no policy ever lets it fall
// back unseen.
const (
	// EncryptionDefault means: EncryptionRequired where Media encrypts, EncryptionOff where it does not.
	EncryptionDefault Encryption = ""
	// EncryptionRequired: a call whose sound cannot be encrypted is refused (488), or given up.
	EncryptionRequired Encryption = "required"
	// EncryptionPreferred: calls are offered as plain RTP with what is needed to encrypt beside it (RFC 8643), and run
	// encrypted where the far end can, unencrypted where it cannot.
	EncryptionPreferred Encryption = "preferred"
	// EncryptionOff: plain RTP; calls whose sound must be encrypted are refused (488).
	EncryptionOff Encryption = "off"
)

// Secret is what an account authenticates with: a password, or the HA1 (RFC 7616
// §3.4.2, MD5 of "user:realm:password") where the password is not to be known.
// It prints as "***" with every fmt verb and in slog and JSON.
type Secret struct {
	password, ha1 string
}

// NewPassword returns a Secret that holds a password.
func NewPassword(password string) Secret { return Secret{password: password} }

// NewHA1 returns a Secret that holds an MD5 HA1 of 32 hex digits.
func NewHA1(ha1 string) Secret { return Secret{ha1: ha1} }

// Password returns the password, "" when only an HA1 is known.
func (s Secret) Password() string { return s.password }

// HA1 returns the HA1, "" when a password is known.
func (s Secret) HA1() string { return s.ha1 }

// IsZero reports whether there is no secret at all.
func (s Secret) IsZero() bool { return s == Secret{} }

// String never shows the secret.
func (Secret) String() string { return "***" }

// GoString never shows the secret.
func (Secret) GoString() string { return "***" }

// MarshalJSON never shows the secret.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// ICEServer is a STUN or TURN server (W3C WebRTC, RTCIceServer).
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Account is one line of the phone. It is a value; the operator copies it.
type Account struct {
	ID AccountID
	// URI is the address of record, "sip:1001@pbx.example".
	URI string
	// Server is "wss://…", "ws://…", "tls:host:port", "tcp:…", "udp:…"; empty: RFC 3263 decides. It may be a proxy that
	// the URI's domain knows nothing of; the last three may end in ";lr" for one that wants to be named in Route, too
	// (RFC 3261 §8.1.2).
	Server string
	// Username authenticates; empty: the user part of URI.
	Username string
	// Realm restricts the credential to one realm; empty: the first realm that the account's server names in a 401,
	// and those of the proxies (407) that a call goes through, four at most.
	Realm       string
	Secret      Secret
	DisplayName string
	Media       MediaPolicy
	// Encryption says whether calls must be encrypted, by what Media names; see MediaPolicy for those that go together.
	Encryption Encryption
	// MediaPorts bounds the UDP ports of media, for firewalls that let some through. A call takes two of them; with ICE
	// one on each of our addresses.
	MediaPorts PortRange
	ICEServers []ICEServer
	// CA is a PEM file that is trusted beside the system's own roots for this account's server.
	CA string
	// RecordCode is the PBX's feature code for recording, such as "*1"; empty: recording is local.
	RecordCode string
	// RecordPermissions is the contract's recordPermissions: 0, 1 or 2.
	RecordPermissions int
	// MaxCalls is the limit of simultaneous calls; 0 means the operator's default (2).
	MaxCalls int
	// RegisterTries is the contract's reRegistryPhoneTimes; 0 means without limit.
	RegisterTries int
	// RingLimit is how long an outgoing call may go unanswered, in whole seconds up to an hour; 0 means 180 s.
	RingLimit time.Duration
	// EarlyReplaces joins an attended transfer while its consultation call still rings, by Replaces of the early dialog.
	// Phones refuse that (RFC 3891 §3), some PBXs offer it. Otherwise that call is cancelled and its parent sent blindly.
	EarlyReplaces bool
	// ReferConsultation sends an attended transfer's REFER to the far end of the consultation call instead of the parent's,
	// as the seed's system does. Only a PBX that stands between the two understands it.
	ReferConsultation bool
	// AutoAnswer lets the account's server answer calls here, by the headers of an intercom (RFC 5373, Call-Info, Alert-Info).
	// Nobody else is obeyed; a beep and a mark in the call tell of it.
	AutoAnswer bool
	// Direct: no registrar. Calls go to Server and come from there, by its address alone, as with a trunk or a phone beside
	// ours. Nothing tells the server where we are: it knows Listen.
	Direct bool
	// Listen is the local address of a Direct account's UDP socket, "192.0.2.7:5060" or ":5060"; "": any free port. Only the
	// server is heard there.
	Listen string
	// Temporary accounts live in memory only (-account, the demo).
	Temporary bool
}

// clone shares nothing with the account.
func (a Account) clone() Account {
	a.ICEServers = slices.Clone(a.ICEServers)
	for i, server := range a.ICEServers {
		a.ICEServers[i].URLs = slices.Clone(server.URLs)
	}
	return a
}

// Host is the host of the account's server, of its address of record where no server is named; "" where neither tells.
func (a Account) Host() string {
	server := a.Server
	if server == "" {
		_, server, _ = strings.Cut(a.URI, "@")
		server, _, _ = strings.Cut(server, ";")
	} else if u, err := url.Parse(server); err == nil && u.Host != "" {
		server = u.Host
	} else if _, rest, ok := strings.Cut(server, ":"); ok {
		server = strings.TrimSuffix(rest, ";lr")
	}
	if host, _, err := net.SplitHostPort(server); err == nil {
		return host
	}
	return strings.Trim(server, "[]")
}

// MediaPolicy is how the account's media travels: Media, or what its transport and its wish for encryption suggest
// where that says nothing. Encryption off makes MediaRTP of what would encrypt; encryption without a word on how means
// MediaSDES, which desk phones' servers have most.
func (a Account) MediaPolicy() MediaPolicy {
	switch {
	case a.Media == MediaWebRTC, a.Media == MediaDefault && a.overWebSocket():
		return MediaWebRTC
	case a.Encryption == EncryptionOff:
		return MediaRTP
	case a.Media != MediaDefault:
		return a.Media
	case a.Encryption != EncryptionDefault:
		return MediaSDES
	}
	return MediaRTP
}

// EncryptionPolicy is the account's Encryption with its default resolved: never EncryptionDefault. WebRTC has no
// media that is not encrypted (RFC 8827 §6.5).
func (a Account) EncryptionPolicy() Encryption {
	switch policy := a.MediaPolicy(); {
	case policy == MediaRTP:
		return EncryptionOff
	case policy != MediaWebRTC && a.Encryption == EncryptionPreferred:
		return EncryptionPreferred
	}
	return EncryptionRequired
}

func (a Account) overWebSocket() bool {
	return strings.HasPrefix(a.Server, "ws:") || strings.HasPrefix(a.Server, "wss:")
}
