package record

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

const (
	pagePackets = 20 // 0.4 s
	frameValues = 2 * codec.StereoFrame
	// Page header flags (RFC 3533 §6).
	firstPage byte = 2
	lastPage  byte = 4
	// serial names our only stream; the files hold no other.
	serial = 0x484f4f4b
)

// oggOpus is a recording as Ogg Opus (RFC 7845), channel mapping family 0, stereo.
type oggOpus struct {
	out     *output
	name    string
	encoder *codec.Stereo
	pcm     [frameValues]int16
	filled  int
	samples uint64 // of each channel, as given

	page     []byte // the packets of the page to come
	lacing   []byte
	packets  int
	granule  uint64 // samples at 48 kHz in all packets so far
	sequence uint32
	buffer   []byte
	payload  [codec.MaxPayload]byte
}

func newOgg(out *output, name string, comments []string) (*oggOpus, error) {
	encoder, err := codec.NewStereo()
	if err != nil {
		return nil, written(err)
	}
	o := &oggOpus{out: out, name: name, encoder: encoder}
	o.add(opusHead())
	if err := o.flush(firstPage); err != nil {
		return nil, err
	}
	o.add(opusTags(comments))
	return o, o.flush(0)
}

// Name implements media.Recording.
func (o *oggOpus) Name() string { return o.name }

// Write implements media.Recording.
func (o *oggOpus) Write(stereo []int16) error {
	o.samples += uint64(len(stereo) / 2)
	for len(stereo) > 0 {
		n := copy(o.pcm[o.filled:], stereo)
		stereo = stereo[n:]
		if o.filled += n; o.filled < frameValues {
			return nil
		}
		if err := o.encode(); err != nil {
			return err
		}
		if o.packets == pagePackets {
			if err := o.flush(0); err != nil {
				return err
			}
		}
	}
	return nil
}

// encode makes a packet of what is filled.
func (o *oggOpus) encode() error {
	clear(o.pcm[o.filled:])
	o.filled = 0
	n, err := o.encoder.Encode(o.payload[:], o.pcm[:])
	if err != nil {
		return written(err)
	}
	o.granule += codec.StereoFrame
	o.add(o.payload[:n])
	return nil
}

// Close implements media.Recording: the last page's granule position trims what the last packet has too much (RFC 7845 §4.4).
func (o *oggOpus) Close() error {
	end := o.samples + codec.StereoDelay
	var failed error
	for o.granule < end && failed == nil {
		failed = o.encode()
	}
	o.granule = end
	if failed == nil {
		failed = o.flush(lastPage)
	}
	return errors.Join(failed, o.out.close())
}

// add puts a packet on the page to come.
func (o *oggOpus) add(packet []byte) {
	for n := len(packet); ; n -= 255 {
		o.lacing = append(o.lacing, byte(min(n, 255))) //nolint:gosec // at most 255
		if n < 255 {
			break
		}
	}
	o.page = append(o.page, packet...)
	o.packets++
}

// flush writes the page (RFC 3533 §6), whole and at once.
func (o *oggOpus) flush(flags byte) error {
	b := append(o.buffer[:0], "OggS\x00"...)
	b = append(b, flags)
	b = binary.LittleEndian.AppendUint64(b, o.granule)
	b = binary.LittleEndian.AppendUint32(b, serial)
	b = binary.LittleEndian.AppendUint32(b, o.sequence)
	b = append(b, 0, 0, 0, 0, byte(len(o.lacing))) //nolint:gosec // 20 packets have at most 120 segments, the tags fewer
	b = append(b, o.lacing...)
	b = append(b, o.page...)
	binary.LittleEndian.PutUint32(b[22:], checksum(b))
	o.buffer = b
	if err := o.out.append(b); err != nil {
		return err // the page stays for another try: a hole before the last one would be noise
	}
	o.sequence++
	o.page, o.lacing, o.packets = o.page[:0], o.lacing[:0], 0
	return nil
}

// opusHead is the identification header (RFC 7845 §5.1).
func opusHead() []byte {
	b := append([]byte("OpusHead"), 1, 2) // version, channels
	b = binary.LittleEndian.AppendUint16(b, codec.StereoDelay)
	b = binary.LittleEndian.AppendUint32(b, codec.SampleRate)
	return append(b, 0, 0, 0) // gain, family
}

// mostTags keeps the comment header on one page.
const mostTags = 8192

// opusTags is the comment header (RFC 7845 §5.2).
func opusTags(comments []string) []byte {
	const vendor = "Hookswitch"
	b := binary.LittleEndian.AppendUint32([]byte("OpusTags"), uint32(len(vendor)))
	b = append(b, vendor...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(comments))) //nolint:gosec // a few
	for _, c := range comments {
		c = c[:min(len(c), mostTags)]
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c))) //nolint:gosec // bounded
		b = append(b, c...)
	}
	return b
}

// tags say what the file is.
func tags(o phone.RecordOptions) []string {
	list := []string{"DATE=" + o.At.Format(time.RFC3339), "DESCRIPTION=left: this side, right: the other side"}
	if party := cleanParty(o.Party); party != "" {
		list = append(list, "TITLE="+party)
	}
	return list
}

// crcTable is for the polynomial 0x04c11db7, most significant bit first. It is never written to.
var crcTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24 //nolint:gosec // below 256
		for range 8 {
			if r&0x80000000 != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

func checksum(page []byte) (crc uint32) {
	for _, v := range page {
		crc = crc<<8 ^ crcTable[byte(crc>>24)^v]
	}
	return crc
}
