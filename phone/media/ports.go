package media

import (
	"image"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// SampleRate is the engine's rate in Hz; FrameSamples is one tick's worth, 10 ms of mono PCM.
const (
	SampleRate   = 48000
	FrameSamples = SampleRate / 100
)

// Devices opens sound devices. Package devices' Registry satisfies it. The id "" means the
// system's default; a device that is gone is replaced by the default one without the engine's help.
type Devices interface {
	// OpenMicrophone calls frame with 10 ms of mono PCM at 48 kHz (480 samples; valid during the call only)
	// from a goroutine of its own, and lost once when the device is gone for good. It may take tens of
	// milliseconds; the engine calls it from a goroutine that may wait. After Close returned, nothing is called.
	OpenMicrophone(id string, frame func(pcm []int16), lost func(error)) (io.Closer, error)
	// OpenSpeaker calls fill to have 480 samples written, at the pace of the device.
	OpenSpeaker(id string, fill func(pcm []int16), lost func(error)) (io.Closer, error)
}

// Rooms tells which microphones hear a room, with a speaker's echo and noise in it. Devices that have any satisfy it; package devices'
// Registry does. All other microphones are heard as they are, as a test's tone wants to be.
type Rooms interface {
	// HearsRoom is asked after the microphone was opened by that id.
	HearsRoom(id string) bool
}

// Cameras opens cameras. Devices that have any satisfy it; package devices' Registry does.
type Cameras interface {
	// OpenCamera calls frame with every picture, at most some twenty a second, from a goroutine of its own. The picture's chroma has
	// half the resolution both ways; it is valid during the call only. Everything else is as with OpenMicrophone.
	OpenCamera(id string, frame func(picture *image.YCbCr), lost func(error)) (io.Closer, error)
}

// Recorders makes the files of local recordings; package phone/media/record's Files does.
type Recorders interface {
	// Create makes a new file. It may wait for the disk. The error wraps one of phone's ErrRecord… values.
	Create(o phone.RecordOptions) (Recording, error)
}

// Recording is a file that grows. One goroutine uses it, which may wait for the disk.
type Recording interface {
	// Name is where the file is.
	Name() string
	// Write appends stereo PCM at 48 kHz, left and right by turns. After an error the file holds what could be written
	// before; the error wraps one of phone's ErrRecord… values.
	Write(stereo []int16) error
	// Close completes the file.
	Close() error
}

// Transport carries the media of one leg: rtc with ICE and DTLS-SRTP, avp without. Methods
// return at once; outcomes go to the TransportSink. The methods are called by one goroutine, but for
// WriteRTP and Stats, which may be called from another one.
type Transport interface {
	// Offer makes a (new) local offer: TransportSink.LocalSDP or Failed follows.
	Offer(wish phone.MediaWish)
	// Answer answers their offer: LocalSDP and Negotiated, or Failed, follow.
	Answer(offer []byte, wish phone.MediaWish)
	// Remote applies their answer: Negotiated or Failed follows.
	Remote(answer []byte, provisional bool)
	// Rollback forgets our unanswered offer.
	Rollback()
	// WriteRTP sends one packet. The header's payload type, sequence number, timestamp and marker are the
	// caller's; the SSRC is the transport's. It never blocks; before the transport is up, and while the far end does not
	// want to hear us, it drops. It reports whether the packet went out.
	WriteRTP(h *rtp.Header, payload []byte) bool
	// Stats returns what the transport alone knows.
	Stats() TransportStats
	// Close frees everything; when it returned, the sink is not called any more.
	Close()
}

// VideoTransport is a Transport that carries pictures beside the sound. Its methods never block and may be called from any goroutine.
type VideoTransport interface {
	// WriteVideo sends one packet of our pictures; the rest is as with WriteRTP.
	WriteVideo(h *rtp.Header, payload []byte) bool
	// AskPicture asks the far end for a key frame (PLI, RFC 4585 §6.3.1) of the source that sent last.
	AskPicture()
}

// VideoSink is a TransportSink that takes pictures.
type VideoSink interface {
	// Video hands over a received packet of a video stream; it belongs to the sink.
	Video(p *rtp.Packet, at time.Time)
	// PictureAsked: the far end wants a key frame of ours.
	PictureAsked()
}

// TransportFactory makes transports. Each leg has one (forked early media: one more each fork).
type TransportFactory interface {
	NewTransport(o phone.LegOptions, sink TransportSink) (Transport, error)
}

// TransportSink is what a transport tells its leg, from goroutines of its own; it never blocks.
type TransportSink interface {
	LocalSDP(sdp []byte)
	Negotiated(Negotiated)
	// Failed: the description could not be made or applied, or the transport is broken for good.
	// The error wraps phone.ErrMediaIncompatible, phone.ErrMediaMalformed, phone.ErrLocalMediaInfo or phone.ErrLocalStream.
	Failed(error)
	// Up: ready to send; networkType is "host", "srflx" or "relay".
	Up(networkType string)
	// Down: connectivity lost for now.
	Down()
	// Trouble: something that the user should know of and can mend, though the leg may go on without it. The error
	// wraps phone.ErrRelayRefused or phone.ErrRelayCertificate.
	Trouble(error)
	// RTP hands over a received packet of the audio stream (any payload type); it belongs to the sink.
	RTP(p *rtp.Packet, at time.Time)
}

// CodecSpec is a negotiated codec.
type CodecSpec struct {
	Name        string // "opus", "PCMU", "PCMA", as registered with IANA
	PayloadType uint8  // to be sent
	ClockRate   uint32 // of RTP timestamps: 48000 for Opus, 8000 for G.711
	Channels    int    // in the SDP sense; Opus says 2
	FEC         bool   // they want in-band FEC (useinbandfec=1)
	MaxBitrate  int    // their maxaveragebitrate, 0: not said
}

// Negotiated is the outcome of an offer/answer exchange (RFC 3264).
type Negotiated struct {
	Audio CodecSpec
	// Receive maps every payload type they may send to its codec ("telephone-event", "CN" included).
	Receive map[uint8]CodecSpec
	// Event is telephone-event as to be sent; Name is "" where it was not negotiated.
	Event      CodecSpec
	PacketTime time.Duration // the length of a packet that they ask for, 20 ms where they do not
	HeldByThem bool
	Sends      bool // they may send sound: neither side's direction forbids it
	Encrypted  bool
	KeysInSDP  bool // SDES: the keys are as secret as the signalling
	Video      VideoSpec
}

// VideoSpec is a negotiated video stream; the zero value is none. The codec is VP8 (RFC 7741), the clock 90000 Hz.
type VideoSpec struct {
	On            bool
	PayloadType   uint8 // to be sent
	Sends, Shares bool  // they may send; we may
}

// JitterClock is the rate of the timestamps that tell when a packet was sent; 0: they do not (see package tally).
func (c CodecSpec) JitterClock() uint32 {
	if strings.EqualFold(c.Name, "telephone-event") {
		return 0
	}
	return c.ClockRate
}

// TransportStats is what only the transport knows.
type TransportStats struct {
	NetworkType string
	// Local is our own address of the path in use, invalid where it is not known.
	Local netip.Addr
	// Audio and Video are what the far end reports of our streams.
	Audio, Video SentStats
	// Resting: their last report says that they send nothing (RFC 3550 §6.4.2), and nothing has come since.
	Resting bool
	// Rejected counts packets that failed authentication or came from a stranger; none of them reached the sink.
	Rejected uint64
}

// SentStats is what the far end's RTCP reports of a stream of ours (RFC 3550 §6.4.1), over all sources that it was sent under.
type SentStats struct {
	// Reported: there was such a report. Without it all else is 0 and means nothing.
	Reported bool
	// Lost and Received are packets, up to the last one that they reported.
	Lost, Received uint64
	// FractionLost is of what went between their last two reports, 0…1.
	FractionLost float64
	// Jitter is of the last report, the others are of all of them.
	Jitter, JitterMax, JitterAverage time.Duration
	// RoundTrip is 0 until they have answered to a sender report of ours.
	RoundTrip time.Duration
}
