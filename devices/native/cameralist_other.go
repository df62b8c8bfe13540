//go:build !linux

package native

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	_ "github.com/pion/mediadevices/pkg/driver/camera" // lists the cameras when it is imported

	"github.com/hookswitch/hookswitch/devices"
)

// listCameras lists what mediadevices' camera driver found when the program started; nothing is opened.
func listCameras(found map[string]systemCamera) []cameraNode {
	var list []cameraNode
	for node, c := range found {
		info := c.Info()
		name, _, _ := strings.Cut(info.Name, ";")
		list = append(list, cameraNode{node: node, Device: devices.Device{ID: node, Name: cmp.Or(name, node),
			Kind: devices.Camera, Default: info.Priority == driver.PriorityHigh}})
	}
	slices.SortFunc(list, func(a, b cameraNode) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return list
}

// discover does nothing: mediadevices' discovery would add every camera once more, and on Windows it belongs to the thread
// that did it first.
func discover() {}
