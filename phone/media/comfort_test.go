package media

import (
	"math"
	"testing"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// talker is a far end that sends PCMU with 20 ms a packet and falls silent as it pleases.
type talker struct {
	*receiver
	encoder codec.Encoder
	header  rtp.Header
	phase   int
}

func newTalker(t *testing.T) *talker {
	t.Helper()
	encoder, err := codec.NewEncoder(codec.Spec{Name: "PCMU"})
	if err != nil {
		t.Fatal(err)
	}
	return &talker{receiver: newReceiver(t, "PCMU"), encoder: encoder, header: rtp.Header{Version: 2, SSRC: 9, SequenceNumber: 7, Timestamp: 99}}
}

// packet sends one packet and lets 20 ms pass.
func (k *talker) packet(payloadType uint8, payload []byte) {
	k.header.PayloadType = payloadType
	legSink{k.leg}.RTP(&rtp.Packet{Header: k.header, Payload: payload}, k.now)
	k.header.SequenceNumber++
	k.rest(20)
}

func (k *talker) rest(milliseconds int) {
	for range milliseconds / 10 {
		k.tick10ms()
	}
	k.header.Timestamp += uint32(8 * milliseconds)
}

func (k *talker) tone(milliseconds int) {
	for range milliseconds / 20 {
		pcm := make([]int16, codec.FrameSamples)
		for i := range pcm {
			pcm[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(k.phase)/SampleRate))
			k.phase++
		}
		payload := make([]byte, codec.MaxPayload)
		n, _ := k.encoder.Encode(payload, pcm)
		k.packet(0, payload[:n])
	}
}

// last is the level of the last milliseconds in dB below overload.
func (k *talker) last(milliseconds int) float64 {
	return -20 * math.Log10(rms(k.heard[len(k.heard)-milliseconds*ms:])/math.MaxInt16+1e-9)
}

func TestComfortNoiseIsHeardUntilSpeechComesBack(t *testing.T) {
	k := newTalker(t)
	k.tone(1000)
	k.packet(13, []byte{50})
	k.rest(3000)
	if got := k.last(2500); math.Abs(got-50) > 1.5 {
		t.Errorf("the noise has -%.1f dBov", got)
	}
	k.packet(13, []byte{62, 20})
	k.rest(2000)
	if got := k.last(1500); math.Abs(got-62) > 1.5 {
		t.Errorf("after another word the noise has -%.1f dBov", got)
	}
	k.tone(1000)
	if share := steadiness(k.heard[len(k.heard)-800*ms:], 440, 8000); share < 1 {
		t.Errorf("the tone is back for %.3f of the time", share)
	}
	if s := k.stats(); s.PacketsLost > 0 || s.Concealed > 0 {
		t.Errorf("silence is taken for loss: %+v", s)
	}
}

func TestASilenceThatNobodyDescribesIsSilent(t *testing.T) {
	k := newTalker(t)
	k.tone(1000)
	k.rest(3000) // no packets at all: the far end's detector of speech
	if got := k.last(1000); got < 90 {
		t.Errorf("-%.1f dBov", got)
	}
	k.tone(1000)
	if share := steadiness(k.heard[len(k.heard)-800*ms:], 440, 8000); share < 1 {
		t.Errorf("the tone is back for %.3f of the time", share)
	}
	if s := k.stats(); s.PacketsLost > 0 {
		t.Errorf("%+v", s)
	}
}

func TestComfortNoiseEndsSometime(t *testing.T) {
	k := newTalker(t)
	k.tone(200)
	k.packet(13, []byte{50})
	k.rest(1000 * (noiseLimit/SampleRate + 2))
	if got := k.last(500); got < 90 {
		t.Errorf("a minute without a word, and still noise of -%.1f dBov", got)
	}
	k.tone(1000)
	if share := steadiness(k.heard[len(k.heard)-800*ms:], 440, 8000); share < 1 {
		t.Errorf("the tone is back for %.3f of the time", share)
	}
}
