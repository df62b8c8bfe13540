package codec

import (
	"errors"
	"testing"
)

func TestTheStereoEncoderRefusesWhatIsNoFrame(t *testing.T) {
	s, err := NewStereo()
	if err != nil {
		t.Fatal(err)
	}
	var dst [MaxPayload]byte
	for _, n := range []int{0, 2*StereoFrame - 2, 2*StereoFrame + 2} {
		if _, err := s.Encode(dst[:], make([]int16, n)); !errors.Is(err, ErrFrameSize) {
			t.Errorf("%d values: %v", n, err)
		}
	}
	frame := make([]int16, 2*StereoFrame)
	for i := range frame {
		frame[i] = int16(i * 7919) // noise, which needs the most room
	}
	for _, n := range []int{0, 1} {
		if _, err := s.Encode(dst[:n], frame); n == 0 && !errors.Is(err, ErrShortBuffer) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if n, err := s.Encode(dst[:], frame); err != nil || n < 3 {
		t.Errorf("%d, %v", n, err)
	}
}
