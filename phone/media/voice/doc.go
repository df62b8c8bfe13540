// Package voice cleans what a microphone hears before it is sent: the far end's echo, steady noise, a level that is off.
//
//	what the speaker was given ──────────────┐
//	                                         ▼
//	microphone ──► drift FIFO ──► Process: filter ──► suppressor ──► gain ──► mute, mix, encoder
//	                              (echo)   (residual echo, noise)   (level)
//
// Filter and suppressor are libspeexdsp's (speex.go, the one file that speaks C); the gain is ours (gain.go), because Speex' own
// raises pauses too.
//
// # What was chosen, and why
//
// Measured with recorded-like speech in a simulated room (45 ms of delay, 150 ms of reverberation, echo 6 dB below the speaker,
// noise at -65 dBFS). ERLE is how much less echo leaves than enters, in dB, from the third to the sixth second and from the tenth on:
//
//		frame   tail     ERLE 3-6 s   from 10 s   CPU a tick   delay
//		 5 ms   200 ms      26           30         370 µs      5 ms
//		10 ms   100 ms      33           38         160 µs     10 ms
//		10 ms   200 ms      28           32         180 µs     10 ms   <- this one
//		10 ms   250 ms      25           29         200 µs     10 ms
//		20 ms   200 ms      28           32         130 µs     20 ms
//
//	  - Full band, 48 kHz. A band split at 16 kHz would save half of the time and make every call narrower or later: Opus carries 20 kHz,
//	    and the time is affordable.
//	  - 10 ms a frame, which is the engine's tick. The suppressor overlaps its windows by half, so sound comes out one frame late;
//	    that is the price of the processing, and the reason why 20 ms were not taken.
//	  - 200 ms of tail. The reference is taken where the speaker takes it, so what the tail must hold is both devices' buffers (40 to 90 ms
//	    with PulseAudio) and the room's first 100 ms, which carry nearly all of the echo. A longer tail learns slower and hears more of itself.
//	  - Noise down by 15 dB, residual echo by 40 dB, by 15 dB while we speak: more would be heard as water in the voice. Speech that meets no
//	    echo keeps its spectrum within 2 dB (mean over 22 bands), also while the far end speaks.
//	  - The gain leaves speech between -32 and -18 dBFS as it is. Quieter speech is raised by at most 12 dB, louder lowered by at most 6, slowly,
//	    and only by what is surely near speech: in pauses and while the far end speaks it stays. Since noise is
//	    down by 15 dB before, it never leaves louder than it came.
//
// A Processor belongs to one microphone. Nothing here allocates but New.
package voice
