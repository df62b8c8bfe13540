package native

import (
	"fmt"
	"image"
	"io"
	"strings"
	"sync"

	"github.com/pion/mediadevices"
	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/hookswitch/hookswitch/devices"
)

// systemCamera is mediadevices' own driver of a camera: its Open does open the camera.
type systemCamera interface {
	driver.Driver
	driver.VideoRecorder
}

// cameraNode is a camera and how the system names it now; by that name mediadevices' driver is found.
type cameraNode struct {
	devices.Device
	node string
}

// cameras are mediadevices' own camera drivers, ours that wrap them and are registered in their place, and the cameras that
// are open.
type cameras struct {
	list     func(found map[string]systemCamera) []cameraNode
	discover func()

	// registry is held around every use of mediadevices' cameras.
	registry sync.Mutex
	drivers  drivers
	found    map[string]systemCamera // mediadevices' own, by node
	last     map[string]*pictures    // what was opened last, by our id: it may still be closing

	shared sharing[*image.YCbCr]
}

func (c *cameras) init(b *Backend, list func(map[string]systemCamera) []cameraNode, discover func()) {
	c.list, c.discover = list, discover
	c.drivers = newDrivers(driver.FilterVideoRecorder())
	c.found = make(map[string]systemCamera)
	c.last = make(map[string]*pictures)
	c.shared = newSharing(b, c.track)
	c.adopt()
}

// adopt takes mediadevices' own drivers out of its registry: GetUserMedia would open them all.
func (c *cameras) adopt() {
	ours := make(map[string]bool)
	for _, uuid := range c.drivers.uuid {
		ours[uuid] = true
	}
	for _, d := range driver.GetManager().Query(c.drivers.kind) {
		own, ok := d.(systemCamera)
		if !ok || ours[d.ID()] {
			continue
		}
		label := d.Info().Label
		node := label
		if at := strings.LastIndex(label, ";"); at >= 0 {
			node = label[at+1:]
		}
		c.found[node] = own
		driver.GetManager().Delete(d.ID())
	}
}

// devices lists the cameras.
func (c *cameras) devices() []devices.Device {
	c.registry.Lock()
	defer c.registry.Unlock()
	var list []devices.Device
	for _, n := range c.list(c.found) {
		list = append(list, n.Device)
	}
	return list
}

// register makes mediadevices' registry follow the list.
func (c *cameras) register(list []devices.Device) {
	c.registry.Lock()
	defer c.registry.Unlock()
	c.drivers.follow(namesOf(list, devices.Camera), c.wrap)
}

func (c *cameras) wrap(id string) driver.Adapter { return &cameraDriver{cameras: c, id: id} }

// unregister removes our drivers and puts mediadevices' own back.
func (c *cameras) unregister() {
	c.register(nil)
	c.registry.Lock()
	defer c.registry.Unlock()
	for _, d := range c.found {
		_ = driver.GetManager().Register(d, d.Info())
	}
	clear(c.found)
}

// rediscover finds cameras that were plugged in since, whose node may be another one now. c.registry is held.
func (c *cameras) rediscover() {
	c.discover()
	registered := c.drivers.registered()
	names := make(map[string]string)
	for id, uuid := range c.drivers.uuid {
		if !registered[uuid] { // the discovery has removed it
			delete(c.drivers.uuid, id)
		}
	}
	c.adopt()
	for _, n := range c.list(c.found) {
		names[n.ID] = n.Name
	}
	c.drivers.follow(names, c.wrap)
}

// track opens a track of mediadevices on our driver.
func (c *cameras) track(id string) (track[*image.YCbCr], error) {
	c.registry.Lock()
	defer c.registry.Unlock()
	none := track[*image.YCbCr]{}
	c.rediscover()
	uuid, ok := c.drivers.uuid[id]
	if !ok {
		return none, fmt.Errorf("camera %q: %w", id, devices.ErrNoDevice)
	}
	media, err := mediadevices.GetUserMedia(mediadevices.MediaStreamConstraints{
		Video: func(m *mediadevices.MediaTrackConstraints) { m.DeviceID = prop.StringExact(uuid) },
	})
	if err != nil {
		return none, err
	}
	for _, t := range media.GetVideoTracks() {
		if opened, ok := t.(*mediadevices.VideoTrack); ok {
			return c.trackOf(opened), nil
		}
	}
	return none, fmt.Errorf("camera %q: %w", id, devices.ErrNoDevice)
}

func (c *cameras) trackOf(t *mediadevices.VideoTrack) track[*image.YCbCr] {
	reader := t.NewReader(false)
	return track[*image.YCbCr]{
		read: func() (*image.YCbCr, error) { return readPicture(reader) },
		close: func() {
			c.registry.Lock()
			defer c.registry.Unlock()
			_ = t.Close() // bounded by the driver
		},
	}
}

func readPicture(reader video.Reader) (*image.YCbCr, error) {
	picture, _, err := reader.Read()
	if err != nil {
		return nil, err
	}
	if p, ok := picture.(*image.YCbCr); ok {
		return p, nil
	}
	return nil, fmt.Errorf("a picture of the form %T", picture)
}

// system returns mediadevices' own driver for our id. c.registry is held.
func (c *cameras) system(id string) (systemCamera, error) {
	for _, n := range c.list(c.found) {
		if d, ok := c.found[n.node]; ok && n.ID == id {
			return d, nil
		}
	}
	return nil, fmt.Errorf("camera %q: %w", id, devices.ErrNoDevice)
}

// OpenCamera opens a camera, or joins those who see through it; see devices.Backend.
func (b *Backend) OpenCamera(id string, frame func(picture *image.YCbCr), lost func(error)) (io.Closer, error) {
	name, err := b.wanted(devices.Camera, id)
	if err != nil {
		return nil, err
	}
	if name == "" { // there is no driver of that name among cameras
		for _, d := range b.List() {
			if d.Kind == devices.Camera && d.Default {
				name = d.ID
			}
		}
	}
	return b.cameras.shared.join(name, frame, lost)
}
