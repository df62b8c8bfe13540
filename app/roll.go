package app

import (
	"strconv"

	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// line is one line of a list: a past call or somebody, else a heading.
type line struct {
	entry  *store.Entry
	person *store.Contact
}

// key names the line, whatever stands around it; "" for a heading.
func (l line) key() string {
	switch {
	case l.entry != nil:
		return "call" + strconv.FormatInt(l.entry.ID, 10)
	case l.person != nil:
		return "person" + strconv.FormatInt(l.person.ID, 10)
	}
	return ""
}

// number is what a call of the line dials; "" for none.
func (l line) number() string {
	switch {
	case l.entry != nil:
		return l.entry.Number
	case l.person != nil && len(l.person.Numbers) > 0:
		return l.person.Numbers[0].Number
	}
	return ""
}

// roll is a list as it is shown, where the keyboard stands in it, and whom the stage shows. The lines point into what was read,
// which is never written to.
type roll struct {
	lines   []line
	items   []widgets.ListItem
	version int
	mark    string // the key of the line
	open    line   // zero: nobody
}

// begin empties it for other lines.
func (r *roll) begin() {
	r.lines, r.items = nil, nil
	r.version++
}

func (r *roll) head(text string) {
	r.lines = append(r.lines, line{})
	r.items = append(r.items, widgets.ListItem{Kind: widgets.ItemHead, Text: text})
}

func (r *roll) add(l line) {
	r.lines = append(r.lines, l)
	r.items = append(r.items, widgets.ListItem{})
}

// grey puts places of rows that are being read.
func (r *roll) grey(n int) {
	for range n {
		r.lines = append(r.lines, line{})
		r.items = append(r.items, widgets.ListItem{Kind: widgets.ItemGrey})
	}
}

// finish looks for whom was marked and shown among the new lines: what they say now counts.
func (r *roll) finish() {
	open := r.open.key()
	if open == "" {
		return
	}
	if i := r.index(open); i >= 0 {
		r.open = r.lines[i]
	}
}

// index is where a line stands, -1 for nowhere.
func (r *roll) index(key string) int {
	if key == "" {
		return -1
	}
	for i, l := range r.lines {
		if l.key() == key {
			return i
		}
	}
	return -1
}

// marked is the line that the keyboard stands on.
func (r *roll) marked() (line, bool) {
	if i := r.index(r.mark); i >= 0 {
		return r.lines[i], true
	}
	return line{}, false
}

// first is the first line that is no heading, -1 for none.
func (r *roll) first() int { return r.next(-1, 1) }

// next is the line after i in a direction that is no heading; i itself where there is none.
func (r *roll) next(i, by int) int {
	for j := i + by; j >= 0 && j < len(r.lines); j += by {
		if r.lines[j].key() != "" {
			return j
		}
	}
	return i
}

// toEnd moves to the end of a list, -toEnd to its beginning.
const toEnd = 1 << 30

// move takes the mark along, and returns where it is; -1 where there are no lines.
func (r *roll) move(by int) int {
	i := r.index(r.mark)
	step := 1
	if by < 0 {
		step = -1
	}
	if i < 0 && by != toEnd { // the list is entered at its top
		by, step = 1, 1
	}
	for range by * step {
		j := r.next(i, step)
		if j == i {
			break
		}
		i = j
	}
	if i >= 0 {
		r.mark = r.lines[i].key()
	}
	return i
}

// neighbour is the line that takes the place of one that goes: the next one, else the one before.
func (r *roll) neighbour(key string) line {
	i := r.index(key)
	if i < 0 {
		return line{}
	}
	for _, by := range []int{1, -1} {
		if j := r.next(i, by); j != i && j >= 0 {
			return r.lines[j]
		}
	}
	return line{}
}

// state is what the list's widget draws.
func (r *roll) state() widgets.ListState {
	return widgets.ListState{Items: r.items, Version: r.version, Marked: r.index(r.mark)}
}

// rows counts the lines that are no headings.
func (r *roll) rows() int {
	n := 0
	for _, l := range r.lines {
		if l.key() != "" {
			n++
		}
	}
	return n
}
