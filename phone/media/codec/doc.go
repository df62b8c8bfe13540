// Package codec turns one leg's sound and pictures into payloads and back: Opus by libopus, G.722, and G.711 A-law and
// µ-law by table. Everything outside of it is mono PCM of 16 bits at 48 kHz; what a codec needs
// beneath that (8 kHz for G.711, 16 kHz for G.722) is its own affair, with its own state.
//
//	microphone, mixer                                               speaker, mixer
//	  960 samples                                                     960 samples
//	      │                                                               ▲
//	  [48→16, 8 kHz]──┐                                   ┌──[8, 16→48 kHz]
//	                  ▼                                   │   ▲
//	  Encoder ──► Opus │ G.7xx ──► payload … payload ──► Opus │ G.7xx ◄── concealment
//	                  ▲                                   ▲
//	  SetLoss ────────┘ (in-band FEC)    DecodeFEC, Conceal (a packet that never came)
//
// A payload comes from the network and may be anything: a decoder answers with an error or with
// sound, never with a crash, and is as good as before for the next one. In steady state neither
// direction allocates.
//
// Pictures are VP8 by libvpx (vp8.go): frames in and out, one picture each. What a key frame says of its size is looked at
// before memory is spent on it, and after anything that cannot be decoded the decoder waits for the next key frame.
//
// Stereo is for recordings alone: two voices, one on each side.
//
// An Encoder or a Decoder belongs to one goroutine at a time.
package codec
