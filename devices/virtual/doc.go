// Package virtual holds devices that are not there: a tone or a file for a microphone, a speaker that
// throws everything away or writes it to a file, and a probe with which a program measures itself.
//
//	tone:440        microphone: a sine of 440 Hz at -20 dBFS (RMS)
//	tone:440:-32    the same at -32 dBFS
//	file:PATH.wav   microphone: a WAV file (PCM, 16 bits), in a loop, as 48 kHz mono;
//	                speaker: what it is given, silence included, written to that file as 48 kHz mono
//	null            microphone: silence; speaker: nothing is heard
//	pattern         camera: colour bars before which a square moves and changes its colour;
//	                listed only where it was chosen
//
// They are paced by the monotonic clock: frame n is due n·10 ms after the first one, so no drift adds up.
package virtual
