//go:build !linux

package native

import (
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	_ "github.com/pion/mediadevices/pkg/driver/camera" // lists the cameras when it is imported

	"github.com/hookswitch/hookswitch/devices"
)

// cameras lists what mediadevices' camera driver found when the program started; nothing is opened.
func cameras() []devices.Device {
	var list []devices.Device
	for _, d := range driver.GetManager().Query(driver.FilterDeviceType(driver.Camera)) {
		info := d.Info()
		name, _, _ := strings.Cut(info.Name, ";")
		if name == "" {
			name = info.Label
		}
		list = append(list, devices.Device{ID: info.Label, Name: name, Kind: devices.Camera,
			Default: info.Priority == driver.PriorityHigh})
	}
	return list
}
