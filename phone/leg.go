package phone

// This file holds what crosses the media port by value; ports.go holds the port.

// LegOptions says what a leg may use.
type LegOptions struct {
	Policy MediaPolicy
	// Encryption says whether Policy's encryption may be missing; the default means EncryptionRequired where Policy
	// encrypts.
	Encryption Encryption
	// Ports bounds the UDP ports.
	Ports PortRange
	// Server is the host of the account's server, "" where it is not known: it tells which of our addresses to name
	// before the far end's is known.
	Server     string
	ICEServers []ICEServer
	// CA is a PEM file with certificate authorities beyond the system's, for relays by TLS; "" where there is none.
	CA    string
	Video bool
	// AllowSilence lets the leg go on with silence where there is no microphone.
	AllowSilence bool
}

// MediaWish is what the operator wants of a description.
type MediaWish struct {
	// Hold: offer or answer sendonly (inactive when they hold us too).
	Hold bool
	// Video: ours is to be sent and theirs to be seen, where both can. Watch: theirs alone, where they offer it or are asked for
	// it. Neither: no video at all.
	Video, Watch bool
	// Restart: the way was lost (MediaDown), an offer looks for another one (an ICE restart, RFC 8445 §9). Transports
	// without ICE ignore it.
	Restart bool
}

// MediaInfo is the little the operator reads of an SDP exchange; SDP itself stays opaque to it.
type MediaInfo struct {
	HeldByThem bool // their direction is sendonly or inactive, or c=0.0.0.0
	Codec      string
	Encrypted  bool
	KeysInSDP  bool // the keys are in the descriptions (SDES): whoever reads the signalling can listen
	Video      bool // a video stream was agreed on, in whichever direction
	DTMF       bool // telephone-event was negotiated
}
