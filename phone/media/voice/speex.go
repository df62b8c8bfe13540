package voice

/*
#cgo pkg-config: speexdsp
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>

typedef struct {
	SpeexEchoState *echo;
	SpeexPreprocessState *clean;
} canceller;

static void destroy(canceller c) {
	if (c.clean) speex_preprocess_state_destroy(c.clean);
	if (c.echo) speex_echo_state_destroy(c.echo);
}

static void set(canceller c, int what, int value) {
	speex_preprocess_ctl(c.clean, what, &value);
}

static canceller make(int frame, int tail, int rate) {
	canceller c = {speex_echo_state_init(frame, tail), speex_preprocess_state_init(frame, rate)};
	if (c.echo && c.clean) {
		speex_echo_ctl(c.echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
		speex_preprocess_ctl(c.clean, SPEEX_PREPROCESS_SET_ECHO_STATE, c.echo);
	}
	return c;
}

static void cancel(canceller c, const spx_int16_t *mic, const spx_int16_t *far, spx_int16_t *out) {
	speex_echo_cancellation(c.echo, mic, far, out);
}

// suppress returns how likely the frame is speech, in percent.
static int suppress(canceller c, spx_int16_t *frame) {
	int likely = 0;
	speex_preprocess_run(c.clean, frame);
	speex_preprocess_ctl(c.clean, SPEEX_PREPROCESS_GET_PROB, &likely);
	return likely;
}
*/
import "C"

import "unsafe"

// speex is libspeexdsp's echo canceller with its suppressor of noise and residual echo.
type speex struct{ c C.canceller }

// newSpeex returns nil where there is no memory.
func newSpeex() *speex {
	s := &speex{c: C.make(FrameSamples, tail, SampleRate)}
	if s.c.echo == nil || s.c.clean == nil {
		s.free()
		return nil
	}
	C.set(s.c, C.SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, -noiseDown)
	C.set(s.c, C.SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, -echoDown)
	C.set(s.c, C.SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, -echoDownSpeaking)
	return s
}

// cancel writes to out what of mic is no echo of far.
func (s *speex) cancel(mic, far, out *[FrameSamples]int16) {
	C.cancel(s.c, sample(mic), sample(far), sample(out))
}

// suppress takes noise and the rest of the echo out of the frame, and returns how likely it is speech, in percent.
func (s *speex) suppress(frame *[FrameSamples]int16) int { return int(C.suppress(s.c, sample(frame))) }

func sample(frame *[FrameSamples]int16) *C.spx_int16_t {
	return (*C.spx_int16_t)(unsafe.Pointer(&frame[0])) // #nosec G103 -- both are 16 bits; C keeps no pointer
}

// forget makes the filter learn anew.
func (s *speex) forget() { C.speex_echo_state_reset(s.c.echo) }

func (s *speex) free() {
	C.destroy(s.c)
	s.c = C.canceller{}
}
