package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// conferenceGroup is the conference's members as one group of the list.
type conferenceGroup struct {
	box     *fyne.Container
	panel   *widgets.Panel
	icon    *widgets.Icon
	head    *widgets.Text
	members *fyne.Container
}

// The group's measures: its edge, and the line above the members.
const (
	groupEdge float32 = 8
	groupHead float32 = 32
)

func newConferenceGroup() *conferenceGroup {
	g := &conferenceGroup{
		panel: widgets.NewPanel(widgets.PanelFill), icon: widgets.NewIcon("merge", widgets.ColorText2),
		head:    widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Bold: true, Color: widgets.ColorText2}),
		members: stack(8),
	}
	g.box = group(func() fyne.Size { return g.members.MinSize().AddWidthHeight(2*groupEdge, groupHead+groupEdge) }, func(s fyne.Size) {
		put(g.panel, 0, 0, s.Width, s.Height)
		put(g.icon, groupEdge+4, (groupHead-14)/2, 14, 14)
		put(g.head, groupEdge+24, 0, s.Width-2*groupEdge-24, groupHead)
		put(g.members, groupEdge, groupHead, s.Width-2*groupEdge, s.Height-groupHead-groupEdge)
	}, g.panel, g.icon, g.head, g.members)
	return g
}

// draw shows the members and reports whether they are other ones than before.
func (g *conferenceGroup) draw(head string, members []fyne.CanvasObject) bool {
	g.head.SetText(head)
	if sameObjects(members, g.members.Objects) {
		return false
	}
	g.members.Objects = members
	g.members.Refresh()
	g.box.Refresh()
	return true
}

// mostFaces is how many members the stage pictures.
const mostFaces = 5

func newFaces() []*widgets.Avatar {
	faces := make([]*widgets.Avatar, mostFaces)
	for i := range faces {
		faces[i] = widgets.NewAvatar(96)
		faces[i].Hide()
	}
	return faces
}

func (s *stagePart) drawFaces(v stageView) {
	for i, face := range s.faces {
		if i < len(v.members) {
			face.SetState(widgets.AvatarState{Name: v.members[i], Ring: v.talking})
		}
	}
}

// placeFaces puts the members' pictures side by side where one call has its one.
func (s *stagePart) placeFaces(size fyne.Size, y, high float32) {
	n := min(len(s.view.members), mostFaces)
	show(s.avatar, n == 0 && high > 0)
	for i, face := range s.faces {
		show(face, i < n && high > 0)
	}
	if n == 0 || high <= 0 {
		return
	}
	const gap = 8
	each := min(high, 112, (size.Width-32-float32(n-1)*gap)/float32(n))
	x := (size.Width - float32(n)*each - float32(n-1)*gap) / 2
	for _, face := range s.faces[:n] {
		put(face, x, y+(high-each)/2, each, each)
		x += each + gap
	}
}
