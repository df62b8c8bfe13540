// Package devices knows which cameras, microphones and speakers there are, which one is
// chosen, what replaces one that vanished, and tells when any of that changes.
//
//	Registry ──┬── Backend: package native  (the machine's devices)
//	           └── Backend: package virtual (tone:440, file:a.wav, null, pattern, …)
//
//	OpenMicrophone(id) ── stream ── chosen device ──x vanished
//	                        │└───── the system's default one, until the chosen one is back
//	                        └────── gate ── frame(pcm), one caller at a time
//
// Speakers and cameras go the same way: OpenSpeaker with fill(pcm), OpenCamera with frame(picture).
//
// A stream belongs to a keeper, a goroutine that reopens it: on the default device when its own is
// lost, on its own one when that is back. Only when nothing replaces a lost device the user of the
// stream hears of it; the keeper goes on trying until the stream is closed.
//
// The package knows nothing of calls and nothing of a sound system. It satisfies the ports that
// packages phone and phone/media name Devices.
package devices
