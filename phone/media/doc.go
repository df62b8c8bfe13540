// Package media is the engine of sound and pictures: legs, jitter buffers, concealment, the mix, DTMF, tones, and video.
//
//	            transport's goroutine        audio tick (10 ms)             devices' goroutines
//	far end ──► Transport ──RTP()──► channel ─► jitter ─► playout ─┐
//	                                            buffer   decode,   │ mix ─► outlet ──fill()──► speaker
//	                                                     conceal,  │  ▲       │
//	                                                     stretch   │  tones   └─ "need": paces the tick
//	far end ◄── Transport ◄─WriteRTP── packetizer ◄── encode ◄─ mute/hold ◄─ drift FIFO ◄──frame()── microphone
//	                                   (audio, DTMF)          └─► tap ─► recorder's goroutine ─► file      (through the cleaner)
//
//	operator ──► Engine's methods ──► leg's serial queue ──► Transport's methods
//	operator ◄── MediaEvent ◄──────── leg (as TransportSink)
//
// Who owns what. The tick goroutine alone touches jitter buffers, playout, packetizers and tone
// generators. It runs only while a leg is started, early media plays or a tone sounds. The speaker paces it: each block
// that the speaker takes asks for the next one, so playback adds one tick of delay. When the speaker is
// absent or stalls, a monotonic clock takes over within 40 ms (pace.go), so no device stops a call.
//
// Devices are opened and closed by goroutines of their own (slot.go), in parallel, never by the tick nor a command. A
// device whose Open or Close never returns is abandoned together with its goroutine; Shutdown waits for less than a second in all.
//
// What a real microphone hears is cleaned of echo, noise and a level that is off (package voice, cleaner.go) on the microphone's
// goroutine, so that the drift FIFO, which bends time, comes after it:
//
//	microphone ──► cleaner ──► drift FIFO ──► tick            the cleaner's reference is what the speaker took, gaps included,
//	                  ▲                                       a tick of it for each tick of the microphone; the devices' own
//	speaker ──fill()──┴── echoes (echo.go)                    delay is found by the cleaner's aligner
//
// Muted or held, it goes on learning. What is recorded and what the conference hears is what it leaves. Virtual microphones are left as they are.
//
// Each leg has a serial queue for its transport, since transports may take milliseconds. One packetizer per
// leg owns sequence number, timestamp and marker; telephone-events replace audio frames there (RFC 4733).
//
// A tick first listens to all legs and then speaks to them, because each member of the local conference hears all others:
//
//	our ear = Σ all legs (+ tones)      member i = near + Σ members - i, each sum through a limiter (limiter.go)
//
// A recording holds the call as it was: on the left what was sent (silence while muted), on the right what was heard. While
// we hold the call both are silence, since what the others say then is not meant for us; while they hold us it is what they let us hear.
// Pauses are left out.
//
// # Pictures
//
// A leg's video is two goroutines of its own while there is any (pictures.go), never the tick. Both have a bounded queue; what is
// too much is dropped, the oldest picture first.
//
//	camera ──frame()──► film ──► queue of 1 ──► show: VP8, packets ──WriteVideo──► Transport ──► far end
//	                    a copy                    │  ▲                                             │
//	                                              │  └── a key frame ◄── PictureAsked (PLI, FIR) ◄─┤
//	                                    Frame ◄───┤                                                │
//	                                              │              ┌── AskPicture (PLI) ─────────────►
//	                                              └── watch: order, frames, VP8 ◄── queue ◄──Video()─── far end
//
// The camera is open only while a call stands whose far end may see us: not while it rings, nor while anybody holds. After a
// loss nothing is shown until a key frame comes, which is asked for (vp8.go).
//
// All PCM is mono at 48 kHz; all times inside the jitter buffer are counted in samples at 48 kHz.
package media
