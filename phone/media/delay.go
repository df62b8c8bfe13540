package media

// All lengths here are samples at 48 kHz.
const (
	ms          = SampleRate / 1000
	delayBucket = 5 * ms
	// minDelay is the least that the jitter buffer aims for: one tick of ours, one of theirs.
	minDelay = 20 * ms
	maxDelay = 500 * ms
)

// delays measures how late packets come against the fastest of the last seconds, and says
// which delay lets all but one or two in a hundred come in time. It is a histogram with forgetting, as in
// WebRTC's NetEQ; the base is a sliding minimum, which also follows the clocks' drift.
type delays struct {
	share [maxDelay/delayBucket + 1]float32
	count int
	// least holds the minimum of arrival minus timestamp in consecutive windows, newest first.
	least [5]int64
	used  int
	since int64 // arrival at which least[0]'s window began
}

// leastWindow times len(least), about a second, is how soon a longer path counts as the normal one.
const leastWindow = 250 * ms

// add notes a packet with timestamp ts that arrived at, and returns how late it was.
func (d *delays) add(at, ts int64) int64 {
	offset := at - ts
	switch {
	case d.used == 0:
		d.least[0], d.used, d.since = offset, 1, at
	case at-d.since >= leastWindow:
		d.turn(at, offset)
	default:
		d.least[0] = min(d.least[0], offset)
	}
	late := offset - d.base()
	d.count++
	keep := min(0.995, 1-1/float32(d.count))
	for i := range d.share {
		d.share[i] *= keep
	}
	d.share[min(int(late)/delayBucket, len(d.share)-1)] += 1 - keep
	return late
}

// turn begins a new window. Where the path has become longer for good, what was late against the old base no longer is.
func (d *delays) turn(at, offset int64) {
	before := d.base()
	copy(d.least[1:], d.least[:len(d.least)-1])
	d.least[0], d.used, d.since = offset, min(d.used+1, len(d.least)), at
	shift := min(int(d.base()-before)/delayBucket, len(d.share)-1)
	if shift <= 0 {
		return
	}
	for _, s := range d.share[1 : shift+1] {
		d.share[0] += s
	}
	copy(d.share[1:], d.share[shift+1:])
	clear(d.share[len(d.share)-shift:])
}

// base is arrival minus timestamp of the fastest recent packet.
func (d *delays) base() int64 {
	base := d.least[0]
	for _, v := range d.least[1:max(d.used, 1)] {
		base = min(base, v)
	}
	return base
}

// target is the delay to aim for, never below floor.
func (d *delays) target(floor int) int {
	const quantile = 0.985
	var sum float32
	for i, s := range d.share {
		if sum += s; sum >= quantile {
			return min(max(floor, (i+1)*delayBucket), maxDelay)
		}
	}
	return floor
}
