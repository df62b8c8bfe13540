package voice

import "errors"

// SampleRate is in Hz; FrameSamples is what Process takes, 10 ms of mono PCM.
const (
	SampleRate   = 48000
	FrameSamples = SampleRate / 100
	// Delay is by how many samples the sound leaves later than it came.
	Delay = FrameSamples
)

const (
	tail             = 120 * SampleRate / 1000 // samples
	noiseDown        = 15                      // dB
	echoDown         = 40                      // dB, at most, of the echo that the filter leaves
	echoDownSpeaking = 15                      // while we speak

	tooMuch   = 4e11 // energy of a frame; the library gives up at 9.6e11, which two such sounds may add up to
	worse     = 3    // times the energy that came in: the filter adds echo
	unheard   = 1e5  // energy: -60 dBFS or so
	mostWrong = 20   // ticks
)

// ErrMemory is New's error.
var ErrMemory = errors.New("voice: no memory for the echo canceller")

// Processor cleans the sound of one microphone. It is used by one goroutine at a time.
type Processor struct {
	speex         *speex
	aligner       aligner
	gain          gain
	wrong         int // ticks in which the filter added more than it took
	mic, far, out [FrameSamples]int16
}

// New makes a Processor; Close frees what it holds outside Go's memory.
func New() (*Processor, error) {
	s := newSpeex()
	if s == nil {
		return nil, ErrMemory
	}
	return &Processor{speex: s}, nil
}

// Process cleans FrameSamples of the microphone's sound in place. far is what the speaker was given meanwhile. It returns by how many
// samples far comes later than its echo: no filter knows the future, so it should come earlier by as much from then on; 0 nearly always.
// It allocates nothing. After Close it changes nothing.
func (p *Processor) Process(mic, far []int16) (late int) {
	if p.speex == nil {
		return 0
	}
	copy(p.mic[:], mic)
	copy(p.far[:], far)
	before := calm(&p.mic)
	calm(&p.far)
	moved, late := p.aligner.put(&p.mic, &p.far)
	if moved {
		p.speex.forget()
	}
	p.speex.cancel(&p.mic, p.aligner.reference(), &p.out)
	p.watch(before, energy(&p.out))
	likely := p.speex.suppress(&p.out)
	p.gain.apply(p.out[:], likely, p.far[:])
	copy(mic, p.out[:])
	return late * FrameSamples
}

// watch lets the filter learn anew when it adds for a while more than it takes, after the room changed. The library does the same, but
// takes half a second, and complains on stderr.
func (p *Processor) watch(before, after float64) {
	if after < worse*before+unheard {
		p.wrong = 0
		return
	}
	if p.wrong++; p.wrong == mostWrong {
		p.wrong = 0
		p.speex.forget()
	}
}

// calm turns a frame down that the library would take for a failure of its own: noise at full scale. It returns the frame's energy.
func calm(frame *[FrameSamples]int16) float64 {
	e := energy(frame)
	if e <= tooMuch {
		return e
	}
	for i := range frame {
		frame[i] /= 2
	}
	return e / 4
}

// energy is taken of the differences of samples, as the library does, which compares the whole spectrum of a voice rather than its bass.
func energy(frame *[FrameSamples]int16) float64 {
	var sum, before float64
	for _, v := range frame {
		d := float64(v) - 0.9*before
		sum += d * d
		before = float64(v)
	}
	return sum
}

// Reset forgets the room: another speaker is heard from now on.
func (p *Processor) Reset() {
	if p.speex != nil {
		p.speex.forget()
		p.aligner = aligner{}
	}
}

// Close frees the Processor. Twice is allowed.
func (p *Processor) Close() {
	if p.speex != nil {
		p.speex.free()
		p.speex = nil
	}
}
