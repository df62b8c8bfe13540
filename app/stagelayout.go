package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// roomForControls is the width from which all controls stand in one row: each needs 60, and hang up stands apart.
func (s *stagePart) roomForControls() float32 {
	return 60*float32(len(s.controls())+1) + controlsApart + 24
}

// controlsApart is how far hang up stands from the others.
const controlsApart float32 = 36

// place lays the stage out: chips on top, who in the middle, controls and devices at the foot.
func (s *stagePart) place(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	wide := s.app.model.wide
	show(s.panel, wide)
	show(s.flat, !wide)
	show(s.back, !wide)
	put(s.panel, 0, 0, size.Width, size.Height)
	put(s.flat, 0, 0, size.Width, size.Height)
	s.placeHead(size, wide)
	foot := s.placeFoot(size, size.Width >= s.roomForControls())
	top := float32(64)
	if !wide {
		top = 52
	}
	show(s.held.box, s.view.held.id != "")
	if s.held.box.Visible() {
		put(s.held.box, 12, top, size.Width-24, heldHigh)
		top += heldHigh + 8
	}
	s.placeMiddle(size, top, foot, wide)
}

func (s *stagePart) placeHead(size fyne.Size, wide bool) {
	x, y := float32(24), float32(20)
	if !wide {
		put(s.back, 4, 4, 44, 44)
		x, y = 52, 14
	}
	edge := size.Width - 12
	if wide {
		edge = size.Width - 24
	}
	show(s.quality, s.view.quality.Label != "")
	if s.quality.Visible() {
		w := s.quality.MinSize().Width
		put(s.quality, edge-w, y, w, 24)
		edge -= w + 8
	}
	show(s.lock, s.view.lock.Label != "")
	lock := s.lock.MinSize().Width
	w := min(s.line.MinSize().Width, max(48, edge-x-lock-8)) // a long name of the line gives way
	put(s.line, x, y, w, 24)
	if wide {
		put(s.lock, x+w+8, y, lock, 24)
	} else {
		put(s.lock, edge-lock, y, lock, 24)
	}
}

// placeFoot puts controls and devices and returns where they begin.
func (s *stagePart) placeFoot(size fyne.Size, oneRow bool) float32 {
	show(s.hang, oneRow)
	show(s.wideHang, !oneRow)
	bottom := size.Height
	s.placePickers(size, bottom-50)
	show(s.rule, oneRow)
	put(s.rule, 24, bottom-58, size.Width-48, 1)
	if oneRow {
		return s.placeOneRow(size, bottom-58-20-80) - 8
	}
	y := bottom - 58 - 52
	put(s.wideHang, 16, y, size.Width-32, 52)
	return s.placeRows(size, y-12) - 8
}

// controls are the round buttons that are shown, hang up left out: it stands apart.
func (s *stagePart) controls() (list []*widgets.CircleButton) {
	show(s.merge, s.view.merge.Label != "")
	show(s.record, s.view.record.control.Label != "")
	show(s.camera, s.view.video.camera.Label != "")
	for _, button := range []*widgets.CircleButton{s.mute, s.camera, s.pad, s.hold, s.transfer, s.record, s.merge} {
		if button.Visible() {
			list = append(list, button)
		}
	}
	return list
}

func (s *stagePart) placeOneRow(size fyne.Size, y float32) float32 {
	controls := s.controls()
	n := float32(len(controls) + 1)
	each := min(84, (size.Width-24-controlsApart)/n)
	x := (size.Width - n*each - controlsApart) / 2
	for _, button := range controls {
		put(button, x, y, each, 80)
		x += each
	}
	put(s.hang, x+controlsApart, y, each, 80)
	return y
}

// placeRows puts rows of four that end at bottom.
func (s *stagePart) placeRows(size fyne.Size, bottom float32) float32 {
	const inRow = 4
	controls := s.controls()
	rows := (len(controls) + inRow - 1) / inRow
	top := bottom - float32(rows)*80
	each := (size.Width - 32) / inRow
	for i, button := range controls {
		put(button, 16+float32(i%inRow)*each, top+float32(i/inRow)*80, each, 80)
	}
	return top
}

// placePickers puts the two pickers side by side, each as wide as its name where there is room.
func (s *stagePart) placePickers(size fyne.Size, y float32) {
	const gap = 12
	most := (size.Width - 24 - gap) / 2
	first, second := min(s.microphone.Natural(), most), min(s.speaker.Natural(), most)
	left := (size.Width - first - gap - second) / 2
	put(s.microphone, left, y, first, 44)
	put(s.speaker, left+first+gap, y, second, 44)
}

// placeMiddle puts what is between top and bottom: the pictures, or who it is.
func (s *stagePart) placeMiddle(size fyne.Size, top, bottom float32, wide bool) {
	pictures := s.view.video.shown && !s.view.keypad
	show(s.video.view, pictures)
	if pictures {
		show(s.word, true)
		s.placeVideo(size, top, bottom)
		return
	}
	show(s.name, true)
	s.placeWho(size, top, bottom, wide)
}

// placeWho centres the person, the timer and the meters between top and bottom; with the keypad
// open it takes the meters' and the picture's place.
func (s *stagePart) placeWho(size fyne.Size, top, bottom float32, wide bool) {
	v := s.view
	room := bottom - top
	show(s.keys, v.keypad)
	show(s.digits, v.keypad)
	meters := v.meters && !v.keypad
	for _, o := range []fyne.CanvasObject{s.near, s.far, s.nearLabel, s.farLabel} {
		show(o, meters)
	}
	heights := []float32{0, 40, 24, 24, 52, 0, 24}
	gaps := []float32{16, 0, 6, 4, 0, 10}
	narrow := v.keypad && !wide // then the keys need the room of the lines
	if narrow {
		heights[3], gaps[3] = 0, 0
	}
	show(s.word, !narrow)
	if v.second == "" || narrow {
		heights[2], gaps[1], gaps[2] = 0, 2, 4
	}
	if !meters {
		heights[6], gaps[5] = 0, 0
	}
	if v.record.mark.Label != "" && !narrow {
		heights[5], gaps[4] = 32, 4
	}
	keypad := float32(0)
	if v.keypad {
		keypad = max(160, min(4*60+3*8, room-34-34-44-24-heights[2]-heights[3]))
		heights[1], heights[4] = 34, 44
	}
	extra := keypad
	if v.keypad {
		extra += 34
		gaps[0] = 0
	}
	total := extra + s.squeeze(heights, gaps, room-extra)
	most := float32(160)
	if !wide {
		most = 112
	}
	// The picture takes what the words leave; too small, it is left out.
	if picture := min(most, room-total); picture >= 56 && !v.keypad {
		heights[0] = picture
		total += picture
	} else if !v.keypad {
		total -= gaps[0]
		gaps[0] = 0
	}
	s.placeStack(size, top+max(0, (room-total)/2), heights, gaps)
	if v.keypad {
		w := min(320, size.Width-32)
		y := top + max(0, (room-total)/2) + total - keypad
		put(s.digits, 16, y-34, size.Width-32, 30)
		put(s.keys, (size.Width-w)/2, y, w, keypad)
	}
}

// squeeze takes out what gives way in the least window beside a held call, first the meters, then the mark of a recording, which its
// control bears, too. It returns what is left.
func (s *stagePart) squeeze(heights, gaps []float32, room float32) float32 {
	total := func() float32 { return sumOf(heights) + sumOf(gaps) }
	if total() > room && heights[6] > 0 {
		heights[6], gaps[5] = 0, 0
		for _, o := range []fyne.CanvasObject{s.near, s.far, s.nearLabel, s.farLabel} {
			show(o, false)
		}
	}
	if total() > room {
		heights[5], gaps[4] = 0, 0
	}
	return total()
}

func sumOf(list []float32) (sum float32) {
	for _, x := range list {
		sum += x
	}
	return sum
}

func (s *stagePart) placeStack(size fyne.Size, y float32, heights, gaps []float32) {
	put(s.avatar, (size.Width-heights[0])/2, y, heights[0], heights[0])
	s.placeFaces(size, y, heights[0])
	y += heights[0] + gaps[0]
	put(s.name, 16, y, size.Width-32, heights[1])
	y += heights[1] + gaps[1]
	show(s.second, heights[2] > 0)
	put(s.second, 16, y, size.Width-32, heights[2])
	y += heights[2] + gaps[2]
	put(s.word, 16, y, size.Width-32, heights[3])
	y += heights[3] + gaps[3]
	put(s.timer, 16, y, size.Width-32, heights[4])
	y += heights[4] + gaps[4]
	s.placeRecord(size, y, heights[5] > 0)
	y += heights[5] + gaps[5]
	s.placeMeters(size, y)
}

// placeRecord centres the mark of a recording with its button.
func (s *stagePart) placeRecord(size fyne.Size, y float32, on bool) {
	show(s.recordMark, on)
	show(s.recordPause, on && s.view.record.pause.Label != "")
	mark, button := s.recordMark.MinSize().Width, float32(0)
	if s.recordPause.Visible() {
		button = s.recordPause.MinSize().Width + 8
	}
	x := (size.Width - mark - button) / 2
	put(s.recordMark, x, y+4, mark, 24)
	put(s.recordPause, x+mark+8, y, button-8, 32)
}

// placeMeters puts "You ▮▮▮ | ▮▮▮ Mara" symmetrically round the middle.
func (s *stagePart) placeMeters(size fyne.Size, y float32) {
	label := float32(80)
	if size.Width < 480 {
		label = 44
	}
	w := min(float32(meterSegments)*6-2, (size.Width-32-2*label-28-16)/2)
	middle := size.Width / 2
	put(s.near, middle-14-w, y, w, 24)
	put(s.nearLabel, middle-14-w-8-label, y, label, 24)
	put(s.far, middle+14, y, w, 24)
	put(s.farLabel, middle+14+w+8, y, label, 24)
}
