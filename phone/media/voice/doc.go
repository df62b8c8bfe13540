// Package voice cleans what a microphone hears before it is sent: the far end's echo, steady noise, a level that is off.
//
//	what the speaker took ──► delay that the aligner finds ─┐
//	                                  ▲                     ▼
//	microphone ───────────────────────┴──► Process: filter ──► suppressor ──► gain ──► drift FIFO, mute, encoder
//	                                       (echo)   (residual echo, noise)   (level)
//
// Filter and suppressor are libspeexdsp's (speex.go, the one file that speaks C). The gain is ours (gain.go), because Speex' own raises
// pauses too, and so is the search for the echo's delay (align.go), which Speex leaves to its tail.
//
// # What was chosen, and why
//
// Measured with synthetic talkers in simulated rooms: 120 ms of reverberation, an echo 6 dB below what is played, noise at -70 dBFS;
// means of three pairs. ERLE is how much less echo leaves than enters, in dB:
//
//		                     ERLE in second
//		echo after  tail     1-2   2-3   3-5   5-9   CPU a tick
//		   40 ms   200 ms     11    19    20    23      195 µs
//		   40 ms   150 ms     16    24    26    29
//		   40 ms   120 ms     20    30    29    34      155 µs, with the aligner  <- this one
//		  250 ms   200 ms      0     0     0     0
//		  250 ms   120 ms      2     5    13    38      the delay was found after 2 s
//
//	  - Full band, 48 kHz. A band split at 16 kHz would save half of the time and make every call narrower or later: Opus carries 20 kHz,
//	    and the time is affordable.
//	  - 10 ms a frame, which is the engine's tick. The suppressor overlaps its windows by half, so sound leaves one frame late;
//	    that is the price of the processing, and the reason why 20 ms were not taken. 5 ms took twice the time.
//	  - 120 ms of tail: a long one learns slowly and hears more of itself. What the tail must hold is the room's reverberation; the devices'
//	    own delay (70 ms through PulseAudio, 200 and more through a television) is taken off by the aligner when it is above 70 ms.
//	  - Noise down by 15 dB, residual echo by 40 dB, by 15 dB while we speak: more would be heard as water in the voice. Speech that meets no
//	    echo keeps its spectrum within 2 dB (mean over 22 bands), while the far end speaks as well. While both speak and there is an
//	    echo, near speech leaves within 1 dB of its level.
//	  - The gain leaves speech between -32 and -18 dBFS as it is. Quieter speech is raised by at most 12 dB, louder lowered by at most 6, slowly,
//	    and only by what is surely near speech: in pauses and while the far end speaks it stays. Since noise is
//	    down by 15 dB before, it never leaves louder than it came.
//
// A steady tone is noise to the suppressor. Whoever wants tones to pass leaves the processing out.
//
// A Processor belongs to one microphone. Nothing here allocates but New.
package voice
