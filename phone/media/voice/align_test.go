package voice

import "testing"

// follow runs an aligner over the sounds and returns the delays that it took.
func follow(mic, far []int16) (a *aligner, taken []int) {
	a = new(aligner)
	for i := 0; i+FrameSamples <= len(far); i += FrameSamples {
		if moved, _ := a.put((*[FrameSamples]int16)(mic[i:]), (*[FrameSamples]int16)(far[i:])); moved {
			taken = append(taken, a.delay)
		}
	}
	return a, taken
}

func TestTheReferenceFollowsTheEchosDelay(t *testing.T) {
	const n = 8 * second
	far := talker(1, n, 16000)
	for _, c := range []struct{ delay, want int }{{5, 0}, {60, 0}, {120, 10}, {250, 23}, {460, 44}} {
		mic := together(newRoom(3, c.delay*SampleRate/1000, 6).echo(far), noise(5, n, -60))
		a, taken := follow(mic, far)
		if a.delay < c.want-1 || a.delay > c.want+1 || len(taken) > 1 {
			t.Errorf("an echo after %d ms: the reference is %d ticks late, by %v; want %d", c.delay, a.delay, taken, c.want)
		}
	}
}

func TestTheReferenceIsFoundWhileBothSpeak(t *testing.T) {
	const n = 12 * second
	far := talker(1, n, 16000)
	mic := together(newRoom(3, 250*SampleRate/1000, 6).echo(far), talker(77, n, 9000))
	if a, _ := follow(mic, far); a.delay < 22 || a.delay > 24 {
		t.Errorf("the reference is %d ticks late, want 23", a.delay)
	}
}

func TestTheReferenceStaysWhereThereIsNoEcho(t *testing.T) {
	const n = 20 * second
	for seed := range uint64(3) {
		if _, taken := follow(talker(50+seed, n, 9000), talker(1+seed, n, 16000)); len(taken) > 0 {
			t.Errorf("talkers %d: the reference was moved to %v", seed, taken)
		}
	}
	if _, taken := follow(tone(440, n, -20), tone(440, n, -20)); len(taken) > 0 {
		t.Errorf("a tone: the reference was moved to %v", taken)
	}
	if _, taken := follow(make([]int16, n), make([]int16, n)); len(taken) > 0 {
		t.Errorf("silence: the reference was moved to %v", taken)
	}
}

func TestTheReferenceComesBackWhenTheDelayShrinks(t *testing.T) {
	const n = 16 * second
	far := talker(1, n, 16000)
	near, late := newRoom(3, 40*SampleRate/1000, 6).echo(far), newRoom(3, 300*SampleRate/1000, 6).echo(far)
	mic := append(append([]int16(nil), late[:n/2]...), near[n/2:]...)
	if a, taken := follow(mic, far); a.delay != lead || len(taken) != 2 {
		t.Errorf("the reference is %d ticks late, by %v", a.delay, taken)
	}
}

func TestAReferenceThatComesTooLateIsToldSo(t *testing.T) {
	const n, late = 10 * second, 3 * FrameSamples
	far := talker(1, n, 16000)
	mic := newRoom(3, 10*SampleRate/1000, 6).echo(far)
	p := processor(t)
	out := append([]int16(nil), mic...)
	behind, told := late, 0
	for i := late; i+FrameSamples <= n; i += FrameSamples {
		if by := p.Process(out[i:i+FrameSamples], far[i-behind:i-behind+FrameSamples]); by > 0 {
			told++
			behind = max(0, behind-by)
		}
	}
	if told != 1 || behind > FrameSamples {
		t.Errorf("told %d times, and now %d samples behind", told, behind)
	}
	if loss := dbfs(mic[7*second:]) - dbfs(out[7*second:]); loss < 20 {
		t.Errorf("ERLE %.1f dB, want 20", loss)
	}
}
