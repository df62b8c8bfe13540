package native

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hookswitch/hookswitch/devices"
)

// cameras lists the cameras of Video4Linux without opening one: from sysfs.
func cameras() []devices.Device {
	return camerasIn("/sys/class/video4linux", "/dev/v4l/by-id")
}

// camerasIn does so in given folders. A camera's id is its link in by-id, which names the hardware, else its node's name.
func camerasIn(sysfs, byID string) []devices.Device {
	stable := make(map[string]string)
	links, _ := filepath.Glob(filepath.Join(byID, "*"))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			stable[filepath.Base(target)] = filepath.Base(link)
		}
	}
	var list []devices.Device
	nodes, _ := filepath.Glob(filepath.Join(sysfs, "video*"))
	for _, node := range nodes {
		// A camera has several nodes; the ones after the first carry metadata.
		if index, err := os.ReadFile(filepath.Join(node, "index")); err == nil && strings.TrimSpace(string(index)) != "0" { // #nosec G304
			continue
		}
		id := filepath.Base(node)
		name := id
		if text, err := os.ReadFile(filepath.Join(node, "name")); err == nil { // #nosec G304 -- sysfs
			name = strings.TrimSpace(strings.ToValidUTF8(string(text), "?"))
		}
		if link, ok := stable[id]; ok {
			id = link
		}
		list = append(list, devices.Device{ID: id, Name: name, Kind: devices.Camera, Default: len(list) == 0})
	}
	return list
}
