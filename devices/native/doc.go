// Package native is the machine's own sound devices and cameras: capture through pion/mediadevices, playback
// through miniaudio (malgo), over PulseAudio or PipeWire, else ALSA, on Linux, CoreAudio on macOS, WASAPI on Windows.
//
//	miniaudio ── thread ──> capture (10 ms blocks, copied) ──> driver ──> mediadevices Track ──> pump ──> listeners
//	miniaudio <── thread ── playback (10 ms blocks) <── fill
//	camera ── mediadevices' own driver ──> pictures (fitted, copied) ──> driver ──> mediadevices Track ──> pump ──> listeners
//
// Microphones are drivers of ours registered with mediadevices, and sound comes in only through its Tracks. mediadevices'
// own driver is not linked: it opens the sound system when it is imported, panics without one, and gives every device a new
// random id in every process. Ours are cheap to open, for GetUserMedia opens every closed one; one
// goroutine at a time calls GetUserMedia, and one Track per device is shared.
//
// Cameras are mediadevices' own drivers, but taken out of its registry and wrapped by ours, which are as cheap to open. On Linux a
// camera is looked for anew whenever one is opened, so that it may be plugged in later; elsewhere those count that were there when
// the program began.
//
// The sound system is first touched in the background, after New returned. A device that vanishes simply stops
// calling: a watchdog takes 300 ms without a call for its end. Closing such a device needs Device.Stop before
// Device.Uninit, since only the former wakes the thread that waits for the sound system.
//
// Ids are the system's own names of devices (PulseAudio's source and sink names, CoreAudio's UIDs, WASAPI's endpoint ids),
// so they are the same in every process. Make one Backend per process: mediadevices' registry of drivers is global.
package native
